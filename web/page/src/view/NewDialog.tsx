// Begins a conversation: with one person, in a group, or as a channel.
import { useState, type FormEvent } from 'react'
import type { Kind } from '@parley/sdk'
import { sayFault, useTalk } from '../model/talk'
import { Dialog } from '../parts/Dialog'
import { PeopleField } from './PeopleField'

const KINDS: readonly { kind: Kind; label: string; hint: string }[] = [
  { kind: 'direct', label: 'Direct', hint: 'The two of you, and nobody else.' },
  { kind: 'group', label: 'Group', hint: 'Everybody may write.' },
  { kind: 'channel', label: 'Channel', hint: 'You and other admins write, everybody else reads.' },
]

export default function NewDialog({ onOpen, onClose }: { onOpen(conversation: string): void; onClose(): void }) {
  const { parley } = useTalk()
  const [kind, setKind] = useState<Kind>('direct')
  const [title, setTitle] = useState('')
  const [users, setUsers] = useState<string[]>([])
  const [fault, setFault] = useState('')
  const isDirect = kind === 'direct'

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (isDirect && !users.length) return setFault('Whom do you want to talk to?')
    try {
      const { conversation } = await parley.call('create', isDirect
        ? { kind, with: users[0]! }
        : { kind, members: users, ...(title.trim() ? { title: title.trim() } : {}) })
      onClose()
      onOpen(conversation)
    } catch (error) {
      setFault(sayFault(error))
    }
  }
  return (
    <Dialog title="New conversation" onClose={onClose}>
      <form className="form" onSubmit={(event) => void submit(event)}>
        <fieldset className="choices">
          <legend>Kind</legend>
          {KINDS.map((each) => (
            <label key={each.kind}>
              <input type="radio" name="kind" checked={kind === each.kind} onChange={() => { setKind(each.kind); setFault('') }} /> {each.label}
              <small>{each.hint}</small>
            </label>
          ))}
        </fieldset>
        {!isDirect && <label>Title<input value={title} maxLength={200} onChange={(event) => setTitle(event.target.value)} /></label>}
        <PeopleField label={isDirect ? 'With' : 'Members'} users={isDirect ? users.slice(0, 1) : users} onChange={setUsers} most={isDirect ? 1 : 1000} />
        {fault && <p className="fault" role="alert">{fault}</p>}
        <p className="buttons"><button type="submit" className="primary">Begin</button></p>
      </form>
    </Dialog>
  )
}
