# Everything that is not the protocol: each is refused as it must be while a healthy pair chats on.
import asyncio
import os
import random
import struct
import time

import msgpack

import http_abuse
import token_abuse
from client import Client, encode
from raw_socket import BINARY, CLOSE, CONTINUATION, KIND, PING, PONG, TEXT, RawSocket, frame, request
from support import done, note, require, run, serving

SEED = int(os.environ.get("PARLEY_SEED", "20240612"))
HELLO_DEADLINE = 10  # seconds
FAIR_CODES = {0, 1000, 1001, 1002, 1003, 1005, 1007, 1008, 1009, 4401, 4403, 4408, 4429}


def bombs():
    """MessagePack that promises more than it holds, or nests without end."""
    return {
        "an array of 4 billion": b"\xdd\xff\xff\xff\xff", "a map of 4 billion": b"\xdf\xff\xff\xff\xff",
        "an array of 16 million": b"\xdd\x00\xff\xff\xff" + b"\xc0" * 100, "a text of 4 GB": b"\xdb\xff\xff\xff\xff",
        "bytes of 4 GB": b"\xc6\xff\xff\xff\xff", "10,000 arrays deep": b"\x91" * 10_000,
        "10,000 maps deep": b"\x81\xa1a" * 10_000, "20,000 long arrays deep": b"\xdc\xff\xff" * 20_000,
        "an extension": b"\xc9\xff\xff\xff\xff\x01", "a type that is none": b"\xc1",
    }


def nested(depth, inside=None):
    for _ in range(depth):
        inside = [inside]
    return inside


def unreadable_msgpack():
    """(what, bytes): no `ref` can be made out; the connection ends with 1007."""
    yield from bombs().items()
    for what, bomb in bombs().items():
        yield f"{what}, as a value", b"\x82\xa4type\xa4ping\xa1x" + bomb
    ping = {"type": "ping", "ref": 1}
    whole = msgpack.packb(ping)
    yield from {f"cut after {i} bytes": whole[:i] for i in range(1, len(whole))}.items()
    for value in (None, True, 5, -1, 1.5, "ping", [], [ping], b"ping"):
        yield f"{value!r} instead of a map", msgpack.packb(value)
    yield "keys that are numbers", b"\x81\x01\x02"
    yield "a key twice", b"\x83\xa4type\xa4ping\xa3ref\x01\xa3ref\x02"
    yield "nothing at all", b""
    for ref in (True, 1.5, [], {}, b"x", [1], 2**64 - 1, "r" * 5000):
        yield f"ref {str(ref)[:9]!r}", msgpack.packb({"type": "ping", "ref": ref})
    yield "a ref that is no UTF-8", b"\x82\xa4type\xa4ping\xa3ref\xa2\xff\xfe"
    yield "a key that is no UTF-8", b"\x82\xa4type\xa4ping\xa2\xff\xfe\x01"
    yield "no type and no ref", msgpack.packb({"conversation": "x"})
    yield "rubbish behind an envelope", whole + b"\xc1"


def unreadable_json():
    for text in ("{", "}", "[]", "null", "5", '"ping"', "nonsense", '{"type":"ping"', '{"type":"ping",}', "{'type':'ping'}",
                 '{"type":"ping","ref":[1]}', '{"type":"ping","ref":true}', '{"type":"ping","ref":1.5}',
                 '{"type":"ping","ref":18446744073709551615}', '{"type":"ping","ref":1,"ref":2}', "{} {}", "[" * 30_000,
                 '{"a":' * 8_000, '{"type":"ping","ref":1,"x":' + "[" * 20 + "]" * 20 + "}", '{"type":"ping","ref":1e999}',
                 '{"type":"ping","ref":"\\ud800"}', '{"type":"p\ning"}', "", "\n\n", "\ufeff{}", '{"conversation":"x"}'):
        yield repr(text[:40]), text.encode()


def refusable():
    """(what, envelope, code): the ref can be read, so there is an answer and the connection goes on."""
    bad, large, unknown = "bad_request", "too_large", "unknown_type"
    yield "no type", {}, bad
    for kind in (5, None, [], {}, True):
        yield f"type {kind!r}", {"type": kind}, bad
    for kind in ("", "PING", "ping ", "pong", "x" * 1000, "sent", "\0"):
        yield f"type {kind[:9]!r}", {"type": kind}, unknown
    yield "a number too large", {"type": "history", "conversation": "c", "before": 2**60}, bad
    yield "a negative number", {"type": "sync", "conversation": "c", "after": -1}, bad
    yield "a fraction", {"type": "sync", "conversation": "c", "after": 1.5}, bad
    yield "an id of 129 bytes", {"type": "get", "conversation": "c" * 129}, bad
    yield "an empty id", {"type": "get", "conversation": ""}, bad
    yield "a body that is a list", {"type": "send", "conversation": "c", "client_id": "x", "body": []}, bad
    yield "users that are no ids", {"type": "add", "conversation": "c", "users": [1]}, bad
    yield "nested users", {"type": "add", "conversation": "c", "users": [["bob"]]}, bad
    yield "an unknown role", {"type": "add", "conversation": "c", "users": ["bob"], "role": "king"}, bad
    yield "a body too large", {"type": "send", "conversation": "c", "client_id": "x", "body": "b" * 16_385}, large
    yield "users too many", {"type": "add", "conversation": "c", "users": ["u"] * 1001}, large


def bad_frames(kind, payload):
    """(what, bytes, close codes that are right)"""
    whole = frame(kind, payload)
    yield "no mask", frame(kind, payload, mask=False), {1002}
    for bits in (1, 2, 4, 7):
        yield f"reserved bits {bits}", frame(kind, payload, reserved=bits), {1002}
    for opcode in (3, 4, 7, 11, 15):
        yield f"opcode {opcode}", frame(opcode, payload), {1002}
    yield "a continuation of nothing", frame(CONTINUATION, payload), {1002}
    yield "a message within a message", frame(kind, payload[:3], fin=False) + whole, {1002}
    for opcode in (CLOSE, PING, PONG):
        yield f"control frame {opcode} in pieces", frame(opcode, b"\x03\xe8", fin=False), {1002}
        yield f"control frame {opcode} of 126 bytes", frame(opcode, b"\x03\xe8" + b"a" * 124), {1002}
    yield "a close of one byte", frame(CLOSE, b"\x03"), {1002}
    for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 2999):
        yield f"close code {code}", frame(CLOSE, struct.pack(">H", code)), {1002}
    for code in (5000, 65535):  # RFC 6455 does not say
        yield f"close code {code}", frame(CLOSE, struct.pack(">H", code)), {1002, code}
    yield "a close with a reason that is no UTF-8", frame(CLOSE, b"\x03\xe8\xff\xfe"), {1007, 1002}
    yield "a good close", frame(CLOSE, b"\x03\xe8bye"), {1000}
    yield "a frame that claims 2^63 bytes", frame(kind, b"x", claimed=2**63), {1002, 1009}
    yield "a frame that claims 1 GB", frame(kind, b"x", claimed=2**30), {1009}
    yield "a frame of 65,537 bytes", frame(kind, b" " * 65_537), {1009}
    yield "a message of 65,537 bytes in pieces", frame(kind, b" " * 32_769, fin=False) + frame(0, b" " * 32_768), {1009}
    yield "a message in 5,000 pieces", frame(kind, payload[:1], fin=False) + frame(0, b"", fin=False) * 5000, {1002, 1008, 1009, 4429}
    yield "200 pings at once", frame(PING, b"x") * 200, {1008, 4429}
    yield "200 pongs at once", frame(PONG, b"x") * 200, {1008, 4429}


class Watch:
    """A healthy pair that chats on, and says how long its messages took."""

    def __init__(self, alice, bob, room):
        self.alice, self.bob, self.room = alice, bob, room
        self.slowest, self.count, self.stopping = 0.0, 0, asyncio.Event()
        self.task = asyncio.create_task(self._chat())

    @classmethod
    async def begin(cls, server, token_alice, token_bob):
        alice, bob = await Client.open(server, token_alice), await Client.open(server, token_bob, "json")
        room = (await alice.ask("create", kind="direct", with_=bob.welcome["user"]))["conversation"]
        return cls(alice, bob, room)

    async def _chat(self):
        while not self.stopping.is_set():
            begun = time.monotonic()
            sender, reader = (self.alice, self.bob) if self.count % 2 else (self.bob, self.alice)
            await sender.send(self.room, f"w{self.count}", f"all is well {self.count}")
            await reader.expect_message(self.room, f"all is well {self.count}")
            self.slowest = max(self.slowest, time.monotonic() - begun)
            self.count += 1
            await asyncio.sleep(0.02)

    async def end(self):
        self.stopping.set()
        await self.task
        await self.alice.close()
        await self.bob.close()
        require(self.slowest < 5, "the healthy pair never waits long", self.slowest)
        note(f"the slowest message of the healthy pair took {self.slowest * 1000:.0f} ms")
        done("messages of a healthy pair, all the while", self.count)


async def closes_with(server, token, encoding, data, codes, what):
    raw = await RawSocket.upgraded(server, encoding, token)
    await raw.send(data)
    code = await raw.closed()
    require(code in codes, f"{encoding}: {what} ends with one of {sorted(codes)}", code)


async def envelopes(server, token):
    tried = 0
    for encoding, cases in (("msgpack", unreadable_msgpack()), ("json", unreadable_json())):
        for what, payload in cases:
            await closes_with(server, token, encoding, frame(KIND[encoding], payload), {1007}, what)
            tried += 1
    done("envelopes without a readable ref: closed with 1007", tried)
    tried = 0
    for encoding in ("msgpack", "json"):
        client = await Client.open(server, token, encoding)
        for what, envelope, code in refusable():
            answer = (await client.answers([dict(envelope)]))[0]
            require(answer["type"] == "error" and answer["code"] == code, f"{encoding}: {what}", answer)
            tried += 1
        await client.ask("ping")
        await client.close()
    raw = await RawSocket.upgraded(server, "msgpack", token)
    for what, value in (("deep", msgpack.packb(nested(6))), ("no UTF-8", b"\xa2\xff\xfe"), ("NaN", b"\xcb\x7f\xf8" + b"\0" * 6)):
        await raw.send(frame(BINARY, b"\x83\xa4type\xa4ping\xa3ref\xa1" + what[:1].encode() + b"\xa1x" + value))
        answer = await raw.until("pong" if what == "deep" else "error", what[:1])
        require(what == "deep" or answer["code"] == "bad_request", f"a value: {what}", answer)
    await raw.still_good()
    raw.end()
    done("envelopes with a readable ref: an error, and the connection goes on", tried + 3)


async def frames(server, token):
    tried = 0
    for encoding, payload in (("msgpack", msgpack.packb({"type": "ping"})), ("json", b'{"type":"ping"}')):
        for what, data, codes in bad_frames(KIND[encoding], payload):
            await closes_with(server, token, encoding, data, codes, what)
            tried += 1
        other = KIND["json" if encoding == "msgpack" else "msgpack"]
        await closes_with(server, token, encoding, frame(other, b'{"type":"ping"}'), {1003}, "the wrong kind of message")
        await closes_with(server, None, encoding, frame(KIND[encoding], b" " * 16_385), {1009}, "too much before hello")
        tried += 2
    for text in (b"\xff", b'{"type":"ping","x":"\xc3\x28"}', b'{"type":"ping","x":"\xed\xa0\x80"}', b'"\xf4\x90\x80\x80"'):
        await closes_with(server, token, "json", frame(TEXT, text), {1007}, f"text that is no UTF-8: {text!r}")
        tried += 1
    raw = await RawSocket.upgraded(server, "json", token)
    text = '{"type":"ping","ref":"ü"}'.encode()
    await raw.send(b"".join(frame(TEXT if i == 0 else 0, text[i:i + 1], fin=i == len(text) - 1) for i in range(len(text))))
    require((await raw.until("pong"))["ref"] == "ü", "a message in pieces of one byte")
    await raw.send(frame(PING, b"are you there"))
    require((await raw.next_frame()) == (PONG, b"are you there"), "a ping is answered with its payload")
    raw.end()
    done("frames: what breaks RFC 6455 or a limit is closed with its code", tried + 2)


async def before_hello(server, token):
    """Nothing but a good hello opens a session; what came before has no effect."""
    tried = 0
    for encoding in ("msgpack", "json"):
        for first in ({"type": "ping", "ref": 1}, {"type": "ping"}, {"type": "nonsense", "ref": 1}, {"type": "hello", "ref": 1},
                      {"type": "hello", "ref": 1, "token": 5}, {"type": "hello", "ref": 1, "token": token, "device": ""}):
            raw = await RawSocket.upgraded(server, encoding)
            await raw.envelope(first, {"type": "list", "ref": 2})
            code = await raw.closed()
            require(code in {4401, 1007, 1008}, f"{first} before hello", code)
            require(not [e for e in raw.heard if e["type"] in ("welcome", "pong", "conversations")], "and nothing else", raw.heard)
            tried += 1
            raw = await RawSocket.upgraded(server, encoding)
            await raw.envelope(first)
            code = await raw.closed()
            require(code == 4401, f"{first} alone before hello", code)
            tried += 1
    raw = await RawSocket.upgraded(server, "json")
    await raw.envelope({"type": "hello", "token": token, "ref": 1})
    large = {"type": "send", "conversation": "nowhere", "client_id": "x", "body": "x" * 9000}
    await raw.envelope(*({**large, "ref": ref} for ref in (2, 3)))
    for type, ref in (("welcome", 1), ("error", 2), ("error", 3)):
        await raw.until(type, ref)
    raw.end()
    raw = await RawSocket.upgraded(server, "msgpack")
    await raw.envelope({"type": "hello", "token": token, "ref": 1}, {"type": "ping", "ref": 2}, {"type": "list", "ref": 3})
    for type, ref in (("welcome", 1), ("pong", 2), ("conversations", 3)):
        await raw.until(type, ref)
    raw.end()
    done("frames before hello: refused; behind a good one in the same message: served", tried + 1)


async def no_hello_in_time(server):
    """Those who say nothing, or too little, are closed with 4408 after ten seconds."""
    silent = [await RawSocket.upgraded(server) for _ in range(20)]
    slow = await RawSocket.upgraded(server)
    await slow.send(frame(BINARY, b"x" * 100)[:50])
    headers = await RawSocket.open(server)
    await headers.send(b"GET /v1/ws HTTP/1.1\r\nHost: a\r\n")
    begun = time.monotonic()
    codes = [await raw.closed() for raw in [*silent, slow]]
    require(set(codes) == {4408}, "no hello in time", codes)
    status, _, _ = await headers.answer()
    headers.end()
    require(status in (0, 408), "headers that never end", status)
    took = time.monotonic() - begun
    require(HELLO_DEADLINE - 2 < took < HELLO_DEADLINE + 5, "after ten seconds", took)
    done("connections that say no hello: 4408 after ten seconds", len(silent) + 2)


def damaged(dice, data):
    """The bytes with a few of them changed, cut, doubled or swapped."""
    data = bytearray(data)
    for _ in range(dice.randint(1, 4)):
        place, what = dice.randrange(len(data) + 1), dice.randrange(4)
        if what == 0 and place < len(data):
            data[place] ^= 1 << dice.randrange(8)
        elif what == 1:
            data[place:place] = dice.randbytes(dice.randint(1, 8))
        elif what == 2:
            del data[place:place + dice.randint(1, 8)]
        else:
            data[place:place] = data[place:place + dice.randint(1, 64)]
    return bytes(data)


def samples(dice, encoding):
    some = [{"type": "send", "conversation": "c1", "client_id": "x", "body": "hello", "ref": 1},
            {"type": "create", "kind": "group", "members": ["a", "b"], "title": "t", "ref": "r"},
            {"type": "history", "conversation": "c", "before": 5, "limit": 10, "ref": 2},
            {"type": "add", "conversation": "c", "users": ["x"], "role": "admin", "ref": 3}, {"type": "ping", "ref": 4}]
    data = encode(encoding, dice.sample(some, dice.randint(1, 3)))
    return data if isinstance(data, bytes) else data.encode()


async def at_random(server, token, dice, level, times):
    """Seeded garbage: the server answers or closes, with a code of the protocol."""
    codes = {}
    for index in range(times):
        encoding = dice.choice(["msgpack", "json"])
        if level == "http":
            raw = await RawSocket.open(server)
            raw.encoding = encoding
            await raw.send(dice.randbytes(dice.randint(1, 3000)) if index % 3 == 0 else damaged(dice, request()))
            raw.half_close()
            status, _, _ = await raw.answer()
            require(status in {0, 101} or 400 <= status < 600, "an HTTP answer to garbage", status)
            raw.end()
            codes[status] = codes.get(status, 0) + 1
            continue
        raw = await RawSocket.upgraded(server, encoding, token if index % 4 else None)
        for payload in [damaged(dice, samples(dice, encoding)) for _ in range(5)]:
            if encoding == "json" and level == "envelope":
                payload = payload.decode(errors="ignore").encode()
            whole = frame(KIND[encoding], payload, key=dice.randbytes(4))
            await raw.send(whole if level == "envelope" else damaged(dice, whole))
        raw.half_close()
        code = await raw.closed()
        require(code in FAIR_CODES, f"a close code for garbage at {level} level", code)
        codes[code] = codes.get(code, 0) + 1
    note(f"{level} level garbage ended with {dict(sorted(codes.items()))}")
    done(f"seeded garbage at {level} level", times)


async def attack(server):
    """All of it, each kind on its own connections, at the same time."""
    dice = random.Random(SEED)
    note(f"seed {SEED}")
    tokens = await server.tokens(["mallory", "alice", "bob"])
    watch = await Watch.begin(server, tokens["alice"], tokens["bob"])
    slow = asyncio.gather(no_hello_in_time(server), token_abuse.tokens_expire(server))
    await http_abuse.health_is_told(server)
    await http_abuse.upgrades_are_checked(server, tokens["mallory"])
    await http_abuse.origins_are_checked(server)
    await token_abuse.tokens_are_checked(server)
    before = server.memory()
    await envelopes(server, tokens["mallory"])
    await frames(server, tokens["mallory"])
    await before_hello(server, tokens["mallory"])
    for level, times in (("http", 150), ("frame", 200), ("envelope", 300)):
        await at_random(server, tokens["mallory"], dice, level, times)
    note(f"memory grew by {(server.memory() - before) / 2**20:.1f} MiB over all of it")
    await slow
    await watch.end()


async def main():
    async with serving("--origin", http_abuse.ALLOWED) as server:
        await attack(server)


if __name__ == "__main__":
    run(main)
