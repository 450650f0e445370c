// A host application, which knows who somebody is and makes their token: the page leads there, and it leads back.
import { strict as assert } from 'node:assert'
import { createHmac, randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accessible, begin, sees, Server, somebody, until, write } from './support.mjs'

/** Seconds that the first token is good for. */
const SHORT = 5
const LONG = 3600

const encoded = (text) => Buffer.from(text).toString('base64url')

/** Shares a key with the server, as a host application does that has people of its own. */
class Host {
  visits = 0
  lifetime = SHORT

  static async start() {
    const host = new Host()
    host.key = encoded(randomBytes(32))
    host.server = createServer((request, response) => host.answer(request, response))
    await new Promise((resolve) => host.server.listen(0, '127.0.0.1', resolve))
    return host
  }

  get url() {
    return `http://127.0.0.1:${this.server.address().port}`
  }

  token(sub, lifetime = this.lifetime) {
    const iat = Math.floor(Date.now() / 1000)
    const said = `${encoded(JSON.stringify({ alg: 'HS256', typ: 'JWT' }))}.${encoded(JSON.stringify({ sub, iat, exp: iat + lifetime }))}`
    return `${said}.${createHmac('sha256', this.key).update(said).digest('base64url')}`
  }

  answer(request, response) {
    const { pathname, searchParams } = new URL(request.url, this.url)
    if (pathname === '/favicon.ico') return response.writeHead(204).end()
    const back = searchParams.get('return_to')
    // A token goes to the page and to nobody else.
    if (back?.split('?')[0] !== this.page) return response.writeHead(400).end('That is not where our messages are.')
    if (pathname === '/enter') return response.writeHead(303, { location: `${back}#token=${this.token('olga')}` }).end()
    this.visits++
    const action = `/enter?return_to=${encodeURIComponent(back)}`
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
      .end(`<!doctype html><html lang="en"><title>Shop</title><a href="${action.replaceAll('&', '&amp;')}">Go on as Olga</a></html>`)
  }
}

export async function login({ browser }) {
  const folder = await mkdtemp(join(tmpdir(), 'parley-login-'))
  const host = await Host.start()
  const secret = join(folder, 'secret')
  await writeFile(secret, host.key, { mode: 0o600 })
  const server = await Server.start('--login', `${host.url}/login?from=messages`, '--jwt-secret-file', secret)
  try {
    host.page = `${server.url}/messages`
    await play(browser, server, host)
  } finally {
    await server.clean()
    await new Promise((resolve) => host.server.close(resolve))
    await rm(folder, { recursive: true })
  }
}

async function play(browser, server, host) {
  const olga = await somebody(browser, server)
  const isIn = () => olga.getByRole('navigation', { name: 'Conversations' }).waitFor()
  await olga.goto('/')
  const enter = olga.getByRole('link', { name: 'Go on as Olga' })
  await enter.waitFor()
  assert.equal(new URL(olga.url()).searchParams.get('from'), 'messages', 'the application’s own query is kept')
  await enter.click()
  await isIn()
  assert.equal(olga.url(), host.page, 'the address bar has no token')

  // A token that has ended is asked for again, by a button, since somebody may be reading.
  await olga.getByText('The token is not good any more. Sign in again.').waitFor()
  await accessible(olga, 'a token that has ended')
  host.lifetime = LONG
  await olga.getByRole('button', { name: 'Sign in' }).click()
  await enter.click()
  await isIn()
  await begin(olga, 'Group', { title: 'Shop', members: [] })
  await write(olga, 'is anybody there')
  await sees(olga, 'is anybody there')

  // The tab keeps its token; who signs out is not led back in.
  await olga.reload()
  await sees(olga, 'is anybody there')
  assert.equal(host.visits, 2)
  await strangersLinks(olga, host)
  const { visits } = host
  await olga.getByRole('button', { name: /profile and settings$/ }).click()
  await olga.getByRole('button', { name: 'Sign out' }).click()
  await olga.getByText('You have signed out.').waitFor()
  await until('nothing is kept', () => olga.evaluate(() => sessionStorage.length === 0))
  assert.equal(host.visits, visits)
  assert.deepEqual(olga.faults, [])
  await olga.context().close()
}

/** A link that signs in somebody else is asked about, unless nobody is signed in nor about to be. */
async function strangersLinks(olga, host) {
  const given = host.token('mallory', LONG)
  const asked = []
  let answer = 'dismiss'
  olga.context().on('dialog', (dialog) => { asked.push(dialog.message()); void dialog[answer]() })
  const open = async (page, token, query = '') => {
    await page.goto('about:blank')
    await page.goto(`/messages${query}#token=${token}`)
  }
  const isNow = async (page, user) => {
    await page.getByRole('navigation', { name: 'Conversations' }).waitFor()
    assert.equal(await page.evaluate(() => location.href), host.page, 'the address bar has no token')
    assert.equal(await page.evaluate(() => JSON.parse(atob(sessionStorage.getItem('parley.token').split('.')[1])).sub), user)
  }
  for (const query of ['', '?login=1-2-3-4']) {
    await open(olga, given, query)
    await isNow(olga, 'olga')
  }
  assert.deepEqual(asked.map((each) => each.includes('signed in as olga')), [true, true])
  await open(olga, host.token('olga', LONG))
  await isNow(olga, 'olga')
  assert.equal(asked.length, 2, 'oneself is not asked about')
  answer = 'accept'
  await open(olga, given)
  await isNow(olga, 'mallory')
  assert.equal(asked.length, 3)

  answer = 'dismiss'
  const nobody = await olga.context().newPage()
  await nobody.goto('/')
  const enter = nobody.getByRole('link', { name: 'Go on as Olga' })
  await enter.waitFor()
  for (const query of ['', '?login=1-2-3-4']) {
    await open(nobody, given, query)
    await enter.waitFor()
  }
  assert.equal(asked.length, 5, 'a login that was begun is answered by itself alone')
  await enter.click()
  await isNow(nobody, 'olga')
  await nobody.close()

  const another = await olga.context().newPage()
  await open(another, given)
  await isNow(another, 'mallory')
  assert.equal(asked.length, 5, 'nobody was signed in')
  await another.close()
}
