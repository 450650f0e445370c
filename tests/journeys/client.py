# A client of the wire protocol in both encodings, for journeys: answers by ref, events with deadlines.
import asyncio
import itertools
import json
import socket

import msgpack
import websockets

from support import PATIENCE, Failed, require, within

SUBPROTOCOL = {"msgpack": "parley.v1.msgpack", "json": "parley.v1.json"}


class Refused(Exception):
    """The server answered with `error`."""

    def __init__(self, envelope):
        super().__init__(f"{envelope.get('code')}: {envelope.get('message')}")
        self.code = envelope.get("code")
        self.envelope = envelope


class Gone(Exception):
    """The connection ended before the answer came."""


def encode(encoding, envelopes):
    """One WebSocket message that carries the envelopes."""
    if encoding == "msgpack":
        return b"".join(msgpack.packb(each, use_bin_type=True) for each in envelopes)
    return "\n".join(json.dumps(each, ensure_ascii=False) for each in envelopes)


def decode(encoding, data):
    """The envelopes of one WebSocket message; fails on the wrong kind of message."""
    if encoding == "msgpack":
        require(isinstance(data, bytes), "MessagePack travels in binary messages", data[:80])
        unpacker = msgpack.Unpacker(raw=False, strict_map_key=True, max_buffer_size=0)
        unpacker.feed(data)
        envelopes = list(unpacker)
        require(unpacker.tell() == len(data), "a message ends with a whole envelope", len(data))
        return envelopes
    require(isinstance(data, str), "JSON travels in text messages", data[:80])
    return [json.loads(line) for line in data.split("\n") if line.strip()]


def fits(envelope, type, fields):
    return envelope.get("type") == type and all(envelope.get(k) == v for k, v in fields.items())


def plain(fields):
    """Fields as on the wire: a trailing underscore keeps Python's own words apart."""
    return {name.rstrip("_"): value for name, value in fields.items()}


class Client:
    """One connection. Use `Client.open`, then `ask`, `tell` and `expect`."""

    def __init__(self, socket, encoding, trace):
        self.socket = socket
        self.encoding = encoding
        self.trace = trace
        self.welcome = None
        self.cursor = None  # the newest resume point the server gave
        self.seen = []      # everything the server sent, in order
        self.inbox = []     # events that nobody has taken yet
        self.refs = itertools.count(1)
        self.messages_read = 0
        self._answers = {}
        self._waiters = []
        self._fault = None
        self._may_read = asyncio.Event()
        self._may_read.set()
        self._reader = asyncio.create_task(self._read())

    # --- Opening and closing ---

    @classmethod
    async def connect(cls, server, encoding="msgpack", trace=None, headers=None, offer=None,
                      receive_buffer=None, path="/v1/ws"):
        """Upgrades a connection and says nothing yet."""
        offered = [SUBPROTOCOL[encoding]] if offer is None else offer
        secure = {"ssl": server.trust, "server_hostname": "localhost"} if server.trust else {}
        opened = websockets.connect(
            f"{'wss' if secure else 'ws'}://{server.http}{path}", subprotocols=offered or None, extra_headers=headers or {}, **secure,
            compression=None, max_size=None, max_queue=4, ping_interval=None, close_timeout=5,
            open_timeout=PATIENCE, user_agent_header=None, sock=tcp(server.address, receive_buffer))
        return cls(await opened, encoding, trace)

    @classmethod
    async def open(cls, server, token, encoding="msgpack", since=None, device=None, trace=None, **how):
        """A connection that has been welcomed."""
        client = await cls.connect(server, encoding, trace, **how)
        await client.hello(token, since=since, device=device)
        return client

    async def hello(self, token=None, since=None, device=None):
        fields = {"token": token, "since": since, "device": device}
        if self.trace:
            self.trace.greets(since is not None)
        self.welcome = await self.ask("hello", **{k: v for k, v in fields.items() if v is not None})
        require(self.welcome["type"] == "welcome", "hello is answered with welcome", self.welcome)
        self.cursor = self.cursor or self.welcome["cursor"]
        return self.welcome

    async def close(self):
        """Closes in good order and waits until the connection is gone."""
        self._may_read.set()
        await within(PATIENCE, self.socket.close(), "the closing handshake")
        await self.gone()

    async def drop(self):
        """Ends the connection without a word, as a killed client does."""
        self._may_read.set()
        self.socket.transport.abort()
        await self.gone()

    async def gone(self, patience=PATIENCE):
        """Waits until the server has closed; returns the close code."""
        await within(patience, asyncio.shield(self._reader), "the connection's end")
        return self.socket.close_code

    @property
    def connected(self):
        return not self._reader.done()

    def pause(self):
        """Stops reading, so that the server finds a slow reader."""
        self._may_read.clear()

    def resume(self):
        self._may_read.set()

    # --- Commands ---

    async def write(self, *envelopes):
        """Sends the envelopes in one WebSocket message."""
        await self.write_raw(encode(self.encoding, envelopes))

    async def write_raw(self, data):
        try:
            await within(PATIENCE, self.socket.send(data), "room to send")
        except websockets.ConnectionClosed as closed:
            raise Gone(str(closed)) from None

    async def tell(self, type, **fields):
        """A command without `ref`."""
        await self.write({"type": type, **plain(fields)})

    async def answer(self, type, patience=PATIENCE, ref=None, **fields):
        """The answer to one command, whatever it is."""
        return (await self.answers([{"type": type, "ref": ref, **plain(fields)}], patience))[0]

    async def answers(self, commands, patience=PATIENCE):
        """The answers to several commands sent in one WebSocket message, in their order."""
        waiting = []
        for command in commands:
            if command.get("ref") is None:
                command["ref"] = next(self.refs)
            require(command["ref"] not in self._answers, "a ref is used once at a time", command)
            self._answers[command["ref"]] = future = asyncio.get_running_loop().create_future()
            waiting.append(future)
        self._raise_if_over()
        await self.write(*commands)
        return [await within(patience, each, f"the answer to {command.get('type')}")
                for each, command in zip(waiting, commands)]

    async def ask(self, type, patience=PATIENCE, **fields):
        """The answer to one command; raises `Refused` when it is an error."""
        answer = await self.answer(type, patience, **fields)
        if answer["type"] == "error":
            raise Refused(answer)
        return answer

    async def refusal(self, type, **fields):
        """The code of the error that the command must be answered with."""
        answer = await self.answer(type, **fields)
        require(answer["type"] == "error", f"{type} must be refused", fields, answer)
        return answer["code"]

    async def send(self, conversation, client_id, body, patience=PATIENCE):
        """Posts a message and logs how it went; returns `sent`."""
        log = self.trace and self.trace.sends(conversation, client_id, body)
        answer = await self.answer("send", patience, conversation=conversation, client_id=client_id, body=body)
        if log:
            log.answered(answer)
        if answer["type"] == "error":
            raise Refused(answer)
        return answer

    async def pull(self, conversation, after, upto=None, most=None):
        """The events after a number, page by page with `sync`, as one list."""
        events = []
        while upto is None or after < upto:
            fields = {"limit": most} if most else {}
            page = await self.ask("sync", conversation=conversation, after=after, **fields)
            if self.trace:
                self.trace.pulled(page)
            events += page["events"]
            if not page["events"] or not (page["more"] or upto is not None):
                break
            after = page["last"]
        return events

    # --- Events ---

    async def expect(self, type, patience=PATIENCE, **fields):
        """The first event of this type and content that nobody has taken, now or when it comes."""
        fields = plain(fields)
        for index, event in enumerate(self.inbox):
            if fits(event, type, fields):
                return self.inbox.pop(index)
        self._raise_if_over()
        future = asyncio.get_running_loop().create_future()
        waiter = (type, fields, future)
        self._waiters.append(waiter)
        try:
            return await within(patience, future, f"{type} {fields}")
        finally:
            if waiter in self._waiters:
                self._waiters.remove(waiter)

    async def expect_message(self, conversation, body, **more):
        return await self.expect("message", conversation=conversation, body=body, **more)

    def untaken(self, *types, **fields):
        """Events of these types that have come and that nobody has taken."""
        return [each for each in self.inbox if any(fits(each, type, plain(fields)) for type in types)]

    # --- Reading ---

    async def _read(self):
        try:
            async for data in self.socket:
                await self._may_read.wait()
                self.messages_read += 1
                for envelope in decode(self.encoding, data):
                    self._take(envelope)
        except (websockets.ConnectionClosed, OSError):
            pass
        except Exception as fault:  # the journey hears of it through whoever waits
            self._fault = fault
            self.socket.transport.abort()
        finally:
            self._end()

    def _take(self, envelope):
        self.seen.append(envelope)
        if "cursor" in envelope and envelope["type"] in ("checkpoint", "synced", "reset"):
            self.cursor = envelope["cursor"]
        if self.trace:
            self.trace.saw(envelope)
        waiting = self._answers.pop(envelope["ref"], None) if "ref" in envelope else None
        if waiting is not None:
            if not waiting.done():
                waiting.set_result(envelope)
            return
        for index, (type, fields, future) in enumerate(self._waiters):
            if not future.done() and fits(envelope, type, fields):
                del self._waiters[index]
                future.set_result(envelope)
                return
        self.inbox.append(envelope)

    def _end(self):
        for future in [*self._answers.values(), *(waiter[2] for waiter in self._waiters)]:
            if not future.done():
                future.set_exception(self._why_over())
                future.exception()  # whoever waits still gets it; nobody waiting is no mistake
        self._answers.clear()
        self._waiters.clear()

    def _why_over(self):
        if self._fault:
            return Failed(f"the client could not read what the server sent: {self._fault!r}")
        return Gone(f"closed with {self.socket.close_code} {self.socket.close_reason!r}")

    def _raise_if_over(self):
        if self._reader.done():
            raise self._why_over()


def tcp(address, receive_buffer=None):
    """A connected TCP socket, with a small receive buffer when asked for."""
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if receive_buffer:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    made.settimeout(PATIENCE)
    made.connect(address)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    made.setblocking(False)
    return made
