// A message of one's own that is on its way, or could not be sent.
import type { Sending } from '@parley/sdk'
import { useTalk } from '../model/talk'
import type { Timeline } from '../model/timeline'
import { Avatar } from '../parts/Avatar'
import { Body } from '../parts/Body'
import { Icon } from '../parts/Icon'

const NOBODY: ReadonlyMap<string, boolean> = new Map()

export function PendingRow({ sending, follows, timeline }: { sending: Sending; follows: boolean; timeline: Timeline }) {
  const { parley, people, tell } = useTalk()
  const files = sending.options.files?.length ?? 0
  const hasFailed = sending.state === 'failed'
  return (
    <article className={`message pending own${follows ? ' follows' : ''}${hasFailed ? ' failed' : ''}`}>
      {!follows && <Avatar id={parley.user} name={people.nameOf(parley.user)} />}
      <div className="message-box">
        {!follows && <header><strong>{people.nameOf(parley.user)}</strong></header>}
        {sending.body && <Body text={sending.body} names={NOBODY} />}
        {files > 0 && <p className="hint">{files === 1 ? '1 file' : `${files} files`}</p>}
        {hasFailed ? (
          <p className="fault" role="alert">
            Not sent: {sending.error?.message}{' '}
            <button type="button" onClick={() => sending.retry()}>Try again</button>{' '}
            <button type="button" onClick={() => timeline.discard(sending).catch(tell)}>Discard</button>
          </p>
        ) : <span className="tick" title={sending.error ? `Waiting: ${sending.error.message}` : 'On its way'}><Icon name="clock" size={14} /><span className="unseen">On its way</span></span>}
      </div>
    </article>
  )
}
