// Screenshots for the README, of a small world that is made for them.
import { join } from 'node:path'
import { begin, line, message, say, signIn, somebody, until } from './support.mjs'

/** What makes the operator's charts worth looking at, one and a half seconds each. */
const WAVES = 80

const TALK = [
  ['mara', 'The tomatoes on the south side are ready 🍅'],
  ['jonas', 'All of them? I was going to wait for the weekend.'],
  ['mara', 'Most. The small ones burst if we wait.'],
  ['selma', 'I can bring boxes tomorrow at 8, and two helping hands.'],
  ['jonas', 'Then tomorrow it is. @mara who has the key to the shed?'],
  ['mara', 'Selma does, since Tuesday. The list of who waters when: https://garden.example/water'],
]

export async function pictures({ browser, server }) {
  const folder = process.env.PICTURES
  const page = await somebody(browser, server, { viewport: { width: 1180, height: 720 }, deviceScaleFactor: 1.5 })
  await signIn(page, 'mara')
  const names = { mara: 'Mara Lind', jonas: 'Jonas Berg', selma: 'Selma Okoye', theo: 'Theo' }
  const tokens = {}
  for (const [user, name] of Object.entries(names)) {
    tokens[user] = await server.token(user)
    await say(page, tokens[user], [{ type: 'set_profile', name, client_id: `name-${user}` }])
  }
  await begin(page, 'Channel', { title: 'Announcements', members: ['jonas', 'selma'] })
  await begin(page, 'Direct', { members: ['theo'] })
  await begin(page, 'Group', { title: 'Garden', members: ['jonas', 'selma'] })
  const conversation = await page.evaluate(() => new URLSearchParams(location.hash.slice(1)).get('c'))
  const seqs = []
  for (const [i, [user, body]] of TALK.entries()) {
    const mentions = body.includes('@mara') ? ['mara'] : undefined
    const [sent] = await say(page, tokens[user], [{ type: 'send', conversation, client_id: `talk-${i}`, body, mentions, ...(i === 3 ? { reply_to: seqs[0] } : {}) }])
    seqs.push(sent.seq)
  }
  await say(page, tokens.selma, [{ type: 'react', conversation, message: seqs[0], emoji: '🎉', client_id: 'r1' }])
  await say(page, tokens.jonas, [
    { type: 'react', conversation, message: seqs[0], emoji: '🎉', client_id: 'r2' },
    { type: 'send', conversation, client_id: 'answer', body: 'Thanks!', thread: seqs[3] },
    { type: 'read', conversation, seq: seqs[5] },
  ])
  await say(page, tokens.selma, [{ type: 'read', conversation, seq: seqs[2] }, { type: 'delivered', conversation, seq: seqs[5] }])
  const direct = await say(page, tokens.theo, [{ type: 'create', kind: 'direct', with: 'mara' }])
  await say(page, tokens.theo, [{ type: 'send', conversation: direct[0].conversation, client_id: 'theo', body: 'Lunch on Friday?' }])
  await message(page, 'since Tuesday').waitFor()
  await until('names are there', async () => await page.getByText('Jonas Berg').count() >= 2)
  await line(page, 'Garden').locator('.badge').first().waitFor({ state: 'detached' })
  await page.waitForTimeout(2000) // ticks
  await page.mouse.move(0, 0)
  await page.screenshot({ path: join(folder, 'messages.png') })
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.getByRole('button', { name: 'Details' }).click()
  await page.getByRole('complementary', { name: 'Details' }).getByText('Selma Okoye').waitFor()
  await page.screenshot({ path: join(folder, 'messages-dark.png') })
  await page.emulateMedia({ colorScheme: 'light' })
  await page.setViewportSize({ width: 390, height: 720 })
  await page.getByRole('button', { name: 'Close details' }).click()
  await page.screenshot({ path: join(folder, 'messages-narrow.png') })
  const admin = await somebody(browser, server, { viewport: { width: 1180, height: 720 } })
  await admin.goto('/admin')
  await admin.getByLabel('Your token').fill(await server.token('root', '--admin'))
  await admin.getByRole('button', { name: 'Sign in' }).click()
  for (let i = 0; i < WAVES; i++) {
    const many = Math.round(60 + 50 * Math.sin(i / 5) + 30 * Math.random())
    await say(page, tokens.theo, Array.from({ length: many }, (_, k) => ({
      type: 'send', conversation: direct[0].conversation, client_id: `wave-${i}-${k}`, body: 'and more',
    })))
    await admin.waitForTimeout(1500)
  }
  await admin.screenshot({ path: join(folder, 'operator.png') })
  await admin.context().close()
  await page.context().close()
}
