# A11: memory is refused at some moment of a server at work; it ends at once, with a word and a status, and nothing that was acknowledged is lost.
import asyncio
import contextlib
import io
import pathlib
import struct
import tempfile

import kill9_journey
from ground import built
from lives import Lives
from oracle import judge
from row import NotHere, Outcome
from support import Failed, data_directory, kill_what_runs
from talk import environment

STATUS = 2           # of a server that may not go on
AFTER = 2            # seconds until it has ended
LIVES = 10           # on one store
ORDERS = "<qq"       # how many pieces are still given, and how many were refused
NEVER = -1


class Shim:
    """Refuses memory when it is told to."""

    def __init__(self):
        self.file = pathlib.Path(tempfile.mkdtemp(prefix="parley-proof-refuse-")) / "orders"
        self.library = built("refuse.c", shared=True)

    def launching(self):
        self.file.write_bytes(struct.pack(ORDERS, NEVER, 0))
        return environment(LD_PRELOAD=self.library, PROOF_REFUSE=self.file)

    def refuse(self, after):
        with open(self.file, "r+b") as file:
            file.write(struct.pack("<q", after))

    def refused(self):
        return struct.unpack(ORDERS, self.file.read_bytes())[1]


def refusing(shim, dice, failures):
    async def ending(server):
        """Waits for load, has memory refused and looks how that ends it."""
        await asyncio.sleep(dice.uniform(0.4, 0.7))
        after = int(10 ** dice.uniform(0, 4))
        shim.refuse(after)
        try:
            status = await server.wait(AFTER)
        except Failed:
            status = None
        if status != STATUS or "out_of_memory" not in server.words():
            failures.append(f"{after} pieces later: {'it goes on' if status is None else f'status {status}'}, {server.words(300)}")
    return ending


async def series(shim, dice, failures):
    try:
        with data_directory() as data:
            lives, refused = Lives(data), 0
            await lives.prepare()
            for _ in range(LIVES):
                await lives.live(shim.launching(), refusing(shim, dice, failures))
                refused += shim.refused()
            await lives.finish()
            return lives.history, refused
    finally:
        await kill_what_runs()


def run(size, server):
    kill9_journey.WRITERS = 12
    shim, failures, tried, acked = Shim(), [], 0, 0
    for number in range(size.of(smoke=2, full=100)):
        dice = size.dice("memory", number)
        kill9_journey.SEED = dice.randrange(1, 2**31)
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                history, refused = asyncio.run(series(shim, dice, failures))
            failures += [f"series {number}: {fault}" for fault in judge(history)]
            tried, acked = tried + refused, acked + sum(bool(send.acks) for send in history.sends.values())
        except Exception as fault:
            failures.append(f"series {number}: {type(fault).__name__}: {fault}")
    return Outcome(tried, "pieces of memory refused", failures,
                   f"by operator new, one in each life, which ended with status {STATUS}; {acked:,} acknowledged messages", bounded=True)
