# C6: thousands sign in at once, half of them with bad tokens; good ones get in, who is in does not notice, and a limit of an address is kept.
import asyncio
import pathlib
import subprocess
import tempfile
import time

from ground import Neighbours, built, in_ms, tried
from raw_socket import TEXT, frame
from support import require, serving
from token_abuse import claims, made, signing_key

SLOWEST = 1.0  # seconds: the storm, the pair and the server share two cores
STEP = 500     # sign-ins of one address at a time
MOST_TRIES = 20_000


class Storm:
    """Programs that sign in one time after the other, with one token each."""

    def __init__(self, server):
        self.server = server
        self.program = built("cycles.c")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="parley-proof-logins-"))

    async def sign_in(self, name, token, count):
        """How many of so many times it was welcomed."""
        hello = self.folder / name
        hello.write_bytes(frame(TEXT, f'{{"type":"hello","token":"{token}","device":"d","ref":1}}', key=b"\0\0\0\0"))
        command = [str(self.program), self.server.address[0], str(self.server.address[1]), str(count), str(hello), "h"]
        ended = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False)
        require(ended.stdout.strip().isdigit(), "the program ends", ended)
        return int(ended.stdout)


async def half_of_them_bad(server, size, findings):
    count = size.of(600, 20_000)
    key = signing_key(server.data)
    tokens = await server.tokens(["alice", "bob", "carol", "dave"])
    pair = await Neighbours.begin(server, tokens["alice"], tokens["bob"])
    storm, begun = Storm(server), time.monotonic()
    bad = [made(b"x" * 32, claims(sub="alice")), made(key, claims(sub="alice", exp=1)), "rubbish"]
    good = await asyncio.gather(*(storm.sign_in(f"good{i}", tokens[user], count) for i, user in enumerate(("carol", "dave"))), *(storm.sign_in(f"bad{i}", token, count) for i, token in enumerate(bad)))
    took = time.monotonic() - begun
    findings.check(good[:2] == [count, count], "good tokens that got in", good[:2], count)
    findings.check(good[2:] == [0, 0, 0], "bad tokens that got in", good[2:])
    beside = await pair.since_last()
    findings.check(beside.worst < size.patience(SLOWEST), "the slowest message of those who are in", beside.worst)
    await pair.end()
    findings.tried += 5 * count
    findings.note(f"{5 * count / took:.0f} sign-ins a second, three of five with a bad token; who was in: median {in_ms(beside.median)}, p99 {in_ms(beside.p99)}")


async def beyond_the_limit(server, count, findings):
    """With limits on, one address gets in so often and no oftener; the others are refused before anything is verified."""
    token = (await server.tokens(["carol"]))["carol"]
    storm, begun = Storm(server), time.monotonic()
    good = tries = 0
    while tries < count or good == tries < MOST_TRIES:  # a slow machine takes longer to get beyond the limit
        good, tries = good + await storm.sign_in("carol", token, STEP), tries + STEP
    took = time.monotonic() - begun
    most = (2000 + 200 * took) * 1.1
    findings.check(good <= most, "connects of one address", good, took)
    findings.check(good < tries, "some are beyond its limit", tries, took)
    findings.tried += tries
    findings.note(f"with limits on {good} of {tries} of one address in {took:.1f} s")


def run(size, server):
    async def main(findings):
        async with serving(release=True) as running:
            await half_of_them_bad(running, size, findings)
        async with serving("--rate-limit", "on", release=True) as running:
            await beyond_the_limit(running, size.of(3_000, MOST_TRIES), findings)

    return tried("sign-ins", main)
