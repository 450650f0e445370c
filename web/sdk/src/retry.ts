// What to do when a connection has ended: when to try again, with which token, or not at all.
import { ParleyError } from './errors.js'

export const FIRST_MS = 500
export const LONGEST_MS = 30_000
/** A connection that lived this long was a good one: the next delay is the first again. */
export const GOOD_MS = 10_000
/** Refusals of fresh tokens in a row after which there is no point in asking for another. */
export const MOST_REFUSALS = 3

/** How a connection ended. */
export interface Ending {
  code: number
  /** `reason` of its `bye`. */
  bye?: string
  retryAfterMs?: number
  /** The `error` that answered `hello`. */
  refusal?: ParleyError
}

export type Next =
  | { kind: 'retry'; delay: number; error?: ParleyError }
  | { kind: 'stop'; error: ParleyError }

/** `failures` counts attempts since the last good connection, `refusals` tokens that were refused in a row. */
export function next(ending: Ending, failures: number, refusals: number, random: number): Next {
  const { code, bye, refusal } = ending
  if (code === 4401 && bye === 'ended') return { kind: 'stop', error: new ParleyError('ended', 'the session was ended by its user') }
  if (code === 4403 && bye === 'erased') return { kind: 'stop', error: new ParleyError('erased', 'the user has been erased') }
  const bad = refusal && (refusal.code === 'unauthenticated' || refusal.code === 'token_expired')
  if (bad && refusals >= MOST_REFUSALS) return { kind: 'stop', error: refusal }
  if (refusal?.code === 'bad_request' || refusal?.code === 'unknown_type') return { kind: 'stop', error: refusal }
  const after = Math.max(ending.retryAfterMs ?? 0, refusal?.retryAfterMs ?? 0)
  const crowded = refusal?.code === 'forbidden' // too many devices or sessions: some may go
  return { kind: 'retry', delay: delayOf(crowded ? 6 : failures, after, random), error: refusal }
}

/**
 * A random time up to a bound that doubles, so that clients that were cut off together do not come back together;
 * never less than the server asked for.
 */
export function delayOf(failures: number, retryAfterMs: number, random: number): number {
  const bound = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures, 10))
  return Math.round(retryAfterMs + bound * (0.2 + 0.8 * random))
}
