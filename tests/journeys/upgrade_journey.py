# One process takes over from another behind a socket that stays open: nobody is refused, and nothing acknowledged is lost.
import asyncio
import http.client
import json
import os
import socket
import time

import websockets

from client import Client, Gone, Refused
from oracle import History, judge
from rest import Rest, segment
from support import PATIENCE, Server, data_directory, done, eventually, note, program, require, run, within

ROUNDS = int(os.environ.get("PARLEY_UPGRADE_ROUNDS", "4"))
WRITERS = 8
POSTERS = 4
SENT_BETWEEN = 40  # acknowledged requests from one upgrade to the next


class Load:
    """Senders who do not know that anything happens: each message is said again until it is answered."""

    def __init__(self, server, talk, orders):
        self.server = server
        self.talk = talk        # over WebSockets
        self.orders = orders    # by requests
        self.history = History()
        self.acknowledged = {}  # seq by client_id, of requests
        self.retried = 0
        self.slowest = 0.0      # seconds until a connection was made
        self.over = False

    async def write(self, user, token):
        """Over a WebSocket that is opened again whenever it ends."""
        count, again = 0, False
        while not self.over:
            try:
                client = await Client.open(self.server, token, trace=self.history.session(user))
                while not self.over:
                    await client.send(self.talk, f"{user}-{count}", f"{user} {count}")
                    self.retried += again
                    count, again = count + 1, False
                await client.close()
            except (Gone, Refused, websockets.InvalidHandshake):
                again = True

    def _post(self, token, key):
        """One request over a connection of its own; nothing when the server ended it without an answer."""
        begun = time.monotonic()
        connection = http.client.HTTPConnection(*self.server.address, timeout=30)
        connection.connect()  # whoever is refused here has no server
        self.slowest = max(self.slowest, time.monotonic() - begun)
        try:
            connection.request("POST", f"/v1/conversations/{segment(self.orders)}/messages", json.dumps({"body": key}), {
                "Authorization": f"Bearer {token}", "Content-Type": "application/json", "Idempotency-Key": key})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (http.client.HTTPException, ConnectionError):
            return None
        finally:
            connection.close()

    async def post(self, user, token):
        count = 0
        while not self.over:
            key = f"{user}-{count}"
            while (answered := await asyncio.to_thread(self._post, token, key)) is None or answered[0] == 503:
                self.retried += 1
            require(answered[0] == 201, "a request is answered in the end", answered)
            self.acknowledged[key] = answered[1]["seq"]
            count += 1

    async def goes_on(self, count):
        """Waits until so many more requests are acknowledged."""
        until = len(self.acknowledged) + count
        await eventually(lambda: len(self.acknowledged) >= until, "requests are acknowledged")


async def upgraded_under_load(data, door):
    server = Server(data)
    server.listening = door
    await server.start("--workers", "2")
    require(server.address == door.getsockname(), "it listens where the socket does", server.address)
    writers, posters = [f"w{i}" for i in range(WRITERS)], [f"p{i}" for i in range(POSTERS)]
    tokens = await server.tokens(writers + posters)
    made = [await Rest(server, tokens[everyone[0]]).good(
        "POST", "/v1/conversations", {"kind": "group", "members": everyone[1:]}, 201, Idempotency_Key="made")
            for everyone in (writers, posters)]
    load = Load(server, *[each["conversation"] for each in made])
    tasks = [asyncio.create_task(load.write(user, tokens[user])) for user in writers]
    tasks += [asyncio.create_task(load.post(user, tokens[user])) for user in posters]
    longest = 0.0
    for _ in range(ROUNDS):
        await load.goes_on(SENT_BETWEEN)
        begun = time.monotonic()
        await server.stop()
        await server.start("--workers", "2")
        longest = max(longest, time.monotonic() - begun)
    await load.goes_on(SENT_BETWEEN)
    load.over = True
    await asyncio.wait_for(asyncio.gather(*tasks), 60)
    readers = [await Client.open(server, tokens[user]) for user in ("w0", "p0")]
    load.history.final[load.talk] = await readers[0].pull(load.talk, 0)
    faults = judge(load.history)
    require(not faults, "what was acknowledged is there, once", [str(fault) for fault in faults[:5]])
    orders = [(each["body"], each["seq"]) for each in await readers[1].pull(load.orders, 0) if each["type"] == "message"]
    require(sorted(orders) == sorted(load.acknowledged.items()), "so is what requests were told", len(orders), len(load.acknowledged))
    await server.stop()
    await server.check()
    done("an upgrade under load, nobody refused", ROUNDS)
    note(f"{len(orders)} requests and {len(load.history.final[load.talk])} events of others; {load.retried} were said again; "
         f"the next process was ready after {longest:.2f} s at most, a connection made within {load.slowest * 1000:.0f} ms")


async def refuses_what_is_no_door(data, door):
    """What was handed down must be one socket that listens."""
    async def refused(held, count, *options):
        process = await asyncio.create_subprocess_exec(
            "bash", "-c", 'exec 3<&"$0"; LISTEN_PID=$$ LISTEN_FDS="$1" exec "${@:2}"', str(held.fileno()), str(count),
            program(), "--data", str(data), *options, stderr=asyncio.subprocess.PIPE, pass_fds=(held.fileno(),))
        _, said = await within(PATIENCE, process.communicate(), "the end of a server that cannot start")
        require(process.returncode == 1 and b"start_failed" in said, "the server does not start", process.returncode, said[-500:])
    with socket.socket() as silent, socket.socket(socket.AF_UNIX) as local:
        await refused(silent, 1)
        await refused(local, 1)
    await refused(door, 2)
    await refused(door, 1, "--dev")
    done("only one socket that listens is taken over", 4)


async def leaves_others_sockets_alone(data, door):
    """Variables that were meant for another process are none of ours."""
    os.environ |= {"LISTEN_PID": "1", "LISTEN_FDS": "1"}
    server = Server(data)
    await server.start()
    require(server.address != door.getsockname(), "it listens where it was told", server.address)
    await server.stop()
    for name in ("LISTEN_PID", "LISTEN_FDS"):
        del os.environ[name]
    done("another process's socket is left alone")


async def main():
    with data_directory() as data, socket.create_server(("127.0.0.1", 0), backlog=4096) as door:
        await upgraded_under_load(data, door)
        await refuses_what_is_no_door(data, door)
        await leaves_others_sockets_alone(data, door)


if __name__ == "__main__":
    run(main)
