# B3: whatever was said to anybody was synced before it was said, to the last record of the journal.
import asyncio

import cuts
from durable import said_too_early
from row import Outcome
from talk import record


def run(size, server):
    talk, recordings = asyncio.run(record(size.seed + 1, size.of(smoke=40, full=150)))
    looking = cuts.Looking(server, talk, "b3")
    tried, failures = 0, []
    try:
        for recording in recordings:
            said, faults = said_too_early(looking, recording, size.dice("b3"))
            tried, failures = tried + said, failures + faults
    finally:
        looking.close()
    return Outcome(tried, "answers and events shown", failures,
                   "each was, with everything before it, in the store as it was synced when it was sent, over WebSocket or in a page over REST", bounded=True)
