# A2: the process ends at each step of a message's way, again and again; the oracle judges all that was asked and seen.
import asyncio
import contextlib
import io
import signal

import kill9_journey
from lives import Lives
from oracle import judge
from planted import named, planted_server
from row import Outcome
from support import Failed, data_directory, kill_what_runs
from talk import environment

SOON, LONGEST = 4, 30        # seconds until a later passage, and until a step that nobody takes at all, is given up
PASSAGES = (1, 2, 3, 8, 30)  # which one is the last


def ended_within(seconds, point, failures):
    """Whether a server ended at the failpoint, and not of something else."""
    async def ended(server):
        try:
            status = await server.wait(seconds)
        except Failed:
            return False
        if status != -signal.SIGKILL:
            failures.append(f"on the way to {point} it ended with {status}: {server.words(4000)}")
        return status == -signal.SIGKILL
    return ended


async def series(points, dice, missed, failures):
    """A life for each of the points on one store; what is not passed so often is tried from the first passage on."""
    try:
        with data_directory() as data:
            lives = Lives(data)
            await lives.prepare()
            for point in points:
                for passage, seconds in ((dice.choice(PASSAGES), SOON), (1, LONGEST)):
                    if await lives.live(environment(PARLEY_FAILPOINT=f"{point}:{passage}"), ended_within(seconds, point, failures)):
                        break
                else:
                    missed.append(point)
            await lives.finish()
            return lives.history
    finally:
        await kill_what_runs()


def run(size, server):
    kill9_journey.WRITERS = size.of(smoke=12, full=24)
    points, failures, missed, acked = named("failpoint"), [], [], 0
    rounds = size.of(smoke=1, full=50)
    with planted_server():
        for number in range(rounds):
            dice = size.dice("failpoints", number)
            kill9_journey.SEED = dice.randrange(1, 2**31)
            dice.shuffle(points)
            try:
                with contextlib.redirect_stdout(io.StringIO()):
                    history = asyncio.run(series(points, dice, missed, failures))
                failures += [f"round {number}: {fault}" for fault in judge(history)]
                acked += sum(bool(send.acks) for send in history.sends.values())
            except Exception as fault:
                failures.append(f"round {number}: {type(fault).__name__}: {fault}")
    failures += [f"nobody came past {point}" for point in sorted(set(missed))]
    return Outcome(rounds * len(points) - len(missed), "ends at failpoints", failures,
                   f"{len(points)} failpoints, {acked:,} acknowledged messages of {kill9_journey.WRITERS} writers", bounded=True)
