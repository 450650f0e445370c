// The inbox of notifications, and the browser's notifications of them.
import type { Answer, Events, Parley } from '@parley/sdk'
import { Pages } from './pages'
import { Signal } from './signal'

export type Notice = Answer<'notifications'>['items'][number]

const SOON_MS = 400

export class Notices extends Signal {
  readonly #parley: Parley
  readonly list: Pages<Notice>
  unseen = 0
  /** Opens a conversation, or else the inbox; set by whoever can. */
  open: (conversation?: string) => void = () => {}
  /** Conversations that are told of together, and how far, until they are read or dismissed. */
  readonly #joined = new Map<string, number>()
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
      if (told.joined) this.#joined.set(told.conversation, told.seq)
      else this.#joined.delete(told.conversation)
      this.#show(told)
      this.#soon()
    })
    parley.on('synced', () => this.#soon())
    parley.on('dismissed', ({ conversation }) => {
      if (conversation === undefined) this.#joined.clear()
      else this.#joined.delete(conversation)
      this.#soon()
    })
    parley.on('blocked', () => this.#soon())
    parley.on('settings', () => { if (this.list.items.length) this.#soon() })
    parley.on('receipt', ({ user, conversation, read }) => {
      if (user !== parley.user) return
      if (read >= (this.#joined.get(conversation) ?? 0)) this.#joined.delete(conversation)
      if (this.list.items.some((each) => each.conversation === conversation)) this.#soon()
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

  /** One of each conversation, and one of all that are told of together: they grow, as the tag replaces the one before. */
  #show({ conversation, count, title = 'New messages', quiet = false, joined = false }: Events['notification']): void {
    if (this.allowed !== 'granted') return
    const [heading, body, tag] = joined
      ? ['New messages', `in ${counted(this.#joined.size, 'conversation')}`, 'joined']
      : [title, counted(count, 'new message'), conversation]
    const shown = new Notification(heading, { body, tag, silent: quiet, icon: '/messages/icon.svg' })
    shown.onclick = () => {
      window.focus()
      this.open(joined ? undefined : conversation)
      shown.close()
    }
  }
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
