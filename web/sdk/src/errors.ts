// One type for all that can go wrong, told apart by `code`.

/** Codes of the server. There may be others one day: be ready for them. */
export type ServerCode =
  | 'bad_request' | 'unknown_type' | 'unauthenticated' | 'token_expired' | 'forbidden' | 'not_found' | 'slow_mode'
  | 'frozen' | 'conflict' | 'too_large' | 'rate_limited' | 'overloaded' | 'unavailable' | 'internal'

/**
 * Codes of the SDK itself:
 * - `timeout`: no answer in time; the command may have taken effect
 * - `offline`: there is no connection, and the command is not one that waits
 * - `closed`: `close()` was called, or the connection ended for good
 * - `ended`: the user ended this session from another one
 * - `erased`: the user has been erased
 * - `full`: too many commands or messages wait
 * - `store`: the store cannot be read or written
 * - `listener`: a listener threw
 * - `token`: `token()` failed
 */
export type LocalCode = 'timeout' | 'offline' | 'closed' | 'ended' | 'erased' | 'full' | 'store' | 'listener' | 'token'

export type Code = ServerCode | LocalCode | (string & {})

export class ParleyError extends Error {
  override readonly name = 'ParleyError'
  /** What went wrong; texts are for people and may change. */
  readonly code: Code
  /** When it is worth trying again, in milliseconds from the answer. */
  readonly retryAfterMs?: number
  readonly details?: unknown

  constructor(code: Code, message: string, more: { retryAfterMs?: number; details?: unknown; cause?: unknown } = {}) {
    super(message, { cause: more.cause })
    this.code = code
    this.retryAfterMs = more.retryAfterMs
    this.details = more.details
  }

  /** The error that an `error` envelope tells of. */
  static from(envelope: { [key: string]: unknown }): ParleyError {
    const { code, message, retry_after_ms: after, details } = envelope
    return new ParleyError(String(code), String(message ?? code), {
      retryAfterMs: typeof after === 'number' ? after : undefined, details,
    })
  }
}

/** Whether the same command may succeed later as it is. */
export function isPassing(error: ParleyError): boolean {
  return ['rate_limited', 'slow_mode', 'overloaded', 'unavailable', 'internal'].includes(error.code)
}
