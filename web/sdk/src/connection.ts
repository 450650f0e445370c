// One connection after another: upgrade, hello, liveness, fresh tokens, and the way back after each end.
import { asError, deadline, type Clock } from './clock.js'
import { bytesOf, type Codec } from './codec.js'
import { ParleyError } from './errors.js'
import type { ConnectionState } from './events.js'
import { GOOD_MS, next, type Ending } from './retry.js'
import type { Envelope, Welcome } from './shapes.js'
import type { OpenSocket, Socket } from './socket.js'
import { refreshAfter } from './token.js'

const OPEN_MS = 15_000   // for the upgrade and the welcome
const BEAT_MS = 10_000   // how often it is looked whether time went on as it should
const PONG_MS = 10_000   // what an answer to a ping may take
const WOKEN_PONG_MS = 5_000
const TOKEN_AGAIN_MS = 10_000
const FRAME_BYTES = 65_536 // until `welcome` says otherwise

export interface Greeting {
  token: string
  device: string
  since?: string
}

/** What the connection asks of its owner, and tells it. */
export interface Owner {
  /** What to say hello with. Everything received before has been dealt with when it is answered. */
  greet(): Promise<Greeting>
  token(): Promise<string>
  welcomed(welcome: Welcome, resumes: boolean): void
  received(envelopes: Envelope[]): void
  lost(ending: Ending): void
  state(state: ConnectionState): void
}

export interface ConnectionParts {
  url: string
  codec: Codec
  open: OpenSocket
  clock: Clock
  owner: Owner
}

export class Connection {
  readonly #parts: ConnectionParts
  #state: ConnectionState = { state: 'connecting' }
  #socket: Socket | undefined
  #ending: Ending = { code: 0 }
  #attempt = 0        // tells what belongs to an older connection
  #failures = 0
  #refusals = 0
  #welcomedAt: number | undefined
  #frameBytes = FRAME_BYTES
  #pingMs = 30_000
  #heard = 0
  #beat = { now: 0, wall: 0 }
  #timers = new Map<string, () => void>()

  constructor(parts: ConnectionParts) {
    this.#parts = parts
  }

  get state(): ConnectionState {
    return this.#state
  }

  get frameBytes(): number {
    return this.#frameBytes
  }

  start(): void {
    if (this.#attempt === 0) void this.#connect()
  }

  /** Sends when there is a session; says whether it did. */
  send(envelope: Envelope): boolean {
    if (this.#state.state !== 'online') return false
    return this.#write(envelope)
  }

  /** Whether the envelope fits into one WebSocket message. */
  fits(envelope: Envelope): boolean {
    return bytesOf(this.#parts.codec.encode(envelope)) <= this.#frameBytes
  }

  /** Something suggests that the world has changed: connect now, or find out whether the connection is alive. */
  wake(): void {
    if (this.#state.state === 'online') this.#probe(WOKEN_PONG_MS)
    else if (this.#state.state === 'offline') void this.#connect()
  }

  close(error?: ParleyError): void {
    if (this.#state.state === 'closed') return
    this.#attempt++
    this.#clear()
    const socket = this.#socket
    this.#socket = undefined
    socket?.close(1000)
    this.#become({ state: 'closed', error })
  }

  // --- Getting there ---

  async #connect(): Promise<void> {
    const attempt = ++this.#attempt
    const { owner, open, url, codec, clock } = this.#parts
    this.#clear()
    this.#ending = { code: 1006 }
    this.#become({ state: 'connecting' })
    let greeting: Greeting
    try {
      greeting = await owner.greet()
    } catch (fault) {
      if (attempt === this.#attempt) this.#again({ code: 0, refusal: asError(fault, 'token') })
      return
    }
    if (attempt !== this.#attempt) return
    this.#timer('open', deadline(clock, OPEN_MS, () => this.#drop()))
    try {
      this.#socket = open(url, codec.subprotocol, {
        opened: () => this.#greet(attempt, greeting),
        message: (data) => this.#read(attempt, greeting, data),
        closed: (code) => this.#closed(attempt, code),
      })
    } catch (fault) {
      this.close(asError(fault, 'bad_request')) // an address that is none
    }
  }

  #greet(attempt: number, { token, device, since }: Greeting): void {
    if (attempt === this.#attempt) this.#write({ type: 'hello', ref: 'hello', token, device, since })
  }

  #welcome(welcome: Welcome, greeting: Greeting): void {
    const { clock, owner } = this.#parts
    this.#stop('open')
    this.#refusals = 0
    this.#welcomedAt = clock.now()
    this.#pingMs = welcome.ping_ms
    this.#frameBytes = welcome.limits.frame_bytes
    this.#beat = { now: clock.now(), wall: clock.wall() }
    this.#waitForBeat()
    this.#waitForRefresh(greeting.token)
    this.#become({ state: 'online', user: welcome.user, session: welcome.session })
    owner.welcomed(welcome, greeting.since !== undefined)
  }

  // --- Reading ---

  #read(attempt: number, greeting: Greeting, data: unknown): void {
    if (attempt !== this.#attempt) return
    this.#heard = this.#parts.clock.now()
    let envelopes: Envelope[]
    try {
      envelopes = this.#parts.codec.decode(data)
    } catch (fault) {
      this.#ending.refusal = asError(fault, 'internal')
      return this.#drop() // nothing behind it could be trusted
    }
    // What comes with `welcome` in one message is received behind it.
    const rest: Envelope[] = []
    for (const envelope of envelopes) if (!this.#takes(envelope, greeting)) rest.push(envelope)
    if (rest.length && attempt === this.#attempt) this.#parts.owner.received(rest)
  }

  /** Envelopes that are about the connection itself. */
  #takes(envelope: Envelope, greeting: Greeting): boolean {
    if (envelope.ref === 'hello') {
      if (envelope.type === 'welcome') this.#welcome(envelope as unknown as Welcome, greeting)
      else this.#ending.refusal = ParleyError.from(envelope)
      return true
    }
    if (envelope.ref === 'ping') {
      this.#stop('pong')
      return true
    }
    if (envelope.ref === 'refresh') return true
    if (envelope.type !== 'bye') return false
    this.#ending.bye = String(envelope.reason)
    if (typeof envelope.retry_after_ms === 'number') this.#ending.retryAfterMs = envelope.retry_after_ms
    return true
  }

  #write(envelope: Envelope): boolean {
    try {
      this.#socket?.send(this.#parts.codec.encode(envelope))
      return this.#socket !== undefined
    } catch {
      return false // it is closing; its end is told in a moment
    }
  }

  // --- Staying alive ---

  /** Silence, and time that did not go on as it should, are looked into with a ping. */
  #waitForBeat(): void {
    const { clock } = this.#parts
    this.#timer('beat', clock.after(BEAT_MS, () => {
      const now = clock.now()
      const wall = clock.wall()
      const passed = now - this.#beat.now
      const jumped = passed > 2 * BEAT_MS || Math.abs(wall - this.#beat.wall - passed) > BEAT_MS
      this.#beat = { now, wall }
      this.#waitForBeat()
      if (jumped) this.#probe(WOKEN_PONG_MS)
      else if (now - this.#heard >= this.#pingMs) this.#probe(PONG_MS)
    }))
  }

  #probe(patience: number): void {
    if (this.#timers.has('pong')) return
    this.#write({ type: 'ping', ref: 'ping' })
    this.#timer('pong', deadline(this.#parts.clock, patience, () => this.#drop()))
  }

  #waitForRefresh(token: string): void {
    const { clock } = this.#parts
    const after = refreshAfter(token, clock.wall())
    if (after !== undefined) this.#timer('refresh', clock.after(after, () => void this.#refresh()))
  }

  async #refresh(): Promise<void> {
    const attempt = this.#attempt
    const { clock, owner } = this.#parts
    try {
      const token = await owner.token()
      if (attempt !== this.#attempt) return
      this.#write({ type: 'refresh', ref: 'refresh', token })
      this.#waitForRefresh(token)
    } catch {
      if (attempt === this.#attempt) this.#timer('refresh', clock.after(TOKEN_AGAIN_MS, () => void this.#refresh()))
    }
  }

  // --- Ends ---

  /** Lets go of a socket that is of no use; its peer may never answer a closing handshake. */
  #drop(): void {
    this.#socket?.close(1000)
  }

  #closed(attempt: number, code: number): void {
    if (attempt !== this.#attempt) return
    this.#attempt++
    this.#socket = undefined
    this.#ending.code = code
    if (this.#welcomedAt !== undefined && this.#parts.clock.now() - this.#welcomedAt >= GOOD_MS) this.#failures = 0
    this.#welcomedAt = undefined
    if (this.#ending.refusal) this.#refusals++
    this.#parts.owner.lost(this.#ending)
    this.#again(this.#ending)
  }

  #again(ending: Ending): void {
    this.#clear()
    const { clock } = this.#parts
    const step = next(ending, this.#failures++, this.#refusals, clock.random())
    if (step.kind === 'stop') return this.#become({ state: 'closed', error: step.error })
    this.#timer('again', clock.after(step.delay, () => void this.#connect()))
    this.#become({ state: 'offline', retry_in_ms: step.delay, error: step.error })
  }

  #become(state: ConnectionState): void {
    this.#state = state
    this.#parts.owner.state(state)
  }

  // --- Timers, one of each name ---

  #timer(name: string, callOff: () => void): void {
    this.#stop(name)
    this.#timers.set(name, callOff)
  }

  #stop(name: string): void {
    this.#timers.get(name)?.()
    this.#timers.delete(name)
  }

  #clear(): void {
    for (const name of [...this.#timers.keys()]) this.#stop(name)
  }
}
