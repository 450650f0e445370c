# A13: backups of a server at work; each is whole, has a beginning of the history with all that was acknowledged before, and can be served.
import asyncio
import shutil

from restart import restarted
from row import Outcome
from stored import Stores
from support import Server, data_directory, kill_what_runs, run_program
from talk import Talk


async def talking(talk):
    while True:
        await talk.go_on(3)


async def one_backup(server, talk, stores, to):
    """What is wrong with a backup that is made now; and its events."""
    owed = talk.acknowledged()
    code, out, err = await run_program(server.binary, "backup", "--data", str(server.data), "--to", str(to))
    if code != 0:
        return [f"it ended with {code}: {out} {err}"], {}
    code, out, err = await run_program(server.binary, "check", "--data", str(to))
    if code != 0:
        return [f"check of it ended with {code}: {out[:500]} {err[:500]}"], {}
    events = stores.events(to)
    faults = list(talk.truth.faults(events, owed, 0))
    return faults + [f"served: {fault}" for fault in await restarted(to, talk, owed)], events


async def trial(seed, count):
    """How many events the backups had, and what was wrong."""
    stores, taken, failures = Stores(), [], []
    with data_directory() as data:
        talk = Talk(seed)
        server = await Server(data).start()
        await talk.begin(server)
        task = asyncio.create_task(talking(talk))
        for number in range(count):
            await asyncio.sleep(0.1)
            to = data.parent / f"backup-{number}"
            wrong, events = await one_backup(server, talk, stores, to)
            failures += [f"backup {number}: {fault}" for fault in wrong]
            taken.append((number, events))
            shutil.rmtree(to, ignore_errors=True)
            if task.done():
                failures.append(f"talking ended: {task.exception()}")
                break
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await talk.leave()
        await server.stop()
        await server.check()
        final = stores.events(data)
        for number, events in taken:
            failures += [f"backup {number}: {place} is {events[place]} and was later {final.get(place)}"
                         for place in differing(events, final)[:3]]
    return [len(events) for _, events in taken], failures


def differing(events, final):
    """Events that are no beginning of the final history; of those that were deleted meanwhile only the number is."""
    return [place for place, event in events.items()
            if place not in final or (final[place] != event and not final[place].get("deleted"))]


async def one(seed, count):
    try:
        return await trial(seed, count)
    finally:
        await kill_what_runs()


def run(size, server):
    counts, failures = [], []
    for number in range(0, size.of(smoke=6, full=200), 20):
        some, wrong = asyncio.run(one(f"{size.seed} {number}", min(20, size.of(smoke=6, full=200) - number)))
        counts += some
        failures += [f"series {number}: {fault}" for fault in wrong]
    return Outcome(len(counts), "backups under load", failures, f"with {min(counts, default=0):,} to {max(counts, default=0):,} events, each served afterwards", bounded=True)
