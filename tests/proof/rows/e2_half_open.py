# E2: clients vanish without a word, their cable pulled out for good; the server lets them go in time, and keeps nothing of them.
import asyncio
import time

from client import Client
from ground import built, tried, wrapped
from namespaces import SERVER, cable
from support import require

IDLE = 75        # seconds of silence after which a session counts as dead
SLACK = 6        # seconds: ticks of the clock, and the last thing heard
SPEED = 20       # in a smoke run time passes so many times as fast for the server
DEVICES = 10     # sessions of one user


async def gone_within(running, sockets, seconds):
    """How long it took until the server had let go of all of them."""
    begun = time.monotonic()
    while running.sockets() > sockets:
        require(time.monotonic() - begun < seconds, "peers that vanished are let go", seconds, running.sockets(), sockets)
        await asyncio.sleep(0.02)
    return time.monotonic() - begun


async def vanished(size, findings):
    speed = size.of(SPEED, 1)
    faster = f'PROOF_SPEED={speed} LD_PRELOAD={built("clock.c", shared=True)}' if speed > 1 else ""
    with cable() as line:
        async with wrapped(line.wrapper(faster), listen=f"{SERVER}:0") as running:
            sockets, count = running.sockets(), size.of(100, 2_000)
            tokens = await running.tokens([f"user{i}" for i in range(count // DEVICES)], ttl="48h")
            users = [*tokens]
            clients = [await Client.open(running, tokens[users[i % len(users)]], "json" if i % 2 else "msgpack") for i in range(count)]
            room = (await clients[0].ask("create", kind="group", members=users[1:]))["conversation"]
            await clients[1].expect("joined", conversation=room)
            findings.check(running.sockets() >= sockets + count, "all are there", running.sockets())
            await asyncio.sleep(1.5 * 30 / speed)  # one ping that is answered
            findings.check(all(client.connected for client in clients), "who answers pings stays")
            before = running.memory()
            await clients[0].tell("send", conversation=room, client_id="last", body="are you there?")
            line.pull()
            took = await gone_within(running, sockets, (IDLE + SLACK) / speed + 2)
            findings.tried += count
            findings.check(running.memory() < before + (8 << 20), "memory", running.memory() - before)
            findings.note(f"{count} sessions were let go {took * speed:.0f} s after the cable was pulled"
                          + (f" (by the server's clock, which ran {speed} times as fast)" if speed > 1 else ""))
            line.plug()
            late = await Client.open(running, tokens["user0"])
            findings.check((await late.ask("ping"))["type"] == "pong", "newcomers are served")
            for client in clients:
                client.socket.transport.abort()
            await late.close()


def run(size, server):
    async def main(findings):
        await vanished(size, findings)

    return tried("peers that vanished", main)
