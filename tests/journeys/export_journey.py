# Archives over real sockets and from the command line: who gets one, what is in it, and what a slow reader costs.
import asyncio
import contextlib
import hashlib
import http.client
import io
import json
import os
import pathlib
import socket
import subprocess
import tarfile
import tempfile
import time

from client import Client
from support import Server, data_directory, done, eventually, note, require, run, run_program

PICTURE = os.urandom(300_000)
BODY = "x" * 12_000


class Archive:
    """A tar as Python reads it: its entries, and the lines of all parts of a name."""

    def __init__(self, data):
        self.entries = {}
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            self.names = tar.getnames()
            for each in tar.getmembers():
                require(each.isfile(), "files alone", each.name)
                self.entries[each.name] = tar.extractfile(each).read()
        require(self.names[0] == "manifest.json" and self.names[-1] == "receipt.json", "its two ends", self.names[:3])
        require(len(set(self.names)) == len(self.names), "each name once", self.names)
        self.receipt = self.document("receipt.json")
        sums = {each["entry"]: each["sha256"] for each in self.receipt["checksums"] + self.lines("checksums")}
        require({name: hashlib.sha256(text).hexdigest() for name, text in self.entries.items() if name != "receipt.json"}
                == sums, "the sum of every other entry", sums)

    def document(self, name):
        return json.loads(self.entries[name])

    def lines(self, name):
        parts = sorted(each for each in self.entries if each.startswith(f"{name}-") and each.endswith(".jsonl"))
        return [json.loads(line) for part in parts for line in self.entries[part].splitlines()]


def get(server, path, token=None, method="GET", headers=None):
    """Status, headers and body."""
    connection = http.client.HTTPConnection(*server.address, timeout=30)
    with contextlib.closing(connection):
        named = {**({"Authorization": f"Bearer {token}"} if token else {}), **(headers or {})}
        connection.request(method, path, headers=named)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()


async def fetch(server, path, token, code=200):
    for _ in range(100):
        status, headers, body = await asyncio.to_thread(get, server, path, token)
        if status != 429 or code == 429:
            break
        await asyncio.sleep(0.05)  # the place of the last one is just being given back
    require(status == code, "an export", path, status, body[:300])
    return headers, body


async def archive(server, path, token):
    headers, body = await fetch(server, path, token)
    require(headers["Content-Type"] == "application/x-tar", "a tar", headers.items())
    require(headers["Transfer-Encoding"] == "chunked", "in chunks", headers.items())
    require(headers["Content-Disposition"].startswith("attachment"), "to be saved", headers.items())
    return Archive(body)


async def all_events(client, room):
    events, more = [], True
    while more:
        page = await client.ask("sync", conversation=room, after=events[-1]["seq"] if events else 0)
        events += page["events"]
        more = page["more"]
    return events


async def upload(server, token, data):
    def send():
        connection = http.client.HTTPConnection(*server.address, timeout=20)
        with contextlib.closing(connection):
            connection.request("POST", "/v1/files?name=photo.png", data,
                               {"Authorization": f"Bearer {token}", "Content-Type": "image/png"})
            return json.loads(connection.getresponse().read())
    return await asyncio.to_thread(send)


async def talk(server, alice, bob, tokens):
    """A conversation with everything in it."""
    room = (await alice.ask("create", kind="group", title="Crew \u2603", members=["bob"]))["conversation"]
    file = await upload(server, tokens["alice"], PICTURE)
    await alice.ask("send", conversation=room, client_id="photo", body="", files=[file["file"]])
    first = await alice.ask("send", conversation=room, client_id="a1", body="caf\u00e9 \"and\" \\ more\n")
    await bob.ask("react", conversation=room, message=first["seq"], emoji="\U0001f44d")
    await alice.ask("edit", conversation=room, message=first["seq"], body="tea")
    secret = await alice.ask("send", conversation=room, client_id="a2", body="a word that goes")
    await alice.ask("delete", conversation=room, message=secret["seq"], for_="everyone")
    await bob.ask("read", conversation=room, seq=first["seq"])
    hidden = await alice.ask("send", conversation=room, client_id="a3", body="not for me")
    await bob.ask("delete", conversation=room, message=hidden["seq"], for_="me")
    return room, file, hidden["seq"]


async def who_may(server, room, tokens, admin):
    path = f"/v1/conversations/{room}/export"
    for token, code in ((None, 401), ("nonsense", 401), (tokens["eve"], 404)):
        await fetch(server, path, token, code)
    await fetch(server, "/v1/conversations/none/export", tokens["alice"], 404)
    await fetch(server, "/v1/conversations/none/export", admin, 404)
    await fetch(server, "/v1/users/alice/export", tokens["bob"], 404)
    await fetch(server, "/v1/users/nobody/export", admin, 404)
    status, headers, _ = await asyncio.to_thread(get, server, path, tokens["alice"], "DELETE")
    require((status, headers["Allow"]) == (405, "GET, HEAD, OPTIONS"), "it is read alone", status)
    status, _, _ = await asyncio.to_thread(get, server, f"{path}?token={tokens['alice']}")
    require(status == 400, "no token in a URL", status)
    done("strangers and nobodies get no archive")


async def of_conversation(server, alice, bob, room, file, hidden, tokens, admin):
    path = f"/v1/conversations/{room}/export"
    events = await all_events(alice, room)
    mine = await archive(server, path, tokens["alice"])
    require(mine.lines("events") == events, "what sync shows", len(events))
    everything = await archive(server, path, admin)
    require(everything.lines("events") == events, "an administrator likewise")
    require(everything.document("manifest.json")["as"] == "administrator", "as such")
    his = await archive(server, path, tokens["bob"])
    require(his.lines("events") == [each for each in events if each["seq"] != hidden], "without what he has hidden")
    for each in (mine, his, everything):
        require(not any(b"a word that goes" in text for text in each.entries.values()), "what was deleted is gone")
        require(each.entries[f"files/{file['file']}"] == PICTURE, "every byte of the picture")
        [named] = each.lines("files")
        require(named["sha256"] == hashlib.sha256(PICTURE).hexdigest(), "its sum", named)
        require(named["messages"] == [2] and named["name"] == "photo.png", "where it is", named)
    told = await alice.ask("get", conversation=room)
    facts = mine.document("conversation.json")
    require(facts["title"] == told["title"] and facts["seq"] == told["seq"], "as `get` has it", facts)
    members = (await alice.ask("members", conversation=room))["items"]
    require([(each["user"], each["role"], each["joined"]) for each in mine.lines("members")]
            == [(each["user"], each["role"], each["joined"]) for each in members], "all members", members)
    require({each["user"] for each in mine.lines("receipts")} == {"alice", "bob"}, "all receipts")
    done("a member's archive is what sync shows, an administrator's is all")
    return events


async def of_user(server, bob, room, events, hidden, tokens, admin):
    await bob.ask("block", user="eve")
    await bob.ask("preferences", zone="Europe/Berlin")
    own = await archive(server, "/v1/users/bob/export", tokens["bob"])
    for each in (own, await archive(server, "/v1/users/bob/export", admin)):
        require(each.document("profile.json")["preferences"]["zone"] == "Europe/Berlin", "how he is told")
        require([line["user"] for line in each.lines("blocks")] == ["eve"], "whom he has blocked")
        [where] = each.lines("conversations")
        require(where["conversation"] == room and where["role"] == "member", "where he is", where)
        folder = where["folder"]
        require(each.lines(f"{folder}/events") == [e for e in events if e["seq"] != hidden], "what he may read")
        require([line["message"] for line in each.lines(f"{folder}/hidden")] == [hidden], "what he has hidden")
        require([line["user"] for line in each.lines(f"{folder}/receipts")] == ["bob"], "his receipts alone")
    done("a user's archive is what is stored of them")


async def from_command_line(server, room, events, running):
    """With a server and without one; GNU tar opens it too."""
    with tempfile.TemporaryDirectory() as place:
        target = pathlib.Path(place) / "room.tar"
        arguments = ["export", "--data", str(server.data), "--conversation", room, "--output"]
        await server.tool(*arguments, str(target))
        made = Archive(target.read_bytes())
        require(made.lines("events") == events, "the same events", len(made.lines("events")), len(events))
        require("by" not in made.receipt, "the operator's", made.receipt)
        kept = json.loads(await server.tool("export", "--data", str(server.data), "--receipt", made.receipt["export"]))
        require(kept["sha256"] == hashlib.sha256(made.entries["receipt.json"]).hexdigest(), "its receipt is kept", kept)
        require(target.stat().st_mode & 0o777 == 0o600, "for its owner alone")
        code, _, _ = await run_program(server.binary, *arguments, str(target))
        require(code == 1, "nothing is written over", code)
        listed = subprocess.run(["tar", "tf", str(target)], capture_output=True, text=True, check=True)
        require(listed.stdout.split() == made.names and not listed.stderr, "GNU tar agrees", listed)
        piped = subprocess.run([server.binary, *arguments, "-"], capture_output=True, check=True)
        require(Archive(piped.stdout).lines("events") == events, "through a pipe")
        code, _, words = await run_program(
            server.binary, "export", "--data", str(server.data), "--user", "nobody", "--output", f"{place}/x")
        require(code == 1 and "no such user" in words and not os.path.exists(f"{place}/x"), "nobody", words)
        code, _, _ = await run_program(
            server.binary, "export", "--data", str(server.data), "--user", "bob", "--output", f"{place}/bob.tar")
        require(code == 0, "a user's", code)
    done(f"`parleyd export` {'beside a server' if running else 'of a stopped store'}")


async def receipts(server, room, tokens, admin):
    """In the archive, over HTTP, and from the command line."""
    path = f"/v1/conversations/{room}/export"
    made = await archive(server, path, tokens["bob"])
    receipt = made.receipt
    require(receipt["by"] == "bob" and receipt["as"] == "reader" and receipt["conversation"] == room, "whose", receipt)
    events = made.lines("events")
    require(receipt["events"] == len(events), "how many", receipt)
    [has] = receipt["ranges"]
    require((has["first"], has["last"]) == (events[0]["seq"], events[-1]["seq"]), "from where to where", has)
    sealed = hashlib.sha256(made.entries["receipt.json"]).hexdigest()
    kept = {**{name: value for name, value in receipt.items() if name != "checksums"}, "sha256": sealed}
    for token, code in ((None, 401), (tokens["bob"], 403)):
        await fetch(server, f"/v1/exports/{receipt['export']}", token, code)
        await fetch(server, "/v1/exports", token, code)
    await fetch(server, "/v1/exports/none", admin, 404)
    _, body = await fetch(server, f"/v1/exports/{receipt['export']}", admin)
    require(json.loads(body) == kept, "the same is kept", body)
    _, body = await fetch(server, "/v1/exports", admin)
    require(json.loads(body)["items"][0] == kept, "the latest first", body[:300])
    _, body = await fetch(server, f"/v1/exports?before={receipt['export']}", admin)
    require(all(each["export"] < receipt["export"] for each in json.loads(body)["items"]), "those before it")
    printed = (await server.tool("export", "--data", str(server.data), "--receipts")).splitlines()
    require(json.loads(printed[-1]) == kept, "and printed", printed[-1])
    one = await server.tool("export", "--data", str(server.data), "--receipt", receipt["export"])
    require(json.loads(one) == kept, "by its id", one)
    code, _, _ = await run_program(server.binary, "export", "--data", str(server.data), "--receipt", "none")
    require(code == 1, "none of this id", code)
    done("each export has a receipt, in the archive and in the store")


async def left_behind(server, alice, tokens):
    """What somebody wrote in a conversation that they left is in their archive; what others wrote is not."""
    eve = await Client.open(server, tokens["eve"])
    room = (await alice.ask("create", kind="group", members=["eve"]))["conversation"]
    await alice.ask("send", conversation=room, client_id="a", body="said by alice")
    hers = await eve.ask("send", conversation=room, client_id="e", body="said by eve")
    await eve.ask("edit", conversation=room, message=hers["seq"], body="said better by eve")
    await eve.ask("leave", conversation=room)
    made = await archive(server, "/v1/users/eve/export", tokens["eve"])
    [where] = [each for each in made.lines("conversations") if each["conversation"] == room]
    require([each.get("body") for each in made.lines(f"{where['folder']}/events")] == ["said by eve", "said better by eve"], "hers")
    require(not any(b"said by alice" in text for text in made.entries.values()), "and nobody else's")
    done("what a user wrote is theirs after they have left")


async def fill(alice, room, messages):
    for begun in range(0, messages, 32):
        await asyncio.gather(*(alice.ask("send", conversation=room, client_id=f"fill{i}", body=BODY)
                               for i in range(begun, min(begun + 32, messages))))


async def slow_reader(server, alice, room, tokens):
    """Somebody who reads nothing costs a buffer, and keeps only their own place."""
    await fill(alice, room, 4000)  # 48 MB
    await archive(server, f"/v1/conversations/{room}/export", tokens["bob"])  # all of it is applied, and mapped
    before = server.memory()
    sock = socket.create_connection(server.address)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.sendall(f"GET /v1/conversations/{room}/export HTTP/1.1\r\nHost: x\r\n"
                 f"Authorization: Bearer {tokens['alice']}\r\n\r\n".encode())
    require(sock.recv(12) == b"HTTP/1.1 200", "it has begun")
    await asyncio.sleep(1.5)
    grown = server.memory() - before
    note(f"a reader that stops costs {grown >> 10} KiB")
    require(server.sanitized or grown < 8 << 20, "a stopped reader does not grow the server", grown)
    headers, _ = await fetch(server, f"/v1/conversations/{room}/export", tokens["alice"], 429)
    require(int(headers["Retry-After"]) > 0, "when to come back", headers.items())
    begun = time.monotonic()
    other = await archive(server, f"/v1/conversations/{room}/export", tokens["bob"])
    note(f"{sum(map(len, other.entries.values())) >> 20} MiB in {time.monotonic() - begun:.1f} s")
    sock.close()
    again = await archive(server, f"/v1/conversations/{room}/export", tokens["alice"])
    require(len(again.lines("events")) > 4000, "its place is free again")
    require("events-000002.jsonl" in again.names, "in parts", again.names)
    for each in again.entries.values():
        require(len(each) < 2 << 20, "each of them small", len(each))
    done("a reader that stops neither grows the server nor keeps others out")


async def breaks_off(server, alice, bob, room, tokens):
    """Who is removed meanwhile sees that there is no end."""
    def read_half():
        connection = http.client.HTTPConnection(*server.address, timeout=30)
        connection.sock = socket.socket()
        connection.sock.settimeout(30)
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # or nearly all of it fits
        connection.sock.connect(tuple(server.address))
        connection.request("GET", f"/v1/conversations/{room}/export", headers={"Authorization": f"Bearer {tokens['bob']}"})
        answer = connection.getresponse()
        answer.read(1000)
        return connection, answer
    connection, answer = await asyncio.to_thread(read_half)
    await alice.ask("remove", conversation=room, user="bob")
    try:
        rest = await asyncio.to_thread(answer.read)
        whole = b"complete.json" in rest
    except (http.client.IncompleteRead, ConnectionError):
        whole = False
    connection.close()
    require(not whole, "it breaks off")
    await fetch(server, f"/v1/conversations/{room}/export", tokens["bob"], 404)
    done("who loses the right to read gets no end of it")


async def main():
    with data_directory() as data:
        server = await Server(data).start()
        tokens = await server.tokens(["alice", "bob", "eve"])
        admin = (await server.tool("token", "--data", str(data), "--user", "root", "--admin")).strip()
        alice = await Client.open(server, tokens["alice"])
        bob = await Client.open(server, tokens["bob"], encoding="json")
        room, file, hidden = await talk(server, alice, bob, tokens)
        await who_may(server, room, tokens, admin)
        events = await of_conversation(server, alice, bob, room, file, hidden, tokens, admin)
        await of_user(server, bob, room, events, hidden, tokens, admin)
        await receipts(server, room, tokens, admin)
        await left_behind(server, alice, tokens)
        await from_command_line(server, room, events, True)
        await server.kill()
        await from_command_line(server, room, events, False)
        measured = await Server(data, release=True).start()  # AddressSanitizer keeps what was freed
        await slow_reader(measured, await Client.open(measured, tokens["alice"]), room, tokens)
        await measured.stop()
        await server.start()
        alice = await Client.open(server, tokens["alice"])
        bob = await Client.open(server, tokens["bob"])
        await breaks_off(server, alice, bob, room, tokens)
        await server.stop()
        await server.check()


run(main)
