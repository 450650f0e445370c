# C3: one conversation with many members is written to as fast as it goes; quiet conversations beside it stay usable.
import asyncio
import time

from client import Client
from ground import Neighbours, in_ms, tried
from raw_socket import RawSocket
from support import serving

MEMBERS = 5_000, 10_000  # of the hot conversation, most of whom are away
SLOWEST = 0.5            # seconds: writers, readers, the pair and the server share two cores, so the ratio to an idle server is told, not judged
READERS, WRITERS = 40, 3
AT_ONCE = 32             # messages of a writer under way


async def write_on(client, room, end):
    count = 0
    while time.monotonic() < end:
        answers = await client.answers([{"type": "send", "conversation": room, "client_id": f"{client.welcome['user']}-{count + i}", "body": "hot"} for i in range(AT_ONCE)])
        count += sum(answer["type"] == "sent" for answer in answers)
        client.seen.clear()
        client.inbox.clear()
    return count


async def read_on(raw):
    """Takes bytes as they come, and understands nothing: readers shall cost the server, not us."""
    taken = 0
    try:
        while data := await raw.reader.read(1 << 16):
            taken += len(data)
    except ConnectionError:
        pass
    return taken


async def with_all_members(client, members):
    room = (await client.ask("create", kind="group", members=members[:900]))["conversation"]
    for begin in range(900, len(members), 900):
        await client.ask("add", conversation=room, users=members[begin:begin + 900])
    return room


def run(size, server):
    async def main(findings):
        seconds, count = size.of(5, 120), size.of(*MEMBERS)
        writers, readers = [f"writer{i}" for i in range(WRITERS)], [f"reader{i}" for i in range(READERS)]
        away = [f"away{i}" for i in range(count - WRITERS - READERS)]
        async with serving(release=True) as running:
            tokens = await running.tokens([*writers, *readers, "alice", "bob"])
            clients = [await Client.open(running, tokens[user]) for user in writers]
            room = await with_all_members(clients[0], [*writers[1:], *readers, *away])
            listening = [await RawSocket.upgraded(running, "msgpack", tokens[user]) for user in readers]
            reading = [asyncio.create_task(read_on(raw)) for raw in listening]
            pair = await Neighbours.begin(running, tokens["alice"], tokens["bob"])
            await asyncio.sleep(size.of(1, 10))  # what is measured is how the pair does alone
            alone = await pair.since_last()
            sent = sum(await asyncio.gather(*(write_on(client, room, time.monotonic() + seconds) for client in clients)))
            beside = await pair.since_last()
            await pair.end()
            findings.check(beside.p99 < size.patience(SLOWEST), "the quiet pair's p99", beside.p99)
            findings.check(beside.count > seconds * 5, "the quiet pair goes on", beside.count)
            for client in clients:
                await client.close()
            for raw in listening:
                raw.end()
            taken = sum(await asyncio.gather(*reading))
            findings.check(taken > sent * READERS * 20, "readers were there", taken)
            findings.tried += sent
        findings.note(f"{sent / seconds:.0f} messages a second to {READERS} of {count} members; a quiet pair alone: median {in_ms(alone.median)}, p99 {in_ms(alone.p99)}; beside it, on the same two cores: {in_ms(beside.median)}, {in_ms(beside.p99)}")

    return tried("messages into one conversation", main)
