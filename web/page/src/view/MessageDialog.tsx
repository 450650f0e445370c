// What can be asked about a message: who has it, what it said before, who reacted; and whether it is to go.
import { useEffect, useState } from 'react'
import type { Answer, Message } from '@parley/sdk'
import { Pages, type Page } from '../model/pages'
import { may } from '../model/rights'
import { useSignal } from '../model/signal'
import { sayFault, useTalk } from '../model/talk'
import { momentOf } from '../model/time'
import { Avatar } from '../parts/Avatar'
import { Dialog } from '../parts/Dialog'
import type { Asked } from './MessageTools'
import { More } from './More'

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

/** A list that the server has, as far as somebody has looked, or why it does not give it. */
function usePages<Item>(ask: (cursor?: string) => Promise<Page<Item>>): { pages: Pages<Item>; fault: string } {
  const [pages] = useState(() => new Pages(ask))
  const [fault, setFault] = useState('')
  useEffect(() => { pages.read().catch((error: unknown) => setFault(sayFault(error))) }, [pages])
  return { pages: useSignal(pages), fault }
}

function Receipts({ message: { conversation, seq } }: { message: Message }) {
  const { parley, people } = useTalk()
  useSignal(people)
  const [counts, setCounts] = useState<Answer<'receipts'>['counts']>()
  const { pages, fault } = usePages(async (cursor) => {
    const told = await parley.call('receipts', { conversation, message: seq, counts: true, cursor })
    people.need(told.items.map((each) => each.user))
    setCounts(told.counts)
    return told
  })
  if (fault) return <p className="fault">{fault}</p>
  if (!counts) return <p role="status">Asking…</p>
  return (
    <>
      <p>Read by {counts.read} of {counts.of}, delivered to {counts.delivered}.</p>
      <ul className="people">
        {pages.items.map(({ user, delivered_at, read_at }) => (
          <li key={user}>
            <Avatar id={user} name={people.nameOf(user)} small />
            <span><strong>{people.nameOf(user)}</strong><small>{read_at ? `Read ${momentOf(read_at)}` : `Delivered ${momentOf(delivered_at)}`}</small></span>
          </li>
        ))}
        <More list={pages} />
      </ul>
      {!pages.items.length && <p>Nobody has it yet.</p>}
    </>
  )
}

function Versions({ message: { conversation, seq } }: { message: Message }) {
  const { parley } = useTalk()
  const { pages, fault } = usePages((cursor) => parley.call('versions', { conversation, message: seq, cursor }))
  if (fault) return <p className="fault">{fault}</p>
  return (
    <ol className="versions">
      {pages.items.map((each) => <li key={each.seq}><small>{momentOf(each.at)}</small><p>{each.body}</p></li>)}
      <More list={pages} />
    </ol>
  )
}

function Reactors({ message: { conversation, seq } }: { message: Message }) {
  const { parley, people } = useTalk()
  useSignal(people)
  const { pages, fault } = usePages(async (cursor) => {
    const told = await parley.call('reactions', { conversation, message: seq, cursor })
    people.need(told.items.map((each) => each.user))
    return told
  })
  if (fault) return <p className="fault">{fault}</p>
  return (
    <>
      <ul className="people">
        {pages.items.map(({ emoji, user }) => <li key={emoji + user}><span className="big emoji">{emoji}</span><strong>{people.nameOf(user)}</strong></li>)}
      </ul>
      <More list={pages} />
    </>
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
