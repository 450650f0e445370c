// Run with --disallow-code-generation-from-strings, as under a strict CSP: the built package talks to a server.
import { strict as assert } from 'node:assert'
import { connect } from '../../dist/parley.node.js'

assert.throws(() => new Function('return 1'), 'code from strings must be refused here')
const [url, token] = process.argv.slice(2)
const parley = await connect({ url, token: () => token })
const told = new Promise((resolve) => parley.on('message', resolve))
await parley.ready()
const { conversation } = await parley.call('create', { kind: 'group', title: 'strict' })
const sent = await parley.send(conversation, 'hello').done
assert.deepEqual(await told, {
  type: 'message', conversation, seq: sent.seq, at: sent.at, from: parley.user, client_id: sent.client_id, body: 'hello',
})
await parley.close()
console.log('talked')
