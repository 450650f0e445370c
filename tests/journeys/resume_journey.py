# Clients are cut off and go on from their cursor: with everything they missed, or an explicit gap or reset.
import asyncio
import random
import shutil
import time

from client import Client
from oracle import History, judge
from shapes import numbers, shaped
from support import Server, data_directory, done, note, require, run, serving

CHECKPOINT_PATIENCE = 1.0  # what the protocol promises
CHECKPOINT_SLACK = 0.7     # for a busy machine and a sanitizer
EVENTS = ("message", "joined", "left")
SEED = 20240611
RESUME_EVENTS = 500        # missed events per conversation that are sent; the rest is named by a gap


def streamed(client, conversation, before=None):
    """The numbers of the events of a conversation that a connection was sent, in order, up to `before`."""
    seen = client.seen[:client.seen.index(before)] if before else client.seen
    return numbers(e for e in seen if e["type"] in EVENTS and e.get("conversation") == conversation)


async def post(client, conversation, count, tag):
    """Posts `count` messages in batches; returns their numbers."""
    found = []
    for start in range(0, count, 50):
        commands = [{"type": "send", "conversation": conversation, "client_id": f"{tag}-{i}", "body": f"{tag} {i}"}
                    for i in range(start, min(start + 50, count))]
        answers = await client.answers(commands)
        require(all(a["type"] == "sent" for a in answers), "posted", answers[:3])
        found += numbers(answers)
    return found


async def resumed(server, token, cursor, encoding="msgpack", **how):
    """A connection that said `since`, once it is told `synced` or `reset`."""
    client = await Client.open(server, token, encoding, since=cursor, **how)
    answer = asyncio.create_task(client.expect("synced"))
    refused = asyncio.create_task(client.expect("reset"))
    finished, waiting = await asyncio.wait({answer, refused}, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    client.outcome = shaped(finished.pop().result())
    return client


async def latest_checkpoint(client):
    """A checkpoint that covers everything the connection has seen so far."""
    while client.untaken("checkpoint"):
        await client.expect("checkpoint")
    return (await client.expect("checkpoint"))["cursor"]


async def checkpoints_cover_what_was_seen(server, tokens):
    alice = await Client.open(server, tokens["alice"])
    bob = await Client.open(server, tokens["bob"])
    room = (await alice.ask("create", kind="group", members=["bob"]))["conversation"]
    slowest = 0.0
    for i in range(4):
        await alice.send(room, f"c{i}", f"checkpoint {i}")
        await bob.expect_message(room, f"checkpoint {i}")
        begun = time.monotonic()
        cursor = await latest_checkpoint(bob)
        slowest = max(slowest, time.monotonic() - begun)
        again = await resumed(server, tokens["bob"], cursor, "json")
        require(again.outcome["type"] == "synced", "a checkpoint is good", again.outcome)
        require(not streamed(again, room), "a resume from a checkpoint repeats nothing", streamed(again, room))
        await alice.send(room, f"l{i}", f"live {i}")
        await again.expect_message(room, f"live {i}")
        await bob.expect_message(room, f"live {i}")
        await again.close()
    require(slowest < CHECKPOINT_PATIENCE + CHECKPOINT_SLACK, "a checkpoint comes within a second", slowest)
    note(f"the slowest checkpoint came {slowest * 1000:.0f} ms after its event")
    await alice.close()
    await bob.close()
    done("a checkpoint comes within a second, and resuming from it repeats nothing", 4)


async def keep_posting(client, room, stop, pause):
    count = 0
    while not stop.is_set():
        await client.send(room, f"k{count}", f"keep {count}")
        count += 1
        await asyncio.sleep(pause)
    return count


async def cut_off_again_and_again(server, tokens, dice, encoding, rounds):
    """A reader is killed at random moments under steady traffic; the oracle judges what it had in the end."""
    history, poster, reader = History(), f"poster-{encoding}", f"reader-{encoding}"
    alice = await Client.open(server, tokens[poster], trace=history.session(poster))
    room = (await alice.ask("create", kind="group", members=[reader]))["conversation"]
    bob = await Client.open(server, tokens[reader], encoding, trace=history.session(reader))
    stop = asyncio.Event()
    posting = asyncio.create_task(keep_posting(alice, room, stop, 0.002))
    for _ in range(rounds):
        await asyncio.sleep(dice.uniform(0.0, 0.06))
        await bob.drop()
        await asyncio.sleep(dice.uniform(0.0, 0.04))
        bob = await resumed(server, tokens[reader], bob.cursor, encoding, trace=history.session(reader))
        require(bob.outcome["type"] == "synced", "a cursor of ours is good", bob.outcome)
    stop.set()
    posted = await posting
    await alice.expect_message(room, f"keep {posted - 1}")
    if f"keep {posted - 1}" not in {e.get("body") for e in bob.seen}:
        await bob.expect_message(room, f"keep {posted - 1}")
    history.final[room] = await alice.pull(room, 0)
    for client in (alice, bob):
        client.trace.settled()
        await client.close()
    faults = judge(history)
    require(not faults, "the oracle finds nothing", [str(fault) for fault in faults[:5]])
    done(f"cut off under traffic of {posted} messages and resumed, {encoding}: the oracle is content", rounds)


async def without_bob(server, tokens, missed):
    """He is cut off, and so much is said then: alice, the conversation, his cursor, and the numbers of what he missed."""
    alice = await Client.open(server, tokens["alice"])
    bob = await Client.open(server, tokens["bob"])
    room = (await alice.ask("create", kind="group", members=["bob"]))["conversation"]
    await bob.expect("joined", conversation=room)
    cursor = await latest_checkpoint(bob)
    await bob.drop()
    posted = await post(alice, room, missed, "away")
    return alice, room, cursor, posted


async def missed_too_much(server, tokens, missed=730):
    """More than 500 missed events: the newest 500, a gap that names the rest, and no checkpoint past it."""
    alice, room, cursor, posted = await without_bob(server, tokens, missed)
    for attempt in range(2):
        bob = await resumed(server, tokens["bob"], cursor)
        require(bob.outcome["type"] == "synced", "missing much is no reason for a reset", bob.outcome)
        gap = shaped(await bob.expect("gap", conversation=room))
        require(streamed(bob, room) == posted[-RESUME_EVENTS:], "the newest 500", attempt, streamed(bob, room)[:3])
        require((gap["from"], gap["to"]) == (posted[0], posted[-RESUME_EVENTS] - 1), "the gap names the rest", gap)
        require(bob.seen.index(gap) < next(i for i, e in enumerate(bob.seen) if e["type"] == "message"),
                "the gap comes before what follows it")
        cursor = bob.outcome["cursor"]  # nothing pulled: it must not pass the gap
        if attempt == 0:
            await bob.drop()
    older = await bob.pull(room, gap["from"] - 1, upto=gap["to"])
    require(numbers(older)[:len(posted) - RESUME_EVENTS] == posted[:-RESUME_EVENTS], "sync fills the gap", len(older))
    cursor = await latest_checkpoint(bob)
    again = await resumed(server, tokens["bob"], cursor)
    require(not streamed(again, room) and not again.untaken("gap"), "the gap is filled and checkpointed",
            streamed(again, room)[:3], again.untaken("gap"))
    for client in (alice, bob, again):
        await client.close()
    done(f"a gap for {missed} missed events; no checkpoint passes it until it is pulled", 3)


async def membership_changed_meanwhile(server, tokens):
    """Removed, added, added and removed, removed and added again, while away."""
    alice = await Client.open(server, tokens["alice"])
    bob = await Client.open(server, tokens["bob"])
    rooms = {}
    for name, members in (("removed", ["bob"]), ("added", []), ("in and out", []), ("out and in", ["bob"])):
        rooms[name] = (await alice.ask("create", kind="group", title=name, members=members))["conversation"]
        await alice.send(rooms[name], "early", "early")
    await bob.expect_message(rooms["out and in"], "early")
    cursor = await latest_checkpoint(bob)
    await bob.drop()
    for name, first, second in (("removed", "remove", None), ("added", "add", None),
                                ("in and out", "add", "remove"), ("out and in", "remove", "add")):
        for step, command in enumerate((first, second)):
            await alice.send(rooms[name], f"before{step}", f"before step {step}")
            if command:
                fields = {"users": ["bob"]} if command == "add" else {"user": "bob"}
                await alice.ask(command, conversation=rooms[name], **fields)
        await alice.send(rooms[name], "late", "late")
    created = (await alice.ask("create", kind="direct", with_="bob"))["conversation"]
    bob = await resumed(server, tokens["bob"], cursor)
    expected = {"removed": [3, 4], "added": [4, 5, 6], "in and out": [4, 5, 6], "out and in": [3, 4, 6, 7]}
    for name, wanted in expected.items():
        got = streamed(bob, rooms[name])
        allowed = set(wanted) | ({5} if name == "out and in" else set())
        require(set(wanted) <= set(got) <= allowed and got == sorted(got), f"missed: {name}", got, wanted)
    require(streamed(bob, created) == [1], "a conversation made meanwhile", streamed(bob, created))
    for name in ("added", "out and in"):
        told = bob.untaken("conversation", conversation=rooms[name])
        require(len(told) <= 1, "introduced at most once", told)
    require(bob.untaken("conversation", conversation=rooms["added"]), "who was added is told of the conversation")
    require(bob.untaken("conversation", conversation=created), "and of one made meanwhile")
    for name, after in (("removed", False), ("in and out", False), ("added", True), ("out and in", True)):
        await alice.send(rooms[name], "live", f"live in {name}")
        code = (await bob.answer("sync", conversation=rooms[name], after=0)).get("code")
        require(code == (None if after else "not_found"), f"may pull: {name}", code)
    await bob.expect_message(rooms["added"], "live in added")
    await bob.expect_message(rooms["out and in"], "live in out and in")
    for name in ("removed", "in and out"):
        require(not bob.untaken("message", body=f"live in {name}"), "an ex-member is told nothing more")
    await alice.close()
    await bob.close()
    done("members changed while away: removed, added, in and out, out and in, created", 5)


def spoiled(cursor):
    """Cursors that are no good, made from one that is."""
    yield from ("", "x", "!!!!", "A" * 34, "A" * 5000, cursor[:-1], cursor[1:], cursor + "A", "\u0000", "ü" * 17)
    for place in range(0, len(cursor), 5):
        other = "B" if cursor[place] != "B" else "C"
        yield cursor[:place] + other + cursor[place + 1:]


async def cursors_that_are_no_good(server, tokens, other_stores_cursor):
    alice = await Client.open(server, tokens["alice"])
    bob = await Client.open(server, tokens["bob"])
    room = (await alice.ask("create", kind="direct", with_="bob"))["conversation"]
    await alice.send(room, f"r{time.time()}", "before the resets")
    await bob.expect_message(room, "before the resets")
    own = await latest_checkpoint(bob)
    bad = [*spoiled(own), alice.cursor, other_stores_cursor]
    for index, cursor in enumerate(bad):
        again = await resumed(server, tokens["bob"], cursor, "json" if index % 2 else "msgpack")
        require(again.outcome["type"] == "reset", "a cursor that is no good gets `reset`", cursor[:60], again.outcome)
        require(not streamed(again, room, again.outcome), "`reset` comes instead of what was missed", again.seen)
        await alice.send(room, f"reset{index}-{time.time()}", f"after reset {index}")
        await again.expect_message(room, f"after reset {index}")
        if index < 3:
            fresh = await resumed(server, tokens["bob"], again.outcome["cursor"])
            require(fresh.outcome["type"] == "synced", "the cursor of a reset is good", fresh.outcome)
            await fresh.close()
        await again.close()
    await alice.close()
    await bob.close()
    done("malformed, spoiled, foreign and another store's cursors: reset, then live events", len(bad))


async def a_store_set_back():
    """A cursor that is ahead of a store put back from an older copy cannot be proved: reset."""
    with data_directory() as data:
        server = await Server(data).start()
        tokens = await server.tokens(["alice", "bob"])
        alice = await Client.open(server, tokens["alice"])
        room = (await alice.ask("create", kind="direct", with_="bob"))["conversation"]
        await alice.send(room, "early", "early")
        await server.stop()
        shutil.copytree(data, data.parent / "copy")
        server = await Server(data).start()
        alice = await Client.open(server, tokens["alice"])
        await post(alice, room, 60, "later")
        cursor = await latest_checkpoint(alice)
        for kept in (True, False):
            await server.kill() if kept else await server.stop()
            if not kept:
                shutil.rmtree(data)
                (data.parent / "copy").rename(data)
            server = await Server(data).start()
            again = await resumed(server, tokens["alice"], cursor)
            require(again.outcome["type"] == ("synced" if kept else "reset"), "a cursor outlives a crash, and "
                    "is refused by a store that lacks what it covers", kept, again.outcome)
            require(not streamed(again, room), "nothing is repeated", streamed(again, room))
            foreign = again.cursor
        await server.stop()
        await server.check()
    done("a cursor over a restart after kill -9 is good; one ahead of the store is reset", 2)
    return foreign


async def main():
    dice = random.Random(SEED)
    foreign = await a_store_set_back()
    async with serving("--io-threads", "3") as server:  # sessions of one user live on different threads
        users = ["alice", "bob", *(f"{who}-{how}" for who in ("poster", "reader") for how in ("msgpack", "json"))]
        tokens = await server.tokens(users)
        await checkpoints_cover_what_was_seen(server, tokens)
        await cut_off_again_and_again(server, tokens, dice, "msgpack", 25)
        await cut_off_again_and_again(server, tokens, dice, "json", 15)
        await missed_too_much(server, tokens)
        await membership_changed_meanwhile(server, tokens)
        await cursors_that_are_no_good(server, tokens, foreign)


if __name__ == "__main__":
    run(main)
