// Groups and channels: members and roles, settings, invitations; what one settles for oneself; what is unread; blocks.
import { strict as assert } from 'node:assert'
import { accessible, begin, composer, line, message, openLine, sees, write } from './support.mjs'

export async function conversations({ alice, bob }) {
  await begin(alice, 'Group', { title: 'Garden', members: ['bob', 'carol'] })
  await openLine(bob, 'Garden')
  await bob.getByText('alice began this conversation with you and carol.').waitFor()

  await composer(alice).pressSequentially('look, @bo')
  await alice.getByRole('option', { name: /bob/ }).waitFor()
  await accessible(alice, 'names to mention')
  await composer(alice).press('Enter')
  await composer(alice).pressSequentially('the roses')
  await composer(alice).press('Enter')
  await message(bob, 'look, @bob the roses').locator('.mention.self').waitFor()

  await message(alice, 'look, @bob').hover()
  await message(alice, 'look, @bob').getByRole('button', { name: 'More actions' }).click()
  await alice.getByRole('menuitem', { name: 'Pin' }).waitFor()
  await accessible(alice, 'a menu')
  await alice.getByRole('menuitem', { name: 'Pin' }).click()
  await bob.getByText('alice pinned a message.').waitFor()

  await alice.getByRole('button', { name: 'Details' }).click()
  const details = alice.getByRole('complementary', { name: 'Details' })
  await details.getByRole('button', { name: 'Actions for bob' }).click()
  await alice.getByRole('menuitem', { name: 'Make admin' }).click()
  await bob.getByText('alice made you admin.').waitFor()
  await details.getByRole('textbox', { name: 'Title' }).fill('Garden party')
  await details.getByRole('button', { name: 'Rename' }).click()
  await line(bob, 'Garden party').waitFor()
  await details.getByLabel('Frozen: members only read').check()
  await bob.getByText('alice froze the conversation.').waitFor()
  await details.getByLabel('Frozen: members only read').uncheck()
  await bob.getByText('alice unfroze the conversation.').waitFor()
  await details.getByText('Who may do what').click()
  await details.getByLabel('Pin messages').selectOption('admin')
  await bob.getByText('alice changed who may do what.').waitFor()
  await details.getByRole('region', { name: 'Pinned' }).getByText('look, @bob the roses').waitFor()
  await accessible(alice, 'details with pins')
  await details.getByRole('button', { name: 'Actions for carol' }).click()
  await alice.getByRole('menuitem', { name: 'Remove' }).click()
  await bob.getByText('alice removed carol.').waitFor()

  await own(alice, details)
  await channel(alice, bob)
  await unread(alice, bob)
  await invitation(alice, bob)
  await blocking(alice, bob)
}

async function own(alice, details) {
  await details.getByLabel('Keep at the top of the list').check()
  await line(alice, 'Garden party').locator('.line-name svg').first().waitFor()
  await details.getByLabel('Mute').selectOption('8')
  await details.getByText(/Muted until/).waitFor({ state: 'attached' })
  await details.getByLabel('Notify me').selectOption('mentions')
  await details.getByLabel('Archived, until something new comes').check()
  await line(alice, 'Garden party').waitFor({ state: 'detached' })
  await alice.getByRole('button', { name: 'Archived' }).click()
  await line(alice, 'Garden party').waitFor()
  await alice.getByRole('button', { name: 'Bring back' }).click()
  await alice.getByRole('button', { name: 'All', exact: true }).click()
  await line(alice, 'Garden party').waitFor()
  await details.getByLabel('Mute').selectOption('off')
  await alice.getByRole('button', { name: 'Close details' }).click()
}

async function channel(alice, bob) {
  await begin(alice, 'Channel', { title: 'News', members: ['bob'] })
  await write(alice, 'the first of them')
  await openLine(bob, 'News')
  await sees(bob, 'the first of them')
  await bob.getByText('Only some may post here.').waitFor()
}

/** Whoever reads something else sees where they are mentioned, and can see that alone. */
async function unread(alice, bob) {
  await openLine(alice, 'Garden party')
  await write(alice, '@bob, the weeds')
  const waiting = line(bob, 'Garden party')
  await waiting.locator('.badge', { hasText: '@ 1 mention' }).waitFor()
  await waiting.locator('.badge', { hasText: '1 unread' }).waitFor()
  await line(bob, 'alice').waitFor()
  await bob.getByRole('button', { name: 'Unread', exact: true }).click()
  await line(bob, 'alice').waitFor({ state: 'detached' })
  await waiting.click()
  await sees(bob, '@bob, the weeds')
  await waiting.locator('.badge').first().waitFor({ state: 'detached' })
  await line(bob, 'News').waitFor({ state: 'detached' })
  assert.equal(await waiting.count(), 1, 'what is open stays in sight')
  await bob.getByRole('button', { name: 'All', exact: true }).click()
  await line(bob, 'alice').waitFor()
}

async function invitation(alice, bob) {
  await begin(alice, 'Group', { title: 'Secret', members: [] })
  await alice.getByRole('button', { name: 'Details' }).click()
  const details = alice.getByRole('complementary', { name: 'Details' })
  await details.getByLabel('Add people').fill('bob')
  await details.getByLabel('Add people').press('Enter')
  await details.getByRole('button', { name: 'Invite' }).click()
  await bob.getByText('alice invites you to Secret').waitFor()
  await accessible(bob, 'an invitation')
  await bob.getByRole('button', { name: 'Accept' }).click()
  await bob.getByRole('main', { name: 'Secret' }).waitFor()
  await alice.getByRole('button', { name: 'Close details' }).click()
  await write(alice, 'welcome')
  await sees(bob, 'welcome')
}

async function blocking(alice, bob) {
  await openLine(alice, 'bob')
  await alice.getByRole('button', { name: 'Details' }).click()
  const details = alice.getByRole('complementary', { name: 'Details' })
  await details.getByRole('button', { name: 'Block bob' }).click()
  await details.getByRole('button', { name: 'Unblock bob' }).waitFor()
  await openLine(bob, 'alice')
  await write(bob, 'can you hear me')
  await bob.getByText(/^Not sent/).waitFor()
  await bob.getByRole('button', { name: 'Discard' }).click()
  await details.getByRole('button', { name: 'Unblock bob' }).click()
  await details.getByRole('button', { name: 'Block bob' }).waitFor()
  await alice.getByRole('button', { name: 'Close details' }).click()
}
