# G4: what reads foreign bytes, under the sanitizers, with inputs that follow from the corpus wherever they lead to new code.
import concurrent.futures
import os
import pathlib
import sys

from row import NotHere, Outcome

ROOT = pathlib.Path(__file__).resolve().parents[3]
PROGRAM = ROOT / "build/asan/parley_fuzz"
sys.path.insert(0, str(ROOT / "tests/fuzz"))

import fuzz  # noqa: E402: only now is it found

AT_ONCE = min(os.cpu_count() or 1, 4)
SHARE = 0.8  # of the row's time: setting up and coming to an end take some, too


def run(size, server):
    if not PROGRAM.exists():
        raise NotHere("there is no build/asan/parley_fuzz, which `./dev prove` and `./dev build asan` make with clang")
    decoders = fuzz.decoders()
    seconds = size.of(None, int(size.seconds * SHARE * AT_ONCE / len(decoders)))
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        sessions = list(pool.map(lambda name: fuzz.run(PROGRAM, name, seconds, size.seed), decoders))
    figures = [f"{one.decoder} {one.executions:,} inputs and {one.edges:,} edges" for one in sessions]
    return Outcome(sum(one.executions for one in sessions), "inputs", [one.finding for one in sessions if one.finding],
                   f"seed {size.seed}, {f'{seconds} s each' if seconds else 'the inputs of a test run'}: {', '.join(figures)}")
