# I5: compilers' warnings are errors anyhow; clang-tidy, the format and the rules of the house, as the linter's last run over all of this commit has them.
import subprocess

from left import left
from prove import ROOT
from row import Outcome

COMMAND = "./dev lint --all"


def run(size, server):
    status = left("lint", "status-{commit}", COMMAND).read_text().strip()
    sources = subprocess.run(["git", "-C", str(ROOT), "ls-files", "*.cpp"], text=True, capture_output=True, check=True).stdout.split()
    return Outcome(len(sources), "sources", [] if status == "0" else [f"`{COMMAND}` ended with {status}"])
