# C7: a steady conversation for a long time, with people who come and go; memory and descriptors stay as they are, and so do latencies.
import asyncio
import statistics
import time

from client import Client
from ground import Neighbours, in_ms, tried
from support import serving

PAUSE = 0.01            # seconds between messages of a writer
WRITERS, READERS = 3, 4
GROWTH = 0.01           # of memory, over the last half
ALLOWANCE = 3 << 20     # bytes: what allocators and the files' pages do
DRIFT = 10, 1.1         # times a latency, and a millisecond; in a smoke run the machine does other things too
COMERS = 5              # connects and disconnects a second


async def write_on(client, room, end):
    count = 0
    while time.monotonic() < end:
        await client.send(room, f"{client.welcome['user']}-{count}", f"steady {count} " + "x" * (count % 200))
        count += 1
        client.seen.clear()
        client.inbox.clear()
        await asyncio.sleep(PAUSE)
    return count


async def read_on(client, end):
    while time.monotonic() < end:
        await asyncio.sleep(0.5)
        client.seen.clear()
        client.inbox.clear()


async def come_and_go(server, token, end):
    count = 0
    while time.monotonic() < end:
        client = await Client.open(server, token, "json" if count % 2 else "msgpack", device="d")
        await client.ask("list")
        await (client.close() if count % 3 else client.drop())
        count += 1
        await asyncio.sleep(1 / COMERS)
    return count


async def watched(server, pair, end):
    """Memory, descriptors and how the pair fares, as time goes on."""
    samples, pause = [], max(1.0, (end - time.monotonic()) / 30)
    while time.monotonic() < end:
        await asyncio.sleep(pause)
        samples.append((server.memory(), server.descriptors(), await pair.since_last()))
    return samples


def drifted(half, which):
    """A latency of the pair in the former and in the latter windows of the last half: their medians."""
    values = [getattr(fared, which) for _, _, fared in half]
    middle = len(values) // 2
    return statistics.median(values[:middle]), statistics.median(values[middle:])


def run(size, server):
    async def main(findings):
        seconds = size.of(8, 1800)
        users = [f"user{i}" for i in range(WRITERS + READERS)]
        async with serving("--retain-messages", "1000", release=True) as running:
            tokens = await running.tokens([*users, "comer", "alice", "bob"])
            clients = [await Client.open(running, tokens[user], "json" if i % 2 else "msgpack") for i, user in enumerate(users)]
            room = (await clients[0].ask("create", kind="group", members=[*users[1:], "comer"]))["conversation"]
            pair = await Neighbours.begin(running, tokens["alice"], tokens["bob"])
            end = time.monotonic() + seconds
            *counts, samples = await asyncio.gather(*(write_on(client, room, end) for client in clients[:WRITERS]), *(read_on(client, end) for client in clients[WRITERS:]), come_and_go(running, tokens["comer"], end), watched(running, pair, end))
            half = samples[len(samples) // 2:]
            grown = half[-1][0] - half[0][0]
            findings.check(grown < half[0][0] * GROWTH + ALLOWANCE, "memory over the last half", grown, half[0][0])
            findings.check(max(each[1] for each in half) - min(each[1] for each in half) < 30, "descriptors", [each[1] for each in half])
            latencies = {which: drifted(half, which) for which in ("median", "p99")}
            for which, (former, latter) in latencies.items():
                findings.check(latter < former * size.of(*DRIFT) + 0.001, f"the pair's {which}, and before", latter, former)
            findings.tried += sum(count for count in counts if count)
            await pair.end()
            for client in clients:
                await client.close()
        findings.note(f"{seconds} s; memory {half[0][0] / 2**20:.1f} to {half[-1][0] / 2**20:.1f} MiB over the last half; latencies of a pair over it: "
                      + ", ".join(f"{which} {in_ms(former)} to {in_ms(latter)}" for which, (former, latter) in latencies.items()))

    return tried("messages and sessions, one after another", main)
