#!/usr/bin/python3
# Runs the fuzzer of one decoder from its corpus, which is only read, and says how far it came.
import argparse
import dataclasses
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
CORPUS = HERE / "corpus"
LONGEST = 4096     # bytes of an input
PATIENCE = 30      # seconds for one input
MEMORY = 1024      # MiB that a decoder and its sanitizers may take
OPTIONS = {"ASAN_OPTIONS": "strict_string_checks=1:detect_stack_use_after_return=0", "UBSAN_OPTIONS": "print_stacktrace=1"}
# What sets up much for each input has fewer of them in a test run.
RUNS = {"config": 300, "import": 500, "rest": 4_000, "websocket": 2_000}
MOST_RUNS = 10_000


def decoders():
    """Their names: each has a corpus."""
    return sorted(each.name for each in CORPUS.iterdir())


@dataclasses.dataclass
class Session:
    """What came of one decoder."""

    decoder: str
    said: str
    ended: int

    def figure(self, pattern):
        found = re.findall(pattern, self.said)
        return int(found[-1]) if found else 0

    @property
    def executions(self):
        return self.figure(r"number_of_executed_units:\s*(\d+)")

    @property
    def edges(self):
        return self.figure(r"\bcov: (\d+)")

    @property
    def finding(self):
        """What is wrong, with the input that shows it; nothing when nothing is."""
        if self.ended == 0 and self.executions:
            return ""
        told = [line for line in self.said.splitlines() if re.search(r"ERROR|SUMMARY|broken promise|runtime error|Base64", line)]
        return f"{self.decoder} ended with {self.ended}: " + ("; ".join(told) or self.said[-1000:])


def run(program, decoder, seconds=None, seed=1):
    """For so long, or without a time with so many inputs as a test run has."""
    limit = f"-max_total_time={seconds}" if seconds else f"-runs={RUNS.get(decoder, MOST_RUNS)}"
    with tempfile.TemporaryDirectory(prefix="parley-fuzz-") as place:
        found = pathlib.Path(place) / "found"
        found.mkdir()
        done = subprocess.run([str(program), f"--decoder={decoder}", f"-seed={seed}", f"-max_len={LONGEST}", f"-timeout={PATIENCE}",
                               f"-rss_limit_mb={MEMORY}", "-print_final_stats=1", f"-artifact_prefix={place}/", limit, str(found),
                               str(CORPUS / decoder)],
                              env={**OPTIONS, **os.environ, "TMPDIR": place}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return Session(decoder, done.stdout.decode(errors="replace"), done.returncode)


def main():
    options = argparse.ArgumentParser(description="Runs the fuzzer of one decoder.")
    options.add_argument("program", type=pathlib.Path)
    options.add_argument("decoder", choices=decoders())
    options.add_argument("--seconds", type=int, help="how long, instead of the same inputs in each run")
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    session = run(given.program, given.decoder, given.seconds, given.seed)
    if session.finding:
        sys.exit(f"{session.said}\n{session.finding}")
    print(f"{given.decoder}: {session.executions:,} inputs, {session.edges:,} edges")


if __name__ == "__main__":
    main()
