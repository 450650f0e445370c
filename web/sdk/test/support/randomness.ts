// Node 18 has the browser's `crypto` in a module alone.
import { webcrypto } from 'node:crypto'

globalThis.crypto ??= webcrypto as Crypto
