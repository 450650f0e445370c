// Two people through every feature of the page, one scenario after another on the same server. With names, only those
// scenarios, behind the first one, which begins what they go on with; with PICTURES, screenshots into that folder.
import { operator } from './operator.mjs'
import { conversations } from './conversations.mjs'
import { expiry } from './expiry.mjs'
import { files } from './files.mjs'
import { lists } from './lists.mjs'
import { login } from './login.mjs'
import { long } from './long.mjs'
import { lost } from './lost.mjs'
import { mentions } from './mentions.mjs'
import { messages } from './messages.mjs'
import { notices } from './notices.mjs'
import { pictures } from './pictures.mjs'
import { token } from './token.mjs'
import { finding } from './finding.mjs'
import { openBrowser, Server, signIn, somebody } from './support.mjs'

const all = { messages, conversations, files, expiry, finding, notices, lost, long, lists, mentions, login, token, operator, ...(process.env.PICTURES ? { pictures } : {}) }
const wanted = process.argv.slice(2)

const server = await Server.start('--dev')
const browser = await openBrowser()
let failed = 0
try {
  const [alice, bob] = [await somebody(browser, server), await somebody(browser, server)]
  const people = { alice, bob }
  const stage = { server, browser, ...people }
  await Promise.all(Object.entries(people).map(([name, page]) => signIn(page, name)))
  for (const [name, scenario] of Object.entries(all)) {
    if (wanted.length && !wanted.includes(name) && scenario !== messages) continue
    const begun = Date.now()
    try {
      await scenario(stage)
      for (const [who, page] of Object.entries(people)) {
        if (page.faults.length) throw new Error(`${who}'s page complains:\n${page.faults.splice(0).join('\n')}`)
      }
      console.log(`ok   ${name} (${((Date.now() - begun) / 1000).toFixed(1)} s)`)
    } catch (fault) {
      failed++
      console.log(`FAIL ${name}\n${fault.stack}`)
      if (process.env.KEEP) await Promise.all(Object.entries(people).map(([who, page]) => page.screenshot({ path: `${process.env.KEEP}/${name}-${who}.png` })))
    }
  }
} finally {
  await browser.close()
  await server.clean()
}
process.exit(failed ? 1 : 0)
