// The members of a group or channel: who they are, what they may do, and whom else to ask in.
import { useEffect, useState } from 'react'
import type { Answer, ListItem, Member, Role } from '@parley/sdk'
import type { Members } from '../model/members'
import { givable, may, mayRemove } from '../model/rights'
import { allOf, Pages } from '../model/pages'
import { useSignal } from '../model/signal'
import { useTalk } from '../model/talk'
import { Avatar } from '../parts/Avatar'
import { Menu, type Choice } from '../parts/Menu'
import { More } from './More'
import { PeopleField } from './PeopleField'

const HOUR = 60 * 60_000

type Restriction = Answer<'restrictions'>['items'][number]

export function MemberList({ item, members }: { item: ListItem; members: Members }) {
  const { parley, people, tell } = useTalk()
  useSignal(people)
  const [adding, setAdding] = useState<string[]>([])
  const restrictions = useRestrictions(item, members)
  const { conversation } = item
  const list = useSignal(useMembers(item, members))
  const invite = (how: 'add' | 'invite') => {
    parley.call(how, { conversation, users: adding }).then(() => setAdding([])).catch(tell)
  }
  return (
    <section aria-label="Members">
      <h3>Members{members.facts ? ` (${members.facts.member_count})` : ''}</h3>
      <ul className="people">
        {list.items.map((member) => <MemberLine key={member.user} item={item} member={member} restriction={restrictions.find((each) => each.user === member.user)} />)}
        <More list={list} />
      </ul>
      {restrictions.filter((each) => each.banned_until > Date.now()).map(({ user }) => (
        <p key={user} className="banned">{people.nameOf(user)} is banned. <button type="button" onClick={() => parley.call('unban', { conversation, user }).catch(tell)}>Lift</button></p>
      ))}
      <Invited item={item} members={members} />
      {may('add', item) && (
        <div className="adding">
          <PeopleField label="Add people" users={adding} onChange={setAdding} />
          {adding.length > 0 && (
            <p className="buttons">
              <button type="button" className="primary" onClick={() => invite('add')}>Add</button>
              <button type="button" onClick={() => invite('invite')}>Invite</button>
            </p>
          )}
        </div>
      )}
    </section>
  )
}

/** As far as somebody has looked; read again when something has happened in the conversation. */
function useMembers({ conversation }: ListItem, members: Members): Pages<Member> {
  const { parley, people, tell } = useTalk()
  const [pages] = useState(() => new Pages<Member>(async (cursor) => {
    const page = await parley.call('members', { conversation, cursor })
    people.watch(page.items.map((each) => each.user))
    return page
  }))
  const seq = members.facts?.seq
  useEffect(() => { if (seq !== undefined) pages.read().catch(tell) }, [pages, seq, tell])
  return pages
}

/** Those who were asked in and have not answered yet. */
function Invited({ item, members }: { item: ListItem; members: Members }) {
  const { parley, people, tell } = useTalk()
  const { conversation } = item
  const [items, setItems] = useState<Answer<'invited'>['items']>([])
  const allowed = may('add', item)
  const seq = members.facts?.seq
  useEffect(() => {
    if (!allowed) return
    allOf((cursor) => parley.call('invited', { conversation, cursor })).then((all) => {
      people.need(all.map((each) => each.user))
      setItems(all)
    }, () => {})
  }, [parley, people, conversation, allowed, seq])
  return items.map(({ user, role }) => (
    <p key={user} className="banned">
      {people.nameOf(user)} is invited as {role}.{' '}
      <button type="button" onClick={() => parley.call('uninvite', { conversation, user }).catch(tell)}>Take back</button>
    </p>
  ))
}

function useRestrictions(item: ListItem, members: Members): Restriction[] {
  const { parley } = useTalk()
  const [items, setItems] = useState<Restriction[]>([])
  const allowed = may('remove', item)
  const seq = members.facts?.seq
  useEffect(() => {
    if (!allowed) return
    parley.call('restrictions', { conversation: item.conversation }).then((answer) => setItems(answer.items), () => {})
  }, [parley, item.conversation, allowed, seq])
  return items
}

function MemberLine({ item, member: { user, role }, restriction }: { item: ListItem; member: Member; restriction: Restriction | undefined }) {
  const { parley, people, own, tell } = useTalk()
  const { conversation } = item
  const isSelf = user === parley.user
  const isSilent = (restriction?.silent_until ?? 0) > Date.now()
  const give = (next: Role): Choice => ({
    label: `Make ${next}`, pick: () => void parley.call('role', { conversation, user, role: next }).catch(tell),
  })
  const under = !isSelf && mayRemove(item, role)
  const choices: (Choice | false)[] = [
    ...(isSelf ? [] : givable(item, role).filter((each) => each !== role).map(give)),
    under && { label: isSilent ? 'End silence' : 'Silence for an hour', icon: 'mute', pick: () => void parley.call('silence', { conversation, user, until: isSilent ? 0 : Date.now() + HOUR }).catch(tell) },
    under && { label: 'Remove', icon: 'close', danger: true, pick: () => void parley.call('remove', { conversation, user }).catch(tell) },
    under && { label: 'Ban', icon: 'block', danger: true, pick: () => void parley.call('ban', { conversation, user }).catch(tell) },
    !isSelf && !own.blocked.has(user) && { label: 'Block', icon: 'block', danger: true, pick: () => void own.block(user, true).catch(tell) },
  ]
  return (
    <li>
      <Avatar id={user} name={people.nameOf(user)} status={people.presenceOf(user)?.status} small />
      <span><strong>{people.nameOf(user)}{isSelf ? ' (you)' : ''}</strong><small>{role}{isSilent ? ', silent' : ''}</small></span>
      {choices.some(Boolean) && <Menu label={`Actions for ${people.nameOf(user)}`} choices={choices} />}
    </li>
  )
}
