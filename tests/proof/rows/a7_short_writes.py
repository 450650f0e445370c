# A7: writes that are only half done, interrupted, or told to come again, once or again and again.
import asyncio

import journal as j
from cuts import in_parallel
from faulty import base_store, live_with, run_lives, spread, summed
from row import Outcome

base = None  # for the forked workers


def work(numbered_faults):
    return run_lives(base, numbered_faults, must_end=False)


def run(size, server):
    global base
    base = asyncio.run(base_store(size.seed, 5))
    writes = asyncio.run(live_with(base, 0, None)).journal.count(j.WRITE)
    places = spread(writes, size.of(smoke=4, full=100))
    faults = [f"{kind}:{k}{ending}" for k in places for kind in ("short", "eintr", "eagain") for ending in ("", ":7")]
    numbered = list(enumerate(faults, 1))
    hits, told, failures = summed(in_parallel(work, [(numbered[i::2],) for i in range(2)]))
    notes = f"{len(faults)} lives with about {writes} writes each; {told}; afterwards all that was acknowledged was there"
    return Outcome(hits, "lives with writes that were short, interrupted or put off", failures, notes)
