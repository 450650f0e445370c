# A1: kill -9 under load, again and again; the oracle judges all that was asked and seen.
import asyncio
import contextlib
import io

import kill9_journey
from oracle import judge
from row import Outcome
from support import data_directory, kill_what_runs

SERIES = 25            # rounds on one store, with one history: the oracle reads all of it
USUAL_RESTART = 0.5    # seconds
SLOWEST_RESTART = 2    # the machine may have something else to do


async def series(rounds):
    """So many rounds on a fresh store; the trial with its history."""
    try:
        with data_directory() as data:
            trial = kill9_journey.Trial(data)
            await trial.prepare()
            for _ in range(rounds):
                await trial.crash()
            await trial.finish()
            return trial
    finally:
        await kill_what_runs()


def run(size, server):
    kill9_journey.WRITERS = size.of(smoke=24, full=200)
    rounds, tried, failures, acked, restarts = size.of(smoke=30, full=1000), 0, [], 0, []
    for number in range(0, rounds, SERIES):
        kill9_journey.SEED = size.dice("kill", number).randrange(1, 2**31)
        count = min(SERIES, rounds - number)
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                trial = asyncio.run(series(count))
            failures += [f"seed {kill9_journey.SEED}: {fault}" for fault in judge(trial.history)]
            acked += sum(bool(send.acks) for send in trial.history.sends.values())
            restarts += trial.restarts
        except Exception as fault:
            failures.append(f"seed {kill9_journey.SEED}: {type(fault).__name__}: {fault}")
        tried += count
    median = sorted(restarts)[len(restarts) // 2] if restarts else 0
    if median > USUAL_RESTART or max(restarts, default=0) > SLOWEST_RESTART:
        failures.append(f"a restart takes {median:.2f} s, and at most {max(restarts):.2f} s")
    notes = (f"{acked:,} acknowledged messages of {kill9_journey.WRITERS} writers; restarts: median {median * 1000:.0f} ms, "
             f"longest {max(restarts, default=0) * 1000:.0f} ms")
    return Outcome(tried, "kills", failures, notes, bounded=True)
