# Those who run the server: `parleyd ctl` and the socket behind it, what they do to others, what long commands say, `config check`.
import asyncio
import http.client
import json
import socket
import stat
import time

from client import Client
from openssl import certificate
from receiver import endpoint, write_endpoints
from rest import Rest
from support import Server, data_directory, done, eventually, require, run, run_program

NOWHERE = "g0"  # where no conversation is


class OverSocket(http.client.HTTPConnection):
    """HTTP to the file where operators come in, as `curl --unix-socket` speaks it."""

    def __init__(self, file):
        super().__init__("localhost", timeout=20)
        self.file = str(file)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(20)
        self.sock.connect(self.file)


def over_socket(data, method, path, **headers):
    connection = OverSocket(data / "admin")
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    return answer.status, answer.read()


async def ctl(server, *words, code=0):
    return await server.tool("ctl", *words, "--data", str(server.data), code=code)


async def told(server, *words):
    return json.loads(await ctl(server, *words, "--json"))


async def asks(server, room):
    """What can be asked, by people and by programs, and nobody needs a token for it."""
    mode = (server.data / "admin").stat().st_mode
    require(stat.S_ISSOCK(mode) and stat.S_IMODE(mode) == 0o600, "a socket of the owner's alone", oct(mode))
    status, body = await asyncio.to_thread(over_socket, server.data, "GET", "/v1/admin/statistics")
    require(status == 200 and json.loads(body)["type"] == "statistics", "statistics without a token", status)
    status, body = await asyncio.to_thread(over_socket, server.data, "GET", "/v1/totals", **{"Parley-User": "alice"})
    require(status == 200 and json.loads(body)["type"] == "totals", "for somebody", status, body)
    status, _ = await asyncio.to_thread(over_socket, server.data, "GET", "/v1/totals", Authorization="Bearer e30.e30.e30")
    require(status == 401, "whoever brings a token is who it says", status)
    status, body = await asyncio.to_thread(over_socket, server.data, "GET", "/metrics")
    require(status == 200 and b"parley_messages_total" in body, "and metrics", status)
    stats = await told(server, "stats")
    require(stats["messages"] >= 3 and stats["process"]["resident_bytes"] > 1 << 20 and stats["sent_bytes"] > 0, "figures", stats)
    require(sum(each["count"] for each in stats["commit"]["buckets"]) == stats["commit"]["count"] > 0, "their spread", stats["commit"])
    text = await ctl(server, "stats")
    require("\nmessages: " in "\n" + text and "log.committed: " in text and "buckets" not in text, "for people", text)
    largest = await told(server, "conversations", "--by", "members", "--limit", "1")
    require([each["members"] for each in largest["items"]] == [3] and largest["conversations"] == 2, "the largest", largest)
    text = await ctl(server, "conversations")
    require(room in text and "2 conversations" in text, "for people", text)
    one = await told(server, "conversations", room)
    require(one["member_count"] == 3 and one["title"] == "Crew", "one of them", one)
    kept = await told(server, "retention")
    require(kept == {"type": "retention", "days": 30, "messages": 0, "cold_after_s": 2592000, "edit_window_s": 86400, "delete_window_s": 86400}, "what is kept", kept)
    done("an operator asks about the server", 12)


async def levels(server):
    """What is logged changes at once, and comes back."""
    require((await told(server, "log-level"))["level"] == "info", "as it was started")
    require("http_request" not in server.words(), "no requests so far")
    require(await ctl(server, "log-level", "debug") == "level: debug\n", "another one")
    await told(server, "retention")
    await eventually(lambda: "http_request" in server.words() and "operation=getRetention" in server.words(), "requests are logged")
    await ctl(server, "log-level", "info")
    await ctl(server, "log-level", "loud", code=105)
    done("the log level is changed while the server runs", 4)


async def freezing(server, alice, bob, room):
    """A freeze is an event like any other, and says who it was, who is no member."""
    require(await ctl(server, "freeze", room) == "seq: 5\n", "it has a number")
    changed = await bob.expect("changed", conversation=room, frozen=True)
    require(changed["by"] == "parley:operator", "the operator was it", changed)
    require(await bob.refusal("send", conversation=room, client_id="f1", body="Hello?") == "frozen", "nobody speaks")
    await alice.send(room, "f2", "But I do")
    require("seq: 5" not in await ctl(server, "unfreeze", room, "--as", "jane"), "another event")
    changed = await bob.expect("changed", conversation=room, frozen=False)
    require(changed["by"] == "jane", "in her name", changed)
    await bob.send(room, "f3", "Thanks")
    await ctl(server, "freeze", NOWHERE, code=1)
    root = Rest(server, await server.token("root", admin=True))
    one = f"/v1/admin/conversations/{room}"
    first = await root.good("PUT", f"{one}/freeze", Idempotency_Key="once")
    require(await root.good("PUT", f"{one}/freeze", Idempotency_Key="once") == first, "a retry gets the first answer")
    await root.good("DELETE", f"{one}/freeze")
    await root.refused("GET", f"/v1/conversations/{room}", 404, "not_found")
    user = Rest(server, await server.token("alice"))
    for method, path in (("PUT", f"{one}/freeze"), ("GET", one), ("GET", "/v1/admin/sessions"), ("PUT", "/v1/admin/log-level"), ("GET", "/v1/admin/webhooks")):
        await user.refused(method, path, 403, "forbidden", {"level": "off"} if "log" in path else None)
    done("conversations are frozen by who is no member", 12)


async def kicking(server, bob, carol, room, tokens):
    """Sessions end within a second; members go, and the event says who it was."""
    listed = await told(server, "sessions")
    require(listed["sessions"] == 3 and {each["user"] for each in listed["items"]} == {"alice", "bob", "carol"}, "who is there", listed)
    phone = await Client.open(server, tokens["carol"], device="phone")
    listed = await told(server, "sessions", "carol")
    require({each["device"] for each in listed["items"]} >= {"phone"} and len(listed["items"]) == 2, "one user's", listed)
    begun = time.monotonic()
    await ctl(server, "kick", "carol", "--session", phone.welcome["session"])
    require(await phone.gone() == 4401 and time.monotonic() - begun < 3, "it is closed", phone.socket.close_code)
    await ctl(server, "kick", "carol", "--session", phone.welcome["session"], code=1)
    require(carol.connected, "the other one stays")
    root = Rest(server, await server.token("root", admin=True))
    begun = time.monotonic()
    await root.good("DELETE", "/v1/admin/users/carol/sessions")
    require(await carol.gone() == 4401, "all of them", carol.socket.close_code)
    took = time.monotonic() - begun
    require(took < 1, "within a second", took)
    await ctl(server, "kick", "carol", "--from", room)
    left = await bob.expect("left", conversation=room, user="carol")
    require(left["by"] == "parley:operator", "the operator was it", left)
    require("operator_acts operation=kickUser by=\"root\" user=\"carol\"" in server.words(), "the log says who", server.words())
    done("users are kicked", 8)


async def redelivering(server):
    """Endpoints are listed, and what was given up for one waits again."""
    listed = await told(server, "webhooks")
    require([(each["endpoint"], each["dead"], each["state"]) for each in listed["items"]] == [("audit", 0, "good")], "the endpoint", listed)
    require(await ctl(server, "redeliver", "audit") == "endpoint: audit\nmessages: 0\n", "nothing was given up")
    await ctl(server, "redeliver", "nobody", code=1)
    done("webhooks are looked at and redelivered", 3)


async def long_commands(server):
    """Each says how far it is and how it ended, one object a line."""
    data = str(server.data)
    for words, step in ((("check",), "log"), (("compact",), "copying"), (("export", "--user", "alice", "--output", str(server.data.parent / "alice.tar")), "exporting")):
        lines = [json.loads(line) for line in (await server.tool(*words, "--data", data, "--json")).splitlines()]
        progress = [each for each in lines if each["type"] == "progress"]
        require(progress and all({"step", "done", "total", "per_second", "eta_ms", "elapsed_ms"} <= each.keys() for each in progress), "progress", lines)
        require(progress[0]["step"] == step, "what is done first", progress[0])
        require(lines[-1]["type"] == "result" and lines[-1]["ok"] and lines[-1]["command"] == words[0], "how it ended", lines)
    await server.stop()
    lines = [json.loads(line) for line in (await server.tool("reindex", "--data", data, "--json")).splitlines()]
    require(lines[-1]["ok"] and lines[-1]["position"] > 3 and lines[0]["type"] == "progress", "the index", lines)
    lines = [json.loads(line) for line in (await server.tool("check", "--data", data, "--json")).splitlines()]
    require(lines[-1]["problems"] == 0 and lines[-1]["events"] > 5 and lines[-2]["done"] == lines[-2]["total"] > 0, "a check", lines)
    await server.tool("ctl", "stats", "--data", data, code=1)
    require(not (server.data / "admin").exists(), "nobody comes in any more")
    done("long commands say how far they are", 6)


async def imported(server, place):
    """What happened elsewhere is there after the start, decided as if it had been said here."""
    lines = [{"type": "create", "by": "alice", "at": 1600000000000, "conversation": "elsewhere", "kind": "group", "title": "Old", "members": ["bob"]},
             {"type": "send", "by": "bob", "at": 1600000001000, "conversation": "elsewhere", "client_id": "m-1", "body": "From afar"},
             {"type": "send", "by": "mallory", "at": 1600000001000, "conversation": "elsewhere", "client_id": "m-2", "body": "Me, too"}]
    file = place / "old.jsonl"
    file.write_text("".join(json.dumps(each) + "\n" for each in lines))
    for records in (2, 0):
        out = await server.tool("import", "--data", str(server.data), "--from", str(file), "--json", code=1)
        told = [json.loads(line) for line in out.splitlines()]
        require((told[-1]["lines"], told[-1]["records"], told[-1]["refused"]) == (3, records, 1), "once and again", told)
        require([each["message"] for each in told if each["type"] == "problem"] == ["line 3: not_found: no such conversation"], "what is refused", told)
        far = [(each["command"], each["step"], each["unit"], each["total"]) for each in told if each["type"] == "progress"]
        last = [each["done"] for each in told if each["type"] == "progress"][-1:]
        require(set(far) == {("import", "importing", "bytes", file.stat().st_size)} and last == [file.stat().st_size], "how far it was", told)
    await server.start()
    alice = await Client.open(server, await server.token("alice"))
    found = [each for each in (await alice.ask("list"))["items"] if each.get("title") == "Old"]
    require(len(found) == 1 and found[0]["unread"] == 1, "the conversation", found)
    page = await alice.ask("history", conversation=found[0]["conversation"])
    require([(each["from"], each["at"], each["body"]) for each in page["events"] if each["type"] == "message"] == [("bob", 1600000001000, "From afar")], "the message", page)
    while (answer := await alice.answer("search", query="afar"))["type"] == "error":  # the index takes it in
        require(answer["code"] == "overloaded", "a search", answer)
        await asyncio.sleep(0.1)
    require(answer["hits"], "it is found")
    await alice.close()
    await server.stop()
    await server.check()
    done("messages from elsewhere are imported, once", 8)


async def imported_files(server, place):
    """The files of what happened elsewhere come along: copied once, sent by who had them, read by who reads the message."""
    (place / "old").mkdir()
    (place / "old" / "cake.txt").write_text("flour, eggs, milk")
    (place / "old" / "link").symlink_to("/etc/passwd")
    by_bob = {"by": "bob", "at": 1600000002000}
    lines = [{"type": "create", "by": "alice", "at": 1600000000000, "conversation": "kitchen", "kind": "group", "title": "Kitchen", "members": ["bob"]},
             {**by_bob, "type": "upload", "file": "recipe", "path": "old/cake.txt", "name": "cake.txt", "media_type": "text/plain"},
             {**by_bob, "type": "send", "conversation": "kitchen", "client_id": "f-1", "body": "The cake", "files": ["recipe"]},
             {**by_bob, "type": "send", "by": "alice", "conversation": "kitchen", "client_id": "f-2", "body": "Mine", "files": ["recipe"]},
             {**by_bob, "type": "upload", "file": "key", "path": "../data/token.key"},
             {**by_bob, "type": "upload", "file": "link", "path": "old/link"},
             {**by_bob, "type": "upload", "file": "none", "path": "old/nothing.txt"},
             {**by_bob, "type": "upload", "file": "odd", "path": "old/cake.txt", "name": "a/b"}]
    file = place / "files.jsonl"
    file.write_text("".join(json.dumps(each) + "\n" for each in lines))
    for records in (3, 0):
        out = await server.tool("import", "--data", str(server.data), "--from", str(file), "--json", code=1)
        told = [json.loads(line) for line in out.splitlines()]
        require((told[-1]["lines"], told[-1]["records"], told[-1]["refused"]) == (8, records, 5), "once and again", told)
        refused = [each["message"].split(":")[0] for each in told if each["type"] == "problem"]
        require(refused == ["line 4", "line 5", "line 6", "line 7", "line 8"], "others' files, what leads out of the folder, and what is no file here, are refused", told)
    await server.check()
    await server.start()
    alice = await Client.open(server, await server.token("alice"))
    found = [each for each in (await alice.ask("list"))["items"] if each.get("title") == "Kitchen"][0]
    page = await alice.ask("history", conversation=found["conversation"])
    (what,) = [each["files"][0] for each in page["events"] if each["type"] == "message"]
    require((what["name"], what["type"], what["size"]) == ("cake.txt", "text/plain", 17), "what it is", what)
    status, _, data = await Rest(server, await server.token("alice")).ask("GET", f"/v1/files/{what['file']}")
    require((status, data) == (200, b"flour, eggs, milk"), "its bytes", status, data)
    await alice.close()
    await server.stop()
    await server.check()
    done("files come along", 2)


async def checked_configuration(server, place):
    """All that is wrong is named, and a good one is said to be good."""
    good = place / "parley.toml"
    good.write_text(f'data = "{server.data}"\norigin = ["https://a.example", "https://b.example/"]\nmax-sessions = 100\n')
    text = await server.tool("config", "check", "--config", str(good))
    require("warning: --origin https://b.example/ has something behind its host" in text and "the configuration is good" in text, "a warning", text)
    cert, key = certificate(place, "localhost")
    hooks = place / "hooks.json"
    hooks.write_text("[{]")
    code, out, _ = await run_program(server.binary, "config", "check", "--config", str(good), "--tls-cert", str(cert), "--tls-key", str(cert),
                                     "--webhooks", str(hooks), "--json")
    told = json.loads(out)
    require(code == 1 and not told["ok"] and len(told["problems"]) == 2 and told["settings"]["max-sessions"] == 100, "both problems", told)
    hooks.unlink()
    code, out, _ = await run_program(server.binary, "config", "check", "--config", str(good), "--tls-cert", str(cert), "--tls-key", str(key), "--json")
    require(code == 0 and json.loads(out)["ok"], "a good one", out)
    good.write_text("max-session = 100\n")
    code, _, err = await run_program(server.binary, "config", "check", "--config", str(good))
    require(code > 100 and "max-session" in err, "a key that nobody knows", err)
    done("a configuration is looked at before a server is started with it", 4)


async def main():
    with data_directory() as data:
        hooks = data.parent / "hooks.json"
        write_endpoints(hooks, endpoint("audit", "https://hooks.invalid/parley", events=("conversation.deleted",)))
        server = await Server(data).start("--webhooks", str(hooks), "--retain-days", "30")
        tokens = await server.tokens(["alice", "bob", "carol"])
        alice, bob, carol = [await Client.open(server, tokens[user]) for user in ("alice", "bob", "carol")]
        room = (await alice.ask("create", kind="group", title="Crew", members=["bob", "carol"]))["conversation"]
        await alice.ask("create", kind="direct", **{"with": "bob"})
        for number in range(3):
            await alice.send(room, f"m{number}", f"Message {number}")
        await asks(server, room)
        await levels(server)
        await freezing(server, alice, bob, room)
        await kicking(server, bob, carol, room, tokens)
        await redelivering(server)
        await long_commands(server)
        await imported(server, data.parent)
        await imported_files(server, data.parent)
        await checked_configuration(server, data.parent)


run(main)
