// What an application holds: commands, events, the cache and the outbox of one user on one server.
import {
  changesWhatIsKept, forgetAll, keep, keepBeside, keepPage, META, readKept, readMeta, readRows, type Kept, type Meta,
} from './cache.js'
import { Calls, type Patience } from './calls.js'
import { asError, sleep, type Clock } from './clock.js'
import type { Codec } from './codec.js'
import type { Anchor, Answer, CommandName, Fields, Page, SendOptions } from './commands.js'
import { Connection } from './connection.js'
import { isPassing, ParleyError } from './errors.js'
import { NUMBERED, type ConnectionState, type EventName, type Events, type NumberedEvent } from './events.js'
import { Inbox, type Step } from './inbox.js'
import { Ledger, type Pull, type Released } from './ledger.js'
import { Listeners, type Listener } from './listeners.js'
import type { Locks } from './locks.js'
import { Outbox, type Sending } from './outbox.js'
import { delayOf, type Ending } from './retry.js'
import { Roster } from './roster.js'
import type { AttachedFile, Envelope, ListItem, ServerLimits, Welcome } from './shapes.js'
import type { OpenSocket } from './socket.js'
import type { Store, Transaction } from './store.js'

const PAGE = 50

/** Everything a Parley is made of; `connect` puts it together. */
export interface Parts {
  url: URL
  user: string
  token: () => Promise<string>
  codec: Codec
  open: OpenSocket
  clock: Clock
  locks: Locks
  store: Store
  name: string
  meta: Meta
  kept: Kept[]
  /** Why the store is not the one that was wanted. */
  fault?: unknown
}

export type HistoryPage = Page & {
  /** It comes from the cache; when there is no connection it may be shorter than what there is. */
  cached: boolean
}

/** What `call` takes behind a command's name; fields may be left out where none is needed. */
type Given<T extends CommandName> = object extends Fields<T>
  ? [fields?: Fields<T>, patience?: Patience]
  : [fields: Fields<T>, patience?: Patience]

/** What the cache has for a page. */
interface Cached {
  page: HistoryPage
  /** The server would say the same. */
  complete: boolean
  knew: number
}

export class Parley {
  /** Whose conversations these are. */
  readonly user: string
  readonly device: string
  readonly #parts: Parts
  readonly #listeners: Listeners
  readonly #ledger: Ledger
  readonly #inbox: Inbox
  readonly #connection: Connection
  readonly #calls: Calls
  readonly #roster: Roster
  readonly #outbox: Outbox
  readonly #watched = new Set<string>()
  #presence: Fields<'presence'> | undefined
  #epoch: string | undefined
  #storedCursor: string | undefined
  #limits: ServerLimits | undefined
  #listChanged = false

  constructor(parts: Parts) {
    const { clock, meta, kept, user } = parts
    this.#parts = parts
    this.user = user
    this.device = meta.device
    this.#epoch = meta.epoch
    this.#storedCursor = meta.cursor
    this.#listeners = new Listeners((fault, event) => this.#fault(fault, 'listener', event))
    this.#ledger = new Ledger(user, meta.cursor)
    this.#inbox = new Inbox(parts.store, {
      due: () => this.#ledger.cursor !== this.#storedCursor,
      after: (transaction) => this.#keepCursor(transaction),
      begin: async (transaction) => transaction.put(META, { device: this.device, epoch: this.#epoch } satisfies Meta),
      failed: (fault) => this.#fault(fault, 'store'),
    })
    this.#connection = new Connection({
      url: parts.url.href, codec: parts.codec, open: parts.open, clock,
      owner: {
        greet: () => this.#greet(),
        token: parts.token,
        welcomed: (welcome, resumes) => this.#welcomed(welcome, resumes),
        received: (envelopes) => this.#received(envelopes),
        lost: (ending) => this.#lost(ending),
        state: (state) => this.#became(state),
      },
    })
    this.#calls = new Calls(clock, this.#connection)
    this.#roster = new Roster({ calls: this.#calls, clock, inbox: this.#inbox, changed: () => this.#changed() }, meta.listed ?? false)
    for (const record of kept) {
      if (record.seen !== undefined) this.#ledger.restore(record.conversation, record.seen, record.ended ?? false)
      this.#roster.note(record)
    }
    this.#outbox = new Outbox({
      calls: this.#calls, clock, locks: parts.locks, name: parts.name,
      run: (work) => this.#inbox.run(work),
      told: (sending) => this.#listeners.tell('sending', sending),
      failed: (fault) => this.#fault(fault, 'store'),
    })
  }

  /** Takes up the outbox and begins to connect. `connect` has done it. */
  async start(): Promise<void> {
    await this.#outbox.open()
    const { clock, fault } = this.#parts
    clock.after(0, () => {
      if (fault) this.#fault(fault, 'store')
      this.#connection.start()
    })
  }

  // --- What an application calls ---

  get state(): ConnectionState {
    return this.#connection.state
  }

  /** The server's bounds, once it was reached. */
  get limits(): ServerLimits | undefined {
    return this.#limits
  }

  /** Calls the listener at each such event, until the result is called. Listen right behind `connect`. */
  on<E extends EventName>(name: E, listener: Listener<E>): () => void {
    return this.#listeners.on(name, listener)
  }

  /** Resolves once there is a session; rejects when the connection ends for good. */
  ready(): Promise<void> {
    return new Promise((resolve, reject) => {
      const settled = (state: ConnectionState) => {
        if (state.state === 'online') resolve()
        else if (state.state === 'closed') reject(state.error ?? new ParleyError('closed', 'it was closed'))
        else return false
        return true
      }
      if (settled(this.state)) return
      const off = this.on('state', (state) => { if (settled(state)) off() })
    })
  }

  /**
   * Says a command, now or once there is a connection, and again when the connection ends before the answer. Changing
   * commands carry a `client_id`, so saying them again has no second effect. Rejects with a `ParleyError`.
   */
  async call<T extends CommandName>(
    type: T, ...[fields, patience]: Given<T>
  ): Promise<Answer<T>> {
    const answer = await this.#calls.ask(type, fields ?? {}, patience) as unknown as Answer<T>
    this.#did(type, (fields ?? {}) as Envelope)
    return answer
  }

  /** Posts a message: kept at once, sent when possible, exactly once. Throws when too many wait already. */
  send(conversation: string, body: string, options?: SendOptions & { client_id?: string }): Sending {
    const sending = this.#outbox.send(conversation, body, options)
    this.#listeners.tell('sending', sending)
    return sending
  }

  /** Messages of one's own that are pending or have failed, of one conversation or of all. */
  outbox(conversation?: string): Sending[] {
    return this.#outbox.list(conversation)
  }

  /** The cached list: neither archived nor hidden, what changed last first. The event `conversations` says when it changes. */
  conversations(): ListItem[] {
    return this.#roster.items
  }

  /**
   * The newest page, or one beside a number. It comes from the cache when that has all of it, or when there is no
   * connection and it has some; `fresh` asks the server in any case.
   */
  async history(conversation: string, { fresh, ...anchor }: Anchor & { fresh?: boolean } = {}): Promise<HistoryPage> {
    await this.#inbox.drained()
    const inCache = anchor.after === undefined && anchor.around === undefined
    const cached = inCache ? await this.#cached(conversation, anchor) : undefined
    if (cached && !fresh && (cached.complete || this.state.state !== 'online')) return cached.page
    const page = await this.#calls.ask('history', { conversation, ...anchor }).catch((fault: ParleyError) => {
      if (cached && !fresh && fault.code === 'timeout') return undefined
      throw fault
    }) as unknown as Page | undefined
    if (!page) return cached!.page
    const asked = { newest: inCache && anchor.before === undefined, knew: cached?.knew ?? 0 }
    if (inCache) {
      const keep = (transaction: Transaction) => this.#ifSound(transaction, () => keepPage(transaction, page, asked))
      this.#inbox.push(() => [{ keep }])
    }
    return { ...page, cached: false }
  }

  /** Uploads a file; its id goes into the `files` of a message. */
  async upload(
    data: Blob | ArrayBuffer | Uint8Array<ArrayBuffer>, { name, type }: { name?: string; type?: string } = {},
  ): Promise<AttachedFile> {
    const target = new URL('/v1/files', this.#http())
    if (name) target.searchParams.set('name', name)
    // A space in a query is `+` for forms; the server reads percent-encoding.
    const response = await fetch(target.href.replace(/\+/g, '%20'), {
      method: 'POST', body: data,
      headers: { authorization: `Bearer ${await this.#parts.token()}`, 'content-type': type ?? 'application/octet-stream' },
    }).catch((fault: unknown) => { throw asError(fault, 'offline') })
    if (response.ok) return await response.json() as AttachedFile
    const problem = await response.json().catch(() => ({})) as { code?: string; detail?: string; title?: string }
    const after = Number(response.headers.get('retry-after') ?? NaN)
    throw new ParleyError(problem.code ?? 'internal', problem.detail ?? problem.title ?? `HTTP ${response.status}`, {
      retryAfterMs: Number.isNaN(after) ? undefined : after * 1000,
    })
  }

  /** An address of a file that needs no token, for `<img>` or a download; good for five minutes. */
  async fileUrl(file: string): Promise<string> {
    return new URL((await this.call('file', { file })).url, this.#http()).href
  }

  /** The network or the tab came back: connect now, or find out whether the connection is alive. */
  wake(): void {
    this.#connection.wake()
  }

  /** Ends the session. What waits to be sent stays in the store. */
  async close(): Promise<void> {
    this.#connection.close()
    await this.#inbox.drained()
    this.#inbox.close()
  }

  // --- The connection ---

  async #greet(): Promise<{ token: string; device: string; since?: string }> {
    const token = await this.#parts.token()
    await this.#inbox.drained()
    return { token, device: this.device, since: this.#ledger.cursor }
  }

  #welcomed(welcome: Welcome, resumes: boolean): void {
    if (welcome.user !== this.user) return this.#connection.close(new ParleyError('forbidden', 'the token is another user\'s'))
    this.#limits = welcome.limits
    const { epoch } = welcome
    if (!resumes) this.#inbox.push(() => {
      this.#epoch = epoch
      this.#ledger.checkpoint(welcome.cursor)
      return [{
        keep: async (transaction) => transaction.put(META, { device: this.device, epoch, cursor: welcome.cursor } satisfies Meta),
        tell: () => this.#listeners.tell('synced', { type: 'synced' }),
      }]
    })
    else this.#inbox.push(() => {
      this.#epoch = epoch // another one is followed by `reset`
      return []
    })
    this.#calls.resumed()
    if (this.#presence) void this.#calls.ask('presence', this.#presence, { once: true }).catch(() => {})
    if (this.#watched.size) void this.#calls.ask('watch', { users: [...this.#watched] }, { once: true }).catch(() => {})
    void this.#roster.read()
    this.#outbox.adopt().catch((fault) => this.#fault(fault, 'store'))
  }

  #lost(ending: Ending): void {
    this.#calls.lost(ending.code)
    this.#inbox.push(() => {
      this.#ledger.cut()
      return []
    })
  }

  #became(state: ConnectionState): void {
    if (state.state === 'closed') {
      this.#calls.end(state.error ?? new ParleyError('closed', 'it was closed'))
      this.#outbox.end()
    }
    this.#listeners.tell('state', state)
  }

  #received(envelopes: Envelope[]): void {
    for (const envelope of envelopes) {
      if (!this.#calls.answered(envelope)) this.#inbox.push(() => this.#decide(envelope))
    }
  }

  // --- Events, in order ---

  #decide(envelope: Envelope): Step[] {
    const { type, conversation, cursor } = envelope
    if (NUMBERED.has(type) && typeof envelope.seq === 'number') {
      return this.#released(this.#ledger.take(envelope as unknown as NumberedEvent))
    }
    switch (type) {
      case 'gap':
        this.#ledger.gap(String(conversation), Number(envelope.from), Number(envelope.to))
        return this.#released([])
      case 'checkpoint':
        this.#ledger.checkpoint(String(cursor))
        return []
      case 'synced':
        this.#ledger.checkpoint(String(cursor))
        return [{ tell: () => this.#listeners.tell('synced', { type }) }]
      case 'reset': return this.#reset(String(envelope.reason), String(cursor))
      case 'error': return [{ tell: () => this.#fault(ParleyError.from(envelope), 'internal') }]
      case 'trimmed': {
        const released = this.#ledger.trimmed(String(conversation), Number(envelope.before))
        return [...this.#beside(envelope), ...this.#released(released)]
      }
      default: return this.#beside(envelope)
    }
  }

  #released(released: Released[]): Step[] {
    for (const pull of this.#ledger.pulls()) void this.#pull(pull)
    return released.map((told) => {
      let record: (Kept & { stale?: boolean }) | undefined
      return {
        keep: (transaction) => this.#ifSound(transaction, async () => { record = await keep(transaction, told, this.user) }),
        tell: () => {
          if (record) this.#roster.note(record)
          this.#listeners.tell(told.type, told as never)
        },
      }
    })
  }

  #beside(envelope: Envelope, tells = true): Step[] {
    let record: (Kept & { stale?: boolean }) | undefined
    const keep = (transaction: Transaction) => this.#ifSound(transaction, async () => {
      record = await keepBeside(transaction, envelope, this.user)
    })
    return [{
      keep: changesWhatIsKept(envelope, this.user) ? keep : undefined,
      tell: () => {
        if (record) this.#roster.note(record)
        if (tells) this.#listeners.tell(envelope.type as EventName, envelope as never)
      },
    }]
  }

  #reset(reason: string, cursor: string): Step[] {
    this.#ledger.reset(cursor)
    return [{
      keep: async (transaction) => {
        forgetAll(transaction)
        transaction.put(META, { device: this.device, epoch: this.#epoch, cursor } satisfies Meta)
      },
      tell: () => {
        this.#roster.reset()
        void this.#roster.read()
        this.#listeners.tell('reset', { type: 'reset', reason })
        this.#listeners.tell('synced', { type: 'synced' })
      },
    }]
  }

  async #pull({ conversation, after }: Pull): Promise<void> {
    const { clock } = this.#parts
    try {
      const page = await this.#calls.ask('sync', { conversation, after }, { once: true }) as unknown as Page
      this.#inbox.push(() => this.#released(this.#ledger.page(conversation, page.events, page.more)))
    } catch (fault) {
      const error = fault as ParleyError
      if (error.code === 'offline' || error.code === 'closed') return // the next connection begins anew
      if (!isPassing(error) && error.code !== 'timeout' && error.code !== 'full') {
        return this.#inbox.push(() => this.#released(this.#ledger.refused(conversation)))
      }
      await sleep(clock, delayOf(1, error.retryAfterMs ?? 0, clock.random()))
      this.#inbox.push(() => {
        this.#ledger.postponed(conversation)
        return this.#released([])
      })
    }
  }

  // --- What is kept ---

  /** Does the work unless another tab has begun anew with another store of the server's. */
  async #ifSound(transaction: Transaction, work: () => Promise<void>): Promise<void> {
    if ((await readMeta(transaction))?.epoch === this.#epoch) await work()
  }

  async #keepCursor(transaction: Transaction): Promise<void> {
    const { cursor } = this.#ledger
    if (cursor === undefined || cursor === this.#storedCursor) return
    const meta = await readMeta(transaction)
    if (meta && meta.epoch === this.#epoch) transaction.put(META, { ...meta, cursor })
    this.#storedCursor = cursor
  }

  async #cached(conversation: string, { before, limit = PAGE }: Anchor): Promise<Cached | undefined> {
    return this.#inbox.run(async (transaction) => {
      const record = await readKept(transaction, conversation)
      const { first, last, whole, line } = record
      if (first === undefined || last === undefined) return undefined
      const end = before ?? last + 1
      if (end > last + 1 || end <= first) return undefined
      const rows = await readRows(transaction, record, end, limit)
      const atStart = (rows[0]?.event.seq ?? first) <= first || rows.length < limit
      const current = before !== undefined || (line?.seq ?? 0) <= last
      const complete = current && !rows.some((row) => row.doubt) && (rows.length >= limit || whole === true)
      const events = rows.map((row) => row.event)
      const page = {
        conversation, events, first: events[0]?.seq ?? 0, last: events.at(-1)?.seq ?? 0, more: !(whole && atStart), cached: true,
      }
      return { page, complete, knew: last }
    })
  }

  /** What a command that succeeded means for what is known here. */
  #did(type: CommandName, fields: Envelope): void {
    const { client_id: _, ...told } = fields
    const { conversation, users } = fields
    if (type === 'watch') for (const user of users as string[]) this.#watched.add(user)
    if (type === 'unwatch') for (const user of users as string[]) this.#watched.delete(user)
    if (type === 'presence') this.#presence = fields as unknown as Fields<'presence'>
    // Other devices are told of these, this one is not.
    if (type === 'set') this.#inbox.push(() => this.#beside({ ...told, type: 'settings' }, false))
    if (type === 'read_thread') this.#inbox.push(() => this.#beside({ ...told, type: 'thread_read' }, false))
    if (type === 'set' || type === 'unread') this.#roster.ask(String(conversation))
  }

  #changed(): void {
    if (this.#listChanged) return
    this.#listChanged = true
    queueMicrotask(() => {
      this.#listChanged = false
      this.#listeners.tell('conversations', { type: 'conversations' })
    })
  }

  #fault(fault: unknown, code: string, event?: EventName): void {
    const error = asError(fault, code)
    if (event !== 'error' && this.#listeners.has('error')) this.#listeners.tell('error', error as Events['error'])
    else console.error(error)
  }

  #http(): string {
    return this.#parts.url.href.replace(/^ws/, 'http')
  }
}
