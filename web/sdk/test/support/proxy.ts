// A TCP proxy in front of the server that cuts connections off, or lets them stand still.
import { connect, createServer, type Server, type Socket } from 'node:net'

export class Proxy {
  readonly #server: Server
  readonly #pairs = new Set<[Socket, Socket]>()
  #frozen = false
  accepted = 0
  port = 0

  private constructor(target: () => number) {
    this.#server = createServer((near) => {
      this.accepted++
      const far = connect(target(), '127.0.0.1')
      const pair: [Socket, Socket] = [near, far]
      this.#pairs.add(pair)
      for (const [from, to] of [[near, far], [far, near]] as const) {
        from.on('data', (data) => { if (!this.#frozen || !this.#pairs.has(pair)) to.write(data) })
        from.on('error', () => {})
        from.on('close', () => {
          if (this.#frozen) return // the other side hears nothing of it
          this.#pairs.delete(pair)
          to.destroy()
        })
      }
    })
  }

  static async start(target: () => number): Promise<Proxy> {
    const proxy = new Proxy(target)
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve))
    proxy.port = (proxy.#server.address() as { port: number }).port
    return proxy
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}`
  }

  /** Cuts all connections off, without a word. */
  cut(): void {
    for (const [near, far] of this.#pairs) {
      near.resetAndDestroy()
      far.resetAndDestroy()
    }
    this.#pairs.clear()
  }

  /** What is sent over connections that are open gets lost; nobody is told. New ones work. */
  freeze(): void {
    this.#frozen = true
    for (const [near, far] of this.#pairs) {
      near.pause()
      far.pause()
    }
  }

  thaw(): void {
    this.#frozen = false
    for (const [near, far] of this.#pairs) {
      near.resume()
      far.resume()
    }
  }

  async close(): Promise<void> {
    this.#frozen = false
    this.cut()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
