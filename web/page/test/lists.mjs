// Lists that are longer than a page: notifications, members, what is archived, blocks. More comes as one scrolls.
import { strict as assert } from 'node:assert'
import { openLine, say, signIn, somebody, until } from './support.mjs'

/** More than two pages of a hundred. */
const MANY = 230
const named = (what, count = MANY) => Array.from({ length: count }, (_, i) => `${what} ${String(i).padStart(3, '0')}`)

export async function lists({ browser, server }) {
  const fred = await somebody(browser, server)
  await fred.goto('/messages')
  const [greta, freds] = [await server.token('greta'), await server.token('fred')]
  const crowd = named('member')
  const groups = await say(fred, greta, [
    { type: 'create', kind: 'group', title: 'Crowd', members: ['fred', ...crowd.slice(0, 90)] },
    ...named('talk').map((title) => ({ type: 'create', kind: 'group', title, members: ['fred'] })),
  ])
  const [{ conversation }, ...talks] = groups
  await say(fred, greta, [90, 160].map((from) => ({ type: 'add', conversation, users: crowd.slice(from, from + 70) })))
  await say(fred, freds, crowd.map((user) => ({ type: 'block', user })))
  await say(fred, greta, talks.map((each, i) => ({ type: 'send', conversation: each.conversation, client_id: `talk-${i}`, body: 'anybody?' })))
  // Whoever is there is not notified, so fred asks by requests until all are.
  await until('all notifications', async () => {
    const answer = await fetch(`${server.url}/v1/notifications`, { headers: { authorization: `Bearer ${freds}` } })
    return (await answer.json()).unseen === MANY
  })
  await signIn(fred, 'fred')

  await fred.getByRole('button', { name: `Notifications, ${MANY} new` }).click()
  await scrolled(fred.getByRole('complementary', { name: 'Notifications' }).getByRole('listitem'), MANY)

  await openLine(fred, 'Crowd')
  await fred.getByRole('button', { name: 'Details' }).click()
  await fred.getByRole('heading', { name: `Members (${MANY + 2})` }).waitFor()
  await scrolled(fred.getByRole('region', { name: 'Members' }).getByRole('listitem'), MANY + 2)

  await say(fred, freds, talks.map((each) => ({ type: 'set', conversation: each.conversation, archived: true })))
  await fred.getByRole('button', { name: 'Archived' }).click()
  await scrolled(fred.getByRole('navigation', { name: 'Conversations' }).locator('.line'), MANY)

  await fred.getByRole('button', { name: /profile and settings$/ }).click()
  await until('everybody who is blocked', async () => await fred.getByRole('list', { name: 'Blocked' }).getByRole('listitem').count() === MANY)
  assert.deepEqual(fred.faults, [])
  await fred.context().close()
}

/** There are some of them at first, and all of them once one has gone to the end, again and again. */
async function scrolled(list, count) {
  await list.first().waitFor()
  const first = await list.count()
  assert(first < count, `${first} of ${count} before anybody has scrolled`)
  await until(`all ${count} of them`, async () => {
    await list.evaluateAll((all) => all.at(-1)?.scrollIntoView()) // at once: the last one may be another a moment later
    return await list.count() === count
  })
}
