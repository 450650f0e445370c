// What the server says of itself every two seconds, and what follows from two such answers.

/** How long something took, since the start; `buckets` where the server tells them, each with its own count. */
export interface Latency {
  count: number
  p50_ms: number | null
  p99_ms: number | null
  buckets?: { to_ms: number | null; count: number }[]
}

/** `GET /v1/admin/statistics`, as docs/openapi.yaml has it. */
export interface Statistics {
  version: string
  durability: string
  uptime_ms: number
  sessions: { msgpack: number; json: number }
  connections: number
  conversations: number
  presences: number
  messages: number
  deliveries: number
  commands: number
  errors: { [code: string]: number }
  slow_readers_closed: number
  outbox_bytes: number
  log: {
    committed: number; applied: number; lag_ms: number; bytes: number; model_bytes: number
    queue_records: number; queue_bytes: number; unindexed_batches: number
  }
  send: Latency
  commit: Latency
  webhooks: { waiting: number; dead: number }
}

export interface Sample { at: number; told: Statistics }

/** Five minutes. */
export const MOST = 150
export const EVERY_MS = 2000

export class Refused extends Error {}

/** What is answered to an administrator; nothing where the server has no such thing. */
export async function readAs<T>(token: string, path: string): Promise<T | undefined> {
  const response = await fetch(path, { headers: { authorization: `Bearer ${token}` }, cache: 'no-store' })
  if (response.status === 401 || response.status === 403) throw new Refused('This token is not an administrator’s.')
  if (response.status === 404) return undefined
  if (!response.ok) throw new Error(`The server answered ${response.status}.`)
  return await response.json() as T
}

export async function readStatistics(token: string): Promise<Statistics> {
  const told = await readAs<Statistics>(token, '/v1/admin/statistics')
  if (!told) throw new Error('This server tells no statistics.')
  return told
}

/** How much a counter rises in a second, between each two samples; nothing where the server began anew. */
export function ratesOf(samples: readonly Sample[], counter: (told: Statistics) => number): (number | undefined)[] {
  return samples.map((sample, i) => {
    const before = samples[i - 1]
    if (!before || sample.told.uptime_ms < before.told.uptime_ms) return undefined
    return (counter(sample.told) - counter(before.told)) * 1000 / Math.max(sample.at - before.at, 1)
  })
}

export function valuesOf(samples: readonly Sample[], value: (told: Statistics) => number | null): (number | undefined)[] {
  return samples.map(({ told }) => value(told) ?? undefined)
}

/** Samples that a quantile is of: ten seconds. */
const WINDOW = 5

/** Within which time a part of them was done, lately; since the start where the server tells no more. */
export function quantilesOf(samples: readonly Sample[], latency: (told: Statistics) => Latency, part: 0.5 | 0.99): (number | undefined)[] {
  return samples.map(({ told }, i) => {
    const now = latency(told)
    const before = samples[Math.max(0, i - WINDOW)]!.told
    if (!now.buckets) return (part === 0.5 ? now.p50_ms : now.p99_ms) ?? undefined
    const known = told.uptime_ms >= before.uptime_ms && i > 0 ? latency(before).buckets : undefined
    const fresh = now.buckets.map(({ to_ms, count }, at) => ({ to_ms, count: count - (known?.[at]?.count ?? 0) }))
    return quantileOf(fresh, part)
  })
}

function quantileOf(buckets: readonly { to_ms: number | null; count: number }[], part: number): number | undefined {
  const all = buckets.reduce((sum, each) => sum + each.count, 0)
  let below = 0
  for (const { to_ms, count } of buckets) {
    below += count
    if (all > 0 && below >= part * all) return to_ms ?? undefined
  }
  return undefined
}
