# The bench's bare broadcaster keeps what the load client counts on: order, numbers, everyone once, and nobody else.
import os

from client import Client
from support import Server, data_directory, done, require, run

MANY = 500  # messages in one WebSocket message
SLOW = 20_000  # messages of half a KiB: more than socket buffers hold, less than the floor's bound of 16 MiB


async def welcomed(server, user):
    client = await Client.connect(server)
    welcome = await client.ask("hello", token=user)  # the token is the user's name
    require(welcome["type"] == "welcome" and welcome["user"] == user, "the user is welcomed", welcome)
    return client


def sends(room, first, count, padding=""):
    return [{"type": "send", "ref": None, "conversation": room, "client_id": f"c{i}", "body": f"body {i}{padding}"}
            for i in range(first, first + count)]


async def everyone_gets_everything(server):
    ann, bob = [await welcomed(server, user) for user in ("ann", "bob")]
    made = await ann.ask("create", kind="group", members=["bob", "cy"])
    room, head = made["conversation"], made["seq"]
    cy = await welcomed(server, "cy")  # a member who comes later
    for first in (0, 1):
        await ann.answers(sends(room, first, 1 if first == 0 else MANY))
    last = MANY
    for client in (ann, bob, cy):
        await client.expect("message", client_id=f"c{last}")
        got = [each for each in client.seen if each["type"] == "message"]
        require([each["seq"] for each in got] == list(range(head + 1, head + last + 2)), "each number once, in order")
        require([each["body"] for each in got] == [f"body {i}" for i in range(last + 1)], "what was sent is shown")
        require(all(each["from"] == "ann" for each in got), "it says who wrote")
    types = [each["type"] for each in ann.seen if each.get("client_id") == "c0"]
    require(types == ["sent", "message"], "the acknowledgement comes before the message", types)
    done("messages reach the sender, a member, and one who came later", 3)
    return room, [ann, bob, cy]


async def nobody_else(server, room, clients):
    dan = await welcomed(server, "dan")
    require(await dan.refusal("send", conversation=room, client_id="x", body="x") == "not_found", "a stranger is refused")
    stranger = await Client.connect(server)
    require(await stranger.refusal("send", conversation=room, client_id="x", body="x") == "unauthenticated",
            "who has not said hello is refused")
    await clients[1].drop()
    await clients[0].answers(sends(room, 1000, 1))
    await clients[2].expect("message", client_id="c1000")
    require(not dan.untaken("message"), "a stranger gets nothing")
    done("strangers are refused, and who leaves is missed by nobody", 3)
    return [dan, stranger, clients[0], clients[2]]


async def slow_reader(server):
    """More than the sockets hold is owed to one who does not read; then he reads."""
    eve, slow = await welcomed(server, "eve"), await Client.connect(server, receive_buffer=4096)
    await slow.ask("hello", token="slow")
    made = await eve.ask("create", kind="group", members=["slow"])
    slow.pause()
    padding, step = "x" * 400, 100
    for first in range(0, SLOW, step):
        await eve.answers(sends(made["conversation"], first, step, padding))
    slow.resume()
    await slow.expect("message", client_id=f"c{SLOW - 1}")
    got = [each["seq"] for each in slow.seen if each["type"] == "message"]
    require(got == list(range(made["seq"] + 1, made["seq"] + SLOW + 1)), "nothing is lost or repeated", len(got))
    done("messages owed to a slow reader arrive whole and in order", SLOW)
    return [eve, slow]


async def main():
    with data_directory() as data:
        server = Server(data)
        server.binary = os.path.join(os.path.dirname(server.binary), "parley_floor")
        require(os.path.exists(server.binary), "parley_floor is built beside the server", server.binary)
        await server.start()
        clients = await nobody_else(server, *await everyone_gets_everything(server))
        clients += await slow_reader(server)
        await server.stop()
        for client in clients:
            await client.gone()


if __name__ == "__main__":
    run(main)
