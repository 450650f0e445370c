# Lives of servers in which one system call fails, and what is left afterwards.
import asyncio
import dataclasses
import pathlib
import random
import shutil

import journal as j
from disk import Disk, Fate, Picture
from restart import restarted
from shims import in_memory
from support import Failed, Server
from talk import Journaled, Talk, copied

TURNS = 6
END_PATIENCE = 10


@dataclasses.dataclass
class Base:
    """A store that was stopped in good order, and what is in it."""

    data: pathlib.Path
    talk: Talk
    owed: list


async def base_store(seed, turns, options=("--search", "off")):
    """Users who have talked a while."""
    place = in_memory()
    data = place / "base"
    data.mkdir(mode=0o700)
    talk = Talk(seed)
    talk.weights[-1] = 0  # no files: when one of them cannot be synced, only its upload fails
    server = await Server(data).start(*options)
    await talk.begin(server)
    await talk.go_on(turns)
    await talk.leave()
    await server.stop()
    await server.check()
    return Base(data, talk, talk.acknowledged())


@dataclasses.dataclass
class Life:
    """What became of a server with a fault."""

    journal: j.Journal
    hit: bool
    ended: int  # its exit status; None when it went on to the end
    faults: list


async def live_with(base, number, fault):
    """One life on a copy of the base, with what is wrong with it. Without a fault it only counts."""
    place = in_memory() / f"life-{number}"
    data = place / "data"
    copied(base.data, data)
    talk = base.talk.again(number)
    server = Journaled(data, place / "journal", fault, sync_us=0)
    faults = []
    try:
        await server.start("--search", "off")
        await talk.enter(server)
        await talk.go_on(TURNS)
    except Exception as why:  # the client has its own words for a server that ends
        if not await has_ended(server):
            faults.append(f"it stands still: {type(why).__name__}: {why}")
    try:
        journal = j.Journal(server.journal)
        hit = journal.count(j.FAULT) > 0
        ended = await status_of(server, hit)
        await talk.leave()
        journal = j.Journal(server.journal)
        if fault:
            faults += await left_behind(base, talk, place, journal)
        return Life(journal, hit, ended, faults)
    finally:
        if server.alive:
            await server.kill()
        shutil.rmtree(place, ignore_errors=True)


async def has_ended(server):
    try:
        await server.wait(END_PATIENCE)
        return True
    except Failed:
        return False


async def status_of(server, hit):
    """Its exit status, when it ends by itself in a moment; else it is killed."""
    if server.alive and hit:
        try:
            return await server.wait(2)
        except Failed:
            pass
    if server.alive:
        await server.kill()
        return None
    return server.process.returncode


async def left_behind(base, talk, place, journal):
    """Both what the system still had in memory and what was synced must have all that was acknowledged."""
    owed = talk.truth.owed(journal, base.owed)
    faults = [f"as the system had it: {fault}" for fault in await restarted(place / "data", talk, owed)]
    disk = Disk(base.data)
    for number, record in enumerate(journal.records):
        disk.apply(number, record)
    picture = Picture(place / "synced")
    picture.show(disk.left_by(Fate(random.Random(0), "nothing")))
    return faults + [f"as it was synced: {fault}" for fault in await restarted(picture.place, talk, owed)]


def run_lives(base, numbered_faults, must_end):
    """Lives with these faults, one after another: (how often the fault was met, how it ended, failures)."""
    hits, ends, failures = 0, {}, []
    for number, fault in numbered_faults:
        life = asyncio.run(live_with(base, number, fault))
        hits += life.hit
        if life.hit:
            ends[life.ended] = ends.get(life.ended, 0) + 1
        wrong = list(life.faults)
        if life.hit and must_end and life.ended in (None, 0):
            wrong.append("it did not end" if life.ended is None else "it ended with 0")
        if life.ended is not None and life.ended < 0:
            wrong.append(f"it ended with signal {-life.ended}")
        failures += [f"{fault}: {each}" for each in wrong]
    return hits, ends, failures


def spread(count, most):
    """1 to count, or `most` of them, evenly."""
    if count <= most:
        return list(range(1, count + 1))
    return sorted({1 + round(i * (count - 1) / (most - 1)) for i in range(most)})


def summed(results):
    """The sums of what several workers found."""
    hits, ends, failures = 0, {}, []
    for some_hits, some_ends, some_failures in results:
        hits += some_hits
        failures += some_failures
        for status, count in some_ends.items():
            ends[status] = ends.get(status, 0) + count
    told = ", ".join(f"{count} times {'it went on' if status is None else f'it ended with {status}'}"
                     for status, count in sorted(ends.items(), key=str))
    return hits, told, failures
