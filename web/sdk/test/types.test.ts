// What the compiler lets through and what it does not; tsc reads this, vitest only sees that it is there.
import { expectTypeOf, test } from 'vitest'
import type { Answer, Commands, Conversation, Message, Page, Parley, Sent } from '../src/index.js'

/** Never called. */
export async function typed(parley: Parley): Promise<void> {
  expectTypeOf(await parley.call('create', { kind: 'direct', with: 'bob' })).toEqualTypeOf<Conversation>()
  expectTypeOf(await parley.call('totals')).toEqualTypeOf<{ conversations: number; unread: number; mentions: number; archived: { conversations: number; unread: number; mentions: number } }>()
  expectTypeOf(await parley.send('c', 'hello').done).toEqualTypeOf<Sent>()
  expectTypeOf(await parley.history('c')).toMatchTypeOf<Page>()
  parley.on('message', (event) => expectTypeOf(event).toEqualTypeOf<Message>())
  await parley.call('list', {})
  await parley.call('list')
  // @ts-expect-error: there is no such command
  await parley.call('shout', {})
  // @ts-expect-error: fields that are needed
  await parley.call('get')
  // @ts-expect-error: a role that nobody is given
  await parley.call('add', { conversation: 'c', users: ['bob'], role: 'owner' })
  // @ts-expect-error: the connection says hello
  await parley.call('hello', {})
  // @ts-expect-error: there is no such event
  parley.on('shouted', () => {})
}

test('every command has fields and an answer', () => {
  expectTypeOf<Answer<keyof Commands>>().not.toBeAny()
})
