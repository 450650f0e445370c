// Times as people read them.

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const day = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' })
const dayOfYear = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long', year: 'numeric' })
const short = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' })
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'short' })

const DAY_MS = 24 * 60 * 60_000

function daysAgo(at: number): number {
  return Math.round((new Date().setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / DAY_MS)
}

/** `14:05` */
export function timeOf(at: number): string {
  return clock.format(at)
}

/** Today, Yesterday, or which day it was. */
export function dayOf(at: number): string {
  const ago = daysAgo(at)
  if (ago === 0) return 'Today'
  if (ago === 1) return 'Yesterday'
  return new Date(at).getFullYear() === new Date().getFullYear() ? day.format(at) : dayOfYear.format(at)
}

/** As short as a list has room for. */
export function whenOf(at: number): string {
  const ago = daysAgo(at)
  if (ago <= 0) return clock.format(at)
  return ago < 7 ? weekday.format(at) : short.format(at)
}

/** Date and time. */
export function momentOf(at: number): string {
  return whole.format(at)
}

/** How long ago, roughly. */
export function agoOf(at: number): string {
  const minutes = Math.round((Date.now() - at) / 60_000)
  if (minutes < 1) return 'a moment ago'
  if (minutes < 60) return `${minutes} min ago`
  return minutes < 24 * 60 ? `${Math.round(minutes / 60)} h ago` : momentOf(at)
}

/** How long until then, roughly: `8 s`, `5 min`. */
export function leftUntil(at: number): string {
  const seconds = Math.max(0, Math.ceil((at - Date.now()) / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.round(minutes / 60)
  return hours < 24 ? `${hours} h` : `${Math.round(hours / 24)} d`
}

/** `1.4 MB` */
export function sizeOf(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB']
  let at = 0
  let size = bytes
  for (; size >= 1000 && at < units.length - 1; at++) size /= 1000
  return `${at === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)} ${units[at]}`
}
