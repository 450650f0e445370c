// The list of conversations as it is shown: pinned ones first, with names; invitations; what is archived, on request.
import type { Answer, ListItem, Parley } from '@parley/sdk'
import { allOf, Pages } from './pages'
import type { People } from './people'
import { Signal } from './signal'

export type Invitation = Answer<'invitations'>['items'][number]

export class Conversations extends Signal {
  readonly #parley: Parley
  readonly #people: People
  items: ListItem[] = []
  invitations: Invitation[] = []
  /** What is archived or hidden, once it was asked for. */
  aside: ListItem[] | undefined
  readonly #archived: Pages<ListItem>
  readonly #hidden: Pages<ListItem>

  constructor(parley: Parley, people: People) {
    super()
    this.#parley = parley
    this.#people = people
    this.#archived = new Pages((cursor) => parley.call('list', { archived: true, cursor }))
    this.#hidden = new Pages((cursor) => parley.call('list', { hidden: true, cursor }))
    this.#took(parley.conversations())
    parley.on('conversations', () => this.#took(parley.conversations()))
    parley.on('synced', () => void this.#readInvitations())
    parley.on('invitation', () => void this.#readInvitations())
    parley.on('invitation_over', ({ conversation }) => {
      this.invitations = this.invitations.filter((each) => each.conversation !== conversation)
      this.changed()
    })
    parley.on('settings', () => { if (this.aside) void this.readAside() })
    people.subscribe(() => this.changed())
  }

  /** Of the list, or of what is aside. */
  find(conversation: string): ListItem | undefined {
    return this.items.find((each) => each.conversation === conversation)
      ?? this.aside?.find((each) => each.conversation === conversation)
  }

  /** What a conversation is called here. */
  nameOf(item: { conversation: string; kind: string; title?: string; users?: string[] }): string {
    if (item.kind === 'direct') return this.#people.nameOf(this.otherOf(item) ?? item.conversation)
    return item.title ?? (item.kind === 'channel' ? 'Channel' : 'Group')
  }

  /** Whom a direct conversation is with. */
  otherOf(item: { kind: string; users?: string[] }): string | undefined {
    if (item.kind !== 'direct') return undefined
    return item.users?.find((each) => each !== this.#parley.user) ?? item.users?.[0]
  }

  get unread(): number {
    return this.items.reduce((sum, each) => sum + (isMuted(each) ? 0 : each.unread), 0)
  }

  /** Reads what is archived, and what is hidden. */
  async readAside(): Promise<void> {
    await Promise.all([this.#archived.read(), this.#hidden.read()])
    this.#showAside()
  }

  get hasMoreAside(): boolean {
    return this.#archived.hasMore || this.#hidden.hasMore
  }

  async moreAside(): Promise<void> {
    await (this.#archived.hasMore ? this.#archived : this.#hidden).more()
    this.#showAside()
  }

  leaveAside(): void {
    this.aside = undefined
    this.changed()
  }

  #showAside(): void {
    const all = new Map([...this.#archived.items, ...this.#hidden.items].map((item) => [item.conversation, item]))
    this.aside = [...all.values()]
    this.#people.need(this.aside.flatMap((item) => item.users ?? []))
    this.changed()
  }

  async #readInvitations(): Promise<void> {
    this.invitations = await allOf<Invitation>((cursor) => this.#parley.call('invitations', { cursor })).catch(() => [])
    this.#people.need(this.invitations.map((each) => each.by))
    this.changed()
  }

  #took(items: ListItem[]): void {
    this.items = [...items.filter((each) => each.pinned), ...items.filter((each) => !each.pinned)]
    this.#people.watch(items.flatMap((item) => (item.kind === 'direct' ? item.users ?? [] : [])))
    this.#people.need(items.flatMap((item) => (item.last ? [item.last.from] : [])))
    this.changed()
  }
}

export function isMuted({ muted_until: until = 0 }: { muted_until?: number }): boolean {
  return until > Date.now()
}
