// What happened in a conversation beside messages, in a sentence.
import type { Changed, Message, NumberedEvent } from '@parley/sdk'
import { useSignal } from '../model/signal'
import { useTalk } from '../model/talk'
import { momentOf, timeOf } from '../model/time'

/** What somebody is called: at the beginning of a sentence, or within it. */
interface Naming {
  (user: string): string
  within(user: string): string
}

export function Fact({ event, onGo }: { event: NumberedEvent; onGo(seq: number): void }) {
  const { people, parley } = useTalk()
  useSignal(people)
  const name: Naming = Object.assign((user: string) => (user === parley.user ? 'You' : people.nameOf(user)), {
    within: (user: string) => (user === parley.user ? 'you' : people.nameOf(user)),
  })
  return (
    <p className="fact">
      {say(event, name)} <time dateTime={new Date(event.at).toISOString()} title={momentOf(event.at)}>{timeOf(event.at)}</time>
      {event.type === 'pinned' && <> <button type="button" className="quiet" onClick={() => onGo(event.message)}>Show</button></>}
    </p>
  )
}

/** A message of a thread, where it stands in the conversation. */
export function ThreadAnswer({ message, onThread }: { message: Message; onThread?(root: number): void }) {
  const { people, parley } = useTalk()
  useSignal(people)
  const name = message.from === parley.user ? 'You' : people.nameOf(message.from)
  return (
    <p className="fact answer">
      <button type="button" className="quiet" onClick={() => onThread?.(message.thread!)}>{name} answered in a thread: {message.body || 'a file'}</button>
    </p>
  )
}

function say(event: NumberedEvent, name: Naming): string {
  switch (event.type) {
    case 'joined': return sayJoined(event.users.map((each) => each.user), event.by, event.seq === 1, name)
    case 'left': return sayLeft(event.user, event.by, event.banned_until, name) + (event.owner ? ` ${name(event.owner)} ${isOrAre(name(event.owner))} the owner now.` : '')
    case 'changed': return `${name(event.by)} ${sayChanged(event, name)}.`
    case 'invited': return `${name(event.by)} invited ${list(event.users.map((each) => name.within(each.user)))}.`
    case 'uninvited': return event.user === event.by ? `${name(event.user)} declined the invitation.` : `${name(event.by)} took back the invitation of ${name.within(event.user)}.`
    case 'pinned': return `${name(event.by)} ${event.removed ? 'unpinned' : 'pinned'} a message.`
    default: return ''
  }
}

function isOrAre(name: string): string {
  return name === 'You' ? 'are' : 'is'
}

function sayJoined(users: string[], by: string, isFirst: boolean, name: Naming): string {
  const others = users.filter((each) => each !== by)
  if (isFirst) return others.length ? `${name(by)} began this conversation with ${list(others.map(name.within))}.` : `${name(by)} began this conversation.`
  return others.length ? `${name(by)} added ${list(others.map(name.within))}.` : `${name(by)} joined.`
}

function sayLeft(user: string, by: string, until: number | undefined, name: Naming): string {
  if (until !== undefined) return `${name(by)} banned ${name.within(user)}.`
  return user === by ? `${name(user)} left.` : `${name(by)} removed ${name.within(user)}.`
}

function sayChanged(event: Changed, name: Naming): string {
  const { user, role } = event
  if (user !== undefined && role) return `made ${name.within(user)} ${role}`
  if (user !== undefined && event.silent_until) return event.silent_until > Date.now() ? `silenced ${name.within(user)}` : `ended the silence of ${name.within(user)}`
  if (user !== undefined) return event.banned_until ? `banned ${name.within(user)}` : `lifted what was settled about ${name.within(user)}`
  const words: string[] = []
  if (event.title !== undefined) words.push(event.title ? `named it “${event.title}”` : 'took the title away')
  if (event.frozen !== undefined) words.push(event.frozen ? 'froze the conversation' : 'unfroze the conversation')
  if (event.slow_mode !== undefined) words.push(event.slow_mode ? `set slow mode to ${event.slow_mode} s` : 'ended slow mode')
  if (event.permissions !== undefined) words.push('changed who may do what')
  if (event.history !== undefined) words.push(event.history === 'all' ? 'showed the past to new members' : 'hid the past from new members')
  if (event.retention !== undefined) words.push('changed how much is kept')
  return words.length ? list(words) : 'changed the settings'
}

function list(words: string[]): string {
  const few = words.length > 8 ? [...words.slice(0, 7), `${words.length - 7} others`] : words
  return few.length < 2 ? few.join('') : `${few.slice(0, -1).join(', ')} and ${few.at(-1)}`
}
