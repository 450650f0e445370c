# What a row of the proof is given and what it gives back.
import dataclasses
import random


@dataclasses.dataclass(frozen=True)
class Size:
    """How much a row tries."""

    name: str        # "smoke" or "full"
    seed: int        # everything random in a row follows from it
    seconds: float   # after that the row is killed and counts as failed

    def of(self, smoke, full):
        """The first in a smoke run, the second in a full one."""
        return full if self.name == "full" else smoke

    def patience(self, seconds):
        """The seconds in a full run; in a smoke run, beside which the machine does much else, so many that only a standstill fails."""
        return self.of(seconds * 20, seconds)

    def dice(self, *names):
        """A generator of its own for each name, so that one more throw here changes nothing there."""
        return random.Random(" ".join(map(str, (self.seed, *names))))


@dataclasses.dataclass
class Outcome:
    """What came of a row. Each failure says what is needed to repeat it: a seed, the number of an image, a case."""

    tried: int
    what: str                                      # what was tried so often, in plural: "power cuts"
    failures: list = dataclasses.field(default_factory=list)
    notes: str = ""
    bounded: bool = False  # each was thrown by chance and judged by itself: so many without a failure bound how often one comes


class NotHere(Exception):
    """The row cannot be run on this machine; the text says what is missing. It counts as neither passed nor failed."""


class NotRun(Exception):
    """The row reports what another command found, and that was not run; the text names it. It counts as neither, too."""
