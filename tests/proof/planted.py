# The build that has planted faults (actors/fault.hpp), and which ones there are.
import contextlib
import pathlib
import re

from row import NotHere
from talk import environment

ROOT = pathlib.Path(__file__).resolve().parents[2]
LAYERS = ("actors", "persistence", "engine", "transport")
MARK = b"PARLEY_FAILPOINT"  # what a build without them does not even contain


def has_faults(server):
    """Whether faults can be planted in this binary."""
    return MARK in pathlib.Path(server).read_bytes()


@contextlib.contextmanager
def planted_server(preset="asan"):
    """Its path; meanwhile every server that is started is this one."""
    path = ROOT / f"build/{preset}/parleyd"
    if not path.exists() or not has_faults(path):
        raise NotHere(f"no server with planted faults at build/{preset}, which `./dev build asan` and `./dev tsan` make")
    with environment(PARLEYD=path, PARLEYD_RELEASE=path):
        yield path


def named(kind):
    """The names of all `failpoint`s, or all `mutant`s, in the sources."""
    sources = [path for layer in LAYERS for path in (ROOT / layer).rglob("*.[ch]pp")]
    return sorted({name for path in sources for name in re.findall(rf'\b{kind}\("([a-z_.]+)"', path.read_text())})
