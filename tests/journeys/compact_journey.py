# `parleyd compact`: nothing of what was deleted is left in any file, nothing else is lost, beside a server and without one.
import asyncio
import contextlib
import os
import pathlib
import random

from client import Client, Gone
from files_on_disk import files_with, secret_words
from support import Server, data_directory, done, eventually, note, require, run

SEED = int(os.environ.get("PARLEY_SEED", "0")) or random.SystemRandom().randrange(1, 2**31)
SECRETS = 120
KILLS = 6


def size_of(data):
    return sum(path.stat().st_size for path in pathlib.Path(data).rglob("*") if path.is_file())


class Room:
    """A conversation with messages that stay and messages that went."""

    def __init__(self, name):
        self.name = name
        self.kept = {}     # client_id -> (seq, body)
        self.secrets = []  # words of what was deleted


async def fill(alice, name, chance):
    """Every second message is deleted, some of them after an edit; a whole conversation, too."""
    room = Room((await alice.ask("create", kind="group", title=name, members=["bob"]))["conversation"])
    for i, word in enumerate(secret_words(chance, SECRETS)):
        body = f"kept {name} {i} " + "z" * 300
        room.kept[f"k{i}"] = ((await alice.send(room.name, f"k{i}", body))["seq"], body)
        whom, how = secret_words(chance, 2)  # any text will do for these, too
        seq = (await alice.ask("send", conversation=room.name, client_id=f"s{i}", body=f"{word} {'y' * 300}",
                               mentions=["bob", whom]))["seq"]
        room.secrets += [word, whom]
        if i % 3 == 0:
            edited = secret_words(chance, 1)[0]
            other = secret_words(chance, 1)[0]
            await alice.ask("edit", conversation=room.name, message=seq, body=f"{edited} {'x' * 300}", mentions=[other])
            room.secrets += [edited, other]
        if i % 5 == 0:
            await alice.ask("react", conversation=room.name, message=seq, emoji=how)
            await alice.ask("react", conversation=room.name, message=seq, emoji=f"{how}2")
            await alice.ask("react", conversation=room.name, message=seq, emoji=f"{how}2", remove=True)
            room.secrets.append(how)
        await alice.ask("delete", conversation=room.name, message=seq, **{"for": "everyone"})
    gone = (await alice.ask("create", kind="group", title="gone", members=["bob"]))["conversation"]
    for i, word in enumerate(secret_words(chance, 40)):
        await alice.send(gone, f"g{i}", f"{word} {'w' * 300}")
        room.secrets.append(word)
    await alice.ask("delete", conversation=gone)
    return room


async def all_is_there(client, room):
    """What was kept is in history as it was, and a retry gets its old number."""
    events = []
    after = 0
    while True:
        page = await client.ask("history", conversation=room.name, after=after, limit=100)
        events += page["events"]
        if not page["more"]:
            break
        after = page["last"]
    require([event["seq"] for event in events] == list(range(1, len(events) + 1)), "numbers without gaps")
    bodies = {event["seq"]: event.get("body") for event in events if event["type"] == "message"}
    for client_id, (seq, body) in room.kept.items():
        require(bodies[seq] == body, "a message that was kept", seq)
    client_id, (seq, body) = next(iter(room.kept.items()))
    require((await client.send(room.name, client_id, body))["seq"] == seq, "a retry gets its number")


class Writer:
    """Posts one message after another beside all else, until it is told to stop or its server is gone."""

    def __init__(self, client, room, prefix="w"):
        self.acked = {}  # client_id -> (seq, body)
        self._stopped = False
        self._task = asyncio.create_task(self._write(client, room, prefix))

    async def _write(self, client, room, prefix):
        with contextlib.suppress(Gone):
            while not self._stopped:
                client_id = f"{prefix}-{len(self.acked)}"
                body = f"beside {client_id}"
                self.acked[client_id] = ((await client.send(room.name, client_id, body))["seq"], body)

    async def stop(self):
        self._stopped = True
        await self._task


async def beside_a_server(chance):
    """Somebody writes all the while; the deleted is in files before, and in none after."""
    with data_directory() as data:
        server = await Server(data).start()
        tokens = await server.tokens(["alice", "bob"])
        alice = await Client.open(server, tokens["alice"])
        room = await fill(alice, "first", chance)
        require(files_with(data, room.secrets), "what was deleted is in files before a compaction")
        writer = Writer(await Client.open(server, tokens["alice"]), room)
        await eventually(lambda: len(writer.acked) > 20, "somebody writes")
        before = len(writer.acked)
        told = await server.tool("compact", "--data", str(data))
        note(told.strip())
        require(len(writer.acked) > before, "messages are acknowledged during a compaction", before)
        await eventually(lambda: len(writer.acked) > before + 50, "and after it")
        await writer.stop()
        room.kept.update(writer.acked)
        require(files_with(data, room.secrets) == {}, "nothing is left of it", files_with(data, room.secrets))
        await all_is_there(alice, room)
        hits = (await alice.ask("search", query="kept first"))["hits"]
        require(len(hits) > 0, "what was kept is found")
        require((await alice.ask("search", query=room.secrets[0]))["hits"] == [], "what was deleted is not")
        await server.check()
        await server.kill()
        server = await Server(data).start()
        alice = await Client.open(server, tokens["alice"])
        await all_is_there(alice, room)
        await server.stop()
        require(files_with(data, room.secrets) == {}, "nor after a crash and a start")
        await server.check()
    done("deleted texts that no file has after a compaction beside a server", len(room.secrets))


async def without_a_server(chance):
    with data_directory() as data:
        server = await Server(data).start()
        tokens = await server.tokens(["alice", "bob"])
        alice = await Client.open(server, tokens["alice"])
        room = await fill(alice, "second", chance)
        await server.stop()
        require(files_with(data, room.secrets), "what was deleted is in files before a compaction")
        await server.tool("compact", "--data", str(data))
        require(files_with(data, room.secrets) == {}, "nothing is left of it", files_with(data, room.secrets))
        await server.check()
        server = await Server(data).start()
        await all_is_there(await Client.open(server, tokens["alice"]), room)
        await server.stop()
        await server.tool("compact", "--data", str(data / "nowhere"), code=1)
    done("deleted texts that no file has after a compaction of a stopped store", len(room.secrets))


async def killed(chance):
    """Whoever is killed, whenever: nothing is lost, and the next one works."""
    with data_directory() as data:
        server = await Server(data).start()
        tokens = await server.tokens(["alice", "bob"])
        alice = await Client.open(server, tokens["alice"])
        room = await fill(alice, "third", chance)
        for i in range(KILLS):
            writer = Writer(await Client.open(server, tokens["alice"]), room, f"w{i}")
            tool = await asyncio.create_subprocess_exec(server.binary, "compact", "--data", str(data),
                                                        stdout=asyncio.subprocess.DEVNULL,
                                                        stderr=asyncio.subprocess.DEVNULL)
            await asyncio.sleep(chance.uniform(0.0, 0.3))
            if i % 3 == 2:
                with contextlib.suppress(ProcessLookupError):  # it may have been quicker
                    tool.kill()
                await tool.wait()
                await asyncio.sleep(0.2)
                require(server.alive, "the server outlives who asked it")
                await writer.stop()
            else:
                await server.kill()
                await tool.wait()
                await writer.stop()
                server = await Server(data).start()
            room.kept.update(writer.acked)
            await server.check()
        alice = await Client.open(server, tokens["alice"])
        told = await server.tool("compact", "--data", str(data))
        require("position" in told, "the next compaction works", told)
        require(files_with(data, room.secrets) == {}, "nothing is left", files_with(data, room.secrets))
        require(not (data / "new").exists(), "nothing unfinished is left")
        for client_id, (seq, body) in room.kept.items():
            page = await alice.ask("sync", conversation=room.name, after=seq - 1, limit=1)
            require(page["events"][0].get("body") == body, "every acknowledged message is there", client_id)
        await server.stop()
        await server.check()
    done("kills in the middle of a compaction", KILLS)


async def space_comes_back(chance):
    """A store from which much was deleted takes less afterwards."""
    with data_directory() as data:
        server = await Server(data).start()
        alice = await Client.open(server, (await server.tokens(["alice"]))["alice"])
        room = (await alice.ask("create", kind="group"))["conversation"]
        last = 0
        for i in range(400):
            last = (await alice.send(room, f"m{i}", "v" * 7000))["seq"]
        for seq in range(2, last + 1):
            await alice.ask("delete", conversation=room, message=seq, **{"for": "everyone"})
        before = size_of(data)
        await server.tool("compact", "--data", str(data))
        after = size_of(data)
        require(after < before * 0.7, "space is given back", before, after)
        note(f"{before} bytes before, {after} after")
        await server.stop()
        await server.check()
    done("space is given back while the server runs")


async def bad_company(chance):
    """Whoever says nothing, or says it has copied what it has not, does no harm."""
    with data_directory() as data:
        server = await Server(data).start()
        alice = await Client.open(server, (await server.tokens(["alice"]))["alice"])
        room = Room((await alice.ask("create", kind="group"))["conversation"])
        room.kept["k"] = ((await alice.send(room.name, "k", "kept"))["seq"], "kept")
        for lines in (b"", b"nonsense\n", b"compact\ncopied\n", b"compact\n"):
            reader, writer = await asyncio.open_unix_connection(str(data / "control"))
            writer.write(lines)
            await writer.drain()
            if lines == b"compact\n":
                require(await reader.readline() == b"copy\n", "it is asked to copy")
                (data / "new").mkdir(exist_ok=True)
                (data / "new" / "data.mdb").write_bytes(b"no model at all" * 1000)
                writer.write(b"copied\n")
            if lines:
                while line := await reader.readline():
                    require(line.startswith((b"copy", b"failed")), "it does not say that it is done", line)
            if lines != b"":
                writer.close()
        await all_is_there(alice, room)
        await server.tool("compact", "--data", str(data))  # beside the one that says nothing
        await all_is_there(alice, room)
        await server.stop()
        await server.check()
    done("those who ask for a compaction and do not do their part", 4)


async def main():
    note(f"seed {SEED}")
    chance = random.Random(SEED)
    await beside_a_server(chance)
    await without_a_server(chance)
    await killed(chance)
    await space_comes_back(chance)
    await bad_company(chance)


run(main)
