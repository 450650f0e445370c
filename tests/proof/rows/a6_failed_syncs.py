# A6: a sync or a synced write fails, once or from then on, at every call of a server's life.
import asyncio

import journal as j
from cuts import in_parallel
from faulty import base_store, live_with, run_lives, spread, summed
from row import Outcome

base = None  # for the forked workers


def work(numbered_faults):
    return run_lives(base, numbered_faults, must_end=True)


def run(size, server):
    global base
    base = asyncio.run(base_store(size.seed, 5))
    calm = asyncio.run(live_with(base, 0, None)).journal
    syncs = calm.count(j.SYNC, j.WRITTEN)
    faults = [f"sync:{k}{ending}" for k in spread(syncs, size.of(smoke=8, full=syncs)) for ending in ("", ":1")]
    numbered = list(enumerate(faults, 1))
    hits, told, failures = summed(in_parallel(work, [(numbered[i::2],) for i in range(2)]))
    notes = (f"{len(faults)} lives with about {syncs} syncs each; {told}; each store was opened as the system had it and as it was "
             "synced, where a failed sync brings nothing to the disk")
    return Outcome(hits, "syncs that failed", failures, notes)
