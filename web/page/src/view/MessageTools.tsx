// What can be done with a message: the buttons over it, for who points at it or has come to it by the keyboard.
import { lazy, Suspense, useState } from 'react'
import type { Message } from '@parley/sdk'
import { recentEmojis } from '../model/recent'
import { may } from '../model/rights'
import { useTalk } from '../model/talk'
import { IconButton } from '../parts/Icon'
import { Menu } from '../parts/Menu'
import { react, type MessageActions } from './MessageRow'

const EmojiPicker = lazy(() => import('../parts/EmojiPicker'))

/** What a dialog about a message tells. */
export type Asked = 'receipts' | 'versions' | 'reactions' | 'delete'

export function MessageTools({ message, actions, isPointedAt, onAsk }: {
  message: Message; actions: MessageActions; isPointedAt: boolean; onAsk(asked: Asked): void
}) {
  const { parley, tell, own } = useTalk()
  const [isPicking, setIsPicking] = useState(false)
  const { item, pins, timeline, onReply, onEdit, onThread } = actions
  const { conversation, seq } = message
  const isOwn = message.from === parley.user
  const mayPost = may('post', item)
  const isPinned = pins.some((each) => each.message === seq)
  const mayEdit = isOwn && may('edit', item) && isWithin(message.at, parley.limits?.edit_ms) && Boolean(message.body)
  const put = (emoji: string) => {
    setIsPicking(false)
    react(parley, message, emoji, message.reactions?.[emoji]?.mine ?? false).catch(tell)
  }
  const unread = () => {
    parley.call('unread', { conversation, seq }).then(() => { location.hash = '' }, tell)
  }
  return (
    <div className="tools" role="group" aria-label="Message actions">
      {isPointedAt && ( // with many messages going by, these are most of what there is to draw
        <>
          {recentEmojis().slice(0, 3).map((emoji) => (
            <button key={emoji} type="button" className="icon-button emoji" aria-label={`React with ${emoji}`} onClick={() => put(emoji)}>{emoji}</button>
          ))}
          <IconButton name="emoji" label="React" onClick={() => setIsPicking(true)} />
          {mayPost && <IconButton name="reply" label="Reply" onClick={() => onReply(message)} />}
          {onThread && message.thread === undefined && <IconButton name="thread" label="Thread" onClick={() => onThread(seq)} />}
        </>
      )}
      <Menu
        label="More actions"
        choices={[
          mayEdit && { label: 'Edit', icon: 'edit', pick: () => onEdit(message) },
          { label: 'Copy text', icon: 'copy', pick: () => void navigator.clipboard?.writeText(message.body ?? '').catch(tell) },
          mayPost && { label: 'Reply', icon: 'reply', pick: () => onReply(message) },
          { label: 'React', icon: 'emoji', pick: () => setIsPicking(true) },
          onThread && message.thread === undefined && { label: 'Thread', icon: 'thread', pick: () => onThread(seq) },
          may('pin', item) && {
            label: isPinned ? 'Unpin' : 'Pin', icon: 'pin',
            pick: () => void parley.call('pin', { conversation, message: seq, ...(isPinned ? { remove: true } : {}) }).catch(tell),
          },
          { label: 'Who has read it', icon: 'eye', pick: () => onAsk('receipts') },
          message.edited_at !== undefined && { label: 'Versions', icon: 'clock', pick: () => onAsk('versions') },
          !isOwn && timeline.thread === undefined && { label: 'Mark unread from here', icon: 'bell', pick: unread },
          !isOwn && !own.blocked.has(message.from) && { label: 'Block', icon: 'block', danger: true, pick: () => own.block(message.from, true).catch(tell) },
          { label: 'Delete…', icon: 'trash', danger: true, pick: () => onAsk('delete') },
        ]}
      />
      {isPicking && <Suspense><EmojiPicker onPick={put} onClose={() => setIsPicking(false)} /></Suspense>}
    </div>
  )
}

function isWithin(at: number, window: number | undefined): boolean {
  return window === undefined || window === 0 || Date.now() - at < window
}
