// A dialog over the page; the browser keeps the focus in it and gives it back.
import { useEffect, useId, useRef, type ReactNode } from 'react'
import { IconButton } from './Icon'

export function Dialog({ title, wide, onClose, children }: {
  title: string; wide?: boolean; onClose(): void; children: ReactNode
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useId()
  useEffect(() => {
    const element = dialog.current!
    if (!element.open) element.showModal()
    return () => element.close()
  }, [])
  return (
    <dialog
      ref={dialog} className={wide ? 'dialog wide' : 'dialog'} aria-labelledby={heading}
      onCancel={(event) => { event.preventDefault(); onClose() }}
      onClick={(event) => { if (event.target === dialog.current) onClose() }}
    >
      <div className="dialog-box">
        <header>
          <h2 id={heading}>{title}</h2>
          <IconButton name="close" label="Close" onClick={onClose} />
        </header>
        {children}
      </div>
    </dialog>
  )
}
