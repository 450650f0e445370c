# C4: for a while twice as much is offered as the server can do; it goes on doing what it can, in bounded memory, and is itself again soon after.
import asyncio
import itertools
import math
import pathlib
import re
import socket
import subprocess
import tempfile
import time
import types
import urllib.request

from client import encode
from ground import Neighbours, built, in_ms, tried
from raw_socket import BINARY, RawSocket, frame
from support import require, serving

SENDERS = 1_000
BODY = "x" * 200
NUMBER = "#" * 16       # where shim/offer.c puts one
FIRST_RATE = 5_000      # sends a second; twice as many are offered until the server keeps up no more
KEPT_UP = 0.8           # of what was offered
GOODPUT = 0.1, 0.9      # of the peak: in a smoke run the machine may do much else
OFFERED = 0.5, 1.9      # of the peak
RECOVERED = 5           # seconds after the load has ended until a quiet pair is served as before it
AS_BEFORE = 3           # times the pair's median before the load, and a millisecond
UNDER_WAY = 64          # commands of a connection, which is all that it may have
MEMORY = SENDERS * UNDER_WAY * (8 << 10)  # bytes that the load may take, beside the store's files: what is under way, with its buffers and answers
ROOM = 32 << 10         # bytes that a sender's kernel keeps for it
SETTLING = 3            # seconds of the load that are not judged: queues fill
SPARE = 5               # seconds that it lasts beyond the last look at it


rounds = itertools.count()


async def offer(server, folder, tokens, rate, seconds):
    """Senders in pairs, who give up what comes while they wait for many answers. The process that they live in."""
    client_id = f"{next(rounds):04}-{NUMBER}"
    users, raws, frames = list(tokens), [], []
    for index, user in enumerate(users):
        raw = await RawSocket.upgraded(server, "msgpack", tokens[user])
        raw.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, ROOM)
        await raw.envelope({"type": "create", "kind": "direct", "with": users[index ^ 1], "ref": 0})
        room = (await raw.until("conversation", 0))["conversation"]
        frames.append(frame(BINARY, encode("msgpack", [{"type": "send", "ref": 1, "conversation": room, "client_id": client_id, "body": BODY}]), key=b"\0\0\0\0"))
        raws.append(raw)
    require(len({len(each) for each in frames}) == 1, "frames of one size")
    (folder / "frames").write_bytes(b"".join(frames))
    sockets = [raw.writer.get_extra_info("socket").fileno() for raw in raws]
    process = await asyncio.create_subprocess_exec(
        str(built("offer.c")), str(rate), str(seconds), str(folder / "frames"), *map(str, sockets), pass_fds=sockets, stdout=subprocess.PIPE)
    for raw in raws:
        raw.end()  # they are the process's now
    return process


async def came_of(senders):
    """What was offered, how much of it left, and how many of the senders were closed, once it is over."""
    out, _ = await senders.communicate()
    require(senders.returncode == 0, "the senders end", senders.returncode)
    return types.SimpleNamespace(**dict(zip(("offered", "left", "closed"), map(int, out.split()))))


async def counted(server, metric="parley_messages_total"):
    """A count of the server's since its start, over all labels; without a name that of messages that were committed."""
    def asked():
        with urllib.request.urlopen(f"http://{server.http}/metrics", timeout=30) as answer:
            return answer.read().decode()

    return sum(float(each) for each in re.findall(rf"^{metric}(?:\{{[^}}]*\}})? (\S+)", await asyncio.to_thread(asked), re.M))


async def peak(server, folder, tokens, seconds):
    """Messages a second, of all rates the one at which most are committed."""
    most, rate, committed = 0.0, FIRST_RATE / 2, math.inf
    while committed > rate * KEPT_UP:
        rate *= 2
        senders = await offer(server, folder, tokens, rate, seconds)
        begun, first = time.monotonic(), await counted(server)
        await came_of(senders)
        committed = (await counted(server) - first) / (time.monotonic() - begun)
        most = max(most, committed)
    return most


async def overloaded(server, senders, seconds, pair):
    """Messages a second, most memory, and how the pair fared, while the load lasts."""
    await asyncio.sleep(SETTLING)
    await pair.since_last()
    begun, first, most = time.monotonic(), await counted(server), 0
    while time.monotonic() - begun < seconds:
        await asyncio.sleep(0.5)
        most = max(most, server.memory("RssAnon"))
        require(senders.returncode is None, "the senders go on")
    goodput = (await counted(server) - first) / (time.monotonic() - begun)
    return goodput, most, await pair.since_last()


async def recovery(pair, alone):
    """Seconds until the pair is served as before; infinitely many when it never is."""
    begun = time.monotonic()
    while time.monotonic() - begun < 60:
        await asyncio.sleep(0.5)
        now = await pair.since_last()
        if now.count and now.median < alone.median * AS_BEFORE + 0.001:
            return time.monotonic() - begun
    return math.inf


async def tried_on(running, folder, size, findings):
    tokens = await running.tokens([*(f"load{i}" for i in range(SENDERS)), "alice", "bob"])
    pair_tokens = tokens.pop("alice"), tokens.pop("bob")
    capacity = await peak(running, folder, tokens, size.of(3, 20))
    pair = await Neighbours.begin(running, *pair_tokens)
    await asyncio.sleep(size.of(2, 10))  # what is measured is how the pair does alone
    alone, before = await pair.since_last(), running.memory("RssAnon")
    seconds = size.of(10, 600)
    lasts = SETTLING + seconds + SPARE
    senders = await offer(running, folder, tokens, 2 * capacity, lasts)
    goodput, most, beside = await overloaded(running, senders, seconds, pair)
    came = await came_of(senders)
    took = await recovery(pair, alone)
    await pair.end()
    offered = came.offered / lasts
    refused = await counted(running, "parley_errors_total")
    findings.check(offered > capacity * size.of(*OFFERED), "offered a second, and the peak", offered, capacity)
    findings.check(goodput > capacity * size.of(*GOODPUT), "messages a second, and the peak", goodput, capacity)
    findings.check(came.closed == 0, "senders that were closed", came)
    findings.check(most - before < MEMORY, "bytes of memory that the load took", most - before)
    findings.check(took < size.patience(RECOVERED), "seconds until it is as before", took)
    findings.tried += came.offered
    findings.note(f"{offered:.0f} sends a second offered, {came.left / came.offered:.0%} of which left, {goodput:.0f} a second committed, {capacity:.0f} is the peak; "
                  f"memory {before / 2**20:.0f} to at most {most / 2**20:.0f} MiB; a pair: alone median {in_ms(alone.median)}, beside it {in_ms(beside.median)}, p99 {in_ms(beside.p99)}; "
                  f"as before after {took:.1f} s; {refused:.0f} refused: who sends faster is not read from")


def run(size, server):
    async def main(findings):
        async with serving(release=True) as running:
            with tempfile.TemporaryDirectory(prefix="parley-load-") as folder:
                await tried_on(running, pathlib.Path(folder), size, findings)

    return tried("sends offered under twice the capacity", main)
