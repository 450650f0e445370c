# C4: for a while twice as much is offered as the server can do; it goes on doing what it can, in bounded memory, and is itself again soon after.
import asyncio
import json
import pathlib
import re
import subprocess
import tempfile
import time
import urllib.request

import row
from ground import Neighbours, in_ms, tried
from support import Failed, serving

SENDERS = 1_000
GOODPUT = 0.9           # of the peak
RECOVERED = 5           # seconds after the load has ended until a quiet pair is served as before it
AS_BEFORE = 3           # times the pair's median before the load, and a millisecond
MEMORY = 256 << 20      # bytes that the load may take: what 1,000 connections may have under way and unsent
SETTLING = 3            # seconds of the load that are not judged: everybody connects


class Load:
    """The bench's load client against a running server; the conversations' senders are made for it once."""

    def __init__(self, server, program, folder):
        self.server, self.program, self.folder = server, program, folder

    @classmethod
    async def prepare(cls, server, folder):
        program = pathlib.Path(server.binary).with_name("parley_load")
        if not program.exists():
            raise row.NotHere(f"no {program.name} beside the server; `./dev prove` builds it")
        tokens = await server.tokens([f"load{i}" for i in range(SENDERS)])
        (folder / "users").write_text("\n".join(tokens) + "\n", encoding="utf-8")
        (folder / "tokens").write_text("\n".join(tokens.values()) + "\n", encoding="utf-8")
        return cls(server, program, folder)

    async def begin(self, seconds, *more):
        return await asyncio.create_subprocess_exec(
            str(self.program), "sends", "--url", f"ws://{self.server.http}", "--users", str(self.folder / "users"), "--tokens", str(self.folder / "tokens"),
            "--server-pid", str(self.server.pid), "--connections", str(SENDERS), "--seconds", str(seconds), "--runs", "1", "--json", *more,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    async def peak(self, seconds):
        """Acknowledged sends a second, when each sender waits for one before the next."""
        process = await self.begin(seconds)
        out, err = await process.communicate()
        if process.returncode != 0:
            raise Failed(f"the load client: {err.decode()[-1000:]}")
        rows = [json.loads(line) for line in out.decode().splitlines() if line.startswith("{")]
        return next(each["figures"]["acknowledged/s"] for each in rows if "figures" in each)


async def counted(server, metric="parley_messages_total"):
    """A count of the server's since its start, over all labels; without a name that of messages that were committed."""
    def asked():
        with urllib.request.urlopen(f"http://{server.http}/metrics", timeout=30) as answer:
            return answer.read().decode()

    return sum(float(each) for each in re.findall(rf"^{metric}(?:\{{[^}}]*\}})? (\S+)", await asyncio.to_thread(asked), re.M))


async def overloaded(server, load, rate, seconds, pair):
    """Acknowledged sends a second, most memory, and how the pair fared, while `rate` a second are offered."""
    process = await load.begin(seconds * 2, "--rate", str(round(rate)))
    await asyncio.sleep(SETTLING)
    await pair.since_last()
    begun, first, most = time.monotonic(), await counted(server), 0
    while (passed := time.monotonic() - begun) < seconds:
        await asyncio.sleep(0.5)
        most = max(most, server.memory())
        if process.returncode is not None:
            raise Failed(f"the load client ended: {(await process.stderr.read()).decode()[-1000:]}")
    goodput = (await counted(server) - first) / passed
    beside = await pair.since_last()
    process.kill()  # what it could not get rid of is its own to lose: none of that was acknowledged
    await process.wait()
    return goodput, most, beside


async def recovery(pair, alone):
    """Seconds until the pair is served as before."""
    begun = time.monotonic()
    while time.monotonic() - begun < 60:
        await asyncio.sleep(0.5)
        now = await pair.since_last()
        if now.count and now.median < alone.median * AS_BEFORE + 0.001:
            break
    return time.monotonic() - begun


def run(size, server):
    async def main(findings):
        async with serving(release=True) as running:
            with tempfile.TemporaryDirectory(prefix="parley-load-") as folder:
                load = await Load.prepare(running, pathlib.Path(folder))
                tokens = await running.tokens(["alice", "bob"])
                peak = await load.peak(size.of(3, 10))
                pair = await Neighbours.begin(running, tokens["alice"], tokens["bob"])
                await asyncio.sleep(size.of(2, 10))
                alone, before = await pair.since_last(), running.memory()
                goodput, most, beside = await overloaded(running, load, 2 * peak, size.of(10, 600), pair)
                took = await recovery(pair, alone)
                await pair.end()
                refused = await counted(running, "parley_errors_total")
            findings.check(goodput > peak * GOODPUT, "acknowledged a second, and the peak", goodput, peak)
            findings.check(most - before < MEMORY, "bytes of memory that the load took", most - before)
            findings.check(took < size.patience(RECOVERED), "seconds until it is as before", took)
            findings.tried += round(goodput * size.of(10, 600))
        findings.note(f"{2 * peak:.0f} sends a second offered, {goodput:.0f} acknowledged, {peak:.0f} when each sender waits; memory {before / 2**20:.0f} to at most {most / 2**20:.0f} MiB; "
                      f"a pair: alone median {in_ms(alone.median)}, beside it {in_ms(beside.median)}, p99 {in_ms(beside.p99)}; as before after {took:.1f} s; {refused:.0f} refused: who sends faster is not read from until there is room")

    return tried("sends acknowledged under twice the capacity", main)
