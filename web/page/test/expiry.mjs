// Messages that go by themselves: chosen where one writes, shown for as long as they are there, and gone for everyone.
import { strict as assert } from 'node:assert'
import { accessible, begin, message, openLine, sees, write } from './support.mjs'

export async function expiry({ alice, bob }) {
  await begin(alice, 'Group', { title: 'Whispers', members: ['bob'] })
  await alice.getByRole('button', { name: 'Let messages go by themselves' }).click()
  await alice.getByRole('menuitemradio', { name: 'After 10 seconds' }).click()
  const said = alice.getByText('Messages go 10 seconds after they are sent.')
  await said.waitFor()
  await write(alice, 'burn this')
  await openLine(bob, 'Whispers')
  for (const page of [alice, bob]) await message(page, 'burn this').getByText(/^Goes in \d+ s$/).waitFor()
  await accessible(bob, 'a message that goes')

  // It holds until one says otherwise, also for who looks elsewhere meanwhile.
  await openLine(alice, 'bob')
  await said.waitFor({ state: 'detached' })
  await openLine(alice, 'Whispers')
  await said.waitFor()
  await alice.getByRole('button', { name: 'Let messages stay' }).click()
  await said.waitFor({ state: 'detached' })
  await write(alice, 'keep this')
  await sees(bob, 'keep this')
  assert.equal(await message(bob, 'keep this').locator('.going').count(), 0)

  for (const page of [alice, bob]) {
    await message(page, 'burn this').waitFor({ state: 'detached' })
    await page.getByRole('main').getByText('This message was deleted.').waitFor()
    await sees(page, 'keep this')
  }
}
