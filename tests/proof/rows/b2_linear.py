# B2: small histories of many clients at once; each conversation's operations have an order that fits their times and what they showed.
import asyncio
import itertools

from client import Client
from ground import tried
from linear import Operation, faults
from rest import Rest, segment
from support import serving

CLIENTS = 5     # of a conversation
EACH = 12       # operations of one of them
AT_ONCE = 6     # conversations under way
USERS = [f"user{i}" for i in range(CLIENTS)]


class Recorder:
    """One conversation's history."""

    def __init__(self, room, ticks):
        self.room, self.ticks = room, ticks
        self.operations = []
        self.names = itertools.count(1)

    async def title(self, client):
        value, invoked = f"title {next(self.names)}", next(self.ticks)
        answer = await client.ask("update", conversation=self.room, title=value)
        self.operations.append(Operation("title", invoked, next(self.ticks), answer["seq"], value))

    async def message(self, client):
        name, invoked = f"message-{next(self.names)}", next(self.ticks)
        answer = await client.ask("send", conversation=self.room, client_id=name, body=name)
        self.operations.append(Operation("message", invoked, next(self.ticks), answer["seq"]))

    async def read(self, client):
        invoked = next(self.ticks)
        answer = await client.ask("get", conversation=self.room)
        self.operations.append(Operation("read", invoked, next(self.ticks), answer["seq"], answer.get("title", "")))

    async def read_over_rest(self, rest):
        invoked = next(self.ticks)
        answer = await rest.good("GET", f"/v1/conversations/{segment(self.room)}")
        self.operations.append(Operation("read", invoked, next(self.ticks), answer["seq"], answer.get("title", "")))


async def one_client(recorder, client, rest, dice):
    for _ in range(EACH):
        what = dice.randrange(10)
        if what < 3:
            await recorder.title(client)
        elif what < 5:
            await recorder.message(client)
        elif what < 9:
            await recorder.read(client)
        else:
            await recorder.read_over_rest(rest)


async def lane(clients, rests, dice, numbers, ticks, findings, counts):
    for number in numbers:
        room = (await clients[0].ask("create", kind="group", members=USERS[1:]))["conversation"]
        recorder = Recorder(room, ticks)
        await asyncio.gather(*(one_client(recorder, client, rest, dice(number, i)) for i, (client, rest) in enumerate(zip(clients, rests))))
        wrong = [*faults(recorder.operations)]
        findings.check(not wrong, f"history {number}", wrong[:3])
        counts.append(len(recorder.operations))
        for client in clients:
            client.seen.clear()
            client.inbox.clear()


def run(size, server):
    async def main(findings):
        numbers, ticks, counts = iter(range(size.of(60, 10_000))), itertools.count(1), []
        async with serving("--io-threads", "3", "--workers", "2", release=True) as running:
            tokens = await running.tokens(USERS)

            async def clients_of():
                return [await Client.open(running, tokens[user], "json" if i % 2 else "msgpack") for i, user in enumerate(USERS)], [Rest(running, tokens[user]) for user in USERS]

            lanes = [await clients_of() for _ in range(AT_ONCE)]
            await asyncio.gather(*(lane(clients, rests, size.dice, numbers, ticks, findings, counts) for clients, rests in lanes))
            for clients, _ in lanes:
                for client in clients:
                    await client.close()
        findings.note(f"seed {size.seed}; {sum(counts)} operations: titles set, messages sent, conversations read over WebSocket and REST, by {CLIENTS} clients of each conversation")

    return tried("histories", main, bounded=True)
