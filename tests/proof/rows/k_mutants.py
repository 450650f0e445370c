# K: servers and histories that are broken on purpose; a proof that does not notice is none.
import asyncio
import contextlib
import dataclasses
import functools
import types

import websockets

import cuts
import journal as j
import prove
from catalogue import rows_named
from client import Client, Gone
from durable import said_too_early
from planted import ROOT, named, planted_server
from row import NotHere, Outcome
from support import Failed, Server, data_directory, kill_what_runs
from talk import environment, record_one

IMAGES = 120
TURNS = 12
# What PROOF_FAULT of shim/journal.c does to the syncs of a server that is otherwise sound.
SYNCS = {"nothing is synced": "nosync:1:1", "every fifth sync is none": "nosync:40:5", "heads of pages are not synced": "nodsync:1:1"}
ON_DISK = ["acknowledge_before_commit", "no_sync"]  # mutants that a recording shows
# D2 has accept say that there are no descriptors: a sanitizer needs some itself, so D1 cannot take them away.
BY_ROW = {"swap_numbers": "B1", "drop_fan_out": "B1", "forget_idempotency": "B4", "unbounded_outbox": "C1", "no_back_off": "D2",
          "no_membership_check": "H3", "substring_origin": "H1", "no_depth_limit": "G5"}
EARLY = "acknowledged before the commit"  # a sound life, as if everything had been said one sync earlier
EVERY = {"drop_fan_out": 10_000}  # of so many, one; others are wrong each time
BY_SANITIZER = {"double_free": ("I1", "asan"), "unlocked_counter": ("I2", "tsan")}
COMPLAINT = "Sanitizer: "       # whichever of a build's it is
ROW_OF = {**dict.fromkeys([EARLY, *SYNCS, *ON_DISK], "A3"), **BY_ROW, **{name: row for name, (row, _) in BY_SANITIZER.items()}}
SESSIONS = 20                   # that come and go
ELSEWHERE = ["tiny_map"]        # no fault of the engine; A9 has it
FREED = "quarantine_size_mb=0:thread_local_quarantine_size_kb=0"  # rows that look at memory want it given back
OTHERS = f"suppressions={ROOT}/cmake/tsan.supp"


# --- What is on disk when something is said -------------------------------------------------------


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


def recorded(size, server, name, fault=None, changed=None):
    """Which rows notice what a life on a server with this fault leaves on a disk."""
    talk, recording = asyncio.run(record_one(name, size.seed, TURNS, fault))
    looking = cuts.Looking(server, talk, name)
    try:
        return found_by(looking, changed(recording) if changed else recording, size)
    finally:
        looking.close()


def on_disk(size, server, results, failures):
    if found := recorded(size, server, "sound"):
        failures.append(f"a sound server is no mutant, and {', '.join(found)} complains")
    results[EARLY] = recorded(size, server, "early", changed=acknowledged_early)
    for number, (what, fault) in enumerate(SYNCS.items()):
        results[what] = recorded(size, server, f"fault-{number}", fault)


def planted_on_disk(size, server, results, failures):
    """The same of the engine's own mutants; what is left is looked at by the server that is to be proved."""
    if found := recorded(size, server, "unplanted"):
        failures.append(f"the build with faults is sound without one, and {', '.join(found)} complains")
    for name in ON_DISK:
        with environment(PARLEY_MUTANT=name):
            results[name] = recorded(size, server, name)


# --- Which row notices ----------------------------------------------------------------------------


def row_run(row, size, server, mutant=None):
    """The row's result on the server, with or without a mutant."""
    rate = f"{mutant}:{EVERY[mutant]}" if mutant in EVERY else mutant
    with environment(PARLEY_MUTANT=rate, ASAN_OPTIONS=FREED):
        return prove.run_row(row, types.SimpleNamespace(size="smoke", seed=size.seed, server=server))


def noticed(result):
    """A row that came to no end of its own, or could not go on, has noticed nothing."""
    return result["status"] == "failed" and result["what"] != ""


def by_rows(size, server, results, failures):
    for row in rows_named(set(BY_ROW.values())):
        sound = row_run(row, size, server)
        if sound["status"] != "passed":
            failures.append(f"{row.id} does not pass without a mutant: {sound.get('failures', [])[:2] or sound['notes']}")
            continue
        for name in (name for name, found_by_row in BY_ROW.items() if found_by_row == row.id):
            results[name] = [row.id] if noticed(row_run(row, size, server, name)) else []


# --- What sanitizers see --------------------------------------------------------------------------


async def sessions_come_and_go():
    """Whether a server that they come to ends, and a sanitizer says why."""
    try:
        with data_directory() as data:
            server = await Server(data).start()
            token = await server.token("alice")
            with contextlib.suppress(Failed, Gone, OSError, websockets.WebSocketException):  # it does not end in good order
                for _ in range(SESSIONS):
                    await (await Client.open(server, token)).drop()
                await server.stop()
            await server.wait()
            return COMPLAINT in server.words()
    finally:
        await kill_what_runs()


def by_sanitizer(name, size, server, results, failures):
    row, preset = BY_SANITIZER[name]
    with planted_server(preset), environment(TSAN_OPTIONS=OTHERS):
        if asyncio.run(sessions_come_and_go()):
            failures.append(f"the sanitizer of build/{preset} complains without a mutant")
        with environment(PARLEY_MUTANT=name):
            results[name] = [row] if asyncio.run(sessions_come_and_go()) else []


# --------------------------------------------------------------------------------------------------


def by_planted_build(size, server, results, failures):
    with planted_server() as faulty:
        planted_on_disk(size, server, results, failures)
        by_rows(size, faulty, results, failures)


def told(results, failures, missing):
    """What came of all mutants. One that could not be tried, for want of what is missing, is not killed: then the row has not passed."""
    killed = [name for name, row in ROW_OF.items() if row in results.get(name, [])]
    failures += [f"not noticed by {ROW_OF[name]}: {name}" for name in results if name not in killed]
    notes = f"{len(killed)} / {len(ROW_OF)} mutants killed; " + "; ".join(f"{name}: {' and '.join(found)}" for name, found in results.items() if found)
    if not_tried := [name for name in ROW_OF if name not in results]:
        notes += f"; not tried: {', '.join(not_tried)} ({'; '.join(dict.fromkeys(missing))})"
    if not_tried and not failures:
        raise NotHere(notes)
    return Outcome(len(results), "mutants", failures, notes)


def run(size, server):
    results, failures, missing = {}, [], []
    parts = [on_disk, by_planted_build, *(functools.partial(by_sanitizer, name) for name in BY_SANITIZER)]
    for part in parts:
        try:
            part(size, server, results, failures)
        except NotHere as why:
            missing.append(str(why))
    failures += [f"nobody tries {name}" for name in named("mutant") if name not in (*ROW_OF, *ELSEWHERE)]
    return told(results, failures, missing)
