# Notifications as webhooks: whom to wake, and when to stop, through kills of the server.
import pathlib

from client import Client
from receiver import Receiver, endpoint, write_endpoints
from support import data_directory, done, eventually, require, run, Server

OPTIONS = ("--webhooks-private", "--notify-after", "1s")


async def away(server, token):
    """A device of somebody who does not look at it."""
    client = await Client.open(server, token, "json")
    await client.ask("presence", status="away")
    return client


def newest(push):
    return push.told()[-1]


async def made_and_over(server, push, alice, room, tokens):
    """It is told of as the list has it, grows, and is taken back once it was read."""
    await alice.ask("send", conversation=room, client_id="a1", body="one 👋", mentions=["bob"])
    await push.until(1, "the notification")
    told = newest(push)
    require(told["type"] == "notification.created", "its type", told)
    data = told["data"]
    require((data["type"], data["user"], data["conversation"], data["kind"], data["title"], data["seq"], data["unread"], data["mentions"], data["count"])
            == ("notification", "bob", room, "group", "Crew", 2, 1, 1, 1), "whom to wake, and why", data)
    require("quiet" not in data and data["last"]["body"] == "one 👋", "what to show", data)
    bob = await away(server, tokens["bob"])
    (item,) = (await bob.ask("notifications"))["items"]
    require(item == {k: v for k, v in data.items() if k not in ("type", "user")}, "as the list has it", item, data)
    await alice.ask("send", conversation=room, client_id="a2", body="two")
    await push.until(2, "it has grown")
    data = newest(push)["data"]
    require((data["seq"], data["unread"], data["mentions"], data["last"]["body"]) == (3, 2, 1, "two"), "and says more", data)
    await bob.ask("read", conversation=room, seq=3)
    await push.until(3, "it is over")
    told = newest(push)
    require(told["type"] == "notification.withdrawn", "its type", told)
    require(told["data"] == {"type": "withdrawn", "user": "bob", "conversation": room}, "whose it was", told)
    await alice.ask("send", conversation=room, client_id="a3", body="never mind")
    await push.until(4, "another one")
    await alice.ask("delete", conversation=room, message=4, **{"for": "everyone"})
    await push.until(5, "what was deleted is taken back")
    require(newest(push)["type"] == "notification.withdrawn", "its type", newest(push))
    await bob.drop()
    return 5


async def told_of(push, since, type, conversation, what, **facts):
    """The first behind `since` of this type; what was accepted just before a kill may come once more in front of it."""
    def found():
        return [each for each in push.accepted[since:] if each["body"]["type"] == f"notification.{type}"
                and each["body"]["data"].get("conversation") == conversation
                and all(each["body"]["data"][name] == value for name, value in facts.items())]
    await eventually(lambda: found() or push.faults, what)
    require(not push.faults, "every request was as it must be", push.faults[:3])
    return found()[0]


async def through_kills(server, push, room, tokens, options):
    """Between the record and the request, between a request and its answer, and before anything was decided."""
    alice = await Client.open(server, tokens["alice"], "json")
    push.status = 503
    before = len(push.attempts)
    seq = (await alice.send(room, "k1", "three"))["seq"]
    await eventually(lambda: len(push.attempts) > before, "an attempt")
    first = push.attempts[before]
    require(first["body"]["data"]["seq"] == seq, "at this notification", first)
    await server.kill()
    push.status = 204
    taken = len(push.accepted)
    await server.start(*options)
    again = await told_of(push, taken, "created", room, "the same after the kill")
    require(again["id"] == first["id"] and again["body"] == first["body"], "with its id", first, again)

    push.status = 503
    bob = await away(server, tokens["bob"])
    await bob.ask("read", conversation=room, seq=seq)
    await server.kill()  # nobody has told anybody of its end, or it was refused
    push.status = 204
    taken = len(push.accepted)
    await server.start(*options)
    await told_of(push, taken, "withdrawn", room, "its end after the kill")

    alice = await Client.open(server, tokens["alice"], "json")
    seq = (await alice.send(room, "k2", "four"))["seq"]
    await server.kill()  # nothing is decided yet
    taken = len(push.accepted)
    await server.start(*options)
    await told_of(push, taken, "created", room, "what the next server decides", seq=seq)
    return 3


async def while_it_was_away(server, push, room, tokens, options):
    """A server without webhooks forgets nothing: the next one with them says how it stands."""
    await server.stop()
    await server.start("--notify-after", "1s")
    bob = await away(server, tokens["bob"])
    await bob.ask("read", conversation=room, seq=7)
    alice = await Client.open(server, tokens["alice"], "json")
    other = (await alice.ask("create", kind="direct", **{"with": "bob"}))["conversation"]
    await alice.send(other, "d1", "just you")
    await bob.expect("notification", conversation=other)
    await server.stop()
    taken = len(push.accepted)
    await server.start(*options)
    await told_of(push, taken, "withdrawn", room, "one that is over")
    await told_of(push, taken, "created", other, "one that is new")


async def too_many(server, push, tokens):
    """Those of further conversations are one, which says how many they are, and is over once none is left."""
    alice = await Client.open(server, tokens["alice"], "json")
    rooms = [(await alice.ask("create", kind="group", title=f"Room {i}", members=["carol"]))["conversation"] for i in range(26)]
    before = len(push.accepted)
    for room in rooms:
        await alice.send(room, "m", "all at once")

    def told(type):
        return [each["body"]["data"] for each in push.accepted[before:]
                if each["body"]["type"] == type and "conversation" not in each["body"]["data"]]
    await eventually(lambda: told("notification.created") or push.faults, "one for all further ones")
    many = told("notification.created")[-1]
    alone = [each for each in push.accepted[before:] if "conversation" in each["body"]["data"]]
    require(len(alone) <= 20, "so many are told one by one", len(alone))
    require((many["type"], many["user"]) == ("notifications", "carol") and many["conversations"] >= 6 and many["count"] == many["conversations"],
            "how many they are", many)
    carol = await away(server, tokens["carol"])
    for room in rooms:
        await carol.ask("read", conversation=room, seq=2)
    await eventually(lambda: told("notification.withdrawn") or push.faults, "and that it is over")
    require(told("notification.withdrawn")[-1] == {"type": "withdrawn", "user": "carol"}, "whose it was", told("notification.withdrawn"))
    require(not push.faults, "every request was as it must be", push.faults[:3])


async def main():
    push, events = Receiver(), Receiver()
    with data_directory() as data:
        file = pathlib.Path(data).parent / "webhooks.json"
        write_endpoints(file, endpoint("push", push.url(), events=["notification.*"]), endpoint("events", events.url()))
        options = ("--webhooks", str(file), *OPTIONS)
        server = await Server(data).start(*options)
        tokens = await server.tokens(["alice", "bob", "carol"])
        alice = await Client.open(server, tokens["alice"], "json")
        room = (await alice.ask("create", kind="group", title="Crew", members=["bob"]))["conversation"]
        done("notifications made, grown and over, told as their list has them", await made_and_over(server, push, alice, room, tokens))
        done("through kills, with the same id", await through_kills(server, push, room, tokens, options))
        await while_it_was_away(server, push, room, tokens, options)
        done("what became of notifications while nobody was told")
        await too_many(server, push, tokens)
        done("too many told of together")
        ids = {}
        for each in push.attempts:
            require(ids.setdefault(each["id"], each["body"]["type"]) == each["body"]["type"], "an id is of one thing", each)
        require(not [each for each in events.told() if each["type"].startswith("notification")], "`*` has none of them")
        require({each["body"]["type"] for each in push.attempts} == {"notification.created", "notification.withdrawn"}, "nothing else")
        await server.stop()
        await server.check()
    push.close()
    events.close()


if __name__ == "__main__":
    run(main)
