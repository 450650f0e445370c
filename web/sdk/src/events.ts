// Everything the server tells without being asked, and what the SDK tells of itself.
import type { ParleyError } from './errors.js'
import type { Sending } from './outbox.js'
import type {
  Conversation, ConversationSettings, Kind, Member, Message, Numbered, OwnSettings, Permissions, Preferences, Profile,
  Retention, Role, Status,
} from './shapes.js'

export interface Joined extends Numbered { type: 'joined'; users: Member[]; by: string }
export interface Left extends Numbered { type: 'left'; user: string; by: string; owner?: string; banned_until?: number }
export interface Changed extends Numbered {
  type: 'changed'
  by: string
  user?: string
  role?: Role
  banned_until?: number
  silent_until?: number
  title?: string
  meta?: ConversationSettings['meta']
  slow_mode?: number
  frozen?: boolean
  permissions?: Permissions
  history?: 'all' | 'joined'
  retention?: Retention
}
export interface Invited extends Numbered { type: 'invited'; users: Member[]; by: string }
export interface Uninvited extends Numbered { type: 'uninvited'; user: string; by: string }
/** Without `body` it is the tombstone of an edit: the message was deleted, or is not to be seen. */
export interface Edited extends Numbered {
  type: 'edited'; message: number; by: string; body?: string; mentions?: string[]; deleted?: boolean
}
export interface Reacted extends Numbered { type: 'reaction'; message: number; user: string; emoji: string; removed?: boolean }
export interface Pinned extends Numbered { type: 'pinned'; message: number; by: string; removed?: boolean }
/** Without `message` it is the conversation that was deleted. */
export interface Deleted extends Numbered { type: 'deleted'; by: string; message?: number; expired?: boolean }

/** The events of a conversation that have a number: each is told once, in order. */
export type NumberedEvent =
  | Message | Joined | Left | Changed | Invited | Uninvited | Edited | Reacted | Pinned | Deleted

/** Events by name: what a listener of each is given. */
export interface Events {
  message: Message
  joined: Joined
  left: Left
  changed: Changed
  invited: Invited
  uninvited: Uninvited
  edited: Edited
  reaction: Reacted
  pinned: Pinned
  deleted: Deleted

  conversation: Conversation & { type: 'conversation' }
  invitation: { type: 'invitation'; conversation: string; kind: Kind; title?: string; role: Role; by: string; at: number }
  invitation_over: { type: 'invitation_over'; conversation: string }
  receipt: { type: 'receipt'; conversation: string; user: string; delivered: number; read: number; at: number }
  typing: {
    type: 'typing'; conversation: string; user?: string; active?: boolean; count?: number; expires_ms: number
  }
  hidden: { type: 'hidden'; conversation: string; message: number }
  trimmed: { type: 'trimmed'; conversation: string; before: number }
  notification: {
    type: 'notification'; conversation: string; seq: number; at: number; unread: number; mentions: number; count: number
    title?: string; quiet?: boolean; joined?: boolean
  }
  dismissed: { type: 'dismissed'; conversation?: string }
  preferences: Preferences & { type: 'preferences' }
  settings: OwnSettings & { type: 'settings'; conversation: string }
  blocked: { type: 'blocked'; user: string; removed?: boolean }
  thread_read: { type: 'thread_read'; conversation: string; message: number; seq: number }
  presence: { type: 'presence'; user: string; status: Status; text?: string; last_seen?: number }
  profile: Profile & { type: 'profile' }

  /** What was kept is void: the cache is empty and is being read anew. Drop what you derived from events. */
  reset: { type: 'reset'; reason: string }
  /** Everything that was missed has been told; what follows is live. */
  synced: { type: 'synced' }
  /** Numbers that this user cannot have: they left meanwhile, or the numbers fell out of what is kept. */
  missed: { type: 'missed'; conversation: string; from: number; to: number }
  /** How the connection stands. */
  state: ConnectionState
  /** A message of one's own is pending, sent or failed now. */
  sending: Sending
  /** The cached list of conversations is not what it was; `conversations()` has it. */
  conversations: { type: 'conversations' }
  /** A fault that no command answers for: a store that cannot be written, a listener that threw. */
  error: ParleyError
}

export type EventName = keyof Events

/** Events of the wire that have a number of their conversation's. */
export const NUMBERED: ReadonlySet<string> = new Set([
  'message', 'joined', 'left', 'changed', 'invited', 'uninvited', 'edited', 'reaction', 'pinned', 'deleted',
])

export type ConnectionState =
  | { state: 'connecting' }
  | { state: 'online'; user: string; session: string }
  | { state: 'offline'; retry_in_ms: number; error?: ParleyError }
  | { state: 'closed'; error?: ParleyError }
