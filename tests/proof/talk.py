# Users who talk to a server whose writes are journaled: recordings to cut the power in.
import asyncio
import contextlib
import dataclasses
import http.client
import itertools
import json
import os
import pathlib
import random
import shutil

from client import Client, Gone
from disk import Disk, Fate
from journal import Journal
from rest import Rest, segment
from shims import compiled, in_memory
from support import Server, run_program
from truth import Truth

USERS = [f"user{i}" for i in range(8)]
ROOMS = 4


@contextlib.contextmanager
def environment(**named):
    """The process's environment, for as long as something is started; None takes a name away."""
    before = {name: os.environ.get(name) for name in named}
    set_all(named)
    try:
        yield
    finally:
        set_all(before)


def set_all(named):
    for name, value in named.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = str(value)


class Journaled(Server):
    """A server whose writes and words go to a journal."""

    def __init__(self, data, journal, fault=None, sync_us=300):
        super().__init__(data)
        self.journal = pathlib.Path(journal)
        self.named = {"LD_PRELOAD": compiled("journal"), "PROOF_JOURNAL": journal, "PROOF_ROOT": self.data,
                      "PROOF_SYNC_US": sync_us, "PROOF_FAULT": fault}

    async def launch(self, *options, **how):
        with environment(**self.named):
            await super().launch(*options, **how)

    async def journaled_tool(self, *arguments):
        """A subcommand whose writes go to the same journal; its exit status and what it printed."""
        with environment(**self.named):  # nobody else starts a process meanwhile
            return await run_program(self.binary, *arguments)

    def written(self):
        """Bytes of the journal by now."""
        return self.journal.stat().st_size


class Talker:
    """One user: does this and that, one after another or several at once."""

    def __init__(self, talk, user):
        self.talk = talk
        self.user = user
        self.dice = random.Random(f"{talk.seed} {user}")
        self.count = itertools.count(1)
        self.sent = []  # (conversation, client_id, seq)
        self.client = None
        self.rest = None
        self.refs = None

    async def enter(self, server, life):
        self.refs = (f"{self.user}-{life}-{n}" for n in itertools.count(1))
        self.client = await Client.open(server, self.talk.tokens[self.user], "json" if self.user.endswith("1") else "msgpack")
        self.rest = Rest(server, self.talk.tokens[self.user])

    async def do(self, turns):
        with contextlib.suppress(Gone, OSError, http.client.HTTPException):
            for _ in range(turns):
                await self.dice.choices((self.say, self.say_more, self.again, self.edit, self.react, self.delete, self.read,
                                         self.look, self.attach), self.talk.weights)[0]()

    def command(self, room, body=None, again=None, **more):
        client_id = again or f"{self.user}-{next(self.count)}"
        body = self.body(client_id) if body is None else body
        ref = next(self.refs)
        self.talk.truth.asks(ref, room, client_id, body)
        return {"type": "send", "ref": ref, "conversation": room, "client_id": client_id, "body": body, **more}

    def body(self, client_id):
        """Mostly short, sometimes longer than a page of the store."""
        return f"body of {client_id} " + "x" * self.dice.choices((5, 40, 200, 900, 3000, 9000), (20, 40, 25, 10, 4, 1))[0]

    def room(self):
        return self.dice.choice(self.talk.rooms)

    async def say(self):
        await self.post([self.command(self.room())])

    async def say_more(self):
        await self.post([self.command(self.room()) for _ in range(self.dice.randint(2, 12))])

    async def post(self, commands):
        for command, answer in zip(commands, await self.client.answers(commands)):
            if answer["type"] == "sent":
                self.sent.append((command["conversation"], command["client_id"], answer["seq"]))

    async def again(self):
        if self.sent:
            room, client_id, _ = self.dice.choice(self.sent)
            await self.post([self.command(room, self.talk.truth.bodies[(room, client_id)], client_id)])

    async def other(self, type, **fields):
        if not self.sent:
            return
        room, _, seq = self.dice.choice(self.sent)
        ref = next(self.refs)
        self.talk.truth.asks_other(ref, room)
        if type == "delete":
            self.talk.truth.asks_to_delete(room, seq)
        await self.client.answers([{"type": type, "ref": ref, "conversation": room, "message": seq, **fields}])

    async def edit(self):
        await self.other("edit", body=f"edited {self.dice.random()}")

    async def react(self):
        await self.other("react", emoji=self.dice.choice("abc"))

    async def delete(self):
        await self.other("delete", **{"for": "everyone"})

    async def read(self):
        if self.sent:
            room, _, seq = self.sent[-1]
            await self.client.answer("read", conversation=room, seq=seq)

    async def look(self):
        """A page over REST, of what came behind the last message of one's own."""
        if self.sent:
            room, _, seq = self.sent[-1]
            await self.rest.ask("GET", f"/v1/conversations/{segment(room)}/events?after={seq}")

    async def attach(self):
        status, _, made = await self.rest.ask("POST", "/v1/files", self.dice.randbytes(self.dice.choice((100, 5000, 40000))),
                                              Content_Type="application/octet-stream")
        if status == 201:
            await self.post([self.command(self.room(), files=[json.loads(made)["file"]])])


class Talk:
    """All of them, over the lives of several servers on one data directory."""

    def __init__(self, seed):
        self.seed = seed
        self.truth = Truth()
        self.tokens = {}
        self.rooms = []
        self.talkers = [Talker(self, user) for user in USERS]
        self.lives = itertools.count(1)
        self.weights = [60, 12, 4, 6, 6, 3, 6, 6, 1]

    async def begin(self, server):
        """The first life: tokens and conversations; everybody is in all of them."""
        self.tokens = await server.tokens(USERS)
        await self.enter(server)
        for _ in range(ROOMS):
            made = await self.talkers[0].client.ask("create", kind="group", members=USERS[1:])
            self.rooms.append(made["conversation"])

    def again(self, number):
        """The same users on a copy of the data: what was asked before is known, and they go on differently."""
        copy = Talk(f"{self.seed} {number}")
        copy.tokens, copy.rooms, copy.weights = self.tokens, self.rooms, self.weights
        copy.truth.bodies.update(self.truth.bodies)
        copy.truth.deleted.update(self.truth.deleted)
        for talker in copy.talkers:
            talker.count = itertools.count(10_000 * (number + 1))
        return copy

    async def enter(self, server):
        life = next(self.lives)
        for talker in self.talkers:
            await talker.enter(server, life)

    async def leave(self):
        for talker in self.talkers:
            if talker.client and talker.client.connected:
                await talker.client.drop()

    async def go_on(self, turns):
        await asyncio.gather(*(talker.do(turns) for talker in self.talkers))

    def acknowledged(self):
        """What was acknowledged by now, as what is owed from the beginning."""
        return [(-1, (room, seq), client_id) for talker in self.talkers for room, client_id, seq in talker.sent]


@dataclasses.dataclass
class Recording:
    """One life of a server: the directory it began with, all it wrote, and what it owes from when on."""

    name: str
    base: pathlib.Path
    journal: Journal
    owed: list
    ready: int  # records when it was ready


def is_complete(journal, base, data):
    """Fails unless the journal brings forth what is really there: then nothing was written that it does not know of."""
    disk = Disk(base)
    for number, record in enumerate(journal.records):
        disk.apply(number, record)
    told = {path: left.content() if left else None for path, left in disk.left_by(Fate(random.Random(0), "everything")).items()}
    there = {str(path.relative_to(data)): path.read_bytes() if path.is_file() else None
             for path in data.rglob("*") if path.is_file() or path.is_dir()}
    wrong = [path for path in told.keys() | there.keys()
             if not path.endswith("lock.mdb") and told.get(path, "none") != there.get(path, "none")]
    if wrong:
        raise RuntimeError(f"the journal does not have all that was written: {wrong}")


def copied(data, into):
    """A copy of a data directory, without the doors of a server, which are no files."""
    shutil.copytree(data, into, ignore=shutil.ignore_patterns("control", "admin"))


async def live(name, place, data, talk, server, scene, before=()):
    """Records one life: starts the server, plays the scene, which ends it."""
    base = place / f"base-{name}"
    copied(data, base)
    await server.start("--search", "off")
    ready = server.written()
    await scene(server)
    await talk.leave()
    journal = Journal(server.journal)
    if server.process.returncode == 0:  # a kill may come between a write and its record
        is_complete(journal, base, data)
    return Recording(name, base, journal, talk.truth.owed(journal, before), journal.number_at(ready))


def own_key(place):
    """From now on tokens are signed with a key beside the data: what becomes of the server's own key is A5's question."""
    key = place / "key"
    key.touch(mode=0o600)
    key.write_text("k" * 43)
    os.environ["PARLEY_JWT_SECRET_FILE"] = str(key)


async def record_one(name, seed, turns, fault=None):
    """One life, ended by a kill, on a server whose syncs may be no syncs."""
    place = in_memory() / name
    data = place / "data"
    data.mkdir(mode=0o700, parents=True)
    own_key(place)
    talk = Talk(seed)

    async def scene(server):
        await talk.begin(server)
        await talk.go_on(turns)
        await server.kill()

    return talk, await live(name, place, data, talk, Journaled(data, place / "journal", fault), scene)


async def record(seed, turns):
    """Two lives: the first start until a kill, then catching up, more talk, a compaction and a stop."""
    place = in_memory()
    data = place / "data"
    data.mkdir(mode=0o700)
    own_key(place)
    talk = Talk(seed)

    async def first(server):
        await talk.begin(server)
        await talk.go_on(turns)
        under_way = asyncio.create_task(talk.go_on(turns))
        await asyncio.sleep(0.05)
        await server.kill()
        await under_way

    async def second(server):
        await talk.enter(server)
        await talk.go_on(turns // 2)
        talking = asyncio.create_task(talk.go_on(turns // 2))
        code, out, err = await server.journaled_tool("compact", "--data", str(data))
        if code != 0:
            raise RuntimeError(f"the compaction ended with {code}: {out} {err}")
        await talking
        await server.stop()

    one = await live("first", place, data, talk, Journaled(data, place / "journal-first"), first)
    other = await live("second", place, data, talk, Journaled(data, place / "journal-second"), second, one.owed)
    shutil.rmtree(data)
    return talk, [one, other]
