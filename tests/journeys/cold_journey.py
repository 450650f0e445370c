# Old messages are kept compressed: nobody who reads, searches, changes or deletes them sees a difference, through kills and a compaction, and while they fall out.
import asyncio
import os
import random
import urllib.request

from client import Client
from support import Server, data_directory, done, note, require, run

SEED = int(os.environ.get("PARLEY_SEED", "0")) or random.SystemRandom().randrange(1, 2**31)
MESSAGES = 400
KILLS = 5
COLD = ("--cold-after", "1s")
WORDS = """acorn badger cedar drift ember fallow garnet harbour indigo juniper kestrel lantern meadow nettle
osprey pebble quarry russet sorrel thistle umber violet willow yarrow zephyr""".split()


def said(chance, i):
    return f"number {i}: " + " ".join(chance.choice(WORDS) for _ in range(chance.randrange(4, 60)))


def gauge(server, name):
    with urllib.request.urlopen(f"http://{server.http}/metrics", timeout=10) as answer:
        for line in answer.read().decode().splitlines():
            if line.startswith(name + " "):
                return float(line.split()[1])
    raise AssertionError(name)


async def cooled(server, segments):
    """Waits until there are so many segments."""
    for _ in range(600):
        if await asyncio.to_thread(gauge, server, "parley_cold_segments") >= segments:
            return
        await asyncio.sleep(0.05)
    require(False, "old messages are packed", gauge(server, "parley_cold_segments"))


class Room:
    """What was said, as it should be shown now."""

    def __init__(self, name):
        self.name = name
        self.bodies = {}   # seq -> body; None: deleted
        self.first = {}    # seq -> body as it was sent

    async def say(self, client, chance, count, tag):
        for start in range(0, count, 50):
            bodies = [said(chance, i) for i in range(start, min(start + 50, count))]
            answers = await client.answers([
                {"type": "send", "conversation": self.name, "client_id": f"{tag}-{start + i}", "body": body}
                for i, body in enumerate(bodies)])
            for body, answer in zip(bodies, answers):
                require(answer["type"] == "sent", "a send is acknowledged", answer)
                self.bodies[answer["seq"]] = self.first[answer["seq"]] = body

    async def expect_history(self, client, first=1):
        events = []
        before = None
        while True:
            page = await client.ask("history", conversation=self.name, limit=50, **({"before": before} if before else {}))
            events = page["events"] + events
            if not page["more"]:
                break
            before = page["events"][0]["seq"]
        require([e["seq"] for e in events] == list(range(first, first + len(events))), "numbers without gaps", first)
        shown = {e["seq"]: e.get("body") for e in events if e["type"] == "message"}
        for seq, body in self.bodies.items():
            if seq >= first:
                require(shown[seq] == body, "history shows what was said", seq, shown[seq], body)
        return events

    async def expect_sync(self, client):
        told = {e["seq"]: e.get("body") for e in await client.pull(self.name, 0) if e["type"] == "message"}
        for seq, body in self.first.items():
            require(told[seq] == (body if self.bodies[seq] is not None else None), "sync tells what was delivered", seq)


async def begin(server, chance, tag):
    tokens = await server.tokens(["alice", "bob"])
    alice = await Client.open(server, tokens["alice"])
    room = Room((await alice.ask("create", kind="group", members=["bob"]))["conversation"])
    await room.say(alice, chance, MESSAGES, tag)
    return tokens, alice, room


async def read_and_changed(chance):
    with data_directory() as data:
        server = await Server(data).start(*COLD)
        tokens, alice, room = await begin(server, chance, "a")
        bob = await Client.open(server, tokens["bob"], device="phone")
        away = bob.cursor
        await room.say(alice, chance, MESSAGES, "b")
        await bob.close()
        await cooled(server, 6)
        note(f"{gauge(server, 'parley_cold_raw_bytes'):.0f} bytes of events take {gauge(server, 'parley_cold_bytes'):.0f}")
        await room.expect_history(alice)
        await room.expect_sync(alice)
        bob = await Client.open(server, tokens["bob"], "json", since=away)
        await bob.expect("synced")
        await room.expect_sync(bob)
        done("history, sync and a resume of what has cooled")

        old = sorted(room.bodies)
        hits = (await alice.ask("search", query='"number 7"', limit=50))["hits"]
        require(any(hit["seq"] == old[7] for hit in hits), "what has cooled is found", hits)
        await bob.ask("read", conversation=room.name, seq=old[20])
        receipts = await alice.ask("receipts", conversation=room.name, message=old[10])
        require(receipts["items"][0]["user"] == "bob" and "read_at" in receipts["items"][0], "who has read it", receipts)
        await alice.ask("edit", conversation=room.name, message=old[3], body="what was meant")
        room.bodies[old[3]] = "what was meant"
        versions = (await bob.ask("versions", conversation=room.name, message=old[3]))["items"]
        require([v["body"] for v in versions] == [room.first[old[3]], "what was meant"], "both versions", versions)
        await bob.ask("react", conversation=room.name, message=old[4], emoji="👍")
        await bob.ask("pin", conversation=room.name, message=old[5])
        reply = await bob.ask("send", conversation=room.name, client_id="reply", body="late", thread=old[6])
        room.bodies[reply["seq"]] = room.first[reply["seq"]] = "late"
        await alice.ask("delete", conversation=room.name, message=old[8], **{"for": "everyone"})
        await alice.ask("delete", conversation=room.name, message=old[30], through=old[60], **{"for": "everyone"})
        for seq in (old[8], *old[30:61]):
            room.bodies[seq] = None
        shown = {e["seq"]: e for e in await room.expect_history(bob)}
        require(shown[old[4]]["reactions"]["👍"] == {"count": 1, "mine": True}, "a reaction", shown[old[4]])
        require(shown[old[6]]["replies"]["count"] == 1, "a thread", shown[old[6]])
        require(len((await bob.ask("pins", conversation=room.name))["items"]) == 1, "a pin")
        phrase = '"' + " ".join(room.first[old[30]].split()[:6]) + '"'
        require((await alice.ask("search", query=phrase))["hits"] == [], "what was deleted is not found")
        again = await alice.ask("send", conversation=room.name, client_id="a-0", body=room.first[old[0]])
        require(again["seq"] == old[0], "a retry gets its number")
        done("search, receipts, edits, reactions, pins, threads, deletions and retries of what has cooled")

        before = (data / "model" / "data.mdb").stat().st_size
        await server.tool("compact", "--data", str(data))
        note(f"the model took {before} bytes and takes {(data / 'model' / 'data.mdb').stat().st_size} after a compaction")
        await room.expect_history(alice)
        await room.expect_sync(bob)
        await server.check()
        await server.stop()
        await server.check()
        server = await Server(data).start("--cold-after", "0")
        await room.expect_history(await Client.open(server, tokens["alice"]))
        await server.tool("backup", "--data", str(data), "--to", str(data.parent / "copy"))
        await server.stop()
        copy = await Server(data.parent / "copy").start()
        await room.expect_history(await Client.open(copy, await copy.token("alice")))
        await copy.stop()
        await copy.check()
    done("segments go through a compaction, a restart and a backup")


async def killed_while_cooling(chance):
    with data_directory() as data:
        server = await Server(data).start(*COLD)
        tokens, alice, room = await begin(server, chance, "k")
        for i in range(KILLS):
            await asyncio.sleep(chance.uniform(0.9, 1.6))
            old = chance.choice([seq for seq, body in room.bodies.items() if body is not None])
            await alice.ask("delete", conversation=room.name, message=old, **{"for": "everyone"})
            room.bodies[old] = None
            await room.say(alice, chance, 150, f"k{i}")
            await asyncio.sleep(chance.uniform(0.0, 0.3))
            await server.kill()
            await server.check()
            server = await Server(data).start(*COLD)
            alice = await Client.open(server, tokens["alice"])
            await room.expect_history(alice)
        await cooled(server, 5)
        await room.expect_sync(alice)
        await server.stop()
        await server.check()
    done("kills while messages cool", KILLS)


async def compacted_while_cooling(chance):
    """Messages come, grow old and are packed all the while that a compaction copies: nothing is lost or there twice."""
    with data_directory() as data:
        server = await Server(data).start(*COLD)
        tokens, alice, room = await begin(server, chance, "c")
        amid = 0
        for i in range(KILLS):
            for _ in range(3):
                old = chance.choice([seq for seq, body in room.bodies.items() if body is not None])
                await alice.ask("delete", conversation=room.name, message=old, **{"for": "everyone"})
                room.bodies[old] = None
            await asyncio.sleep(chance.uniform(0.6, 1.2))  # those of the round before are old now or soon
            before = await asyncio.to_thread(gauge, server, "parley_cold_segments")
            compacting = asyncio.create_task(server.tool("compact", "--data", str(data)))
            while not compacting.done():
                await room.say(alice, chance, 50, f"c{i}-{len(room.bodies)}")
            await compacting
            amid += await asyncio.to_thread(gauge, server, "parley_cold_segments") != before
            await room.expect_history(alice)
            await server.check()
        await cooled(server, 5)
        await room.expect_sync(alice)
        await server.kill()
        server = await Server(data).start(*COLD)
        alice = await Client.open(server, tokens["alice"])
        await room.expect_history(alice)
        await room.expect_sync(alice)
        await server.stop()
        await server.check()
    note(f"messages were packed during {amid} of {KILLS} compactions")
    done("compactions while messages cool", KILLS)


async def item_of(client, room):
    return (await client.ask("list", limit=10))["items"][0]


async def killed_while_cold_ones_fall_out(chance):
    """What has cooled falls out bit by bit: whenever the server is killed, what is left is whole, and unread is right."""
    with data_directory() as data:
        server = await Server(data).start(*COLD)
        tokens, alice, room = await begin(server, chance, "f")
        alices = set(room.bodies)
        bob = await Client.open(server, tokens["bob"])
        for i in range(8):  # in turns, so that each has many numbers in a segment
            await room.say(bob, chance, 40, f"b{i}")
            before = set(room.bodies)
            await room.say(alice, chance, 40, f"a{i}")
            alices |= set(room.bodies) - before
        await cooled(server, 6)
        await server.stop()
        for i in range(KILLS):
            bound = 900 - 170 * i
            keep = (*COLD, "--retain-messages", str(bound))
            server = await Server(data).start(*keep)
            alice = await Client.open(server, tokens["alice"])
            stays = sorted(seq for seq in alices if room.bodies[seq] is not None)[-50:]
            old = chance.choice(stays)
            await alice.ask("delete", conversation=room.name, message=old, **{"for": "everyone"})
            room.bodies[old] = None
            await asyncio.sleep(chance.uniform(0.0, 0.8))
            await server.kill()
            await server.check()
            server = await Server(data).start(*keep)
            alice = await Client.open(server, tokens["alice"])
            bob = await Client.open(server, tokens["bob"])
            before = set(room.bodies)
            await room.say(alice, chance, 30, f"n{i}")
            alices |= set(room.bodies) - before
            floor = sorted(room.bodies)[-bound]
            for _ in range(600):
                item = await item_of(bob, room)
                if item.get("kept_from") == floor:
                    break
                await asyncio.sleep(0.05)
            require(item.get("kept_from") == floor, "all that is too much goes", item, floor)
            unread = sum(1 for seq in alices if seq >= floor and room.bodies[seq] is not None)
            require(item["unread"] == unread, "unread is what is left", item, unread)
            await room.expect_history(bob, floor)
            await asyncio.sleep(chance.uniform(0.0, 0.5))
            await server.kill()
            await server.check()
    done("kills while what has cooled falls out", 2 * KILLS)


async def main():
    note(f"seed {SEED}")
    chance = random.Random(SEED)
    await read_and_changed(chance)
    await killed_while_cooling(chance)
    await compacted_while_cooling(chance)
    await killed_while_cold_ones_fall_out(chance)


if __name__ == "__main__":
    run(main)
