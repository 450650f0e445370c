# C2: every sync takes two seconds for a while; sockets are read no further, memory stays flat, and everything is acknowledged afterwards.
import asyncio
import pathlib
import re
import struct
import tempfile
import time

from client import Client
from ground import built, in_ms, tried, wrapped
from oracle import History, judge
from rest import Rest

CLIENTS = 24
IN_FLIGHT = 64                 # of a client, which is all that a connection may have
BODY = "b" * 12_000
STALL = 2.0                    # seconds that a sync takes
GROWTH = 96 << 20              # bytes: the log's queue, what is on its way, and what readers are owed
DRAINED = 15                   # seconds, once syncs are quick again


class Disk:
    """How long a sync takes, for servers that are started with it."""

    def __init__(self):
        self.file = pathlib.Path(tempfile.mkdtemp(prefix="parley-proof-disk-")) / "delay"
        self.file.write_bytes(struct.pack("<q", 0))
        self.line = f'PROOF_DELAY={self.file} LD_PRELOAD={built("slow_disk.c", shared=True)} exec {{server}} "$@"'

    def takes(self, seconds):
        with open(self.file, "r+b") as file:
            file.write(struct.pack("<q", int(seconds * 1e6)))


async def throttled(server):
    """Whether the server says that it reads no sockets."""
    _, _, data = await Rest(server, None).ask("GET", "/metrics")
    return re.search(r"^parley_throttled 1$", data.decode(), re.M) is not None


async def post(client, room, tag, count):
    """Posts without waiting, as much at a time as a connection may."""
    gate = asyncio.Semaphore(IN_FLIGHT)

    async def one(i):
        async with gate:
            await client.send(room, f"{client.welcome['user']}-{tag}-{i}", f"{i} {BODY}", patience=120)

    await asyncio.gather(*(one(i) for i in range(count)))


async def stalled(server, disk, clients, room, number, seconds, findings):
    before, seen = server.memory(), []
    posting = asyncio.gather(*(post(client, room, f"stall {number}", 80) for client in clients))
    await asyncio.sleep(0.1)
    disk.takes(STALL)
    end = time.monotonic() + seconds
    worst = before
    while time.monotonic() < end:
        seen.append(await throttled(server))
        worst = max(worst, server.memory())
        await asyncio.sleep(0.1)
    disk.takes(0)
    begun = time.monotonic()
    await posting
    took = time.monotonic() - begun
    findings.check(any(seen), f"stall {number}: sockets are read no further", len(seen))
    findings.check(worst - before < GROWTH, f"stall {number}: memory", worst - before)
    findings.check(took < DRAINED, f"stall {number}: all is acknowledged after", took)
    findings.check(all(client.connected for client in clients), f"stall {number}: nobody is dropped")
    return worst - before, took


def run(size, server):
    async def main(findings):
        disk, history = Disk(), History()
        async with wrapped(disk.line) as running:
            users = [f"writer{i}" for i in range(CLIENTS)]
            tokens = await running.tokens(users)
            clients = [await Client.open(running, tokens[user], trace=history.session(user)) for user in users]
            room = (await clients[0].ask("create", kind="group", members=users[1:]))["conversation"]
            came = [await stalled(running, disk, clients, room, number, size.of(5, 30), findings) for number in range(size.of(1, 5))]
            history.final[room] = await clients[0].pull(room, 0)
            for fault in judge(history)[:5]:
                findings.fail("after the stalls", str(fault))
            findings.tried += len(history.sends)
            for client in clients:
                await client.close()
        findings.note(f"memory grew by {max(grown for grown, _ in came) / 2**20:.0f} MiB at most; all was acknowledged {in_ms(max(took for _, took in came))} after the disk was quick again")

    return tried("messages while syncs take two seconds", main)
