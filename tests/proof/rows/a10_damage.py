# A10: bits that flip, pages that are zeroed or in each other's place, files that are cut off.
import asyncio
import collections

import cuts
from faulty import base_store
from client import Client
from row import Outcome
from support import Server

PAGE = 4096
SECTOR = 512
FILES = ("model/data.mdb", "log/data.mdb")
WAYS = ("bit", "bit", "bit", "bit", "zeros", "zero sector", "swapped", "cut off")
SHOWN_PATIENCE = 10

base, served, sound = None, None, None  # for the forked workers


def pages_in_use(content):
    """Pages with anything in them; others are only there so that a full disk is noticed early."""
    return [at for at in range(0, len(content), PAGE) if any(content[at:at + PAGE])]


def damaged(image, dice):
    """The image with one thing wrong, and what that is."""
    path = dice.choice(FILES)
    content = bytearray(image[path])
    used = pages_in_use(image[path])
    at, way = dice.choice(used), dice.choice(WAYS)
    if way == "bit":
        at += dice.randrange(PAGE)
        bit = dice.randrange(8)
        content[at] ^= 1 << bit
        way = f"bit {bit} of byte {at}"
    elif way == "zeros":
        content[at:at + PAGE] = bytes(PAGE)
        way = f"zeros in page {at // PAGE}"
    elif way == "zero sector":
        at += dice.randrange(PAGE // SECTOR) * SECTOR
        content[at:at + SECTOR] = bytes(SECTOR)
        way = f"zeros in sector {at // SECTOR}"
    elif way == "swapped":
        other = dice.choice(used)
        content[at:at + PAGE], content[other:other + PAGE] = content[other:other + PAGE], content[at:at + PAGE]
        way = f"pages {at // PAGE} and {other // PAGE} in each other's place"
    else:
        del content[at + dice.randrange(PAGE):]
        way = f"cut off at {len(content)}"
    return {**image, path: bytes(content)}, f"{path}, {way}"


def tables_of(looking, data):
    """Every row of every table of the model, and of the log."""
    reader = looking.stores.reader
    names = [name.decode() for name, _ in reader.rows(data / "model")]
    return {**{name: reader.rows(data / "model", name) for name in names}, "log": reader.rows(data / "log")}


async def answers_truly(data):
    """A server on damaged data: (how it went, what it said wrongly)."""
    server = Server(data)
    try:
        await server.launch("--search", "off")
        line = await asyncio.wait_for(server.process.stdout.readline(), SHOWN_PATIENCE)
        if not line:
            return f"refused with {await server.wait()}", []
        server.address = ("127.0.0.1", int(line.decode().rpartition(":")[2]))
        return await ask(server)
    except Exception as fault:
        if not server.alive or await ends(server):
            return f"ended with {server.process.returncode}", []
        return "stood still", [f"{type(fault).__name__}: {fault}"]
    finally:
        if server.alive:
            await server.kill()


async def ends(server):
    try:
        await asyncio.wait_for(server.process.wait(), 2)
        return True
    except asyncio.TimeoutError:
        return False


async def ask(server):
    """Everything there is, page by page, in both of the ways there are."""
    client = await Client.open(server, base.talk.tokens[base.talk.talkers[0].user])
    wrong, errors = [], 0
    for room in base.talk.rooms:
        for after in range(0, 400, 40):
            answer = await client.answer("sync", conversation=room, after=after, limit=40)
            errors += answer["type"] == "error"
            for event in answer.get("events", []):
                if sound["events"].get((room, event["seq"])) != event:
                    wrong.append(f"{room} {event['seq']} is shown as {str(event)[:200]}")
        answer = await client.answer("history", conversation=room, limit=50)
        errors += answer["type"] == "error"
        for event in answer.get("events", []):
            if "client_id" in event and (room, event["client_id"]) not in base.talk.truth.bodies:
                wrong.append(f"{room} {event['seq']} is shown, by nobody")
    await client.close()
    return "answered with errors" if errors else "answered all", wrong


def work(name, count, dice, served_every):
    looking = cuts.Looking(served, base.talk, name)
    ways, failures = collections.Counter(), []
    try:
        for number in range(count):
            image, what = damaged(sound["image"], dice)
            looking.picture.show(cuts.all_on_disk(image))
            found, wrong = look(looking)
            if number % served_every == 0:
                how, said = asyncio.run(answers_truly(looking.picture.place))
                looking.picture.spoiled()
                ways[f"a server {how}"] += 1
                wrong += said
            ways[found] += 1
            if wrong:
                looking.picture.show(cuts.all_on_disk(image))
                failures.append(f"{what}: {'; '.join(wrong[:3])}{looking.keep(f'damage-{name}-{number}')}")
    finally:
        looking.close()
    return count, ways, failures


def look(looking):
    """What check says of the store, and what is wrong with that."""
    status, said = looking.checker.check(looking.picture.place)
    if status != 0:
        return "named by check", [] if said.strip() else [f"check ended with {status} and said nothing"]
    found = tables_of(looking, looking.picture.place)
    other = [name for name in found.keys() | sound["tables"].keys() if found.get(name) != sound["tables"].get(name)]
    return "harmless", [f"check finds nothing, and these tables are different: {other}"] if other else []


def run(size, server):
    global base, served, sound
    served = server
    base = asyncio.run(base_store(size.seed, 30))
    looking = cuts.Looking(server, base.talk, "sound")
    image = cuts.Disk(base.data).left_by(cuts.Fate(size.dice("none"), "nothing"))
    looking.picture.show(image)
    sound = {"image": {path: left.content() if left else None for path, left in image.items()},
             "tables": tables_of(looking, looking.picture.place)}
    sound["events"] = looking.stores.events(looking.picture.place)
    looking.close()
    count, every = size.of(smoke=150, full=5000), size.of(smoke=10, full=20)
    results = cuts.in_parallel(work, [(f"damage-{i}", count, size.dice("damage", i), every) for i in range(2)])
    ways = sum((each[1] for each in results), collections.Counter())
    return Outcome(sum(each[0] for each in results), "damaged stores", [failure for each in results for failure in each[2]],
                   ", ".join(f"{number} {way}" for way, number in sorted(ways.items())))
