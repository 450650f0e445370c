# A full disk refuses writes and nothing else, and recovers by itself; damaged data is found by `check`.
import asyncio
import contextlib
import os
import pathlib
import random
import shutil
import tempfile

from client import Client, Refused
from oracle import History, judge
from support import Server, data_directory, done, note, require, run, run_program

DISK = 24 * 2**20
BALLAST = 10 * 2**20
BODY = "y" * 6000
SEED = int(os.environ.get("PARLEY_SEED", "20240613"))


@contextlib.asynccontextmanager
async def small_disk():
    """A directory with little room; None where this machine does not let us mount one."""
    place = tempfile.mkdtemp(prefix="parley-disk-")
    mounted = False
    try:
        if os.geteuid() == 0 and shutil.which("mount"):
            code, _, err = await run_program("mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", place)
            mounted = code == 0
            if not mounted:
                note(f"no tmpfs here: {err.strip()}")
        yield pathlib.Path(place) if mounted else None
    finally:
        if mounted:
            await run_program("umount", "-l", place)  # a failed journey may still have a server there
        shutil.rmtree(place, ignore_errors=True)


class Disk:
    """A small disk with ballast on it, which can be thrown off."""

    def __init__(self, place):
        self.ballast = place / "ballast"
        self.data = place / "data"
        self.data.mkdir()
        self.load()

    def load(self):
        with open(self.ballast, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, BALLAST)

    def free(self):
        self.ballast.unlink()


async def fill(client, room, tag, most=20_000, in_a_row=10):
    """Posts until the server says `unavailable` again and again; returns how many messages it took."""
    taken, refused, pace = 0, 0, 8
    for i in range(0, most, pace):
        results = await asyncio.gather(*(client.send(room, f"{tag}{i + k}", BODY) for k in range(pace)), return_exceptions=True)
        for each in results:
            if isinstance(each, dict):
                taken, refused = taken + 1, 0
                continue
            require(isinstance(each, Refused) and each.code == "unavailable", "a full disk is `unavailable`", each)
            refused += 1
        if refused >= in_a_row:
            return taken
    require(False, "the disk was never full", most)


async def reads_go_on(server, tokens, room, posted):
    """Everything that only reads works on a full disk, and so does coming in."""
    bob = await Client.open(server, tokens["bob"], "json")
    events = await bob.pull(room, 0)
    require(len(events) >= posted, "the history is there", len(events), posted)
    page = await bob.ask("history", conversation=room, limit=5)
    require(len(page["events"]) == 5, "pages work")
    for command, fields in (("list", {}), ("get", {"conversation": room}), ("members", {"conversation": room}), ("ping", {})):
        await bob.ask(command, **fields)
    await bob.close()
    return events


async def sends_come_back(client, room, tag):
    """Sends work again, without a restart, soon after there is room."""
    attempts = 0
    while True:
        try:
            return await client.send(room, f"{tag}", "there is room again"), attempts
        except Refused as refusal:
            attempts += 1
            require(refusal.code == "unavailable" and attempts < 200, "sends work again", refusal.code, attempts)
            await asyncio.sleep(0.05)


async def full_and_free_again(place):
    disk, history = Disk(place), History()
    server = await Server(disk.data).start()
    tokens = await server.tokens(["alice", "bob"])
    alice = await Client.open(server, tokens["alice"], trace=history.session("alice"))
    watcher = await Client.open(server, tokens["bob"], trace=history.session("bob"))
    room = (await alice.ask("create", kind="direct", with_="bob"))["conversation"]
    total = 0
    for cycle in range(2):
        posted = await fill(alice, room, f"fill{cycle}-")
        require(cycle > 0 or posted > 100, "the disk takes some", posted)
        told = {e["message"] for e in alice.seen if e["type"] == "error"}
        require(not any(str(place) in text for text in told), "clients are told nothing of files", told)
        require("storage_full" in server.words(), "the operator is told", server.words())
        await reads_go_on(server, tokens, room, total + posted)
        disk.free()
        sent, attempts = await sends_come_back(alice, room, f"again{cycle}")
        await watcher.expect_message(room, "there is room again", seq=sent["seq"])
        total = sent["seq"]
        note(f"{posted} messages filled the disk; writable again after {attempts} refused attempts")
        if cycle == 0:
            disk.load()
    done("full disk: unavailable, reads go on, sends work again without a restart", 2)
    await crashed_on_a_full_disk(disk, history, alice, room)


async def crashed_on_a_full_disk(disk, history, alice, room):
    """kill -9 on a full disk: it starts again, has everything, and goes on when there is room."""
    server = Server.running[-1]
    tokens = await server.tokens(["alice", "bob"])
    disk_left = shutil.disk_usage(disk.data).free
    with open(disk.ballast, "wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(4096, disk_left - 64 * 1024))
    await fill(alice, room, "last-")
    await server.kill()
    server = await Server(disk.data).start()
    alice = await Client.open(server, tokens["alice"], trace=history.session("alice", "alice after the crash"))
    await reads_go_on(server, tokens, room, 0)
    disk.free()
    await sends_come_back(alice, room, "after the crash")
    history.final[room] = await alice.pull(room, 0)
    faults = judge(history)
    require(not faults, "nothing acknowledged was lost", [str(fault) for fault in faults[:5]])
    await server.stop()
    await server.check()
    done("kill -9 on a full disk: starts, reads, writes again; the oracle and check are content", 1)


async def make_data(data):
    """A store with known bodies, stopped in good order."""
    server = await Server(data).start()
    tokens = await server.tokens(["alice", "bob"])
    alice = await Client.open(server, tokens["alice"])
    room = (await alice.ask("create", kind="group", members=["bob"]))["conversation"]
    for i in range(0, 200, 50):
        await alice.answers([{"type": "send", "conversation": room, "client_id": f"k{n}", "body": f"<marker {n:04}>" + "z" * 200}
                             for n in range(i, i + 50)])
    await alice.ask("list")  # which waits until the read model has all of it
    await server.stop()
    await server.check()
    return room


def flip(path, marker, dice):
    """Flips one bit in every copy of the marker; how many there were."""
    content = bytearray(path.read_bytes())
    places, at = [], content.find(marker)
    while at >= 0:
        places.append(at)
        at = content.find(marker, at + 1)
    for at in places:
        content[at + dice.randrange(len(marker))] ^= 1 << dice.randrange(8)
    path.write_bytes(bytes(content))
    return len(places)


async def damage_is_found():
    """One flipped bit in a copy of the data: `check` exits 1 and names what is wrong."""
    dice = random.Random(SEED)
    note(f"seed {SEED}")
    tried = 0
    with data_directory() as data:
        room = await make_data(data)
        program = Server(data)
        for part in ("model", "log"):
            for number in dice.sample(range(200), 6):
                copy = data.parent / f"copy-{tried}"
                shutil.copytree(data, copy)
                require(flip(copy / part / "data.mdb", f"<marker {number:04}>".encode(), dice), "a body is in the file")
                out = await program.tool("check", "--data", str(copy), code=1)
                named = [line for line in out.splitlines() if line.startswith("log ") or room in line]
                require(named and (part == "model" or named[0].startswith("log ")), "check names what is damaged", part, out)
                shutil.rmtree(copy)
                tried += 1
    done("flipped bits in copies of the data: check exits 1 and names the damage", tried)


async def damaged_pages_are_named():
    """Nonsense in the head of a page of LMDB's own: `check` says so, even where it ends whoever reads it."""
    dice = random.Random(SEED)
    with data_directory() as data:
        await make_data(data)
        program = Server(data, release=True)
        file = data / "model" / "data.mdb"
        sound = file.read_bytes()
        leaves = [at for at in range(0, len(sound), 4096) if sound[at + 10:at + 12] == b"\x02\x00"]
        told = 0
        for at in dice.sample(leaves, min(len(leaves), 12)):
            for place, bit in ((13, 0x20), (16, 0x80)):
                spoiled = bytearray(sound)
                spoiled[at + place] ^= bit
                file.write_bytes(bytes(spoiled))
                code, out, _ = await run_program(program.binary, "check", "--data", str(data))
                require(code in (0, 1), "check ends by itself", code, out[-500:])
                require(code == 0 or out.strip(), "and says why", out)
                told += code
        require(told > 0, "some of the damage is found", told)
    done("damaged pages: check exits 1 and says so, or the page was not in use", told)


async def damage_is_not_served():
    """A server on damaged data answers an error where the damage is, shows none of it, and serves other rooms."""
    with data_directory() as data:
        room = await make_data(data)
        flip(data / "model" / "data.mdb", b"<marker 0050>", random.Random(SEED))
        server = await Server(data).start()
        alice = await Client.open(server, await server.token("alice"))
        for after in (0, 49, 60, 190):
            answer = await alice.answer("sync", conversation=room, after=after, limit=10)
            require(answer["type"] == "page" or answer["code"] == "internal", "damage is an error", answer)
            require(room not in answer.get("message", ""), "which names nothing of the store", answer)
            for event in answer.get("events", []):
                good = event["type"] == "joined" or event["body"] == f"<marker {event['seq'] - 2:04}>" + "z" * 200
                require(good and event["seq"] != 52, "and never shown", event)
        other = (await alice.ask("create", kind="group"))["conversation"]
        await alice.ask("send", conversation=other, client_id="x", body="life goes on")
        await alice.close()
        require("read_failed" in server.words(), "the operator is told", server.words())
        await server.stop()
    done("a damaged event is never shown; other conversations are served", 4)


async def unusable_directories():
    """Nonsense instead of data is refused with a message, not served."""
    with data_directory() as data:
        await make_data(data)
        for what in ("empty model", "cut log", "data is a file"):
            copy = data.parent / "copy"
            shutil.copytree(data, copy)
            if what == "empty model":
                (copy / "model" / "data.mdb").write_bytes(b"")
            elif what == "cut log":
                os.truncate(copy / "log" / "data.mdb", 8192)
            else:
                shutil.rmtree(copy)
                copy.write_text("not a directory")
            server = Server(copy)
            await server.launch()
            out = await server.process.stdout.read()
            code = await server.wait()
            require(code > 0 and b"ready on" not in out and server.words(), f"{what}: refused, with a reason", code, out)
            if copy.is_dir():
                shutil.rmtree(copy)
    done("damaged or missing parts of a data directory: the server refuses to start and says why", 3)


async def main():
    async with small_disk() as place:
        if place:
            await full_and_free_again(place)
        else:
            note("a full disk was NOT tried: it takes root and mount")
    await damage_is_found()
    await damaged_pages_are_named()
    await damage_is_not_served()
    await unusable_directories()


if __name__ == "__main__":
    run(main)
