// Lists that are longer than a page or a window: conversations, notifications, members, what is archived, blocks. More comes as one scrolls.
import { strict as assert } from 'node:assert'
import { line, openLine, say, signIn, somebody, until } from './support.mjs'

/** More than two pages of a hundred. */
const MANY = 230
/** Lines that may be drawn at once: a window full of them, and as many beside it. */
const MOST_LINES = 50
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

  await manyLines(fred)
  await openLine(fred, 'Crowd')
  await fred.getByRole('button', { name: 'Details' }).click()
  await fred.getByRole('heading', { name: `Members (${MANY + 2})` }).waitFor()
  await scrolled(fred.getByRole('region', { name: 'Members' }).getByRole('listitem'), MANY + 2)

  await say(fred, freds, talks.map((each) => ({ type: 'set', conversation: each.conversation, archived: true })))
  await fred.getByRole('button', { name: 'Archived' }).click()
  const lines = fred.getByRole('navigation', { name: 'Conversations' }).getByRole('listitem')
  await scrolled(lines, MANY, async () => Number(await lines.first().getAttribute('aria-setsize')))

  await fred.getByRole('button', { name: /profile and settings$/ }).click()
  await until('everybody who is blocked', async () => await fred.getByRole('list', { name: 'Blocked' }).getByRole('listitem').count() === MANY)
  assert.deepEqual(fred.faults, [])
  await fred.context().close()
}

/** The list of conversations draws those in sight, says how many there are, and keeps the focus wherever one scrolls. */
async function manyLines(page) {
  const lines = page.getByRole('navigation', { name: 'Conversations' }).getByRole('listitem')
  const first = line(page, 'talk 229')
  await first.focus()
  await until('all conversations', async () => await lines.first().getAttribute('aria-setsize') === String(MANY + 1))
  const far = line(page, 'Crowd')
  assert.equal(await far.count(), 0, 'the last line is drawn before it is in sight')
  await lines.first().evaluate(toEnd)
  await far.waitFor()
  const count = await lines.count()
  assert(count < MOST_LINES, `${count} lines are drawn`)
  assert(await first.evaluate((each) => each === document.activeElement), 'the focus is lost')
  await page.keyboard.press('Tab')
  assert(await line(page, 'talk 228').evaluate((each) => each === document.activeElement), 'the next line has the focus')
  await lines.first().evaluate(toEnd)
}

function toEnd(line) {
  const scroller = line.closest('.even')
  scroller.scrollTop = scroller.scrollHeight
}

/** There are some of them at first, and all of them once one has gone to the end, again and again. */
async function scrolled(list, count, counted = () => list.count()) {
  await list.first().waitFor()
  const first = await counted()
  assert(first < count, `${first} of ${count} before anybody has scrolled`)
  await until(`all ${count} of them`, async () => {
    await list.evaluateAll((all) => all.at(-1)?.scrollIntoView()) // at once: the last one may be another a moment later
    return await counted() === count
  })
}
