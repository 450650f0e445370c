# Connections of one address beyond the limit are told 429; other addresses do not notice.
import asyncio
import json
import socket

from client import Client
from support import PATIENCE, done, note, require, run, serving

BURST = 2000
REQUEST = b"GET /livez HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n"


def connect(server, source="127.0.0.1"):
    """A connection from an address of this machine."""
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.settimeout(PATIENCE)
    made.bind((source, 0))
    made.connect(server.address)
    return made


def get(server, source="127.0.0.1"):
    """Status, headers and body of one request over a connection of its own; nothing when it was closed without a word."""
    with connect(server, source) as made:
        answer = b""
        try:
            made.sendall(REQUEST)
            while piece := made.recv(4096):
                answer += piece
        except ConnectionError:
            pass
    if not answer:
        return None
    head, _, body = answer.decode().partition("\r\n\r\n")
    lines = head.split("\r\n")
    return int(lines[0].split()[1]), {n.lower(): v for n, _, v in (line.partition(": ") for line in lines[1:])}, body


def storm(server, most=12 * BURST):
    """Connects until it is refused; returns how many were taken before."""
    taken = 0
    while taken < most:
        for _ in range(100):
            connect(server).close()
        taken += 100
        if taken < BURST // 2:
            continue
        answer = get(server)
        if answer is None or answer[0] != 200:
            return taken
    require(False, "an address that storms is refused", taken)


def refusal(server):
    """One refusal; the storm goes on meanwhile, since each moment lets some more in."""
    for _ in range(200):
        answer = get(server)
        if answer and answer[0] == 429:
            return answer
        for _ in range(100):
            connect(server).close()
    require(False, "refused with 429")


async def beyond_the_limit(server):
    token = await server.token("alice")
    alice = await Client.open(server, token)
    taken = await asyncio.to_thread(storm, server)
    require(taken >= BURST, "a burst is taken", taken)
    status, headers, body = await asyncio.to_thread(refusal, server)
    problem = json.loads(body)
    require(headers["content-type"] == "application/problem+json" and problem["code"] == "rate_limited" and problem["status"] == 429,
            "the refusal is a problem", headers, body)
    require(int(headers["retry-after"]) >= 1 and headers["connection"] == "close", "and says when to come again", headers)
    require((await asyncio.to_thread(get, server, "127.0.0.2"))[0] == 200, "another address does not notice")
    await alice.ask("ping")  # nor does who is connected
    note(f"{taken} connections were taken before the first refusal")
    await asyncio.sleep(int(headers["retry-after"]))
    require((await asyncio.to_thread(get, server))[0] == 200, "and after that it is taken")
    await alice.close()
    done("beyond the limit of an address: 429 with Retry-After; others go on", taken)


async def without_it(server):
    for _ in range(3 * BURST // 100):
        await asyncio.to_thread(lambda: [connect(server).close() for _ in range(100)])
    require((await asyncio.to_thread(get, server))[0] == 200, "nobody is refused")
    done("--rate-limit users: no limit of addresses", 3 * BURST)


async def main():
    async with serving("--rate-limit", "on") as server:
        await beyond_the_limit(server)
    async with serving("--rate-limit", "users") as server:
        await without_it(server)


if __name__ == "__main__":
    run(main)
