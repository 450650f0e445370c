# G6: random and damaged documents; the server takes, refuses or cannot read exactly what Python's decoders and our bounds say, and npm's reads the same.
import asyncio
import collections
import json
import pathlib
import shutil
import subprocess
import tempfile

import msgpack

from documents import DEPTH, HEADS, TAKEN, UNREADABLE, WORDS, damaged, json_envelope, msgpack_envelope, of_json, of_msgpack, other_forms, plain, value
from ground import tried
from raw_socket import KIND, RawSocket, frame
from support import Failed, require, serving

NPM = pathlib.Path(__file__).resolve().parents[2] / "journeys/msgpack_values.mjs"
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


class Taken:
    """Documents that the server took, for npm's decoder to read as well."""

    def __init__(self, findings):
        self.findings = findings
        self.file = tempfile.NamedTemporaryFile("w+", suffix=".documents")

    def put(self, data):
        self.file.write(data.hex() + "\n")

    def read(self):
        """How many there are; each must have the same value in JavaScript as in Python."""
        node = shutil.which("node")
        if node is None or not (NPM.parent / "node_modules").exists():
            return "npm's decoder is not here"
        self.file.seek(0)
        values = subprocess.run([node, str(NPM)], stdin=self.file, capture_output=True, text=True, check=True).stdout.splitlines()
        self.file.seek(0)
        documents = self.file.read().splitlines()
        require(len(values) == len(documents), "a value for each document", len(values), len(documents))
        for data, value in zip(documents, values):
            wanted = plain(msgpack.unpackb(bytes.fromhex(data), raw=False))
            self.findings.check(value == wanted, f"npm's decoder reads {data[:200]}", value[:200], wanted[:200])
        return f"npm's decoder read {len(documents)}"


async def lane(server, token, encoding, dice, documents, findings, counts, taken):
    make, judge, _ = KINDS[encoding]
    one = Lane(server, token, encoding, findings, counts)
    for number in range(documents):
        data = make(dice)
        wanted = judge(data)
        if wanted is not None and len(data) < 60_000:
            await one.put(f"{number}", wanted, data)
            if encoding == "msgpack" and wanted == TAKEN:
                taken.put(data)
    await one.settle()


def run(size, server):
    async def main(findings):
        documents, counts, taken = size.of(400, 125_000), collections.Counter(), Taken(findings)
        async with serving(release=True) as running:
            tokens = await running.tokens([f"{encoding}{i}" for encoding in KINDS for i in range(LANES)])
            await asyncio.gather(*(lane(running, tokens[f"{encoding}{i}"], encoding, size.dice(encoding, i), documents, findings, counts, taken)
                                   for encoding in KINDS for i in range(LANES)))
        findings.check(all(counts[encoding, each] > documents // 10 for encoding in KINDS for each in (TAKEN, UNREADABLE)), "documents of every kind", counts)
        npm = await asyncio.to_thread(taken.read)
        findings.note(f"seed {size.seed}; " + ", ".join(f"{encoding} {wanted} {count}" for (encoding, wanted), count in sorted(counts.items())) + f"; {npm}")

    return tried("documents", main, bounded=True)
