# Users who are erased, on a real server: what others see then, kills in the middle, and what is left in the files.
import asyncio
import contextlib
import http.client
import json
import pathlib
import tarfile
import tempfile
import urllib.request

from client import Client, Gone, Refused
from receiver import endpoint, write_endpoints
from support import Server, data_directory, done, eventually, note, require, run, run_program

NAME = "zeno-of-elea-7f3a"
OTHER = "parmenides-19c2"
COLD = ("--cold-after", "1s")


def ask(server, method, path, token=None, file=None):
    """Status, headers and body."""
    connection = http.client.HTTPConnection(*server.address, timeout=30)
    with contextlib.closing(connection):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        connection.request(method, path, file, {**headers, "Content-Type": "text/plain"} if file else headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, json.loads(answer.read() or b"{}")


async def asked(server, method, path, token, code, file=None):
    status, headers, body = await asyncio.to_thread(ask, server, method, path, token, file)
    require(status == code, "an answer", method, path, status, body)
    return headers, body


def files_with(data, word):
    """The names of the files below `data` in which the word is, as it is."""
    return [str(path.relative_to(data)) for path in sorted(pathlib.Path(data).rglob("*"))
            if path.is_file() and word.encode() in path.read_bytes()]


def cold_segments(server):
    with urllib.request.urlopen(f"http://{server.http}/metrics", timeout=10) as answer:
        for line in answer.read().decode().splitlines():
            if line.startswith("parley_cold_segments "):
                return float(line.split()[1])
    return 0


async def cooled(server, segments):
    for _ in range(600):
        if await asyncio.to_thread(cold_segments, server) >= segments:
            return
        await asyncio.sleep(0.05)
    require(False, "old messages are packed", cold_segments(server))


async def exported(server, *what):
    """All that an archive has, packed events too, as one piece of bytes."""
    with tempfile.TemporaryDirectory() as place:
        await server.tool("export", "--data", str(server.data), *what, "--output", f"{place}/all.tar")
        with tarfile.open(f"{place}/all.tar") as tar:
            return b"".join(tar.extractfile(each).read() for each in tar.getmembers())


async def in_no_archive(server, word, rooms):
    for room in rooms:
        require(word.encode() not in await exported(server, "--conversation", room), "no archive has it", word, room)


async def life_of(name, zeno, bob, eve, topic, messages=400):
    """A group that he owns, a direct conversation, and everything that names him."""
    group = (await zeno.ask("create", kind="group", title="Eleatics", members=["bob"], client_id="c"))["conversation"]
    pair = (await zeno.ask("create", kind="direct", **{"with": "bob"}))["conversation"]
    for begun in range(0, messages, 32):
        await asyncio.gather(*(zeno.ask("send", conversation=group, client_id=f"z{i}", body=f"paradox {i} {topic}", mentions=["bob"])
                               for i in range(begun, min(begun + 32, messages))))
    his = await bob.ask("send", conversation=group, client_id="b1", body="well said", mentions=[name])
    await zeno.ask("react", conversation=group, message=his["seq"], emoji="\u2764")
    await zeno.ask("pin", conversation=group, message=his["seq"])
    await zeno.ask("edit", conversation=group, message=2, body="paradox 0, again")
    await zeno.ask("read", conversation=group, seq=his["seq"])
    await zeno.ask("set", conversation=group, pinned=True)
    await zeno.ask("preferences", zone="Europe/Athens")
    await zeno.ask("set_profile", name="Z.", text=f"known as {name}")
    require((await bob.ask("profile", user=name))["name"] == "Z.", "his profile")
    await zeno.ask("invite", conversation=group, users=["eve"])  # before they fall out, which it outlives
    await zeno.ask("block", user="eve")
    await eve.ask("block", user=name)
    await zeno.ask("send", conversation=pair, client_id="p1", body="to you alone")
    await bob.ask("search", query="paradox", limit=1)
    return group, pair, his["seq"]


async def all_events(client, room):
    events, more = [], True
    while more:
        page = await client.ask("sync", conversation=room, after=events[-1]["seq"] if events else 0)
        events += page["events"]
        more = page["more"]
    return events


async def finished(server, receipt, admin):
    for _ in range(2400):
        _, _, told = await asyncio.to_thread(ask, server, "GET", f"/v1/erasures/{receipt}", admin)
        if told["status"] == "done":
            return told
        await asyncio.sleep(0.05)
    require(False, "it does not end", told)


async def nothing_names(name, bob, rooms):
    """In nothing that he can ask for."""
    seen = []
    for room in rooms:
        seen += await all_events(bob, room)
        seen.append(await bob.ask("history", conversation=room))
        seen.append(await bob.ask("members", conversation=room))
        seen.append(await bob.ask("pins", conversation=room))
    seen.append(await bob.ask("invited", conversation=rooms[0]))
    require(await bob.refusal("profile", user=name) == "not_found", "he shows nothing of himself")
    seen.append(await bob.ask("list"))
    require(name not in json.dumps(seen), "nothing names him")
    return seen


async def not_for_everyone(server, tokens, admin):
    path = f"/v1/users/{NAME}"
    await asked(server, "DELETE", f"{path}?policy=anonymise", None, 401)
    await asked(server, "DELETE", f"{path}?policy=anonymise", tokens["bob"], 403)
    await asked(server, "DELETE", f"{path}?policy=anonymise", tokens[NAME], 403)
    await asked(server, "DELETE", path, admin, 400)
    await asked(server, "GET", "/v1/erasures/none", admin, 404)
    await asked(server, "GET", "/v1/erasures/none", tokens["bob"], 403)
    done("only administrators have somebody erased")


async def anonymised(data):
    """Through HTTP, while he is sending; then the files are compacted."""
    file = pathlib.Path(data).parent / "webhooks.json"
    write_endpoints(file, endpoint("down", "http://127.0.0.1:1/", events=["notification.*"]))  # it answers nobody
    server = await Server(data).start(*COLD, "--webhooks", str(file), "--webhooks-private", "--notify-after", "1s")
    tokens = await server.tokens([NAME, OTHER, "bob", "eve"])
    admin = (await server.tool("token", "--data", str(data), "--user", "root", "--admin")).strip()
    zeno, bob, eve = [await Client.open(server, tokens[each]) for each in (NAME, "bob", "eve")]
    group, pair, his = await life_of(NAME, zeno, bob, eve, "achilles")
    await zeno.ask("presence", status="away")
    await bob.ask("send", conversation=group, client_id="b2", body="are you there?")
    await zeno.expect("notification", conversation=group)
    await eventually(lambda: any(each.startswith("webhooks/") for each in files_with(data, NAME)), "the outbox has his name")
    require(f"known as {NAME}".encode() in await exported(server, "--user", NAME), "his archive")
    await cooled(server, 3)
    await not_for_everyone(server, tokens, admin)
    _, unsent = await asked(server, "POST", "/v1/files?name=lemma.txt", tokens[NAME], 201, "to be sent later")
    before = {item["conversation"]: (item["unread"], item["mentions"]) for item in (await bob.ask("list"))["items"]}
    sent = 0

    async def go_on():
        nonlocal sent
        with contextlib.suppress(Gone, Refused):
            while True:
                await zeno.ask("send", conversation=pair, client_id=f"on{sent}", body="and on")
                sent += 1
    sending = asyncio.create_task(go_on())
    await eventually(lambda: sent > 5, "he sends")
    headers, told = await asked(server, "DELETE", f"/v1/users/{NAME}?policy=anonymise", admin, 202)
    require(headers["Location"] == f"/v1/erasures/{told['erasure']}" and told["status"] == "running", "a receipt", told)
    receipt = await finished(server, told["erasure"], admin)
    await sending
    require(zeno.socket.close_code == 4403, "his session has ended", zeno.socket.close_code)
    try:
        await Client.open(server, tokens[NAME])
        require(False, "he was let in")
    except (Refused, Gone):
        pass
    await eventually(lambda: any(e["type"] == "left" and e["conversation"] == pair for e in bob.seen), "he has left")
    events = await all_events(bob, pair)
    require(events[-1]["type"] == "left", "and said nothing after that", events[-1])
    require(len([e for e in events if e["type"] == "message"]) >= sent + 1, "what was acknowledged is there", sent)
    await nothing_names(NAME, bob, (group, pair))
    require(not (await eve.ask("blocks"))["items"], "nobody blocks him")
    pseudonym = receipt["pseudonym"]
    events = await all_events(bob, group)
    require({e["from"] for e in events if e["type"] == "message"} == {pseudonym, "bob"}, "a pseudonym")
    require([e["body"] for e in events if e["type"] == "message"][:2] == ["paradox 0 achilles", "paradox 1 achilles"], "and the same words")
    members = (await bob.ask("members", conversation=group))["items"]
    require([(m["user"], m["role"]) for m in members] == [("bob", "owner")], "who owns it now", members)
    after = {item["conversation"]: (item["unread"], item["mentions"]) for item in (await bob.ask("list"))["items"]}
    require(after[group] == before[group], "as much is unread as before", before[group], after[group])
    hits = (await bob.ask("search", query=f"paradox from:{pseudonym}", limit=5))["hits"]
    require(hits and all(hit["from"] == pseudonym for hit in hits), "a search finds them by it", hits)
    require(not (await bob.ask("search", query=f"paradox from:{NAME}", limit=5))["hits"], "and not by the name")
    require(receipt["conversations"] == 2 and receipt["messages"] >= 401 + sent, "the receipt", receipt)
    require(not [each for each in files_with(data, NAME) if each.startswith("webhooks/")], "the outbox has forgotten him", files_with(data, NAME))
    require(files_with(data, NAME), "before a compaction the files still have the name")
    await server.tool("compact", "--data", str(data))
    require(not files_with(data, NAME), "and after it none has", files_with(data, NAME))
    require(cold_segments(server) >= 3, "what was packed is packed", cold_segments(server))
    await in_no_archive(server, NAME, (group, pair))
    await nothing_names(NAME, bob, (group, pair))
    await server.stop()
    await server.check()
    await server.start(*COLD)
    bob = await Client.open(server, tokens["bob"])
    await nothing_names(NAME, bob, (group, pair))
    stranger = await Client.open(server, tokens[NAME])  # somebody else by now
    await asked(server, "GET", f"/v1/files/{unsent['file']}", tokens[NAME], 404)
    room = (await stranger.ask("create", kind="group"))["conversation"]
    refused = await stranger.refusal("send", conversation=room, client_id="f", body="mine", files=[unsent["file"]])
    require(refused == "not_found", "what was never sent is nobody's any more", refused)
    done("who is anonymised is a pseudonym everywhere, and in no file")
    return server, tokens, admin


async def deleted(server, tokens, admin):
    """With kills in the middle of it."""
    data = server.data
    zeno, bob, eve, root = [await Client.open(server, each) for each in (tokens[OTHER], tokens["bob"], tokens["eve"], admin)]
    group, pair, his = await life_of(OTHER, zeno, bob, eve, "tortoise", 5200)  # more than one look of the eraser reaches
    await cooled(server, 6)
    await root.ask("hold", conversation=group, on=True)
    _, told = await asked(server, "DELETE", f"/v1/users/{OTHER}?policy=delete", admin, 403)
    require("(1)" in json.dumps(told) and group not in json.dumps(told), "what is held is not deleted", told)
    await root.ask("hold", conversation=group, on=False)
    done("nothing that is held is deleted")
    _, told = await asked(server, "DELETE", f"/v1/users/{OTHER}?policy=delete", admin, 202)
    kills = 0
    for pause in (0.01, 0.03, 0.06, 0.1, 0.15, 0.2):
        await asyncio.sleep(pause)
        await server.kill()
        kills += 1
        await server.check()
        await server.start(*COLD)
    receipt = await finished(server, told["erasure"], admin)
    require(receipt["policy"] == "delete" and receipt["messages"] == 5201, "the receipt", receipt)
    printed = json.loads(await server.tool("erase", "--data", str(data), "--receipt", told["erasure"]))
    require(printed == receipt, "the same from the command line", printed, receipt)
    nobody = json.loads(await server.tool(
        "erase", "--data", str(data), "--user", "nobody-at-all", "--policy", "delete"))
    require(nobody["status"] == "done" and nobody["messages"] == 0, "one who never was", nobody)
    code, _, words = await run_program(server.binary, "erase", "--data", str(data), "--receipt", "none")
    require(code == 1 and "no such receipt" in words, "no receipt", code, words)
    bob = await Client.open(server, tokens["bob"])
    await nothing_names(OTHER, bob, (group, pair))
    for event in await all_events(bob, group):
        if event["type"] == "message" and event["from"] != "bob":
            require(event.get("deleted") and "body" not in event, "his messages are deleted", event)
    reactions = (await bob.ask("reactions", conversation=group, message=his))["items"]
    require(not reactions, "his reaction is taken back", reactions)
    require(not (await bob.ask("search", query=f"paradox in:{group}", limit=5))["hits"], "nothing is found")
    await server.stop()
    await server.check()
    code, _, words = await run_program(
        server.binary, "erase", "--data", str(data), "--user", "x", "--policy", "delete")
    require(code == 1 and "no server is at work" in words, "it takes a server", code, words)
    await server.tool("compact", "--data", str(data))
    require(not files_with(data, OTHER), "no file has the name", files_with(data, OTHER))
    require(not files_with(data, "tortoise"), "nor what he said", files_with(data, "tortoise"))
    for word in (OTHER, "tortoise"):
        await in_no_archive(server, word, (group, pair))
    await server.check()
    note(f"killed {kills} times in the middle")
    done("who is deleted is gone, through kills")


async def main():
    with data_directory() as data:
        server, tokens, admin = await anonymised(data)
        await deleted(server, tokens, admin)


run(main)
