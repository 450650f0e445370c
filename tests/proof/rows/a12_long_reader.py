# A12: somebody who reads and does not end, as a stopped backup would, while a server writes; and who is then killed.
import asyncio
import ctypes
import multiprocessing
import time

from client import Client
from row import Outcome
from shims import compiled
from support import Server, data_directory, kill_what_runs

STALE = 10        # seconds after which a server notices at the latest that a reader is gone
USERS = [f"user{i}" for i in range(16)]
ENDINGS = ("killed", "restarted")   # the reader beside a server that goes on, or both
TEXT = 480        # bytes of a profile: rows that are written again and again, so that the tables need no more room


def hold(directory, held):
    """Reads a view of the environment and keeps it until it is killed."""
    library = ctypes.CDLL(str(compiled("rows")))
    held.put(library.hold_view(str(directory).encode()))
    while True:
        time.sleep(60)


def used(directory):
    """Bytes up to the last page that was ever used."""
    library = ctypes.CDLL(str(compiled("rows")))
    library.used_bytes.restype = ctypes.c_long
    return library.used_bytes(str(directory).encode())


async def write(clients, seconds):
    """Everybody changes their profile for so long; how often in all."""
    end = time.monotonic() + seconds

    async def one(client):
        count = 0
        while time.monotonic() < end:
            await client.ask("set_profile", text=f"{count} ".ljust(TEXT, "w"))
            count += 1
        return count

    counts = await asyncio.gather(*map(one, clients))
    await clients[0].ask("list")  # which waits until the read model has all of it
    return sum(counts)


async def start(data, tokens=None):
    server = await Server(data).start("--search", "off")
    tokens = tokens or await server.tokens(USERS)
    return server, tokens, [await Client.open(server, tokens[user]) for user in USERS]


def begin_to_read(data):
    """A process that holds a view of the model."""
    context = multiprocessing.get_context("fork")
    held = context.Queue()
    reader = context.Process(target=hold, args=(data / "model", held), daemon=True)
    reader.start()
    if held.get(True, 20) != 0:
        raise RuntimeError("the environment cannot be read")
    return reader


async def trial(seconds, ending):
    """Sizes of the model's used part before and after each time of writing, and how much was written."""
    with data_directory() as data:
        server, tokens, clients = await start(data)
        await write(clients, seconds)
        sizes = [used(data / "model")]
        written = await write(clients, seconds)
        sizes.append(used(data / "model"))
        reader = begin_to_read(data)
        written += await write(clients, seconds)
        sizes.append(used(data / "model"))
        if ending == "killed":
            reader.kill()
            await asyncio.sleep(STALE + 1)
        else:
            await server.kill()
            reader.kill()
            server, tokens, clients = await start(data, tokens)
        reader.join()
        await write(clients, 1)  # the first commits let the old pages go
        sizes.append(used(data / "model"))
        written += await write(clients, seconds)
        sizes.append(used(data / "model"))
        await server.stop()
        await server.check()
        return sizes, written


def growth(sizes):
    return [later - earlier for earlier, later in zip(sizes, sizes[1:])]


def faults(sizes):
    """What is wrong: once the reader is gone it must grow as it did before there was one."""
    calm, held, _, later = (each >> 10 for each in growth(sizes))
    if held < calm + 128:
        yield f"the reader held nothing up: {held} KiB beside it, {calm} without it"
    elif later > calm + (held - calm) / 4 + 64:
        yield f"the model grew by {calm} KiB before, {held} beside the reader, and still by {later} after it was gone"


async def both(seconds):
    try:
        return await asyncio.gather(*(trial(seconds, ending) for ending in ENDINGS))
    finally:
        await kill_what_runs()


def run(size, server):
    compiled("rows")
    results = dict(zip(ENDINGS, asyncio.run(both(size.of(smoke=3, full=120)))))
    failures = [f"{ending}: {fault}" for ending, (sizes, _) in results.items() for fault in faults(sizes)]
    told = [f"{ending}: {', '.join(str(each >> 10) for each in growth(sizes))} KiB" for ending, (sizes, _) in results.items()]
    written = sum(count for _, count in results.values())
    return Outcome(len(results), f"readers beside {written:,} changes", failures,
                   f"growth of the model before, beside, just behind and after the reader; {'; '.join(told)}")
