// Messages and all that becomes of them: ticks, typing, replies, edits, reactions, threads, deletion, drafts.
import { strict as assert } from 'node:assert'
import { accessible, begin, choose, composer, line, message, openLine, sees, until, write } from './support.mjs'

export async function messages({ alice, bob }) {
  await accessible(alice, 'an empty list')
  await alice.getByRole('button', { name: 'New conversation' }).click()
  await alice.getByRole('dialog', { name: 'New conversation' }).getByRole('radio', { name: 'Group' }).check()
  await accessible(alice, 'a new conversation')
  await alice.keyboard.press('Escape')
  await begin(alice, 'Direct', { members: ['bob'] })
  await write(alice, 'hello bob, see https://example.com/a?b=1.')
  await sees(alice, 'hello bob')
  const link = message(alice, 'hello bob').getByRole('link')
  assert.equal(await link.getAttribute('href'), 'https://example.com/a?b=1')

  await line(bob, 'alice').locator('.badge', { hasText: '1 unread' }).waitFor()
  await message(alice, 'hello bob').getByRole('button', { name: /^Delivered/ }).waitFor()
  await openLine(bob, 'alice')
  await sees(bob, 'hello bob')
  await message(alice, 'hello bob').getByRole('button', { name: /^Read by everyone/ }).click()
  const receipts = alice.getByRole('dialog', { name: 'Who has it' })
  await receipts.getByText('Read by 1 of 1').waitFor()
  await accessible(alice, 'receipts')
  await receipts.getByRole('button', { name: 'Close' }).click()

  await composer(bob).pressSequentially('how are you')
  await alice.getByText('bob is typing…').first().waitFor()
  await composer(bob).press('Enter')
  await sees(alice, 'how are you')

  await message(alice, 'how are you').hover()
  await message(alice, 'how are you').getByRole('button', { name: 'Reply' }).click()
  await write(alice, 'fine, thanks')
  await message(bob, 'fine, thanks').locator('.quote', { hasText: 'how are you' }).waitFor()

  await composer(alice).press('ArrowUp')
  await alice.getByRole('textbox', { name: 'Edit the message' }).fill('fine, thank you')
  await alice.getByRole('textbox', { name: 'Edit the message' }).press('Enter')
  await message(bob, 'fine, thank you').getByRole('button', { name: 'edited' }).click()
  await bob.getByRole('dialog', { name: 'What it said' }).getByText('fine, thanks').waitFor()
  await accessible(bob, 'versions')
  await bob.keyboard.press('Escape')

  await message(bob, 'fine, thank you').hover()
  await message(bob, 'fine, thank you').getByRole('button', { name: 'React with 👍' }).click()
  await message(alice, 'fine, thank you').getByRole('button', { name: '👍, 1' }).click()
  await message(bob, 'fine, thank you').getByRole('button', { name: '👍, 2' }).click()
  await message(alice, 'fine, thank you').getByRole('button', { name: '👍, 1' }).waitFor()
  await message(bob, 'fine, thank you').hover()
  await message(bob, 'fine, thank you').getByRole('button', { name: 'React', exact: true }).click()
  await bob.getByRole('searchbox', { name: 'Search emojis' }).waitFor()
  await accessible(bob, 'emojis')
  await bob.getByRole('searchbox', { name: 'Search emojis' }).fill('rocket')
  await bob.getByRole('button', { name: 'rocket ship launch' }).click()
  await message(alice, 'fine, thank you').getByRole('button', { name: '🚀, 1' }).waitFor()

  await thread(alice, bob)
  await deletion(alice, bob)
  await drafts(alice)
  await accessible(alice, 'a conversation')
  await alice.emulateMedia({ colorScheme: 'dark' })
  await accessible(alice, 'a conversation in the dark')
  await alice.emulateMedia({ colorScheme: 'light' })
}

async function thread(alice, bob) {
  await message(alice, 'how are you').hover()
  await message(alice, 'how are you').getByRole('button', { name: 'Thread' }).click()
  const panel = alice.getByRole('complementary', { name: 'Thread' })
  await panel.getByRole('textbox', { name: 'Answer in the thread' }).fill('tell me more')
  await panel.getByRole('textbox', { name: 'Answer in the thread' }).press('Enter')
  await panel.locator('article.message', { hasText: 'tell me more' }).waitFor()
  await message(bob, 'how are you').getByRole('button', { name: '1 answer' }).click()
  const theirs = bob.getByRole('complementary', { name: 'Thread' })
  await theirs.locator('article.message', { hasText: 'tell me more' }).waitFor()
  await theirs.getByRole('textbox', { name: 'Answer in the thread' }).fill('there is not much')
  await theirs.getByRole('textbox', { name: 'Answer in the thread' }).press('Enter')
  await panel.locator('article.message', { hasText: 'there is not much' }).waitFor()
  await accessible(alice, 'a thread')
  await message(alice, 'how are you').getByRole('button', { name: '2 answers' }).waitFor()
  for (const page of [alice, bob]) await page.getByRole('button', { name: 'Close thread' }).click()
}

async function deletion(alice, bob) {
  await write(alice, 'a slip')
  await sees(bob, 'a slip')
  await choose(alice, 'a slip', 'Delete…')
  const dialog = alice.getByRole('dialog', { name: 'Delete this message?' })
  await dialog.getByRole('button', { name: 'Delete for everyone' }).waitFor()
  await accessible(alice, 'a deletion')
  await dialog.getByRole('button', { name: 'Delete for everyone' }).click()
  await bob.getByText('This message was deleted.').first().waitFor()
  await write(alice, 'only for me to forget')
  await sees(bob, 'only for me to forget')
  await choose(bob, 'only for me to forget', 'Delete…')
  await bob.getByRole('dialog').getByRole('button', { name: 'Delete for me' }).click()
  await message(bob, 'only for me to forget').waitFor({ state: 'detached' })
  await sees(alice, 'only for me to forget')
}

async function drafts(alice) {
  await composer(alice).fill('not finished')
  await begin(alice, 'Group', { title: 'Elsewhere', members: [] })
  await line(alice, 'bob').getByText('Draft: not finished').waitFor()
  await openLine(alice, 'bob')
  await until('the draft is back', async () => await composer(alice).inputValue() === 'not finished')
  await composer(alice).fill('')
  await sees(alice, 'only for me to forget')
  // The keyboard alone goes from message to message.
  await alice.getByRole('region', { name: 'Messages' }).focus()
  await alice.keyboard.press('ArrowUp')
  await until('a message has the focus', () => alice.evaluate(() => document.activeElement?.matches('article.message')))
}
