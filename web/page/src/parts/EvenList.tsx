// A long list of rows of one height, of which only what is in sight, or near the focus, is in the document.
import { useEffect, useLayoutEffect, useRef, useState, type FocusEvent, type ReactNode } from 'react'
import { flushSync } from 'react-dom'

/** Pixels above and below what is in sight that are drawn, too. */
const MARGIN = 600
/** How high a row is until one was measured. */
const GUESS = 58

interface Props<Row> {
  rows: readonly Row[]
  className: string
  keyOf(row: Row): string
  draw(row: Row): ReactNode
  /** Whether there are more than these. */
  hasMore: boolean
  /** What stands behind the last row. */
  children: ReactNode
}

export function EvenList<Row>({ rows, className, keyOf, draw, hasMore, children }: Props<Row>) {
  const scroller = useRef<HTMLDivElement>(null)
  const [height, setHeight] = useState(GUESS)
  const [sight, setSight] = useState({ from: 0, to: 30 })
  const [focused, setFocused] = useState<string>()
  const at = focused === undefined ? -2 : rows.findIndex((row) => keyOf(row) === focused)

  const look = () => {
    const { scrollTop, clientHeight } = scroller.current!
    const [from, to] = [Math.floor((scrollTop - MARGIN) / height), Math.ceil((scrollTop + clientHeight + MARGIN) / height)]
    if (from !== sight.from || to !== sight.to) setSight({ from, to })
  }
  const looks = useRef(look)
  useLayoutEffect(() => {
    looks.current = look
    const measured = scroller.current!.querySelector<HTMLElement>('[data-key]')?.offsetHeight
    if (measured && measured !== height) setHeight(measured) // 0: the list is hidden
    else look()
  })
  useEffect(() => {
    const observer = new ResizeObserver(() => looks.current())
    observer.observe(scroller.current!)
    return () => observer.disconnect()
  }, [])

  /** The row that had the focus last stays, and those beside it, where the tabulator leads. */
  const isDrawn = (i: number) => (i >= sight.from && i < sight.to) || (at >= 0 && Math.abs(i - at) <= 1)
  return (
    <div
      className={`even ${className}`} ref={scroller}
      onScroll={() => flushSync(look)} // else a quick hand is faster than what is drawn
      onFocus={(event: FocusEvent<HTMLElement>) => setFocused(event.target.closest<HTMLElement>('[data-key]')?.dataset.key)}
    >
      <ul style={{ paddingTop: rows.length * height }}>
        {rows.map((row, i) => isDrawn(i) && (
          <li key={keyOf(row)} data-key={keyOf(row)} style={{ top: i * height }} aria-posinset={i + 1} aria-setsize={hasMore ? -1 : rows.length}>
            {draw(row)}
          </li>
        ))}
        {children}
      </ul>
    </div>
  )
}
