# C1: readers that stop reading; others keep going, memory stays bounded, and nobody loses anything that a gap did not name.
import slow_reader_journey
from ground import tried
from slow_reader_journey import Crowd, judged, old_cursor_still_covers_all, others_keep_going, the_paused_one_catches_up, the_stuck_ones_are_closed
from support import serving


async def stood_still(size, findings):
    """All of it once. In a smoke run nobody waits the half minute until those who never read again are closed."""
    slow_reader_journey.POSTED = size.of(1_000, 6_000)
    users = ["alice", "bob", "carol", "sam", *(f"stuck{i}" for i in range(slow_reader_journey.SLOW))]
    async with serving(release=True) as running:
        crowd = Crowd(running, await running.tokens(users))
        await crowd.gather()
        cursor = crowd.sam.cursor
        begun = await others_keep_going(crowd)
        sam = await the_paused_one_catches_up(crowd)
        await old_cursor_still_covers_all(crowd, cursor)
        back = await the_stuck_ones_are_closed(crowd, begun) if size.of(False, True) else []
        codes = sorted({client.socket.close_code for client in crowd.stuck if not client.connected})
        await judged(crowd, [crowd.alice, *crowd.readers, sam, *back])
        for client in [crowd.alice, *crowd.readers, sam, *back]:
            await client.close()
        for client in crowd.stuck:
            await client.drop()
        findings.tried += slow_reader_journey.POSTED
        return codes


def run(size, server):
    async def main(findings):
        codes = [await stood_still(size, findings) for _ in range(size.of(1, 5))]
        findings.note(f"messages of 8 KB to {slow_reader_journey.SLOW + 1} readers that stand still and 3 that read"
                      + size.of("; that they are closed in the end is tried in a full run", f"; those that never read again were closed, and saw {codes} of it, round by round"))

    return tried("messages past slow readers", main)
