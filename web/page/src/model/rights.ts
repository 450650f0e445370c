// Who may do what, as docs/protocol.md has it, so that nothing is offered that would be refused. The server decides.
import type { ListItem, Right, Role } from '@parley/sdk'

const RANKS: { [role in Role]: number } = { reader: 0, member: 1, admin: 2, owner: 3 }

export const ROLES: readonly Role[] = ['owner', 'admin', 'member', 'reader']

export const RIGHTS: readonly { right: Right; label: string }[] = [
  { right: 'post', label: 'Post messages' },
  { right: 'edit', label: 'Edit own messages' },
  { right: 'delete_any', label: 'Delete messages of others' },
  { right: 'pin', label: 'Pin messages' },
  { right: 'add', label: 'Add and invite people' },
  { right: 'remove', label: 'Remove and silence people' },
  { right: 'update', label: 'Change the title' },
  { right: 'mention_all', label: 'Mention everyone' },
]

export function outranks(a: Role, b: Role): boolean {
  return RANKS[a] > RANKS[b]
}

/** The least role that has a right. */
export function leastFor(right: Right, item: Pick<ListItem, 'kind' | 'permissions'>): Role {
  const said = item.permissions?.[right]
  if (said) return said
  const posting = item.kind === 'channel' ? 'admin' : 'member'
  if (right === 'edit' || right === 'mention_all') return leastFor('post', item)
  return right === 'delete_any' || right === 'remove' ? 'admin' : posting
}

export function may(right: Right, item: ListItem): boolean {
  if (item.kind === 'direct') return right === 'post' || right === 'edit' || right === 'pin' || right === 'update'
  if (item.frozen && RANKS[item.role] < RANKS.admin) return false
  return RANKS[item.role] >= RANKS[leastFor(right, item)]
}

/** Whether somebody's role lets one remove, silence or ban them. */
export function mayRemove(item: ListItem, role: Role): boolean {
  return item.kind !== 'direct' && may('remove', item) && (item.role === 'owner' || outranks(item.role, role))
}

/** Roles that one may give to somebody who has `role` now. */
export function givable(item: ListItem, role: Role): Role[] {
  if (item.kind === 'direct') return []
  if (item.role === 'owner') return [...ROLES]
  return item.role === 'admin' && outranks('admin', role) ? ['member', 'reader'] : []
}
