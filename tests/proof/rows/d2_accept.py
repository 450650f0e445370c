# D2: accept fails, for want of descriptors, buffers or memory, or for faults of a connection; nothing spins, and it goes on when that is over.
import asyncio
import errno
import pathlib
import socket
import struct
import tempfile
import time

from client import Client
from ground import built, in_ms, tried, wrapped
from limits_journey import enter_again

WANTS = ("EMFILE", "ENFILE", "ENOBUFS", "ENOMEM")                                       # last a while
FAULTS = ("ECONNABORTED", "EPROTO", "EINTR", "ENETDOWN", "EHOSTUNREACH", "ETIMEDOUT", "EPERM", "EAGAIN")  # of one connection each
IDLE = 0.10   # of a core, while it fails
BACK = 1.0    # seconds until it accepts again
EACH = "<qqq"


class Orders:
    """What the shim is to do."""

    def __init__(self):
        self.file = pathlib.Path(tempfile.mkdtemp(prefix="parley-proof-accept-")) / "orders"
        self.file.write_bytes(struct.pack(EACH, 0, 0, 0))
        self.line = f'PROOF_ACCEPT={self.file} LD_PRELOAD={built("accept.c", shared=True)} exec {{server}} "$@"'

    def give(self, error, times):
        with open(self.file, "r+b") as file:
            file.write(struct.pack(EACH, error, times, 0))

    def told(self):
        return struct.unpack(EACH, self.file.read_bytes())[2]


async def newcomer(server, token):
    """How long it took until a session was to be had; until then newcomers may be told 503."""
    client, took = await enter_again(server, token)
    await client.close()
    return took


async def while_it_fails(server, orders, name, tokens, alice, seconds, findings):
    orders.give(getattr(errno, name), -1)
    waiting = [socket.create_connection(server.address) for _ in range(20)]  # the kernel completes them all the same
    used, begun = server.cpu_seconds(), time.monotonic()
    await asyncio.sleep(seconds)  # what is measured is how little happens in it
    share = (server.cpu_seconds() - used) / (time.monotonic() - begun)
    findings.check(share < IDLE, f"{name}: a share of a core", share)
    findings.check(orders.told() > 0, f"{name}: it was tried", orders.told())
    findings.check((await alice.ask("ping"))["type"] == "pong", f"{name}: who is in is served")
    orders.give(0, 0)
    took = await newcomer(server, tokens["bob"])
    findings.check(took < BACK, f"{name}: accepts again after", took)
    for each in waiting:
        each.close()
    return share, took


async def now_and_then(server, orders, name, tokens, findings):
    """A fault of one connection is no reason to stop accepting others."""
    orders.give(getattr(errno, name), 5)
    took = await newcomer(server, tokens["bob"])
    findings.check(took < BACK, f"{name}, five times: accepts again after", took)
    orders.give(0, 0)


def run(size, server):
    async def main(findings):
        orders = Orders()
        async with wrapped(orders.line) as running:
            tokens = await running.tokens(["alice", "bob"])
            alice = await Client.open(running, tokens["alice"])
            shares = [await while_it_fails(running, orders, name, tokens, alice, size.of(0.5, 10), findings) for name in WANTS]
            for name in FAULTS:
                await now_and_then(running, orders, name, tokens, findings)
            await alice.close()
        findings.note(f"at most {max(share for share, _ in shares):.0%} of a core while it fails, and {in_ms(max(took for _, took in shares))} until a session was to be had again")

    return tried("failures of accept", main)
