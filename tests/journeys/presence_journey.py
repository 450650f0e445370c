# Presence over real sockets: who is shown what, killed clients, a killed server, sessions listed and ended.
import asyncio
import signal
import sys
import time

from client import Client, Gone
from shapes import all_shaped
from support import PATIENCE, data_directory, done, note, require, run, within, Server

GRACE = (8, 16)     # seconds in which `offline` must come, on a busy machine
DEVICES = 32

# A client in a process of its own, so that it can be killed like one.
CLIENT = """
import asyncio, json, sys, websockets
async def main():
    async with websockets.connect(sys.argv[1], subprotocols=["parley.v1.json"]) as socket:
        await socket.send(json.dumps({"type": "hello", "ref": 1, "token": sys.argv[2], "device": "phone"}))
        async for text in socket:
            for line in text.splitlines():
                print(json.loads(line)["type"], flush=True)
asyncio.run(main())
"""  # it ends by SIGKILL, or when the server does


class Process:
    """A client that is another process."""

    @classmethod
    async def start(cls, server, token):
        made = cls()
        made.it = await asyncio.create_subprocess_exec(
            sys.executable, "-c", CLIENT, f"ws://{server.http}/v1/ws", token, stdout=asyncio.subprocess.PIPE)
        line = await within(PATIENCE, made.it.stdout.readline(), "the other process's welcome")
        require(line.strip() == b"welcome", "it was welcomed", line)
        return made

    async def kill(self):
        self.it.send_signal(signal.SIGKILL)
        await within(PATIENCE, self.it.wait(), "the killed client's end")


def now_ms():
    return time.time() * 1000


async def merged(server, tokens, bob):
    """Two devices of alice in both encodings, and what bob is told of them."""
    desk = await Client.open(server, tokens["alice"], "msgpack", device="desk")
    phone = await Client.open(server, tokens["alice"], "json", device="phone")
    require((await bob.ask("watch", users=["alice"]))["type"] == "ok", "watch is answered")
    await bob.expect("presence", user="alice", status="online")
    steps = 0
    for who, status, text, shown, beside in (
            (desk, "busy", "in a meeting", "busy", "in a meeting"), (phone, "busy", None, "busy", ""),
            (phone, "away", None, "busy", "in a meeting"), (desk, "away", None, "away", ""), (phone, "online", "é" * 64, "online", "é" * 64),
            (desk, "invisible", None, "offline", ""), (desk, "online", "", "online", "")):
        fields = {"status": status, **({} if text is None else {"text": text})}
        require((await who.ask("presence", **fields))["type"] == "ok", "a status is answered")
        event = await bob.expect("presence", user="alice")
        require((event["status"], event.get("text", "")) == (shown, beside), "what is shown of both", status, event)
        require(("last_seen" in event) == (shown == "offline"), "last_seen goes with offline", event)
        steps += 1
    for wrong, code in (({"status": "sleeping"}, "bad_request"), ({}, "bad_request"), ({"status": "online", "text": "x" * 129}, "too_large")):
        require(await desk.refusal("presence", **wrong) == code, "a status that makes no sense", wrong)
        steps += 1
    require(await bob.refusal("watch", users=[f"u{i}" for i in range(1001)]) == "too_large", "too many users at once")
    done("statuses of two devices, merged", steps)
    return desk, phone


async def strangers(server, tokens, bob):
    """Who shares no conversation sees everyone offline, those who do not exist too, and learns no more."""
    eve = await Client.open(server, tokens["eve"])
    await eve.ask("watch", users=["alice", "nobody", "bob"])
    told = [await eve.expect("presence", user=user) for user in ("alice", "nobody", "bob")]
    for event in told:
        require(event["status"] == "offline" and "last_seen" not in event and "text" not in event, "a stranger learns nothing", event)
    return eve


async def killed_client(server, tokens, bob):
    """A client killed with SIGKILL: a reconnect does not flicker; otherwise offline comes, with last_seen."""
    phone = await Process.start(server, tokens["alice"])
    await bob.expect("presence", user="alice", status="online")
    await phone.kill()
    await asyncio.sleep(4)  # within the ten seconds
    phone = await Process.start(server, tokens["alice"])
    await asyncio.sleep(GRACE[1])
    require(not bob.untaken("presence"), "a reconnect does not flicker", bob.untaken("presence"))
    killed, begun = now_ms(), time.monotonic()
    await phone.kill()
    event = await bob.expect("presence", patience=30, user="alice", status="offline")
    took = time.monotonic() - begun
    require(GRACE[0] < took < GRACE[1], "offline comes about ten seconds after the end", took)
    require(abs(event["last_seen"] - killed) < 3000, "and says when it was", event, killed)
    note(f"offline {took:.1f} s after the client was killed, last_seen {event['last_seen'] - killed:+.0f} ms")
    done("clients killed with SIGKILL", 2)
    return event


async def sessions(server, tokens):
    """A user lists their own sessions and ends one; nobody else's."""
    desk = await Client.open(server, tokens["alice"], "msgpack", device="desk")
    phone = await Client.open(server, tokens["alice"], "json", device="phone")
    eve = await Client.open(server, tokens["eve"])
    items = (await desk.ask("sessions"))["items"]
    require({i["device"]: i["current"] for i in items} == {"desk": True, "phone": False}, "both are listed", items)
    require(all(abs(i["since"] - now_ms()) < 60_000 for i in items), "since when", items)
    name = phone.welcome["session"]
    require(name in {i["session"] for i in items}, "under the name that `welcome` gave", items)
    require(await eve.refusal("end_session", session=name) == "not_found", "another user's session")
    require(await desk.refusal("end_session", session="0-999999") == "not_found", "no such session")
    require((await desk.ask("end_session", session=name))["type"] == "ok", "one's own")
    await phone.expect("bye", reason="ended")
    require(await phone.gone() == 4401, "and it ends", phone.socket.close_code)
    require(len((await desk.ask("sessions"))["items"]) == 1, "it is gone from the list")
    shaped = all_shaped(desk.seen) + all_shaped(phone.seen)
    await desk.close()
    await eve.close()
    done("sessions listed and ended", 2)
    return shaped


async def too_many_devices(server, tokens):
    """Thirty-two devices and not one more, whichever shard they are on; the same device again is fine."""
    clients = [await Client.open(server, tokens["dora"], device=f"d{i}") for i in range(DEVICES)]
    late = await Client.connect(server)
    answer = await late.answer("hello", token=tokens["dora"], device="one more")
    require(answer["type"] == "error" and answer["code"] == "forbidden", "one device too many", answer)
    require(await late.gone() == 4403, "and the connection ends", late.socket.close_code)
    clients.append(await Client.open(server, tokens["dora"], device="d7"))
    await clients[0].close()
    clients.append(await Client.open(server, tokens["dora"], device="one more"))
    for client in clients[1:]:
        await client.close()
    done("devices of one user", DEVICES + 3)


async def crowd(server, bob):
    """In a conversation of more than 200 there are numbers: who is there, and from six on who types."""
    users = [f"typist-{i}" for i in range(6)]
    tokens = await server.tokens(users)
    typists = [await Client.open(server, tokens[user], ("msgpack", "json")[i % 2]) for i, user in enumerate(users)]
    room = (await bob.ask("create", kind="group", members=[*users, *(f"member-{i}" for i in range(200))]))["conversation"]
    shown = await bob.ask("presences", conversation=room)
    require((shown["members"], shown["online"], "items" in shown) == (207, 7, False), "numbers alone", shown)
    await typists[0].ask("presence", status="invisible")
    await asyncio.sleep(1.1)
    require((await typists[1].ask("presences", conversation=room))["online"] == 6, "who hides is not counted")
    for typist in typists[:5]:
        for _ in range(20):
            await typist.tell("typing", conversation=room, active=True)
    for user in users[:5]:
        await bob.expect("typing", conversation=room, user=user, active=True)
    await typists[5].ask("typing", conversation=room, active=True)
    for user in users[:5]:
        await bob.expect("typing", conversation=room, user=user, active=False)
    event = await bob.expect("typing", conversation=room, count=6)
    require(0 < event["expires_ms"] <= 15000, "and how long it may be believed", event)
    await typists[5].send(room, "t1", "what was typed")
    event = await bob.expect("typing", conversation=room, count=0)
    for user in users[:5]:
        await bob.expect("typing", conversation=room, user=user, active=True)
    told = [e for e in bob.seen if e["type"] == "typing" and e["conversation"] == room]
    require(len(told) < 40, "a hundred words make few events", len(told))
    small = (await bob.ask("create", kind="group", members=users[:3]))["conversation"]
    shown = await bob.ask("presences", conversation=small)
    require([item["user"] for item in shown["items"]] == ["bob", "typist-1", "typist-2"], "names, but for who hides", shown)
    shaped = sum(all_shaped(typist.seen) for typist in typists)
    for typist in typists:
        await typist.close()
    done("a conversation of 207 members, six of whom type", 6)
    return shaped


async def killed_server(server, tokens, told):
    """After SIGKILL and a restart everyone is offline, and was seen when they were."""
    await server.kill()
    await server.start("--io-threads", "2")
    bob = await Client.open(server, tokens["bob"])
    await bob.ask("watch", users=["alice"])
    event = await bob.expect("presence", user="alice")
    require(event["status"] == "offline" and event["last_seen"] >= told["last_seen"], "last_seen survives SIGKILL", event, told)
    alice = await Client.open(server, tokens["alice"], device="desk")
    await bob.expect("presence", user="alice", status="online")
    stopped = now_ms()
    await server.stop()
    with_close = {await client.gone() for client in (alice, bob)}
    require(with_close == {1012}, "both were told that it restarts", with_close)
    await server.start("--io-threads", "2")
    bob = await Client.open(server, tokens["bob"], "json")
    await bob.ask("watch", users=["alice"])
    event = await bob.expect("presence", user="alice")
    require(event["status"] == "offline", "after a stop everyone is offline", event)
    require(abs(event["last_seen"] - stopped) < 5000, "and was there until the stop", event, stopped)
    shaped = all_shaped(bob.seen)
    await bob.close()
    done("restarts, by SIGKILL and by SIGTERM", 2)
    return shaped


async def main():
    with data_directory() as data:
        server = Server(data)
        await server.start("--io-threads", "2")
        tokens = await server.tokens(["alice", "bob", "eve", "dora"])
        bob = await Client.open(server, tokens["bob"], "json")
        room = (await bob.ask("create", kind="group", members=["alice"]))["conversation"]
        desk, phone = await merged(server, tokens, bob)
        eve = await strangers(server, tokens, bob)
        await bob.ask("remove", conversation=room, user="alice")
        await bob.expect("presence", patience=10, user="alice", status="offline")
        await bob.ask("add", conversation=room, users=["alice"])
        await bob.expect("presence", patience=10, user="alice", status="online")
        done("a watched user who leaves, and is back")
        shaped = all_shaped(desk.seen) + all_shaped(phone.seen)
        await phone.close()
        await desk.close()
        await bob.expect("presence", patience=30, user="alice", status="offline")
        told = await killed_client(server, tokens, bob)
        require(not eve.untaken("presence"), "a stranger heard nothing of it", eve.untaken("presence"))
        shaped += await sessions(server, tokens)
        await too_many_devices(server, tokens)
        shaped += await crowd(server, bob)
        shaped += all_shaped(bob.seen) + all_shaped(eve.seen)
        shaped += await killed_server(server, tokens, told)
        await server.stop()
        await server.check()
    done("envelopes about presence and sessions, in both encodings", shaped)


if __name__ == "__main__":
    run(main)
