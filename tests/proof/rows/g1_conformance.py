# G1: every case of our own RFC 6455 client, in pieces of several sizes, against the server over a real socket.
import asyncio
import collections

from client import Client
from conformance import played
from frame_cases import frame_cases
from ground import tried
from handshake_cases import handshakes, shaken
from support import Failed, serving
from text_cases import text_cases

SIZES = (0, 1, 2, 997)   # bytes of a piece; 0: all at once
LANES = 6                # cases at a time
LONG = 20_000            # bytes; what is longer goes in the smallest pieces only in a full run


def plan(size):
    """Every case with every size of pieces."""
    for case in (*frame_cases(), *text_cases()):
        for piece in SIZES:
            data = b"" if callable(case.data) else case.data
            if piece not in (1, 2) or len(data) <= LONG or size.of(False, True):
                yield played, case, piece
    for case in handshakes():
        for piece in SIZES:
            yield shaken, case, piece


async def lane(server, token, healthy, cases, findings, counts):
    for play, case, piece in cases:
        faults = await (play(server, token, case, piece) if play is played else play(server, case, piece))
        try:
            answer = await healthy.ask("ping")
            if answer["type"] != "pong":
                faults.append(f"another client is told {answer}")
        except Exception as fault:  # the server is gone, or does not answer: that is this case's doing
            faults.append(f"another client is no longer served: {fault}")
        findings.check(not faults, f"{getattr(case, 'section', 'handshake')}: {case.name}, in pieces of {piece or 'any size'}", "; ".join(faults))
        counts[getattr(case, "section", "handshake")] += 1
        if len(findings.failures) > 200:
            raise Failed("too much fails to go on")


def run(size, server):
    async def main(findings):
        cases = iter(plan(size))
        counts = collections.Counter()
        async with serving(release=True) as running:
            users = [f"peer{i}" for i in range(LANES)]
            tokens = await running.tokens([*users, "healthy"])
            healthy = await Client.open(running, tokens["healthy"])
            await asyncio.gather(*(lane(running, tokens[user], healthy, cases, findings, counts) for user in users))
            await healthy.close()
        different = len([*frame_cases()]) + len([*text_cases()]) + len([*handshakes()])
        findings.note(f"{different} cases, each whole and in pieces of 1, 2 and 997 bytes: " + ", ".join(f"{section} {count}" for section, count in counts.items()))

    return tried("conformance cases", main)
