# I4: a million connects and disconnects, as far as a TCP connection, an upgrade, a hello, a good end; memory comes back.
import asyncio
import pathlib
import re
import subprocess
import tempfile

from client import Client
from ground import built, tried
from raw_socket import TEXT, frame
from rest import Rest
from support import eventually, require, serving

GROWTH = 0.02          # of the memory after the first round
ALLOWANCE = 3 << 20    # bytes: what allocators keep of their arenas
WARM_UP = 6_000        # cycles of each kind until caches and arenas have what they keep
HOWS = {"t": "connect", "u": "upgrade", "h": "hello", "c": "closing handshake"}


async def sessions(server):
    """What the server itself counts: sessions, and actors that stand for connections."""
    _, _, data = await Rest(server, None).ask("GET", "/metrics")
    return sum(int(count) for count in re.findall(r"^parley_(?:sessions|connection_actors)(?:\{[^}]*\})? (\d+)$", data.decode(), re.M))


async def cycles(program, server, count, hello, how):
    ended = await asyncio.to_thread(subprocess.run, [str(program), server.address[0], str(server.address[1]), str(count), str(hello), how], capture_output=True, text=True, check=False)
    require(ended.stdout.strip().isdigit(), "the cycles end", ended)
    return int(ended.stdout)


async def one_round(program, server, count, hello, findings):
    for how, what in HOWS.items():
        good = await cycles(program, server, count, hello, how)
        findings.check(good == count, f"cycles as far as {what} that went wrong", count - good)
        findings.tried += count - 1


async def quiet(server, sockets):
    """Waits until everything is given back; presence lingers for ten seconds and some."""
    await eventually(lambda: server.sockets() <= sockets, "sockets given back", 15)
    return server.memory()


def run(size, server):
    async def main(findings):
        program = built("cycles.c")
        hello = pathlib.Path(tempfile.mkdtemp(prefix="parley-proof-cycles-")) / "hello"
        async with serving(release=True) as running:
            token = await running.token("cycler")
            hello.write_bytes(frame(TEXT, f'{{"type":"hello","token":"{token}","device":"d","ref":1}}', key=b"\0\0\0\0"))
            watcher = await Client.open(running, await running.token("watcher"))
            sockets, before = running.sockets(), await sessions(running)
            findings.check(before > 0, "the server counts the watcher", before)
            count = size.of(1_500, 20_000)
            await one_round(program, running, WARM_UP, hello, findings)
            first = await quiet(running, sockets)
            sizes = []
            for _ in range(size.of(2, 13)):
                await one_round(program, running, count, hello, findings)
                sizes.append(await quiet(running, sockets))
            grown = sizes[-1] - first
            findings.check(grown < first * GROWTH + ALLOWANCE, "memory grew", f"{grown / 2**20:.1f} MiB of {first / 2**20:.1f}")
            after = await sessions(running)
            findings.check(after == before, "sessions that the server still counts", before, after)
            findings.check((await watcher.ask("ping"))["type"] == "pong", "who was there all the while is served")
            await watcher.close()
        findings.note(f"memory after the first {4 * WARM_UP:,}: {first / 2**20:.1f} MiB, then {', '.join(f'{each / 2**20:.1f}' for each in sizes)}")

    return tried("connects and disconnects", main)
