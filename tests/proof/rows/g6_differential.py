# G6: random and damaged documents; the server takes, refuses or cannot read exactly what Python's decoders and our bounds say.
import asyncio
import collections
import json

import msgpack

from documents import DEPTH, HEADS, TAKEN, UNREADABLE, WORDS, damaged, json_envelope, msgpack_envelope, of_json, of_msgpack, other_forms, value
from ground import tried
from raw_socket import KIND, RawSocket, frame
from support import Failed, serving

LANES = 4
AT_ONCE = 20  # readable documents behind one another on a connection


def msgpack_document(dice):
    item = value(dice, DEPTH)
    data = other_forms(dice, item) if dice.random() < 0.3 else msgpack.packb(item)
    for _ in range(dice.choice([0, 1, 1, 2])):
        data = damaged(dice, data, HEADS)
    return data


def json_document(dice):
    data = json.dumps(value(dice, DEPTH), ensure_ascii=dice.random() < 0.5).encode()
    for _ in range(dice.choice([0, 1, 1, 2])):
        data = damaged(dice, data, WORDS)
    return data


KINDS = {"msgpack": (msgpack_document, of_msgpack, msgpack_envelope), "json": (json_document, of_json, json_envelope)}


async def outcome_of(raw, ref):
    """What became of the envelope with this ref."""
    while True:
        for index, each in enumerate(raw.heard):
            if each.get("ref") == ref:
                del raw.heard[index]
                return each["type"]
        if not await raw.read():
            return "the end"
        if raw.close_code:
            return str(raw.close_code)


class Lane:
    """One encoding's documents over one connection, and over new ones where that has been closed."""

    def __init__(self, server, token, encoding, findings, counts):
        self.server, self.token, self.encoding = server, token, encoding
        self.findings, self.counts = findings, counts
        self.raw = None
        self.waiting = []  # (ref, wanted, bytes)

    async def put(self, ref, wanted, data):
        if wanted == UNREADABLE:
            await self.settle()  # the end may overtake answers
        if self.raw is None:
            self.raw = await RawSocket.upgraded(self.server, self.encoding, self.token)
        await self.raw.send(frame(KIND[self.encoding], KINDS[self.encoding][2](ref, data)))
        self.waiting.append((ref, wanted, data))
        if wanted == UNREADABLE or len(self.waiting) >= AT_ONCE:
            await self.settle()

    async def settle(self):
        """Every answer that is owed; a connection that has ended is left."""
        ended = False
        for ref, wanted, data in self.waiting:
            try:
                got = "nothing, behind another's end" if ended else await outcome_of(self.raw, ref)
            except Failed as fault:
                got = str(fault)
            ended = ended or got not in ("pong", "error")
            self.counts[self.encoding, wanted] += 1
            self.findings.check(got == wanted, f"{self.encoding} {ref}: {data[:200]!r}", f"{got} instead of {wanted}")
        self.waiting.clear()
        if ended:
            self.raw.end()
            self.raw = None


async def lane(server, token, encoding, dice, documents, findings, counts):
    make, judge, _ = KINDS[encoding]
    one = Lane(server, token, encoding, findings, counts)
    for number in range(documents):
        data = make(dice)
        wanted = judge(data)
        if wanted is not None and len(data) < 60_000:
            await one.put(f"{number}", wanted, data)
    await one.settle()


def run(size, server):
    async def main(findings):
        documents, counts = size.of(400, 125_000), collections.Counter()
        async with serving(release=True) as running:
            tokens = await running.tokens([f"{encoding}{i}" for encoding in KINDS for i in range(LANES)])
            await asyncio.gather(*(lane(running, tokens[f"{encoding}{i}"], encoding, size.dice(encoding, i), documents, findings, counts)
                                   for encoding in KINDS for i in range(LANES)))
        findings.check(all(counts[encoding, each] > documents // 10 for encoding in KINDS for each in (TAKEN, UNREADABLE)), "documents of every kind", counts)
        findings.note(f"seed {size.seed}; " + ", ".join(f"{encoding} {wanted} {count}" for (encoding, wanted), count in sorted(counts.items())))

    return tried("documents", main, bounded=True)
