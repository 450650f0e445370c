// Names that fit what is typed behind an @.
import { useMemo } from 'react'
import type { ListItem } from '@parley/sdk'
import type { Members } from '../model/members'
import { useSignal } from '../model/signal'
import { useTalk } from '../model/talk'
import { Avatar } from '../parts/Avatar'

const MOST = 8

export interface Named { name: string; user: string }

export interface Names {
  /** Whom a name stands for. */
  byName: ReadonlyMap<string, string>
  matching(begun: string): Named[]
}

/** Those who can be mentioned here: by their names, and by their ids where two have the same name. */
export function useNames(item: ListItem, members: Members, withAll: boolean): Names {
  const { people, parley } = useTalk()
  useSignal(members)
  const version = people.version()
  return useMemo(() => {
    const byName = new Map<string, string>()
    for (const { user } of members.members) {
      const name = people.nameOf(user)
      byName.set(byName.has(name) ? user : name, user)
      if (!byName.has(user)) byName.set(user, user)
    }
    if (withAll && item.kind !== 'direct') for (const each of ['all', 'here']) byName.set(each, `@${each}`)
    return {
      byName,
      matching(begun) {
        const wanted = begun.toLowerCase()
        const found = new Map<string, Named>()
        for (const [name, user] of byName) {
          if (found.size === MOST) break
          if (user === parley.user || found.has(user)) continue
          if (name.toLowerCase().startsWith(wanted) || user.toLowerCase().startsWith(wanted)) found.set(user, { name, user })
        }
        return [...found.values()]
      },
    }
    // Names and members change with these two versions.
  }, [item.kind, members, members.version(), people, version, parley, withAll])
}

export function NameList({ found, chosen, onPick }: { found: readonly Named[]; chosen: number; onPick(name: string): void }) {
  return (
    <ul className="names" role="listbox" id="names" aria-label="People">
      {found.map(({ name, user }, i) => (
        <li
          key={user} id={`name-${i}`} role="option" aria-selected={i === chosen}
          onPointerDown={(event) => { event.preventDefault(); onPick(name) }}
        >
          <Avatar id={user} name={name} small /><strong>{name}</strong>{user !== name && <small>{user}</small>}
        </li>
      ))}
    </ul>
  )
}
