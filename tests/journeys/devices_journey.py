# Two people on three devices each, one with npm's `ws`, one with python3-websockets: unread, ticks, typing and presence are
# right on all six, through kills of clients and of the server.
import asyncio
import itertools
import json
import pathlib
import shutil

from client import Client
from support import PATIENCE, data_directory, done, require, run, within, Server

ENCODINGS = ("msgpack", "json", "msgpack")


class NodeDevices:
    """Devices in one Node process, which can be killed with all of them."""

    async def start(self, server, token):
        node = shutil.which("node")
        require(node, "Node must be there")
        self.server, self.token = server, token
        self.ids, self.waiting = itertools.count(1), {}
        self.process = await asyncio.create_subprocess_exec(
            node, str(pathlib.Path(__file__).with_name("remote_devices.mjs")), stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE, limit=1 << 24)
        self.reader = asyncio.create_task(self._read())

    async def _read(self):
        async for line in self.process.stdout:
            told = json.loads(line)
            self.waiting.pop(told["id"]).set_result(told)

    async def call(self, **asked):
        asked["id"] = next(self.ids)
        self.waiting[asked["id"]] = told = asyncio.get_running_loop().create_future()
        self.process.stdin.write(json.dumps(asked).encode() + b"\n")
        told = await within(PATIENCE, told, f"{asked['do']} in Node")
        require("fault" not in told, "Node's client did it", asked, told)
        return told["result"]

    async def open(self, device, since=None):
        more = {"device": device, **({"since": since} if since else {})}
        await self.call(do="open", device=device, http=self.server.http, token=self.token,
                        encoding=ENCODINGS[int(device[-1])], more=more)
        return NodeDevice(self, device)

    async def kill(self):
        self.process.kill()
        await within(PATIENCE, self.process.wait(), "the end of Node")
        self.reader.cancel()


class NodeDevice:
    def __init__(self, home, device):
        self.home, self.device = home, device

    async def ask(self, type, **fields):
        answer = await self.home.call(do="answer", device=self.device, type=type, fields=fields)
        require(answer["type"] != "error", f"{type} was refused", answer)
        return answer

    async def seen(self):
        return await self.home.call(do="seen", device=self.device)

    async def drop(self):
        await self.home.call(do="drop", device=self.device)


class PythonDevice:
    def __init__(self, client):
        self.client = client

    async def ask(self, type, **fields):
        return await self.client.ask(type, **fields)

    async def seen(self):
        return self.client.seen

    async def drop(self):
        await self.client.drop()


def cursor_of(seen):
    return [e["cursor"] for e in seen if e["type"] in ("welcome", "checkpoint", "synced", "reset")][-1]


async def shows(device, what, holds):
    """Waits until what the device has seen is as it should be."""
    for _ in range(int(PATIENCE / 0.05)):
        seen = await device.seen()
        if holds(seen):
            return seen
        await asyncio.sleep(0.05)
    require(False, "every device comes to show it", what, (await device.seen())[-8:])


def newest(seen, type, **fields):
    found = [e for e in seen if e["type"] == type and all(e.get(k) == v for k, v in fields.items())]
    return found[-1] if found else None


def presence_is(user, status):
    return lambda seen: (newest(seen, "presence", user=user) or {}).get("status") == status


def ticks_are(conversation, user, delivered, read):
    def holds(seen):
        last = newest(seen, "receipt", conversation=conversation, user=user)
        return last is not None and (last["delivered"], last["read"]) == (delivered, read)
    return holds


async def counts(device, conversation):
    for item in (await device.ask("list", limit=100))["items"]:
        if item["conversation"] == conversation:
            return item["read"], item["unread"], item["mentions"]
    return None


class Pair:
    """Alice in Python and Bob in Node, three devices each."""

    def __init__(self, server, tokens):
        self.server, self.tokens = server, tokens
        self.alice, self.bob, self.node = [], [], NodeDevices()

    async def open_alice(self, since=None):
        self.alice = [PythonDevice(await Client.open(self.server, self.tokens["alice"], encoding, device=f"a{i}", since=since))
                      for i, encoding in enumerate(ENCODINGS)]

    async def open_bob(self, since=None):
        await self.node.start(self.server, self.tokens["bob"])
        self.bob = [await self.node.open(f"b{i}", since) for i in range(3)]

    async def watch(self):
        for device in self.alice:
            await device.ask("watch", users=["bob"])
        for device in self.bob:
            await device.ask("watch", users=["alice"])

    @property
    def all(self):
        return self.alice + self.bob

    async def all_show(self, what, holds):
        for device in self.all:
            await shows(device, what, holds)


async def say(pair, conversation, name, by, to, mentions):
    """One message, from `sent` to read; ticks, counts and typing on all six devices."""
    user, other = ("alice", "bob") if by is pair.alice else ("bob", "alice")
    before = await counts(to[0], conversation)
    await by[0].ask("typing", conversation=conversation, active=True)
    for device in to:
        await shows(device, "typing", lambda seen: (newest(seen, "typing", user=user) or {}).get("active") is True)
    sent = await by[1].ask("send", conversation=conversation, client_id=name, body=name, mentions=mentions)
    seq = sent["seq"]
    await pair.all_show("the message", lambda seen: newest(seen, "message", conversation=conversation, seq=seq))
    for device in to:
        await shows(device, "typing ended", lambda seen: newest(seen, "typing", user=user)["active"] is False)
        read, unread, named = await counts(device, conversation)
        require((read, unread, named) == (before[0], before[1] + 1, before[2] + len(mentions)), "unread on each device", device)
    await to[2].ask("delivered", conversation=conversation, seq=seq)
    await pair.all_show("delivered", ticks_are(conversation, other, seq, before[0]))
    await to[1].ask("read", conversation=conversation, seq=seq)
    await pair.all_show("read", ticks_are(conversation, other, seq, seq))
    for device in to:
        require(await counts(device, conversation) == (seq, 0, 0), "read on one is read on all")
    for device in by:
        seen = await device.seen()
        require(newest(seen, "typing", user=user) is None, "nobody is told of their own typing")
    return seq


async def main():
    with data_directory() as data:
        server = Server(data)
        await server.start()
        tokens = await server.tokens(["alice", "bob"])
        pair = Pair(server, tokens)
        await pair.open_alice()
        await pair.open_bob()
        conversation = (await pair.alice[0].ask("create", kind="direct", **{"with": "bob"}))["conversation"]
        await pair.watch()
        for device in pair.alice:
            await shows(device, "bob is online", presence_is("bob", "online"))
        for device in pair.bob:
            await shows(device, "alice is online", presence_is("alice", "online"))
        await pair.bob[1].ask("presence", status="busy", text="in a meeting")
        for device in pair.alice:
            await shows(device, "busy", presence_is("bob", "busy"))
        await pair.bob[1].ask("presence", status="online")
        steps = 0
        for i in range(3):
            await say(pair, conversation, f"a{i}", pair.alice, pair.bob, ["bob"])
            await say(pair, conversation, f"b{i}", pair.bob, pair.alice, [])
            steps += 2

        # All of Bob's devices are killed: what he missed waits for him, on each of them.
        cursor = cursor_of(await pair.bob[0].seen())
        head, unread = (await counts(pair.bob[0], conversation))[:2]
        require(unread == 0, "nothing is unread before")
        await pair.node.kill()
        for i in range(4):
            await pair.alice[i % 3].ask("send", conversation=conversation, client_id=f"away{i}", body="x", mentions=["bob"][:i % 2])
        for device in pair.alice:
            await shows(device, "bob went", presence_is("bob", "offline"))
        pair.node = NodeDevices()
        await pair.open_bob(cursor)
        for device in pair.bob:
            await shows(device, "synced", lambda seen: newest(seen, "synced"))
            require(await counts(device, conversation) == (head, 4, 2), "four unread, two of them mentions")
            bodies = [e["client_id"] for e in await device.seen() if e["type"] == "message" and e["client_id"].startswith("away")]
            require(bodies == [f"away{i}" for i in range(4)], "each once, in order", bodies)
        for device in pair.alice:
            await shows(device, "bob is back", presence_is("bob", "online"))
        last = (await pair.bob[0].ask("list"))["items"][0]["seq"]
        await pair.bob[2].ask("read", conversation=conversation, seq=last)
        await pair.bob[0].ask("unread", conversation=conversation, seq=last)
        for device in pair.all:
            await shows(device, "marked unread", ticks_are(conversation, "bob", last, last - 1))
        for device in pair.bob:
            require(await counts(device, conversation) == (last - 1, 1, 1), "one is unread again")

        # The server is killed: all six come back to what was true.
        cursors = cursor_of(await pair.alice[0].seen()), cursor_of(await pair.bob[0].seen())
        await server.kill()
        await pair.node.kill()
        await server.start()
        pair.node = NodeDevices()
        await pair.open_alice(cursors[0])
        await pair.open_bob(cursors[1])
        await pair.watch()
        for device in pair.bob:
            require(await counts(device, conversation) == (last - 1, 1, 1), "unread survives the kill")
            await shows(device, "alice is online", presence_is("alice", "online"))
        who = (await pair.alice[1].ask("receipts", conversation=conversation, message=last - 1))["items"]
        require([each["user"] for each in who] == ["bob"] and "read_at" in who[0], "the moves survive the kill", who)
        await pair.bob[1].ask("read", conversation=conversation, seq=last)
        steps += 2
        await say(pair, conversation, "after-a", pair.alice, pair.bob, ["@all"])
        await say(pair, conversation, "after-b", pair.bob, pair.alice, [])
        await pair.node.kill()
        await server.stop()
        await server.check()
    done("messages from `sent` to `read`, with typing, on six devices of two implementations", steps)


if __name__ == "__main__":
    run(main)
