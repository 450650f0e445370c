# What the wire's rows stand on: a server to try things on, failures that are gathered, and a healthy pair beside it.
import asyncio
import contextlib
import json
import os
import pathlib
import stat
import subprocess
import sys
import tempfile
import time
import types

import row
from support import PATIENCE, Failed, Server, data_directory, kill_what_runs, within

HERE = pathlib.Path(__file__).resolve().parent


class Findings:
    """What a row has tried, and what of it did not hold."""

    def __init__(self, what, bounded=False):
        self.what = what
        self.bounded = bounded
        self.tried = 0
        self.failures = []
        self.notes = []

    def check(self, holds, *about):
        """Counts one trial; `about` says how to repeat it when it fails."""
        self.tried += 1
        if not holds:
            self.fail(*about)
        return bool(holds)

    def fail(self, *about):
        self.failures.append(": ".join(each if isinstance(each, str) else repr(each) for each in about)[:600])

    def note(self, text):
        self.notes.append(text)

    def outcome(self):
        return row.Outcome(self.tried, self.what, self.failures, "; ".join(self.notes), self.bounded)


def tried(what, main, bounded=False):
    """Runs `main(findings)`; what it raises is a failure, with the last words of the servers that ran."""
    findings = Findings(what, bounded)

    async def guarded():
        try:
            await main(findings)
        except row.NotHere:
            raise
        except Exception as fault:
            findings.fail(f"{type(fault).__name__}: {fault}")
            for server in Server.running:
                print(f"--- the last words of server {server.pid} ---\n{server.words()}", file=sys.stderr)
        finally:
            await kill_what_runs()

    # Not asyncio.run, which waits for every task that is left: one that is cancelled within a wait may not notice.
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loop.run_until_complete(guarded())
    return findings.outcome()


class Wrapped(Server):
    """A server that a line of shell starts, as with a shim before it; its tools run without."""

    def __init__(self, data, line):
        super().__init__(data, release=True)
        file = tempfile.NamedTemporaryFile("w", prefix="wrapped-", delete=False)
        with file:
            file.write(f'#!/bin/sh\n{line.format(server=self.binary)}\n')
        os.chmod(file.name, stat.S_IRWXU)
        self.wrapper = file.name

    async def launch(self, *options, **how):
        plain, self.binary = self.binary, self.wrapper
        try:
            await super().launch(*options, **how)
        finally:
            self.binary = plain


@contextlib.asynccontextmanager
async def wrapped(line, *options, **how):
    """A wrapped server on fresh data; stopped in good order at the end, its data checked."""
    with data_directory() as data:
        server = await Wrapped(data, line).start(*options, **how)
        yield server
        if server.alive:
            await server.stop()
        await server.check()


def built(source, shared=False):
    """A program, or a shared object for LD_PRELOAD, made from a file of shim/."""
    path = HERE / "shim" / source
    into = pathlib.Path(tempfile.mkdtemp(prefix="parley-proof-cc-")) / path.stem
    more = ["-shared", "-fPIC"] if shared else []
    try:
        made = subprocess.run(["cc", "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", *more, str(path), "-o", str(into)], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise row.NotHere("no C compiler") from None
    if made.returncode != 0:
        raise Failed(f"{source} does not compile: {made.stderr[-2000:]}")
    return into


class OwnDelay:
    """How much of what a row measures is its own process's doing: the time for which its event loop came too late."""

    TICK = 0.01  # seconds

    def __init__(self):
        self.late = []  # (when, by how many seconds)
        self.task = asyncio.create_task(self._measure())

    async def _measure(self):
        while True:
            begun = time.monotonic()
            await asyncio.sleep(self.TICK)
            self.late.append((begun, time.monotonic() - begun - self.TICK))

    def since(self, moment):
        """Seconds, of those since then, in which the process could not have heard of anything."""
        return sum(late for begun, late in self.late if begun + self.TICK + late > moment)

    def end(self):
        self.task.cancel()


def percentile(values, share):
    """The value that `share` of all do not exceed; 0 of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


class Neighbours:
    """A healthy pair in a process of its own: what else the row's process does slows none of its clocks."""

    def __init__(self, process):
        self.process = process

    @classmethod
    async def begin(cls, server, token_alice, token_bob):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-B", str(HERE / "neighbours.py"), server.address[0], str(server.address[1]), token_alice, token_bob,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
        made = cls(process)
        await made._heard()
        return made

    async def _heard(self):
        line = await within(PATIENCE, self.process.stdout.readline(), "word from the healthy pair")
        said = json.loads(line) if line else {"failed": "it ended"}
        if "failed" in said:
            raise Failed(f"the healthy pair: {said['failed']}")
        return types.SimpleNamespace(**said)

    async def since_last(self):
        """How the messages went since this was asked last: `count`, and `median`, `p99` and `worst` in seconds."""
        self.process.stdin.write(b"mark\n")
        return await self._heard()

    async def end(self):
        self.process.stdin.close()
        await within(PATIENCE, self.process.wait(), "the healthy pair's end")


def in_ms(seconds):
    return f"{seconds * 1000:.1f} ms"
