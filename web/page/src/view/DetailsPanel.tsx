// What a conversation is, who is in it, and what one has settled about it.
import { useEffect, useState } from 'react'
import type { ListItem } from '@parley/sdk'
import { Members } from '../model/members'
import { may } from '../model/rights'
import { useSignal } from '../model/signal'
import { useTalk } from '../model/talk'
import { ConversationForm } from './ConversationForm'
import { MemberList } from './MemberList'
import { OwnForm } from './OwnForm'
import { Panel } from './Panel'
import { PinList } from './PinList'

export default function DetailsPanel({ item, onOpen, onClose, onLeft }: {
  item: ListItem; onOpen(conversation: string, message?: number): void; onClose(): void; onLeft(): void
}) {
  const { parley, people, conversations, own, tell } = useTalk()
  const [members] = useState(() => new Members(parley, people, item.conversation))
  useEffect(() => () => members.close(), [members])
  useSignal(members)
  useSignal(own)
  const { conversation } = item
  const other = conversations.otherOf(item)
  const profile = other === undefined ? undefined : people.profileOf(other)
  const isBlocked = other !== undefined && own.blocked.has(other)
  const leave = (how: 'leave' | 'delete') => {
    const what = how === 'leave' ? 'Leave this conversation?' : 'Delete this conversation, for everyone and for good?'
    if (!confirm(what)) return
    parley.call(how, { conversation }).then(onLeft, tell)
  }
  return (
    <Panel title="Details" onClose={onClose} className="details">
      {profile?.text && <p className="about-person">{profile.text}</p>}
      <OwnForm item={item} />
      <PinList item={item} members={members} onOpen={(seq) => onOpen(conversation, seq)} />
      {item.kind !== 'direct' && <MemberList item={item} members={members} />}
      {item.kind !== 'direct' && (may('update', item) || item.role === 'owner') && members.facts && (
        <ConversationForm key={`${members.facts.title} ${members.facts.retention?.days}`} item={item} facts={members.facts} />
      )}
      <section className="ending" aria-label="Leave">
        {other !== undefined && (
          <button type="button" className="danger" onClick={() => own.block(other, !isBlocked).catch(tell)}>
            {isBlocked ? 'Unblock' : 'Block'} {people.nameOf(other)}
          </button>
        )}
        {item.kind !== 'direct' && <button type="button" className="danger" onClick={() => leave('leave')}>Leave</button>}
        {item.kind !== 'direct' && item.role === 'owner' && <button type="button" className="danger" onClick={() => leave('delete')}>Delete for everyone</button>}
      </section>
    </Panel>
  )
}
