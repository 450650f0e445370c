# Backups of a running server under load: whole or not there, and everything acknowledged before is in them.
import asyncio
import os
import random
import shutil
import signal
import stat

from client import Client, Gone
from support import Server, data_directory, done, note, require, run, run_program

SEED = int(os.environ.get("PARLEY_SEED", "0")) or random.SystemRandom().randrange(1, 2**31)
WRITERS = 12
ROOMS = 3
KILLS = 12


class Writer:
    """Posts one message after another and remembers what was acknowledged."""

    def __init__(self, user, room):
        self.user = user
        self.room = room
        self.acked = {}  # client_id -> seq
        self.stopped = False

    async def write_on(self, client):
        try:
            while not self.stopped:
                client_id = f"{self.user}-{len(self.acked)}"
                sent = await client.send(self.room, client_id, body_of(client_id))
                self.acked[client_id] = sent["seq"]
        except Gone:
            pass


def body_of(client_id):
    return f"body of {client_id} " + "z" * 400


class Load:
    """A server with writers at work."""

    def __init__(self, server, tokens, writers):
        self.server = server
        self.tokens = tokens
        self.writers = writers
        self.tasks = []

    @classmethod
    async def prepare(cls, server):
        users = [f"writer{i}" for i in range(WRITERS)]
        tokens = await server.tokens(["founder", *users])
        founder = await Client.open(server, tokens["founder"])
        rooms = [(await founder.ask("create", kind="group", members=users))["conversation"] for _ in range(ROOMS)]
        await founder.close()
        return cls(server, tokens, [Writer(user, rooms[i % ROOMS]) for i, user in enumerate(users)])

    async def start(self):
        for writer in self.writers:
            writer.stopped = False
            client = await Client.open(self.server, self.tokens[writer.user])
            self.tasks.append((client, asyncio.create_task(writer.write_on(client))))

    async def stop(self):
        for writer in self.writers:
            writer.stopped = True
        for client, task in self.tasks:
            await task
            if client.connected:
                await client.close()
        self.tasks.clear()

    def acked(self):
        """What is acknowledged by now: client_id -> (writer, seq)."""
        return {key: (writer, seq) for writer in self.writers for key, seq in writer.acked.items()}

    async def grows_by(self, count):
        """Waits until this many more messages are acknowledged."""
        goal = len(self.acked()) + count
        while len(self.acked()) < goal:
            require(not any(task.done() for _, task in self.tasks), "the writers go on", self.server.words())
            await asyncio.sleep(0.01)


def backup_command(server, to):
    return [server.binary, "backup", "--data", str(server.data), "--to", str(to)]


def partial(to):
    return to.with_name(to.name + ".unfinished")


async def is_whole(copy, tokens, acked, cursors):
    """Starts a server on the copy and asks it for everything; returns the server."""
    for name in ("secret", "token.key", "model/data.mdb", "log/data.mdb"):
        require(stat.S_IMODE((copy / name).stat().st_mode) == 0o600, "files are their owner's alone", name)
    restored = Server(copy)
    await restored.check()
    await restored.start()
    rooms = {}
    client = await Client.open(restored, tokens["founder"], "json")
    for writer, _ in acked.values():
        if writer.room not in rooms:
            events = await client.pull(writer.room, 0)
            require([e["seq"] for e in events] == list(range(1, len(events) + 1)), "numbers are gap-free")
            rooms[writer.room] = {e["seq"]: e for e in events}
    for client_id, (writer, seq) in acked.items():
        event = rooms[writer.room].get(seq)
        require(event and event["client_id"] == client_id and event["body"] == body_of(client_id),
                "what was acknowledged is in the copy", client_id, seq, event)
    for user, cursor in cursors.items():
        back = await Client.open(restored, tokens[user], since=cursor)
        await back.expect("reset")
        require(not back.untaken("synced", "message"), "a cursor of the original is not resumed", user)
        await back.close()
    await client.close()
    return restored


async def retries_are_known(restored, tokens, acked, dice):
    """Old client_ids get their first answer; new messages get the next numbers."""
    some = dice.sample(sorted(acked), min(40, len(acked)))
    clients = {}
    for client_id in some:
        writer, seq = acked[client_id]
        if writer.user not in clients:
            clients[writer.user] = await Client.open(restored, tokens[writer.user])
        again = await clients[writer.user].send(writer.room, client_id, body_of(client_id))
        require(again["seq"] == seq, "a retry gets its first answer", client_id, seq, again)
    writer, _ = acked[some[0]]
    client = clients[writer.user]
    head = (await client.pull(writer.room, 0))[-1]["seq"]
    sent = await client.send(writer.room, "after the restore", "goes on")
    require(sent["seq"] == head + 1, "numbers go on", head, sent)
    for client in clients.values():
        await client.close()
    return len(some)


async def during_load(load, place, dice):
    """Backups while writers write: every one is whole, and the server does not notice."""
    retried, told = 0, 0
    for round in range(3):
        copy = place / f"copy{round}"
        await load.grows_by(100)
        cursors = {w.user: client.cursor for w, (client, _) in zip(load.writers[:2], load.tasks)}
        acked = load.acked()
        code, out, err = await run_program(*backup_command(load.server, copy))
        during = len(load.acked()) - len(acked)
        require(code == 0 and not partial(copy).exists(), "the backup is made", code, out, err)
        require(load.server.alive and not err, "and nothing is complained of", err)
        await load.grows_by(100)
        restored = await is_whole(copy, load.tokens, acked, cursors)
        retried += await retries_are_known(restored, load.tokens, acked, dice)
        told += len(acked)
        await restored.stop()
        await restored.check()
        note(f"{len(acked)} acknowledged before, {during} during the backup; {out.strip().rpartition(': ')[2]}")
    done("a copy under load has everything acknowledged before, passes check, and answers `reset`", 3)
    done("acknowledged messages found in copies", told)
    done("old client_ids known in copies", retried)


async def held_up(load, place, dice):
    """A backup that stands still in the middle: the server writes on, its files grow, and the copy is whole all the same."""
    model = load.server.data / "model" / "data.mdb"
    grown, caught = 0, 0
    for round in range(4):
        copy = place / f"held{round}"
        begun = partial(copy) / "model" / "data.mdb"
        acked, before = load.acked(), model.stat().st_size
        process = await asyncio.create_subprocess_exec(*backup_command(load.server, copy), stdout=asyncio.subprocess.DEVNULL)
        while process.returncode is None and not begun.exists():
            await asyncio.sleep(0)
        await asyncio.sleep(dice.uniform(0, 0.005))
        if process.returncode is None:
            process.send_signal(signal.SIGSTOP)
            caught += begun.exists()
            await load.grows_by(1500)
            process.send_signal(signal.SIGCONT)
        code = await process.wait()
        grown += model.stat().st_size - before
        require(code == 0, "the backup goes on and ends well", code)
        restored = await is_whole(copy, load.tokens, acked, {})
        await restored.stop()
    require(caught > 0, "some stood still while they read the model", caught)
    note(f"{caught} stood still while they read the model, whose file grew by {grown} bytes")
    done("a backup that takes its time: writing goes on, and the copy is whole", 4)


async def refused(load, place):
    """A name that is taken stays as it is; what is no store is not copied."""
    copy = place / "copy0"
    before = sorted(p.name for p in copy.iterdir())
    code, _, err = await run_program(*backup_command(load.server, copy))
    require(code == 1 and "exists already" in err, "an existing directory is refused", code, err)
    require(sorted(p.name for p in copy.iterdir()) == before and not partial(copy).exists(), "and untouched")
    code, _, err = await run_program(load.server.binary, "backup", "--data", str(place / "nothing"), "--to", str(place / "x"))
    require(code == 1 and err and not (place / "nothing").exists(), "what is not there is not copied", code, err)
    code, _, err = await run_program(load.server.binary, "backup", "--data", str(load.server.data))
    require(code > 100, "a backup needs a place", code, err)
    done("refused: a name that is taken, no store, no place", 3)


async def killed(load, place, dice):
    """kill -9 anywhere in a backup leaves nothing that looks whole; the next one works."""
    copy = place / "killed"
    begun = asyncio.get_running_loop().time()
    code, _, err = await run_program(*backup_command(load.server, copy))
    require(code == 0, "a backup to measure", err)
    whole = asyncio.get_running_loop().time() - begun
    shutil.rmtree(copy)
    cut = 0
    for each in range(KILLS):
        process = await asyncio.create_subprocess_exec(*backup_command(load.server, copy), stdout=asyncio.subprocess.DEVNULL)
        if each % 2 == 0:  # anywhere, or while it writes
            await asyncio.sleep(dice.uniform(0.2, 1.0) * whole)
        while each % 2 == 1 and process.returncode is None and not (partial(copy) / "log" / "data.mdb").exists():
            await asyncio.sleep(0)
        if process.returncode is None:
            process.kill()
        code = await process.wait()
        if code == 0 or copy.exists():  # it was quicker: then it is whole
            await Server(copy).check()
            shutil.rmtree(copy)
        else:
            cut += await looks_unfinished(partial(copy))
    require(cut > 0, "some were cut short", cut, whole)
    code, _, err = await run_program(*backup_command(load.server, copy))
    require(code == 0 and not partial(copy).exists(), "the next backup takes the place", code, err)
    await Server(copy).check()
    await load.grows_by(50)
    note(f"a backup takes {whole:.2f} s here; {cut} of {KILLS} were cut short")
    done("kill -9 in the middle of a backup leaves nothing that looks whole", KILLS)


async def looks_unfinished(left):
    """Neither a server nor `check` takes what a killed backup left, wherever it got to."""
    if not left.exists() or not (left / "unfinished_backup").exists():
        if (left / "model").exists():  # killed between the last step but one and the last
            await Server(left).check()
        return 0
    server = Server(left)
    await server.launch()
    out = await server.process.stdout.read()
    code = await server.wait()
    require(code == 1 and not out and "not finished" in server.words(), "a server refuses it", code, server.words())
    await server.tool("check", "--data", str(left), code=1)
    return 1


async def of_a_crashed_server(load, place):
    """What the log of a killed server has and its model has not is in the copy."""
    await load.grows_by(200)
    await load.server.kill()
    await load.stop()
    acked = load.acked()
    copy = place / "crashed"
    out = await load.server.tool("backup", "--data", str(load.server.data), "--to", str(copy))
    restored = await is_whole(copy, load.tokens, acked, {})
    await restored.stop()
    note(out.strip().rpartition(": ")[2])
    done("a copy of a killed server's store has everything it had acknowledged", len(acked))


async def main():
    note(f"seed {SEED} (PARLEY_SEED repeats it)")
    dice = random.Random(SEED)
    with data_directory() as data:
        server = await Server(data).start()
        load = await Load.prepare(server)
        await load.start()
        await during_load(load, data.parent, dice)
        await held_up(load, data.parent, dice)
        await refused(load, data.parent)
        await killed(load, data.parent, dice)
        await load.stop()
        await server.stop()
        await server.check()
        done("the server that was copied goes on, stops in good order, and its data is sound")
        load.server = await Server(data).start()
        await load.start()
        await of_a_crashed_server(load, data.parent)


if __name__ == "__main__":
    run(main)
