// Pinned messages, each a way to where it stands.
import { useEffect, useState } from 'react'
import type { ListItem, Message } from '@parley/sdk'
import type { Members } from '../model/members'
import { useSignal } from '../model/signal'
import { useTalk } from '../model/talk'
import { Icon } from '../parts/Icon'

/** Of these is shown what they say. */
const MOST = 20

export function PinList({ item, members, onOpen }: { item: ListItem; members: Members; onOpen(seq: number): void }) {
  const { parley, people } = useTalk()
  const { pins } = useSignal(members)
  const [messages, setMessages] = useState<Message[]>([])
  useEffect(() => {
    let over = false
    Promise.all(pins.slice(0, MOST).map(({ message }) => (
      parley.history(item.conversation, { before: message + 1, limit: 1 }).then(({ events }) => events.find((each) => each.seq === message), () => undefined)
    ))).then((found) => { if (!over) setMessages(found.filter((each): each is Message => each?.type === 'message')) }, () => {})
    return () => { over = true }
  }, [parley, item.conversation, pins])
  if (!pins.length) return null
  return (
    <section aria-label="Pinned">
      <h3>Pinned</h3>
      <ul className="pins">
        {messages.map((message) => (
          <li key={message.seq}>
            <button type="button" className="hit" onClick={() => onOpen(message.seq)}>
              <Icon name="pin" size={16} /><span><strong>{people.nameOf(message.from)}</strong> <span className="snippet">{message.body || 'a file'}</span></span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
