# Readers that stop reading: nobody else waits, memory stays flat, and what they missed is named and pulled.
import asyncio
import time

from client import Client
from oracle import History, judge
from support import PATIENCE, done, eventually, note, require, run, serving

BODY = "x" * 8000
POSTED = 1500          # 12 MB for every reader
OUTBOX = 256 * 1024    # what the server keeps for one session
SLOW = 8               # readers that stop for good
STALL = 30             # seconds after which they are closed


class Crowd:
    """One writer, two readers who read, one who pauses, and some who never read again."""

    def __init__(self, server, tokens):
        self.server = server
        self.tokens = tokens
        self.history = History()

    async def enter(self, user, encoding="msgpack", chain=None, **how):
        return await Client.open(self.server, self.tokens[user], encoding,
                                 trace=self.history.session(user, chain), **how)

    async def gather(self):
        self.alice = await self.enter("alice")
        self.readers = [await self.enter("bob"), await self.enter("carol", "json")]
        self.sam = await self.enter("sam", receive_buffer=2048)
        self.sockets = self.server.sockets()
        self.stuck = [await self.enter(f"stuck{i}", "json" if i % 2 else "msgpack", receive_buffer=2048)
                      for i in range(SLOW)]
        members = [user for user in self.tokens if user != "alice"]
        self.room = (await self.alice.ask("create", kind="group", members=members))["conversation"]
        self.quiet = (await self.alice.ask("create", kind="direct", with_="bob"))["conversation"]
        for client in [*self.readers, self.sam, *self.stuck]:
            await client.expect("joined", conversation=self.room)

    async def post(self, count, tag, pace=16):
        """Posts many messages, `pace` of them under way at a time; returns how long a quiet one took at worst."""
        slowest = 0.0
        for start in range(0, count, pace):
            await asyncio.gather(*(self.alice.send(self.room, f"{tag}{i}", f"{tag}{i} {BODY}")
                                   for i in range(start, min(start + pace, count))))
            if start % (pace * 8) == 0:
                begun = time.monotonic()
                await self.alice.send(self.quiet, f"{tag}{start}", f"{tag}{start}")
                await self.readers[0].expect_message(self.quiet, f"{tag}{start}")
                slowest = max(slowest, time.monotonic() - begun)
        for reader in self.readers:
            await reader.expect_message(self.room, f"{tag}{count - 1} {BODY}")
        return slowest


async def fill_gaps(client):
    """Pulls everything that gaps have named; how many numbers that were."""
    pulled = 0
    while client.untaken("gap"):
        gap = await client.expect("gap")
        events = await client.pull(gap["conversation"], gap["from"] - 1, upto=gap["to"])
        require(len(events) >= gap["to"] - gap["from"] + 1, "sync gives what the gap named", gap, len(events))
        pulled += gap["to"] - gap["from"] + 1
    return pulled


async def others_keep_going(crowd):
    baseline = await crowd.post(64, "warm")
    crowd.sam.pause()
    for client in crowd.stuck:
        client.pause()
    before = crowd.server.memory("RssAnon")  # messages are in the store's files, too
    begun = time.monotonic()
    slowest = await crowd.post(POSTED, "flood")
    took = time.monotonic() - begun
    grown = crowd.server.memory("RssAnon") - before
    note(f"{POSTED} messages of 8 KB to {3 + 1 + SLOW} readers in {took:.1f} s; a quiet one took "
         f"{baseline * 1000:.0f} ms before and {slowest * 1000:.0f} ms at worst; memory grew by {grown / 2**20:.1f} MiB")
    require(slowest < 2, "a quiet conversation goes on", slowest)
    allowed = (SLOW + 1) * 3 * OUTBOX + 48 * 2**20  # outboxes in both encodings; the rest is queues and the rings'
    require(crowd.server.sanitized or grown < allowed, "memory stays bounded", grown, allowed)
    done(f"others keep going while {SLOW + 1} readers stand still", POSTED)
    return begun


async def the_paused_one_catches_up(crowd):
    sam = crowd.sam
    sam.resume()
    if not sam.untaken("gap"):
        first = await sam.expect("gap", patience=PATIENCE)
        sam.inbox.insert(0, first)
    await crowd.alice.send(crowd.room, "fence", "fence")
    pulled = await fill_gaps(sam)
    if not any(e.get("body") == "fence" for e in sam.seen):
        await eventually(lambda: any(e.get("body") == "fence" for e in sam.seen) or sam.untaken("gap"), "the fence")
        pulled += await fill_gaps(sam)
    require(sam.connected, "who reads again is not closed")
    require(pulled > POSTED // 4, "the backlog was collapsed into gaps", pulled)
    done("numbers named by gaps and pulled by a reader that had paused", pulled)
    return sam


async def old_cursor_still_covers_all(crowd, cursor):
    """Resuming from before the flood gives everything again: repeated, or named by a gap and pulled."""
    again = await crowd.enter("sam", chain="sam again", since=cursor)
    await again.expect("synced")
    await fill_gaps(again)
    again.trace.settled()
    await again.close()


async def the_stuck_ones_are_closed(crowd, begun):
    """They are closed in the end, and lose nothing when they come back with their cursor."""
    patience = max(1, begun + STALL + 15 - time.monotonic())
    await eventually(lambda: crowd.server.sockets() <= crowd.sockets, "stuck readers closed", patience, 0.2)
    note(f"{SLOW} stuck readers were closed {time.monotonic() - begun:.0f} s after the flood began")
    back, codes = [], set()
    for index, client in enumerate(crowd.stuck):
        client.resume()
        codes.add(await client.gone())
        again = await crowd.enter(f"stuck{index}", since=client.cursor)
        await again.expect("synced")
        await fill_gaps(again)
        back.append(again)
    require(codes <= {4429, 1006}, "they are told why, where it still reaches them", codes)
    done(f"readers that never read again are closed ({codes}), and lose nothing when they come back", len(back))
    return back


async def judged(crowd, settled):
    for conversation in (crowd.room, crowd.quiet):
        crowd.history.final[conversation] = await crowd.alice.pull(conversation, 0)
    for client in settled:
        client.trace.settled()
    faults = judge(crowd.history)
    require(not faults, "the oracle finds nothing", [str(fault) for fault in faults[:5]])
    done("the oracle is content with the readers' histories", len(crowd.history.traces))


async def main():
    users = ["alice", "bob", "carol", "sam", *(f"stuck{i}" for i in range(SLOW))]
    async with serving(release=True) as server:
        crowd = Crowd(server, await server.tokens(users))
        await crowd.gather()
        cursor = crowd.sam.cursor
        begun = await others_keep_going(crowd)
        sam = await the_paused_one_catches_up(crowd)
        await old_cursor_still_covers_all(crowd, cursor)
        back = await the_stuck_ones_are_closed(crowd, begun)
        await judged(crowd, [crowd.alice, *crowd.readers, sam, *back])
        for client in [crowd.alice, *crowd.readers, sam, *back]:
            await client.close()


if __name__ == "__main__":
    run(main)
