# Runs the simulated engine from seeds, and finds out how little of a run still breaks a promise.
import dataclasses
import os
import re
import subprocess

STEPS = 12_000     # that a seed takes when nothing is left out
HAPPENINGS = ["crash", "fail", "cool", "erase", "hold", "sleep", "leave", "rest", "wait"]  # of tests/simulation_test.cpp; without the others nothing happens at all
FAILED = re.compile(r"PARLEY_SEED=(\d+) PARLEY_SEEDS=1 repeats this")
FINGERPRINT = re.compile(r"fingerprint (\d+)")


@dataclasses.dataclass(frozen=True)
class Run:
    """So many seeds from the first, or of a single one some steps only."""

    seed: int
    count: int = 1
    steps: tuple = tuple(range(STEPS))
    without: tuple = ()
    overlooked: int = 0  # the number of an event that a device does not notice: a fault that is planted

    def settings(self):
        """The environment that makes the program do this."""
        said = {"PARLEY_SEED": str(self.seed), "PARLEY_SEEDS": str(self.count)}
        if len(self.steps) < STEPS:
            said["PARLEY_STEPS"] = ",".join(f"{first}-{last}" for first, last in ranges(self.steps))
        if self.without:
            said["PARLEY_WITHOUT"] = ",".join(self.without)
        if self.overlooked:
            said["PARLEY_OVERLOOKED"] = str(self.overlooked)
        return said

    def command(self, program):
        """What repeats it, for a shell."""
        return " ".join([*(f"{name}={value}" for name, value in self.settings().items()), str(program)])


def ranges(steps):
    """Numbers in rising order as pairs: each first one, and the one behind the last."""
    pairs = []
    for step in steps:
        if pairs and pairs[-1][1] == step:
            pairs[-1][1] = step + 1
        else:
            pairs.append([step, step + 1])
    return pairs


@dataclasses.dataclass(frozen=True)
class Came:
    """What came of a run."""

    fingerprint: int | None  # of everything that happened; None when it failed
    failed: int | None       # the seed that did
    words: str


def came_of(program, run):
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")}
    done = subprocess.run([str(program)], env={**plain, **run.settings()}, text=True, capture_output=True)
    words = done.stdout + done.stderr
    if done.returncode == 0:
        return Came(int(FINGERPRINT.search(words)[1]), None, words)
    seed = FAILED.search(words)
    return Came(None, int(seed[1]) if seed else run.seed, words)


class Shrinking:
    """Takes away from a run that fails what it fails without."""

    def __init__(self, program, run, tries):
        self.program, self.run, self.tries = program, run, tries
        self.came = came_of(program, run)

    def take(self, **less):
        """Whether it still fails with less in it; then that is the run from now on."""
        if self.tries == 0:
            return False
        self.tries -= 1
        run = dataclasses.replace(self.run, **less)
        came = came_of(self.program, run)
        if came.failed is not None:
            self.run, self.came = run, came
        return came.failed is not None

    def shorten(self):
        least, most = 0, len(self.run.steps)
        while least < most:
            middle = (least + most) // 2
            if self.take(steps=self.run.steps[:middle]):
                most = middle
            else:
                least = middle + 1

    def leave_out(self):
        for happening in HAPPENINGS:
            self.take(without=(*self.run.without, happening))

    def thin_out(self):
        piece = len(self.run.steps) // 2
        while piece > 0:
            start = 0
            while start < len(self.run.steps):
                if not self.take(steps=self.run.steps[:start] + self.run.steps[start + piece:]):
                    start += piece
            piece //= 2


def shrunk(program, run, tries=300):
    """The least of a run that fails as can be found in so many tries, and what came of that."""
    less = Shrinking(program, run, tries)
    less.shorten()
    less.leave_out()
    less.thin_out()
    return less.run, less.came
