# Two network namespaces with a cable between them: a server in one, its clients in the other, and a cable that can be pulled out.
import contextlib
import ctypes
import os
import subprocess
import time

import row

NEW_NETWORK = 0x40000000  # CLONE_NEWNET
SERVER, CLIENTS = "198.18.77.1", "198.18.77.2"  # RFC 2544: for tests of networks


def ip(*words, check=True):
    return subprocess.run(["ip", *words], capture_output=True, text=True, check=check)


class Cable:
    """The two namespaces. Names have the process's id in them, so that runs do not meet."""

    def __init__(self):
        self.here, self.there = f"parley{os.getpid()}a", f"parley{os.getpid()}b"
        self.ends = f"pa{os.getpid()}", f"pb{os.getpid()}"

    def lay(self):
        try:
            for name in (self.here, self.there):
                ip("netns", "add", name)
            ip("link", "add", self.ends[0], "netns", self.here, "type", "veth", "peer", "name", self.ends[1], "netns", self.there)
            for name, end, address in ((self.here, self.ends[0], SERVER), (self.there, self.ends[1], CLIENTS)):
                ip("-n", name, "address", "add", f"{address}/30", "dev", end)
                ip("-n", name, "link", "set", end, "up")
                ip("-n", name, "link", "set", "lo", "up")
        except (OSError, subprocess.CalledProcessError) as why:
            self.take_away()
            raise row.NotHere(f"no network namespaces: {getattr(why, 'stderr', why)}") from None

    def take_away(self):
        for name in (self.here, self.there):
            with contextlib.suppress(OSError):
                ip("netns", "delete", name, check=False)

    def pull(self):
        ip("-n", self.there, "link", "set", self.ends[1], "down")

    def plug(self):
        ip("-n", self.there, "link", "set", self.ends[1], "up")

    def cut_for(self, seconds):
        """Out and in again; for a thread of its own, since a connect that waits holds up everything else."""
        self.pull()
        time.sleep(seconds)
        self.plug()

    def wrapper(self, before=""):
        """The line that starts a server in its namespace."""
        return f'exec ip netns exec {self.here} env {before} {{server}} "$@"'


@contextlib.contextmanager
def cable():
    """A cable, and this thread on the clients' end of it."""
    made = Cable()
    made.lay()
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        there = os.open(f"/run/netns/{made.there}", os.O_RDONLY)
        enter(there)
        os.close(there)
        yield made
    finally:
        enter(before)
        os.close(before)
        made.take_away()


def enter(namespace):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(namespace, NEW_NETWORK) != 0:
        raise row.NotHere(f"no way into a network namespace: {os.strerror(ctypes.get_errno())}")
