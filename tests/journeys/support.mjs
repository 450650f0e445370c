// Starts a server and speaks its protocol from Node, for journeys: every wait has a deadline.
import { execFile, spawn } from 'node:child_process'
import { mkdtemp, mkdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { decodeMulti, encode } from '@msgpack/msgpack'
import WebSocket from 'ws'

export const PATIENCE = 20_000

export function require(holds, what, ...facts) {
  if (!holds) throw new Error([what, ...facts.map((fact) => JSON.stringify(fact))].join(': '))
}

export function done(what, times = 1) {
  console.log(`ok  ${what} (${times}x)`)
}

/** The promise's result, or a failure that names what did not come in time. */
export function within(promise, what, patience = PATIENCE) {
  let timer
  const deadline = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no sign of ${what} within ${patience} ms`)), patience)
  })
  return Promise.race([promise, deadline]).finally(() => clearTimeout(timer))
}

/** One parleyd process on fresh data. */
export class Server {
  static async start(...more) {
    const server = new Server()
    server.binary = process.env.PARLEYD
    require(server.binary, 'PARLEYD must name the server\'s binary')
    server.root = await mkdtemp(join(tmpdir(), 'parley-journey-'))
    server.data = join(server.root, 'data')
    await mkdir(server.data)
    const options = ['--listen', '127.0.0.1:0', '--data', server.data, '--rate-limit', 'off', ...more]
    server.process = spawn(server.binary, options, { stdio: ['ignore', 'pipe', 'pipe'] })
    server.words = ''
    server.process.stderr.on('data', (data) => { server.words = (server.words + data).slice(-6000) })
    server.ended = new Promise((resolve) => server.process.once('exit', (code, signal) => resolve(code ?? signal)))
    server.http = await within(server.#address(), 'the server\'s `ready on`', 30_000)
    return server
  }

  #address() {
    return new Promise((resolve, reject) => {
      let out = ''
      this.process.stdout.on('data', (data) => {
        const ready = /ready on http:\/\/(\S+)\n/.exec((out += data))
        if (ready) resolve(ready[1])
      })
      this.ended.then((code) => reject(new Error(`the server ended with ${code}: ${this.words}`)))
    })
  }

  async tool(...args) {
    const { stdout } = await within(promisify(execFile)(this.binary, args), `the end of parleyd ${args[0]}`)
    return stdout.trim()
  }

  token(user, ttl = '1h') {
    return this.tool('token', '--data', this.data, '--user', user, '--ttl', ttl)
  }

  /** SIGTERM, exit code 0, and sound data. */
  async stop() {
    this.process.kill('SIGTERM')
    const code = await within(this.ended, 'the server\'s end')
    require(code === 0, 'SIGTERM must end the server with 0', code, this.words)
    await this.tool('check', '--data', this.data)
  }

  async clean() {
    if (this.process && this.process.exitCode === null && this.process.signalCode === null) {
      console.error(`--- the server's last words ---\n${this.words}`)
      this.process.kill('SIGKILL')
      await within(this.ended, 'the server\'s end')
    }
    await rm(this.root, { recursive: true, force: true })
  }
}

const CODECS = {
  msgpack: {
    subprotocol: 'parley.v1.msgpack',
    encode: (envelopes) => Buffer.concat(envelopes.map((each) => encode(each))),
    decode: (data, isBinary) => {
      require(isBinary, 'MessagePack travels in binary messages')
      return [...decodeMulti(data)]
    },
  },
  json: {
    subprotocol: 'parley.v1.json',
    encode: (envelopes) => envelopes.map((each) => JSON.stringify(each)).join('\n'),
    decode: (data, isBinary) => {
      require(!isBinary, 'JSON travels in text messages')
      return data.toString('utf8').split('\n').filter((line) => line.trim()).map((line) => JSON.parse(line))
    },
  },
}

function fits(envelope, fields) {
  return Object.entries(fields).every(([key, value]) => envelope[key] === value)
}

/** One connection: `ask` for answers, `expect` for events. */
export class Client {
  #nextRef = 1
  #answers = new Map()
  #waiters = []

  constructor(socket, codec) {
    this.socket = socket
    this.codec = codec
    this.seen = []
    this.inbox = []
    this.messages = 0
    this.closed = new Promise((resolve) => socket.once('close', (code) => resolve(code)))
    this.closed.then((code) => this.#fail(new Error(`closed with ${code}`)))
    socket.on('message', (data, isBinary) => this.#read(data, isBinary))
    socket.on('error', (fault) => this.#fail(fault))
  }

  static async connect(server, encoding) {
    const codec = CODECS[encoding]
    const socket = new WebSocket(`ws://${server.http}/v1/ws`, codec.subprotocol, { perMessageDeflate: false })
    const client = new Client(socket, codec)
    const opened = new Promise((resolve, reject) => {
      socket.once('open', resolve)
      socket.once('error', reject)
    })
    await within(opened, 'the upgrade')
    require(socket.protocol === codec.subprotocol, 'the subprotocol that was offered', socket.protocol)
    return client
  }

  static async open(server, token, encoding, more = {}) {
    const client = await Client.connect(server, encoding)
    client.welcome = await client.ask('hello', { token, ...more })
    require(client.welcome.type === 'welcome', 'hello is answered with welcome', client.welcome)
    return client
  }

  write(...envelopes) {
    this.socket.send(this.codec.encode(envelopes))
  }

  /** The answers to several commands in one WebSocket message, errors included. */
  answers(commands) {
    const refs = commands.map((command) => (command.ref ??= this.#nextRef++))
    const waiting = refs.map((ref) => new Promise((resolve, reject) => this.#answers.set(ref, { resolve, reject })))
    this.write(...commands)
    return within(Promise.all(waiting), `answers to ${commands.map((each) => each.type)}`)
  }

  async answer(type, fields = {}) {
    return (await this.answers([{ type, ...fields }]))[0]
  }

  async ask(type, fields = {}) {
    const answer = await this.answer(type, fields)
    require(answer.type !== 'error', `${type} was refused`, answer)
    return answer
  }

  async refusal(type, fields = {}) {
    const answer = await this.answer(type, fields)
    require(answer.type === 'error', `${type} must be refused`, answer)
    return answer.code
  }

  /** The first event with these fields that nobody has taken, now or when it comes. */
  expect(fields) {
    const index = this.inbox.findIndex((event) => fits(event, fields))
    if (index >= 0) return Promise.resolve(this.inbox.splice(index, 1)[0])
    const come = new Promise((resolve, reject) => this.#waiters.push({ fields, resolve, reject }))
    return within(come, JSON.stringify(fields))
  }

  async close() {
    this.socket.close(1000)
    return within(this.closed, 'the closing handshake')
  }

  /** Ends the connection without a word. */
  async drop() {
    this.socket.terminate()
    return within(this.closed, 'the end of the socket')
  }

  #read(data, isBinary) {
    this.messages += 1
    try {
      for (const envelope of this.codec.decode(data, isBinary)) this.#take(envelope)
    } catch (fault) {
      this.#fail(fault)
      this.socket.terminate()
    }
  }

  #take(envelope) {
    this.seen.push(envelope)
    const waiting = this.#answers.get(envelope.ref)
    if (waiting) {
      this.#answers.delete(envelope.ref)
      return waiting.resolve(envelope)
    }
    const index = this.#waiters.findIndex(({ fields }) => fits(envelope, fields))
    if (index < 0) return this.inbox.push(envelope)
    return this.#waiters.splice(index, 1)[0].resolve(envelope)
  }

  #fail(fault) {
    for (const { reject } of [...this.#answers.values(), ...this.#waiters.splice(0)]) reject(fault)
    this.#answers.clear()
  }
}

/** Runs a journey against a server of its own; the process exits 0 only when every check held. */
export async function run(journey, ...options) {
  const begun = Date.now()
  let server
  try {
    server = await Server.start(...options)
    await within(journey(server), 'the journey\'s end', 120_000)
    await server.stop()
    done('the server ended in good order and its data is sound')
  } catch (fault) {
    console.error(fault)
    process.exitCode = 1
  } finally {
    await server?.clean()
  }
  console.log(`${process.exitCode ? 'FAILED' : 'passed'} in ${(Date.now() - begun) / 1000} s`)
}
