# H8: connections that never get as far as a good hello; all are ended within ten seconds, and cost little until then.
import asyncio
import time

from client import Client
from ground import tried
from raw_socket import BINARY, RawSocket, frame, request
from support import serving

DEADLINE = 10       # seconds, for headers and for hello
SLACK = 4           # seconds for a busy machine, and for a close frame that is not answered
EACH = 8 * 1024     # bytes of memory that one of them may take; half of it is the session's and the parser's own
AT_ONCE = 50

TOO_LONG = frame(BINARY, b"x" * 20_000)


async def silent(server):
    """Says nothing at all."""
    return await RawSocket.open(server)


async def half_a_head(server):
    raw = await RawSocket.open(server)
    await raw.send(request()[:60])
    return raw


async def no_hello(server):
    return await RawSocket.upgraded(server)


async def half_a_frame(server):
    raw = await RawSocket.upgraded(server)
    await raw.send(frame(BINARY, b"x" * 1000)[:500])
    return raw


async def half_a_body(server):
    raw = await RawSocket.open(server)
    await raw.send(b"POST /v1/conversations HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + server.token_of_all.encode() + b"\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{")
    return raw


async def half_a_message(server):
    raw = await RawSocket.upgraded(server)
    await raw.send(frame(BINARY, b"x" * 1000, fin=False))
    return raw


# How each begins, and the ends that are right: a close code, or the status of an answer, or 0 for neither.
KINDS = [(silent, {0}), (half_a_head, {408, 0}), (no_hello, {4408}), (half_a_frame, {4408}), (half_a_body, {408}), (half_a_message, {4408})]


async def end_of(raw, upgraded):
    if upgraded:
        return await raw.closed()
    status, _, _ = await raw.answer()
    await raw.rest()
    raw.end()
    return status


async def waited_for(server, count, findings):
    """All kinds at once."""
    before, sockets = server.memory(), server.sockets()
    begun, opened = time.monotonic(), []

    async def one(begin, right):
        since = time.monotonic()
        opened.append((begin.__name__, right, since, await begin(server)))

    for first in range(0, count, AT_ONCE):
        await asyncio.gather(*(one(*KINDS[index % len(KINDS)]) for index in range(first, min(first + AT_ONCE, count))))
    each = (server.memory() - before) / count
    findings.note(f"{count} connections, {each / 1024:.1f} KiB each while they last")
    findings.check(each < EACH, "memory of each", each)

    async def judged(name, right, since, raw):
        code = await end_of(raw, name in ("no_hello", "half_a_frame", "half_a_message"))
        took = time.monotonic() - since
        findings.check(code in right, name, code)
        findings.check(took < DEADLINE + SLACK, f"{name} ended after", took)

    await asyncio.gather(*(judged(*one) for one in opened))
    findings.note(f"the last one was gone {time.monotonic() - begun:.1f} s after the first had come")
    ended = time.monotonic()
    while server.sockets() > sockets and time.monotonic() - ended < SLACK:
        await asyncio.sleep(0.1)
    findings.check(server.sockets() <= sockets, "sockets left", server.sockets(), sockets)


async def too_long_at_once(server, count, findings):
    """A first message that is longer than one may be needs no deadline."""
    for _ in range(count):
        raw = await RawSocket.upgraded(server)
        await raw.send(TOO_LONG)
        code = await raw.closed()
        findings.check(code == 1009, "a first message of 20,000 bytes", code)  # 4408 were the deadline's


def run(size, server):
    async def main(findings):
        async with serving(release=True) as running:
            running.token_of_all = await running.token("alice")
            healthy = await Client.open(running, running.token_of_all)
            await too_long_at_once(running, size.of(20, 200), findings)
            await waited_for(running, size.of(1500, 10_000), findings)
            findings.check((await healthy.ask("ping"))["type"] == "pong", "who has said hello is served")
            await healthy.close()

    return tried("connections without a hello", main)
