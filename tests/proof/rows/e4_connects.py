# E4: thousands of connects in one moment, from several addresses; no established session is lost, and the newcomers get in.
import asyncio
import contextlib
import socket
import time

from client import Client
from ground import Neighbours, in_ms, tried
from raw_socket import request
from support import eventually, serving

SOURCES = [f"127.0.0.{i}" for i in range(2, 10)]
ESTABLISHED = 20
PATIENCE = 15  # seconds: a connect that the kernel had no place for is tried again after one and three


def connect_at_once(address, count):
    """So many connects, none waited for."""
    made = []
    for index in range(count):
        each = socket.socket()
        each.setblocking(False)
        each.bind((SOURCES[index % len(SOURCES)], 0))
        with contextlib.suppress(BlockingIOError):
            each.connect(address)
        made.append(each)
    return made


async def upgraded(loop, each):
    """Whether a newcomer gets its 101."""
    try:
        await asyncio.wait_for(loop.sock_sendall(each, request()), PATIENCE)
        return (await asyncio.wait_for(loop.sock_recv(each, 12), PATIENCE)).startswith(b"HTTP/1.1 101")
    except (OSError, asyncio.TimeoutError):
        return False


async def storm(server, clients, count, findings):
    loop, before = asyncio.get_running_loop(), server.sockets()
    begun = time.monotonic()
    newcomers = connect_at_once(server.address, count)
    await eventually(lambda: server.sockets() >= before + count, "all are accepted", PATIENCE)
    accepted = time.monotonic() - begun
    good = await asyncio.gather(*(upgraded(loop, each) for each in newcomers))
    findings.check(all(good), "newcomers that were not upgraded", good.count(False))
    findings.tried += len(good) - 1
    for client in clients:
        findings.check(client.connected and (await client.ask("ping"))["type"] == "pong", "an established session")
    for each in newcomers:
        each.close()
    await eventually(lambda: server.sockets() <= before, "sockets given back", PATIENCE)
    return accepted


def run(size, server):
    async def main(findings):
        count, took = size.of(1_500, 4_096), []
        async with serving(release=True) as running:
            users = [f"user{i}" for i in range(ESTABLISHED)]
            tokens = await running.tokens([*users, "alice", "bob"])
            clients = [await Client.open(running, tokens[user]) for user in users]
            pair = await Neighbours.begin(running, tokens["alice"], tokens["bob"])
            for _ in range(size.of(1, 20)):
                took.append(await storm(running, clients, count, findings))
            beside = await pair.since_last()
            await pair.end()
            for client in clients:
                await client.close()
        findings.note(f"{count} connects at once were accepted within {in_ms(max(took))}; a healthy pair's slowest message took {in_ms(beside.worst)}")

    return tried("connects", main)
