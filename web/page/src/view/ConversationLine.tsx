// One line of the list: who, what was said last, and how much of it is new.
import { memo } from 'react'
import type { ListItem } from '@parley/sdk'
import { draftOf } from '../model/drafts'
import { useSignal } from '../model/signal'
import { useTalk } from '../model/talk'
import { whenOf } from '../model/time'
import { Avatar } from '../parts/Avatar'
import { Icon } from '../parts/Icon'

export const ConversationLine = memo(function ConversationLine({ item, isOpen, isMuted, onOpen }: {
  item: ListItem; isOpen: boolean; isMuted: boolean; onOpen(conversation: string): void
}) {
  const { conversations, people, parley, typing } = useTalk()
  useSignal(people)
  useSignal(typing)
  const name = conversations.nameOf(item)
  const other = conversations.otherOf(item)
  const presence = other === undefined ? undefined : people.presenceOf(other)
  const draft = isOpen ? undefined : draftOf(parley.user, item.conversation)?.text
  return (
    <button
      type="button" className="line" aria-current={isOpen ? 'page' : undefined} onClick={() => onOpen(item.conversation)}
      data-conversation={item.conversation}
    >
      <Avatar id={other ?? item.conversation} name={name} status={presence?.status} icon={iconOf(item)} />
      <span className="line-text">
        <span className="line-name">
          <strong>{name}</strong>
          {item.pinned && <Icon name="pin" size={14} />}
          {isMuted && <Icon name="mute" size={14} />}
          <span className="when">{item.last ? whenOf(item.last.at) : ''}</span>
        </span>
        <span className="line-last">
          <span className="last">{draft ? <><em>Draft:</em> {draft}</> : <Last item={item} />}</span>
          {item.mentions > 0 && <span className="badge">@<span className="unseen"> {item.mentions} {item.mentions === 1 ? 'mention' : 'mentions'}</span></span>}
          {item.unread > 0 && (
            <span className={isMuted ? 'badge muted' : 'badge'}>{item.unread > 999 ? '999+' : item.unread}<span className="unseen"> unread</span></span>
          )}
        </span>
      </span>
    </button>
  )
})

function iconOf({ kind }: ListItem): 'group' | 'hash' | undefined {
  return kind === 'direct' ? undefined : kind === 'channel' ? 'hash' : 'group'
}

function Last({ item }: { item: ListItem }) {
  const { people, parley, typing } = useTalk()
  const typists = typing.in(item.conversation)
  if (typists.users.length) return <em>{item.kind === 'direct' ? 'typing…' : `${people.nameOf(typists.users[0]!)} is typing…`}</em>
  const { last } = item
  if (!last) return <>Nothing was said yet.</>
  const who = last.from === parley.user ? 'You: ' : item.kind === 'direct' ? '' : `${people.nameOf(last.from)}: `
  if (last.deleted) return <>{who}<em>deleted</em></>
  const files = last.files?.length ? `📎 ${last.files[0]!.name ?? 'file'} ` : ''
  return <>{who}{files}{last.body}</>
}
