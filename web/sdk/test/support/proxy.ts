// A TCP proxy in front of the server that cuts connections off, or lets them stand still.
import { connect, createServer, type Server, type Socket } from 'node:net'

export class Proxy {
  readonly #server: Server
  readonly #pairs = new Set<[Socket, Socket]>()
  readonly #stranded = new Set<[Socket, Socket]>()
  #blocked = false
  /** Connections that were let through. */
  accepted = 0
  port = 0

  private constructor(target: () => number) {
    this.#server = createServer((near) => {
      if (this.#blocked) return void near.resetAndDestroy()
      this.accepted++
      const far = connect(target(), '127.0.0.1')
      const pair: [Socket, Socket] = [near, far]
      this.#pairs.add(pair)
      for (const [from, to] of [[near, far], [far, near]] as const) {
        from.on('data', (data) => { if (this.#pairs.has(pair)) to.write(data) })
        from.on('error', () => {})
        from.on('close', () => { if (this.#pairs.delete(pair)) to.destroy() })
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

  /** Cuts all connections off, and lets no new one through until `unblock`. */
  block(): void {
    this.#blocked = true
    this.cut()
  }

  unblock(): void {
    this.#blocked = false
  }

  /** Connections that are open carry nothing any more, and neither side is told. New ones work. */
  strand(): void {
    for (const pair of this.#pairs) this.#stranded.add(pair)
    this.#pairs.clear()
  }

  async close(): Promise<void> {
    this.cut()
    for (const [near, far] of this.#stranded) {
      near.destroy()
      far.destroy()
    }
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
