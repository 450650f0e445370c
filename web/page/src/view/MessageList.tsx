// The messages of a conversation or of a thread: begins where one has read up to, goes where one is sent, marks as read.
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { ListItem, Message } from '@parley/sdk'
import type { Members } from '../model/members'
import { keyNear, rowsOf, seqOf, type Row } from '../model/rows'
import { useSignal } from '../model/signal'
import { sayFault, useTalk } from '../model/talk'
import { Ticks } from '../model/ticks'
import { dayOf } from '../model/time'
import type { Timeline } from '../model/timeline'
import { Icon } from '../parts/Icon'
import { VirtualList } from '../parts/VirtualList'
import { Announcer } from './Announcer'
import { Fact, ThreadAnswer } from './Fact'
import { MessageRow, type MessageActions } from './MessageRow'
import { PendingRow } from './PendingRow'

const LIT_MS = 4000
const READ_MS = 250
const END = 'end'

interface Props {
  item: ListItem
  timeline: Timeline
  members: Members
  message?: number
  count: number
  onReply(message: Message): void
  onEdit(message: Message): void
  onThread?(root: number): void
}

export function MessageList({ item, timeline, members, message, count, onReply, onEdit, onThread }: Props) {
  const talk = useTalk()
  const { parley } = talk
  const inThread = timeline.thread !== undefined
  useSignal(timeline)
  const [newAfter, setNewAfter] = useState(() => (!inThread && item.unread > 0 ? item.read : undefined))
  const [goal, setGoal] = useState<{ seq: number | typeof END | 'new'; count: number }>()
  const [lit, setLit] = useState<number>()
  const [isAtEnd, setIsAtEnd] = useState(true)
  const ticks = useTicks(item)
  const { events, pending, atStart } = timeline

  const rows = useMemo(
    () => rowsOf(events, pending, { newAfter, self: parley.user, inThread, atStart }),
    // `pending` is made anew each time; what it has changes with the timeline's version.
    [events, newAfter, parley.user, inThread, atStart, timeline.version()],
  )

  const goTo = useCallback(async (seq: number | typeof END | 'new', from?: number) => {
    if (typeof seq === 'number' && !timeline.find(seq)) await timeline.open(seq)
    else if (seq === END && !timeline.atEnd) await timeline.open()
    else if (seq === 'new') await timeline.open(from)
    setGoal((now) => ({ seq, count: (now?.count ?? 0) + 1 }))
    if (typeof seq === 'number') setLit(seq)
  }, [timeline])

  useEffect(() => {
    if (message !== undefined) void goTo(message)
    else if (timeline.round === 0) void goTo(newAfter === undefined ? END : 'new', newAfter === undefined ? undefined : newAfter + 1)
    // Going somewhere is what counts, not what else has changed.
  }, [message, count, timeline])
  useEffect(() => {
    if (lit === undefined) return
    const timer = setTimeout(() => setLit(undefined), LIT_MS)
    return () => clearTimeout(timer)
  }, [lit])

  // What one has written oneself is looked at.
  const written = pending.at(-1)?.clientId
  useEffect(() => {
    if (written === undefined) return
    setNewAfter(undefined)
    void goTo(END)
  }, [written, goTo])
  // What comes while one looks elsewhere is new, though the conversation is open.
  const wasRead = useRef(item.unread === 0)
  useEffect(() => {
    if (!inThread && item.unread > 0 && wasRead.current && !document.hasFocus()) setNewAfter(item.read)
    wasRead.current = item.unread === 0
  }, [item.unread, item.read, inThread])

  const mine = useMemo(() => rows.flatMap((row) => (row.kind === 'message' && row.message.from === parley.user && !row.message.deleted ? [row.message.seq] : [])), [rows, parley.user])
  useEffect(() => ticks.shows(mine), [ticks, mine])

  const read = useReading(item, timeline)
  const isThere = goal !== undefined // before, what is in sight is where nobody meant to go
  const onSight = useCallback((last: Row, isEnd: boolean) => {
    if (!isThere) return
    setIsAtEnd(isEnd)
    read(isEnd ? timeline.events.at(-1)?.seq : seqOf(last))
  }, [read, timeline, isThere])
  const onNear = useCallback((end: 'start' | 'end') => void (end === 'start' ? timeline.older() : timeline.newer()), [timeline])

  const actions: MessageActions = { item, timeline, pins: members.pins, ticks, onReply, onEdit, onThread, onGo: goTo }
  const draw = (row: Row) => {
    switch (row.kind) {
      case 'start': return <p className="beginning">{inThread ? 'The thread begins here.' : 'The conversation begins here.'}</p>
      case 'day': return <p className="day-line"><span>{dayOf(row.at)}</span></p>
      case 'new': return <p className="new-line"><span>New messages</span></p>
      case 'fact': return <Fact event={row.event} onGo={goTo} />
      case 'answer': return <ThreadAnswer message={row.message} onThread={onThread} />
      case 'pending': return <PendingRow sending={row.sending} follows={row.follows} timeline={timeline} />
      case 'message': return <MessageRow message={row.message} follows={row.follows} lit={row.message.seq === lit} actions={actions} />
    }
  }

  if (timeline.state === 'failed') {
    return (
      <div className="scroller failed">
        <p>{sayFault(timeline.fault)}</p>
        <button type="button" onClick={() => void timeline.open()}>Try again</button>
      </div>
    )
  }
  const isLoading = timeline.state === 'loading'
  return (
    <div className="message-list" aria-busy={isLoading}>
      {isLoading && <p className="loading" role="status">Loading…</p>}
      <VirtualList
        rows={rows} label="Messages" guess={guess} draw={draw} isSteady={isSteady} complete={timeline.atEnd} onNear={onNear} onSight={onSight}
        goal={goal && { key: goalKey(rows, goal.seq), count: goal.count }}
      />
      {!isAtEnd && !isLoading && (
        <button type="button" className="to-end" aria-label={item.unread ? `Go to the end, ${item.unread} unread` : 'Go to the end'} onClick={() => void goTo(END)}>
          <Icon name="down" />{item.unread > 0 && <span className="badge">{item.unread}</span>}
        </button>
      )}
      <Announcer timeline={timeline} />
    </div>
  )
}

function goalKey(rows: readonly Row[], seq: number | typeof END | 'new'): string {
  if (seq === END) return END
  if (seq === 'new') return rows.some((row) => row.kind === 'new') ? 'new' : END
  return keyNear(rows, seq) ?? END
}

/** Lines between messages come and go with what is loaded. */
function isSteady(row: Row): boolean {
  return seqOf(row) !== undefined
}

/** Heights of what was not drawn yet, roughly. */
function guess(row: Row): number {
  switch (row.kind) {
    case 'message': return (row.follows ? 28 : 54) + Math.ceil((row.message.body?.length ?? 0) / 90) * 20 + (row.message.files?.length ?? 0) * 120
    case 'pending': return 54
    case 'day':
    case 'new': return 40
    default: return 32
  }
}

function useTicks(item: ListItem): Ticks {
  const { parley } = useTalk()
  const [ticks] = useState(() => new Ticks(parley, item.conversation, item.kind === 'direct'))
  useEffect(() => () => ticks.close(), [ticks])
  return ticks
}

/** Says that one has read what is in sight, while one looks at the page. */
function useReading(item: ListItem, timeline: Timeline): (seq: number | undefined) => void {
  const { parley } = useTalk()
  const seen = useRef(0)
  const said = useRef(0)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const { conversation, unread } = item
  const { thread } = timeline
  const say = useCallback(() => {
    timer.current = undefined
    const seq = seen.current
    if (document.visibilityState !== 'visible' || !document.hasFocus() || seq <= said.current) return
    said.current = seq
    const saying = thread === undefined
      ? parley.call('read', { conversation, seq })
      : parley.call('read_thread', { conversation, message: thread, seq })
    saying.catch(() => { said.current = 0 })
  }, [parley, conversation, thread])
  useEffect(() => {
    const look = () => { timer.current ??= setTimeout(say, READ_MS) }
    addEventListener('focus', look)
    document.addEventListener('visibilitychange', look)
    return () => {
      removeEventListener('focus', look)
      document.removeEventListener('visibilitychange', look)
      clearTimeout(timer.current)
      timer.current = undefined
    }
  }, [say])
  return useCallback((seq) => {
    if (seq === undefined || (thread === undefined && unread === 0)) return
    seen.current = Math.max(seen.current, seq)
    if (seen.current > said.current) timer.current ??= setTimeout(say, READ_MS)
  }, [say, thread, unread])
}
