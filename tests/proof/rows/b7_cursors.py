# B7: several devices of a user move the same cursors at once, forwards and backwards; nobody ever sees one go back, and the furthest counts in the end.
import asyncio

from client import Client
from ground import tried
from support import Failed, eventually, serving

MESSAGES = 120
DEVICES = 4
READERS = ["reader0", "reader1", "reader2"]


def backwards(client, room):
    """Receipts of one user, as this connection was told them, in which a cursor is less than it was."""
    last, found = {}, []
    for each in client.seen:
        if each["type"] != "receipt" or each["conversation"] != room:
            continue
        before = last.setdefault(each["user"], each)
        if each["delivered"] < before["delivered"] or each["read"] < before["read"]:
            found.append((before, each))
        last[each["user"]] = each
    return last, found


def latest(client, room, user):
    """How far a user has come, as this connection was told last."""
    told = [each for each in client.seen if each["type"] == "receipt" and each["conversation"] == room and each["user"] == user]
    return (told[-1]["delivered"], told[-1]["read"]) if told else None


async def move(client, room, dice, most):
    """One device's commands: mostly onwards, sometimes as one that has only now seen an old message. The furthest of each."""
    furthest = {"delivered": 0, "read": 0}
    place = 1
    while place < most:
        place = min(most, place + dice.randint(1, 8))
        said = max(1, place - dice.choice([0, 0, 0, 5, 40]))
        kind = dice.choice(["delivered", "read"])
        await client.ask(kind, conversation=room, seq=said)
        furthest[kind] = max(furthest[kind], said)
        if dice.random() < 0.2:
            await asyncio.sleep(dice.uniform(0, 0.05))
    return furthest


async def one_race(server, tokens, number, size, findings):
    writer = await Client.open(server, tokens["writer"])
    devices = {user: [await Client.open(server, tokens[user], "json" if i % 2 else "msgpack", device=f"{user}-{i}") for i in range(DEVICES)] for user in READERS}
    room = (await writer.ask("create", kind="group", members=READERS))["conversation"]
    answers = await writer.answers([{"type": "send", "conversation": room, "client_id": f"{i}", "body": "to be read"} for i in range(MESSAGES)])
    most = answers[-1]["seq"]
    watchers = [writer, *(each for several in devices.values() for each in several)]
    moved = await asyncio.gather(*(move(each, room, size.dice("cursors", number, user, i), most) for user, several in devices.items() for i, each in enumerate(several)))
    for index, user in enumerate(READERS):
        mine = moved[index * DEVICES:(index + 1) * DEVICES]
        read = max(each["read"] for each in mine)
        delivered = max(read, *(each["delivered"] for each in mine))
        try:
            await eventually(lambda: latest(writer, room, user) == (delivered, read), f"{user} stands at {delivered} and {read}", 5)
        except Failed as fault:
            findings.fail(f"race {number}, seed {size.seed}", str(fault), latest(writer, room, user))
        findings.tried += 1
    for watcher in watchers:
        _, found = backwards(watcher, room)
        findings.check(not found, f"race {number}, seed {size.seed}: a cursor that {watcher.welcome['device']} saw go back", found[:2])
        findings.tried += sum(each["type"] == "receipt" for each in watcher.seen)
    for client in watchers:
        await client.close()


def run(size, server):
    async def main(findings):
        races = size.of(2, 100)
        async with serving("--io-threads", "3", release=True) as running:
            tokens = await running.tokens(["writer", *READERS])
            for number in range(races):
                await one_race(running, tokens, number, size, findings)
        findings.note(f"{races} races of {DEVICES} devices of each of {len(READERS)} members over {MESSAGES} messages")

    return tried("receipts", main, bounded=True)
