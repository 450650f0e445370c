// A list that comes in pages, as far as somebody has looked.
import { Signal } from './signal'

/** What a command answers that goes on behind its cursor. */
export interface Page<Item> { items: Item[]; cursor?: string }

export class Pages<Item> extends Signal {
  readonly #ask: (cursor?: string) => Promise<Page<Item>>
  items: Item[] = []
  #cursor: string | undefined

  constructor(ask: (cursor?: string) => Promise<Page<Item>>) {
    super()
    this.#ask = ask
  }

  get hasMore(): boolean {
    return this.#cursor !== undefined
  }

  /** Anew, as far as it was read before, and at least to `least` of them. */
  async read(least = this.items.length): Promise<void> {
    const items: Item[] = []
    let cursor: string | undefined
    do {
      const page = await this.#ask(cursor)
      items.push(...page.items)
      cursor = page.cursor
    } while (cursor !== undefined && items.length < least)
    this.#took(items, cursor)
  }

  /** The next page, too. */
  async more(): Promise<void> {
    const cursor = this.#cursor
    if (cursor === undefined) return
    const page = await this.#ask(cursor)
    if (cursor === this.#cursor) this.#took([...this.items, ...page.items], page.cursor) // else it was read anew meanwhile
  }

  #took(items: Item[], cursor: string | undefined): void {
    this.items = items
    this.#cursor = cursor
    this.changed()
  }
}

/** All pages of a list that is needed whole. */
export async function allOf<Item>(ask: (cursor?: string) => Promise<Page<Item>>): Promise<Item[]> {
  const pages = new Pages(ask)
  await pages.read(Infinity)
  return pages.items
}
