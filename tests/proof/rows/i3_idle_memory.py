# I3: what a connection that is signed in and silent takes, held against the figure that was measured and written down.
import asyncio
import pathlib
import re

from ground import tried
from raw_socket import RawSocket
from support import serving

RESULTS = pathlib.Path(__file__).resolve().parents[3] / "bench/RESULTS.md"
MOST = 0.10   # beyond the figure, which is of 15,000
FEWER = 0.25  # of fewer, who share less
AT_ONCE = 50  # that sign in
SETTLED = 38  # seconds, as it was measured: what a sign-in needs, and buffers of readers that rest, are given back


def figure():
    """KiB of memory per idle connection."""
    return float(re.search(r"^\| KiB of memory per idle connection \|[^|]*\| ([0-9.]+) \|", RESULTS.read_text(), re.M)[1])


async def signed_in(server, tokens):
    sockets = []
    for start in range(0, len(tokens), AT_ONCE):
        sockets += await asyncio.gather(*(RawSocket.upgraded(server, "msgpack", token) for token in tokens[start:start + AT_ONCE]))
    return sockets


def run(size, server):
    count, warm, most = size.of((3_000, 1_000, FEWER), (15_000, 1_000, MOST))

    async def main(findings):
        async with serving(release=True) as running:
            tokens = list((await running.tokens([f"user{i}" for i in range(count + warm)])).values())
            sockets = await signed_in(running, tokens[:warm])
            before = running.memory()
            sockets += await signed_in(running, tokens[warm:])
            await asyncio.sleep(SETTLED)
            each = (running.memory() - before) / count / 1024
            findings.tried += count
            if each > figure() * (1 + most):
                findings.fail(f"{each:.2f} KiB for a connection; {figure()} were measured")
            for raw in sockets:
                raw.end()
        findings.note(f"{each:.2f} KiB for each of {count} connections beyond the first {warm}; {figure()} in bench/RESULTS.md")

    return tried("idle connections", main)
