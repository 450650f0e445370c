// A conversation with more members than it tells of by itself: whoever is mentioned is looked for, and no further.
import { strict as assert } from 'node:assert'
import { composer, message, openLine, say, sees, signIn, somebody, until } from './support.mjs'

/** More than a `conversation` answer names, by six pages of a hundred. */
const MANY = 1600
/** The command, as MessagePack writes it. */
const MEMBERS = /type\xa7members/
const named = (from, to) => Array.from({ length: to - from }, (_, i) => `person-${String(from + i).padStart(4, '0')}`)

export async function mentions({ browser, server }) {
  const hugo = await somebody(browser, server)
  let pages = 0
  hugo.on('websocket', (socket) => socket.on('framesent', ({ payload }) => { if (MEMBERS.test(payload.toString('latin1'))) pages++ }))
  await hugo.goto('/messages')
  const [judith, zoe] = [await server.token('judith'), await server.token('person-1210')]
  await say(hugo, zoe, [{ type: 'set_profile', name: 'Zoe Zimmermann' }])
  const [{ conversation }] = await say(hugo, judith, [{ type: 'create', kind: 'group', title: 'Fair', members: ['hugo', ...named(0, 800)] }])
  await say(hugo, judith, [{ type: 'add', conversation, users: named(800, MANY) }])

  await signIn(hugo, 'hugo')
  await openLine(hugo, 'Fair')
  await hugo.getByText(`${MANY + 2} members`).waitFor()
  await composer(hugo).pressSequentially('@person-00')
  await hugo.getByRole('option', { name: 'person-0007' }).waitFor()
  assert.equal(pages, 0, 'nobody is asked for who was not named')

  await composer(hugo).fill('')
  await composer(hugo).pressSequentially('@zoe')
  await hugo.getByRole('option', { name: 'Zoe Zimmermann' }).waitFor()
  await composer(hugo).press('Enter')
  await composer(hugo).pressSequentially('has the keys')
  await composer(hugo).press('Enter')
  await message(hugo, '@Zoe Zimmermann has the keys').locator('.mention').waitFor()
  assert.equal(pages, 13, 'pages up to the one that she is on')

  await composer(hugo).pressSequentially('@nobody knows')
  await until('all pages', () => pages === 17)
  await composer(hugo).pressSequentially(' and nobody is')
  await composer(hugo).press('Enter')
  await sees(hugo, '@nobody knows and nobody is')
  assert.equal(pages, 17, 'what was asked is known')
  assert.deepEqual(hugo.faults, [])
  await hugo.context().close()
}
