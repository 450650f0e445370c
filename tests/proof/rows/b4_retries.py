# B4: the same command again: without having read the answer, in the other encoding, over other connections, after kills.
import asyncio
import collections
import random

from client import Client
from row import Outcome
from support import Failed, Server, data_directory, kill_what_runs

USERS = [f"user{i}" for i in range(6)]
ATTEMPTS = 4  # in the life of one server
NEW = 5       # commands that each attempt adds
OLD = 4       # that it repeats though they are answered


class Stubborn:
    """One user who never believes an answer."""

    def __init__(self, user, dice):
        self.user = user
        self.dice = dice
        self.asked = []                            # client_ids
        self.answers = collections.defaultdict(set)  # client_id -> {(seq, at)}
        self.times = collections.Counter()           # how often each was asked

    def commands(self, room):
        unsure = [each for each in self.asked if each not in self.answers]
        known = [each for each in self.asked if each in self.answers]
        fresh = [f"{self.user}-{len(self.asked) + i}" for i in range(NEW)]
        self.asked += fresh
        chosen = [*unsure[:40], *self.dice.sample(known, min(OLD, len(known))), *fresh]
        return [{"type": "send", "conversation": room, "client_id": each, "body": f"body of {each}"} for each in chosen]

    async def ask(self, client, commands):
        self.times.update(command["client_id"] for command in commands)
        for command, answer in zip(commands, await client.answers([dict(each) for each in commands])):
            self.answers[command["client_id"]].add((answer.get("seq"), answer.get("at"), answer["type"]))

    async def attempt(self, server, token, room):
        """Asks and reads the answers, or goes away before they come."""
        client = await Client.open(server, token, self.dice.choice(("json", "msgpack")))
        try:
            commands = self.commands(room)
            if self.dice.random() < 0.5:
                return await self.ask(client, commands)
            self.times.update(command["client_id"] for command in commands)
            await client.write(*({**command, "ref": f"lost-{i}"} for i, command in enumerate(commands)))
            await asyncio.sleep(self.dice.choice((0, 0.001, 0.005)))
        finally:
            await client.drop()

    async def live(self, server, token, room, dying):
        try:
            for _ in range(ATTEMPTS):
                await self.attempt(server, token, room)
        except Exception:
            if not dying.is_set():
                raise


async def trial(dice, rounds):
    """The users after all kills, and what is wrong with what they were told and with what is there."""
    with data_directory() as data:
        server = await Server(data).start()
        tokens = await server.tokens(USERS)
        founder = await Client.open(server, tokens[USERS[0]])
        room = (await founder.ask("create", kind="group", members=USERS[1:]))["conversation"]
        await founder.close()
        users = [Stubborn(user, random.Random(f"{dice.random()} {user}")) for user in USERS]
        for _ in range(rounds):
            dying = asyncio.Event()
            lives = [asyncio.create_task(user.live(server, tokens[user.user], room, dying)) for user in users]
            await asyncio.sleep(dice.uniform(0.02, 0.4))
            dying.set()
            await server.kill()
            await asyncio.gather(*lives)
            server = await Server(data).start()
        final = await finish(server, tokens, room, users)
        await server.stop()
        wrong = list(faults(users, final))
        try:
            await server.check()
        except Failed as fault:
            wrong.append(str(fault))
        return users, wrong


async def finish(server, tokens, room, users):
    """Everything is asked once more, in both encodings; the final history."""
    for user in users:
        for encoding in ("json", "msgpack"):
            client = await Client.open(server, tokens[user.user], encoding)
            for i in range(0, len(user.asked), 50):
                await user.ask(client, [{"type": "send", "conversation": room, "client_id": each, "body": f"body of {each}"}
                                        for each in user.asked[i:i + 50]])
            if user is users[-1] and encoding == "msgpack":
                final = await client.pull(room, 0)
            await client.close()
    return final


def faults(users, final):
    at = collections.defaultdict(list)
    for event in final:
        if event["type"] == "message":
            at[event["client_id"]].append((event["seq"], event["at"], "sent"))
    for user in users:
        for client_id in user.asked:
            if len(user.answers[client_id]) != 1 or at[client_id] != list(user.answers[client_id]):
                yield f"{client_id} got {sorted(map(str, user.answers[client_id]))} and is there as {at[client_id]}"
    if [event["seq"] for event in final] != list(range(1, len(final) + 1)):
        yield "the numbers have gaps"


async def judged(dice, rounds):
    try:
        users, wrong = await trial(dice, rounds)
        return [count for user in users for count in user.times.values()], wrong
    finally:
        await kill_what_runs()


def run(size, server):
    counts, failures, kills = [], [], size.of(smoke=8, full=300)
    for number in range(0, kills, 20):
        rounds = min(20, kills - number)
        asked, wrong = asyncio.run(judged(size.dice("retries", number), rounds))
        counts += asked
        failures += [f"series {number}: {fault}" for fault in wrong]
    return Outcome(len(counts), "client_ids that were asked again and again", failures,
                   f"{sum(counts):,} attempts over {kills} kills, the most stubborn {max(counts)} times", bounded=True)
