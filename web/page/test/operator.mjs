// The operator's page: what its charts and tables say of a server that is at work, for administrators alone; and the page on a telephone.
import { strict as assert } from 'node:assert'
import { accessible, line, say, sees, signIn, somebody, until, write } from './support.mjs'

/** How often the tables are asked for. */
const ROUND_MS = 10_000
/** A number that is not nothing. */
const SOME = '(?!0(?:\\.0)?(?![\\d.,]))\\d[\\d.,]*'
const CHARTS = [
  `Connections: connections ${SOME}, sessions ${SOME}`, `Messages: sent ${SOME}/s`, `Messages: .*delivered ${SOME}/s`, `Commands: commands ${SOME}/s`,
  `Commands: .*errors ${SOME}/s`, `Time to send: half within ${SOME} ms, 99% within ${SOME} ms`, `Time to commit: half within ${SOME} ms, 99% within ${SOME} ms`,
  'How far the read model is behind: lag [\\d.]+ ms', 'Waiting for the disk: records \\d+, not indexed \\d+', 'Waiting for slow readers: bytes [\\d.]+ [KMG]?B',
  `In memory: conversations ${SOME}, people ${SOME}`,
]
const MEMBERS = ['bob', 'carol', 'dora', 'erin']
const WRITTEN = 7

export async function operator({ browser, server }) {
  const page = await somebody(browser, server)
  await page.clock.install()
  await page.goto('/admin')
  await page.getByLabel('Your token').fill(await server.token('mallory'))
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByText('This token is not an administrator’s.').waitFor()
  const root = await server.token('root', '--admin')
  await page.getByLabel('Your token').fill(root)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('img', { name: /^Messages: sent \d.*delivered/ }).waitFor()
  await charts(page, await server.token('alice'))
  await facts(page, server, root)
  await tables(page)
  await accessible(page, 'the operator’s page')
  await page.context().close()
  await narrow(browser, server)
}

/** Every chart says something while somebody writes, and draws it. */
async function charts(page, alice) {
  const shown = CHARTS.map((name) => page.getByRole('img', { name: new RegExp(`^${name}`) }).waitFor())
  const [{ conversation }] = await say(page, alice, [{ type: 'create', kind: 'group', title: 'Counted', members: MEMBERS }])
  await say(page, alice, Array.from({ length: WRITTEN }, (_, i) => ({ type: 'send', conversation, client_id: `counted-${i}`, body: 'one more' })))
  await say(page, alice, [{ type: 'send', conversation: 'nowhere', client_id: 'nowhere', body: 'is anybody there' }])
  await Promise.all(shown)
  const paths = await page.locator('.chart path').evaluateAll((all) => all.map((each) => each.getAttribute('d')))
  assert.equal(paths.length, 16)
  for (const path of paths) assert.match(path, /^M[\d.]+ [\d.]+/)
}

/** What is counted since the start is what the server says. */
async function facts(page, server, root) {
  const region = page.getByRole('region', { name: 'Since the start' })
  const shown = (what) => region.locator('div', { has: page.getByText(what, { exact: true }) }).getByRole('definition').textContent()
  await until('the page says what the server says', async () => {
    const answer = await fetch(`${server.url}/v1/admin/statistics`, { headers: { authorization: `Bearer ${root}` } })
    const { messages, errors, slow_readers_closed: slow, webhooks } = await answer.json()
    const expected = { Messages: messages, 'Slow readers closed': slow, 'Webhooks waiting': webhooks.waiting, 'Webhooks dead': webhooks.dead, ...errors }
    assert(Object.keys(errors).length > 0)
    for (const [what, count] of Object.entries(expected)) if (await shown(what) !== count.toLocaleString('en-GB')) return false
    return true
  })
  for (const what of ['Log', 'Read model']) assert.match(await shown(what), /^[1-9][\d.]* [KMG]?B$/)
}

/** The tables say what is large and who is connected, and go on after a question that failed. */
async function tables(page) {
  const largest = page.getByRole('region', { name: /^The largest of [\d,]+ conversations$/ })
  await largest.getByLabel('By').selectOption('members')
  await largest.getByRole('row', { name: `Counted group ${WRITTEN} ${MEMBERS.length + 1} ${WRITTEN + 1}` }).waitFor()
  const slowest = page.getByRole('region', { name: /^The slowest of \d+ sessions$/ })
  await slowest.getByRole('row', { name: /^bob \S+ msgpack [\d.]+ [KMG]?B [\d,]+ ms$/ }).first().waitFor()

  const drawn = await largest.elementHandle()
  const asked = (how) => Promise.all([page.waitForEvent(how, (each) => each.url().includes('by=members')), page.clock.fastForward(ROUND_MS)])
  await page.route('**/v1/admin/conversations*', (route) => route.abort(), { times: 1 })
  await asked('requestfailed')
  await asked('response')
  assert(await drawn.evaluate((each) => each.isConnected), 'what was heard stays')
}

async function narrow(browser, server) {
  const page = await somebody(browser, server, { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true })
  await signIn(page, 'alice')
  await line(page, 'bob').click()
  await page.getByRole('main', { name: 'bob' }).waitFor()
  assert.equal(await page.getByRole('navigation', { name: 'Conversations' }).isVisible(), false)
  await write(page, 'from the road')
  await sees(page, 'from the road')
  await accessible(page, 'a narrow conversation')
  await page.getByRole('button', { name: 'Details' }).click()
  await page.getByRole('complementary', { name: 'Details' }).waitFor()
  await page.getByRole('button', { name: 'Close details' }).click()
  await page.getByRole('button', { name: 'Back to the list' }).click()
  await page.getByRole('navigation', { name: 'Conversations' }).waitFor()
  await accessible(page, 'a narrow list')
  assert.deepEqual(page.faults, [])
  await page.context().close()
}
