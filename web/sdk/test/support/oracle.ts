// Compares what an application was told with what the server says happened.
import { expect } from 'vitest'
import type { NumberedEvent, Parley } from '../../src/index.js'
import { NUMBERED } from '../../src/events.js'

/** Logs the numbered events that an application is told, over all the Parleys of one user that it watches in turn. */
export class Witness {
  readonly told: NumberedEvent[] = []
  readonly resets: string[] = []
  readonly missed: [number, number][] = []

  watch(parley: Parley): Parley {
    for (const name of NUMBERED) parley.on(name as 'message', (event) => this.told.push(event))
    parley.on('reset', ({ reason }) => this.resets.push(reason))
    parley.on('missed', ({ from, to }) => this.missed.push([from, to]))
    return parley
  }

  of(conversation: string): NumberedEvent[] {
    return this.told.filter((event) => event.conversation === conversation)
  }

  numbers(conversation: string): number[] {
    return this.of(conversation).map((event) => event.seq)
  }

  bodies(conversation: string): (string | undefined)[] {
    return this.of(conversation).flatMap((event) => event.type === 'message' ? [event.body] : [])
  }
}

/** Everything that happened in a conversation, as `sync` tells it. */
export async function truth(parley: Parley, conversation: string): Promise<NumberedEvent[]> {
  const events: NumberedEvent[] = []
  for (let more = true; more;) {
    const page = await parley.call('sync', { conversation, after: events.at(-1)?.seq ?? 0 })
    events.push(...page.events)
    more = page.more
  }
  return events
}

/** From its first event on, the witness was told each once and in order, as it was. */
export async function judge(witness: Witness, parley: Parley, conversation: string, from = 1): Promise<void> {
  const all = (await truth(parley, conversation)).filter((event) => event.seq >= from)
  await eventually(() => witness.numbers(conversation).at(-1) === all.at(-1)?.seq)
  expect(witness.numbers(conversation)).toEqual(all.map((event) => event.seq))
  expect(witness.of(conversation).map(bare)).toEqual(all.map(bare))
}

/** What a later deletion or edit does not change. */
function bare(event: NumberedEvent): object {
  const { type, conversation, seq, at } = event
  return { type, conversation, seq, at }
}

/** Waits until it holds; fails when it does not in time. */
export async function eventually(holds: () => boolean | Promise<boolean>, patience = 15_000, what: unknown = holds): Promise<void> {
  const until = performance.now() + patience
  while (!await holds()) {
    if (performance.now() > until) throw new Error(`not in time: ${String(what)}`)
    await pause(10)
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
