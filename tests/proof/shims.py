# Compiles what stands between a server and its system, and says where things in memory can be put.
import os
import pathlib
import subprocess
import tempfile

from row import NotHere

SOURCES = pathlib.Path(__file__).resolve().parent / "shim"
LIBRARIES = {"journal": ["-ldl"], "forks": ["-ldl"], "rows": ["-llmdb"], "format": ["-llmdb"]}


def compiled(name):
    """The shared library of shim/NAME.c, compiled at most once in a run."""
    made = pathlib.Path(tempfile.gettempdir()) / f"proof_{name}.so"
    if not made.exists():
        beside = made.with_suffix(f".{os.getpid()}")
        done = subprocess.run(["cc", "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", str(beside),
                               str(SOURCES / f"{name}.c"), *LIBRARIES[name]], text=True, capture_output=True)
        if done.returncode != 0:
            raise RuntimeError(f"shim/{name}.c cannot be compiled: {done.stderr}")
        beside.replace(made)
    return made


def in_memory():
    """A directory on a tmpfs, where no inode number is used twice and everything is quick; the run removes it."""
    named = os.environ.get("PROOF_MEMORY")
    if not named or not os.path.isdir(named):
        raise NotHere("there is no tmpfs at /dev/shm")
    return pathlib.Path(os.path.realpath(named))
