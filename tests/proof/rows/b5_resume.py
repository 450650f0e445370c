# B5: clients are cut off and go on from their cursor, out of memory or out of the store: everything, or a gap or a reset that says what is missing.
import resume_journey
from cold_journey import COLD, cooled
from ground import tried
from journeys import travelled
from resume_journey import RESUME_EVENTS, post, resumed, streamed, without_bob
from row import Outcome
from shapes import numbers
from support import serving

MISSED = [0, 1, 255, 256, 257, 499, 500, 501, 4_097]  # around what a conversation has at hand, a resume sends, and a shard keeps
COOLED = 640  # of which all but the newest are packed a second after they came


async def away(server, tokens, missed, dice, findings, segments=0):
    """Somebody misses so many events: they get the newest, a gap names the others, and nothing comes twice or is left out."""
    alice, room, cursor, posted = await without_bob(server, tokens, missed)
    await cooled(server, segments)
    bob = await resumed(server, tokens["bob"], cursor, dice.choice(("json", "msgpack")))
    gaps = [number for gap in bob.untaken("gap", conversation=room) for number in range(gap["from"], gap["to"] + 1)]
    posted += await post(alice, room, 1, "back")
    await bob.expect_message(room, "back 0")
    told, named = streamed(bob, room), posted[:missed][:-RESUME_EVENTS]
    pulled = numbers(await bob.pull(room, named[0] - 1, upto=named[-1]))[:len(named)] if named else []
    findings.check((bob.outcome["type"], gaps, pulled, told) == ("synced", named, named, posted[len(named):]),
                   f"missed {missed}, {bob.encoding}", bob.outcome, gaps[:3], pulled[:3], told[:3])
    for client in (alice, bob):
        await client.close()


def run(size, server):
    times, dice = size.of(1, 20), size.dice("resumes")

    async def journey():
        resume_journey.SEED = dice.getrandbits(32)
        await resume_journey.main()

    async def main(findings):
        for _ in range(times):
            async with serving("--io-threads", "3", release=True) as running:
                tokens = await running.tokens(["alice", "bob"])
                for missed in [*MISSED, dice.randrange(2 * RESUME_EVENTS)]:
                    await away(running, tokens, missed, dice, findings)
            async with serving(*COLD, release=True) as running:
                await away(running, await running.tokens(["alice", "bob"]), COOLED, dice, findings, segments=4)

    travels, seams = travelled("resumes", journey, times), tried("resumes at the seams", main)
    return Outcome(travels.tried + seams.tried, "resumes", travels.failures + seams.failures,
                   f"seed {size.seed}; {', '.join(map(str, MISSED))} events missed and as many as chance wants, {COOLED} of a cold store; {travels.notes}")
