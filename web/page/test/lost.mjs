// A server that is killed: the page says so, takes what is written, and sends it when the server is back. And a reload.
import { accessible, message, openLine, sees, write } from './support.mjs'

export async function lost({ alice, bob, server }) {
  await openLine(alice, 'bob')
  await openLine(bob, 'alice')
  await server.kill()
  await alice.getByText('The connection is lost.').waitFor()
  await accessible(alice, 'without a connection')
  await write(alice, 'written in the dark')
  await message(alice, 'written in the dark').getByText('On its way').waitFor({ state: 'attached' })
  await alice.goto('about:blank') // and closed
  await server.start()
  await alice.goto('/messages')
  await openLine(alice, 'bob')
  await sees(bob, 'written in the dark')
  await message(alice, 'written in the dark').locator('.tick').first().waitFor()
  await bob.getByText('The connection is lost.').waitFor({ state: 'detached' })
  await write(bob, 'there you are')
  await sees(alice, 'there you are')
}
