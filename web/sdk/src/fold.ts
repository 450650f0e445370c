// What becomes of a message when an event is about it: the rules of `history`, for what is cached.
import type { NumberedEvent, Reacted } from './events.js'
import type { Message } from './shapes.js'

const PREVIEW = 160
const PARTICIPANTS = 5

/** An event as it is cached. */
export interface Row {
  event: NumberedEvent
  /** Up to which number what became of it is in it. */
  folded: number
  /** It came in a page that may have known of later events than were told. */
  paged?: boolean
  /** It may not be quite what the server would say: only a fresh page knows. */
  doubt?: boolean
}

/** The message after an event that is about it; the same one when nothing changed. */
export function folded(message: Message, event: NumberedEvent, user: string): Message {
  if (event.type === 'deleted' && event.message === message.seq) return tombstone(message)
  if (message.deleted) return message
  if (event.type === 'edited' && event.message === message.seq && event.body !== undefined) {
    if ((message.edited_at ?? 0) > event.at) return message
    return {
      ...message, body: event.body, edited_at: event.at, edits: (message.edits ?? 0) + 1,
      ...(event.mentions ? { mentions: event.mentions } : {}),
    }
  }
  if (event.type === 'reaction' && event.message === message.seq) return reacted(message, event, user)
  if (event.type === 'message' && event.thread === message.seq && !event.deleted) return answered(message, event)
  if (message.reply && 'message' in event && event.message === message.reply_to) return previewed(message, event)
  return message
}

/** What is left of a deleted message. */
function tombstone({ type, conversation, seq, at, from, replies }: Message): Message {
  return { type, conversation, seq, at, from, deleted: true, ...(replies ? { replies } : {}) }
}

function reacted(message: Message, { emoji, user: by, removed }: Reacted, user: string): Message {
  const all = new Map(Object.entries(message.reactions ?? {}))
  const { count, mine } = all.get(emoji) ?? { count: 0, mine: false }
  const now = { count: count + (removed ? -1 : 1), mine: by === user ? !removed : mine }
  if (now.count > 0) all.set(emoji, now)
  else all.delete(emoji)
  const { reactions: _, ...rest } = message
  return all.size ? { ...rest, reactions: Object.fromEntries(all) } : rest
}

function answered(message: Message, reply: Message): Message {
  const { count = 0, last = 0, participants = [], ...rest } = message.replies ?? {}
  if (reply.seq <= last) return message
  const writers = [reply.from, ...participants.filter((each) => each !== reply.from)].slice(0, PARTICIPANTS)
  return { ...message, replies: { ...rest, count: count + 1, last: reply.seq, participants: writers } }
}

function previewed(message: Message, event: NumberedEvent): Message {
  const { body: _, ...reply } = message.reply!
  if (event.type === 'deleted') return { ...message, reply: { ...reply, deleted: true } }
  if (event.type === 'edited' && event.body !== undefined) return { ...message, reply: { ...reply, body: preview(event.body) } }
  return message
}

/** The first characters of a body, as a reply shows them. */
export function preview(body: string): string {
  const characters = Array.from(body)
  return characters.length > PREVIEW ? `${characters.slice(0, PREVIEW).join('')}…` : body
}

/** A message as `history` shows it when it is new: with what it answers. */
export function withReply(message: Message, target: Message): Message {
  const { seq, from, body } = target
  return { ...message, reply: target.deleted ? { message: seq, from, deleted: true } : { message: seq, from, body: preview(body ?? '') } }
}
