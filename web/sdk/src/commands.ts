// Every command of the protocol: what it takes and what it is answered.
import type { NumberedEvent } from './events.js'
import type {
  AttachedFile, Conversation, ConversationSettings, GivenRole, Kind, ListItem, Member, Message, Meta, Notify, OwnSettings,
  Preferences, Profile, Role, Status,
} from './shapes.js'

/** May be given with any changing command; the SDK makes one up otherwise, so that a retry has no second effect. */
interface Once { client_id?: string }
interface In { conversation: string }
interface About extends In { message: number }
interface Paged { limit?: number; cursor?: string }
interface Items<T> { items: T[]; cursor?: string }

/** `ok` of a change: the number of its event. */
export interface Done { seq: number }
export interface Ok { seq?: number }
export interface Sent { conversation: string; client_id: string; seq: number; at: number }

export interface Page {
  conversation: string
  events: NumberedEvent[]
  first: number
  last: number
  more: boolean
  thread?: number
}

/** What may be said with a message beside its body. */
export interface SendOptions {
  reply_to?: number
  mentions?: string[]
  meta?: Meta
  expires_in?: number
  thread?: number
  files?: string[]
}

export interface Anchor { before?: number; after?: number; around?: number; limit?: number }

export interface Hit { conversation: string; seq: number; from: string; at: number; snippet: string; marks: [number, number][] }

export interface Notice {
  conversation: string; kind: Kind; title?: string; seq: number; at: number; unread: number; mentions: number
  count: number; quiet?: boolean; seen?: boolean; joined?: boolean; last?: Message
}

/** Commands by name: their fields and their answers. */
export interface Commands {
  ping: [object, object]
  create: [Once & { kind: Kind; with?: string; title?: string; members?: string[] }, Conversation]
  send: [In & SendOptions & { client_id: string; body: string }, Sent]
  add: [In & Once & { users: string[]; role?: GivenRole }, Done]
  remove: [In & Once & { user: string }, Done]
  ban: [In & Once & { user: string; until?: number }, Done]
  unban: [In & Once & { user: string }, Done]
  silence: [In & Once & { user: string; until: number }, Done]
  leave: [In & Once, Done]
  role: [In & Once & { user: string; role: Role }, Done]
  update: [In & Once & ConversationSettings, Done]
  edit: [About & Once & { body: string; mentions?: string[] }, Done]
  /** Without `message` it ends the conversation. */
  delete: [In & Once & { message?: number; through?: number; for?: 'everyone' | 'me' }, Ok]
  react: [About & Once & { emoji: string; remove?: boolean }, Done]
  pin: [About & Once & { remove?: boolean }, Done]
  delivered: [In & Once & { seq: number }, Ok]
  read: [In & Once & { seq: number; private?: boolean }, Ok]
  unread: [In & Once & { seq: number }, Ok]
  set: [In & Once & OwnSettings, Ok]
  typing: [In & { active: boolean }, Ok]
  block: [Once & { user: string }, Ok]
  unblock: [Once & { user: string }, Ok]
  invite: [In & Once & { users: string[]; role?: GivenRole }, Done]
  uninvite: [In & Once & { user: string }, Done]
  accept: [In & Once, Done]
  decline: [In & Once, Done]
  invited: [In & Paged, Items<{ user: string; role: Role; by: string; at: number }>]
  invitations: [Paged, Items<{ conversation: string; kind: Kind; title?: string; role: Role; by: string; at: number }>]
  blocks: [Paged, Items<{ user: string; at: number }>]
  totals: [object, { conversations: number; unread: number; mentions: number; archived: { conversations: number; unread: number; mentions: number } }]
  notifications: [Paged & { unseen?: boolean }, Items<Notice> & { unseen: number }]
  dismiss: [Once & { conversation?: string }, Ok]
  preferences: [Once & Preferences, Ok]
  my_preferences: [object, Preferences]
  get: [In, Conversation]
  members: [In & Paged, Items<Member & { joined: number }>]
  devices: [In, {
    conversation: string; delivered: number; read: number; shown: number
    items: { device: string; delivered: number; read: number; at: number }[]
  }]
  receipts: [About & Paged & { counts?: boolean }, Items<{ user: string; delivered_at: number; read_at?: number }> & {
    conversation: string; message: number; counts?: { delivered: number; read: number; of: number }
  }]
  versions: [About & Paged, Items<{ seq: number; by: string; at: number; body: string }> & { conversation: string; message: number }]
  erasure: [About, {
    conversation: string; message: number; from: string; seq: number; by: string; at: number; versions: number
    files?: number; expired?: boolean; compacted_at?: number
  }]
  reactions: [About & Paged & { emoji?: string }, Items<{ emoji: string; user: string }> & { conversation: string; message: number }]
  restrictions: [In, { conversation: string; items: { user: string; banned_until: number; silent_until: number }[] }]
  pins: [In, { conversation: string; items: { message: number; by: string; at: number }[] }]
  thread: [About & { before?: number; after?: number; limit?: number }, Page]
  read_thread: [About & Once & { seq: number }, Ok]
  list: [Paged & { archived?: boolean; unread?: boolean; hidden?: boolean }, Items<ListItem>]
  history: [In & Anchor, Page]
  sync: [In & { after: number; limit?: number }, Page]
  search: [Paged & {
    query: string; conversation?: string; from?: string; since?: number; until?: number; order?: 'newest' | 'relevance'
  }, { hits: Hit[]; order: 'newest' | 'relevance'; cursor?: string }]
  /** `url` is a path on the server, good for five minutes. */
  file: [{ file: string }, Omit<AttachedFile, 'type'> & { media_type: string; url: string; expires_at: number }]
  presence: [{ status: 'online' | 'away' | 'busy' | 'invisible'; text?: string }, Ok]
  watch: [{ users: string[] }, Ok]
  unwatch: [{ users: string[] }, Ok]
  presences: [In, { conversation: string; members: number; online: number; items?: { user: string; status: Status }[] }]
  sessions: [object, { items: { session: string; device: string; since: number; current: boolean }[] }]
  end_session: [{ session: string }, Ok]
  /** With `user`, or nothing for oneself, the answer is a profile; with `users` it is `items`. */
  profile: [{ user?: string; users?: string[] }, Partial<Profile> & { items?: Profile[] }]
  set_profile: [Once & { name?: string | null; avatar?: string | null; text?: string | null }, Ok]
  /** Administrators only. */
  hold: [In & Once & { on: boolean }, Ok]
  /** Administrators only. */
  holds: [Paged, Items<{ conversation: string; by: string; at: number }>]
}

export type CommandName = keyof Commands
export type Fields<T extends CommandName> = Commands[T][0]
export type Answer<T extends CommandName> = Commands[T][1]
export type { Notify }

/**
 * Commands that change something and know `client_id`: each gets one, so that asking again is safe. `read` and
 * `delivered` never move back and need none.
 */
export const KEYED: ReadonlySet<string> = new Set<CommandName>([
  'create', 'send', 'add', 'remove', 'ban', 'unban', 'silence', 'leave', 'role', 'update', 'edit', 'delete', 'react', 'pin',
  'unread', 'set', 'block', 'unblock', 'invite', 'uninvite', 'accept', 'decline', 'dismiss',
  'preferences', 'read_thread', 'set_profile', 'hold',
])

/** Commands that are of the moment: they do not wait for a connection. */
export const MOMENTARY: ReadonlySet<string> = new Set<CommandName>(['typing', 'ping'])
