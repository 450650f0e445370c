# Webhooks against a receiver on loopback: signed, in order, repeated until taken, through kills and reloads.
import asyncio
import contextlib
import os
import pathlib
import signal
import sqlite3
import threading
import urllib.request

from client import Client
from openssl import certificate
from receiver import OTHER_SECRET, SECRET, Receiver, endpoint, forever_quiet, write_endpoints
from support import Server, data_directory, done, eventually, require, run, run_program

ALLOW = "--webhooks-private"


async def all_types(server, receiver, alice, bob):
    """Every type of event, each as the WebSocket has it."""
    made = (await alice.ask("create", kind="group", title="Room", members=["bob"]))["conversation"]
    one = (await alice.send(made, "m1", "hello 👋 \"quoted\"\n"))["seq"]
    await alice.ask("edit", conversation=made, message=one, body="hello again")
    await bob.ask("react", conversation=made, message=one, emoji="👍")
    await alice.ask("pin", conversation=made, message=one)
    await alice.ask("delete", conversation=made, message=one, **{"for": "everyone"})
    await alice.ask("update", conversation=made, title="Other")
    await alice.ask("add", conversation=made, users=["carol"])
    await alice.ask("read", conversation=made, seq=one)
    left = (await alice.ask("remove", conversation=made, user="bob"))["seq"]
    await receiver.until_told(made, left, "all events before the end")  # which would take the place of those that wait
    last = (await alice.ask("delete", conversation=made))["seq"]
    await receiver.until_told(made, last, "all events of the conversation")
    told = receiver.told(conversation=made)
    require([each["type"] for each in told] ==
            ["conversation.created", "message.created", "message.edited", "reaction.changed", "conversation.event",
             "message.deleted", "conversation.changed", "member.joined", "member.left", "conversation.deleted"],
            "all types, in order", [each["type"] for each in told])
    shown = {e["seq"]: e for e in alice.seen if e.get("conversation") == made and "seq" in e and e["type"] != "conversation"
             and "ref" not in e}
    for each in told:
        seq = each["data"]["seq"]
        if each["type"] not in ("message.created", "message.edited"):  # which may be tombstones by then
            require(each["data"] == shown[seq], "the event as the WebSocket has it", each["data"], shown[seq])
        require(each["timestamp"].endswith("Z") and len(each["timestamp"]) == 24, "RFC 3339", each["timestamp"])
    return len(told)


async def send_many(client, conversation, name, count):
    answers = await client.answers([{"type": "send", "conversation": conversation, "client_id": f"{name}{i}",
                                     "body": f"{name} {i}"} for i in range(count)])
    require(all(each["type"] == "sent" for each in answers), "sent", answers[0])
    return answers[-1]["seq"]


def in_order(receiver, conversation):
    """Each number once or again, never a later one before an earlier one was taken."""
    numbers = [each["data"]["seq"] for each in receiver.told(conversation=conversation)]
    require(sorted(set(numbers)) == list(range(1, max(numbers) + 1)), "no number is missing", numbers)
    new = [seq for at, seq in enumerate(numbers) if seq not in numbers[:at]]
    require(new == sorted(new), "in order", new)


async def repeated(receiver, alice, rooms):
    """A third of the attempts fail in one of three ways; ids stay, order holds."""
    counter = iter(range(10 ** 9))
    receiver.decide = lambda entry: (500, 0, 302)[next(counter) // 3 % 3] if next(counter) % 6 == 0 else 200
    last = [await send_many(alice, room, "r", 12) for room in rooms]
    for room, seq in zip(rooms, last):
        await receiver.until_told(room, seq, "all, after failures")
        in_order(receiver, room)
    receiver.decide = None
    ids = {}
    for each in receiver.attempts:
        key = (each["body"]["data"]["conversation"], each["body"]["data"]["seq"])
        require(ids.setdefault(key, each["id"]) == each["id"], "an event has one id", key)
    require(len(set(ids.values())) == len(ids), "no two events have one id")
    require(len(receiver.attempts) > len(receiver.accepted), "some were repeated")
    return len(receiver.attempts)


async def through_a_kill(server, receiver, options, alice, room, tokens):
    """Pending events survive SIGKILL; one that was deleted meanwhile comes as its tombstone."""
    receiver.status = 503
    erased = await send_many(alice, room, "k", 20)
    last = (await alice.ask("delete", conversation=room, message=erased, **{"for": "everyone"}))["seq"]
    await server.kill()
    receiver.status = 200
    await server.start(*options)
    await receiver.until_told(room, last, "everything after the kill")
    in_order(receiver, room)
    told = [e for e in receiver.told("message.created", conversation=room) if e["data"]["seq"] == erased]
    require(told and all("body" not in each["data"] for each in told), "a tombstone", told)
    return await Client.open(server, tokens["alice"], "json")


async def reloaded(server, file, receiver, alice, room):
    """SIGHUP adds an endpoint that begins now, with two secrets; a bad file changes nothing."""
    second = Receiver(secrets=(OTHER_SECRET, SECRET))
    write_endpoints(file, endpoint("one", receiver.url()),
                    endpoint("two", second.url(), (OTHER_SECRET, SECRET), ["message.created"], conversations=["group"]))
    os.kill(server.pid, signal.SIGHUP)
    await eventually(lambda: "webhook_endpoint_added endpoint=\"two\"" in server.words(), "the new endpoint")
    file.write_text("[{]")
    os.kill(server.pid, signal.SIGHUP)
    await eventually(lambda: "webhooks_reload_failed" in server.words(), "the reason")
    seq = (await alice.send(room, "after", "for both"))["seq"]
    direct = (await alice.ask("create", kind="direct", **{"with": "bob"}))["conversation"]
    await alice.send(direct, "d", "for one")
    await receiver.until_told(room, seq, "the message at the old endpoint")
    await receiver.until_told(direct, 2, "the direct message there")
    await second.until(1, "the message at the new endpoint")
    require([e["data"]["seq"] for e in second.told()] == [seq], "only what is new, of the kinds it wants", second.told())
    await forever_quiet(second)
    second.close()
    require("whsec_" not in server.words(10 ** 7) and "for both" not in server.words(10 ** 7), "the log has no secret, no text")


async def put_back(server, receiver, conversation):
    """A dead letter, which it takes a day to become, waits again and is sent at once."""
    with contextlib.closing(sqlite3.connect(server.data / "webhooks" / "outbox")) as outbox, outbox:
        outbox.execute("INSERT INTO dead SELECT id, ?, 2, 1, 0, '' FROM endpoints WHERE name = 'one'", (conversation,))
    first = receiver.told("message.created", conversation=conversation)[0]
    before = len(receiver.accepted)
    said = await server.tool("webhooks", "--data", str(server.data), "--redeliver", "one")
    require(said == "one: 1 dead letters wait again\n", "redelivery", said)
    await receiver.until(before + 1, "the dead letter", seconds=10)
    require(receiver.told()[before:] == [first], "the same event", receiver.told()[before:])


async def stopped(server, receiver, options, alice, room):
    """SIGTERM with a request that hangs ends as ever; what was not accepted is sent by the next start."""
    hang = threading.Event()
    receiver.decide = lambda entry: hang.wait(10) and 200 or 500
    before = len(receiver.attempts)
    seq = (await alice.send(room, "late", "at the end"))["seq"]
    await eventually(lambda: len(receiver.attempts) > before, "the request that hangs")
    require(await server.stop() < 5, "it stops in time")
    hang.set()
    receiver.decide = None
    receiver.accepted.clear()
    await server.start(*options)
    await receiver.until_told(room, seq, "the event after the restart")


async def counted(server):
    """/metrics, and what `parleyd webhooks` says."""
    with urllib.request.urlopen(f"http://{server.http}/metrics") as answer:
        text = answer.read().decode()
    for name in ('parley_webhook_deliveries_total{result="accepted"}', "parley_webhook_waiting ",
                 "parley_webhook_waiting_seconds ", "parley_webhook_dead_letters 0"):
        require(name in text, "in /metrics", name)
    listed = await server.tool("webhooks", "--data", str(server.data))
    require(listed.startswith("one: position ") and "dead letters 0" in listed, "the list of endpoints", listed)
    await server.tool("webhooks", "--data", str(server.data), "--redeliver", "nobody", code=1)


async def over_tls(folder):
    """A certificate of a known root for the right name is taken, and nothing else."""
    cert, key = certificate(folder, "known")
    good = Receiver(certificate=(cert, key), host="0.0.0.0")  # so that other names of this machine reach it
    unknown = Receiver(certificate=certificate(folder, "unknown"))
    file = folder / "tls.json"
    write_endpoints(file, endpoint("good", good.url("localhost")), endpoint("unknown", unknown.url("localhost")),
                    endpoint("misnamed", good.url("127.0.0.2")))
    os.environ["SSL_CERT_FILE"] = str(cert)
    server = Server(folder / "tls-data")
    await server.start("--webhooks", str(file), ALLOW)
    del os.environ["SSL_CERT_FILE"]
    alice = await Client.open(server, await server.token("alice"), "json")
    await alice.ask("create", kind="group", members=["bob"])
    await good.until(1, "the event over TLS")
    for name in ("unknown", "misnamed"):
        await eventually(lambda: f"webhook_failing endpoint=\"{name}\"" in server.words(), f"{name} is refused")
    require(len(good.accepted) == 1 and not unknown.attempts, "nobody else was told", good.accepted)
    good.close()
    unknown.close()
    await server.stop()


async def odd_answers(folder):
    """Answers that are none, too long, early, or large: each is what it is, and the server goes on."""
    asked = []

    async def serve(reader, writer):
        path = (await reader.readline()).split()[1].decode()
        asked.append(path)
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))
        answer = {"/garbage": b"no HTTP at all\r\n\r\n", "/endless": b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 10_000,
                  "/early": b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
                  "/large": b"HTTP/1.1 200 OK\r\ncontent-length: 9999999\r\n\r\n" + b"x" * 500_000}[path]
        with contextlib.suppress(ConnectionError):
            writer.write(answer)
            await writer.drain()
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    file = folder / "odd.json"
    write_endpoints(file, *(endpoint(name, f"http://localhost:{port}/{name}") for name in ("garbage", "endless", "early", "large")))
    server = Server(folder / "odd-data")
    await server.start("--webhooks", str(file), ALLOW)
    alice = await Client.open(server, await server.token("alice"), "json")
    await alice.ask("create", kind="group", members=["bob"])
    for name in ("garbage", "endless"):
        await eventually(lambda: f"webhook_failing endpoint=\"{name}\"" in server.words(), f"{name} is a failure")
    await eventually(lambda: {"/early", "/large"} <= set(asked), "all are asked")
    await asyncio.sleep(1.2)  # longer than the first delay
    require(asked.count("/early") == asked.count("/large") == 1, "these accepted it", asked)
    require("\"early\"" not in server.words().replace("added endpoint=\"early\"", ""), "early is no failure", server.words())
    await server.stop()
    listening.close()


async def refused(folder, receiver):
    """Private addresses without the flag; bad files at the start."""
    file = folder / "refused.json"
    write_endpoints(file, endpoint("by-number", receiver.url()), endpoint("by-name", receiver.url("localhost")),
                    endpoint("mapped", receiver.url("[::ffff:127.0.0.1]")))
    server = Server(folder / "refused-data")
    before = len(receiver.attempts)
    await server.start("--webhooks", str(file))
    alice = await Client.open(server, await server.token("alice"), "json")
    await alice.ask("create", kind="group", members=["bob"])
    for name in ("by-number", "by-name", "mapped"):
        await eventually(lambda: f"webhook_failing endpoint=\"{name}\" reason=\"the address is private" in server.words(), name)
    require(len(receiver.attempts) == before, "nothing was connected to")
    require(await server.stop() < 4, "it stops as quickly as ever")
    for text in ("", "{}", '[{"id": "a"}]', '[{"id": "a", "url": "http://u@h", "secrets": ["' + SECRET + '"], "events": ["*"]}]'):
        file.write_text(text)
        code, _, err = await run_program(server.binary, "--listen", "127.0.0.1:0", "--data", str(server.data),
                                         "--webhooks", str(file))
        require(code == 1 and str(file) in err and "whsec_" not in err, "a bad file ends the start", code, err)


async def main():
    receiver = Receiver()
    with data_directory() as data:
        folder = pathlib.Path(data).parent
        file = folder / "webhooks.json"
        write_endpoints(file, endpoint("one", receiver.url()))
        options = ("--webhooks", str(file), ALLOW)
        server = await Server(data).start(*options)
        tokens = await server.tokens(["alice", "bob"])
        alice = await Client.open(server, tokens["alice"], "json")
        bob = await Client.open(server, tokens["bob"], "msgpack")
        done("types of events, signed, as the WebSocket has them", await all_types(server, receiver, alice, bob))
        rooms = [(await alice.ask("create", kind="group", members=["bob"]))["conversation"] for _ in range(4)]
        done("attempts, of which some failed", await repeated(receiver, alice, rooms))
        alice = await through_a_kill(server, receiver, options, alice, rooms[0], tokens)
        done("pending events survive SIGKILL, deleted ones as tombstones")
        await reloaded(server, file, receiver, alice, rooms[1])
        done("an endpoint that SIGHUP adds, a bad file that changes nothing")
        write_endpoints(file, endpoint("one", receiver.url()))
        await counted(server)
        await put_back(server, receiver, rooms[0])
        done("a dead letter that is put back")
        await stopped(server, receiver, options, alice, rooms[1])
        done("SIGTERM while a request hangs")
        await server.stop()
        await server.check()
        await refused(folder, receiver)
        done("private addresses and bad files are refused", 7)
        await odd_answers(folder)
        done("answers that are none, too long, early or large", 4)
        await over_tls(folder)
        done("TLS verifies the root and the name", 3)
    receiver.close()


if __name__ == "__main__":
    run(main)
