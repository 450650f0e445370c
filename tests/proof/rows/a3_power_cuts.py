# A3: power cuts at any moment of a server's life, with whatever a disk may then hold of what was not synced.
import asyncio

import cuts
import journal as j
from row import Outcome
from talk import record

talk, recordings, served = None, None, None  # for the forked workers


def work(name, index, part, dice, boots_every):
    looking = cuts.Looking(served, talk, name)
    try:
        return cuts.look_at(looking, recordings[index], part, dice, boots_every)
    finally:
        looking.close()


def run(size, server):
    global talk, recordings, served
    served = server
    talk, recordings = asyncio.run(record(size.seed, size.of(smoke=30, full=100)))
    images = size.of(smoke=2000, full=100_000)
    boots_every = size.of(smoke=50, full=100)
    arguments = []
    for index, recording in enumerate(recordings):
        planned = cuts.plan(recording, images // len(recordings), size.dice("cuts", index))
        for number, part in enumerate(cuts.pieces(planned, 2)):
            name = f"{recording.name}-{number}"
            arguments.append((name, index, part, size.dice("fates", name), boots_every))
    results = cuts.in_parallel(work, arguments)
    tried, booted = sum(each[0] for each in results), sum(each[1] for each in results)
    journals = [recording.journal for recording in recordings]
    owed = len({each[1] for each in recordings[-1].owed})
    notes = (f"{sum(journal.count(j.WRITE) for journal in journals):,} writes and "
             f"{sum(journal.count(j.SYNCED, j.WRITTEN) for journal in journals):,} syncs of two lives, with a kill and a compaction; "
             f"{owed:,} events owed; each image checked and read, {booted} also served; without the search index, "
             "which promises nothing")
    return Outcome(tried, "images", [failure for each in results for failure in each[2]], notes)
