// What people are called and whether they are there: asked for in lots, for those who are shown, and then told.
import type { Parley, Profile, Status } from '@parley/sdk'
import { Signal } from './signal'

const SOON_MS = 30
const LOT = 100
/** Users whose presence is watched; the server allows a few more. */
const MOST_WATCHED = 500

export interface Presence { status: Status; text?: string; last_seen?: number }

export class People extends Signal {
  readonly #parley: Parley
  readonly #profiles = new Map<string, Profile | undefined>()
  readonly #presences = new Map<string, Presence>()
  readonly #watched = new Set<string>()
  #wanted = new Set<string>()
  #unwatched = new Set<string>()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(parley: Parley) {
    super()
    this.#parley = parley
    parley.on('profile', (profile) => {
      this.#profiles.set(profile.user, profile)
      this.changed()
    })
    parley.on('presence', ({ user, status, text, last_seen }) => {
      this.#presences.set(user, { status, text, last_seen })
      this.changed()
    })
    // A resume says nothing of profiles: those who are shown are asked for again.
    parley.on('synced', () => {
      for (const user of this.#profiles.keys()) this.#wanted.add(user)
      this.#soon()
    })
    this.need([parley.user])
  }

  nameOf(user: string): string {
    return this.#profiles.get(user)?.name ?? user
  }

  profileOf(user: string): Profile | undefined {
    return this.#profiles.get(user)
  }

  presenceOf(user: string): Presence | undefined {
    return this.#presences.get(user)
  }

  /** These are shown: ask what they are called, if that is not known. */
  need(users: readonly string[]): void {
    for (const user of users) if (!this.#profiles.has(user)) this.#wanted.add(user)
    if (this.#wanted.size) this.#soon()
  }

  /** These are shown with their presence. */
  watch(users: readonly string[]): void {
    this.need(users)
    for (const user of users) {
      if (this.#watched.has(user) || this.#watched.size >= MOST_WATCHED) continue
      this.#watched.add(user)
      this.#unwatched.add(user)
    }
    if (this.#unwatched.size) this.#soon()
  }

  /** One's own profile was changed here. */
  took(profile: Profile): void {
    this.#profiles.set(profile.user, profile)
    this.changed()
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      void this.#catchUp()
    }, SOON_MS)
  }

  async #catchUp(): Promise<void> {
    const [wanted, unwatched] = [[...this.#wanted], [...this.#unwatched]]
    this.#wanted = new Set()
    this.#unwatched = new Set()
    if (unwatched.length) void this.#parley.call('watch', { users: unwatched }).catch(() => {})
    await this.ask(wanted)
  }

  /** Asks what these are called, now. */
  async ask(all: readonly string[]): Promise<void> {
    for (let at = 0; at < all.length; at += LOT) {
      const users = all.slice(at, at + LOT)
      const { items = [] } = await this.#parley.call('profile', { users }).catch(() => ({ items: [] as Profile[] }))
      for (const user of users) this.#profiles.set(user, items.find((each) => each.user === user))
      this.changed()
    }
  }
}
