// A long list of which only what is in sight is in the document, and which keeps its place whatever happens around it.
import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react'
import { flushSync } from 'react-dom'
import { Layout, rowAt } from '../model/layout'

/** Pixels above and below what is in sight that are drawn, too. */
const MARGIN = 600
/** Rows from an end at which more is asked for. */
const NEAR = 20
/** Pixels from the end within which the list follows what is new. */
const AT_END = 32
/** Pixels above a row that is gone to. */
const HEADROOM = 90

/** What is held in place: the end, or a row and how far its top is above that of the list. */
type Hold = 'end' | { key: string; above: number }

/** The key of a row, or `end`. */
export interface Goal { key: string; count: number }

interface Props<Row extends { key: string }> {
  rows: readonly Row[]
  label: string
  guess(row: Row): number
  draw(row: Row): ReactNode
  /** Whether its key stays the same whatever is loaded around it: such a row is held in place. */
  isSteady(row: Row): boolean
  /** A row to go to; once for each count. */
  goal?: Goal
  /** The list goes to where it ends for good: follow it. */
  complete: boolean
  onNear(end: 'start' | 'end'): void
  /** What is in sight: its last row, and whether that is the very end. */
  onSight(last: Row, isEnd: boolean): void
}

export function VirtualList<Row extends { key: string }>(props: Props<Row>) {
  const { rows, label, guess, draw, isSteady, goal, complete, onNear, onSight } = props
  const scroller = useRef<HTMLDivElement>(null)
  const inner = useRef<HTMLDivElement>(null)
  const layout = useRef(new Layout()).current
  const hold = useRef<Hold>('end')
  /** Where it was put, or scrolled to, last; and what was drawn then. */
  const top = useRef(0)
  const drawn = useRef<Drawn>({ keys: [], offsets: new Float64Array(1), complete: false })
  const reached = useRef(0)
  const width = useRef(0)
  /** How high all that is drawn was when it was measured; and whether all of it is to be, again. */
  const height = useRef(0)
  const isStale = useRef(true)
  const boxHeight = useRef(0)
  const [range, setRange] = useState({ from: 0, to: 40 })
  const [, measureAgain] = useState(0)

  const offsets = layout.offsets(rows.map((row) => ({ key: row.key, guess: guess(row) })))
  const total = offsets[rows.length]!
  const to = Math.min(range.to, rows.length)
  const from = Math.min(range.from, to)

  const look = () => {
    const box = scroller.current
    if (!box || !rows.length) return
    const [top, bottom] = [box.scrollTop, box.scrollTop + box.clientHeight]
    const next = { from: rowAt(offsets, top - MARGIN), to: rowAt(offsets, bottom + MARGIN) + 1 }
    if (next.from !== range.from || next.to !== range.to) setRange(next)
    if (next.from < NEAR) onNear('start')
    if (next.to > rows.length - NEAR) onNear('end')
    const isEnd = complete && bottom > total - AT_END
    const last = rows[isEnd ? rows.length - 1 : rowAt(offsets, bottom - 8)]
    if (last) onSight(last, isEnd)
  }

  const keepPlace = () => {
    const box = scroller.current
    if (!box) return
    if (hold.current === 'end') box.scrollTop = box.scrollHeight
    else {
      const { key, above } = hold.current
      const index = rows.findIndex((row) => row.key === key)
      if (index >= 0 && Math.abs(box.scrollTop - (offsets[index]! + above)) >= 1) box.scrollTop = offsets[index]! + above
    }
  }

  const isAt = (): Drawn => ({ keys: rows.map((row) => (isSteady(row) ? row.key : undefined)), offsets, complete })

  const scrolled = () => {
    const box = scroller.current
    if (!box || !rows.length) return
    top.current = box.scrollTop
    drawn.current = isAt()
    hold.current = holdAt(drawn.current, box)
    flushSync(look) // else a quick hand is faster than what is drawn
  }

  // After each drawing: measure what is there, put it where it was, and see what has to be drawn.
  useLayoutEffect(() => {
    const box = scroller.current!
    // What became shorter may have moved it up to the end: nobody did that.
    const isClamped = box.scrollTop < top.current && box.scrollTop + box.clientHeight >= box.scrollHeight - 1
    // Who has scrolled, and was not heard yet, comes before what was held until then.
    if (Math.abs(box.scrollTop - top.current) > 1 && !isClamped) hold.current = holdAt(drawn.current, box)
    if (goal && goal.count !== reached.current && (goal.key === 'end' || rows.some((row) => row.key === goal.key))) {
      reached.current = goal.count
      hold.current = goal.key === 'end' ? 'end' : { key: goal.key, above: -HEADROOM }
    }
    let news = false
    for (const child of inner.current?.children ?? []) {
      const { key } = (child as HTMLElement).dataset
      if (key === undefined || (layout.knows(key) && !isStale.current)) continue
      news = layout.measured(key, child.getBoundingClientRect().height) || news
    }
    isStale.current = false
    height.current = inner.current!.clientHeight
    if (!news) keepPlace()
    top.current = box.scrollTop
    drawn.current = isAt()
    if (news) measureAgain((count) => count + 1)
    else look()
  })

  // What becomes larger by itself (a picture, another width) is measured again.
  const changed = useRef(() => {})
  changed.current = () => {
    const box = scroller.current
    if (box && box.clientWidth !== width.current) {
      width.current = box.clientWidth
      layout.forget()
    } else if (inner.current?.clientHeight === height.current && box?.clientHeight === boxHeight.current) return
    boxHeight.current = box?.clientHeight ?? 0
    isStale.current = true
    measureAgain((count) => count + 1)
  }
  useEffect(() => {
    const observer = new ResizeObserver(() => changed.current())
    observer.observe(scroller.current!)
    observer.observe(inner.current!)
    return () => observer.disconnect()
  }, [])

  return (
    <div className="scroller" ref={scroller} onScroll={scrolled} tabIndex={0} role="region" aria-label={label} onKeyDown={walk}>
      <div style={{ height: offsets[from] }} />
      <div role="list" ref={inner}>
        {rows.slice(from, to).map((row) => <div role="listitem" className="row" key={row.key} data-key={row.key}>{draw(row)}</div>)}
      </div>
      <div style={{ height: total - offsets[to]! }} />
    </div>
  )
}

/** What stood where; rows without a key cannot be held. */
interface Drawn { keys: readonly (string | undefined)[]; offsets: Float64Array; complete: boolean }

/** What is to be held in place where somebody has scrolled to. */
function holdAt({ keys, offsets, complete }: Drawn, { scrollTop, clientHeight }: HTMLElement): Hold {
  if (complete && scrollTop + clientHeight > offsets.at(-1)! - AT_END) return 'end'
  let index = rowAt(offsets, scrollTop)
  while (index < keys.length - 1 && keys[index] === undefined) index++
  const key = keys[index]
  return key === undefined ? 'end' : { key, above: scrollTop - offsets[index]! }
}

/** The arrow keys go from message to message. */
function walk(event: KeyboardEvent<HTMLDivElement>): void {
  if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return
  const target = event.target as HTMLElement
  if (target.closest('[role=menu], dialog, input, select, textarea')) return
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-walk]')]
  const at = all.indexOf(target.closest<HTMLElement>('[data-walk]')!)
  const next = at < 0 ? all.at(event.key === 'ArrowUp' ? -1 : 0) : all[at + (event.key === 'ArrowUp' ? -1 : 1)]
  if (!next) return
  event.preventDefault()
  next.focus({ preventScroll: true })
  next.scrollIntoView({ block: 'nearest' })
}
