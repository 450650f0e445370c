// What is kept of conversations: how far events were told, the newest of them as `history` shows them, and the list.
//
// Every function works within a transaction of the store, and may be told the same event twice: by two tabs, or by a
// resume from an older cursor. What the store has already is left alone.
import type { NumberedEvent } from './events.js'
import { folded, withReply, type Row } from './fold.js'
import type { Released } from './ledger.js'
import { endsFor } from './ledger.js'
import { begun, noted, notedBeside, type Line, type Noted } from './overview.js'
import type { Conversation, Envelope, Message } from './shapes.js'
import type { Page } from './commands.js'
import type { Transaction } from './store.js'

/** Events that are kept of one conversation, the newest; trimmed when there are a fifth more. */
export const MOST_EVENTS = 500

/** What is kept of a conversation beside its events. */
export interface Kept {
  conversation: string
  /** Up to where events were told. */
  seen?: number
  ended?: boolean
  /** The cached events: without a hole from the first number to the last. */
  first?: number
  last?: number
  /** The cached events begin where the conversation does, as far as the user may see it. */
  whole?: boolean
  line?: Line
}

/** What the store knows of itself. */
export interface Meta {
  device: string
  epoch?: string
  cursor?: string
  /** The list has been read to its end. */
  listed?: boolean
}

/** A page that was asked for. */
export interface Asked {
  /** The newest page: it says how things are at its last number. */
  newest: boolean
  /** The last cached number when it was asked for. */
  knew: number
}

export const META = ['meta'] as const
const kept = (conversation: string) => ['conversation', conversation] as const
const row = (conversation: string, seq: number) => ['event', conversation, seq] as const

export async function readMeta(transaction: Transaction): Promise<Meta | undefined> {
  return await transaction.get(META) as Meta | undefined
}

export async function readAll(transaction: Transaction): Promise<Kept[]> {
  const entries = await transaction.scan(['conversation'], ['conversation '])
  return entries.map((entry) => entry.value as Kept)
}

export async function readKept(transaction: Transaction, conversation: string): Promise<Kept> {
  return (await transaction.get(kept(conversation)) as Kept | undefined) ?? { conversation }
}

export function writeKept(transaction: Transaction, record: Kept): void {
  transaction.put(kept(record.conversation), record)
}

/** Cached rows before a number, in rising order. */
export async function readRows(transaction: Transaction, record: Kept, before: number, limit: number): Promise<Row[]> {
  const { conversation, first = 0 } = record
  const entries = await transaction.scan(row(conversation, first), row(conversation, before), { limit, reverse: true })
  return entries.map((entry) => entry.value as Row).reverse()
}

/** Drops everything but what waits to be sent. */
export function forgetAll(transaction: Transaction): void {
  transaction.remove(['conversation'], ['conversation '])
  transaction.remove(['event'], ['event '])
}

/** Keeps what is told; returns what is kept of its conversation, and whether its line needs to be asked for. */
export async function keep(transaction: Transaction, told: Released, user: string): Promise<Kept & { stale?: boolean }> {
  const record = await readKept(transaction, told.conversation)
  const number = told.type === 'missed' ? told.to : told.seq
  if (record.seen !== undefined && number <= record.seen) return record
  record.seen = number
  if (told.type === 'missed') {
    drop(transaction, record)
    writeKept(transaction, record)
    return { ...record, stale: true }
  }
  record.ended = endsFor(user, told)
  if (record.ended) {
    drop(transaction, record)
    record.line = undefined
    writeKept(transaction, record)
    return record
  }
  let shown = told
  if (record.last === undefined || told.seq > record.last) {
    if (record.last !== told.seq - 1) drop(transaction, record)
    shown = await append(transaction, record, told, user)
  }
  const note: Noted | undefined = record.line && noted(record.line, shown, user)
  if (note) record.line = note.line
  writeKept(transaction, record)
  return { ...record, stale: note ? note.stale : told.type === 'message' || told.type === 'joined' }
}

/** Whether an event without a number changes what is kept. */
export function changesWhatIsKept({ type, conversation, user }: Envelope, self: string): boolean {
  if (typeof conversation !== 'string') return false
  return type === 'receipt' ? user === self : ['conversation', 'settings', 'hidden', 'trimmed', 'thread_read'].includes(type)
}

/** Keeps what such an event changes. */
export async function keepBeside(transaction: Transaction, event: Envelope, user: string): Promise<Kept & { stale?: boolean }> {
  const { type } = event
  const record = await readKept(transaction, String(event.conversation))
  if (type === 'conversation' && !record.line) record.line = begun(event as unknown as Conversation, user)
  const note = record.line && notedBeside(record.line, event, user)
  if (note) record.line = note.line
  if (type === 'hidden') await hide(transaction, record, event.message as number)
  if (type === 'trimmed') trim(transaction, record, event.before as number)
  if (type === 'thread_read') await readThread(transaction, record, event.message as number, event.seq as number)
  writeKept(transaction, record)
  return { ...record, stale: note?.stale || type === 'conversation' }
}

/** Keeps a page of `history` where it adjoins what is cached. */
export async function keepPage(transaction: Transaction, page: Page, { newest, knew }: Asked): Promise<void> {
  const record = await readKept(transaction, page.conversation)
  if (!page.events.length || record.ended) return
  const adjoins = record.first !== undefined && record.last !== undefined && page.last + 1 >= record.first && page.first <= record.last
  if (!adjoins) {
    if (!newest || page.last < Math.max(record.last ?? 0, record.seen ?? 0)) return
    drop(transaction, record)
  }
  const fresh = newest && page.last >= (record.last ?? 0)
  const doubted = fresh ? new Set<number>() : await changedSince(transaction, record, knew)
  if (fresh) transaction.remove(row(page.conversation, page.first), row(page.conversation, page.last + 1))
  for (const event of page.events) {
    const cached = event.seq >= (record.first ?? Infinity) && event.seq <= (record.last ?? 0)
    if (cached && !fresh) continue
    const value: Row = fresh ? { event, folded: page.last } : { event, folded: Math.max(knew, event.seq), paged: true }
    if (doubted.has(event.seq)) value.doubt = true
    transaction.put(row(page.conversation, event.seq), value)
  }
  if (page.first <= (record.first ?? Infinity)) record.whole = !page.more
  record.first = Math.min(record.first ?? Infinity, page.first)
  record.last = Math.max(record.last ?? 0, page.last)
  writeKept(transaction, record)
}

/** Messages about which something was said behind a number. */
async function changedSince(transaction: Transaction, record: Kept, knew: number): Promise<Set<number>> {
  const entries = await transaction.scan(row(record.conversation, knew + 1), row(record.conversation, Infinity))
  const about = entries.flatMap(({ value }) => {
    const { event } = value as Row
    return 'message' in event ? [event.message] : event.type === 'message' ? [event.thread, event.reply_to] : []
  })
  return new Set(about.filter((each) => each !== undefined))
}

/** Caches the event behind the others; returns it as `history` shows it. */
async function append(transaction: Transaction, record: Kept, event: NumberedEvent, user: string): Promise<NumberedEvent> {
  const { conversation } = record
  let shown = event
  if (event.type === 'message' && event.reply_to !== undefined && !event.deleted) {
    const target = await transaction.get(row(conversation, event.reply_to)) as Row | undefined
    if (target?.event.type === 'message') shown = withReply(event, target.event)
  }
  const target = event.type === 'edited' ? await transaction.get(row(conversation, event.message)) : undefined
  // An edit of what is hidden is hidden, too; of what is not cached nobody here knows.
  const hidden = event.type === 'edited' && !target && event.message >= (record.first ?? event.seq)
  const bare = event.type === 'message' && event.reply_to !== undefined && !event.deleted && shown === event
  const doubt = event.type === 'edited' ? !target : bare
  record.first ??= event.seq
  record.last = event.seq
  await fold(transaction, record, event, user)
  const value: Row = { event: shown, folded: event.seq, ...(doubt ? { doubt } : {}) }
  if (!hidden) transaction.put(row(conversation, event.seq), value)
  if (event.seq - record.first >= MOST_EVENTS * 1.2) {
    trim(transaction, record, event.seq - MOST_EVENTS + 1)
    record.whole = false
  }
  return shown
}

/** Puts what the event says of messages into them. */
async function fold(transaction: Transaction, record: Kept, event: NumberedEvent, user: string): Promise<void> {
  const about = event.type === 'message' ? event.thread : 'message' in event ? event.message : undefined
  if (about === undefined || event.type === 'pinned') return
  await change(transaction, record, about, event, user)
  if (event.type !== 'edited' && event.type !== 'deleted') return
  // Replies show what they answer, edits of what is deleted say nothing more, and a thread has one message less.
  const entries = await transaction.scan(row(record.conversation, record.first ?? 0), row(record.conversation, Infinity))
  for (const { value } of entries) {
    const { event: each } = value as Row
    if (each.type === 'message' && each.reply_to === about) await change(transaction, record, each.seq, event, user)
    if (event.type === 'deleted' && each.type === 'edited' && each.message === about) {
      const { body: _, mentions: __, ...rest } = each
      transaction.put(row(record.conversation, each.seq), { event: { ...rest, deleted: true }, folded: event.seq } satisfies Row)
    }
    if (event.type === 'deleted' && each.type === 'message' && each.replies) await doubt(transaction, record, each.seq)
  }
}

async function change(transaction: Transaction, record: Kept, seq: number, event: NumberedEvent, user: string): Promise<void> {
  const there = await transaction.get(row(record.conversation, seq)) as Row | undefined
  if (there?.event.type !== 'message' || there.folded >= event.seq) return
  const value: Row = { ...there, event: folded(there.event, event, user), folded: event.seq }
  if (there.paged && event.type === 'reaction') value.doubt = true // it may have been counted already
  transaction.put(row(record.conversation, seq), value)
}

async function doubt(transaction: Transaction, record: Kept, seq: number): Promise<void> {
  const there = await transaction.get(row(record.conversation, seq)) as Row | undefined
  if (there) transaction.put(row(record.conversation, seq), { ...there, doubt: true } satisfies Row)
}

async function hide(transaction: Transaction, record: Kept, message: number): Promise<void> {
  const { conversation, first = 0 } = record
  transaction.remove(row(conversation, message))
  for (const { value } of await transaction.scan(row(conversation, first), row(conversation, Infinity))) {
    const { event } = value as Row
    if (event.type === 'edited' && event.message === message) transaction.remove(row(conversation, event.seq))
    if (event.type === 'message' && (event.reply_to === message || event.replies)) await doubt(transaction, record, event.seq)
  }
}

async function readThread(transaction: Transaction, record: Kept, message: number, seq: number): Promise<void> {
  const there = await transaction.get(row(record.conversation, message)) as Row | undefined
  const event = there?.event as Message | undefined
  if (!there || !event?.replies || (event.replies.read ?? 0) >= seq) return
  const value: Row = { ...there, event: { ...event, replies: { ...event.replies, read: seq } } }
  transaction.put(row(record.conversation, message), value)
}

/** Lets go of cached events before a number. */
function trim(transaction: Transaction, record: Kept, before: number): void {
  if (record.first === undefined || before <= record.first) return
  if (before > (record.last ?? 0)) return drop(transaction, record)
  transaction.remove(row(record.conversation, record.first), row(record.conversation, before))
  record.first = before
}

function drop(transaction: Transaction, record: Kept): void {
  transaction.remove(row(record.conversation, 0), row(record.conversation, Infinity))
  record.first = record.last = record.whole = undefined
}
