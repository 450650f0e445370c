// Attachments: by the button, dropped, pasted; pictures are shown, everything is for download.
import { strict as assert } from 'node:assert'
import { readFile } from 'node:fs/promises'
import { accessible, composer, message, openLine, sees, until } from './support.mjs'

/** A picture of one red dot. */
const DOT = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=='

/** Files as a drop or a paste brings them. */
function carried(page, event, name, type, base64) {
  return page.evaluate(({ event, name, type, base64 }) => {
    const bytes = Uint8Array.from(atob(base64), (each) => each.charCodeAt(0))
    const data = new DataTransfer()
    data.items.add(new File([bytes], name, { type }))
    const init = { bubbles: true, cancelable: true }
    if (event === 'paste') document.querySelector('main textarea').dispatchEvent(new ClipboardEvent('paste', { ...init, clipboardData: data }))
    else document.querySelector('main').dispatchEvent(new DragEvent('drop', { ...init, dataTransfer: data }))
  }, { event, name, type, base64 })
}

export async function files({ alice, bob }) {
  await openLine(alice, 'bob')
  await openLine(bob, 'alice')
  const text = Buffer.from('what is in it')
  await alice.locator('main input[type=file]').setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: text })
  await alice.getByRole('button', { name: 'Remove notes.txt' }).waitFor()
  await carried(alice, 'drop', 'dot.png', 'image/png', DOT)
  await carried(alice, 'paste', 'image.png', 'image/png', DOT)
  await until('three files are there', async () => await alice.locator('.uploads li[aria-busy=false]').count() === 3)
  await composer(alice).fill('three files')
  await composer(alice).press('Enter')
  await sees(bob, 'three files')
  const theirs = message(bob, 'three files')
  await until('both pictures are drawn', () => theirs.locator('img').evaluateAll((all) => all.length === 2 && all.every((each) => each.naturalWidth === 1)))
  const [download] = await Promise.all([bob.waitForEvent('download'), theirs.getByRole('button', { name: /notes\.txt/ }).click()])
  assert.equal(await readFile(await download.path(), 'utf8'), text.toString())
  await accessible(bob, 'files')
}
