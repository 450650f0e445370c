# Who is told of what they have not read, over real sockets and through a kill of the server.
import asyncio

from client import Client
from shapes import all_shaped
from support import data_directory, done, require, run, Server


async def listed(client):
    """Waits until the list has one item."""
    for _ in range(400):
        page = await client.ask("notifications")
        if len(page["items"]) == 1:
            return page
        await asyncio.sleep(0.02)
    require(False, "a notification is listed", page)


async def away(server, token, encoding):
    """A device of somebody who does not look at it."""
    client = await Client.open(server, token, encoding)
    await client.ask("presence", status="away")
    return client


async def told_and_taken_back(server, tokens):
    alice = await Client.open(server, tokens["alice"], "msgpack")
    bob, other = await away(server, tokens["bob"], "json"), await away(server, tokens["bob"], "msgpack")
    carol = await Client.open(server, tokens["carol"], "json")  # looks at her device
    room = (await alice.ask("create", kind="group", title="Crew", members=["bob", "carol"]))["conversation"]
    for i, mentions in enumerate(([], ["bob"], [])):
        await alice.ask("send", conversation=room, client_id=f"a{i}", body=f"text {i}", mentions=mentions)
    for client in (bob, other):
        event = await client.expect("notification", conversation=room)
        require((event["seq"], event["unread"], event["mentions"]) == (4, 3, 1), "one for three messages", event)
        require((event["count"], event["title"]) == (3, "Crew"), "three new in Crew", event)
    page = await listed(bob)
    item = page["items"][0]
    require((item["title"], item["kind"], item["last"]["body"]) == ("Crew", "group", "text 2"), "what it is about", item)
    require(page["unseen"] == 1 and (await carol.ask("notifications"))["items"] == [], "who looks is not told")
    await bob.ask("dismiss", conversation=room, client_id="d1")
    await other.expect("dismissed", conversation=room)
    require((await bob.ask("notifications"))["unseen"] == 0, "seen on all devices")
    require((await bob.ask("notifications", unseen=True))["items"] == [], "and not listed with the others")
    await alice.ask("delete", conversation=room, message=4, **{"for": "everyone"})
    item = (await listed(bob))["items"][0]
    require(item["unread"] == 2 and "body" not in item["last"], "what was deleted is neither counted nor shown", item)
    await other.ask("read", conversation=room, seq=4)
    await bob.expect("receipt", conversation=room, user="bob")
    require((await bob.ask("notifications"))["items"] == [], "read on one device, gone on all")
    return room, [alice, bob, other, carol]


async def the_blocked(server, tokens, clients):
    """Bob has blocked dora: what she writes into the group is in no notification of his."""
    alice, bob = clients[:2]
    dora = await Client.open(server, tokens["dora"], "json")
    room = (await alice.ask("create", kind="group", title="Hall", members=["bob", "dora"]))["conversation"]
    await bob.ask("block", user="dora")
    await dora.ask("send", conversation=room, client_id="d1", body="bob?", mentions=["bob"])
    await alice.ask("send", conversation=room, client_id="a1", body="all well")
    await dora.ask("send", conversation=room, client_id="d2", body="bob!", mentions=["@all"])
    event = await bob.expect("notification", conversation=room)
    require((event["unread"], event["mentions"]) == (1, 0), "alice's alone", event)
    item = (await listed(bob))["items"][0]
    require((item["unread"], item["mentions"], item["last"]["body"]) == (1, 0, "all well"), "and so in the list", item)
    await bob.ask("read", conversation=room, seq=item["seq"])
    await bob.ask("unblock", user="dora")
    await dora.drop()


async def too_many(server, tokens, clients):
    """Those of further conversations are to be shown as one."""
    alice, bob = clients[:2]
    rooms = [(await alice.ask("create", kind="group", title=f"Room {i}", members=["bob"]))["conversation"] for i in range(24)]
    for room in rooms:
        await alice.ask("send", conversation=room, client_id="m", body="all at once")
    for room in rooms:
        await bob.expect("notification", conversation=room)
    items = [each for each in (await bob.ask("notifications", limit=100))["items"] if each["conversation"] in rooms]
    joined = [each for each in items if each.get("joined")]
    require(len(items) == 24 and len(joined) >= 4, "beyond twenty they are joined", len(items), len(joined))
    direct = (await alice.ask("create", kind="direct", **{"with": "bob"}))["conversation"]
    await alice.ask("send", conversation=direct, client_id="m", body="just you")
    event = await bob.expect("notification", conversation=direct)
    require(event["title"] == "alice" and event["count"] == 1, "whose it is", event)
    for room in (*rooms, direct):
        await bob.ask("set", conversation=room, notify="none")
    require(not (await bob.ask("notifications"))["items"], "whoever wants nothing is told nothing of what stands")


async def settings(server, tokens, clients):
    alice, bob, other = clients[:3]
    require(await bob.refusal("preferences") == "bad_request", "nothing is set")
    require(await bob.refusal("preferences", quiet=["at night"]) == "bad_request", "no hours")
    require(await bob.refusal("preferences", zone="Mars/Base") == "bad_request", "no zone")
    await bob.ask("preferences", quiet=["daily 00:00-24:00"], zone="Asia/Kolkata", notify="mentions", client_id="p1")
    await other.expect("preferences", zone="Asia/Kolkata", notify="mentions")
    kept = await other.ask("my_preferences")
    require(kept["quiet"] == ["daily 00:00-24:00"], "kept", kept)


async def through_a_kill(server, tokens, room):
    """What nobody has decided yet is decided by the next server."""
    alice = await Client.open(server, tokens["alice"], "json")
    await alice.ask("send", conversation=room, client_id="late", body="are you there?", mentions=["bob"])
    await server.kill()
    await server.start("--notify-after", "1s")
    bob = await away(server, tokens["bob"], "msgpack")
    item = (await listed(bob))["items"][0]
    require(item["quiet"] and item["mentions"] == 1, "told, but quietly", item)
    await alice.drop()
    return bob


async def main():
    with data_directory() as data:
        server = Server(data)
        await server.start("--notify-after", "1s")
        tokens = await server.tokens(["alice", "bob", "carol", "dora"])
        room, clients = await told_and_taken_back(server, tokens)
        await the_blocked(server, tokens, clients)
        await too_many(server, tokens, clients)
        await settings(server, tokens, clients)
        shaped = sum(all_shaped(client.seen) for client in clients)
        for client in clients:
            await client.drop()
        bob = await through_a_kill(server, tokens, room)
        shaped += all_shaped(bob.seen)
        await server.stop()
        await server.check()
    done("notifications told, taken back, dismissed, through a kill", shaped)


if __name__ == "__main__":
    run(main)
