// Has @asyncapi/parser read docs/asyncapi.yaml with all that it refers to: whatever it finds fault with fails.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import asyncapi from '@asyncapi/parser';

const file = fileURLToPath(new URL('../../docs/asyncapi.yaml', import.meta.url));
const { document, diagnostics } = await new asyncapi.Parser().parse(await readFile(file, 'utf8'), { source: file });
const faults = diagnostics.filter(({ severity }) => severity < 2); // errors and warnings
for (const { code, message, path, range } of faults) console.error(`${range.start.line + 1}: ${code}: ${message} (${path.join('/')})`);
if (!document || faults.length > 0) process.exit(1);
const sent = document.operations().filterBySend().length;
console.log(`${document.allMessages().length} messages, ${sent} operations that send`);
