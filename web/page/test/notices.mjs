// Notifications: the inbox, the browser's own, quiet hours; the profile and what others may know.
import { strict as assert } from 'node:assert'
import { accessible, begin, line, openLine, somebody, signIn, until, write } from './support.mjs'

const look = (page, state) => page.evaluate((state) => {
  Object.defineProperty(document, 'visibilityState', { value: state, configurable: true })
  document.dispatchEvent(new Event('visibilitychange'))
}, state)

export async function notices({ alice, browser, server }) {
  const dora = await somebody(browser, server)
  await dora.addInitScript(() => {
    globalThis.shown = []
    globalThis.Notification = class {
      static permission = 'granted'
      static requestPermission = async () => 'granted'
      constructor(title, options) { globalThis.shown.push({ title, ...options }) }
      close() {}
    }
  })
  await signIn(dora, 'dora')
  await settings(dora)
  await begin(alice, 'Direct', { members: ['dora'] })
  await line(dora, 'alice').waitFor()
  await look(dora, 'hidden')
  await write(alice, 'are you there')
  await until('the browser tells', async () => (await dora.evaluate(() => globalThis.shown.length)) > 0)
  const shown = await dora.evaluate(() => globalThis.shown)
  assert.equal(shown[0].title, 'alice')
  assert.equal(shown[0].silent, true, 'dora has quiet hours all day')
  await look(dora, 'visible')
  await dora.getByRole('button', { name: 'Notifications, 1 new' }).click()
  const inbox = dora.getByRole('complementary', { name: 'Notifications' })
  await inbox.getByText('1 unread: are you there').waitFor()
  await accessible(dora, 'the inbox')
  await inbox.getByRole('button', { name: /^Dismiss alice/ }).click()
  await dora.getByRole('button', { name: 'Notifications', exact: true }).waitFor()
  await openLine(dora, 'alice')
  await inbox.getByText('Nothing waits for you.').waitFor()
  await line(alice, 'Dora the Explorer').waitFor()
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
  await dialog.getByLabel('Others see').selectOption('busy')
  await dialog.getByLabel('Others see').selectOption('online')
  await dialog.getByLabel('Colours').selectOption('dark')
  await accessible(dora, 'settings in the dark')
  await dialog.getByLabel('Colours').selectOption('light')
  await accessible(dora, 'settings')
  await dialog.getByText('This browser', { exact: true }).waitFor()
  await dialog.getByRole('button', { name: 'Close' }).click()
}
