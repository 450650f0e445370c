// What one has settled for oneself: preferences, blocks, one's status; away while nobody looks.
import type { Parley, Preferences } from '@parley/sdk'
import { allOf } from './pages'
import { Signal } from './signal'

export type Shown = 'online' | 'away' | 'busy' | 'invisible'

export class Own extends Signal {
  readonly #parley: Parley
  preferences: Preferences = {}
  blocked = new Set<string>()
  status: Shown = 'online'
  text = ''

  constructor(parley: Parley) {
    super()
    this.#parley = parley
    parley.on('preferences', ({ type: _, ...changed }) => {
      this.preferences = { ...this.preferences, ...changed }
      this.changed()
    })
    parley.on('blocked', ({ user, removed }) => this.#block(user, !removed))
    parley.on('synced', () => void this.#read())
    // Whoever looks elsewhere is notified, which happens to sessions that are away.
    document.addEventListener('visibilitychange', () => this.#sayStatus())
    if (document.visibilityState === 'hidden') this.#sayStatus()
  }

  async prefer(changed: Preferences): Promise<void> {
    await this.#parley.call('preferences', changed)
    this.preferences = { ...this.preferences, ...changed }
    this.changed()
  }

  async block(user: string, on: boolean): Promise<void> {
    await this.#parley.call(on ? 'block' : 'unblock', { user })
    this.#block(user, on)
  }

  async show(status: Shown, text: string): Promise<void> {
    this.status = status
    this.text = text
    this.changed()
    await this.#parley.call('presence', { status, ...(text ? { text } : {}) })
  }

  #sayStatus(): void {
    const hidden = document.visibilityState === 'hidden' && this.status === 'online'
    const text = this.text ? { text: this.text } : {}
    void this.#parley.call('presence', { status: hidden ? 'away' : this.status, ...text }).catch(() => {})
  }

  #block(user: string, on: boolean): void {
    if (on) this.blocked.add(user)
    else this.blocked.delete(user)
    this.changed()
  }

  async #read(): Promise<void> {
    const [preferences, blocks] = await Promise.all([
      this.#parley.call('my_preferences').catch(() => undefined),
      allOf((cursor) => this.#parley.call('blocks', { cursor })).catch(() => undefined),
    ])
    if (preferences) {
      const { notify, quiet_until, quiet, zone, typing, last_seen, receipts } = preferences
      this.preferences = { notify, quiet_until, quiet, zone, typing, last_seen, receipts }
    }
    if (blocks) this.blocked = new Set(blocks.map((each) => each.user))
    this.changed()
  }
}
