// What a group or channel is set to, for those who may change it.
import { useState, type FormEvent } from 'react'
import type { Conversation, ConversationSettings, ListItem, Permissions, Role } from '@parley/sdk'
import { leastFor, may, RIGHTS, ROLES } from '../model/rights'
import { useTalk } from '../model/talk'
import { Switch } from '../parts/Switch'

const SLOW = [0, 5, 30, 60, 300, 3600]

export function ConversationForm({ item, facts }: { item: ListItem; facts: Conversation }) {
  const { parley, tell } = useTalk()
  const [title, setTitle] = useState(facts.title ?? '')
  const { conversation } = item
  const isOwner = item.role === 'owner'
  const governs = isOwner || item.role === 'admin'
  const update = (what: ConversationSettings) => { parley.call('update', { conversation, ...what }).catch(tell) }
  const rename = (event: FormEvent) => {
    event.preventDefault()
    update({ title: title.trim() })
  }
  return (
    <section aria-label="Settings of the conversation">
      <h3>Settings</h3>
      {may('update', item) && (
        <form className="inline" onSubmit={rename}>
          <label>Title<input value={title} maxLength={200} onChange={(event) => setTitle(event.target.value)} /></label>
          <button type="submit" disabled={title.trim() === (facts.title ?? '')}>Rename</button>
        </form>
      )}
      {governs && (
        <>
          <Switch label="Frozen: members only read" on={facts.frozen ?? false} set={(frozen) => parley.call('update', { conversation, frozen })} />
          <label>Slow mode
            <select value={facts.slow_mode ?? 0} onChange={(event) => update({ slow_mode: Number(event.target.value) })}>
              {[...new Set([...SLOW, facts.slow_mode ?? 0])].sort((a, b) => a - b).map((each) => <option key={each} value={each}>{each ? `one message in ${each} s` : 'off'}</option>)}
            </select>
          </label>
        </>
      )}
      {isOwner && (
        <>
          <label>New members see
            <select value={facts.history ?? 'all'} onChange={(event) => update({ history: event.target.value as 'all' | 'joined' })}>
              <option value="all">everything that was said</option>
              <option value="joined">what is said from then on</option>
            </select>
          </label>
          <Keeping facts={facts} onUpdate={update} />
          <Rights item={item} permissions={facts.permissions ?? {}} onUpdate={update} />
        </>
      )}
    </section>
  )
}

function Keeping({ facts, onUpdate }: { facts: Conversation; onUpdate(what: ConversationSettings): void }) {
  const [days, setDays] = useState(String(facts.retention?.days ?? 0))
  const save = (event: FormEvent) => {
    event.preventDefault()
    onUpdate({ retention: { ...facts.retention, days: Number(days) } })
  }
  return (
    <form className="inline" onSubmit={save}>
      <label>Days that are kept (0: all)<input type="number" min={0} max={36500} value={days} onChange={(event) => setDays(event.target.value)} /></label>
      <button type="submit" disabled={Number(days) === (facts.retention?.days ?? 0)}>Set</button>
    </form>
  )
}

function Rights({ item, permissions, onUpdate }: { item: ListItem; permissions: Permissions; onUpdate(what: ConversationSettings): void }) {
  return (
    <details>
      <summary>Who may do what</summary>
      {RIGHTS.map(({ right, label }) => (
        <label key={right}>{label}
          <select
            value={leastFor(right, { kind: item.kind, permissions })}
            onChange={(event) => onUpdate({ permissions: { ...permissions, [right]: event.target.value as Role } })}
          >
            {ROLES.map((role) => <option key={role} value={role}>{role === 'owner' ? 'owners' : role === 'reader' ? 'everyone' : `${role}s and above`}</option>)}
          </select>
        </label>
      ))}
    </details>
  )
}
