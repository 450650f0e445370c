// The part of a conversation, or of a thread, that is on the screen and around it. What becomes of a message is read
// from the SDK again, which knows; here is only which numbers are in sight.
import { ParleyError, type HistoryPage, type Message, type NumberedEvent, type Page, type Parley, type Sending } from '@parley/sdk'
import { Signal } from './signal'

const PAGE = 80
/** Events that are held at once; the far end goes when there are more, and comes back when it is looked at. */
export const MOST = 600
const SOON_MS = 16
/** Changed messages that are read one by one; beyond that all is read anew. */
const FEW = 20

/** Where to begin: at the end, or around a number. */
export type Start = number | undefined

export class Timeline extends Signal {
  readonly conversation: string
  /** The message that began the thread, when this is one. */
  readonly thread: number | undefined
  readonly #parley: Parley
  readonly #stops: (() => void)[] = []
  events: NumberedEvent[] = []
  state: 'loading' | 'ready' | 'failed' = 'loading'
  fault: unknown
  /** There is nothing before the first event, or behind the last one. */
  atStart = false
  atEnd = false
  /** Counts how often it was opened; what was under way before is not believed. */
  round = 0
  #start: Start
  #older = false
  #newer = false
  #sent = new Map<string, Sending>()
  /** What was told while a page was on its way. */
  #early: NumberedEvent[] = []
  #changed = new Set<number>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #opening = false
  #closed = false

  constructor(parley: Parley, conversation: string, thread?: number) {
    super()
    this.#parley = parley
    this.conversation = conversation
    this.thread = thread
    for (const sending of parley.outbox(conversation)) this.#note(sending)
    for (const name of ['message', 'joined', 'left', 'changed', 'invited', 'uninvited', 'edited', 'reaction', 'pinned', 'deleted'] as const) {
      this.#stops.push(parley.on(name, (event) => { if (event.conversation === conversation) this.#take(event) }))
    }
    this.#stops.push(
      parley.on('sending', (sending) => { if (sending.conversation === conversation) this.#note(sending) }),
      parley.on('hidden', (event) => { if (event.conversation === conversation) this.#drop((each) => each.seq === event.message) }),
      parley.on('trimmed', (event) => { if (event.conversation === conversation) this.#drop((each) => each.seq < event.before) }),
      parley.on('thread_read', (event) => { if (event.conversation === conversation) this.#again(event.message) }),
      parley.on('missed', (event) => { if (event.conversation === conversation) void this.open(this.#start) }),
      parley.on('reset', () => void this.open(this.#start)),
      parley.on('synced', () => { if (this.state === 'failed') void this.open(this.#start) }),
    )
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    for (const stop of this.#stops) stop()
  }

  /** Begins at a place; what was there before is let go. */
  async open(start?: Start): Promise<void> {
    const round = ++this.round
    this.#start = start
    this.#older = this.#newer = false
    this.#early = []
    this.#opening = true
    if (!this.events.length || this.state === 'failed') this.state = 'loading'
    this.changed()
    try {
      const page = await this.#page(start === undefined ? { limit: PAGE } : { around: start, limit: PAGE })
      if (round !== this.round || this.#closed) return
      this.events = page.events
      this.state = 'ready'
      this.atEnd = start === undefined || (page.events.length > 0 && !await this.#goesOn(page.last))
      this.atStart = start === undefined ? !page.more : false
      for (const event of this.#early) this.#append(event)
      this.#early = []
      this.#settle()
    } catch (fault) {
      if (round !== this.round || this.#closed) return
      this.state = 'failed'
      this.fault = fault
    }
    this.#opening = false
    this.changed()
  }

  async older(): Promise<void> {
    if (this.#older || this.atStart || this.state !== 'ready') return
    const before = this.events[0]?.seq
    if (before === undefined) return
    this.#older = true
    await this.#more(async () => {
      const page = await this.#page({ before, limit: PAGE })
      return () => {
        this.events = [...page.events.filter((each) => each.seq < before), ...this.events]
        this.atStart = !page.more
        if (this.events.length <= MOST) return
        this.events = this.events.slice(0, MOST)
        this.atEnd = false
      }
    })
    this.#older = false
  }

  async newer(): Promise<void> {
    if (this.#newer || this.atEnd || this.state !== 'ready') return
    const after = this.events.at(-1)?.seq
    if (after === undefined) return
    this.#newer = true
    await this.#more(async () => {
      const page = await this.#page({ after, limit: PAGE })
      return () => {
        this.events = [...this.events, ...page.events.filter((each) => each.seq > after)]
        this.atEnd = !page.more
        if (this.events.length <= MOST) return
        this.events = this.events.slice(-MOST)
        this.atStart = false
      }
    })
    this.#newer = false
  }

  /** What one has written here that is not told yet. */
  get pending(): Sending[] {
    return [...this.#sent.values()].filter((each) => each.options.thread === this.thread)
  }

  /** Forgets a message that could not be sent. */
  async discard(sending: Sending): Promise<void> {
    await sending.discard()
    this.#sent.delete(sending.clientId)
    this.changed()
  }

  find(seq: number): NumberedEvent | undefined {
    return this.events.find((each) => each.seq === seq)
  }

  // --- What is read ---

  async #page(anchor: { before?: number; after?: number; around?: number; limit: number }): Promise<Page | HistoryPage> {
    const { conversation, thread } = this
    if (thread === undefined) return this.#parley.history(conversation, anchor)
    const { before, after, limit } = anchor
    return this.#parley.call('thread', { conversation, message: thread, before, after, limit })
  }

  async #goesOn(last: number): Promise<boolean> {
    const { events, more } = await this.#page({ after: last, limit: 1 })
    return events.length > 0 || more
  }

  async #more(read: () => Promise<() => void>): Promise<void> {
    const round = this.round
    try {
      const take = await read()
      if (round !== this.round || this.#closed) return
      take()
      this.#settle()
      this.changed()
    } catch (fault) {
      if (!(fault instanceof ParleyError)) throw fault // else it is tried again by whoever scrolls
    }
  }

  /** What was sent and is in sight is not pending any more. */
  #settle(): void {
    for (const event of this.events) {
      if (event.type === 'message' && event.client_id !== undefined) this.#sent.delete(event.client_id)
    }
  }

  // --- What is told ---

  #take(event: NumberedEvent): void {
    if (event.type === 'deleted' && event.message === undefined) return
    if (event.type === 'message' && event.client_id !== undefined) this.#sent.delete(event.client_id)
    for (const seq of concerned(event, this.events)) this.#again(seq)
    if (this.thread !== undefined && !(event.type === 'message' && event.thread === this.thread)) return
    if (this.#opening) this.#early.push(event)
    else if (this.state === 'ready') this.#append(event)
    this.changed()
  }

  #append(event: NumberedEvent): void {
    if (!this.atEnd || event.seq <= (this.events.at(-1)?.seq ?? 0)) return
    this.events = [...this.events, event].slice(-MOST * 2)
    if (event.type === 'message' && event.reply_to !== undefined) this.#again(event.seq)
  }

  #note(sending: Sending): void {
    // One that is sent and not known here was told already: answers and events may come either way round.
    if (sending.state !== 'sent' || this.#sent.has(sending.clientId)) this.#sent.set(sending.clientId, sending)
    this.changed()
  }

  #drop(gone: (event: NumberedEvent) => boolean): void {
    this.events = this.events.filter((each) => !gone(each))
    this.changed()
  }

  /** What became of a message is asked again, soon and together with others. */
  #again(seq: number): void {
    if (!this.events.some((each) => each.seq === seq)) return
    this.#changed.add(seq)
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      void this.#readAgain()
    }, SOON_MS)
  }

  async #readAgain(): Promise<void> {
    const { conversation, round } = this
    const seqs = [...this.#changed]
    this.#changed.clear()
    if (seqs.length > FEW) return this.open(this.atEnd ? undefined : this.events[Math.floor(this.events.length / 2)]?.seq)
    const pages = await Promise.all(seqs.map(async (seq) => {
      const page = await this.#parley.history(conversation, { before: seq + 1, limit: 1 }).catch(() => undefined)
      return { seq, page }
    }))
    if (round !== this.round || this.#closed) return
    for (const { seq, page } of pages) {
      if (!page) continue
      const now = page.events.find((each) => each.seq === seq)
      this.events = now
        ? this.events.map((each) => (each.seq === seq ? now : each))
        : this.events.filter((each) => each.seq !== seq)
    }
    this.changed()
  }
}

/** The numbers of those in sight about which an event says something. */
function concerned(event: NumberedEvent, events: readonly NumberedEvent[]): number[] {
  if (event.type === 'message') return event.thread === undefined ? [] : [event.thread]
  if (!('message' in event) || event.message === undefined || event.type === 'pinned') return []
  const about = event.message
  if (event.type === 'reaction') return [about]
  const answers = events.filter((each): each is Message => each.type === 'message' && each.reply_to === about)
  const root = events.find((each): each is Message => each.type === 'message' && each.seq === about)?.thread
  return [about, ...answers.map((each) => each.seq), ...(root === undefined ? [] : [root])]
}
