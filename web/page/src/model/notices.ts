// The inbox of notifications, and the browser's notifications of them.
import type { Answer, Parley } from '@parley/sdk'
import { Pages } from './pages'
import { Signal } from './signal'

export type Notice = Answer<'notifications'>['items'][number]

const SOON_MS = 400

export class Notices extends Signal {
  readonly #parley: Parley
  readonly list: Pages<Notice>
  unseen = 0
  /** Opens a conversation; set by whoever can. */
  open: (conversation: string) => void = () => {}
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(parley: Parley) {
    super()
    this.#parley = parley
    this.list = new Pages(async (cursor) => {
      const answer = await parley.call('notifications', { cursor })
      this.unseen = answer.unseen
      return answer
    })
    this.list.subscribe(() => this.changed())
    parley.on('notification', (told) => {
      this.#show(told.conversation, told)
      this.#soon()
    })
    parley.on('synced', () => this.#soon())
    parley.on('dismissed', () => this.#soon())
    parley.on('blocked', () => this.#soon())
    parley.on('settings', () => { if (this.list.items.length) this.#soon() })
    parley.on('receipt', ({ user, conversation }) => {
      if (user === parley.user && this.list.items.some((each) => each.conversation === conversation)) this.#soon()
    })
  }

  async read(): Promise<void> {
    await this.list.read().catch(() => {})
  }

  async dismiss(conversation?: string): Promise<void> {
    await this.#parley.call('dismiss', conversation === undefined ? {} : { conversation })
    await this.read()
  }

  get allowed(): 'default' | 'denied' | 'granted' | 'none' {
    return typeof Notification === 'undefined' ? 'none' : Notification.permission
  }

  async allow(): Promise<void> {
    await Notification.requestPermission()
    this.changed()
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      void this.read()
    }, SOON_MS)
  }

  #show(conversation: string, told: { unread: number; quiet?: boolean; title?: string; count?: number }): void {
    if (this.allowed !== 'granted') return
    const count = told.count ?? told.unread
    const title = told.title ?? 'New messages'
    // One of each conversation, which grows: the tag replaces the one before.
    const shown = new Notification(title, {
      body: count === 1 ? '1 new message' : `${count} new messages`, tag: conversation, silent: told.quiet ?? false, icon: '/messages/icon.svg',
    })
    shown.onclick = () => {
      window.focus()
      this.open(conversation)
      shown.close()
    }
  }
}
