// Devices in a process of their own, driven by lines of JSON: one question a line in, one answer a line out.
import { createInterface } from 'node:readline'
import { Client } from './support.mjs'

const devices = new Map()

const doing = {
  async open({ device, http, token, encoding, more }) {
    const client = await Client.open({ http }, token, encoding, more)
    devices.set(device, client)
    return client.welcome
  },
  answer: ({ device, type, fields }) => devices.get(device).answer(type, fields),
  seen: async ({ device }) => devices.get(device).seen,
  drop: ({ device }) => devices.get(device).drop(),
}

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line)
  doing[asked.do](asked).then(
    (result) => console.log(JSON.stringify({ id: asked.id, result: result ?? null })),
    (fault) => console.log(JSON.stringify({ id: asked.id, fault: String(fault) })),
  )
}
process.exit(0)
