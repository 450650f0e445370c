# Clients that do not give up: they come back with their cursor, send again what nobody acknowledged, and pull what gaps name.
import asyncio
import time
import types

import websockets

from client import Client, Gone, Refused
from oracle import judge
from support import Failed, require

LATER = ("overloaded", "unavailable", "rate_limited", "slow_mode")


def place(address, trust=None):
    """What a client needs to know of a server, where it is reached by another address than its own."""
    return types.SimpleNamespace(address=address, http=f"{address[0]}:{address[1]}", trust=trust)


class Stubborn:
    """One user's client, over as many connections as it takes; the history has all of them as one chain."""

    def __init__(self, history, user, token, where, encoding="msgpack", patience=60, pause=0.05):
        self.history, self.user, self.token, self.where, self.encoding = history, user, token, where, encoding
        self.patience, self.pause = patience, pause
        self.receive_buffer = None  # bytes of its kernel's, for one who is to stand still
        self.client = None
        self.cursor = None
        self.entered = 0
        self.retried = 0
        self.worst = 0.0

    async def enter(self):
        """A connection that is up to date, however long it takes."""
        end = time.monotonic() + self.patience
        while True:
            try:
                await self._enter()
                return self
            except (Gone, OSError, EOFError, Failed, asyncio.TimeoutError, websockets.WebSocketException) as why:
                require(time.monotonic() < end, f"{self.user} gets in again", why)
            except Refused as why:
                require(why.code in LATER and time.monotonic() < end, f"{self.user} is let in", why)
            await asyncio.sleep(self.pause)

    async def _enter(self):
        client = await asyncio.wait_for(Client.open(self.where, self.token, self.encoding, since=self.cursor, trace=self.history.session(self.user), receive_buffer=self.receive_buffer), 8)
        try:
            if self.cursor is not None:
                await client.expect("synced", patience=8)
                await self.fill_gaps(client)
        except BaseException:
            await client.drop()
            raise
        self.client, self.entered = client, self.entered + 1
        self.cursor = client.cursor

    async def fill_gaps(self, client):
        while client.untaken("gap"):
            gap = await client.expect("gap")
            await client.pull(gap["conversation"], gap["from"] - 1, upto=gap["to"])

    async def again(self):
        """Another connection, once this one is of no use any more."""
        self.cursor = self.client.cursor
        await self.client.drop()
        await self.enter()

    async def post(self, room, client_id, body):
        """Posts one message, with the same client_id until it is acknowledged."""
        begun = time.monotonic()
        for attempt in range(10_000):
            self.retried += attempt > 0
            try:
                await self.client.send(room, client_id, body, patience=8)
                break
            except (Gone, OSError, Failed):
                await self.again()
            except Refused as why:
                require(why.code in LATER, f"{self.user} may post", why)
                await asyncio.sleep(self.pause)
        self.worst = max(self.worst, time.monotonic() - begun)

    async def post_many(self, room, tag, count, pause=0.0):
        for i in range(count):
            await self.post(room, f"{self.user}-{tag}-{i}", f"{tag} {i} of {self.user} " + "x" * (i % 7 * 30))
            if pause:
                await asyncio.sleep(pause)

    async def stay(self):
        """Reads on, and comes back whenever the connection has ended; until cancelled."""
        while True:
            await self.client.gone(patience=3600)
            await self.again()

    async def settle(self, room, last):
        """Reads until everything up to a number is there; from then on the oracle holds it against the client."""
        end = time.monotonic() + self.patience
        while True:
            try:
                await self.fill_gaps(self.client)
                if self.has(room, last):
                    break
                require(time.monotonic() < end, f"{self.user} hears of everything", last)
                await asyncio.sleep(0.02)
                if not self.client.connected:
                    await self.again()
            except (Gone, OSError):
                await self.again()
        self.client.trace.settled()

    def has(self, room, last):
        """Whether any of its connections has seen, or pulled, that number."""
        return any(event["seq"] >= last and event["conversation"] == room
                   for trace in self.history.traces if trace.user == self.user
                   for event in seen_by(trace))

    async def close(self):
        await self.client.close()


def seen_by(trace):
    for _, kind, value in reversed(trace.entries):
        if kind == "event":
            yield value
        elif kind == "page":
            yield from value["events"]


class Party:
    """A conversation of writers and readers, and what the oracle says of it in the end."""

    def __init__(self, history, writers, readers, judge):
        self.history, self.writers, self.readers = history, writers, readers
        self.judge = judge  # a user who is a member and never connects before the end
        self.room = None
        self.staying = []

    async def gather(self):
        for each in (*self.writers, *self.readers):
            await each.enter()
        first, *others = [*self.writers, *self.readers]
        self.room = (await first.client.ask("create", kind="group", members=[self.judge, *(each.user for each in others)]))["conversation"]
        self.staying = [asyncio.create_task(each.stay()) for each in self.readers]
        return self

    async def write(self, tag, count, pause=0.0):
        """Every writer posts so many messages."""
        await asyncio.gather(*(each.post_many(self.room, tag, count, pause) for each in self.writers))

    async def judged(self, server, token, findings, what):
        """Everybody reads to the end, the final history is taken over a good link, and the oracle looks at all of it."""
        judge_client = await Client.open(server, token)
        self.history.final[self.room] = await judge_client.pull(self.room, 0)
        last = self.history.final[self.room][-1]["seq"]
        await judge_client.close()
        for task in self.staying:
            while not task.done():  # a wait that has just ended passes over being cancelled
                task.cancel()
                await asyncio.wait({task}, timeout=0.5)
            if not task.cancelled() and task.exception():
                findings.fail(f"{what}: a reader", repr(task.exception()))
        for each in (*self.writers, *self.readers):
            await each.settle(self.room, last)
        faults = judge(self.history)
        for fault in faults[:5]:
            findings.fail(what, str(fault))
        unacknowledged = [send.key for send in self.history.sends.values() if send.outcome != "ok"]
        findings.check(not unacknowledged, f"{what}: every send is acknowledged in the end", unacknowledged[:5])
        findings.tried += len(self.history.sends) - 1
        for each in (*self.writers, *self.readers):
            await each.close()


def party_of(history, tokens, where, writers, readers, judge="judge", **how):
    """A party of users in both encodings, who reach the server at `where`; not gathered yet."""
    made = [Stubborn(history, user, tokens[user], where, "json" if index % 2 else "msgpack", **how) for index, user in enumerate([*writers, *readers])]
    return Party(history, made[:len(writers)], made[len(writers):], judge)
