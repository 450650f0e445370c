// What went wrong, for a while, at the edge of the page.
import { Signal, useSignal } from '../model/signal'
import { sayFault } from '../model/talk'
import { IconButton } from './Icon'

const SHOWN_MS = 7000

export class Toasts extends Signal {
  items: { id: number; text: string }[] = []
  #next = 1

  readonly tell = (fault: unknown): void => {
    const id = this.#next++
    this.items = [...this.items.slice(-2), { id, text: typeof fault === 'string' ? fault : sayFault(fault) }]
    this.changed()
    setTimeout(() => this.leave(id), SHOWN_MS)
  }

  leave(id: number): void {
    this.items = this.items.filter((each) => each.id !== id)
    this.changed()
  }
}

export function ToastList({ toasts }: { toasts: Toasts }) {
  useSignal(toasts)
  return (
    <div className="toasts" role="status">
      {toasts.items.map(({ id, text }) => (
        <p key={id} className="toast"><span>{text}</span><IconButton name="close" label="Dismiss" onClick={() => toasts.leave(id)} /></p>
      ))}
    </div>
  )
}
