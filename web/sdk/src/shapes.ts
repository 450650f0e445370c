// What travels: the parts that commands, answers and events are made of.

export type Kind = 'direct' | 'group' | 'channel'
export type Role = 'owner' | 'admin' | 'member' | 'reader'
export type GivenRole = 'admin' | 'member' | 'reader'
export type Notify = 'all' | 'mentions' | 'none'
export type Status = 'online' | 'away' | 'busy' | 'offline'
export type Right = 'post' | 'edit' | 'delete_any' | 'pin' | 'add' | 'remove' | 'update' | 'mention_all'
export type Permissions = { [right in Right]?: Role }

/** What an application keeps with a message or a conversation; comes back as it was. */
export type Meta = { [key: string]: unknown }

/** Any envelope: one map of the wire, whatever it says. */
export interface Envelope {
  type: string
  ref?: string | number
  [key: string]: unknown
}

export interface Member {
  user: string
  role: Role
}

export interface Retention {
  days?: number
  messages?: number
}

/** What a conversation is set to; what is left out is as it is by default. */
export interface ConversationSettings {
  title?: string
  meta?: Meta
  slow_mode?: number
  frozen?: boolean
  permissions?: Permissions
  history?: 'all' | 'joined'
  retention?: Retention
}

export interface Conversation extends ConversationSettings {
  conversation: string
  kind: Kind
  kept_from?: number
  members: Member[]
  member_count: number
  seq: number
  created_at: number
}

/** What a user has settled about a conversation for themselves. */
export interface OwnSettings {
  archived?: boolean
  muted_until?: number
  pinned?: boolean
  notify?: Notify
  quiet?: string[]
  hidden?: boolean
}

/** One line of `list`. */
export interface ListItem extends ConversationSettings, OwnSettings {
  conversation: string
  kind: Kind
  kept_from?: number
  seq: number
  role: Role
  read: number
  unread: number
  mentions: number
  users?: string[]
  last?: Message
}

export interface AttachedFile {
  file: string
  name?: string
  type: string
  size: number
  sha256: string
}

export interface Preferences {
  notify?: Notify
  quiet_until?: number
  quiet?: string[]
  zone?: string
  typing?: boolean
  last_seen?: boolean
  receipts?: boolean
}

export interface Profile {
  user: string
  name?: string
  avatar?: string
  text?: string
  at: number
}

/** What every numbered event has. */
export interface Numbered {
  conversation: string
  seq: number
  at: number
}

/**
 * A message. As it is delivered it has what was sent; in `history`, `thread` and `last` also what became of it.
 * A deleted one has `deleted` instead of what it said.
 */
export interface Message extends Numbered {
  type: 'message'
  from: string
  client_id?: string
  body?: string
  reply_to?: number
  mentions?: string[]
  meta?: Meta
  thread?: number
  expires_at?: number
  files?: AttachedFile[]
  deleted?: boolean
  edited_at?: number
  edits?: number
  reactions?: { [emoji: string]: { count: number; mine: boolean } }
  reply?: { message: number; from: string; body?: string; deleted?: boolean }
  replies?: { count: number; last: number; participants: string[]; read?: number }
}

export interface ServerLimits {
  frame_bytes: number
  body_bytes: number
  page: number
  resume_events: number
  users_per_command: number
  members: number
  commands_in_flight: number
  envelopes_per_message: number
  outbox_bytes: number
  devices: number
  watched: number
  edit_ms: number
  delete_ms: number
  edits: number
  reactions: number
  delete: number
  file_bytes: number
  files: number
}

export interface Welcome {
  type: 'welcome'
  user: string
  device: string
  session: string
  server: { name: string; version: string; durability: string }
  limits: ServerLimits
  ping_ms: number
  epoch: string
  cursor: string
}
