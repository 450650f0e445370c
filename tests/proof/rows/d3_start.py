# D3: a start with too little memory, too few descriptors, no room for files or a thread too few; it says why and ends with a status, or it serves.
import asyncio
import contextlib
import signal

from client import Client
from ground import Wrapped, built, tried
from support import data_directory, within

MIB = 1 << 10  # in the units of ulimit -v
PATIENCE = 20
THREADS = ("--io-threads", "1", "--workers", "1")  # so that each has the same number everywhere

# What the shell limits, and how far: memory, descriptors, bytes of a file, the stack.
SMOKE = [("-v", [60 * MIB, 100 * MIB, 300 * MIB, 512 * MIB, 2000 * MIB, 5000 * MIB, 266_600 * MIB]), ("-n", [8, 10, 11, 12, 14, 16, 20, 30]), ("-f", [0, 1, 1000]), ("-s", [256])]
FULL = [("-v", [each * MIB for each in (50, 60, 80, 90, 100, 110, 120, 150, 200, 250, 300, 500, 511, 512, 600, 700, 1000, 2000, 4000, 5000, 8000, 16_000, 100_000, 262_200, 266_400, 266_600, 267_000, 270_000)]),
        ("-n", [*range(8, 64)]), ("-f", [0, 1, 100, 1000, 2047, 2048, 10_000]), ("-s", [64, 128, 256, 1024])]


def wants(size):
    """(what is wanting, how much there is, the line of shell that sees to it)"""
    for option, values in size.of(SMOKE, FULL):
        for value in values:
            yield f"ulimit {option}", value, f"ulimit {option} {value} || exit 77"
    shim = built("threads.c", shared=True)
    for refused in size.of(range(4, 14, 3), range(1, 30)):
        yield "thread", refused, f"export LD_PRELOAD={shim} PROOF_THREAD={refused}"


async def started(data, name, line, findings):
    """Starts with one thing wanting; what came of it. Its words go through a pipe: a limit of files shall not keep them from us."""
    pipe = data.with_name("words")
    server = Wrapped(data, f'mkfifo {pipe}; cat {pipe} >&2 & exec 2> {pipe}; {line}; exec {{server}} "$@"')
    await server.launch(*THREADS, listen="127.0.0.1:0")
    try:
        said = (await within(PATIENCE, server.process.stdout.readline(), "the start's end")).decode()
    except AssertionError as fault:
        findings.fail(name, str(fault), server.words(300))
        server.process.kill()
        return "hangs"
    if said.startswith("ready on"):
        host, _, port = said.strip().rpartition("://")[2].rpartition(":")
        server.address = (host, int(port))
        with contextlib.suppress(Exception):  # it may be too little for a session; then others must still be told
            await (await Client.open(server, "no token")).close()
        server.process.send_signal(signal.SIGTERM)
    code = await server.wait(PATIENCE)
    await asyncio.sleep(0.1)  # the last words are on their way through the pipe
    words = server.words().strip()
    by_loader = code == 127 and "error while loading shared libraries" in words  # it never came to be a server
    good = code == 0 if said else words and (0 < code < 127 or by_loader)
    findings.check(good, name, f"exit status {code}, {said!r}", words[-150:])
    return "serves" if said else f"status {code}"


def run(size, server):
    async def main(findings):
        counts = {}
        for what, much, line in wants(size):
            with data_directory() as data:
                came = await started(data, f"{what} {much}", line, findings)
                counts[what, came] = counts.get((what, came), 0) + 1
        findings.note(", ".join(f"{what}: {came} {count}" for (what, came), count in sorted(counts.items())))

    return tried("starts with too little", main)
