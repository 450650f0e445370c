// Whoever has a token signs in with it: where there is no login, and beside names on a developer's server.
import { strict as assert } from 'node:assert'
import { accessible, Server, somebody } from './support.mjs'

export async function token({ browser, server }) {
  const own = await Server.start()
  try {
    await byToken(await somebody(browser, own), await own.token('paula'), await server.token('paula'))
  } finally {
    await own.clean()
  }
  const page = await somebody(browser, server)
  await page.goto('/')
  await page.getByLabel('Your name').waitFor()
  await accessible(page, 'sign-in by name')
  await page.getByRole('button', { name: 'Sign in with a token' }).click()
  await enter(page, await server.token('paula'))
  await isIn(page, 'paula')
  assert.deepEqual(page.faults, [])
  await page.context().close()
}

async function byToken(page, good, foreign) {
  await page.goto('/messages')
  await page.getByText('Whoever runs this server gives you one.').waitFor()
  await accessible(page, 'sign-in by token')
  await enter(page, 'paula')
  await page.getByText('This is no token: it says nothing of whose it is.').waitFor()
  await enter(page, foreign)
  await page.getByText('The token is not good any more. Sign in again.').waitFor()
  await enter(page, good)
  await isIn(page, 'paula')
  await page.reload()
  await isIn(page, 'paula')
  assert.deepEqual(page.faults, [])
  await page.context().close()
}

async function enter(page, text) {
  await page.getByLabel('Your token').fill(text)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

const isIn = (page, name) => page.getByRole('button', { name: new RegExp(`^${name}.*profile and settings$`) }).waitFor()
