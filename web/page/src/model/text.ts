// What a message says, in parts: words, addresses, names. Nothing in it is ever markup.

export type Part =
  | { kind: 'text'; text: string }
  | { kind: 'link'; text: string; href: string }
  | { kind: 'mention'; text: string; self: boolean }

const LINK = /https?:\/\/[^\s<>"'`]+/g
/** What ends a sentence is no part of an address. */
const BEHIND = /[.,;:!?)\]}»”’]+$/

export function partsOf(body: string, names: ReadonlyMap<string, boolean>): Part[] {
  const parts: Part[] = []
  let at = 0
  for (const match of body.matchAll(LINK)) {
    const text = match[0].replace(BEHIND, '')
    if (!isAddress(text)) continue
    parts.push(...mentionsIn(body.slice(at, match.index), names), { kind: 'link', text, href: text })
    at = match.index + text.length
  }
  return [...parts, ...mentionsIn(body.slice(at), names)]
}

function isAddress(text: string): boolean {
  try {
    return ['http:', 'https:'].includes(new URL(text).protocol)
  } catch {
    return false
  }
}

/** `names` are those that are meant, without `@`; true where it is oneself. */
function mentionsIn(text: string, names: ReadonlyMap<string, boolean>): Part[] {
  if (!text) return []
  const ordered = [...names.keys()].sort((a, b) => b.length - a.length)
  const parts: Part[] = []
  let from = 0
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    const name = ordered.find((each) => text.startsWith(each, at + 1) && !/[\p{L}\p{N}]/u.test(text[at + 1 + each.length] ?? ''))
    if (name === undefined) continue
    if (at > from) parts.push({ kind: 'text', text: text.slice(from, at) })
    parts.push({ kind: 'mention', text: `@${name}`, self: names.get(name)! })
    from = at + 1 + name.length
  }
  if (from < text.length) parts.push({ kind: 'text', text: text.slice(from) })
  return parts
}

/** A snippet cut where its marks are; they count characters, not UTF-16 units. */
export function markedOf(snippet: string, marks: readonly [number, number][]): { text: string; marked: boolean }[] {
  const characters = Array.from(snippet)
  const parts: { text: string; marked: boolean }[] = []
  let at = 0
  for (const [start, length] of marks) {
    if (start > at) parts.push({ text: characters.slice(at, start).join(''), marked: false })
    parts.push({ text: characters.slice(start, start + length).join(''), marked: true })
    at = start + length
  }
  if (at < characters.length) parts.push({ text: characters.slice(at).join(''), marked: false })
  return parts
}

/** What is being typed behind the last `@` before the caret, if that is how a name begins. */
export function nameBegun(text: string, caret: number): { from: number; begun: string } | undefined {
  const from = text.lastIndexOf('@', caret - 1)
  if (from < 0 || (from > 0 && /[\p{L}\p{N}]/u.test(text[from - 1]!))) return undefined
  const begun = text.slice(from + 1, caret)
  return begun.length > 40 || /[\n@]/.test(begun) || begun.includes('  ') ? undefined : { from, begun }
}

/** Whom a text mentions, of those whose names are known. */
export function mentionedIn(text: string, names: ReadonlyMap<string, string>): string[] {
  const found = mentionsIn(text, new Map([...names.keys()].map((name) => [name, false])))
  return [...new Set(found.flatMap((part) => (part.kind === 'mention' ? [names.get(part.text.slice(1))!] : [])))]
}
