// Drawings of 24 by 24, in the colour of the text around them.
import type { ButtonHTMLAttributes } from 'react'

const PATHS = {
  archive: 'M3 5h18v4H3zM5 9v10h14V9M10 13h4',
  attach: 'M20 11l-8.5 8.5a5 5 0 0 1-7-7L13 4a3.3 3.3 0 0 1 4.7 4.7l-8.5 8.5a1.7 1.7 0 0 1-2.4-2.4L14 7.6',
  back: 'M15 5l-7 7 7 7',
  bell: 'M6 17V11a6 6 0 0 1 12 0v6l2 2H4zM10 21h4',
  block: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M6 6l12 12',
  check: 'M4 12l5 5L20 6',
  checks: 'M1 12l5 5L17 6M10 17l1 0L23 6',
  clock: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 7v5l3 3',
  close: 'M5 5l14 14M19 5L5 19',
  copy: 'M8 8h12v12H8zM4 16V4h12',
  down: 'M5 9l7 7 7-7',
  edit: 'M4 20l1-5L16 4l4 4L9 19z',
  emoji: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M8.5 9.5v.5M15.5 9.5v.5M8 14c2 3 6 3 8 0',
  eye: 'M2 12c4-7 16-7 20 0-4 7-16 7-20 0M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6',
  file: 'M6 3h8l4 4v14H6zM14 3v5h4',
  gear: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2v4M12 18v4M2 12h4M18 12h4M5 5l3 3M16 16l3 3M19 5l-3 3M8 16l-3 3',
  group: 'M9 5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7M2 20c0-7 14-7 14 0M16 5.5a3 3 0 0 1 0 6M18 14c3 1 4 3 4 6',
  hash: 'M9 3L7 21M17 3l-2 18M4 9h17M3 15h17',
  info: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 11v6M12 7v.5',
  lock: 'M5 11h14v10H5zM8 11V8a4 4 0 0 1 8 0v3',
  more: 'M5 12h.5M12 12h.5M19 12h.5',
  moon: 'M20 14A8 8 0 1 1 10 4a7 7 0 0 0 10 10',
  mute: 'M6 17V11a6 6 0 0 1 9-5M18 11v6l2 2H8M3 3l18 18',
  pin: 'M9 3h6l-1 6 4 4H6l4-4zM12 13v8',
  plus: 'M12 4v16M4 12h16',
  reply: 'M10 5l-7 7 7 7v-4c6 0 9 2 11 5 0-7-4-11-11-11z',
  search: 'M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M15.5 15.5L21 21',
  send: 'M3 4l18 8-18 8 3-8zM6 12h9',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.5 1.5M17.5 17.5L19 19M19 5l-1.5 1.5M6.5 17.5L5 19',
  thread: 'M4 5h16v10H10l-5 4v-4H4zM8 10h8',
  trash: 'M4 7h16M9 7V4h6v3M6 7l1 14h10l1-14',
} as const

export type IconName = keyof typeof PATHS

export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} fill="none" stroke="currentColor" strokeWidth="1.8" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  )
}

/** A button that is a drawing, with a name for who does not see it. */
export function IconButton({ name, label, ...rest }: { name: IconName; label: string } & ButtonHTMLAttributes<HTMLButtonElement>) {
  return <button type="button" className="icon-button" aria-label={label} title={label} {...rest}><Icon name={name} /></button>
}
