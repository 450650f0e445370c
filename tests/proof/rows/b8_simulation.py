# B8: the engine with its store on one thread, from seeds: random order, failing appends, crashes, jumps of the clock; and the oracle.
import concurrent.futures
import os

from row import NotHere, Outcome
from simulated import STEPS, Run, came_of, shrunk

SHRUNK = 3      # failures that are made small


def told(program, seed):
    """A failure with what is left of it when all goes that it does without."""
    least, came = shrunk(program, Run(seed))
    return f"{least.command(program)}: {' '.join(came.words.split())[-600:]}"


def run(size, server):
    program = server.parent / "parley_simulation"
    if not program.exists():
        raise NotHere(f"no {program.name} beside the server")
    first, count, at_once, again = size.seed * 1_000_000, size.of(84, 8_400), size.of(84, 420), size.of(6, 200)
    chunks = [Run(first + seed, at_once) for seed in range(0, count, at_once)]
    twice = [Run(first + seed) for seed in range(0, count, count // again)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        came = list(pool.map(lambda each: came_of(program, each), [*chunks, *twice, *twice]))
    once, pairs = came[:len(chunks)], zip(twice, came[len(chunks):], came[len(chunks) + len(twice):])
    failed = sorted({each.failed for each in came} - {None})
    failures = [told(program, seed) for seed in failed[:SHRUNK]] + [Run(seed).command(program) for seed in failed[SHRUNK:]]
    failures += [f"{each.command(program)} did not do the same twice" for each, one, other in pairs if one.fingerprint != other.fingerprint]
    through = sum(each.failed - chunk.seed + 1 if each.failed else chunk.count for chunk, each in zip(chunks, once))
    return Outcome(through * STEPS, "steps", failures,
                   f"{through:,} seeds; {len(twice)} were run in two processes, to the same fingerprint of all that happened; commands come in decoded and "
                   "envelopes go out as bytes: sockets and the decoder of commands are not part of it, but of the journeys and of G", bounded=True)
