# What other commands have left of this very commit: results of test runs and of the linter.
import pathlib
import xml.etree.ElementTree

from prove import ROOT, commit
from row import NotRun, Outcome


def left(preset, name, command):
    """The file that the command has left; raises NotRun when it did not run of this commit, unchanged."""
    path = ROOT / "build" / preset / name.format(commit=commit())
    if "+" in path.name or not path.exists():
        raise NotRun(f"`{command}` has not been run of this commit")
    return path


def left_out(case):
    """Whether a test said itself that it has no business here; one that could not be started did not."""
    skipped = case.find("skipped")
    return skipped is not None and skipped.get("message").startswith("SKIP_RETURN_CODE")


def tests_run(preset, command):
    """What came of the whole suite as this preset has it."""
    suite = xml.etree.ElementTree.parse(left(preset, "results-{commit}.xml", command)).getroot()
    cases = [case for case in suite.iter("testcase") if not left_out(case)]
    failed = [case.get("name") for case in cases if case.get("status") != "run"]
    return Outcome(len(cases), "tests", failed, f"`{command}` of {suite.get('timestamp')}: {float(suite.get('time')):.0f} s")
