// A real server that serves the page as it was built, a real browser, and people in it.
import { execFile, spawn } from 'node:child_process'
import { strict as assert } from 'node:assert'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { chromium } from 'playwright-core'

const READY_MS = 30_000
const PATIENCE_MS = 30_000
const program = process.env.PARLEYD
const dist = fileURLToPath(new URL('../dist', import.meta.url))
const axe = await readFile(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')

export class Server {
  port = 0

  static async start(...options) {
    assert(program, 'PARLEYD must name the server’s program')
    const server = new Server()
    server.options = options
    server.data = await mkdtemp(join(tmpdir(), 'parley-page-'))
    await server.start()
    return server
  }

  /** On the same port each time, once it had one. */
  async start() {
    const options = [
      ...this.options, '--page', dist, '--listen', `127.0.0.1:${this.port}`, '--data', this.data,
      '--rate-limit', 'off', '--notify-after', '1s', '--log-level', 'error',
    ]
    const child = spawn(program, options, { stdio: ['ignore', 'pipe', 'inherit'] })
    this.child = child
    this.ended = new Promise((resolve) => child.once('exit', resolve))
    this.port = await new Promise((resolve, reject) => {
      let out = ''
      const timer = setTimeout(() => reject(new Error('the server is not ready')), READY_MS)
      child.stdout.on('data', (data) => {
        const ready = /ready on http:\/\/127\.0\.0\.1:(\d+)/.exec((out += data))
        if (!ready) return
        clearTimeout(timer)
        resolve(Number(ready[1]))
      })
      void this.ended.then((code) => reject(new Error(`the server ended with ${code}`)))
    })
  }

  get url() {
    return `http://127.0.0.1:${this.port}`
  }

  async token(user, ...more) {
    const { stdout } = await promisify(execFile)(program, ['token', '--data', this.data, '--user', user, ...more])
    return stdout.trim()
  }

  async kill() {
    this.child.kill('SIGKILL')
    await this.ended
  }

  async clean() {
    await this.kill()
    await rm(this.data, { recursive: true, force: true })
  }
}

export async function openBrowser() {
  return chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
}

/** Somebody with a browser of their own, who has not signed in yet. */
export async function somebody(browser, server, options = {}) {
  const context = await browser.newContext({
    baseURL: server.url, viewport: { width: 1280, height: 800 }, locale: 'en-GB', timezoneId: 'Europe/Berlin', colorScheme: 'light', ...options,
  })
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  page.faults = []
  page.on('pageerror', (error) => page.faults.push(String(error)))
  page.on('console', (message) => {
    const text = message.text()
    // A server that is gone says so by itself.
    if (message.type() === 'error' && !/ERR_CONNECTION|WebSocket connection|net::ERR/.test(text)) page.faults.push(text)
  })
  return page
}

export async function signIn(page, name) {
  await page.goto('/')
  await page.getByLabel('Your name').fill(name)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByRole('navigation', { name: 'Conversations' }).waitFor()
}

/** Fails on whatever axe calls serious, and on nothing less. */
export async function accessible(page, where) {
  // By the protocol of the debugger, as the page's own policy lets nobody add scripts.
  await page.evaluate(axe)
  const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }))
  const serious = found.violations.filter((each) => ['serious', 'critical'].includes(each.impact))
  const said = serious.map((each) => `${each.id}: ${each.help}\n${each.nodes.slice(0, 4).map((node) => `  ${node.html}\n  ${node.failureSummary}`).join('\n')}`)
  assert.equal(serious.length, 0, `axe, ${where}:\n${said.join('\n')}`)
}

/** Waits until something holds. */
export async function until(what, holds, ms = PATIENCE_MS) {
  const end = Date.now() + ms
  for (;;) {
    if (await holds()) return
    if (Date.now() > end) throw new Error(`in vain: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

// --- What people do ------------------------------------------------------------------------------

export const composer = (page) => page.getByRole('main').getByRole('textbox', { name: 'Message' })

export async function write(page, text) {
  await composer(page).fill(text)
  await composer(page).press('Enter')
}

/** The message that says this. */
export function message(page, text) {
  return page.getByRole('main').locator('article.message').filter({ has: page.locator('.body', { hasText: text }) }).last()
}

export async function sees(page, text) {
  await message(page, text).waitFor()
}

export function line(page, name) {
  const called = page.locator('.line-name strong', { hasText: new RegExp(`^${name}$`) })
  return page.getByRole('navigation', { name: 'Conversations' }).locator('.line').filter({ has: called })
}

export async function openLine(page, name) {
  await line(page, name).click()
  await page.getByRole('main', { name }).waitFor()
}

/** Waits until a message can be seen, and not only found. */
export async function inSight(page, text) {
  await until(`“${text}” is in sight`, () => message(page, text).evaluate((element) => {
    const [at, frame] = [element.getBoundingClientRect(), element.closest('.scroller').getBoundingClientRect()]
    return at.top >= frame.top && at.bottom <= frame.bottom
  }, null, { timeout: 1000 }).catch(() => false))
}

/** Picks from the menu of a message. */
export async function choose(page, text, choice) {
  await message(page, text).hover()
  await message(page, text).getByRole('button', { name: 'More actions' }).click()
  await page.getByRole('menuitem', { name: choice }).click()
}

export async function begin(page, kind, { title, members }) {
  await page.getByRole('button', { name: 'New conversation' }).click()
  const dialog = page.getByRole('dialog', { name: 'New conversation' })
  await dialog.getByRole('radio', { name: kind }).check()
  if (title) await dialog.getByLabel('Title').fill(title)
  for (const each of members) {
    const field = dialog.getByLabel(kind === 'Direct' ? 'With' : 'Members')
    await field.fill(each)
    await field.press('Enter')
  }
  await dialog.getByRole('button', { name: 'Begin' }).click()
  await dialog.waitFor({ state: 'detached' })
}

/** Commands of a user who has no page open, one after another, by a connection of the page's own. */
export async function say(page, token, commands) {
  return page.evaluate(async ({ token, commands }) => {
    const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/v1/ws`, ['parley.v1.json'])
    await new Promise((resolve, reject) => { socket.onopen = resolve; socket.onerror = () => reject(new Error('no socket')) })
    const waiting = new Map()
    socket.onmessage = ({ data }) => {
      for (const text of data.split('\n')) {
        if (!text) continue
        const told = JSON.parse(text)
        waiting.get(told.ref)?.(told)
        waiting.delete(told.ref)
      }
    }
    const ask = (ref, command) => new Promise((resolve) => {
      waiting.set(ref, resolve)
      socket.send(JSON.stringify({ ...command, ref }))
    })
    await ask('hello', { type: 'hello', token })
    const answers = []
    for (let at = 0; at < commands.length; at += 50) {
      answers.push(...await Promise.all(commands.slice(at, at + 50).map((command, i) => ask(at + i, command))))
    }
    socket.close()
    return answers
  }, { token, commands })
}
