# D4: the process may have only so much memory; it bounds itself, or it ends and is started again, and nothing that was acknowledged is lost.
import asyncio

from ground import Wrapped, in_ms, tried
from oracle import History
from stubborn import party_of, place
from support import Server, data_directory

MIB = 1 << 10           # in the units of ulimit -d
PARTIES = 4             # conversations
BODY = "m" * 15_000
STARTS = 60             # attempts at most


class Kept:
    """A server that is started again whenever it has ended, as a service manager does."""

    def __init__(self, data, line):
        self.data, self.line = data, line
        self.ends = []
        self.over = False
        self.server = None
        self.listen = "127.0.0.1:0"

    async def start(self):
        for _ in range(STARTS):
            self.server = Wrapped(self.data, self.line)
            try:
                await self.server.start(listen=self.listen)
                self.listen = self.server.http
                return
            except AssertionError:
                self.ends.append(("no start", await self.server.wait()))
        raise AssertionError(f"it does not start any more: {self.ends[-3:]} {self.server.words(300)}")

    async def keep(self):
        while not self.over:
            code = await self.server.wait(patience=3600)
            if not self.over:
                self.ends.append(("an end", code))
                await self.start()


async def large(each, room, count):
    for i in range(count):
        await each.post(room, f"{each.user}-{i}", f"{i} {BODY}")


async def within(mebibytes, size, findings):
    """One bound: many large messages, of whose three readers one stands still."""
    with data_directory() as data:
        kept = Kept(data, f'ulimit -s 1024; ulimit -d {mebibytes * MIB}; exec {{server}} "$@"')
        await kept.start()
        keeping = asyncio.create_task(kept.keep())
        where = place(kept.server.address)
        names = [([f"w{n}-{i}" for i in range(4)], [f"r{n}-{i}" for i in range(3)]) for n in range(PARTIES)]
        tokens = await Server(data, release=True).tokens([*(user for pair in names for users in pair for user in users), "judge"])
        parties = [party_of(History(), tokens, where, *pair, patience=90) for pair in names]
        still = [party.readers[-1] for party in parties]
        for each in still:
            each.receive_buffer = 2048
        for party in parties:
            await party.gather()
        for each in still:
            each.client.pause()
        writing = asyncio.gather(*(large(each, party.room, size.of(30, 300)) for party in parties for each in party.writers))
        await asyncio.wait({keeping, writing}, return_when=asyncio.FIRST_COMPLETED)
        if keeping.done():
            keeping.result()  # says why it does not start any more
        await writing
        for party in parties:
            for each in (*party.writers, *party.readers[:-1]):
                findings.check(kept.ends or each.entered == 1, f"{mebibytes} MiB, and no end: {each.user} writes or reads, and stays", each.entered)
        for each in still:
            each.client.resume()
            each.receive_buffer = None
        kept.over = True
        await kept.server.kill()  # without memory an end in good order is not to be had
        await keeping
        server = await Server(data, release=True).start(listen=kept.listen)
        for party in parties:
            await party.judged(server, tokens["judge"], findings, f"{mebibytes} MiB, seed {size.seed}")
        await server.stop()
        await server.check()
        slowest = max(each.worst for party in parties for each in party.writers)
        gaps = sum(kind == "gap" for party in parties for trace in party.history.traces for _, kind, _ in trace.entries)
        return f"{mebibytes} MiB: {len(kept.ends)} ends {sorted({code for _, code in kept.ends})}, {gaps} gaps for those who stood still, the slowest acknowledged after {in_ms(slowest)}"


def run(size, server):
    async def main(findings):
        for mebibytes in size.of([88], [72, 76, 80, 84, 90, 100, 120]):
            findings.note(await within(mebibytes, size, findings))

    return tried("large messages within a bound of memory", main)
