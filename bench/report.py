#!/usr/bin/python3
# Asks the load client everything in workloads.py, the contestants in turns, and writes bench/RESULTS.md and its plots.
import argparse
import datetime
import hashlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

from figures import Results
from plot import write_plots
from render import report
from workloads import CONTESTANTS, GROWTHS, TARGETS, WORKLOADS

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAMS = ("parleyd", "parley_load", "parley_floor")
USAGE_FAULT = 100  # CLI11's exit codes begin here: this load client does not know the question or an option
TRIES = 2  # rounds in which a contestant may fail before it is left out


class CallFailed(Exception):
    """A call of the load client gave no figures; the text says why."""

    def __init__(self, why, is_final=False):
        super().__init__(why)
        self.is_final = is_final  # it would fail in the next round too


# --- One call ---------------------------------------------------------------------------------------------------------


def command_of(workload, contestant, options):
    store = ROOT / "build/bench" / ("store-quick" if options.quick else "store")
    arguments = [each.format(build=options.build, store=store) for each in workload.arguments + contestant.arguments]
    return [str(options.build / "parley_load"), workload.question, *arguments,
            "--dir", str(options.dir), "--runs", "1", "--poll", "--json", *(["--quick"] if options.quick else [])]


def description_of(contestant):
    """What a peer says about its version and its store; None for others and for one that is not installed."""
    if "--peer" not in contestant.arguments:
        return None
    script = ROOT / "bench/peers" / contestant.arguments[1] / "start"
    try:
        done = subprocess.run([script, "--describe", "yes" if contestant.durable else "no"], text=True, timeout=60,
                              capture_output=True, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return last_line(done.stdout)


def last_line(text):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    # CLI11 ends with a line that only points to --help.
    lines = [line for line in lines if not line.startswith("Run with --help")]
    return lines[-1] if lines else "it said nothing"


def finish(process, patience):
    """What the process wrote to its two outputs; it gets no longer than `patience` seconds."""
    try:
        return process.communicate(timeout=patience)
    except subprocess.TimeoutExpired:
        raise CallFailed(f"no answer within {patience} s") from None
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)  # it ends its server
            try:
                process.communicate(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()


def call(command, patience):
    """The objects that the load client prints, one a line."""
    process = subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    output, errors = finish(process, patience)
    if process.returncode != 0:
        raise CallFailed(last_line(errors or output), is_final=process.returncode >= USAGE_FAULT)
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


def records_of(objects, workload, contestant, number):
    """The lines to be kept of one call: the machine's facts, and a row for each row of the answer."""
    rows = [each for each in objects if "figures" in each]
    if not rows:
        raise CallFailed("it answered no row")
    keys = {"workload": workload.name, "contestant": contestant.name, "round": number}
    kept = [{"kind": "machine", "machine": each["machine"]} for each in objects if "machine" in each]
    return kept + [{"kind": "row", **keys, "row": index, "figures": each["figures"], "remark": each["remark"]}
                   for index, each in enumerate(rows)]


# --- All of them ------------------------------------------------------------------------------------------------------


class Run:
    """Goes through the rounds and keeps each call's rows as soon as they are there; goes on where it was stopped."""

    def __init__(self, options, ask=call):
        self.options, self.ask = options, ask
        self.faults = {}
        self.records = read_records(options.rows)
        self.results = Results(self.records)

    def keep(self, records):
        self.options.rows.parent.mkdir(parents=True, exist_ok=True)
        with self.options.rows.open("a", encoding="utf-8") as file:
            file.write("".join(json.dumps(each, ensure_ascii=False) + "\n" for each in records))
        self.records += records

    def measure(self, workloads):
        ends = time.monotonic() + self.options.minutes * 60
        for number in range(1, self.options.rounds + 1):
            for workload in workloads:
                for name in in_turn(workload.contestants, number):
                    if time.monotonic() > ends:
                        say("out of time; the same command goes on from here")
                        return
                    self.measure_one(workload, CONTESTANTS[name], number)

    def measure_one(self, workload, contestant, number):
        key = workload.name, contestant.name
        if self.results.done(*key, number) or self.faults.get(key, 0) >= TRIES:
            return
        say(f"round {number}: {workload.name}, {contestant.name}")
        try:
            objects = self.ask(command_of(workload, contestant, self.options), workload.patience)
            self.keep(records_of(objects, workload, contestant, number))
        except CallFailed as failure:
            say(f"  {failure}")
            self.faults[key] = TRIES if failure.is_final else self.faults.get(key, 0) + 1
            self.keep([{"kind": "failure", "workload": workload.name, "contestant": contestant.name,
                        "round": number, "why": str(failure)}])


def in_turn(contestants, number):
    """Each round begins with another, so that none always comes first."""
    first = (number - 1) % len(contestants)
    return contestants[first:] + contestants[:first]


def read_records(path):
    """What is kept so far; a last line that was cut off does not count."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").split("\n")
    if lines[-1]:
        path.write_text("".join(line + "\n" for line in lines[:-1]), encoding="utf-8")
    return [json.loads(line) for line in lines[:-1]]


def chosen(only):
    """The workloads whose name or question is among `only`, with the disk and the log; all when it is empty."""
    wanted = {*only, "disk", "log"}
    unknown = wanted - {each.name for each in WORKLOADS} - {each.question for each in WORKLOADS}
    if unknown:
        sys.exit(f"report: no such workload or question: {', '.join(sorted(unknown))}")
    return [each for each in WORKLOADS if not only or each.name in wanted or each.question in wanted]


# --- What is measured -------------------------------------------------------------------------------------------------


def git(*arguments):
    done = subprocess.run(["git", *arguments], cwd=ROOT, text=True, capture_output=True, check=False)
    return done.stdout.strip()


def commit():
    """The commit, marked when the tree differs from it in more than these results."""
    changed = git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!bench/RESULTS.md", ":!bench/plots")
    return (git("rev-parse", "--short", "HEAD") or "unknown") + ("-changed" if changed else "")


def rows_file(options):
    """A file for each commit, set of programs and length of windows: what was measured of another is never mixed in."""
    programs = hashlib.sha256()
    for name in PROGRAMS:
        programs.update((options.build / name).read_bytes())
    return ROOT / "build/bench" / f"{commit()}-{programs.hexdigest()[:8]}{'-quick' if options.quick else ''}.jsonl"


def newest_rows(options):
    found = sorted((ROOT / "build/bench").glob("*.jsonl"), key=lambda path: path.stat().st_mtime)
    found = [path for path in found if path.stem.endswith("-quick") == options.quick]
    return found[-1] if found else sys.exit("report: nothing has been measured yet")


def write_report(rows, output):
    results = Results(read_records(rows))
    plots = write_plots(results, output.parent / "plots")
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(report(results, WORKLOADS, TARGETS, GROWTHS, plots), encoding="utf-8")
    say(f"wrote {os.path.relpath(output, ROOT)} from {os.path.relpath(rows, ROOT)}")


# --- Command line -----------------------------------------------------------------------------------------------------


def say(words):
    print(words, file=sys.stderr, flush=True)


def read_options():
    parser = argparse.ArgumentParser(prog="./dev bench", description="Measures, and writes a report.")
    parser.add_argument("--quick", action="store_true", help="one round of short windows, kept out of RESULTS.md")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="of these workloads or questions")
    parser.add_argument("--rounds", type=int, help="how often each is measured (5; quick 1)")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="begin no call after so long")
    parser.add_argument("--fresh", action="store_true", help="forget what was measured of this commit")
    parser.add_argument("--report-only", action="store_true", help="measure nothing, write the report again")
    parser.add_argument("--rows", type=pathlib.Path, help="the file of rows (build/bench/…)")
    parser.add_argument("--output", type=pathlib.Path, help="the report (bench/RESULTS.md; quick build/bench/)")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release", help="where the programs are")
    parser.add_argument("--dir", type=pathlib.Path, default=pathlib.Path("/tmp"), help="which disk is measured")
    options = parser.parse_args()
    options.rounds = options.rounds or (1 if options.quick else 5)
    options.rows = options.rows or (newest_rows(options) if options.report_only else rows_file(options))
    options.output = options.output or ROOT / ("build/bench/quick.md" if options.quick else "bench/RESULTS.md")
    return options


def main():
    options = read_options()
    if options.fresh and not options.report_only:
        options.rows.unlink(missing_ok=True)
    if not options.report_only:
        run = Run(options)
        run.keep([{"kind": "run", "at": datetime.date.today().isoformat(), "commit": commit(), "quick": options.quick,
                   "load": os.getloadavg()[0]}])
        run.keep([{"kind": "peer", "contestant": name, "about": about} for name, each in CONTESTANTS.items()
                  if (about := description_of(each))])
        try:
            run.measure(chosen(options.only))
        except KeyboardInterrupt:
            say("interrupted; the same command goes on from here")
    write_report(options.rows, options.output)


if __name__ == "__main__":
    main()
