// What can be asked about a message: who has it, what it said before, who reacted; and whether it is to go.
import { useEffect, useState } from 'react'
import type { Message } from '@parley/sdk'
import { may } from '../model/rights'
import { useSignal } from '../model/signal'
import { sayFault, useTalk } from '../model/talk'
import { momentOf } from '../model/time'
import { Avatar } from '../parts/Avatar'
import { Dialog } from '../parts/Dialog'
import type { Asked } from './MessageTools'

const TITLES: { [asked in Asked]: string } = {
  receipts: 'Who has it', versions: 'What it said', reactions: 'Who reacted', delete: 'Delete this message?',
}

export default function MessageDialog({ asked, message, onClose }: { asked: Asked; message: Message; onClose(): void }) {
  return (
    <Dialog title={TITLES[asked]} onClose={onClose}>
      {asked === 'receipts' && <Receipts message={message} />}
      {asked === 'versions' && <Versions message={message} />}
      {asked === 'reactions' && <Reactors message={message} />}
      {asked === 'delete' && <Deletion message={message} onClose={onClose} />}
    </Dialog>
  )
}

/** What the server answers, or why it does not. */
function useAnswer<T>(ask: () => Promise<T>): { answer?: T; fault?: string } {
  const [got, setGot] = useState<{ answer?: T; fault?: string }>({})
  useEffect(() => {
    let over = false
    ask().then((answer) => { if (!over) setGot({ answer }) }, (fault: unknown) => { if (!over) setGot({ fault: sayFault(fault) }) })
    return () => { over = true }
    // Asked once, when the dialog opens.
  }, [])
  return got
}

function Receipts({ message: { conversation, seq } }: { message: Message }) {
  const { parley, people } = useTalk()
  useSignal(people)
  const { answer, fault } = useAnswer(async () => {
    const told = await parley.call('receipts', { conversation, message: seq, counts: true })
    people.need(told.items.map((each) => each.user))
    return told
  })
  if (fault) return <p className="fault">{fault}</p>
  if (!answer) return <p role="status">Asking…</p>
  const { counts, items } = answer
  return (
    <>
      {counts && <p>Read by {counts.read} of {counts.of}, delivered to {counts.delivered}.</p>}
      <ul className="people">
        {items.map(({ user, delivered_at, read_at }) => (
          <li key={user}>
            <Avatar id={user} name={people.nameOf(user)} small />
            <span><strong>{people.nameOf(user)}</strong><small>{read_at ? `Read ${momentOf(read_at)}` : `Delivered ${momentOf(delivered_at)}`}</small></span>
          </li>
        ))}
      </ul>
      {!items.length && <p>Nobody has it yet.</p>}
    </>
  )
}

function Versions({ message: { conversation, seq } }: { message: Message }) {
  const { parley } = useTalk()
  const { answer, fault } = useAnswer(() => parley.call('versions', { conversation, message: seq }))
  if (fault) return <p className="fault">{fault}</p>
  return (
    <ol className="versions">
      {answer?.items.map((each) => <li key={each.seq}><small>{momentOf(each.at)}</small><p>{each.body}</p></li>)}
    </ol>
  )
}

function Reactors({ message: { conversation, seq } }: { message: Message }) {
  const { parley, people } = useTalk()
  useSignal(people)
  const { answer, fault } = useAnswer(async () => {
    const told = await parley.call('reactions', { conversation, message: seq })
    people.need(told.items.map((each) => each.user))
    return told
  })
  if (fault) return <p className="fault">{fault}</p>
  return (
    <ul className="people">
      {answer?.items.map(({ emoji, user }) => <li key={emoji + user}><span className="big emoji">{emoji}</span><strong>{people.nameOf(user)}</strong></li>)}
    </ul>
  )
}

function Deletion({ message, onClose }: { message: Message; onClose(): void }) {
  const { parley, tell, conversations } = useTalk()
  const item = conversations.find(message.conversation)
  const isOwn = message.from === parley.user
  const forEveryone = isOwn || (item !== undefined && item.kind !== 'direct' && may('delete_any', item))
  const remove = (whose: 'everyone' | 'me') => {
    parley.call('delete', { conversation: message.conversation, message: message.seq, for: whose }).then(onClose, (fault: unknown) => {
      onClose()
      tell(fault)
    })
  }
  return (
    <>
      <blockquote>{message.body || 'a file'}</blockquote>
      <p className="buttons">
        {forEveryone && <button type="button" className="danger" onClick={() => remove('everyone')}>Delete for everyone</button>}
        <button type="button" onClick={() => remove('me')}>Delete for me</button>
        <button type="button" onClick={onClose}>Cancel</button>
      </p>
    </>
  )
}
