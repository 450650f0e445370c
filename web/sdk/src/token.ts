// What a token says of itself: whose it is, and when to get the next one. Nothing is verified here, the server does that.

interface Claims { sub?: unknown; exp?: unknown; iat?: unknown }

/** The claims of a JWT; none when it is something else. */
function claimsOf(token: string): Claims {
  try {
    const text = atob((token.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/'))
    const claims: unknown = JSON.parse(new TextDecoder().decode(Uint8Array.from(text, (each) => each.charCodeAt(0))))
    return typeof claims === 'object' && claims !== null ? claims : {}
  } catch {
    return {}
  }
}

/** The user whose token it is. */
export function subjectOf(token: string): string | undefined {
  const { sub } = claimsOf(token)
  return typeof sub === 'string' && sub ? sub : undefined
}

const SOONEST_MS = 1000

/**
 * Milliseconds after which a token that was just handed out should be replaced: four fifths of its life, at least a
 * minute before its end where that is possible. Its life is `exp` less `iat` where it says so, because the server's
 * clock made both; this machine's may be wrong.
 */
export function refreshAfter(token: string, wall: number): number | undefined {
  const { exp, iat } = claimsOf(token)
  if (typeof exp !== 'number') return undefined
  const life = exp * 1000 - (typeof iat === 'number' ? iat * 1000 : wall)
  return Math.max(SOONEST_MS, Math.min(life * 0.8, Math.max(life - 60_000, life * 0.5)))
}
