// One thread: the message that began it, the answers, and where one answers.
import { useEffect, useRef, useState } from 'react'
import type { ListItem, Message } from '@parley/sdk'
import { Members } from '../model/members'
import { may } from '../model/rights'
import { useSignal } from '../model/signal'
import { useTalk } from '../model/talk'
import { Timeline } from '../model/timeline'
import { timeOf } from '../model/time'
import { Avatar } from '../parts/Avatar'
import { Body } from '../parts/Body'
import { Attachments } from './Attachments'
import { Composer, type ComposerDoor } from './Composer'
import { MessageList } from './MessageList'
import { Panel } from './Panel'

const NOBODY: ReadonlyMap<string, boolean> = new Map()

export default function ThreadPanel({ item, root, onClose }: { item: ListItem; root: number; onClose(): void }) {
  const { parley, people } = useTalk()
  const [timeline] = useState(() => new Timeline(parley, item.conversation, root))
  const [members] = useState(() => new Members(parley, people, item.conversation))
  const [first, setFirst] = useState<Message>()
  const composer = useRef<ComposerDoor>(null)
  useSignal(people)
  useEffect(() => () => {
    timeline.close()
    members.close()
  }, [timeline, members])
  useEffect(() => {
    const read = () => parley.history(item.conversation, { before: root + 1, limit: 1 }).then(({ events }) => {
      const found = events.find((each): each is Message => each.seq === root && each.type === 'message')
      if (found) setFirst(found)
    }, () => {})
    void read()
    const stops = (['edited', 'deleted'] as const).map((name) => parley.on(name, (event) => { if (event.message === root) void read() }))
    return () => stops.forEach((stop) => stop())
  }, [parley, item.conversation, root])
  return (
    <Panel title="Thread" onClose={onClose} className="thread">
      {first && (
        <article className="thread-root">
          <header><Avatar id={first.from} name={people.nameOf(first.from)} small /><strong>{people.nameOf(first.from)}</strong><time>{timeOf(first.at)}</time></header>
          {first.deleted ? <p className="gone">This message was deleted.</p> : <Body text={first.body ?? ''} names={NOBODY} />}
          {first.files && <Attachments files={first.files} />}
        </article>
      )}
      <MessageList
        item={item} timeline={timeline} members={members} count={0}
        onReply={(message) => composer.current?.reply(message)} onEdit={(message) => composer.current?.edit(message)}
      />
      {may('post', item) && <Composer ref={composer} item={item} members={members} timeline={timeline} />}
    </Panel>
  )
}
