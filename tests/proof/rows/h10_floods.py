# H10: floods of pings, pongs, closes, tiny fragments and tiny messages; each connection is closed, for little processor time.
import asyncio
import collections
import time

from client import Client
from ground import Neighbours, in_ms, tried
from raw_socket import BINARY, CLOSE, PING, PONG, TEXT, RawSocket, frame
from support import serving

BUDGET = 0.05      # seconds of processor time for one attacking connection, of each kind on average
SLOWEST = 0.5      # seconds: attackers, pair and server share two cores


def floods(times):
    """(what, bytes, right ends): some hundred thousand bytes each."""
    yield "pings", frame(PING, b"x") * times, {1008}
    yield "empty pings", frame(PING) * times, {1008}
    yield "pings of 125 bytes", frame(PING, b"x" * 125) * (times // 10), {1008}
    yield "pongs", frame(PONG, b"x") * times, {1008}
    yield "pings and pongs", (frame(PING) + frame(PONG)) * (times // 2), {1008}
    yield "closes", frame(CLOSE, b"\x03\xe8") * times, {1000}
    yield "fragments of one byte", frame(BINARY, b"x", fin=False) + frame(0, b"y", fin=False) * times, {1008}
    yield "empty fragments", frame(BINARY, b"x", fin=False) + frame(0, fin=False) * times, {1008}
    yield "empty messages", frame(BINARY) * times, {1007}
    yield "messages of one byte", frame(BINARY, b"\xc0") * times, {1007}
    yield "envelopes that are nothing", frame(BINARY, b"\x80") * times, {1007}
    yield "text where there is none", frame(TEXT, b"{}") * times, {1003}
    yield "frames that mean nothing", frame(11) * times, {1002}
    yield "pings within a message", frame(BINARY, b"x", fin=False) + frame(PING) * times, {1008}


async def attack(server, token, what, data, right, findings):
    """One connection's flood; how much processor time the server spent on it, about."""
    raw = await RawSocket.upgraded(server, "msgpack", token)
    used = server.cpu_seconds()
    sending = asyncio.create_task(raw.send(data))
    code = await raw.closed()
    sending.cancel()
    findings.check(code in right, what, code)
    return server.cpu_seconds() - used


async def one_after_another(server, tokens, size, findings):
    """The kind of flood that takes most of the server's time, and how much of it on average."""
    times, used = size.of(5, 50), collections.Counter()
    for _ in range(times):
        for what, data, right in floods(size.of(10_000, 100_000)):
            used[what] += await attack(server, tokens["mallory"], what, data, right, findings)
    for what, total in used.items():
        findings.check(total / times < BUDGET, f"processor time for {what}", total / times)
    what, total = used.most_common(1)[0]
    return what, total / times


async def messages_that_are_good(server, token, findings):
    """A client may ask quickly: that is no attack, and gets all answers, or is told to be slower."""
    client = await Client.open(server, token)
    begun = time.monotonic()
    answers = [answer for _ in range(10) for answer in await client.answers([{"type": "ping"} for _ in range(200)])]
    findings.check(all(each["type"] == "pong" for each in answers), "2,000 good questions are answered")
    await client.close()
    return time.monotonic() - begun


def run(size, server):
    async def main(findings):
        async with serving(release=True) as running:
            many = [f"mallory{i}" for i in range(size.of(1, 5))]  # each may have 32 devices
            tokens = await running.tokens(["alice", "bob", "mallory", *many])
            pair = await Neighbours.begin(running, tokens["alice"], tokens["bob"])
            await asyncio.sleep(size.of(1, 5))  # what is measured is how the pair does alone
            alone = await pair.since_last()
            dearest, used = await one_after_another(running, tokens, size, findings)
            crowd = [attack(running, tokens[user], what, data, right, findings)
                     for user in many for what, data, right in floods(size.of(2_000, 20_000))]
            await asyncio.gather(*crowd)
            beside = await pair.since_last()
            findings.check(beside.worst < size.patience(SLOWEST), "the healthy pair's slowest message", beside.worst)
            await messages_that_are_good(running, tokens["mallory"], findings)
            await pair.end()
        findings.note(f"the dearest: {dearest}, with {in_ms(used)} of the server's processor time for one flood, and all else it did meanwhile; "
                      f"healthy pair alone: median {in_ms(alone.median)}, p99 {in_ms(alone.p99)}; beside the floods: {in_ms(beside.median)}, {in_ms(beside.p99)}")

    return tried("floods", main)
