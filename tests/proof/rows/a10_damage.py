# A10: bits that flip, pages that are zeroed or in each other's place, files that are cut off.
import asyncio
import collections

import cuts
from faulty import base_store
from client import Client, Refused
from row import Outcome
from support import Server, require

PAGE = 4096
SECTOR = 512
FILES = ("model/data.mdb", "log/data.mdb")
WAYS = ("bit", "bit", "bit", "bit", "zeros", "zero sector", "swapped", "cut off")
SHOWN_PATIENCE = 10
NAMED = "named by check"
BECAME = ("body", "edits", "edited_at", "mentions", "reactions")  # of a message later on, by records of their own

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


async def answers_truly(data, is_named):
    """A server on damaged data: (how it went, what was wrong with that)."""
    server = Server(data)
    try:
        await server.launch("--search", "off")
        line = await asyncio.wait_for(server.process.stdout.readline(), SHOWN_PATIENCE)
        if not line:
            await server.wait()
            return end_of(server, "refused", is_named)
        server.address = ("127.0.0.1", int(line.decode().rpartition(":")[2]))
        return judged(await all_pages(server), is_named)
    except Refused:  # already to come in
        return "answered with errors", []
    except Exception as fault:
        if not server.alive or await ends(server):
            return end_of(server, "ended", is_named)
        return "stood still", [f"{type(fault).__name__}: {fault}"]
    finally:
        if server.alive:
            await server.kill()


def end_of(server, how, is_named):
    """LMDB believes what its pages say of themselves, as its own list of free ones, where `check` does not look: that may end a server by
    a signal, but not without a word."""
    status = server.process.returncode
    is_fair = status > 0 or (status < 0 and "fatal_signal" in server.words())
    told = f"{how} with {status}" + ("" if is_named else ", and check finds nothing")
    return told, [] if is_fair else [f"it {how} with {status}: {server.words(600)}"]


async def ends(server):
    try:
        await asyncio.wait_for(server.process.wait(), 2)
        return True
    except asyncio.TimeoutError:
        return False


async def all_pages(server):
    """Everything there is, page by page, in both of the ways there are."""
    client, pages = await Client.open(server, base.talk.tokens[base.talk.talkers[0].user]), {}
    for room in base.talk.rooms:
        for after in range(0, 400, 40):
            pages[room, after] = await client.answer("sync", conversation=room, after=after, limit=40)
        pages[room, "history"] = await client.answer("history", conversation=room, limit=50)
    await client.close()
    return pages


async def sound_pages(data):
    server = await Server(data).start("--search", "off")
    pages = await all_pages(server)
    require(all(page["type"] == "page" for page in pages.values()), "a sound store is read without an error")
    await server.kill()
    return pages


def message_of(event):
    """The number of the message that the event's body is of."""
    return event["message" if event["type"] == "edited" else "seq"]


def bodies_of(pages):
    """{(conversation, seq): every body that a message was delivered with or edited to}."""
    bodies = collections.defaultdict(set)
    for (room, what), page in pages.items():
        for event in page["events"] if what != "history" else []:
            bodies[room, message_of(event)].add(event.get("body"))
    return bodies


def as_sent(page):
    """The page without what became of its messages."""
    return {**page, "events": [{name: value for name, value in event.items() if name not in BECAME} for event in page["events"]]}


def judged(pages, is_named):
    """Each must be an error or that of the sound store. Where LMDB hides a change of a message, nobody can miss it: the message may be
    as it was before, if `check` names the damage."""
    shown = {place: page for place, page in pages.items() if page["type"] != "error"}
    other = {place: page for place, page in shown.items() if page != sound["pages"][place]}
    wrong = [f"page {(room, what)} is {str(page)[:300]}" for (room, what), page in other.items()
             if not is_named or what != "history" or as_sent(page) != as_sent(sound["pages"][room, what])
             or any(event.get("body") not in sound["bodies"][room, message_of(event)] for event in page["events"])]
    return "answered with changes left out" if other else "answered with errors" if len(shown) < len(pages) else "answered all", wrong


def work(name, count, dice, served_every):
    looking = cuts.Looking(served, base.talk, name)
    ways, failures = collections.Counter(), []
    try:
        for number in range(count):
            image, what = damaged(sound["image"], dice)
            looking.picture.show(cuts.all_on_disk(image))
            found, wrong = look(looking)
            if number % served_every == 0:
                how, said = asyncio.run(answers_truly(looking.picture.place, found == NAMED))
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
        return NAMED, [] if status == 1 and said.strip() else [f"check ended with {status} and said {said[-300:]!r}"]
    found = tables_of(looking, looking.picture.place)
    other = [name for name in found.keys() | sound["tables"].keys() if found.get(name) != sound["tables"].get(name)]
    if "meta" in other and looking.stores.events(looking.picture.place) == sound["events"]:
        return "harmless: an older model, with the rest in the log", []
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
    sound["pages"] = asyncio.run(sound_pages(looking.picture.place))
    sound["bodies"] = bodies_of(sound["pages"])
    looking.close()
    count, every = size.of(smoke=150, full=5000), size.of(smoke=10, full=20)
    results = cuts.in_parallel(work, [(f"damage-{i}", count, size.dice("damage", i), every) for i in range(2)])
    ways = sum((each[1] for each in results), collections.Counter())
    return Outcome(sum(each[0] for each in results), "damaged stores", [failure for each in results for failure in each[2]],
                   ", ".join(f"{number} {way}" for way, number in sorted(ways.items())), bounded=True)
