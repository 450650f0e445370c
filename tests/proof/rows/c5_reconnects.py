# C5: everybody is cut off at once and comes back at once, with cursors; all are back in time, nobody missed anything, and who stayed does not notice.
import asyncio
import time

from client import Client
from ground import Neighbours, in_ms, percentile, tried
from raw_socket import RawSocket
from support import serving

BACK = 15       # seconds until the last one is up to date again
JITTER = 0.5, 5.0   # seconds that each waits at most, every second time
SLOWEST = 2.0   # seconds: the storm, the pair and the server share two cores
USERS_OF_A_ROOM = 50
AT_ONCE = 200   # connects under way at a time in the one process that all clients live in


class Wanderer:
    """A client that keeps nothing but its cursor and the newest number it has seen."""

    def __init__(self, user, token):
        self.user, self.token = user, token
        self.cursor = None
        self.last = 0
        self.missed = []
        self.raw = None
        self.took = 0.0

    async def enter(self, server, gate, waits=0.0):
        await asyncio.sleep(waits)
        async with gate:
            begun = time.monotonic()
            self.raw = await RawSocket.upgraded(server, "json")
            hello = {"type": "hello", "token": self.token, "ref": 1, "device": "d"}
            await self.raw.envelope({**hello, "since": self.cursor} if self.cursor else hello)
            welcome = await self.raw.until("welcome")
            synced = await self.raw.until("synced") if self.cursor else welcome
            self.cursor = synced["cursor"]
            self.note()
            self.took = time.monotonic() - begun

    def note(self):
        """Events come in order, none is left out."""
        for each in self.raw.heard:
            if each["type"] in ("message", "joined"):
                if self.last and each["seq"] > self.last + 1:
                    self.missed.append((self.last, each["seq"]))
                self.last = max(self.last, each["seq"])
        self.raw.heard.clear()

    async def hears(self, seq):
        while self.last < seq:
            if not await self.raw.read():
                return
            self.note()


async def storm(server, wanderers, writers, number, size, findings):
    """One cut, some messages that everybody misses, and the way back, every second time after a wait."""
    for each in wanderers:
        each.raw.end()
    newest = {room: (await writer.ask("send", conversation=room, client_id=f"{number}", body="while you were away"))["seq"] for room, writer in writers.items()}
    dice, jitter = size.dice("storm", number), number % 2 * size.of(*JITTER)
    gate, begun = asyncio.Semaphore(AT_ONCE), time.monotonic()
    await asyncio.gather(*(each.enter(server, gate, dice.uniform(0, jitter)) for each in wanderers))
    took = time.monotonic() - begun
    findings.check(took < BACK, "seconds until all are back", took)
    for index, each in enumerate(wanderers):
        wanted = newest[list(writers)[index // USERS_OF_A_ROOM]]
        await each.hears(wanted)
        findings.check(each.last == wanted and not each.missed, f"{each.user} after storm {number}", each.last, wanted, each.missed)
    return took


def run(size, server):
    async def main(findings):
        count, took = size.of(500, 5_000), []
        async with serving(release=True) as running:
            users = [f"user{i}" for i in range(count)]
            tokens = await running.tokens([*users, "writer", "alice", "bob"])
            pair = await Neighbours.begin(running, tokens["alice"], tokens["bob"])
            writer = await Client.open(running, tokens["writer"])
            rooms = [(await writer.ask("create", kind="group", members=users[begin:begin + USERS_OF_A_ROOM]))["conversation"] for begin in range(0, count, USERS_OF_A_ROOM)]
            wanderers = [Wanderer(user, tokens[user]) for user in users]
            gate = asyncio.Semaphore(AT_ONCE)
            await asyncio.gather(*(each.enter(running, gate) for each in wanderers))
            await pair.since_last()
            for number in range(size.of(2, 20)):
                took.append(await storm(running, wanderers, dict.fromkeys(rooms, writer), number, size, findings))
            beside = await pair.since_last()
            findings.check(beside.worst < size.patience(SLOWEST), "the slowest message of those who stayed", beside.worst)
            await pair.end()
            await writer.close()
            for each in wanderers:
                each.raw.end()
        findings.note(f"{count} clients back within {in_ms(max(took[::2]))}, or {in_ms(max(took[1::2]))} where each waits up to {size.of(*JITTER)} s first, each within {in_ms(percentile([each.took for each in wanderers], 0.99))} (p99); all of them live in one Python process beside the server; "
                      f"who stayed: p99 {in_ms(beside.p99)}")

    return tried("clients that come back", main)
