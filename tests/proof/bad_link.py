# A TCP proxy that is a bad link: it delays, chops, collects, stalls, corrupts, and cuts connections off within a frame.
import asyncio
import socket
import struct

CHUNK = 16 * 1024


class BadLink:
    """Passes connections on to a server, each direction as `kind` says. What it did is counted."""

    KINDS = ("delay", "chop", "coalesce", "stall", "reset", "corrupt")

    def __init__(self, to, kind, dice, most=12_000):
        self.to, self.kind, self.dice = to, kind, dice
        self.most = most  # bytes of a direction at the most until something happens
        self.server = None
        self.address = None
        self.connections = 0
        self.did = 0
        self.tasks = set()

    async def open(self):
        self.server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.address = self.server.sockets[0].getsockname()[:2]
        return self

    async def close(self):
        self.server.close()
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def _carry(self, reader, writer):
        self.connections += 1
        self.tasks.add(asyncio.current_task())
        try:
            there_reader, there_writer = await asyncio.open_connection(*self.to)
        except OSError:
            cut_off(writer)
            return
        both = (writer, there_writer)
        ways = [asyncio.create_task(self._pass_on(reader, there_writer, both)), asyncio.create_task(self._pass_on(there_reader, writer, both))]
        self.tasks.update(ways)
        try:
            await asyncio.gather(*ways)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            for way in ways:
                way.cancel()
            for each in both:
                each.transport.abort()
            self.tasks.difference_update((*ways, asyncio.current_task()))

    async def _pass_on(self, reader, writer, both):
        """One direction, until its end; an end is passed on, too."""
        left = self.dice.randint(1500, self.most)  # bytes until something happens
        while data := await reader.read(CHUNK):
            if self.kind == "coalesce":
                await asyncio.sleep(self.dice.uniform(0, 0.05))
                data += await waiting(reader)
            left -= len(data)
            if self.kind in ("stall", "reset", "corrupt") and left <= 0:
                data = await self._happens(data, len(data) + left, writer, both)
                left = self.dice.randint(1500, self.most)
            await self._write(writer, data)
        if writer.can_write_eof():
            writer.write_eof()

    async def _write(self, writer, data):
        if self.kind == "delay":
            await asyncio.sleep(self.dice.uniform(0.001, 0.05) if self.dice.random() < 0.9 else self.dice.uniform(0.05, 0.5))
        step = 1 if self.kind == "chop" else max(1, len(data))
        for begin in range(0, len(data), step):
            writer.write(data[begin:begin + step])
            if begin % 64 == 0:
                await writer.drain()
                await asyncio.sleep(0)
        self.did += self.kind in ("delay", "chop", "coalesce")

    async def _happens(self, data, place, writer, both):
        """What is bad about the link happens within `data`; returns what of it is still to be sent."""
        self.did += 1
        if self.kind == "corrupt":
            place = min(place, len(data) - 1)
            return data[:place] + bytes([data[place] ^ 1 << self.dice.randrange(8)]) + data[place + 1:]
        writer.write(data[:place])
        await writer.drain()
        if self.kind == "reset":
            for each in both:
                cut_off(each)
            raise ConnectionResetError
        await asyncio.sleep(self.dice.uniform(0.3, 1.0))
        return data[place:]


async def waiting(reader):
    """What has come meanwhile."""
    try:
        return await asyncio.wait_for(reader.read(CHUNK), 0.001)
    except asyncio.TimeoutError:
        return b""


def cut_off(writer):
    """Ends a connection with a reset instead of an end."""
    sock = writer.get_extra_info("socket")
    if sock is not None and sock.fileno() >= 0:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
