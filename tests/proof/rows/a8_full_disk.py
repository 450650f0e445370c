# A8: disks that run full and get room again, under a server at work and under one that is killed.
import asyncio
import contextlib
import ctypes
import errno
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

from client import Client
from oracle import History, judge
from row import NotHere, Outcome
from storage_journey import fill, reads_go_on, sends_come_back
from support import Server, require

NEW_MOUNTS = 0x20000     # CLONE_NEWNS of linux/sched.h
SIZES = (24, 28, 32)     # MiB
TIMES = 2                # that a disk runs full: under a server that goes on, and under one that is killed
LITTLE = 64 << 10        # bytes that may be left of a full disk


def apart():
    """Mounts of this process are its own from here on, and go with it."""
    library = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() != 0 or library.unshare(NEW_MOUNTS) != 0:
        raise NotHere("a small disk takes root and a mount name space")
    command("mount", "--make-rprivate", "/")


def command(*words):
    done = subprocess.run(words, text=True, capture_output=True)
    if done.returncode != 0:
        raise NotHere(f"{' '.join(words)}: {done.stderr.strip()}")


@contextlib.contextmanager
def disk(kind, mebibytes):
    """A small file system; LMDB's files do not fill all of it at once."""
    place = pathlib.Path(tempfile.mkdtemp(prefix="disk-"))
    try:
        if kind == "tmpfs":
            command("mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs", str(place))
        else:
            image = place.with_suffix(".img")
            with open(image, "wb") as file:
                file.truncate(mebibytes << 20)
            command("mkfs.ext4", "-q", "-m", "0", str(image))
            command("mount", "-o", "loop", str(image), str(place))
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], capture_output=True)
        shutil.rmtree(place, ignore_errors=True)


class Ballast:
    """A file that takes room away, which can be given back at once."""

    def __init__(self, path):
        self.path = path

    def take(self, most=1 << 40):
        """So much, or all there is but a little."""
        taken, step = 0, 1 << 20
        with open(self.path, "wb") as file:
            while step >= LITTLE and taken + step <= most:
                try:
                    os.posix_fallocate(file.fileno(), taken, step)
                    taken += step
                except OSError as why:
                    if why.errno != errno.ENOSPC:
                        raise
                    step //= 2

    def give_back(self):
        self.path.unlink()


async def full_and_free_again(place, ballast_bytes):
    """A server on a disk that runs full twice, the second time with a kill; the oracle judges what was acknowledged."""
    data, ballast, history = place / "data", Ballast(place / "ballast"), History()
    data.mkdir(mode=0o700)
    ballast.take(ballast_bytes)
    server = await Server(data).start()
    tokens = await server.tokens(["alice", "bob"])
    room, total = None, 0
    for life in ("goes on", "is killed"):
        alice = await Client.open(server, tokens["alice"], trace=history.session("alice", f"alice while it {life}"))
        room = room or (await alice.ask("create", kind="direct", with_="bob"))["conversation"]
        total += await fill(alice, room, f"{life}-")
        await reads_go_on(server, tokens, room, total)
        if life == "is killed":
            await server.kill()
            server = await Server(data).start()
            alice = await Client.open(server, tokens["alice"], trace=history.session("alice", "alice after the kill"))
            await reads_go_on(server, tokens, room, total)
        ballast.give_back()
        await sends_come_back(alice, room, f"room again: {life}")
        history.final[room] = await alice.pull(room, 0)
        ballast.take()
    faults = judge(history)
    require(not faults, "nothing acknowledged was lost", [str(fault) for fault in faults[:5]])
    ballast.give_back()
    await server.stop()
    await server.check()


def on_one_disk(kind, mebibytes, ballast):
    """What went wrong on it."""
    try:
        with disk(kind, mebibytes) as place:
            asyncio.run(full_and_free_again(place, ballast << 20))
        return []
    except NotHere:
        raise
    except Exception as fault:
        return [f"{kind} of {mebibytes} MiB, ballast {ballast} MiB: {type(fault).__name__}: {fault}"]
    finally:
        end_servers()


def end_servers():
    for server in list(Server.running):
        with contextlib.suppress(ProcessLookupError):  # it ended by itself
            os.kill(server.pid, signal.SIGKILL)
        Server.running.remove(server)


def run(size, server):
    apart()
    dice = size.dice("disks")
    failures, tried, left_out = [], 0, ""
    for number in range(size.of(smoke=2, full=40)):
        kind = ("tmpfs", "ext4")[number % 2]
        try:
            mebibytes = dice.choice(SIZES)
            failures += on_one_disk(kind, mebibytes, dice.randrange(8, mebibytes - 12))
            tried += TIMES
        except NotHere as why:
            left_out = f"; not on {kind}: {why}"
    return Outcome(tried, "full disks", failures, f"with a server that goes on, and with one that is killed on them{left_out}", bounded=True)
