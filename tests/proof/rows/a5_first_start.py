# A5: power cuts during the first start; the next one must find something that it can go on with.
import asyncio

import cuts
from client import Client
from row import Outcome
from shims import in_memory
from support import Server
from talk import Journaled, Talk, live

recording, served = None, None  # for the forked workers
tokens = []                     # what was printed behind the last record


async def record_start(seed):
    place = in_memory()
    data = place / "data"
    data.mkdir(mode=0o700)

    async def scene(server):
        tokens.append(await server.token("alice"))
        await server.kill()

    return await live("start", place, data, Talk(seed), Journaled(data, place / "journal"), scene)


async def start_on(data, token):
    """What is wrong with a start on this directory; the first one has to do. A token that was printed before is still good."""
    server = Server(data)
    try:
        await server.start("--search", "off")
        alice = await Client.open(server, token or await server.token("alice"))
        room = (await alice.ask("create", kind="group"))["conversation"]
        await alice.ask("send", conversation=room, client_id="a", body="it lives")
        await alice.close()
        await server.kill()
        await server.check()
        return ""
    except Exception as fault:
        return f"{type(fault).__name__}: {fault} {server.words(600)}"
    finally:
        if server.alive:
            await server.kill()


def work(name, part, dice):
    looking = cuts.Looking(served, Talk(0), name)
    tried, failures = 0, []
    try:
        for cut, variant, fate, image in cuts.images(recording, part, dice):
            looking.picture.show(image)
            tried += 1
            fault = asyncio.run(start_on(looking.picture.place, tokens[0] if cut == len(recording.journal) else None))
            looking.picture.spoiled()
            if fault:
                looking.picture.show(image)
                where = f"start-{cut}-{variant}"
                failures.append(f"image {where} ({fate.way}): {fault}{looking.keep(where)}")
    finally:
        looking.close()
    return tried, failures


def run(size, server):
    global recording, served
    served = server
    recording = asyncio.run(record_start(size.seed))
    planned = cuts.plan(recording, size.of(smoke=50, full=2000), size.dice("cuts"), range(len(recording.journal)))
    planned = [each for each in planned if each[0] < len(recording.journal)] + [(len(recording.journal), size.of(smoke=10, full=100))]
    arguments = [(f"start-{i}", part, size.dice("fates", i)) for i, part in enumerate(cuts.pieces(planned, 2))]
    results = cuts.in_parallel(work, arguments)
    notes = (f"{len(recording.journal.changes())} places to cut at; each image got a server, a message and a check; behind the last "
             "record a token had been printed, which must still be good")
    return Outcome(sum(each[0] for each in results), "images", [failure for each in results for failure in each[1]], notes, bounded=True)
