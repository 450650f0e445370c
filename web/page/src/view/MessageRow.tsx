// One message, with all that became of it, and all that can be done with it.
import { lazy, memo, Suspense, useState } from 'react'
import type { ListItem, Message } from '@parley/sdk'
import type { Members } from '../model/members'
import { usedEmoji } from '../model/recent'
import { useSignal } from '../model/signal'
import { useTalk } from '../model/talk'
import type { Tick, Ticks } from '../model/ticks'
import { leftUntil, momentOf, timeOf } from '../model/time'
import type { Timeline } from '../model/timeline'
import { Avatar } from '../parts/Avatar'
import { Body } from '../parts/Body'
import { Icon } from '../parts/Icon'
import { useTick } from '../parts/useTick'
import { Attachments } from './Attachments'
import { MessageTools, type Asked } from './MessageTools'

const MessageDialog = lazy(() => import('./MessageDialog'))

export interface MessageActions {
  item: ListItem
  timeline: Timeline
  pins: Members['pins']
  ticks: Ticks
  onReply(message: Message): void
  onEdit(message: Message): void
  onThread?(root: number): void
  onGo(seq: number): void
}

interface Props { message: Message; follows: boolean; lit: boolean; actions: MessageActions }

export const MessageRow = memo(function MessageRow({ message, follows, lit, actions }: Props) {
  const { people, parley } = useTalk()
  useSignal(people)
  const [asked, setAsked] = useState<Asked>()
  const [isPointedAt, setIsPointedAt] = useState(false)
  const isOwn = message.from === parley.user
  const name = people.nameOf(message.from)
  const classes = ['message', isOwn && 'own', follows && 'follows', lit && 'lit', asksFor(message, parley.user) && 'asked'].filter(Boolean)
  return (
    <article
      className={classes.join(' ')} tabIndex={-1} data-walk aria-label={`${name}, ${timeOf(message.at)}`} data-seq={message.seq}
      onPointerEnter={() => setIsPointedAt(true)} onFocus={() => setIsPointedAt(true)}
    >
      {!follows && <Avatar id={message.from} name={name} />}
      <div className="message-box">
        {!follows && (
          <header>
            <strong>{name}</strong>
            <time dateTime={new Date(message.at).toISOString()} title={momentOf(message.at)}>{timeOf(message.at)}</time>
          </header>
        )}
        {message.deleted ? <p className="gone">This message was deleted.</p> : <Content message={message} actions={actions} onAsk={setAsked} />}
        {message.replies && message.replies.count > 0 && <ThreadLine message={message} onThread={actions.onThread} />}
      </div>
      {!message.deleted && (
        <div className="message-foot">
          {message.expires_at && <Going at={message.expires_at} />}
          {message.edited_at && <button type="button" className="quiet edited" onClick={() => setAsked('versions')}>edited</button>}
          {isOwn && <TickMark ticks={actions.ticks} seq={message.seq} onAsk={() => setAsked('receipts')} />}
        </div>
      )}
      {!message.deleted && <MessageTools message={message} actions={actions} isPointedAt={isPointedAt} onAsk={setAsked} />}
      {asked && <Suspense><MessageDialog asked={asked} message={message} onClose={() => setAsked(undefined)} /></Suspense>}
    </article>
  )
}, (a, b) => a.message === b.message && a.follows === b.follows && a.lit === b.lit && a.actions.item.role === b.actions.item.role
  && a.actions.item.frozen === b.actions.item.frozen && a.actions.item.permissions === b.actions.item.permissions
  && a.actions.pins === b.actions.pins)

function asksFor({ mentions = [], from, deleted }: Message, self: string): boolean {
  return !deleted && from !== self && mentions.some((each) => each === self || each === '@all' || each === '@here')
}

function Content({ message, actions, onAsk }: { message: Message; actions: MessageActions; onAsk(asked: Asked): void }) {
  const { people, parley } = useTalk()
  const names = new Map<string, boolean>()
  for (const user of message.mentions ?? []) {
    const isSelf = user === parley.user || user === '@all' || user === '@here'
    names.set(user.replace(/^@/, ''), isSelf)
    names.set(people.nameOf(user).replace(/^@/, ''), isSelf)
  }
  return (
    <>
      {message.reply && (
        <button type="button" className="quote" onClick={() => actions.onGo(message.reply!.message)}>
          <strong>{people.nameOf(message.reply.from)}</strong>
          <span>{message.reply.deleted ? 'This message was deleted.' : message.reply.body || 'a file'}</span>
        </button>
      )}
      {message.body && <Body text={message.body} names={names} />}
      {message.files && <Attachments files={message.files} />}
      {message.reactions && <Reactions message={message} onAsk={() => onAsk('reactions')} />}
    </>
  )
}

/** A message that goes by itself, and how long it is still there. */
function Going({ at }: { at: number }) {
  useTick(at - Date.now() < 60_000 ? 1000 : 30_000)
  return <span className="going" title={momentOf(at)}><Icon name="clock" size={14} /><span className="unseen">Goes in </span>{leftUntil(at)}</span>
}

const TICK_WORDS: { [tick in Tick]: string } = { sent: 'Sent', delivered: 'Delivered to everyone', read: 'Read by everyone' }

function TickMark({ ticks, seq, onAsk }: { ticks: Ticks; seq: number; onAsk(): void }) {
  const tick = useSignal(ticks).of(seq)
  return (
    <button type="button" className={`tick ${tick}`} aria-label={`${TICK_WORDS[tick]}: who and when`} title={TICK_WORDS[tick]} onClick={onAsk}>
      <Icon name={tick === 'sent' ? 'check' : 'checks'} size={16} />
    </button>
  )
}

function Reactions({ message, onAsk }: { message: Message; onAsk(): void }) {
  const { parley, tell } = useTalk()
  const all = Object.entries(message.reactions ?? {})
  if (!all.length) return null
  return (
    <div className="reactions">
      {all.map(([emoji, { count, mine }]) => (
        <button
          key={emoji} type="button" aria-pressed={mine} aria-label={`${emoji}, ${count}`}
          onClick={() => react(parley, message, emoji, mine).catch(tell)}
        ><span className="emoji">{emoji}</span> <span>{count}</span></button>
      ))}
      <button type="button" className="quiet" aria-label="Who reacted" title="Who reacted" onClick={onAsk}><Icon name="eye" size={16} /></button>
    </div>
  )
}

/** Puts a reaction, or takes one's own back. */
export async function react(parley: ReturnType<typeof useTalk>['parley'], message: Message, emoji: string, mine: boolean): Promise<void> {
  if (!mine) usedEmoji(emoji)
  await parley.call('react', { conversation: message.conversation, message: message.seq, emoji, ...(mine ? { remove: true } : {}) })
}

function ThreadLine({ message, onThread }: { message: Message; onThread?(root: number): void }) {
  const { people } = useTalk()
  const { count, last, read, participants } = message.replies!
  return (
    <button type="button" className={(read ?? 0) < last ? 'thread-line new' : 'thread-line'} onClick={() => onThread?.(message.seq)}>
      {participants.slice(0, 3).map((user) => <Avatar key={user} id={user} name={people.nameOf(user)} small />)}
      {count === 1 ? '1 answer' : `${count} answers`}
    </button>
  )
}
