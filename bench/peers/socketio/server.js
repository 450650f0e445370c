// A chat server as Socket.IO's own tutorial builds it: rooms, and each message in SQLite before
// anybody sees it.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import process from 'node:process';
import Database from 'better-sqlite3';
import { Server } from 'socket.io';

const [directory, port, durable] = process.argv.slice(2);

if (directory === '--describe') {
  const require = createRequire(import.meta.url);
  const version = (name) => `${name} ${require(`${name}/package.json`).version}`;
  const yesOrNo = process.argv[3];
  console.log(
    `${version('socket.io')} on Node ${process.versions.node} with ${version('better-sqlite3')}, ` +
      `WAL, synchronous=${yesOrNo === 'yes' ? 'FULL' : 'NORMAL'}, durable: ${yesOrNo}`,
  );
  process.exit(0);
}

const store = new Database(join(directory, 'messages.sqlite'));
store.pragma('journal_mode = WAL');
store.pragma(`synchronous = ${durable === 'yes' ? 'FULL' : 'NORMAL'}`);
store.exec(`CREATE TABLE messages (
  seq INTEGER PRIMARY KEY,
  room TEXT NOT NULL,
  sender TEXT NOT NULL,
  client_id INTEGER NOT NULL,
  body TEXT NOT NULL,
  UNIQUE (room, sender, client_id)
)`);
const insert = store.prepare(
  'INSERT INTO messages (room, sender, client_id, body) VALUES (?, ?, ?, ?)',
);

const http = createServer();
const io = new Server(http, { transports: ['websocket'], perMessageDeflate: false });

io.on('connection', (socket) => {
  socket.on('enter', ({ room }, acknowledge) => {
    socket.join(room);
    acknowledge('entered');
  });
  socket.on('message', ({ room, id, body }, acknowledge) => {
    const seq = Number(insert.run(room, socket.id, id, body).lastInsertRowid);
    io.to(room).emit('message', { room, seq, id, body });
    acknowledge('stored', seq);
  });
});

process.on('SIGTERM', () => {
  store.close();
  process.exit(0);
});
http.listen(Number(port), '127.0.0.1', 4096);
