// Commands that wait for their answers: across connections, until they are answered or given up.
import type { Clock } from './clock.js'
import { deadline, uniqueName } from './clock.js'
import { KEYED, MOMENTARY } from './commands.js'
import { ParleyError } from './errors.js'
import type { Envelope } from './shapes.js'

export const PATIENCE_MS = 30_000
/** Commands that wait at once. */
export const MOST_WAITING = 1000
/** A command that was under way when the server could not read a message, so often, is the one. */
const MOST_STRIKES = 2
const UNREADABLE: ReadonlySet<number> = new Set([1002, 1003, 1007, 1008, 1009])

export interface Patience {
  /** Milliseconds until the command is given up; 0 for never. */
  timeoutMs?: number
  /** The command belongs to the connection it was said on, and ends with it. */
  once?: boolean
}

export interface Wire {
  send(envelope: Envelope): boolean
  fits(envelope: Envelope): boolean
}

interface Waiting {
  envelope: Envelope
  once: boolean
  sent: boolean
  strikes: number
  resolve(answer: Envelope): void
  reject(error: ParleyError): void
}

export class Calls {
  readonly #clock: Clock
  readonly #wire: Wire
  readonly #waiting = new Map<number, Waiting>()
  #lastRef = 0
  #over: ParleyError | undefined

  constructor(clock: Clock, wire: Wire) {
    this.#clock = clock
    this.#wire = wire
  }

  /** The answer; an `error` of the server rejects. */
  ask(type: string, fields: object, { timeoutMs = PATIENCE_MS, once = MOMENTARY.has(type) }: Patience = {}): Promise<Envelope> {
    if (this.#over) return Promise.reject(this.#over)
    if (this.#waiting.size >= MOST_WAITING) return Promise.reject(new ParleyError('full', 'too many commands wait'))
    const ref = ++this.#lastRef
    const envelope: Envelope = { ...fields, type, ref }
    if (KEYED.has(type)) envelope.client_id ??= uniqueName()
    if (!this.#wire.fits(envelope)) return Promise.reject(new ParleyError('too_large', 'too large for one message'))
    return new Promise((resolve, reject) => {
      const callOff = timeoutMs ? deadline(this.#clock, timeoutMs, () => {
        this.#waiting.delete(ref)
        reject(new ParleyError('timeout', `${type} was not answered in time`))
      }) : () => {}
      const waiting: Waiting = {
        envelope, once, sent: this.#wire.send(envelope), strikes: 0,
        resolve: (answer) => { callOff(); resolve(answer) },
        reject: (error) => { callOff(); reject(error) },
      }
      if (once && !waiting.sent) waiting.reject(offline(type))
      else this.#waiting.set(ref, waiting)
    })
  }

  /** Whether the envelope is an answer that somebody waited for. */
  answered(envelope: Envelope): boolean {
    if (typeof envelope.ref !== 'number') return false
    const waiting = this.#waiting.get(envelope.ref)
    this.#waiting.delete(envelope.ref)
    if (envelope.type === 'error') waiting?.reject(ParleyError.from(envelope))
    else waiting?.resolve(envelope)
    return true
  }

  /** There is a session: whatever waits is said again, in its order. */
  resumed(): void {
    for (const waiting of this.#waiting.values()) waiting.sent ||= this.#wire.send(waiting.envelope)
  }

  /** The connection ended. */
  lost(code: number): void {
    for (const [ref, waiting] of [...this.#waiting]) {
      if (waiting.sent && UNREADABLE.has(code)) waiting.strikes++
      waiting.sent = false
      if (waiting.once) this.#giveUp(ref, offline(waiting.envelope.type))
      else if (waiting.strikes >= MOST_STRIKES) this.#giveUp(ref, new ParleyError('bad_request', `the server closed with ${code}`))
    }
  }

  /** Nothing will be answered any more. */
  end(error: ParleyError): void {
    this.#over = error
    for (const ref of [...this.#waiting.keys()]) this.#giveUp(ref, error)
  }

  #giveUp(ref: number, error: ParleyError): void {
    const waiting = this.#waiting.get(ref)
    this.#waiting.delete(ref)
    waiting?.reject(error)
  }
}

function offline(type: string): ParleyError {
  return new ParleyError('offline', `there was no connection for ${type}`)
}
