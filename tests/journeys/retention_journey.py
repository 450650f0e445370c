# Retention over a real server: the oldest goes and leaves nothing in any file, unread stays right, and a hold keeps everything.
import asyncio
import contextlib
import os
import random

from client import Client, Gone
from files_on_disk import files_with, secret_words
from support import Server, data_directory, done, note, require, run

SEED = int(os.environ.get("PARLEY_SEED", "0")) or random.SystemRandom().randrange(1, 2**31)
KEPT = 20
KILLS = 5


async def until(holds, what, seconds=30):
    """Asks the coroutine function again and again until it gives something."""
    for _ in range(seconds * 20):
        found = await holds()
        if found:
            return found
        await asyncio.sleep(0.05)
    require(False, f"not within {seconds} s", what)


async def floor_of(client, where):
    return (await client.ask("get", conversation=where)).get("kept_from", 0)


async def listed(client, where):
    return next(item for item in (await client.ask("list", limit=100))["items"] if item["conversation"] == where)


async def talk(client, where, name, words):
    """A message with each of the words; their numbers."""
    return [(await client.send(where, f"{name}-{i}", f"{word} {'y' * 200}"))["seq"] for i, word in enumerate(words)]


async def the_newest_stay(chance):
    """Of everything that hangs on the oldest messages nothing is left: not in an answer, nor in a file."""
    with data_directory() as data:
        server = await Server(data).start("--retain-messages", str(KEPT))
        tokens = await server.tokens(["alice", "bob", "carol"])
        alice = await Client.open(server, tokens["alice"])
        bob = await Client.open(server, tokens["bob"], device="phone")
        where = (await alice.ask("create", kind="group", title="room", members=["bob", "carol"]))["conversation"]
        secrets = secret_words(chance, 60)
        away = await Client.open(server, tokens["carol"], device="tablet")
        cursor = away.cursor
        await away.close()
        old = await talk(alice, where, "old", secrets)
        for seq, word in zip(old[:10], secrets):
            edited = word[::-1]
            with contextlib.suppress(Exception):  # it may have fallen out by now
                await alice.ask("edit", conversation=where, message=seq, body=edited)
        for seq in old[-KEPT // 2:]:
            await bob.ask("react", conversation=where, message=seq, emoji="👍")
        await alice.ask("update", conversation=where, title="renamed")
        new = await talk(alice, where, "new", [f"kept{i}" for i in range(KEPT)])
        await until(lambda: at_floor(bob, where, new[0]), "the newest stay")
        told = await bob.expect("trimmed", conversation=where, before=new[0])
        require(told["before"] == new[0], "live members are told", told)
        page = await bob.ask("history", conversation=where, limit=100)
        require([event["seq"] for event in page["events"]] == new, "history is what is left", page)
        require(not page["more"] and page["first"] == new[0], "and begins there", page["first"])
        require((await bob.ask("sync", conversation=where, after=0))["first"] == new[0], "so does sync")
        for bodies in (secrets[0], secrets[-1]):
            require((await bob.ask("search", query=bodies))["hits"] == [], "what is gone is not found")
        require(len((await bob.ask("search", query="kept3"))["hits"]) == 1, "what is left is found")
        item = await listed(bob, where)
        require((item["unread"], item["seq"], item["kept_from"]) == (KEPT, new[-1], new[0]), "the list", item)
        require((await alice.send(where, "old-0", f"{secrets[0]} {'y' * 200}"))["seq"] == old[0], "a retry gets its number")
        require(await alice.refusal("edit", conversation=where, message=old[5], body="x") == "not_found", "nothing there")
        back = await Client.open(server, tokens["carol"], since=cursor, device="tablet")
        await back.expect("synced")
        shown = [e for e in back.seen if e.get("conversation") == where and "seq" in e and e["type"] != "conversation"]
        require([e["seq"] for e in shown] == new, "a resume from before tells what is left", [e["seq"] for e in shown])
        require((await back.expect("trimmed"))["before"] == new[0], "and that the rest is gone")
        require((await back.expect("conversation"))["title"] == "renamed", "and what changed meanwhile")
        note((await server.tool("compact", "--data", str(data))).strip())
        words = secrets + [word[::-1] for word in secrets[:10]]
        found = files_with(data, words)
        require(found == {}, "nothing is left in any file", found)
        await server.stop()
        found = files_with(data, words)
        require(found == {}, "nor when the server has ended", found)
        await server.check()
    done("texts that fell out and that no file has after a compaction", len(secrets))


async def at_floor(client, where, wanted):
    return await floor_of(client, where) == wanted


async def killed_while_trimming(chance):
    """Whenever the server is killed, what is acknowledged and not over the bound is there, and unread is right."""
    with data_directory() as data:
        server = await Server(data).start()
        tokens = await server.tokens(["alice", "bob"])
        alice = await Client.open(server, tokens["alice"])
        where = (await alice.ask("create", kind="group", members=["bob"]))["conversation"]
        total = 0
        for batch in range(20):
            answers = await alice.answers([{"type": "send", "conversation": where, "client_id": f"m{batch}-{i}", "body": "z" * 100}
                                           for i in range(60)])
            require(all(answer["type"] == "sent" for answer in answers), "sent", answers[:2])
            total += len(answers)
        await server.stop()
        floors = [0]
        for i in range(KILLS):
            bound = 900 - 150 * i
            server = await Server(data).start("--retain-messages", str(bound))
            await asyncio.sleep(chance.uniform(0.0, 0.6))
            await server.kill()
            await server.check()
            server = await Server(data).start("--retain-messages", str(bound))
            bob = await Client.open(server, tokens["bob"])
            await until(lambda: at_floor(bob, where, total - bound + 2), "all that is too much goes")
            floors.append(await floor_of(bob, where))
            item = await listed(bob, where)
            require(item["unread"] == bound, "unread is what is left", item, bound)
            page = await bob.ask("history", conversation=where, after=0, limit=3)
            require(page["first"] == floors[-1], "and so is history", page["first"], floors)
            await server.kill()
            await server.check()
        require(floors == sorted(floors), "nothing comes back", floors)
    done("kills in the middle of trimming", KILLS)


async def held(chance):
    """An administrator's hold keeps what would go, through a restart; then it goes."""
    with data_directory() as data:
        server = await Server(data).start()
        tokens = await server.tokens(["alice", "bob"])
        root = await Client.open(server, await server.token("root", admin=True))
        alice = await Client.open(server, tokens["alice"])
        bob = await Client.open(server, tokens["bob"])
        where = (await alice.ask("create", kind="group", members=["bob"]))["conversation"]
        require(await alice.refusal("hold", conversation=where, on=True) == "forbidden", "an owner is no administrator")
        answer = await root.ask("hold", conversation=where, on=True, client_id="h")
        require("seq" not in answer, "a hold has no number", answer)
        word = secret_words(chance, 1)[0]
        first = (await alice.send(where, "first", word))["seq"]
        soon = (await alice.ask("send", conversation=where, client_id="soon", body="soon gone", expires_in=1))["seq"]
        await talk(bob, where, "b", ["x"] * 10)
        await alice.ask("update", conversation=where, retention={"messages": 3})
        for fields in ({"message": first, "for": "everyone"}, {"message": first, "through": soon, "for": "everyone"}, {}):
            require(await alice.refusal("delete", conversation=where, **fields) == "forbidden", "nothing is deleted", fields)
        await alice.ask("delete", conversation=where, message=soon, **{"for": "me"})
        await alice.ask("edit", conversation=where, message=first, body="better")
        await asyncio.sleep(2.5)
        require(await floor_of(bob, where) == 0, "nothing falls out")
        await server.kill()
        await server.check()
        server = await Server(data).start("--retain-messages", "2")
        bob = await Client.open(server, tokens["bob"])
        await asyncio.sleep(2.0)
        require(await floor_of(bob, where) == 0, "nor behind a restart")
        page = await bob.ask("history", conversation=where, after=soon - 1, limit=1)
        require(page["events"][0].get("body") == "soon gone", "what expires waits", page)
        versions = await bob.ask("versions", conversation=where, message=first)
        require([each["body"] for each in versions["items"]] == [word, "better"], "versions are kept", versions)
        require(not [e for e in bob.seen if e["type"] in ("hold", "held", "trimmed")], "members are not told")
        root = await Client.open(server, await server.token("root", admin=True))
        items = (await root.ask("holds"))["items"]
        require([(each["conversation"], each["by"]) for each in items] == [(where, "root")], "the list", items)
        await root.ask("hold", conversation=where, on=False)
        await until(lambda: floor_of(bob, where), "what is too much goes when the hold ends")
        item = await listed(bob, where)
        require(item["unread"] == 0 and "last" in item, "what is left is bob's own", item)
        await server.tool("compact", "--data", str(data))
        require(files_with(data, [word]) == {}, "nothing is left of it", files_with(data, [word]))
        with contextlib.suppress(Gone):
            await root.close()
        await server.stop()
        await server.check()
    done("a hold keeps what would go, and lets it go")


async def main():
    note(f"seed {SEED}")
    chance = random.Random(SEED)
    await the_newest_stay(chance)
    await killed_while_trimming(chance)
    await held(chance)


run(main)
