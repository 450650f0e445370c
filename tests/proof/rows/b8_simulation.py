# B8: the engine with its store on one thread, from seeds: random order, failing appends, crashes, jumps of the clock; and the oracle.
import concurrent.futures
import os

from row import NotHere, Outcome
from simulated import STEPS, Run, came_of, shrunk

SEEDS = 42      # in one process
AGAIN = 10      # every so-manieth process is started twice: the same must happen in both
SHRUNK = 3      # failures that are made small


def told(program, run):
    """A failure with what is left of it when all goes that it does without."""
    least, came = shrunk(program, run)
    return f"{least.command(program)}: {' '.join(came.words.split())[:1500]}"


def run(size, server):
    program = server.parent / "parley_simulation"
    if not program.exists():
        raise NotHere(f"no {program.name} beside the server")
    chunks = [Run(size.seed * 1_000_000 + first, SEEDS) for first in range(0, size.of(84, 8_400), SEEDS)]
    twice = chunks[::AGAIN]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        came = list(pool.map(lambda each: came_of(program, each), chunks + twice))
    once, again = came[:len(chunks)], came[len(chunks):]
    failed = [each.failed for each in once if each.failed is not None]
    failures = [told(program, Run(seed)) for seed in failed[:SHRUNK]] + [f"PARLEY_SEED={seed}" for seed in failed[SHRUNK:]]
    failures += [f"{each.command(program)} did not do the same twice" for each, one, other in zip(twice, once[::AGAIN], again)
                 if one.fingerprint != other.fingerprint]
    return Outcome(len(chunks) * SEEDS * STEPS, "steps", failures, f"{len(chunks) * SEEDS:,} seeds; {len(twice) * SEEDS} of them twice, to the same fingerprint of all that happened; "
                   "commands come in decoded and envelopes go out as bytes: sockets and the decoder of commands are the journeys' and G's")
