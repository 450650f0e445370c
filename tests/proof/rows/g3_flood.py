# G3: many connections send frames that are wrong, or mutated, while a healthy pair talks; each is closed with its code, or answered.
import asyncio
import collections
import random

from ground import Neighbours, in_ms, tried
from malformed_journey import FAIR_CODES, bad_frames, damaged, samples, unreadable_json, unreadable_msgpack
from raw_socket import BINARY, CLOSE, CONTINUATION, KIND, PING, PONG, TEXT, RawSocket, frame
from support import Failed, serving

FRAMES_EACH = 10       # of one connection, unless it is closed before
GROWTH = 24 << 20      # bytes of memory that all of it may leave behind
SLOWEST = 0.5          # seconds: the flood, the pair and the server share two cores, so this only finds what stands still


def mutated(dice, encoding):
    """A frame with one or several things wrong with it."""
    payload = samples(dice, encoding)
    kind = KIND[encoding]
    ways = (lambda: frame(kind, damaged(dice, payload), key=dice.randbytes(4)),
            lambda: damaged(dice, frame(kind, payload, key=dice.randbytes(4))),
            lambda: frame(dice.choice([TEXT, BINARY, CONTINUATION, CLOSE, PING, PONG, dice.randrange(16)]), payload[:dice.randrange(200)], fin=dice.random() < 0.7,
                          reserved=dice.choice([0, 0, 0, dice.randrange(8)]), mask=dice.random() < 0.9, key=dice.randbytes(4)),
            lambda: frame(kind, payload, claimed=dice.choice([len(payload) + dice.randint(1, 50), 65536, 65537, 1 << 40, 1 << 63]), key=dice.randbytes(4)),
            lambda: dice.randbytes(dice.randint(1, 300)),
            lambda: frame(CLOSE, dice.randbytes(dice.randrange(130)), key=dice.randbytes(4)))
    return dice.choice(ways)()


async def connection(server, token, dice, encoding):
    """One connection's frames; the code it ended with, and how many frames were sent."""
    raw = await RawSocket.upgraded(server, encoding, token)
    sent = 0
    for sent in range(1, FRAMES_EACH + 1):
        await raw.send(mutated(dice, encoding))
        if sent % 3 == 0:
            await asyncio.sleep(0)
        if raw.reader.at_eof() or raw.writer.transport.is_closing():
            break
    raw.half_close()
    return await raw.closed(), sent


def known(encoding):
    """(what, frames, the codes that are right): what is wrong beyond doubt, or a close."""
    unreadable = {"json": unreadable_json, "msgpack": unreadable_msgpack}[encoding]
    return [*bad_frames(KIND[encoding], samples(random.Random(1), encoding)), *((what, frame(KIND[encoding], payload), {1007}) for what, payload in unreadable())]


KNOWN = {encoding: known(encoding) for encoding in KIND}


async def known_to_be_wrong(server, token, dice, encoding, findings, codes):
    """One connection that says nothing of its end: it has to come from the server, with its code."""
    what, data, right = dice.choice(KNOWN[encoding])
    raw = await RawSocket.upgraded(server, encoding, token)
    await raw.send(data)
    try:
        code = await raw.closed()
    except Failed as fault:
        code = str(fault)
    codes[code] += 1
    findings.check(code in right, f"{encoding}: {what} ended with", code)


async def attacker(server, token, dice, lane, end, findings, codes):
    number = 0
    while sum(codes.values()) < end:
        each = dice(lane, number)
        encoding = "json" if number % 2 else "msgpack"
        await known_to_be_wrong(server, token, each, encoding, findings, codes)
        try:
            code, sent = await connection(server, token, each, encoding)
        except Failed as fault:
            code, sent = str(fault), 1
        codes[code] += sent
        findings.tried += sent - 1
        fair = code in FAIR_CODES or isinstance(code, int) and code >= 3000  # its own close code, given back
        findings.check(fair, f"lane {lane}, connection {number}, {encoding}, ended with", code)
        number += 1


def run(size, server):
    async def main(findings):
        lanes, frames = size.of(40, 200), size.of(6_000, 100_000)
        codes = collections.Counter()
        async with serving(release=True) as running:
            tokens = await running.tokens(["alice", "bob", *(f"mallory{i}" for i in range(lanes))])
            pair = await Neighbours.begin(running, tokens["alice"], tokens["bob"])
            await asyncio.sleep(size.of(1.0, 5.0))  # what is measured is how the pair does alone
            alone = await pair.since_last()
            before, sockets = running.memory(), running.sockets()
            await asyncio.gather(*(attacker(running, tokens[f"mallory{i}"], size.dice, i, frames, findings, codes) for i in range(lanes)))
            beside = await pair.since_last()
            grown = running.memory() - before
            await pair.end()
            findings.check(running.alive, "the server lives")
            findings.check(grown < GROWTH, "memory grew by", grown)
            findings.check(beside.worst < size.patience(SLOWEST), "the healthy pair's slowest message took", beside.worst)
            findings.check(beside.count > 10, "the healthy pair went on", beside.count)
            findings.check(running.sockets() <= sockets, "sockets left", running.sockets(), sockets)
        findings.note(f"healthy pair alone: median {in_ms(alone.median)}, p99 {in_ms(alone.p99)}; beside the flood, on the same two cores: "
                      f"{in_ms(beside.median)}, {in_ms(beside.p99)}; memory {grown / 2**20:+.1f} MiB; ends {dict(sorted(codes.items(), key=str))}")

    return tried("mutated and wrong frames", main)
