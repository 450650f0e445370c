# H3: every command over both doors by everybody: each role, ex-members, strangers, the banned, the blocked, and nobody; what REST has beside commands, too. A new one without a row fails.
# And a stranger is answered as quickly about a conversation of others as about none.
import statistics
import time

import authorisation_journey
import row
from client import Client
from ground import tried
from journeys import travelled
from rest_door import OverRest
from support import serving

ASKED = 1000  # times of each kind
SPLITS = 200  # of the answers of one kind into halves: the medians of these differ by chance


def by_chance(times, dice):
    """How far two halves of the same are apart at most."""
    def once():
        mixed = dice.sample(times, len(times))
        return abs(statistics.median(mixed[::2]) - statistics.median(mixed[1::2]))
    return max(once() for _ in range(SPLITS))


async def times_of(client, conversations, dice, findings):
    """Seconds of each answer, by kind; the kinds take turns, in any order."""
    took = {kind: [] for kind in conversations}
    for _ in range(ASKED):
        for kind in dice.sample(list(conversations), len(conversations)):
            begun = time.perf_counter()
            answer = await client.answer("get", conversation=conversations[kind])
            took[kind].append(time.perf_counter() - begun)
            findings.check(answer.get("code") == "not_found", kind, answer)
    return took


def as_quick(size):
    """What the clock says is judged in a full run alone."""
    async def main(findings):
        async with serving(release=True) as running:
            owner = await Client.open(running, await running.token("owner"))
            foreign = (await owner.ask("create", kind="group"))["conversation"]
            for door in (Client, OverRest):
                dice = size.dice("h3", door.__name__)
                stranger = await door.open(running, await running.token("stranger"))
                took = await times_of(stranger, {"foreign": foreign, "absent": "c" + "0" * 32}, dice, findings)
                medians = {kind: statistics.median(times) * 1e6 for kind, times in took.items()}
                noise = max(by_chance(times, dice) for times in took.values()) * 1e6
                said = f"{door.__name__}: a foreign conversation {medians['foreign']:.0f} µs, an absent one {medians['absent']:.0f} µs, by chance {noise:.0f} µs"
                findings.note(said)
                if size.name == "full":
                    findings.check(abs(medians["foreign"] - medians["absent"]) <= noise, said)
                await stranger.close()
            await owner.close()

    return tried("questions", main)


def run(size, server):
    asked = travelled("commands by somebody", authorisation_journey.main, size.of(1, 5))
    timed = as_quick(size)
    return row.Outcome(asked.tried + timed.tried, asked.what, asked.failures + timed.failures, f"{timed.notes}; {asked.notes}")
