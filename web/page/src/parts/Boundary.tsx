// What is left of the page when a part of it cannot be drawn, or cannot be had since the server has a newer one.
import { Component, type ReactNode } from 'react'

export class Boundary extends Component<{ children: ReactNode }, { fault?: unknown }> {
  override state: { fault?: unknown } = {}

  static getDerivedStateFromError(fault: unknown): { fault: unknown } {
    return { fault }
  }

  override render(): ReactNode {
    const { fault } = this.state
    if (fault === undefined) return this.props.children
    return (
      <div className="broken" role="alert">
        <p>This part of the page cannot be shown. Perhaps there is a newer one.</p>
        <p><small>{String(fault)}</small></p>
        <button type="button" className="primary" onClick={() => location.reload()}>Load it again</button>
      </div>
    )
  }
}
