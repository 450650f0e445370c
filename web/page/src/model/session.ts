// Who is signed in, for as long as the tab is open: a token, and where it comes from.
const KEPT = 'parley.token'
/** What this tab gave to the login that it has begun. */
const BEGUN = 'parley.login'

/** What the server says of itself before anybody has signed in. */
export interface ServerSettings {
  /** Any name may sign in. */
  dev: boolean
  /** Where whoever has no token is sent; empty: nowhere. */
  login: string
  version: string
}

export async function readSettings(): Promise<ServerSettings> {
  const response = await fetch('/messages/settings', { cache: 'no-store' })
  if (!response.ok) throw new Error(`The server answered ${response.status}.`)
  return await response.json() as ServerSettings
}

/**
 * The token that a login has put behind `#`, or that this tab has kept. The address bar forgets it at once. Anybody can make a link with a token
 * of theirs: one that neither answers the login begun in this tab nor finds nobody signed in is only taken when its user says so.
 */
export function takeToken(): string | undefined {
  const kept = sessionStorage.getItem(KEPT) ?? undefined
  const given = new URLSearchParams(location.hash.slice(1)).get('token')
  if (!given) return kept
  const begun = sessionStorage.getItem(BEGUN)
  const isExpected = begun ? new URLSearchParams(location.search).get('login') === begun : !kept
  history.replaceState(null, '', location.pathname)
  sessionStorage.removeItem(BEGUN)
  if (!isExpected && !mayTake(given, kept)) return kept
  keepToken(given)
  return given
}

function mayTake(given: string, kept: string | undefined): boolean {
  if (!kept) return confirm('This is not the answer to the login that was begun here. Sign in with it all the same?')
  const user = claimsOf(kept).sub
  return claimsOf(given).sub === user || confirm(`You are signed in as ${user}. The link that was opened signs in somebody else. Let it?`)
}

export function keepToken(token: string): void {
  sessionStorage.setItem(KEPT, token)
}

export function forgetToken(): void {
  sessionStorage.removeItem(KEPT)
}

/** A token for any name, where the server is a developer's. */
export async function askForToken(user: string): Promise<string> {
  const response = await fetch(`/messages/token?user=${encodeURIComponent(user)}`, { cache: 'no-store' })
  const answer = await response.json().catch(() => ({})) as { token?: string; detail?: string }
  if (!response.ok || !answer.token) throw new Error(answer.detail ?? `The server answered ${response.status}.`)
  return answer.token
}

/** Leaves for the host application's login, which leads back here with a token. */
export function goToLogin(login: string): void {
  const begun = crypto.getRandomValues(new Uint32Array(4)).join('-')
  sessionStorage.setItem(BEGUN, begun)
  const target = new URL(login, location.href)
  target.searchParams.set('return_to', `${location.origin}${location.pathname}?login=${begun}`)
  location.assign(target)
}

/** What a token says of itself; it is the server that believes it or not. */
export function claimsOf(token: string): { sub?: string; exp?: number } {
  try {
    const [, claims = ''] = token.split('.')
    const bytes = Uint8Array.from(atob(claims.replaceAll('-', '+').replaceAll('_', '/')), (each) => each.charCodeAt(0))
    return JSON.parse(new TextDecoder().decode(bytes)) as { sub?: string; exp?: number }
  } catch {
    return {}
  }
}
