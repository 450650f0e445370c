# What is too much is refused and said so: descriptors, bodies, users, members, envelopes, sessions' queues.
import asyncio
import contextlib
import socket
import time

import websockets

from client import Client, encode
from http_abuse import status_of
from raw_socket import RawSocket, frame, request, BINARY
from shapes import shaped
from support import done, eventually, note, require, run, serving

FILES = 96         # descriptors the server may have
CONNECTS = 400
IDLE_CPU = 0.10    # of one core, while it has no descriptors left
BACK = 3           # seconds until it accepts again, on a busy machine
MEMBERS = 20_000


async def connect_without_a_word(server, count):
    """TCP connections that the kernel completes, whether the server accepts them or not."""
    sockets = []
    for _ in range(count):
        made = socket.socket()
        made.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            made.connect(server.address)
        sockets.append(made)
    return sockets


async def exchange(alice, bob, room, tag):
    await alice.send(room, tag, tag)
    await bob.expect_message(room, tag)


async def enter_again(server, token):
    """A session as soon as the server takes one again, and how long that took."""
    begun = time.monotonic()
    while True:
        try:
            client = await Client.open(server, token, "json")
            return client, time.monotonic() - begun
        except websockets.InvalidHandshake as refused:
            require(time.monotonic() - begun < BACK, "it accepts again soon after there is room", refused)
            await asyncio.sleep(0.05)


async def out_of_descriptors(server, tokens):
    """More connections than descriptors: those who are in go on, and others get in once there is room."""
    alice, bob = await Client.open(server, tokens["alice"]), await Client.open(server, tokens["bob"])
    room = (await alice.ask("create", kind="direct", with_="bob"))["conversation"]
    before = server.descriptors()
    sockets = await connect_without_a_word(server, CONNECTS)
    await eventually(lambda: server.descriptors() >= FILES - 4, "the server has used up its descriptors")
    await exchange(alice, bob, room, "while exhausted")
    status, _ = await status_of(server, request("/livez", Upgrade=None, Connection="close"))
    require(status in (200, 503), "and still answers to HTTP", status)
    used, begun = server.cpu_seconds(), time.monotonic()
    await asyncio.sleep(2.0)  # what is measured is how little happens in it
    share = (server.cpu_seconds() - used) / (time.monotonic() - begun)
    require(share < IDLE_CPU, "a server without descriptors does not spin", share)
    for i in range(20):
        await exchange(alice, bob, room, f"still {i}")
    for made in sockets:
        made.close()
    late, took = await enter_again(server, tokens["alice"])
    require(took < BACK, "it accepts again soon after there is room", took)
    await exchange(late, bob, room, "after")
    await eventually(lambda: server.descriptors() <= before + 3, "descriptors given back", 15)
    for client in (alice, bob, late):
        await client.close()
    note(f"{share * 100:.1f} % of a core while exhausted; accepted again {took * 1000:.0f} ms after the release")
    done(f"{CONNECTS} connects to a server with {FILES} descriptors", 1)


async def bodies_and_lists(server, tokens):
    tried = 0
    for encoding in ("msgpack", "json"):
        alice = await Client.open(server, tokens["alice"], encoding)
        limits = alice.welcome["limits"]
        room = (await alice.ask("create", kind="group"))["conversation"]
        most = limits["body_bytes"]
        for body, fits in (("x" * most, True), ("x" * (most + 1), False), ("é" * (most // 2), True), ("é" * (most // 2 + 1), False)):
            answer = await alice.answer("send", conversation=room, client_id=f"{len(body)}{body[0]}", body=body)
            require(answer["type"] == ("sent" if fits else "error"), "a body at its limit", len(body), answer)
            require(fits or shaped(answer)["code"] == "too_large", "and beyond", answer)
            tried += 1
        many = [f"u{i}" for i in range(limits.get("users_per_command", 1000) + 1)]
        for command, fields in (("create", {"kind": "group", "members": many}), ("create", {"kind": "channel", "members": many}),
                                ("add", {"conversation": room, "users": many})):
            require(await alice.refusal(command, **fields) == "too_large", f"too many users in {command}")
            tried += 1
        require(await alice.refusal("create", kind="group", title="t" * 10_000) == "too_large", "a title too long")
        full = await alice.ask("create", kind="group", members=many[:-1])
        require(len(full["members"]) <= len(many), "as many as allowed", len(full["members"]))
        page = await alice.ask("members", conversation=full["conversation"], limit=10**9)
        require(len(page["items"]) == limits["page"] and page["cursor"], "a page is clamped", len(page["items"]))
        await alice.close()
        tried += 3
    done("bodies, titles and lists at their limits and one beyond", tried)


async def frames_at_their_limit(server, tokens):
    """A frame of the announced size is read; one byte more is 1009; too many envelopes are refused."""
    tried = 0
    for extra in (0, 1):
        raw = await RawSocket.upgraded(server, "json", tokens["alice"])
        text = encode("json", [{"type": "ping", "ref": "big"}]).encode()
        await raw.send(frame(1, text + b" " * (65536 + extra - len(text))))
        if extra:
            require(await raw.closed() == 1009, "a frame one byte too long", raw.close_code)
        else:
            await raw.until("pong", "big")
            raw.end()
        tried += 1
    for count in (1000, 3000):
        raw = await RawSocket.upgraded(server, "msgpack", tokens["alice"])
        await raw.send(frame(BINARY, encode("msgpack", [{"type": "ping", "ref": i} for i in range(count)])))
        if count > 1024:
            require(await raw.closed() in (1008, 1009), "too many envelopes in one message", raw.close_code)
        else:
            await raw.until("pong", count - 1)
            raw.end()
        tried += 1
    done("frames and batches at their limits and beyond", tried)


async def a_very_large_group(server, tokens):
    """A conversation takes 20,000 members and not one more; its messages still work."""
    alice = await Client.open(server, tokens["alice"])
    most = alice.welcome["limits"].get("members", MEMBERS)
    room = (await alice.ask("create", kind="group", members=["bob"]))["conversation"]
    added = 2
    while added < most:
        users = [f"m{i}" for i in range(added, min(added + 1000, most))]
        await alice.ask("add", conversation=room, users=users)
        added += len(users)
    require(await alice.refusal("add", conversation=room, users=["one more"]) == "too_large", "one member too many")
    bob = await Client.open(server, tokens["bob"])
    await alice.send(room, "big", "to all of you")
    await bob.expect_message(room, "to all of you")
    facts = await bob.ask("get", conversation=room)
    require(len(facts["members"]) <= 1000, "the answer names a part of the members", len(facts["members"]))
    await alice.close()
    await bob.close()
    done("members of one conversation", most)


async def hasty_senders(server, tokens):
    """A client that sends thousands of commands without waiting gets every answer, in order."""
    alice = await Client.open(server, tokens["alice"])
    room = (await alice.ask("create", kind="group"))["conversation"]
    count = 4000
    commands = [{"type": "send", "conversation": room, "client_id": f"h{i}", "body": "hasty"} for i in range(count)]
    groups = [asyncio.create_task(alice.answers(commands[i:i + 200], 60)) for i in range(0, count, 200)]
    answers = [answer for group in groups for answer in await group]
    require([a.get("seq") for a in answers] == list(range(2, count + 2)), "every answer, in order", answers[:2])
    await alice.close()
    done("commands sent without waiting for answers", count)


async def silent_crowd(server):
    """Connections before hello cost little."""
    before, count = server.memory(), 300
    sockets = [await RawSocket.open(server) for _ in range(count)]
    for raw in sockets:
        await raw.send(request())
    for raw in sockets:
        require((await raw.answer())[0] == 101, "a silent crowd is let in")
    each = (server.memory() - before) / count / 1024
    for raw in sockets:
        raw.end()
    note(f"{each:.1f} KiB for a connection before hello")
    done("silent connections", count)


async def too_fast(server, tokens):
    """A user who asks too much is told when to ask again, over whichever connection; others are not."""
    devices = [await Client.open(server, tokens["alice"], encoding) for encoding in ("msgpack", "json")]
    bob = await Client.open(server, tokens["bob"])
    answers = []
    for _ in range(10):
        for device in devices:
            answers += await device.answers([{"type": "ping"} for _ in range(200)])
    served = [a for a in answers if a["type"] == "pong"]
    refused = [a for a in answers if a.get("code") == "rate_limited"]
    require(len(served) >= 1000 and refused, "a burst is served, and then no more", len(served), len(refused))
    require(len(served) + len(refused) == len(answers), "every command is answered one way or the other")
    require(all(0 < a["retry_after_ms"] <= 1000 for a in refused), "and when to try again is told", refused[0])
    require((await bob.ask("ping"))["type"] == "pong", "others are served")
    # What a burst was told is of its moment: its own later commands may have taken what came since.
    answer = (await devices[0].answers([{"type": "ping"}]))[0]
    if answer["type"] != "pong":
        await asyncio.sleep(answer["retry_after_ms"] / 1000)
        require((await devices[0].ask("ping"))["type"] == "pong", "whoever waited is served")
    for client in (*devices, bob):
        await client.close()
    done("commands of one user over two connections, beyond the rate", len(answers))


async def main():
    # Without descriptors UBSan cannot look at memory any more and takes every object for a broken one.
    async with serving(release=True, limit_files=FILES) as server:
        if server.sanitized:
            note("running out of descriptors was NOT tried: it takes a binary without sanitizers")
        else:
            await out_of_descriptors(server, await server.tokens(["alice", "bob"]))
    async with serving() as server:
        tokens = await server.tokens(["alice", "bob"])
        await bodies_and_lists(server, tokens)
        await frames_at_their_limit(server, tokens)
        await hasty_senders(server, tokens)
        await a_very_large_group(server, tokens)
        await silent_crowd(server)
    async with serving("--rate-limit", "on") as server:
        await too_fast(server, await server.tokens(["alice", "bob"]))


if __name__ == "__main__":
    run(main)
