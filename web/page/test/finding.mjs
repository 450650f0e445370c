// Search: hits with marks, and the way to where they stand, far from the end.
import { strict as assert } from 'node:assert'
import { accessible, begin, inSight, message, say } from './support.mjs'

export async function finding({ alice, server }) {
  await begin(alice, 'Group', { title: 'Archive', members: [] })
  const conversation = await alice.evaluate(() => new URLSearchParams(location.hash.slice(1)).get('c'))
  const token = await server.token('alice')
  const commands = Array.from({ length: 300 }, (_, i) => ({
    type: 'send', conversation, client_id: `find-${i}`, body: i === 20 ? 'here lies the Käsekuchen' : `line ${i}`,
  }))
  await say(alice, token, commands)
  await alice.keyboard.press('Control+k')
  const panel = alice.getByRole('complementary', { name: 'Search' })
  await panel.getByRole('searchbox').fill('kasekuchen')
  const hit = panel.locator('.hit', { hasText: 'here lies' })
  assert.equal(await hit.locator('mark').textContent(), 'Käsekuchen')
  await accessible(alice, 'search')
  await hit.click()
  await alice.locator('article.message.lit', { hasText: 'Käsekuchen' }).waitFor()
  await inSight(alice, 'Käsekuchen')
  await alice.getByRole('button', { name: /^Go to the end/ }).click()
  await message(alice, 'line 299').waitFor()
  await alice.getByRole('button', { name: 'Close search' }).click()
}
