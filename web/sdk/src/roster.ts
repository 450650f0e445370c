// The cached list of conversations, and when the server has to be asked for it again.
import { listed as linesOf, shown, type Line } from './overview.js'
import { readKept, readMeta, writeKept, META, type Kept } from './cache.js'
import type { Calls } from './calls.js'
import { sleep, type Clock } from './clock.js'
import type { Answer } from './commands.js'
import { isPassing, type ParleyError } from './errors.js'
import type { Inbox } from './inbox.js'
import { delayOf } from './retry.js'
import type { ListItem } from './shapes.js'

const SOON_MS = 300
/** Pages of the list that are read; conversations behind them are known when something happens in them. */
const MOST_PAGES = 50

export interface RosterParts {
  calls: Calls
  clock: Clock
  inbox: Inbox
  changed(): void
}

export class Roster {
  readonly #parts: RosterParts
  readonly #lines = new Map<string, Line>()
  #stale = new Set<string>()
  #listed: boolean
  #callOff: (() => void) | undefined
  #reading = false
  #wanted = false

  constructor(parts: RosterParts, listed: boolean) {
    this.#parts = parts
    this.#listed = listed
  }

  get items(): ListItem[] {
    return shown(this.#lines.values())
  }

  /** What is kept of a conversation is this now. */
  note({ conversation, line, ended, stale }: Kept & { stale?: boolean }): void {
    if (line) this.#lines.set(conversation, line)
    else if (ended) this.#lines.delete(conversation)
    if (line || ended) this.#parts.changed()
    if (stale) this.ask(conversation)
  }

  /** The server is to be asked what the line is. */
  ask(conversation: string): void {
    this.#stale.add(conversation)
    this.#callOff ??= this.#parts.clock.after(SOON_MS, () => {
      this.#callOff = undefined
      void this.read()
    })
  }

  reset(): void {
    this.#lines.clear()
    this.#listed = false
    this.#parts.changed()
  }

  /** Reads the first page, and further ones until it has what it wants; the whole list where it never was read. */
  async read(): Promise<void> {
    this.#wanted = true
    if (this.#reading) return
    this.#reading = true
    let failures = 0
    while (this.#wanted) {
      this.#wanted = false
      const wanted = this.#stale
      this.#stale = new Set()
      try {
        await this.#pages(wanted)
        failures = 0
      } catch (fault) {
        for (const each of wanted) this.#stale.add(each)
        const error = fault as ParleyError
        if (!isPassing(error)) continue // the next connection reads it
        await sleep(this.#parts.clock, delayOf(failures++, error.retryAfterMs ?? 0, this.#parts.clock.random()))
        this.#wanted = true
      }
    }
    this.#reading = false
  }

  async #pages(wanted: Set<string>): Promise<void> {
    const missing = new Set(wanted)
    const all = !this.#listed
    let newest = Math.max(0, ...[...this.#lines.values()].map((line) => line.changed))
    let cursor: string | undefined
    for (let page = 0; page < MOST_PAGES; page++) {
      const answer = await this.#parts.calls.ask('list', { cursor }, { once: true }) as unknown as Answer<'list'>
      newest = Math.max(newest, ...answer.items.map((item) => (page ? 0 : item.last?.at ?? 0)))
      const lines = linesOf(answer.items, newest)
      newest = lines.at(-1)?.changed ?? newest
      this.#merge(lines)
      for (const line of lines) missing.delete(line.conversation)
      cursor = answer.cursor
      if (!cursor || (!all && !missing.size)) break
    }
    if (all) this.#remember()
    if (!cursor) for (const conversation of missing) this.#gone(conversation)
    await this.#parts.inbox.drained()
  }

  #merge(lines: Line[]): void {
    for (const line of lines) {
      this.#change(line.conversation, (record) => {
        if (record.ended) return false
        const known = record.line
        if (known && known.seq > line.seq) return true // the answer is older than what was told
        record.line = { ...line, changed: known?.seq === line.seq ? known.changed : line.changed }
        return false
      })
    }
  }

  /** It is on no list: archived, hidden, or left. */
  #gone(conversation: string): void {
    this.#change(conversation, (record) => {
      record.line = undefined
      return false
    })
  }

  #change(conversation: string, change: (record: Kept) => boolean): void {
    let record: Kept = { conversation }
    let stale = false
    this.#parts.inbox.push(() => [{
      keep: async (transaction) => {
        record = await readKept(transaction, conversation)
        stale = change(record)
        writeKept(transaction, record)
      },
      tell: () => {
        if (!record.line) this.#lines.delete(conversation)
        this.note({ ...record, stale })
      },
    }])
  }

  #remember(): void {
    this.#listed = true
    this.#parts.inbox.push(() => [{
      keep: async (transaction) => {
        const meta = await readMeta(transaction)
        if (meta) transaction.put(META, { ...meta, listed: true })
      },
      tell: () => this.#parts.changed(),
    }])
  }
}
