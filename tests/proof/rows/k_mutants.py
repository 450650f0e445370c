# K: servers and histories that are broken on purpose; a proof that does not notice is none.
import asyncio
import dataclasses

import cuts
import journal as j
from durable import said_too_early
from row import Outcome
from talk import record_one

IMAGES = 120
TURNS = 12
# What PROOF_FAULT of shim/journal.c does to the syncs of a server that is otherwise sound.
SYNCS = {"nothing is synced": "nosync:1:1", "every fifth sync is none": "nosync:40:5", "heads of pages are not synced": "nodsync:1:1"}


def acknowledged_early(recording):
    """The same life, had everything been said one sync earlier: the tables' pages are on disk, their head is not."""
    behind, last, before = [], 0, 0
    for number, record in enumerate(recording.journal.records):
        behind.append(before)
        if record.kind in (j.SYNCED, j.WRITTEN):
            last, before = number, last
    return dataclasses.replace(recording, owed=[(behind[each[0]] if each[0] >= 0 else -1, *each[1:]) for each in recording.owed])


def found_by(looking, recording, size):
    """Which rows notice."""
    found = []
    if said_too_early(looking, recording, size.dice("b3"))[1]:
        found.append("B3")
    looking.kept = cuts.KEPT_AT_MOST  # nobody needs to look at these
    planned = cuts.plan(recording, IMAGES, size.dice("cuts"))
    if cuts.look_at(looking, recording, planned, size.dice("fates"), IMAGES * 2)[2]:
        found.append("A3")
    return found


def run(size, server):
    results = {}
    for number, (what, fault) in enumerate({"a sound server": None, **SYNCS}.items()):
        talk, recording = asyncio.run(record_one(f"mutant-{number}", size.seed, TURNS, fault))
        looking = cuts.Looking(server, talk, f"mutant-{number}")
        try:
            results[what] = found_by(looking, recording, size)
            if fault is None:
                recording = acknowledged_early(recording)
                results["acknowledged before the commit"] = found_by(looking, recording, size)
        finally:
            looking.close()
    sound = results.pop("a sound server")
    failures = [f"not noticed: {what}" for what, found in results.items() if not found]
    failures += [f"a sound server is no mutant, and {', '.join(sound)} complains"] if sound else []
    return Outcome(len(results), "mutants", failures,
                   "; ".join(f"{what}: {' and '.join(found)}" for what, found in results.items())
                   + "; those that take a build of their own are not tried")
