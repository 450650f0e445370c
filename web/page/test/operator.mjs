// The operator's page: charts of a server that is at work, for administrators alone; and the page on a telephone.
import { strict as assert } from 'node:assert'
import { accessible, line, sees, signIn, somebody, write } from './support.mjs'

export async function operator({ browser, server }) {
  const page = await somebody(browser, server)
  await page.goto('/admin')
  await page.getByLabel('Your token').fill(await server.token('mallory'))
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByText('This token is not an administrator’s.').waitFor()
  await page.getByLabel('Your token').fill(await server.token('root', '--admin'))
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('img', { name: /^Messages: sent \d.*delivered/ }).waitFor()
  await accessible(page, 'the operator’s page')
  await page.context().close()
  await narrow(browser, server)
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
