# Writers and readers through a series of crashes: kill -9 under load, restart, retry, and nothing is lost.
import asyncio
import os
import random
import time

from client import Client, Gone
from oracle import History, judge
from shapes import numbers
from support import Server, data_directory, done, note, require, run

ROUNDS = int(os.environ.get("PARLEY_KILL9_ROUNDS", "30"))
SEED = int(os.environ.get("PARLEY_SEED", "0")) or random.SystemRandom().randrange(1, 2**31)
WRITERS = int(os.environ.get("PARLEY_KILL9_WRITERS", "80"))
ROOMS = 6
READERS = 4
RESTART_GOAL = 0.5  # seconds


class Writer:
    """Posts to one conversation, one message after another; retries what it does not know."""

    def __init__(self, trial, user, room):
        self.trial = trial
        self.user = user
        self.room = room
        self.count = 0
        self.unsure = None  # client_id of a send without an answer
        self.client = None
        self.cursor = None

    async def enter(self, server, token):
        self.client = await enter(self.trial, server, self.user, token, self.cursor)

    async def write_on(self, loaded):
        """Posts until the server is gone."""
        await loaded.wait()
        try:
            while True:
                again, self.unsure = self.unsure, self.unsure or f"{self.user}-{self.count}"
                self.count += again is None
                self.trial.retried += again is not None
                await self.client.send(self.room, self.unsure, f"body of {self.unsure}")
                self.unsure = None
        except Gone:
            self.cursor = self.client.cursor


async def enter(trial, server, user, token, cursor):
    """A session that goes on where the user was, read up to date."""
    client = await Client.open(server, token, since=cursor, trace=trial.history.session(user))
    if cursor:
        await client.expect("synced")
        while client.untaken("gap"):
            gap = await client.expect("gap")
            await client.pull(gap["conversation"], gap["from"] - 1, upto=gap["to"])
    return client


class Trial:
    """The whole series: one data directory, one history."""

    def __init__(self, data):
        self.data = data
        self.dice = random.Random(SEED)
        self.history = History()
        self.retried = 0
        self.restarts = []
        self.loads = []

    async def start(self):
        begun = time.monotonic()
        server = await Server(self.data, release=True).start()
        self.restarts.append(time.monotonic() - begun)
        return server

    async def prepare(self):
        """Users, tokens and conversations; readers are in all of them."""
        server = await self.start()
        readers = [f"reader{i}" for i in range(READERS)]
        writers = [f"writer{i}" for i in range(WRITERS)]
        self.tokens = await server.tokens([*readers, *writers])
        founder = await Client.open(server, self.tokens["reader0"])
        rooms = []
        for i in range(ROOMS):
            made = await founder.ask("create", kind="group", members=[*readers[1:], *writers[i::ROOMS]])
            rooms.append(made["conversation"])
        self.rooms = rooms
        self.writers = [Writer(self, user, rooms[i % ROOMS]) for i, user in enumerate(writers)]
        self.readers = {user: None for user in readers}  # their cursors
        await server.stop()

    async def crash(self):
        """One round: everybody enters, writers write, and the server is killed at a random moment."""
        server = await self.start()
        clients = {user: await enter(self, server, user, self.tokens[user], cursor)
                   for user, cursor in self.readers.items()}
        await asyncio.gather(*(w.enter(server, self.tokens[w.user]) for w in self.writers))
        loaded = asyncio.Event()
        writing = [asyncio.create_task(writer.write_on(loaded)) for writer in self.writers]
        load = self.dice.uniform(0.005, 0.5)
        self.loads.append(load)
        loaded.set()
        await asyncio.sleep(load)
        await server.kill()
        await asyncio.gather(*writing)
        for user, client in clients.items():
            await client.gone()
            self.readers[user] = client.cursor

    async def finish(self):
        """The last life: every unknown send is retried, everybody reads to the end, the final history is taken."""
        server = await self.start()
        clients = {user: await enter(self, server, user, self.tokens[user], cursor)
                   for user, cursor in self.readers.items()}
        for writer in self.writers:
            await writer.enter(server, self.tokens[writer.user])
            if writer.unsure:
                self.retried += 1
                await writer.client.send(writer.room, writer.unsure, f"body of {writer.unsure}")
        for room in self.rooms:
            writer = next(w for w in self.writers if w.room == room)
            await writer.client.send(room, "the end", "the end")
            for client in clients.values():
                await client.expect_message(room, "the end")
            for other in self.writers:
                if other.room == room:
                    await other.client.expect_message(room, "the end")
        for room in self.rooms:
            self.history.final[room] = await clients["reader0"].pull(room, 0)
            found = numbers(self.history.final[room])
            require(found == list(range(1, len(found) + 1)), "numbers are gap-free", room)
        for client in [*clients.values(), *(w.client for w in self.writers)]:
            client.trace.settled()
            await client.close()
        await server.stop()
        await server.check()

    def report(self):
        sends = self.history.sends.values()
        acked = sum(bool(send.acks) for send in sends)
        require(acked == len(sends), "in the end every send is acknowledged", acked, len(sends))
        slowest = max(self.restarts)
        note(f"{ROUNDS} rounds, {WRITERS} writers, {READERS} readers, {ROOMS} conversations; load of "
             f"{min(self.loads) * 1000:.0f} to {max(self.loads) * 1000:.0f} ms")
        note(f"{acked} acknowledged, {self.retried} retried; restarts: median "
             f"{sorted(self.restarts)[len(self.restarts) // 2] * 1000:.0f} ms, slowest {slowest * 1000:.0f} ms")
        return acked, slowest


async def main():
    note(f"seed {SEED} (PARLEY_SEED repeats it)")
    with data_directory() as data:
        trial = Trial(data)
        await trial.prepare()
        for _ in range(ROUNDS):
            await trial.crash()
        done("crashed under load and restarted on the same data", ROUNDS)
        await trial.finish()
        done("`parleyd check` finds the data sound after all of it")
        acked, slowest = trial.report()
        faults = judge(trial.history)
        require(not faults, "the oracle finds nothing", len(faults), [str(fault) for fault in faults[:5]])
        done("acknowledged messages judged by the oracle: none lost, doubled, misplaced or missing after a resume", acked)
        require(slowest < RESTART_GOAL * 2, "a restart takes about half a second at most", slowest)
        done("restarts in time", len(trial.restarts))


if __name__ == "__main__":
    run(main, patience=float(os.environ.get("PARLEY_KILL9_PATIENCE", "240")))
