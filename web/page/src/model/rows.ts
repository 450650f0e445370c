// What is drawn of a timeline: messages with day lines, the line of what is new, and what happened beside.
import type { Message, NumberedEvent, Sending } from '@parley/sdk'

export type Row =
  | { kind: 'start'; key: string }
  | { kind: 'day'; key: string; at: number }
  | { kind: 'new'; key: string }
  | { kind: 'fact'; key: string; event: NumberedEvent }
  | { kind: 'message'; key: string; message: Message; follows: boolean }
  | { kind: 'answer'; key: string; message: Message }
  | { kind: 'pending'; key: string; sending: Sending; follows: boolean }

/** Messages of one author within this time are drawn together. */
const TOGETHER_MS = 5 * 60_000

export interface RowOptions {
  /** The line of what is new stands behind this number. */
  newAfter?: number
  self: string
  /** Messages of threads are drawn as what they are, and not as a line about it. */
  inThread: boolean
  atStart: boolean
}

export function rowsOf(events: readonly NumberedEvent[], pending: readonly Sending[], options: RowOptions): Row[] {
  const rows: Row[] = []
  if (options.atStart) rows.push({ kind: 'start', key: 'start' })
  let day = ''
  let before: { from: string; at: number } | undefined
  let isNew = options.newAfter === undefined
  for (const event of events) {
    if (!isShown(event)) continue
    const today = new Date(event.at).toDateString()
    if (today !== day) {
      rows.push({ kind: 'day', key: `day ${today} ${event.seq}`, at: event.at })
      before = undefined
    }
    day = today
    const theirs = event.type === 'message' && event.from !== options.self && !event.deleted
    if (!isNew && theirs && event.seq > options.newAfter!) {
      rows.push({ kind: 'new', key: 'new' })
      isNew = true
      before = undefined
    }
    if (event.type !== 'message') {
      rows.push({ kind: 'fact', key: keyOf(event.seq), event })
      before = undefined
    } else if (event.thread !== undefined && !options.inThread) {
      if (!event.deleted) rows.push({ kind: 'answer', key: keyOf(event.seq), message: event })
      before = undefined
    } else {
      const follows = before?.from === event.from && event.at - before.at < TOGETHER_MS && event.reply_to === undefined
      rows.push({ kind: 'message', key: keyOf(event.seq), message: event, follows })
      before = event
    }
  }
  for (const sending of pending) {
    const follows = before?.from === options.self && sending.options.reply_to === undefined
    rows.push({ kind: 'pending', key: `pending ${sending.clientId}`, sending, follows })
    before = { from: options.self, at: Date.now() }
  }
  return rows
}

export function keyOf(seq: number): string {
  return `event ${seq}`
}

/** The key of what stands at a number, or else of what comes behind it. */
export function keyNear(rows: readonly Row[], seq: number): string | undefined {
  for (const row of rows) {
    const number = seqOf(row)
    if (number !== undefined && number >= seq) return row.key
  }
  return rows.at(-1)?.key
}

export function seqOf(row: Row): number | undefined {
  if (row.kind === 'fact') return row.event.seq
  return row.kind === 'message' || row.kind === 'answer' ? row.message.seq : undefined
}

/** What becomes of a message is shown with it, and needs no row. */
function isShown(event: NumberedEvent): boolean {
  return event.type !== 'edited' && event.type !== 'reaction' && event.type !== 'deleted'
}
