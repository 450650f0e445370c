// A list of users to choose: typed ids, with those one talks to already as suggestions.
import { useId, useMemo, useState, type KeyboardEvent } from 'react'
import { useTalk } from '../model/talk'
import { Avatar } from '../parts/Avatar'
import { IconButton } from '../parts/Icon'

export function PeopleField({ label, users, onChange, most = 1000 }: {
  label: string; users: readonly string[]; onChange(users: string[]): void; most?: number
}) {
  const { conversations, people, parley } = useTalk()
  const [text, setText] = useState('')
  const [id, list] = [useId(), useId()]
  const known = useMemo(() => [...new Set(conversations.items.flatMap((item) => [
    ...(item.users ?? []), ...(item.last ? [item.last.from] : []),
  ]))].filter((each) => each !== parley.user && !users.includes(each)), [conversations.items, parley, users])

  const add = (given: string) => {
    const fresh = given.split(/[\s,;]+/).map((each) => known.find((user) => people.nameOf(user) === each) ?? each)
      .filter((each) => each && !users.includes(each))
    if (fresh.length) onChange([...users, ...fresh].slice(0, most))
    setText('')
  }
  const keys = (event: KeyboardEvent) => {
    if ((event.key === 'Enter' || event.key === ',') && text.trim()) {
      event.preventDefault()
      add(text)
    } else if (event.key === 'Backspace' && !text && users.length) onChange(users.slice(0, -1))
  }
  return (
    <div className="people-field">
      <label htmlFor={id}>{label}</label>
      {users.length > 0 && (
        <ul className="chips">
          {users.map((user) => (
            <li key={user}><Avatar id={user} name={people.nameOf(user)} small />{people.nameOf(user)}
              <IconButton name="close" label={`Remove ${user}`} onClick={() => onChange(users.filter((each) => each !== user))} />
            </li>
          ))}
        </ul>
      )}
      {users.length < most && (
        <input
          id={id} list={list} value={text} spellCheck={false} autoComplete="off" placeholder="User’s id"
          onChange={(event) => setText(event.target.value)} onKeyDown={keys} onBlur={() => { if (text.trim()) add(text) }}
        />
      )}
      <datalist id={list}>{known.map((user) => <option key={user} value={user}>{people.nameOf(user)}</option>)}</datalist>
    </div>
  )
}
