// Notifications: where something new waits, counted as it is now.
import { useEffect } from 'react'
import type { Notice } from '../model/notices'
import { useSignal } from '../model/signal'
import { useTalk } from '../model/talk'
import { whenOf } from '../model/time'
import { Icon, IconButton } from '../parts/Icon'
import { More } from './More'
import { Panel } from './Panel'

export default function InboxPanel({ onOpen, onClose }: { onOpen(conversation: string): void; onClose(): void }) {
  const { notices, tell } = useTalk()
  const { list, unseen, allowed } = useSignal(notices)
  const { items } = list
  useEffect(() => void notices.read(), [notices])
  return (
    <Panel title="Notifications" onClose={onClose} className="inbox">
      {allowed === 'default' && (
        <p className="offer">
          This browser can tell you when you look elsewhere.{' '}
          <button type="button" className="primary" onClick={() => notices.allow().catch(tell)}>Allow</button>
        </p>
      )}
      {unseen > 0 && <button type="button" onClick={() => notices.dismiss().catch(tell)}>Dismiss all</button>}
      <ul className="hits">
        {items.map((each) => (
          <li key={each.conversation} className={each.seen ? undefined : 'new'}>
            <button type="button" className="hit" onClick={() => onOpen(each.conversation)}>
              <span>
                <span className="line-name"><strong>{each.title ?? 'New messages'}</strong>{each.quiet && <Icon name="mute" size={14} />}<span className="when">{whenOf(each.at)}</span></span>
                <span className="snippet">{say(each)}</span>
              </span>
            </button>
            {!each.seen && <IconButton name="check" label={`Dismiss ${each.title ?? ''}`} onClick={() => notices.dismiss(each.conversation).catch(tell)} />}
          </li>
        ))}
        <More list={list} />
      </ul>
      {!items.length && <p className="empty">Nothing waits for you.</p>}
    </Panel>
  )
}

function say({ unread, mentions, last }: Notice): string {
  const words = [unread === 1 ? '1 unread' : `${unread} unread`]
  if (mentions) words.push(mentions === 1 ? '1 mention' : `${mentions} mentions`)
  return words.join(', ') + (last?.body ? `: ${last.body}` : '')
}
