// The edge: what a browser tells when a tab or the network comes back.

/** Calls whenever the connection may have died unnoticed, or may succeed now. The result stops that. */
export function onWaking(wake: () => void): () => void {
  if (typeof addEventListener !== 'function' || typeof document === 'undefined') return () => {}
  const visible = () => { if (document.visibilityState === 'visible') wake() }
  addEventListener('online', wake)
  addEventListener('pageshow', wake)
  document.addEventListener('visibilitychange', visible)
  document.addEventListener('resume', wake)
  return () => {
    removeEventListener('online', wake)
    removeEventListener('pageshow', wake)
    document.removeEventListener('visibilitychange', visible)
    document.removeEventListener('resume', wake)
  }
}
