// What stands beside a conversation, or over it where there is no room.
import { useEffect, useRef, type ReactNode } from 'react'
import { IconButton } from '../parts/Icon'

export function Panel({ title, onClose, children, className = '' }: {
  title: string; onClose(): void; children: ReactNode; className?: string
}) {
  const box = useRef<HTMLElement>(null)
  useEffect(() => { if (!box.current?.contains(document.activeElement)) box.current?.querySelector<HTMLElement>('button')?.focus() }, [])
  return (
    <aside
      ref={box} className={`panel ${className}`} aria-label={title}
      onKeyDown={(event) => { if (event.key === 'Escape' && !event.defaultPrevented && !(event.target as Element).closest('dialog')) onClose() }}
    >
      <header><h2>{title}</h2><IconButton name="close" label={`Close ${title.toLowerCase()}`} onClick={onClose} /></header>
      {children}
    </aside>
  )
}
