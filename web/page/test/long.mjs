// Ten thousand messages: the page opens at what is new, scrolls through them without a jolt, and keeps its place.
import { strict as assert } from 'node:assert'
import { inSight, line, message, openLine, say, signIn, somebody } from './support.mjs'

const MANY = 10_000
const FRAMES = 300
const STEP = 240
/** What a frame may take of the page's thread, on average: a sixtieth of a second, and what a busy machine adds. It is time of the processor. */
const FRAME_MS = 20
const MOST_BLANK = 0.05

export async function long({ browser, server }) {
  const filler = await somebody(browser, server)
  await filler.goto('/messages')
  const carl = await server.token('carl')
  const [{ conversation }] = await say(filler, carl, [{ type: 'create', kind: 'group', title: 'Long', members: ['erin'] }])
  await say(filler, carl, Array.from({ length: MANY }, (_, i) => ({
    type: 'send', conversation, client_id: `long-${i}`, body: `number ${i} ${'and more '.repeat(i % 23)}`,
  })))
  const erin = await somebody(browser, server)
  await signIn(erin, 'erin')
  await line(erin, 'Long').locator('.badge', { hasText: '999+' }).waitFor()
  await openLine(erin, 'Long')
  await erin.locator('.new-line').waitFor()
  await message(erin, 'number 0 ').waitFor()
  await erin.getByRole('button', { name: /^Go to the end/ }).click()
  await message(erin, `number ${MANY - 1} `).waitFor()
  await line(erin, 'Long').locator('.badge').waitFor({ state: 'detached' })

  const spent = await threadTime(erin)
  const before = await spent()
  const { frames, blank, reached } = await erin.evaluate(scrollUp, { count: FRAMES, step: STEP })
  const each = (await spent() - before) / FRAMES
  const sorted = [...frames].sort((a, b) => a - b)
  const within = (part) => `${sorted[Math.floor(frames.length * part)].toFixed(0)} ms`
  console.log(`     scrolled up to number ${reached}; a frame took ${each.toFixed(1)} ms of the processor; half came within ${within(0.5)}, 95% within ${within(0.95)}, 99% within ${within(0.99)}`)
  assert(each <= FRAME_MS, `a frame took ${each.toFixed(1)} ms of the processor, of ${FRAME_MS}`)
  assert(blank <= frames.length * MOST_BLANK, `${blank} of ${frames.length} frames had nothing to show`)
  assert(reached < MANY - 500, `only number ${reached} was reached`)

  await keepsPlace(erin, () => say(filler, carl, [{ type: 'send', conversation, client_id: 'late', body: 'late' }]))
  await erin.evaluate((id) => { location.hash = `c=${id}&m=5002` }, conversation)
  await inSight(erin, 'number 5000 ')
  assert.deepEqual(erin.faults, [])
  for (const page of [erin, filler]) await page.context().close()
}

/** Asks how long the page's thread has computed, in milliseconds of the processor. */
async function threadTime(page) {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  return async () => {
    const { metrics } = await session.send('Performance.getMetrics')
    return metrics.find((metric) => metric.name === 'TaskDuration').value * 1000
  }
}

/** Goes up as a wheel does, for so many frames; tells how long each took, and whether there was anything to see. */
async function scrollUp({ count, step }) {
  const scroller = document.querySelector('main .scroller')
  const frames = []
  let blank = 0
  let before = performance.now()
  for (let i = 0; i < count; i++) {
    scroller.scrollTop -= step
    await new Promise((resolve) => requestAnimationFrame(resolve))
    const now = performance.now()
    frames.push(now - before)
    before = now
    const box = scroller.getBoundingClientRect()
    if (!document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2)?.closest('.row')) blank++
  }
  const first = scroller.querySelector('article.message .body')?.textContent ?? ''
  return { frames, blank, reached: Number(/number (\d+)/.exec(first)?.[1] ?? NaN) }
}

/** What comes in at the end, and what is loaded above, moves nothing that is in sight. */
async function keepsPlace(page, happens) {
  const place = () => page.evaluate(() => {
    const scroller = document.querySelector('main .scroller')
    const { top } = scroller.getBoundingClientRect()
    const first = [...scroller.querySelectorAll('article.message')].find((each) => each.getBoundingClientRect().bottom > top + 5)
    return { seq: first.dataset.seq, above: Math.round(first.getBoundingClientRect().top - top) }
  })
  await page.waitForTimeout(500)
  const before = await place()
  await happens()
  await page.waitForTimeout(500)
  const after = await place()
  assert.equal(after.seq, before.seq, 'the first message in sight is the same')
  assert(Math.abs(after.above - before.above) <= 2, `it moved from ${before.above} to ${after.above}`)
}
