# What the cold store saves and costs: bytes of each table and the price of a page, before old messages are packed and after.
"""Run as /usr/bin/python3 bench/cold.py --server build/release/parleyd [--messages N] [--conversations N] [--dir DIR]."""
import argparse
import asyncio
import ctypes
import glob
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import tempfile
import time
import urllib.request
import uuid

import websockets

USERS = 60
PAGES = 1000
IN_FLIGHT = 64


def sentences():
    """English that is on every Debian 12 with Python: what its library says of itself, and licences."""
    text = "\n".join(pathlib.Path(f).read_text(errors="ignore")
                     for f in sorted(glob.glob("/usr/lib/python3.11/**/*.py", recursive=True) + glob.glob("/usr/share/common-licenses/*")))
    found = (" ".join(re.sub(r"^\s*#", "", each, flags=re.M).split())
             for each in re.findall(r"[A-Z][a-z]+[ ,][^.!?\"'`(){}\[\]=]{15,300}[.!?]", text))
    return sorted({each for each in found if each.count(" ") > 3})


def bodies(chance, known):
    """Messages of 20 to 500 bytes, short ones more often."""
    while True:
        want, body = chance.choice((20, 40, 60, 100, 150, 300, 500)), ""
        while len(body) < want:
            body += (" " if body else "") + chance.choice(known)
        yield body[:500]


class Stat(ctypes.Structure):
    _fields_ = [("page", ctypes.c_uint), ("depth", ctypes.c_uint)] + [
        (name, ctypes.c_size_t) for name in ("branch", "leaf", "overflow", "entries")]


def tables(directory):
    """Bytes of the pages of each table with rows, by LMDB's own count."""
    lmdb = ctypes.CDLL("liblmdb.so.0")
    source = pathlib.Path(__file__).parent.parent / "persistence" / "schema.hpp"
    names = re.findall(r'std::string_view\{"(\w+)"\}', source.read_text())
    env, txn, handle, stat = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_uint(), Stat()
    lmdb.mdb_env_create(ctypes.byref(env))
    lmdb.mdb_env_set_maxdbs(env, len(names))
    read_only, no_lock = 0x20000, 0x400000
    if lmdb.mdb_env_open(env, str(directory).encode(), read_only | no_lock, 0o600) != 0:
        raise SystemExit(f"cannot read {directory}")
    lmdb.mdb_txn_begin(env, None, read_only, ctypes.byref(txn))
    sizes = {}
    for name in names:
        if lmdb.mdb_dbi_open(txn, name.encode(), 0, ctypes.byref(handle)) == 0:
            lmdb.mdb_stat(txn, handle, ctypes.byref(stat))
            sizes[name] = (stat.page * (stat.branch + stat.leaf + stat.overflow), stat.entries)
    lmdb.mdb_txn_abort(txn)
    lmdb.mdb_env_close(env)
    return {name: size for name, size in sizes.items() if size[0] > 65536}


class Server:
    """One parleyd on the directory; `with` ends it."""

    def __init__(self, binary, data, *options):
        self.data = data
        self.process = subprocess.Popen([binary, "--listen", "127.0.0.1:0", "--data", str(data), "--rate-limit", "off", *options],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.http = self.process.stdout.readline().split("http://")[1].strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def connect(self):
        return websockets.connect(f"ws://{self.http}/v1/ws", subprotocols=["parley.v1.json"], max_size=None, compression=None)

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def gauge(self, name):
        with urllib.request.urlopen(f"http://{self.http}/metrics") as answer:
            return next(float(line.split()[1]) for line in answer.read().decode().splitlines() if line.startswith(name + " "))


async def hello(socket, token):
    await socket.send(json.dumps({"type": "hello", "ref": 1, "token": token}))
    await socket.recv()


async def fill(server, tokens, messages, conversations, known):
    """Each user writes to a share of the conversations in turn; gives their ids by user."""
    chance = random.Random(7)
    said = bodies(chance, known)
    rooms = {}

    async def write(user):
        mine = range(user, conversations, USERS)
        async with server.connect() as socket:
            await hello(socket, tokens[user])
            for each in mine:
                await socket.send(json.dumps({"type": "create", "ref": 10 + each, "kind": "group", "title": f"room {each}",
                                              "members": [f"user-{(user + 7 * k) % USERS:04}" for k in (1, 2, 3)]}))
            room, acknowledged = asyncio.Semaphore(IN_FLIGHT), 0
            made, finished = {}, asyncio.Event()

            async def read():
                nonlocal acknowledged
                async for frame in socket:
                    for line in frame.splitlines():
                        event = json.loads(line)
                        if event.get("type") == "error":
                            raise SystemExit(event)
                        if event.get("type") == "sent":
                            acknowledged += 1
                            room.release()
                        elif event.get("ref", 0) >= 10:
                            made[event["ref"] - 10] = event["conversation"]
                    if len(made) == len(mine):
                        finished.set()

            reading = asyncio.create_task(read())
            await finished.wait()
            rooms[user] = list(made.values())
            for _ in range(messages // conversations):
                for each in mine:
                    await room.acquire()
                    await socket.send(json.dumps({"type": "send", "ref": 1, "conversation": made[each], "body": next(said),
                                                  "client_id": str(uuid.UUID(int=chance.getrandbits(128), version=4))}))
            for _ in range(IN_FLIGHT):
                await room.acquire()
            reading.cancel()

    await asyncio.gather(*(write(user) for user in range(USERS)))
    return rooms


async def pages(server, tokens, rooms, deepest):
    """Pages of fifty anywhere, one at a time: p50 and p99 in ms, the server's CPU for one in µs."""
    chance = random.Random(42)
    async with server.connect() as socket:
        await hello(socket, tokens[0])
        took = []
        before = server.cpu_seconds()
        for i in range(PAGES):
            ask = {"type": "history", "ref": 2 + i, "conversation": chance.choice(rooms[0]), "before": chance.randrange(60, deepest), "limit": 50}
            begun = time.perf_counter()
            await socket.send(json.dumps(ask))
            while not any(f'"ref":{2 + i}' in line.replace(" ", "") for line in (await socket.recv()).splitlines()):
                pass
            took.append(1000 * (time.perf_counter() - begun))
        cpu = 1e6 * (server.cpu_seconds() - before) / PAGES
    took.sort()
    return f"p50 {took[PAGES // 2]:.2f} ms, p99 {took[PAGES * 99 // 100]:.2f} ms, {cpu:.0f} µs of the server's CPU"


def forget(data):
    """Has the kernel drop what it keeps of the files; the server must be stopped."""
    for path in data.rglob("*"):
        if path.is_file():
            file = os.open(path, os.O_RDONLY)
            os.fsync(file)
            os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(file)


def measure(what, binary, data, tokens, rooms, deepest):
    mib = 1 << 20
    print(f"\n{what}: model/data.mdb {(data / 'model' / 'data.mdb').stat().st_size / mib:.1f} MiB")
    for name, (size, entries) in tables(data / "model").items():
        print(f"  {name:14} {size / mib:8.1f} MiB in {entries} rows")
    begun = time.time()
    subprocess.check_output([binary, "check", "--data", str(data)])
    print(f"  parleyd check: {time.time() - begun:.1f} s")
    for cached in (True, False):
        if not cached:
            forget(data)
        with Server(binary, data, "--cold-after", "0") as server:
            if cached:
                asyncio.run(pages(server, tokens, rooms, deepest))
            print(f"  a page of 50, {'cached' if cached else 'not cached'}: {asyncio.run(pages(server, tokens, rooms, deepest))}")


def cool(binary, data):
    with Server(binary, data, "--cold-after", "1s") as server:
        begun, cpu, last, at = time.time(), server.cpu_seconds(), -1, time.time()
        while last <= 0 or time.time() - at < 5:
            now = server.gauge("parley_cold_segments")
            if now != last:
                last, at = now, time.time()
                spent = server.cpu_seconds() - cpu
            time.sleep(0.2)
        raw, packed = server.gauge("parley_cold_raw_bytes"), server.gauge("parley_cold_bytes")
        print(f"\npacked in {at - begun:.1f} s with {spent:.1f} s of CPU: {last:.0f} segments, {raw / 2**20:.1f} MiB of events in {packed / 2**20:.1f} MiB, ratio {raw / packed:.2f}")


def main():
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--server", required=True)
    asked.add_argument("--messages", type=int, default=100_000)
    asked.add_argument("--conversations", type=int, default=240)
    asked.add_argument("--dir", default="/tmp")
    options = asked.parse_args()
    known = sentences()
    print(f"{len(known)} sentences of {sum(map(len, known)) / len(known):.0f} bytes")
    root = pathlib.Path(tempfile.mkdtemp(prefix="parley-cold-", dir=options.dir))
    data = root / "data"
    try:
        with Server(options.server, data, "--cold-after", "0") as server:
            (root / "users").write_text("".join(f"user-{i:04}\n" for i in range(USERS)))
            tokens = subprocess.check_output([options.server, "token", "--data", str(data), "--users", str(root / "users")], text=True).split()
            begun = time.time()
            rooms = asyncio.run(fill(server, tokens, options.messages, options.conversations, known))
            print(f"{options.messages} messages in {options.conversations} conversations, sent in {time.time() - begun:.0f} s")
            time.sleep(2)
        deepest = options.messages // options.conversations
        compact = [options.server, "compact", "--data", str(data)]
        measure("as written", options.server, data, tokens, rooms, deepest)
        subprocess.check_output(compact)
        measure("as written, compacted", options.server, data, tokens, rooms, deepest)
        cool(options.server, data)
        measure("packed", options.server, data, tokens, rooms, deepest)
        subprocess.check_output(compact)
        measure("packed, compacted", options.server, data, tokens, rooms, deepest)
    finally:
        shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    main()
