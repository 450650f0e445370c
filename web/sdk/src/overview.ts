// What an event changes in a line of the list of conversations.
import type { Changed, Events, NumberedEvent } from './events.js'
import { folded } from './fold.js'
import type { Conversation, ListItem, Message } from './shapes.js'

/** A line of the cached list. */
export interface Line extends ListItem {
  /** When something was last said of the conversation, for the order of the list. */
  changed: number
}

/** The line after the event, and whether the server has to be asked what it is now. */
export interface Noted {
  line: Line
  stale: boolean
}

export function noted(line: Line, event: NumberedEvent, user: string): Noted {
  if (event.seq <= line.seq) return { line, stale: false } // the list knew of it
  const next: Line = { ...line, seq: event.seq, changed: event.at }
  switch (event.type) {
    case 'message': return posted(next, event, user)
    case 'edited': {
      const told = event.message > line.read && event.mentions !== undefined
      return { line: { ...next, ...lastAfter(line, event, user) }, stale: told }
    }
    case 'deleted': {
      const stale = event.message !== undefined && (event.message > line.read || event.message === line.last?.seq)
      return { line: { ...next, ...lastAfter(line, event, user) }, stale }
    }
    case 'reaction': return { line: { ...next, ...lastAfter(line, event, user) }, stale: false }
    case 'changed': return { line: changed(next, event, user), stale: false }
    case 'joined': {
      const self = event.users.find((each) => each.user === user)
      return { line: self ? { ...next, role: self.role } : next, stale: self !== undefined }
    }
    case 'left': return { line: event.owner === user ? { ...next, role: 'owner' } : next, stale: false }
    default: return { line: next, stale: false }
  }
}

/** Events without a number that change a line; `stale` when only the server knows by how much. */
export function notedBeside(line: Line, event: { type: string }, user: string): Noted {
  switch (event.type) {
    case 'receipt': {
      const { user: reader, read } = event as Events['receipt']
      if (reader !== user || read === line.read) return { line, stale: false }
      const all = read >= line.seq
      return { line: { ...line, read, ...(all ? { unread: 0, mentions: 0 } : {}) }, stale: !all }
    }
    case 'settings': {
      const { type: _, conversation: __, ...settings } = event as Events['settings']
      return { line: { ...line, ...settings }, stale: false }
    }
    case 'hidden': {
      const { message } = event as Events['hidden']
      return { line, stale: message > line.read || message === line.last?.seq }
    }
    case 'trimmed': {
      const { before } = event as Events['trimmed']
      return { line: { ...line, kept_from: before }, stale: before > line.read || before > (line.last?.seq ?? 0) }
    }
    default: return { line, stale: false }
  }
}

/** A line for a conversation that one has just come into; the list has the rest of it. */
export function begun(conversation: Conversation & { type?: string }, user: string): Line {
  const { type: _type, members, member_count: _, created_at: at, ...rest } = conversation
  return {
    ...rest, role: members.find((each) => each.user === user)?.role ?? 'member', read: 0, unread: 0, mentions: 0, changed: at,
    ...(conversation.kind === 'direct' ? { users: members.map((each) => each.user) } : {}),
  }
}

function posted(line: Line, message: Message, user: string): Noted {
  if (message.deleted) return { line, stale: false }
  const theirs = message.from !== user
  const meant = theirs && (message.mentions ?? []).some((each) => each === user || each === '@all' || each === '@here')
  const next: Line = {
    ...line, last: message, unread: line.unread + (theirs ? 1 : 0), mentions: line.mentions + (meant ? 1 : 0),
  }
  const back = (line.archived || line.hidden) && !line.muted_until
  if (back) Object.assign(next, { archived: false, hidden: false })
  const unsure = message.reply_to !== undefined && !message.reply
  return { line: next, stale: unsure || Boolean((line.archived || line.hidden) && line.muted_until) }
}

function lastAfter({ last }: Line, event: NumberedEvent, user: string): { last?: Message } {
  return last ? { last: folded(last, event, user) } : {}
}

function changed(line: Line, event: Changed, user: string): Line {
  if (event.user !== undefined) return event.user === user && event.role ? { ...line, role: event.role } : line
  const { type: _, conversation: __, seq: ___, at: ____, by: _____, ...settings } = event
  return { ...line, ...settings }
}

/** The list as it is shown: without what is archived or hidden, what changed last first. */
export function shown(lines: Iterable<Line>): ListItem[] {
  return [...lines].filter((line) => !line.archived && !line.hidden)
    .sort((a, b) => b.changed - a.changed || (a.conversation < b.conversation ? -1 : 1))
    .map(({ changed: _, ...item }) => item)
}

/** Lines for items of `list`, which come in the order of their last change. */
export function listed(items: readonly ListItem[], newest: number): Line[] {
  let at = newest
  return items.map((item) => ({ ...item, changed: (at = Math.min(at, item.last?.at ?? at - 1)) }))
}
