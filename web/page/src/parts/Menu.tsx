// A button that opens a menu; arrows, Home, End and Escape do what they do in menus.
import { useEffect, useId, useRef, useState, type KeyboardEvent } from 'react'
import { placeBeside } from './place'
import { Icon, type IconName } from './Icon'

export interface Choice {
  label: string
  icon?: IconName
  danger?: boolean
  /** Shown with a tick, where choices exclude each other. */
  chosen?: boolean
  pick(): void
}

export function Menu({ label, icon = 'more', choices, className = 'icon-button' }: {
  label: string; icon?: IconName; choices: readonly (Choice | false | undefined)[]; className?: string
}) {
  const [open, setOpen] = useState(false)
  const menu = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const id = useId()
  const all = choices.filter((each): each is Choice => Boolean(each))

  useEffect(() => {
    if (!open) return
    placeBeside(menu.current!, button.current!)
    menu.current!.querySelector<HTMLElement>('button')?.focus()
    const away = (event: Event) => { if (!menu.current?.contains(event.target as Node) && !button.current?.contains(event.target as Node)) setOpen(false) }
    const leave = () => setOpen(false)
    document.addEventListener('pointerdown', away)
    document.addEventListener('scroll', away, true)
    addEventListener('resize', leave)
    return () => {
      document.removeEventListener('pointerdown', away)
      document.removeEventListener('scroll', away, true)
      removeEventListener('resize', leave)
    }
  }, [open])

  const close = () => {
    setOpen(false)
    button.current?.focus()
  }
  const keys = (event: KeyboardEvent) => {
    const items = [...menu.current!.querySelectorAll<HTMLElement>('button')]
    const at = items.indexOf(document.activeElement as HTMLElement)
    const places: { [key: string]: number | undefined } = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }
    const next = places[event.key]
    if (next !== undefined) items.at(next % items.length)?.focus()
    else if (event.key === 'Escape' || event.key === 'Tab') close()
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  return (
    <span className="menu-place">
      <button
        type="button" ref={button} className={className} aria-label={label} title={label}
        aria-haspopup="menu" aria-expanded={open} aria-controls={open ? id : undefined} onClick={() => setOpen(!open)}
      ><Icon name={icon} /></button>
      {open && (
        <div role="menu" id={id} ref={menu} className="menu" aria-label={label} onKeyDown={keys}>
          {all.map((choice) => (
            <button
              key={choice.label} type="button" tabIndex={-1} className={choice.danger ? 'danger' : undefined}
              role={choice.chosen === undefined ? 'menuitem' : 'menuitemradio'} aria-checked={choice.chosen}
              onClick={() => { close(); choice.pick() }}
            >
              {choice.icon ? <Icon name={choice.icon} size={18} /> : <span className="menu-tick">{choice.chosen ? <Icon name="check" size={18} /> : null}</span>}
              {choice.label}
            </button>
          ))}
        </div>
      )}
    </span>
  )
}
