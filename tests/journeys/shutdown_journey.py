# SIGTERM under load, a second server on the same data, and the port of a killed one.
import asyncio
import signal
import time

from client import Client, Gone, Refused
from oracle import History, judge
from raw_socket import RawSocket
from support import Server, data_directory, done, note, require, run

ROUNDS = 5
WRITERS = 16
MOST_SECONDS = 5


async def write_on(client, room, tag):
    """Posts until the connection ends."""
    for i in range(10**6):
        try:
            await client.send(room, f"{tag}-{i}", f"{tag} {i}")
        except (Gone, Refused):
            return i


async def stopped_under_load(data, history, rooms, number):
    """One round: writers at full speed, SIGTERM, everybody is told and closed in good order."""
    server = await Server(data).start()
    tokens = await server.tokens([f"w{i}" for i in range(WRITERS)])
    clients = []
    for i, (user, token) in enumerate(tokens.items()):
        clients.append(await Client.open(server, token, "json" if i % 2 else "msgpack", trace=history.session(user, f"{user}-{number}")))
    if not rooms:
        members = [f"w{i}" for i in range(1, WRITERS)]
        rooms.append((await clients[0].ask("create", kind="group", members=members))["conversation"])
    silent = await Client.connect(server)
    writers = [asyncio.create_task(write_on(c, rooms[0], f"{number}-{i}")) for i, c in enumerate(clients)]
    await clients[0].expect("message", conversation=rooms[0], client_id=f"{number}-{WRITERS - 1}-5")
    took = await server.stop()
    require(took < MOST_SECONDS, "SIGTERM ends the server in time", took)
    sent = sum([await task for task in writers])
    for client in clients:
        require(await client.gone() == 1012, "the close code says restart", client.socket.close_code)
        require(client.seen[-1]["type"] == "bye", "`bye` is the last thing said", client.seen[-1])
    await silent.gone()
    await server.check()
    return took, sent


async def stops_in_good_order(data):
    history, rooms = History(), []
    slowest, sent = 0.0, 0
    for number in range(ROUNDS):
        took, count = await stopped_under_load(data, history, rooms, number)
        slowest, sent = max(slowest, took), sent + count
    server = await Server(data).start()
    reader = await Client.open(server, await server.token("w0"))
    history.final[rooms[0]] = await reader.pull(rooms[0], 0)
    faults = judge(history)
    require(not faults, "every acknowledged message is there", [str(fault) for fault in faults[:5]])
    await server.stop()
    unknown = len(history.unknown())
    note(f"{sent} acknowledged, {unknown} unknown; the slowest stop took {slowest:.2f} s")
    done("SIGTERM under load: bye, 1012, exit 0, nothing acknowledged is lost", ROUNDS)


async def second_server_is_refused(data):
    server = await Server(data).start()
    client = await Client.open(server, await server.token("w0"))
    for _ in range(3):
        second = Server(data)
        await second.launch()
        out = await second.process.stdout.read()
        code = await second.wait()
        require(code not in (0, None) and code > 0, "a second server on the same data is refused", code)
        require(b"ready on" not in out, "and never says it is ready", out)
        require(second.words().strip(), "and says why")
        require((await client.ask("ping"))["type"] == "pong", "the first one serves on")
    await server.check()
    await client.close()
    await server.stop()
    done("a second server on the same data directory is refused; check works beside the first", 3)


async def port_binds_again(data):
    server = await Server(data).start()
    token = await server.token("w0")
    listen = server.http
    for _ in range(3):
        clients = [await Client.open(server, token) for _ in range(5)]
        await server.kill()
        begun = time.monotonic()
        server = await Server(data).start(listen=listen)
        require(server.http == listen, "the same port", server.http, listen)
        note(f"restarted after kill -9 on the same port in {(time.monotonic() - begun) * 1000:.0f} ms")
        for client in clients:
            await client.gone()
    client = await Client.open(server, token)
    other = Server(data.parent / "other")
    other.data.mkdir()
    await other.launch(listen=listen)
    require(await other.wait() > 0, "a port that is taken is an error")
    await client.close()
    await server.stop()
    await server.check()
    done("the port of a killed server binds again at once", 3)


async def interrupted(data):
    """SIGINT is as good as SIGTERM."""
    server = await Server(data).start()
    client = await Client.open(server, await server.token("w0"))
    server.process.send_signal(signal.SIGINT)
    require(await server.wait() == 0, "ends with 0", server.words())
    require(await client.gone() == 1012, "with 1012", client.socket.close_code)
    done("SIGINT ends the server in good order", 1)


async def held_up(data):
    """A reader that stands still and sockets that never finish their upgrade do not hold the end up."""
    server = await Server(data).start()
    tokens = await server.tokens(["w0", "w1"])
    writer = await Client.open(server, tokens["w0"])
    stuck = await Client.open(server, tokens["w1"], receive_buffer=2048)
    room = (await writer.ask("create", kind="direct", with_="w1"))["conversation"]
    await stuck.expect("joined", conversation=room)
    stuck.pause()
    for i in range(0, 800, 16):
        await asyncio.gather(*(writer.send(room, f"h{i + k}-{time.time()}", "h" * 8000) for k in range(16)))
    mute = await RawSocket.upgraded(server, "msgpack", tokens["w0"])  # will not answer the close frame
    half = await RawSocket.open(server)
    await half.send(b"GET /v1/ws HTTP/1.1\r\n")
    took = await server.stop()
    require(took < MOST_SECONDS, "SIGTERM ends the server in time", took)
    require(await writer.gone() == 1012, "the others are told", writer.socket.close_code)
    await stuck.drop()
    mute.end()
    half.end()
    await server.check()
    note(f"stopped in {took:.2f} s")
    done("SIGTERM with a stuck reader, a mute client and a half-open request: exit 0 in time", 3)


async def main():
    with data_directory() as data:
        await stops_in_good_order(data)
        await second_server_is_refused(data)
        await port_binds_again(data)
        await interrupted(data)
        await held_up(data)


if __name__ == "__main__":
    run(main)
