# A3: power cuts at any moment of a server's life, with whatever a disk may then hold of what was not synced.
import asyncio

import cuts
import journal as j
from row import Outcome
from talk import record

RESTART = 10  # of so many images of the second life, one is from before it was ready

talk, recordings, served = None, None, None  # for the forked workers


def work(name, index, part, dice, boots_every):
    looking = cuts.Looking(served, talk, name)
    try:
        return cuts.look_at(looking, recordings[index], part, dice, boots_every)
    finally:
        looking.close()


def planned(index, images, dice):
    """Where to cut: in both lives once they are ready, and in the second also while it opens what the kill has left and catches up."""
    recording = recordings[index]
    restart = cuts.plan(recording, images // RESTART, dice, range(recording.ready)) if index > 0 else []
    return restart + cuts.plan(recording, images - sum(count for _, count in restart), dice)


def run(size, server):
    global talk, recordings, served
    served = server
    talk, recordings = asyncio.run(record(size.seed, size.of(smoke=30, full=100)))
    images = size.of(smoke=2000, full=100_000)
    boots_every = size.of(smoke=50, full=100)
    arguments, in_restart = [], 0
    for index, recording in enumerate(recordings):
        plan = planned(index, images // len(recordings), size.dice("cuts", index))
        in_restart += sum(count for place, count in plan if place <= recording.ready)
        for number, part in enumerate(cuts.pieces(plan, 2)):
            name = f"{recording.name}-{number}"
            arguments.append((name, index, part, size.dice("fates", name), boots_every))
    results = cuts.in_parallel(work, arguments)
    tried, booted = sum(each[0] for each in results), sum(each[1] for each in results)
    journals = [recording.journal for recording in recordings]
    owed = len({each[1] for each in recordings[-1].owed})
    notes = (f"{sum(journal.count(j.WRITE) for journal in journals):,} writes and "
             f"{sum(journal.count(j.SYNCED, j.WRITTEN) for journal in journals):,} syncs of two lives, with a kill and a compaction; "
             f"{owed:,} events owed; {in_restart:,} images of the restart between them; each checked and read, {booted} also served; without the search index, "
             "which promises nothing")
    return Outcome(tried, "images", [failure for each in results for failure in each[2]], notes, bounded=True)
