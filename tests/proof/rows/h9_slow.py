# H9: slowloris in four forms, a byte now and then; each is ended at its deadline, and a healthy pair beside it does not notice.
import asyncio
import time

from client import Client
from ground import Neighbours, in_ms, tried
from raw_socket import BINARY, RawSocket, frame, request
from support import serving

DEADLINE, SLACK = 10, 5    # seconds
PAUSE = 0.7                # seconds between bytes
SLOWEST = 0.3              # seconds: the slow ones, the pair and the server share two cores


def forms(token):
    """(what, how it begins, whether behind an upgrade, what it says byte by byte, right ends)."""
    post = b"POST /v1/conversations HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + token.encode() + b"\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n"
    chunks = post.replace(b"Content-Length: 900", b"Transfer-Encoding: chunked")
    yield "headers", b"", False, request(X_A="y" * 500), {408, 0}
    yield "a body", post, False, b'{"kind":"' + b"x" * 500, {408}
    yield "a body in chunks", chunks, False, b"1\r\n{\r\n" * 100, {408}
    yield "the head of a frame", b"", True, frame(BINARY, b"x" * 70_000)[:14] * 10, {4408, 1009, 1002}
    yield "the payload of a frame", frame(BINARY, b"x" * 10_000)[:20], True, b"y" * 500, {4408}
    yield "frames of one byte", frame(BINARY, b"x", fin=False), True, frame(0, b"y", fin=False) * 50, {4408, 1008}


async def slow(server, form, findings):
    what, begin, upgraded, rest, right = form
    raw = await (RawSocket.upgraded(server) if upgraded else RawSocket.open(server))
    begun = time.monotonic()
    await raw.send(begin)
    ended = asyncio.create_task(raw.closed() if upgraded else raw.answer())
    for place in range(len(rest)):
        await raw.send(rest[place:place + 1])
        await asyncio.wait({ended}, timeout=PAUSE)
        if ended.done() or time.monotonic() - begun > DEADLINE + SLACK:
            break
    took = time.monotonic() - begun
    if not findings.check(ended.done(), f"{what}: not ended after", took):
        ended.cancel()
        return
    code = ended.result() if upgraded else ended.result()[0]
    findings.check(code in right, what, code)
    raw.end()


def run(size, server):
    async def main(findings):
        each = size.of(25, 800)
        async with serving(release=True) as running:
            tokens = await running.tokens(["alice", "bob", "mallory"])
            pair = await Neighbours.begin(running, tokens["alice"], tokens["bob"])
            await asyncio.sleep(size.of(1, 5))  # what is measured is how the pair does alone
            alone = await pair.since_last()
            all_forms = [*forms(tokens["mallory"])]
            await asyncio.gather(*(slow(running, form, findings) for form in all_forms for _ in range(each)))
            beside = await pair.since_last()
            findings.check(beside.p99 < size.patience(SLOWEST), "the healthy pair's p99", beside.p99)
            late = await Client.open(running, tokens["mallory"])
            findings.check((await late.ask("ping"))["type"] == "pong", "newcomers are served")
            await late.close()
            await pair.end()
        findings.note(f"{each} of each of {len(all_forms)} forms; healthy pair alone: median {in_ms(alone.median)}, p99 {in_ms(alone.p99)}; beside them: {in_ms(beside.median)}, {in_ms(beside.p99)}")

    return tried("slow connections", main)
