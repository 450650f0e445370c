// The list of conversations, and what is done about all of them.
import { useState } from 'react'
import { isMuted } from '../model/conversations'
import { useSignal } from '../model/signal'
import { useTalk } from '../model/talk'
import { Avatar } from '../parts/Avatar'
import { EvenList } from '../parts/EvenList'
import { IconButton } from '../parts/Icon'
import { ConversationLine } from './ConversationLine'
import type { Panel } from './Messenger'
import { More } from './More'

interface Props {
  opened: string | undefined
  onOpen(conversation: string): void
  onNew(): void
  onPanel(panel: Panel): void
  onSettings(): void
}

export function Sidebar({ opened, onOpen, onNew, onPanel, onSettings }: Props) {
  const { conversations, parley, people, notices, own, tell } = useTalk()
  const { items, aside, invitations } = useSignal(conversations)
  const { unseen } = useSignal(notices)
  useSignal(own)
  const [only, setOnly] = useState<'all' | 'unread'>('all')
  const shown = (aside ?? items).filter((each) => only === 'all' || each.unread > 0 || each.conversation === opened)
  const hasMore = aside !== undefined && conversations.hasMoreAside
  const status = own.status === 'invisible' ? undefined : own.status
  const settle = (accept: boolean, conversation: string) => {
    parley.call(accept ? 'accept' : 'decline', { conversation })
      .then(() => { if (accept) onOpen(conversation) }).catch(tell)
  }
  return (
    <nav className="sidebar" aria-label="Conversations">
      <header>
        <button type="button" className="me" onClick={onSettings}>
          <Avatar id={parley.user} name={people.nameOf(parley.user)} status={status} small />
          <strong>{people.nameOf(parley.user)}</strong><span className="unseen">: profile and settings</span>
        </button>
        <span className="badge-place">
          <IconButton name="bell" label={unseen ? `Notifications, ${unseen} new` : 'Notifications'} onClick={() => onPanel({ kind: 'inbox' })} />
          {unseen > 0 && <span className="badge" aria-hidden="true">{unseen}</span>}
        </span>
        <IconButton name="search" label="Search" onClick={() => onPanel({ kind: 'search' })} />
        <IconButton name="plus" label="New conversation" onClick={onNew} />
      </header>
      <div className="tabs" role="group" aria-label="Which conversations">
        <button type="button" aria-pressed={!aside && only === 'all'} onClick={() => { setOnly('all'); conversations.leaveAside() }}>All</button>
        <button type="button" aria-pressed={!aside && only === 'unread'} onClick={() => { setOnly('unread'); conversations.leaveAside() }}>Unread</button>
        <button type="button" aria-pressed={Boolean(aside)} onClick={() => { setOnly('all'); conversations.readAside().catch(tell) }}>Archived</button>
      </div>
      {!aside && invitations.map((each) => (
        <div key={each.conversation} className="invitation">
          <p><strong>{people.nameOf(each.by)}</strong> invites you to <strong>{each.title ?? `a ${each.kind}`}</strong></p>
          <button type="button" className="primary" onClick={() => settle(true, each.conversation)}>Accept</button>
          <button type="button" onClick={() => settle(false, each.conversation)}>Decline</button>
        </div>
      ))}
      <EvenList
        rows={shown} className="conversations" keyOf={(item) => item.conversation} hasMore={hasMore}
        draw={(item) => <ConversationLine item={item} isOpen={item.conversation === opened} isMuted={isMuted(item)} onOpen={onOpen} />}
      >
        {aside && <More list={{ items: aside, hasMore, more: () => conversations.moreAside() }} />}
      </EvenList>
      {!shown.length && <p className="empty">{aside ? 'Nothing is archived.' : only === 'unread' ? 'Everything is read.' : 'No conversations yet.'}</p>}
    </nav>
  )
}
