// Puts a Parley together from what an application gives and what is there.
import { META, readAll, readMeta, type Meta } from './cache.js'
import { asError, realClock, uniqueName, type Clock } from './clock.js'
import { CODECS, type Encoding } from './codec.js'
import { ParleyError } from './errors.js'
import { indexedDbStore } from './indexeddb.js'
import { webLocks, type Locks } from './locks.js'
import { Parley, type Parts } from './parley.js'
import { socketsOf, type OpenSocket, type WebSocketClass } from './socket.js'
import { MemoryStore, type OpenStore, type Store } from './store.js'
import { subjectOf } from './token.js'
import { onWaking } from './world.js'

export interface Options {
  /** Where the server is: `wss://chat.example.com`, or `https://…`; the path is `/v1/ws` unless it has one. */
  url: string
  /** A token of the user, a newer one each time where possible. Asked before each connection and before it expires. */
  token: () => Promise<string> | string
  /** The user. Without it the token's `sub` says so, and `connect` has to wait for a token. */
  user?: string
  /** A name for this installation; kept in the store, made up otherwise. */
  device?: string
  /** `msgpack` unless it is `json`. */
  encoding?: Encoding
  /** Where things are kept: `indexeddb` where there is one, else `memory`; or an opener of another store. */
  store?: 'indexeddb' | 'memory' | OpenStore
  /** The class of WebSockets, where it is not the global one. */
  webSocket?: WebSocketClass
  /** For tests. */
  clock?: Clock
  locks?: Locks
  openSocket?: OpenSocket
}

/**
 * Opens the store and begins to connect. Resolves when the cache can be read, with or without a connection; `ready()`
 * waits for one. Rejects when whose store it is cannot be known, since there is no token.
 */
export async function connect(options: Options): Promise<Parley> {
  const url = addressOf(options.url)
  let first = options.user === undefined ? await tokenOf(options) : undefined
  const user = options.user ?? subjectOf(first ?? '')
  if (!user) throw new ParleyError('token', 'the token says nothing of its user: give `user`')
  const token = async () => {
    const given = first ?? await tokenOf(options)
    first = undefined
    return given
  }
  const name = `parley:${url.host}${url.pathname}:${user}`
  const { store, meta, kept, fault } = await opened(name, options)
  const kind = options.webSocket ?? globalThis.WebSocket as WebSocketClass | undefined
  const open = options.openSocket ?? (kind && socketsOf(kind))
  if (!open) throw new ParleyError('bad_request', 'there is no WebSocket here: give `webSocket`')
  const parley = new Parley({
    url, user, token, open, store, name, meta, kept, codec: CODECS[options.encoding ?? 'msgpack'],
    clock: options.clock ?? realClock, locks: options.locks ?? webLocks(), fault,
  })
  await parley.start()
  const stop = onWaking(() => parley.wake())
  parley.on('state', ({ state }) => { if (state === 'closed') stop() })
  return parley
}

/** The store and what is in it; one in memory, and why, when it cannot be had. */
async function opened(name: string, options: Options): Promise<Pick<Parts, 'store' | 'meta' | 'kept' | 'fault'>> {
  const begin = (store: Store) => store.run(async (transaction) => {
    const known = await readMeta(transaction)
    const meta: Meta = { ...known, device: options.device ?? known?.device ?? uniqueName() }
    transaction.put(META, meta)
    return { store, meta, kept: await readAll(transaction) }
  })
  try {
    return await begin(await openerOf(options.store)(name))
  } catch (fault) {
    return { ...await begin(new MemoryStore()), fault }
  }
}

async function tokenOf({ token }: Options): Promise<string> {
  try {
    return await token()
  } catch (fault) {
    throw asError(fault, 'token')
  }
}

function addressOf(given: string): URL {
  const url = new URL(given.replace(/^http/, 'ws'))
  if (url.pathname === '/') url.pathname = '/v1/ws'
  return url
}

function openerOf(store: Options['store']): OpenStore {
  if (typeof store === 'function') return store
  if (store === 'indexeddb' || (store === undefined && typeof indexedDB === 'object')) return async (name) => indexedDbStore()(name)
  return async () => new MemoryStore()
}
