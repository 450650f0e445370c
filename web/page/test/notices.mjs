// Notifications: the inbox, the browser's own, one by one and too many at once, quiet hours; the profile and what others see.
import { strict as assert } from 'node:assert'
import { accessible, begin, line, say, somebody, signIn, until, write } from './support.mjs'

const look = (page, state) => page.evaluate((state) => {
  Object.defineProperty(document, 'visibilityState', { value: state, configurable: true })
  document.dispatchEvent(new Event('visibilitychange'))
}, state)

/** More conversations than anybody is told of one by one in a minute. */
const MANY = 30
const told = (page) => page.evaluate(() => globalThis.shown.map(({ title, body, tag, silent }) => ({ title, body, tag, silent })))

export async function notices({ alice, browser, server }) {
  const dora = await somebody(browser, server)
  await dora.addInitScript(() => {
    globalThis.shown = []
    globalThis.Notification = class {
      static permission = 'granted'
      static requestPermission = async () => 'granted'
      constructor(title, options) { globalThis.shown.push(Object.assign(this, options, { title })) }
      close() {}
    }
  })
  await signIn(dora, 'dora')
  await settings(dora)
  await begin(alice, 'Direct', { members: ['dora'] })
  await line(dora, 'alice').waitFor()
  await presence(alice, dora)
  await write(alice, 'are you there')
  await until('the browser tells', async () => (await told(dora)).length > 0)
  const [{ title, body, silent }] = await told(dora)
  assert.deepEqual({ title, body }, { title: 'alice', body: '1 new message' })
  assert.equal(silent, true, 'dora has quiet hours all day')
  await look(dora, 'visible')
  await dora.getByRole('button', { name: 'Notifications, 1 new' }).click()
  const inbox = dora.getByRole('complementary', { name: 'Notifications' })
  await inbox.getByText('1 unread: are you there').waitFor()
  await accessible(dora, 'the inbox')
  await inbox.getByRole('button', { name: /^Dismiss alice/ }).click()
  await dora.getByRole('button', { name: 'Notifications', exact: true }).waitFor()
  await dora.evaluate(() => globalThis.shown[0].onclick())
  await dora.getByRole('main', { name: 'alice' }).waitFor()
  await inbox.getByText('Nothing waits for you.').waitFor()
  await inbox.getByRole('button', { name: 'Close notifications' }).click()
  await many(dora, inbox, await server.token('ines'))
  assert.deepEqual(dora.faults, [])
  await dora.context().close()
}

async function settings(dora) {
  await dora.getByRole('button', { name: /profile and settings$/ }).click()
  const dialog = dora.getByRole('dialog', { name: 'You' })
  await dialog.getByLabel('Name').fill('Dora the Explorer')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.getByLabel('From').fill('00:00')
  await dialog.getByLabel('To', { exact: true }).fill('23:59')
  await dialog.getByRole('button', { name: 'Add' }).click()
  await dialog.getByText('00:00 to 23:59 every day').waitFor()
  await dialog.getByLabel('Not now').selectOption('1')
  await dialog.getByText(/^Quiet until/).waitFor({ state: 'attached' })
  await dialog.getByLabel('Show others when I type').uncheck()
  await dialog.getByLabel('Colours').selectOption('dark')
  await accessible(dora, 'settings in the dark')
  await dialog.getByLabel('Colours').selectOption('light')
  await accessible(dora, 'settings')
  await dialog.getByText('This browser', { exact: true }).waitFor()
  await dialog.getByRole('button', { name: 'Close' }).click()
}

/** What dora shows, alice sees; and that dora looks elsewhere. */
async function presence(alice, dora) {
  const shows = (status) => line(alice, 'Dora the Explorer').locator(`.dot.${status}`).waitFor()
  await shows('online')
  await dora.getByRole('button', { name: /profile and settings$/ }).click()
  const dialog = dora.getByRole('dialog', { name: 'You' })
  await dialog.getByLabel('Others see').selectOption('busy')
  await shows('busy')
  await dialog.getByLabel('Others see').selectOption('online')
  await shows('online')
  await dialog.getByRole('button', { name: 'Close' }).click()
  await look(dora, 'hidden')
  await shows('away')
}

/** The first are told of one by one, and all others together, by how many conversations they are. */
async function many(dora, inbox, ines) {
  await look(dora, 'hidden')
  const before = (await told(dora)).length
  const groups = Array.from({ length: MANY }, (_, i) => ({ type: 'create', kind: 'group', title: `Errand ${i}`, members: ['dora'] }))
  const begun = await say(dora, ines, groups)
  await say(dora, ines, begun.map(({ conversation }, i) => ({ type: 'send', conversation, client_id: `errand-${i}`, body: 'please' })))
  await until('all are told of', async () => {
    const fresh = (await told(dora)).slice(before)
    const single = fresh.filter(({ tag }) => tag !== 'joined').length
    return fresh.findLast(({ tag }) => tag === 'joined')?.body === `in ${MANY - single} conversations`
  })
  await look(dora, 'visible')
  await dora.evaluate(() => globalThis.shown.findLast(({ tag }) => tag === 'joined').onclick())
  await inbox.getByRole('button', { name: /^Errand 7/ }).click()
  await dora.getByRole('main', { name: 'Errand 7' }).waitFor()
}
