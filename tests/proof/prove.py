#!/usr/bin/python3
# Puts Parley's promises to the test, row by row, and says what was tried, what failed and what follows.
import argparse
import hashlib
import json
import math
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from catalogue import CATALOGUE, rows_named
from report import bound, machine, write_report

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
KEPT = ROOT / "build/proof"
SEEDS = {"smoke": 1, "full": 2}  # fixed, so that a run can be repeated; --seed tries others
FULL_HOURS = 2                   # after that no row goes on; the same command does later
FAILURES_SHOWN = 5
MEMORY = "/dev/shm"            # rows that need a tmpfs get a directory there


# --- What is kept ---------------------------------------------------------------------------------


def commit():
    """The commit the tree is at, with a plus when it has been changed since."""
    def git(*words):
        return subprocess.run(["git", "-C", str(ROOT), *words], text=True, capture_output=True, check=True).stdout
    try:
        return git("rev-parse", "--short=12", "HEAD").strip() + ("+" if git("status", "--porcelain").strip() else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def digest_of(program):
    """The first half of the program's SHA-256: results belong to one program."""
    with open(program, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:32]


class Kept:
    """Results of one commit, program and size, in a file that is complete at any moment."""

    def __init__(self, path, about):
        self.path = path
        self.content = {**about, "rows": {}}
        if path.exists():
            found = json.loads(path.read_text())
            if all(found.get(name) == about[name] for name in ("commit", "server", "size", "seed")):
                self.content = found

    def passed(self, row):
        """Whether it passed before, with exactly this tree."""
        return not self.content["commit"].endswith("+") and self.content["rows"].get(row.id, {}).get("status") == "passed"

    def put(self, row, result):
        self.content["rows"][row.id] = result
        self.path.parent.mkdir(parents=True, exist_ok=True)
        beside = self.path.with_suffix(".part")
        beside.write_text(json.dumps(self.content, indent=1))
        beside.replace(self.path)


# --- One row --------------------------------------------------------------------------------------


def end_all(process):
    """Ends the row's process and whatever it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def run_row(row, options, left=math.inf):
    """Runs the row in a process and a temporary directory of its own, for `left` seconds at most."""
    if row.module is None:
        return {"status": "not built", "notes": row.stands_in}
    seconds = row.full if options.size == "full" else row.smoke
    place = pathlib.Path(tempfile.mkdtemp(prefix=f"parley-proof-{row.id}-"))
    memory = pathlib.Path(tempfile.mkdtemp(prefix=f"parley-proof-{row.id}-", dir=MEMORY)) if os.path.isdir(MEMORY) else place / "none"
    begun = time.monotonic()
    try:
        result = watch(row, options, place, memory, seconds, left)
    finally:
        shutil.rmtree(place, ignore_errors=True)
        shutil.rmtree(memory, ignore_errors=True)
    return {**result, "seconds": round(time.monotonic() - begun, 1)}


def watch(row, options, place, memory, seconds, left):
    into = place / "outcome.json"
    command = [sys.executable, "-B", str(HERE / "one_row.py"), str(row.module), "--size", options.size,
               "--seed", str(options.seed), "--seconds", str(seconds), "--server", str(options.server),
               "--into", str(into)]
    with open(place / "said", "w+b") as said:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True,
                                   env={**os.environ, "TMPDIR": str(place), "PROOF_MEMORY": str(memory)})
        try:
            process.wait(min(seconds, left))
            why = f"the row ended with {process.returncode} and said nothing"
        except subprocess.TimeoutExpired:
            if left < seconds:
                return {"status": "not run", "notes": "the run's time was over before it was done"}
            why = f"not done within {seconds:.0f} s"
        finally:
            end_all(process)
        if into.exists():
            return json.loads(into.read_text())
        said.seek(0)
        last = said.read()[-4000:].decode(errors="replace")
    return {"status": "failed", "tried": 0, "what": "", "failures": [why], "notes": last}


# --- What is printed ------------------------------------------------------------------------------


def line_of(row, result):
    """One line for one row."""
    start = f"{result['status']:<9} {row.id:<4} {row.title}"
    if result["status"] in ("not built", "not here", "not run"):
        return f"{start}: {result['notes']}" if result["notes"] else start
    counted = f"{result['tried']:,} {result['what']}, {len(result['failures'])} failed" if result["tried"] else "nothing tried"
    follows = f"; {bound(result)}" if bound(result) else ""
    return f"{start}: {counted}{follows} ({result['seconds']:.0f} s)"


def tell(row, result):
    print(line_of(row, result), flush=True)
    if result["status"] == "passed" and result["notes"]:
        print(f"               {result['notes']}", flush=True)
    if result["status"] != "failed":
        return
    for failure in result["failures"][:FAILURES_SHOWN]:
        print(f"          - {failure}", flush=True)
    if len(result["failures"]) > FAILURES_SHOWN:
        print(f"          - and {len(result['failures']) - FAILURES_SHOWN} more", flush=True)
    for each in result["notes"].splitlines():
        print(f"          | {each}", flush=True)


# --- All of them ----------------------------------------------------------------------------------


def prove(options):
    """Runs what is asked for; returns the results by row."""
    about = {"commit": commit(), "server": digest_of(options.server), "size": options.size, "seed": options.seed,
             "machine": machine(tempfile.gettempdir())}
    kept = Kept(options.state or KEPT / about["commit"] / f"{options.size}.json", about)
    end = time.monotonic() + FULL_HOURS * 3600 if options.size == "full" else math.inf
    results = {}
    for row in rows_named(options.only) if options.only else CATALOGUE:
        if options.size == "full" and kept.passed(row) and not options.again:
            results[row.id] = kept.content["rows"][row.id]
        elif (left := end - time.monotonic()) <= 0:
            print(f"stopped after {FULL_HOURS} hours; the same command goes on", flush=True)
            break
        else:
            results[row.id] = run_row(row, options, left)
            kept.put(row, results[row.id])
        if not options.json:
            tell(row, results[row.id])
    return results


def summary(results):
    counts = {}
    for result in results.values():
        counts[result["status"]] = counts.get(result["status"], 0) + 1
    return ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))


def parse():
    options = argparse.ArgumentParser(description="Puts Parley's promises to the test, row by row.")
    options.add_argument("size", choices=["smoke", "full"])
    options.add_argument("--only", nargs="+", metavar="ROW", help="ids of the catalogue, as A3")
    options.add_argument("--server", type=pathlib.Path, default=ROOT / "build/release/parleyd")
    options.add_argument("--state", type=pathlib.Path, help="where results are kept (build/proof/COMMIT/SIZE.json)")
    options.add_argument("--seed", type=int)
    options.add_argument("--again", action="store_true", help="also what has passed already")
    options.add_argument("--json", action="store_true", help="print all results as one object at the end")
    options.add_argument("--report", action="store_true", help="write docs/proof.md from what is kept, run nothing")
    given = options.parse_args()
    given.seed = SEEDS[given.size] if given.seed is None else given.seed
    given.server = given.server.resolve()
    if not given.server.exists() and not given.report:
        options.error(f"no server at {given.server}; --server names one")
    return given


def main():
    options = parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # and nothing is left behind
    if options.report:
        state = options.state or KEPT / commit() / f"{options.size}.json"
        if not state.exists():
            sys.exit(f"prove: nothing is kept at {state}")
        write_report(ROOT / "docs/proof.md", json.loads(state.read_text()), CATALOGUE)
        return
    try:
        results = prove(options)
    except ValueError as fault:
        sys.exit(f"prove: {fault}")
    if options.json:
        print(json.dumps(results, indent=1))
    else:
        print(summary(results))
    sys.exit(1 if any(result["status"] == "failed" for result in results.values()) else 0)


if __name__ == "__main__":
    main()
