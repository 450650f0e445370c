// Time, as everything here is given it: the real one, or a test's.
import { ParleyError } from './errors.js'

export interface Clock {
  /** Milliseconds that only go forward; what is waited for is measured by it. */
  now(): number
  /** Milliseconds since the Unix epoch, as this machine believes; may jump. */
  wall(): number
  /** Calls once after so many milliseconds; the result calls it off. */
  after(ms: number, then: () => void): () => void
  /** From 0 up to and without 1. */
  random(): number
}

/** The longest that a timer can be; what is due later waits in several steps. */
const LONGEST = 2 ** 31 - 1

export const realClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  after(ms, then) {
    const timer = setTimeout(then, Math.min(Math.max(ms, 0), LONGEST))
    return () => clearTimeout(timer)
  },
  random: () => Math.random(),
}

const LATE_MS = 1000
const GRACE_MS = 1000

/**
 * Calls when so long has passed in which this program could have noticed what it waits for. A timer that fires late
 * was held up, by a blocked loop or a suspended tab, and so was whatever arrived meanwhile: it gets a moment more.
 */
export function deadline(clock: Clock, ms: number, then: () => void): () => void {
  let callOff = arm(ms)
  function arm(wait: number): () => void {
    const due = clock.now() + wait
    return clock.after(wait, () => {
      if (clock.now() - due > LATE_MS) callOff = arm(GRACE_MS)
      else then()
    })
  }
  return () => callOff()
}

/** A random name that nothing else has: 128 bits. */
export function uniqueName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

export function asError(fault: unknown, code: string): ParleyError {
  if (fault instanceof ParleyError) return fault
  return new ParleyError(code, fault instanceof Error ? fault.message : String(fault), { cause: fault })
}

export function sleep(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.after(ms, resolve))
}
