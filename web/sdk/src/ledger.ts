// Which events the application has been told, conversation by conversation: each once, in order, none left out.
//
// An event is released when it is the next one. Whatever comes too early is held, and the numbers in between are
// pulled with `sync`. A cursor counts only when nothing is held and nothing is being pulled: then everything that
// it covers has been released.
import type { NumberedEvent } from './events.js'

/** Numbers that cannot be had: they were skipped. */
export interface Missed {
  type: 'missed'
  conversation: string
  from: number
  to: number
}

export type Released = NumberedEvent | Missed

export interface Pull {
  conversation: string
  after: number
}

/** Events held of one conversation; beyond it they are let go and pulled again. */
export const MOST_HELD = 2000

interface Line {
  seen: number | undefined
  ended: boolean
  held: NumberedEvent[]
  hole?: { next: number; to: number; pulling: boolean }
}

export class Ledger {
  readonly #user: string
  readonly #lines = new Map<string, Line>()
  readonly #open = new Set<string>()
  #pending: string | undefined
  #cursor: string | undefined

  constructor(user: string, cursor?: string) {
    this.#user = user
    this.#cursor = cursor
  }

  /** The newest cursor that covers only what was released. */
  get cursor(): string | undefined {
    if (this.#pending !== undefined && this.#open.size === 0) {
      this.#cursor = this.#pending
      this.#pending = undefined
    }
    return this.#cursor
  }

  /** What was released earlier, by this ledger or one before it. */
  restore(conversation: string, seen: number, ended: boolean): void {
    this.#lines.set(conversation, { seen, ended, held: [] })
  }

  seen(conversation: string): number | undefined {
    return this.#lines.get(conversation)?.seen
  }

  /** An event came. */
  take(event: NumberedEvent): Released[] {
    const line = this.#line(event.conversation)
    line.seen ??= event.seq - 1
    if (event.seq <= line.seen) return []
    const released: Released[] = []
    if (event.seq === line.seen + 1 || (line.ended && !line.hole)) this.#release(line, event, released)
    else this.#hold(line, event)
    return this.#drained(event.conversation, line, released)
  }

  /** The server left numbers out; they are pulled even where they were told before, since no checkpoint passes them. */
  gap(conversation: string, from: number, to: number): void {
    const line = this.#line(conversation)
    if (line.seen === undefined || line.ended) line.seen = Math.max(line.seen ?? 0, from - 1)
    line.ended = false
    this.#widen(line, Math.min(from, line.seen + 1), to)
    this.#open.add(conversation)
  }

  /** A page of `sync` came for a pull. */
  page(conversation: string, events: NumberedEvent[], more: boolean): Released[] {
    const line = this.#line(conversation)
    const released: Released[] = []
    for (const event of events) {
      if (event.seq <= (line.seen ?? 0)) continue
      this.#skip(conversation, line, event.seq - 1, released)
      this.#release(line, event, released)
    }
    const hole = line.hole
    if (hole) {
      const reached = events.at(-1)?.seq ?? hole.to
      if (more && reached < hole.to) Object.assign(hole, { next: reached + 1, pulling: false })
      else this.#close(conversation, line, released)
    }
    return this.#drained(conversation, line, released)
  }

  /** A pull was refused for good: its numbers are skipped. */
  refused(conversation: string): Released[] {
    const line = this.#line(conversation)
    const released: Released[] = []
    this.#close(conversation, line, released)
    return this.#drained(conversation, line, released)
  }

  /** Everything before a number fell out of what the server keeps. */
  trimmed(conversation: string, before: number): Released[] {
    const line = this.#lines.get(conversation)
    if (line?.seen === undefined) return []
    line.held = line.held.filter((event) => event.seq >= before)
    line.seen = Math.max(line.seen, before - 1)
    if (line.hole && line.hole.to < before) line.hole = undefined
    return this.#drained(conversation, line, [])
  }

  /** Pulls to begin now. */
  pulls(): Pull[] {
    const due: Pull[] = []
    for (const conversation of this.#open) {
      const hole = this.#lines.get(conversation)?.hole
      if (!hole || hole.pulling) continue
      hole.pulling = true
      due.push({ conversation, after: hole.next - 1 })
    }
    return due
  }

  /** A pull could not be made now; `pulls` names it again. */
  postponed(conversation: string): void {
    const hole = this.#lines.get(conversation)?.hole
    if (hole) hole.pulling = false
  }

  checkpoint(cursor: string): void {
    this.#pending = cursor
  }

  /** The connection has ended: what was held comes again on the next one. */
  cut(): void {
    for (const conversation of this.#open) {
      const line = this.#line(conversation)
      line.held = []
      line.hole = undefined
    }
    this.#open.clear()
    this.#pending = undefined
  }

  /** Nothing that was seen counts any more. */
  reset(cursor: string): void {
    this.#lines.clear()
    this.#open.clear()
    this.#pending = undefined
    this.#cursor = cursor
  }

  #line(conversation: string): Line {
    let line = this.#lines.get(conversation)
    if (!line) this.#lines.set(conversation, (line = { seen: undefined, ended: false, held: [] }))
    return line
  }

  #release(line: Line, event: NumberedEvent, released: Released[]): void {
    line.seen = event.seq
    line.ended = endsFor(this.#user, event)
    released.push(event)
  }

  #hold(line: Line, event: NumberedEvent): void {
    const at = line.held.findLastIndex((each) => each.seq <= event.seq)
    if (line.held[at]?.seq !== event.seq) line.held.splice(at + 1, 0, event)
    if (line.held.length <= MOST_HELD) return
    this.#widen(line, (line.seen ?? 0) + 1, line.held.at(-1)?.seq ?? 0)
    line.held = []
  }

  #widen(line: Line, from: number, to: number): void {
    if (line.hole) Object.assign(line.hole, { next: Math.min(line.hole.next, from), to: Math.max(line.hole.to, to) })
    else line.hole = { next: from, to, pulling: false }
  }

  /** Numbers up to `to` that were not released are not to be had; while one was no member, nobody expects them. */
  #skip(conversation: string, line: Line, to: number, released: Released[]): void {
    const from = (line.seen ?? 0) + 1
    if (to < from) return
    if (!line.ended) released.push({ type: 'missed', conversation, from, to })
    line.seen = to
  }

  #close(conversation: string, line: Line, released: Released[]): void {
    if (line.hole) this.#skip(conversation, line, line.hole.to, released)
    line.hole = undefined
  }

  /** Releases what is held and next, and says what else is open. */
  #drained(conversation: string, line: Line, released: Released[]): Released[] {
    for (let first = line.held[0]; first; first = line.held[0]) {
      const due = first.seq <= (line.seen ?? 0) + 1 || (line.ended && !line.hole)
      if (!due) break
      line.held.shift()
      if (first.seq > (line.seen ?? 0)) this.#release(line, first, released)
    }
    const first = line.held[0]
    if (first && !line.hole) line.hole = { next: (line.seen ?? 0) + 1, to: first.seq - 1, pulling: false }
    if (line.hole || first) this.#open.add(conversation)
    else this.#open.delete(conversation)
    return released
  }
}

/** Whether the event is the last one of its conversation for this user. */
export function endsFor(user: string, event: NumberedEvent): boolean {
  return (event.type === 'left' && event.user === user) || (event.type === 'deleted' && event.message === undefined)
}
