# H7: what a client has sent, sent again byte for byte over new connections, is refused or has no second effect.
import asyncio

from client import Client, encode
from ground import tried
from raw_socket import KIND, RawSocket, frame
from support import serving


def script(room, user, tag):
    """Every kind of change that a client with ids for its commands makes; each is a command with a client_id."""
    def named(type, **fields):
        return {"type": type, "ref": f"{type}-{len(made)}", "client_id": f"{tag}-{type}-{len(made)}", **fields}

    made = []
    for each in (lambda: named("create", kind="group", title="again", members=["bob"]), lambda: named("create", kind="direct", **{"with": "carol"}), lambda: named("send", conversation=room, body="once"),
                 lambda: named("send", conversation=room, body="and again", mentions=["bob"]), lambda: named("edit", conversation=room, message=2, body="changed"), lambda: named("react", conversation=room, message=2, emoji="👍"),
                 lambda: named("react", conversation=room, message=2, emoji="👍", remove=True), lambda: named("pin", conversation=room, message=2), lambda: named("update", conversation=room, title="another"),
                 lambda: named("add", conversation=room, users=["dave"]), lambda: named("remove", conversation=room, user="dave"), lambda: named("invite", conversation=room, users=["erin"]),
                 lambda: named("delete", conversation=room, message=2, **{"for": "everyone"}), lambda: named("set", conversation=room, pinned=True), lambda: named("block", user="mallory"), lambda: named("unblock", user="mallory")):
        made.append(each())
    return made


async def said(server, data, answers):
    """Says recorded bytes over a new connection; the answers, by ref."""
    raw = await RawSocket.open(server)
    raw.encoding = data[0]
    await raw.send(data[1])
    await raw.answer()
    found = {}
    for part in data[2]:
        await raw.send(part)
    for ref in answers:
        while ref not in found:
            if not await raw.read():
                return found
            found.update({each["ref"]: each for each in raw.heard if "ref" in each})
    raw.end()
    return found


async def state(client):
    """Everything that a replay could have changed: conversations, their events, blocks."""
    items = (await client.ask("list"))["items"]
    events = {item["conversation"]: await client.pull(item["conversation"], 0) for item in items}
    return events, await client.ask("blocks")


def without_ref(state):
    return state[0], {key: value for key, value in state[1].items() if key != "ref"}


async def replayed(server, tokens, encoding, times, findings):
    alice = await Client.open(server, tokens["alice"])
    room = (await alice.ask("create", kind="group", members=["bob"]))["conversation"]
    await alice.send(room, f"{encoding}-first", "first")
    commands = script(room, "alice", encoding)
    upgrade = f"GET /v1/ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Protocol: parley.v1.{encoding}\r\n\r\n".encode()
    frames = [frame(KIND[encoding], encode(encoding, [each])) for each in ({"type": "hello", "ref": "hello", "token": tokens["alice"], "device": "d"}, *commands)]
    refs = ["hello", *(each["ref"] for each in commands)]
    first = await said(server, (encoding, upgrade, frames), refs)
    bad = [answer for answer in first.values() if answer["type"] == "error"]
    findings.check(len(first) == len(refs) and not bad, f"{encoding}: the first time all of it works", bad)
    before = without_ref(await state(alice))
    for number in range(times):
        again = await said(server, (encoding, upgrade, frames), refs)
        for ref in refs[1:]:
            findings.check(again.get(ref) == first.get(ref), f"{encoding}: replay {number} of {ref}", again.get(ref), first.get(ref))
        findings.check(without_ref(await state(alice)) == before, f"{encoding}: replay {number} changed something")
    await asyncio.gather(*(said(server, (encoding, upgrade, frames), refs) for _ in range(5)))
    findings.check(without_ref(await state(alice)) == before, f"{encoding}: five replays at once changed something")
    await alice.close()


async def with_an_old_token(server, findings):
    """A recorded hello is as good as its token: once that has ended, the recording is worth nothing."""
    token = await server.token("alice", ttl="1s")
    data = frame(KIND["json"], encode("json", [{"type": "hello", "ref": 1, "token": token}]))
    await asyncio.sleep(2.2)
    raw = await RawSocket.upgraded(server, "json")
    await raw.send(data)
    code = await raw.closed()
    findings.check(code == 4401 and raw.heard[0].get("code") == "token_expired", "a recording older than its token", code, raw.heard)


def run(size, server):
    async def main(findings):
        async with serving(release=True) as running:
            tokens = await running.tokens(["alice", "bob"])
            for encoding in ("msgpack", "json"):
                await replayed(running, tokens, encoding, size.of(3, 100), findings)
            await with_an_old_token(running, findings)
        findings.note("commands without a `client_id` are not among them: a client that wants no second effect names them, and TLS lets nobody record them")

    return tried("commands sent again", main)
