// The inbox of notifications, and the browser's notifications of them.
import type { Answer, Events, Parley } from '@parley/sdk'
import { Pages } from './pages'
import { Signal } from './signal'

export type Notice = Answer<'notifications'>['items'][number]

const SOON_MS = 400
const NAMELESS = 'New messages'

export class Notices extends Signal {
  readonly #parley: Parley
  readonly list: Pages<Notice>
  unseen = 0
  /** Opens a conversation, or else the inbox; set by whoever can. */
  open: (conversation?: string) => void = () => {}
  /** Something new is told of together with others. */
  #hasJoined = false
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
      if (told.joined) this.#hasJoined = true
      else this.#showOne(told)
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
      void this.read().then(() => this.#showJoined())
    }, SOON_MS)
  }

  #showOne({ conversation, count, title = NAMELESS, quiet = false }: Events['notification']): void {
    const body = count === 1 ? '1 new message' : `${count} new messages`
    this.#show(title, { body, tag: conversation, silent: quiet }, () => this.open(conversation))
  }

  /** One that says how many conversations are told of together, as far as the list was read. */
  #showJoined(): void {
    const joined = this.list.items.filter((each) => each.joined && !each.seen)
    if (!this.#hasJoined || !joined.length) return
    this.#hasJoined = false
    const count = this.list.hasMore ? `${joined.length}+` : joined.length
    const body = count === 1 ? 'in 1 conversation' : `in ${count} conversations`
    this.#show(NAMELESS, { body, tag: 'joined', silent: joined.every((each) => each.quiet) }, () => this.open())
  }

  /** What grows takes the place of the one before, by its tag. */
  #show(title: string, options: NotificationOptions, open: () => void): void {
    if (this.allowed !== 'granted') return
    const shown = new Notification(title, { ...options, icon: '/messages/icon.svg' })
    shown.onclick = () => {
      window.focus()
      open()
      shown.close()
    }
  }
}
