// Messages on their way: kept before they are sent, sent again until they are answered, in the order of their conversation.
import type { Calls } from './calls.js'
import { sleep, uniqueName, type Clock } from './clock.js'
import type { SendOptions, Sent } from './commands.js'
import { isPassing, ParleyError } from './errors.js'
import type { Locks } from './locks.js'
import { delayOf } from './retry.js'
import type { Transaction } from './store.js'

/** Messages that wait at once, failed ones included. */
export const MOST_MESSAGES = 1000

export type SendingState = 'pending' | 'sent' | 'failed'

/** A message of one's own, from `send` until it is there or has failed. */
export interface Sending {
  /** What the `message` event will have as `client_id`. */
  readonly clientId: string
  readonly conversation: string
  readonly body: string
  readonly options: SendOptions
  readonly state: SendingState
  /** Its number and time, once it is sent. */
  readonly seq?: number
  readonly at?: number
  /** Why it failed; while it is pending, why it was not taken yet. */
  readonly error?: ParleyError
  /** Settles when it is sent or has failed. Nobody has to wait for it. */
  readonly done: Promise<Sent>
  /** Tries again with a failed one. */
  retry(): void
  /** Forgets a failed one. */
  discard(): Promise<void>
}

/** As it is stored. */
interface Letter {
  order: number
  owner: string
  client_id: string
  conversation: string
  body: string
  options: SendOptions
  failed?: { code: string; message: string }
}

export interface OutboxParts {
  calls: Calls
  clock: Clock
  locks: Locks
  /** Names this store's locks. */
  name: string
  run<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>
  told(sending: Sending): void
  failed(fault: unknown): void
}

const LETTERS = [['outbox', 0], ['outbox', Infinity]] as const

export class Outbox {
  readonly #parts: OutboxParts
  /** This tab, for as long as it lives. */
  readonly #owner = uniqueName()
  readonly #all = new Set<Message>()
  readonly #lines = new Map<string, Message[]>()
  #over = false

  constructor(parts: OutboxParts) {
    this.#parts = parts
  }

  /** Marks this tab as alive, and takes over what tabs that are gone have left. */
  async open(): Promise<void> {
    await this.#parts.locks.hold(this.#lock(this.#owner))
    await this.adopt()
  }

  /** Messages that are pending or have failed, in the order in which they were written. */
  list(conversation?: string): Sending[] {
    return [...this.#all].filter((each) => conversation === undefined || each.conversation === conversation)
  }

  send(conversation: string, body: string, options: SendOptions & { client_id?: string } = {}): Sending {
    if (this.#all.size >= MOST_MESSAGES) throw new ParleyError('full', 'too many messages wait to be sent')
    const { client_id = uniqueName(), ...rest } = options
    const message = this.#made({ order: 0, owner: this.#owner, client_id, conversation, body, options: rest })
    message.kept = this.#parts.run(async (transaction) => {
      const [newest] = await transaction.scan(...LETTERS, { limit: 1, reverse: true })
      message.letter.order = newest ? (newest.value as Letter).order + 1 : 1
      this.#write(transaction, message)
    }).catch((fault) => this.#parts.failed(fault))
    this.#queue(message)
    return message
  }

  /** Takes over what tabs that are gone have left. */
  async adopt(): Promise<void> {
    const { run, locks } = this.#parts
    const letters = await run(async (transaction) => (await transaction.scan(...LETTERS)).map(({ value }) => value as Letter))
    const gone = new Set<string>()
    for (const owner of new Set(letters.map((letter) => letter.owner))) {
      if (owner !== this.#owner && await locks.isFree(this.#lock(owner))) gone.add(owner)
    }
    if (!gone.size) return
    const taken = await run(async (transaction) => {
      const still = (await transaction.scan(...LETTERS)).map(({ value }) => value as Letter).filter(({ owner }) => gone.has(owner))
      for (const letter of still) transaction.put(['outbox', letter.order], { ...letter, owner: this.#owner })
      return still
    })
    for (const letter of taken) {
      const message = this.#made({ ...letter, owner: this.#owner })
      if (letter.failed) message.fail(new ParleyError(letter.failed.code, letter.failed.message))
      else this.#queue(message)
      this.#parts.told(message)
      message.settle()
    }
  }

  end(): void {
    this.#over = true
    this.#parts.locks.release()
  }

  #lock(owner: string): string {
    return `${this.#parts.name}:${owner}`
  }

  #made(letter: Letter): Message {
    const message: Message = new Message(letter, {
      retry: () => {
        this.#keep(message)
        this.#queue(message)
        this.#parts.told(message)
      },
      discard: () => this.#remove(message),
    })
    this.#all.add(message)
    return message
  }

  #queue(message: Message): void {
    const line = this.#lines.get(message.conversation)
    if (line) line.push(message)
    else {
      this.#lines.set(message.conversation, [message])
      void this.#work(message.conversation)
    }
  }

  /** One message of a conversation at a time: one that is refused for the moment holds up those behind it. */
  async #work(conversation: string): Promise<void> {
    const line = this.#lines.get(conversation) ?? []
    let failures = 0
    for (let message = line[0]; message && !this.#over; message = line[0]) {
      await message.kept
      const outcome = await this.#attempt(message, failures++)
      if (outcome === 'stopped') break
      if (outcome === 'later') continue
      failures = 0
      line.shift()
      this.#parts.told(message)
      message.settle()
    }
    this.#lines.delete(conversation)
  }

  async #attempt(message: Message, failures: number): Promise<'over' | 'later' | 'stopped'> {
    const { calls, clock } = this.#parts
    const { conversation, body, options, clientId } = message
    try {
      const answer = await calls.ask('send', { ...options, conversation, client_id: clientId, body }, { timeoutMs: 0 })
      message.arrive(answer as unknown as Sent)
      await this.#remove(message)
      return 'over'
    } catch (fault) {
      const error = fault as ParleyError
      if (this.#over || ['closed', 'ended', 'erased'].includes(error.code)) return 'stopped'
      if (isPassing(error) || error.code === 'full') {
        message.delay(error)
        this.#parts.told(message)
        await sleep(clock, delayOf(failures, error.retryAfterMs ?? 0, clock.random()))
        return 'later'
      }
      message.fail(error)
      this.#keep(message)
      return 'over'
    }
  }

  #keep(message: Message): void {
    this.#parts.run(async (transaction) => this.#write(transaction, message)).catch((fault) => this.#parts.failed(fault))
  }

  #write(transaction: Transaction, { letter, state, error }: Message): void {
    const failed = state === 'failed' && error ? { code: error.code, message: error.message } : undefined
    transaction.put(['outbox', letter.order], { ...letter, failed })
  }

  async #remove(message: Message): Promise<void> {
    this.#all.delete(message)
    await this.#parts.run(async (transaction) => transaction.remove(['outbox', message.letter.order]))
      .catch((fault) => this.#parts.failed(fault))
  }
}

class Message implements Sending {
  readonly letter: Letter
  kept: Promise<unknown> = Promise.resolve()
  state: SendingState = 'pending'
  seq?: number
  at?: number
  error?: ParleyError
  done!: Promise<Sent>
  /** Lets those know who wait for `done`. */
  settle = () => {}
  #resolve!: (sent: Sent) => void
  #reject!: (error: ParleyError) => void
  readonly #again: { retry(): void; discard(): Promise<void> }

  constructor(letter: Letter, again: { retry(): void; discard(): Promise<void> }) {
    this.letter = letter
    this.#again = again
    this.#wait()
  }

  get clientId(): string { return this.letter.client_id }
  get conversation(): string { return this.letter.conversation }
  get body(): string { return this.letter.body }
  get options(): SendOptions { return this.letter.options }

  arrive(sent: Sent): void {
    Object.assign(this, { state: 'sent', seq: sent.seq, at: sent.at, error: undefined })
    this.settle = () => this.#resolve(sent)
  }

  delay(error: ParleyError): void {
    this.error = error
  }

  fail(error: ParleyError): void {
    Object.assign(this, { state: 'failed', error })
    this.settle = () => this.#reject(error)
  }

  retry(): void {
    if (this.state !== 'failed') return
    Object.assign(this, { state: 'pending', error: undefined })
    this.#wait()
    this.#again.retry()
  }

  async discard(): Promise<void> {
    if (this.state === 'failed') await this.#again.discard()
  }

  #wait(): void {
    this.settle = () => {}
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    this.done.catch(() => {})
  }
}
