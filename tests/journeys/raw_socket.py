# Speaks HTTP and WebSocket frames byte by byte, so that journeys can say what no proper client would.
import asyncio
import base64
import os
import re
import struct

from client import decode, encode
from support import PATIENCE, Failed, require, within

TEXT, BINARY, CLOSE, PING, PONG, CONTINUATION = 1, 2, 8, 9, 10, 0
KEY = base64.b64encode(b"0123456789abcdef").decode()
KIND = {"msgpack": BINARY, "json": TEXT}


def frame(opcode, payload=b"", fin=True, mask=True, reserved=0, claimed=None, key=None):
    """One frame; `claimed` lies about the payload's length."""
    payload = payload.encode() if isinstance(payload, str) else payload
    size = len(payload) if claimed is None else claimed
    bit = 0x80 if mask else 0
    head = bytes([(0x80 if fin else 0) | reserved << 4 | opcode])
    if size < 126:
        head += bytes([bit | size])
    elif size < 65536:
        head += bytes([bit | 126]) + struct.pack(">H", size)
    else:
        head += bytes([bit | 127]) + struct.pack(">Q", size)
    if not mask:
        return head + payload
    key = key or os.urandom(4)
    repeated = (key * (len(payload) // 4 + 1))[:len(payload)]
    masked = int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")
    return head + key + masked.to_bytes(len(payload), "big")


def request(target="/v1/ws", method="GET", version="HTTP/1.1", **headers):
    """An upgrade request; a header given as None is left out, a list is repeated."""
    all_headers = {"Host": "127.0.0.1", "Connection": "Upgrade", "Upgrade": "websocket",
                   "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": KEY}
    all_headers |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"{method} {target} {version}"]
    for name, value in all_headers.items():
        for each in value if isinstance(value, list) else [value]:
            if each is not None:
                lines.append(f"{name}: {each}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


class RawSocket:
    """One TCP connection."""

    def __init__(self, reader, writer):
        self.reader = reader
        self.writer = writer
        self.close_code = None
        self.heard = []  # envelopes

    @classmethod
    async def open(cls, server, plain=False):
        """A connection over TLS when the server speaks it, unless a plain one is asked for."""
        trust = {} if plain or not server.trust else {"ssl": server.trust, "server_hostname": "localhost"}
        reader, writer = await within(PATIENCE, asyncio.open_connection(*server.address, **trust), "a connection")
        return cls(reader, writer)

    @classmethod
    async def upgraded(cls, server, encoding="msgpack", token=None):
        """A WebSocket, welcomed when there is a token."""
        raw = await cls.open(server)
        raw.encoding = encoding
        await raw.send(request(Sec_WebSocket_Protocol=f"parley.v1.{encoding}"))
        status, _, _ = await raw.answer()
        require(status == 101, "the upgrade works", status)
        if token:
            await raw.envelope({"type": "hello", "token": token, "ref": "hello"})
            await raw.until("welcome")
        return raw

    async def send(self, data):
        """Sends, as far as the server takes it: one that has closed already is no failure."""
        try:
            self.writer.write(data)
            await within(PATIENCE, self.writer.drain(), "room to send")
        except (ConnectionError, RuntimeError):
            pass

    async def envelope(self, *envelopes):
        data = encode(self.encoding, envelopes)
        await self.send(frame(KIND[self.encoding], data))

    async def answer(self):
        """Status, headers and body of an HTTP answer; status 0 when the server just closes."""
        try:
            head = await within(PATIENCE, self.reader.readuntil(b"\r\n\r\n"), "an HTTP answer")
        except (asyncio.IncompleteReadError, ConnectionError):
            return 0, {}, b""
        lines = head.decode("latin-1").split("\r\n")
        status = re.match(r"HTTP/1\.1 (\d{3})( .*)?$", lines[0])
        require(status, "an HTTP status line", lines[0])
        headers = dict(re.match(r"([^:]+):\s*(.*)", line).groups() for line in lines[1:] if line)
        headers = {name.lower(): value for name, value in headers.items()}
        size = int(headers.get("content-length", 0))
        body = await within(PATIENCE, self.reader.readexactly(size), "the body of an HTTP answer")
        return int(status[1]), headers, body

    async def rest(self):
        """Everything until the connection ends, however it ends."""
        try:
            return await self.reader.read()
        except ConnectionError:
            return b""

    async def next_frame(self):
        """Opcode and payload of the next frame; None at the end of the connection."""
        try:
            head = await within(PATIENCE, self.reader.readexactly(2), "a frame or the end")
            require(head[0] & 0x80 and not head[1] & 0x80, "servers neither fragment nor mask", head)
            size = head[1] & 0x7F
            if size == 126:
                size = struct.unpack(">H", await self.reader.readexactly(2))[0]
            elif size == 127:
                size = struct.unpack(">Q", await self.reader.readexactly(8))[0]
            return head[0] & 0x0F, await within(PATIENCE, self.reader.readexactly(size), "the rest of a frame")
        except (asyncio.IncompleteReadError, ConnectionError):
            return None

    async def read(self):
        """Reads one frame; False at the end of the connection."""
        got = await self.next_frame()
        if got is None:
            return False
        opcode, payload = got
        if opcode == CLOSE:
            self.close_code = struct.unpack(">H", payload[:2])[0] if len(payload) >= 2 else 1005
        elif opcode in (TEXT, BINARY):
            self.heard += decode(self.encoding, payload if opcode == BINARY else payload.decode())
        return True

    async def until(self, type, ref=None):
        """The next envelope of this type; fails when the connection ends first."""
        while True:
            for index, each in enumerate(self.heard):
                if each["type"] == type and (ref is None or each.get("ref") == ref):
                    return self.heard.pop(index)
            if not await self.read():
                raise Failed(f"the connection ended ({self.close_code}) before {type}")

    async def closed(self):
        """Reads to the end of the connection; the close code, or 0 when there was none."""
        while await self.read():
            if self.close_code:
                await self.send(frame(CLOSE, struct.pack(">H", 1000)))
        self.end()
        return self.close_code or 0

    async def still_good(self):
        """Requires the connection to answer a ping."""
        await self.envelope({"type": "ping", "ref": "still good"})
        await self.until("pong", "still good")

    def half_close(self):
        """Says that nothing more will be sent."""
        if self.writer.can_write_eof() and not self.writer.transport.is_closing():
            self.writer.write_eof()

    def end(self):
        self.writer.transport.abort()
