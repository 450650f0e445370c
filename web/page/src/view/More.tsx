// The last item of a list of which there is more: that is asked for once it comes in sight.
import { useEffect, useRef } from 'react'
import { useTalk } from '../model/talk'

interface List { items: readonly unknown[]; hasMore: boolean; more(): Promise<void> }

export function More({ list }: { list: List }) {
  const { tell } = useTalk()
  const { items, hasMore } = list
  const end = useRef<HTMLLIElement>(null)
  useEffect(() => {
    if (!end.current) return
    const observer = new IntersectionObserver((seen) => { if (seen.some((each) => each.isIntersecting)) list.more().catch(tell) })
    observer.observe(end.current)
    return () => observer.disconnect()
    // A page that leaves it in sight is not the last one, so it looks again.
  }, [items, hasMore])
  return hasMore ? <li ref={end} className="hint">More…</li> : null
}
