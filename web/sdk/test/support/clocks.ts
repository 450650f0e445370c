// Clocks for tests: one that stands still until it is told to go on, and one that runs fast and can be suspended.
import type { Clock } from '../../src/clock.js'

/** Numbers that look random and are the same for the same seed. */
export function dice(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** The seed that the environment names, or a new one; said when the test fails. */
export function seedOf(): number {
  return Number(process.env.PARLEY_SEED ?? Math.floor(Math.random() * 2 ** 31))
}

interface Timer { at: number; then: () => void }

export class FakeClock implements Clock {
  #now = 1000
  #wall = 1_800_000_000_000
  #timers: Timer[] = []
  chance = 0.5

  now = () => this.#now
  wall = () => this.#wall
  random = () => this.chance

  after = (ms: number, then: () => void) => {
    const timer = { at: this.#now + ms, then }
    this.#timers.push(timer)
    return () => { this.#timers = this.#timers.filter((each) => each !== timer) }
  }

  /** When the next timer is due, in milliseconds from now. */
  get next(): number | undefined {
    return this.#timers.length ? Math.min(...this.#timers.map((each) => each.at)) - this.#now : undefined
  }

  /** Lets time pass; timers fire when they are due, and what they promise is done. */
  async pass(ms: number): Promise<void> {
    const until = this.#now + ms
    await settle()
    for (;;) {
      const due = this.#timers.filter((each) => each.at <= until).sort((a, b) => a.at - b.at)[0]
      if (!due) break
      this.#advance(Math.max(0, due.at - this.#now))
      this.#fire(due)
      await settle()
    }
    this.#advance(until - this.#now)
    await settle()
  }

  /** Time passes while no timer can fire; those that are due then fire late, all at once. */
  async blocked(ms: number): Promise<void> {
    this.#advance(ms)
    for (const due of this.#timers.filter((each) => each.at <= this.#now)) this.#fire(due)
    await settle()
  }

  /** The machine's idea of the date changes. */
  jump(ms: number): void {
    this.#wall += ms
  }

  #advance(ms: number): void {
    this.#now += ms
    this.#wall += ms
  }

  #fire(timer: Timer): void {
    this.#timers = this.#timers.filter((each) => each !== timer)
    timer.then()
  }
}

/** Lets promises that can settle do so. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve))
}

/** Real time, many times as fast. While it is suspended no timer fires, and `now` stands still, as in a sleeping tab. */
export class FastClock implements Clock {
  readonly #factor: number
  #suspendedAt: number | undefined
  #lost = 0
  #jumped = 0
  #late: (() => void)[] = []

  constructor(factor: number) {
    this.#factor = factor
  }

  now = () => ((this.#suspendedAt ?? performance.now()) - this.#lost) * this.#factor
  wall = () => Date.now() + this.#jumped
  random = () => Math.random()

  after = (ms: number, then: () => void) => {
    let over = false
    const timer = setTimeout(() => {
      const once = () => { if (!over) then() }
      if (this.#suspendedAt === undefined) once()
      else this.#late.push(once)
    }, ms / this.#factor)
    return () => {
      over = true
      clearTimeout(timer)
    }
  }

  suspend(): void {
    this.#suspendedAt = performance.now()
  }

  /** Goes on; the date has moved by so much. */
  resume(ms: number): void {
    this.#lost += performance.now() - (this.#suspendedAt ?? performance.now())
    this.#suspendedAt = undefined
    this.#jumped += ms
    for (const then of this.#late.splice(0)) then()
  }

  jump(ms: number): void {
    this.#jumped += ms
  }
}
