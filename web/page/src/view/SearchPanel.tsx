// Finds messages and leads to them.
import { useEffect, useRef, useState } from 'react'
import type { Hit, ListItem } from '@parley/sdk'
import { useSignal } from '../model/signal'
import { sayFault, useTalk } from '../model/talk'
import { markedOf } from '../model/text'
import { whenOf } from '../model/time'
import { Avatar } from '../parts/Avatar'
import { Panel } from './Panel'

const PAUSE_MS = 250
const HINT = 'Words, "a phrase", pre*, -without, from:alice, before:2026-11-29, has:file, has:link, is:unread, is:pinned'

export default function SearchPanel({ within, onOpen, onClose }: {
  within: ListItem | undefined; onOpen(conversation: string, message: number): void; onClose(): void
}) {
  const { parley, people, conversations } = useTalk()
  useSignal(people)
  const [query, setQuery] = useState('')
  const [isHere, setIsHere] = useState(false)
  const [order, setOrder] = useState<'newest' | 'relevance'>('newest')
  const [found, setFound] = useState<{ hits: Hit[]; cursor?: string; asked: string }>()
  const [fault, setFault] = useState('')
  const asked = useRef(0)
  const conversation = isHere ? within?.conversation : undefined

  const ask = async (cursor?: string) => {
    const round = ++asked.current
    const fields = { query, order, ...(conversation ? { conversation } : {}), ...(cursor ? { cursor } : {}) }
    try {
      const answer = await parley.call('search', fields)
      if (round !== asked.current) return
      people.need(answer.hits.map((hit) => hit.from))
      setFault('')
      setFound((before) => ({ hits: [...(cursor && before ? before.hits : []), ...answer.hits], cursor: answer.cursor, asked: query }))
    } catch (error) {
      if (round !== asked.current) return
      setFault(sayFault(error))
      setFound(undefined)
    }
  }
  useEffect(() => {
    if (query.trim().length < 2) {
      asked.current++
      return setFound(undefined)
    }
    const timer = setTimeout(() => void ask(), PAUSE_MS)
    return () => clearTimeout(timer)
    // `ask` is made anew each time from these.
  }, [query, conversation, order])

  const nameIn = (id: string) => {
    const item = conversations.find(id)
    return item ? conversations.nameOf(item) : 'another conversation'
  }
  return (
    <Panel title="Search" onClose={onClose} className="search">
      <form role="search" onSubmit={(event) => { event.preventDefault(); void ask() }}>
        <input type="search" autoFocus aria-label="Search messages" placeholder="Search messages" value={query} onChange={(event) => setQuery(event.target.value)} />
        <div className="search-options">
          {within && <label><input type="checkbox" checked={isHere} onChange={(event) => setIsHere(event.target.checked)} /> Only in {conversations.nameOf(within)}</label>}
          <label>Order <select value={order} onChange={(event) => setOrder(event.target.value as typeof order)}><option value="newest">newest first</option><option value="relevance">best first</option></select></label>
        </div>
      </form>
      {fault && <p className="fault" role="alert">{fault}</p>}
      {!found && !fault && <p className="hint">{HINT}</p>}
      <p className="unseen" role="status">{found ? `${found.hits.length} found` : ''}</p>
      <ul className="hits">
        {found?.hits.map((hit) => (
          <li key={`${hit.conversation} ${hit.seq}`}>
            <button type="button" className="hit" onClick={() => onOpen(hit.conversation, hit.seq)}>
              <Avatar id={hit.from} name={people.nameOf(hit.from)} small />
              <span>
                <span className="line-name"><strong>{people.nameOf(hit.from)}</strong><small>{nameIn(hit.conversation)}</small><span className="when">{whenOf(hit.at)}</span></span>
                <span className="snippet">{markedOf(hit.snippet, hit.marks).map((part, i) => (part.marked ? <mark key={i}>{part.text}</mark> : part.text))}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
      {found && !found.hits.length && <p className="empty">Nothing was found.</p>}
      {found?.cursor && <button type="button" onClick={() => void ask(found.cursor)}>More</button>}
    </Panel>
  )
}
