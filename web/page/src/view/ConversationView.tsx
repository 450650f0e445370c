// The conversation that is open: its head, its messages, and where one writes.
import { useEffect, useRef, useState } from 'react'
import type { ListItem, Message } from '@parley/sdk'
import { Members } from '../model/members'
import { may } from '../model/rights'
import { useSignal } from '../model/signal'
import { useTalk } from '../model/talk'
import { Timeline } from '../model/timeline'
import { agoOf } from '../model/time'
import { Avatar } from '../parts/Avatar'
import { IconButton } from '../parts/Icon'
import { Composer, type ComposerDoor } from './Composer'
import type { Panel } from './Messenger'
import { MessageList } from './MessageList'
import { TypingLine } from './TypingLine'

interface Props {
  item: ListItem
  /** A message to go to, and how often one has gone somewhere. */
  message: number | undefined
  count: number
  onBack(): void
  onPanel(panel: Panel): void
}

export function ConversationView({ item, message, count, onBack, onPanel }: Props) {
  const talk = useTalk()
  const { conversation } = item
  const [timeline] = useState(() => new Timeline(talk.parley, conversation))
  const [members] = useState(() => new Members(talk.parley, talk.people, conversation))
  const composer = useRef<ComposerDoor>(null)
  const [isOver, setIsOver] = useState(false)
  useSignal(members)
  useEffect(() => () => {
    timeline.close()
    members.close()
  }, [timeline, members])

  const reply = (to: Message) => composer.current?.reply(to)
  const edit = (what: Message) => composer.current?.edit(what)
  const mayPost = may('post', item)
  return (
    <main
      className={isOver ? 'conversation over' : 'conversation'} aria-label={talk.conversations.nameOf(item)}
      onDragOver={(event) => { if (mayPost && event.dataTransfer.types.includes('Files')) { event.preventDefault(); setIsOver(true) } }}
      onDragLeave={(event) => { if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setIsOver(false) }}
      onDrop={(event) => {
        if (!mayPost || !event.dataTransfer.files.length) return
        event.preventDefault()
        setIsOver(false)
        composer.current?.attach([...event.dataTransfer.files])
      }}
    >
      <Head item={item} members={members} onBack={onBack} onPanel={onPanel} />
      <MessageList
        item={item} timeline={timeline} members={members} message={message} count={count}
        onReply={reply} onEdit={edit} onThread={(root) => onPanel({ kind: 'thread', message: root })}
      />
      <TypingLine conversation={conversation} />
      {mayPost
        ? <Composer key={conversation} ref={composer} item={item} members={members} timeline={timeline} />
        : <p className="no-composer">{item.frozen ? 'This conversation is frozen.' : 'Only some may post here.'}</p>}
    </main>
  )
}

function Head({ item, members, onBack, onPanel }: { item: ListItem; members: Members; onBack(): void; onPanel(panel: Panel): void }) {
  const { conversations, people, parley, tell } = useTalk()
  useSignal(people)
  const name = conversations.nameOf(item)
  const other = conversations.otherOf(item)
  const bringBack = async () => {
    await parley.call('set', { conversation: item.conversation, archived: false, hidden: false })
    if (conversations.aside) await conversations.readAside()
  }
  const presence = other === undefined ? undefined : people.presenceOf(other)
  return (
    <header className="head">
      <IconButton name="back" label="Back to the list" className="icon-button only-narrow" onClick={onBack} />
      <Avatar id={other ?? item.conversation} name={name} status={presence?.status} icon={other === undefined ? (item.kind === 'channel' ? 'hash' : 'group') : undefined} />
      <div className="head-text">
        <h2>{name}</h2>
        <p>{other === undefined ? groupLine(item, members) : personLine(presence)}</p>
      </div>
      {(item.archived || item.hidden) && <button type="button" onClick={() => void bringBack().catch(tell)}>Bring back</button>}
      <IconButton name="search" label="Search here" onClick={() => onPanel({ kind: 'search' })} />
      <IconButton name="info" label="Details" onClick={() => onPanel({ kind: 'details' })} />
    </header>
  )
}

function groupLine(item: ListItem, { facts, online }: Members): string {
  const count = facts?.member_count
  const words = [item.kind === 'channel' ? 'Channel' : 'Group']
  if (count !== undefined) words.push(`${count} ${count === 1 ? 'member' : 'members'}`)
  if (online !== undefined) words.push(`${online} online`)
  if (item.frozen) words.push('frozen')
  return words.join(' · ')
}

function personLine(presence: { status: string; text?: string; last_seen?: number } | undefined): string {
  if (!presence) return ''
  if (presence.status === 'offline') return presence.last_seen ? `last seen ${agoOf(presence.last_seen)}` : 'offline'
  return presence.text ? `${presence.status} · ${presence.text}` : presence.status
}
