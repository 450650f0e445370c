// How the connection stands, and since when it is lost.
import type { ConnectionState, Parley } from '@parley/sdk'
import { Signal } from './signal'

export class Connection extends Signal {
  state: ConnectionState
  /** It was online before: what is shown was true once. */
  wasOnline = false
  /** When it will be tried again, by `Date.now()`. */
  retryAt = 0

  constructor(parley: Parley) {
    super()
    this.state = parley.state
    parley.on('state', (state) => {
      this.state = state
      if (state.state === 'online') this.wasOnline = true
      if (state.state === 'offline') this.retryAt = Date.now() + state.retry_in_ms
      this.changed()
    })
  }
}
