// A real parleyd on a free port and fresh data, that can be killed and started again.
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const READY_MS = 30_000

function program(): string {
  const path = process.env.PARLEYD
  if (!path) throw new Error('PARLEYD must name the server\'s program')
  return path
}

export class Server {
  readonly data: string
  readonly #options: string[]
  #process: ChildProcess | undefined
  #ended: Promise<unknown> = Promise.resolve()
  /** 0 until it was started: then it keeps its port. */
  port = 0

  private constructor(data: string, options: string[]) {
    this.data = data
    this.#options = options
  }

  static async start(...options: string[]): Promise<Server> {
    const server = new Server(await mkdtemp(join(tmpdir(), 'parley-sdk-')), options)
    await server.start()
    return server
  }

  async start(): Promise<void> {
    const limits = this.#options.includes('--rate-limit') ? [] : ['--rate-limit', 'off']
    const options = ['--listen', `127.0.0.1:${this.port}`, '--data', this.data, '--log-level', 'error', ...limits, ...this.#options]
    const child = spawn(program(), options, { stdio: ['ignore', 'pipe', 'ignore'] })
    this.#process = child
    this.#ended = new Promise((resolve) => child.once('exit', resolve))
    this.port = await new Promise<number>((resolve, reject) => {
      let out = ''
      const timer = setTimeout(() => reject(new Error('the server is not ready')), READY_MS)
      child.stdout!.on('data', (data) => {
        const ready = /ready on http:\/\/127\.0\.0\.1:(\d+)/.exec((out += data))
        if (!ready) return
        clearTimeout(timer)
        resolve(Number(ready[1]))
      })
      void this.#ended.then((code) => reject(new Error(`the server ended with ${code}`)))
    })
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}`
  }

  async token(user: string, ttl = '1h'): Promise<string> {
    const { stdout } = await promisify(execFile)(program(), ['token', '--data', this.data, '--user', user, '--ttl', ttl])
    return stdout.trim()
  }

  /** kill -9; the data stay. */
  async kill(): Promise<void> {
    this.#process?.kill('SIGKILL')
    await this.#ended
  }

  /** SIGTERM: a drain. */
  async stop(): Promise<void> {
    this.#process?.kill('SIGTERM')
    await this.#ended
  }

  async clean(): Promise<void> {
    await this.kill()
    await rm(this.data, { recursive: true, force: true })
  }

  /** A copy of its data that another server can be started with. */
  async tool(...args: string[]): Promise<string> {
    return (await promisify(execFile)(program(), args)).stdout
  }
}
