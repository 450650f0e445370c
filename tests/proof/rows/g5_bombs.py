# G5: small messages that promise or nest far more than they hold; each is refused at once, and takes no memory.
import statistics
import time

from client import Client
from ground import in_ms, percentile, tried
from malformed_journey import bombs
from raw_socket import BINARY, KIND, RawSocket, frame
from support import Failed, serving

TIMES = 5, 200
SLOWEST = 2.0, 0.005          # seconds for the median of one bomb, there and back through a Python process that shares two cores with the server
GROWTH = 4 << 20, 1 << 20     # bytes of memory for each kind of bomb, over all its repetitions


def msgpack_bombs():
    yield from bombs().items()
    yield "arrays of 65,535 in one another, 16,000 deep", b"\xdc\xff\xff" * 16_000
    yield "arrays of 4 billion in one another", b"\xdd\xff\xff\xff\xff" * 10_000
    yield "a map of 1024 whose values are such maps", b"\x81\xa1x" + (b"\xde\x04\x00\xa1a" * 5_000)
    yield "16 million announced", b"\xdd\x00\xff\x00\x00" + b"\xc0" * 1000
    yield "a key twice", b"\x82\xa1a\x01\xa1a\x02"
    yield "20,000 empty maps", b"\x80" * 20_000
    for what, bomb in bombs().items():
        yield f"{what}, as a value", b"\x82\xa4type\xa4ping\xa1x" + bomb


def json_bombs():
    yield "30,000 lists deep", b"[" * 30_000
    yield "8,000 maps deep", b'{"a":' * 8_000
    yield "lists deep, as a value", b'{"type":"ping","x":' + b"[" * 30_000
    yield "a number of 60,000 digits", b'{"type":"ping","ref":' + b"9" * 60_000 + b"}"
    yield "a number with an exponent of 60,000 digits", b'{"type":"ping","ref":1e' + b"9" * 60_000 + b"}"
    yield "a key twice", b'{"type":"ping","ref":1,"ref":2}'
    yield "60,000 escapes that never end", b'{"type":"' + b"\\u0041" * 10_000
    yield "20,000 empty maps on lines of their own", b"{}\n" * 20_000
    yield "33 keys", b"{" + b",".join(b'"k%d":1' % i for i in range(33)) + b"}"


def refusable():
    """(what, bytes in MessagePack): values that must not be, in an envelope whose `ref` can be read."""
    head = b"\x83\xa4type\xa4ping\xa3ref\xa1r\xa1x"
    yield from (("NaN", head + b"\xcb\x7f\xf8" + b"\0" * 6), ("infinity", head + b"\xca\x7f\x80\0\0"), ("minus infinity", head + b"\xcb\xff\xf0" + b"\0" * 6),
                ("an extension", head + b"\xd4\x01\x00"), ("a timestamp", head + b"\xd6\xff\0\0\0\0"), ("bytes", head + b"\xc4\x01x"), ("no UTF-8", head + b"\xa2\xc3\x28"),
                ("a list of 1025", head + b"\xdc\x04\x01" + b"\xc0" * 1025), ("a key that is a number", head + b"\x81\x01\x01"), ("a key that is a list", head + b"\x81\x90\x01"),
                ("a key that JavaScript chokes on", head + b"\x81\xa9__proto__\x01"))


def ids():
    """(what, value of a number field): each must be refused, or be the number it is."""
    yield from (("the largest number of 64 bits", b"\xcf" + b"\xff" * 8), ("the smallest", b"\xd3\x80" + b"\0" * 7), ("minus one", b"\xff"), ("minus zero", b"\xcb\x80" + b"\0" * 7),
                ("2^53", b"\xcf\0\x20" + b"\0" * 6), ("one and a half", b"\xcb\x3f\xf8" + b"\0" * 6), ("NaN", b"\xcb\x7f\xf8" + b"\0" * 6), ("true", b"\xc3"), ("a text", b"\xa11"))


async def refused(server, token, encoding, payload):
    """The close code, and how long it took to come."""
    raw = await RawSocket.upgraded(server, encoding, token)
    begun = time.perf_counter()
    await raw.send(frame(KIND[encoding], payload))
    while not raw.close_code and await raw.read():
        pass
    took = time.perf_counter() - begun
    raw.end()
    return raw.close_code or 0, took


async def refused_again_and_again(server, token, encoding, what, payload, size, findings):
    before, took = server.memory(), []
    for _ in range(size.of(*TIMES)):
        try:
            code, each = await refused(server, token, encoding, payload)
        except Failed as fault:
            code, each = str(fault), 0.0
        took.append(each)
        findings.check(code in (1007, 1008), f"{encoding}: {what}", code)
    grown = server.memory() - before
    findings.check(grown < size.of(*GROWTH), f"{encoding}: memory for {what}", grown)
    findings.check(statistics.median(took) < size.of(*SLOWEST), f"{encoding}: time for {what}", statistics.median(took))
    return took


async def answered(server, token, findings):
    raw = await RawSocket.upgraded(server, "msgpack", token)
    for what, payload in refusable():
        await raw.send(frame(BINARY, payload))
        answer = await raw.until("error", "r")
        findings.check(answer["code"] in ("bad_request", "too_large"), what, answer)
    for what, number in ids():
        await raw.send(frame(BINARY, b"\x84\xa4type\xa4sync\xa3ref\xa1r\xacconversation\xa1c\xa5after" + number))
        answer = await raw.until("error", "r")
        findings.check(answer["code"] == "bad_request", f"{what} for a number", answer)
    await raw.still_good()
    raw.end()


def run(size, server):
    async def main(findings):
        took = []
        async with serving(release=True) as running:
            tokens = await running.tokens(["mallory", "healthy"])
            healthy = await Client.open(running, tokens["healthy"])
            for encoding, every in (("msgpack", msgpack_bombs()), ("json", json_bombs())):
                for what, payload in every:
                    took += await refused_again_and_again(running, tokens["mallory"], encoding, what, payload, size, findings)
                    findings.check((await healthy.ask("ping"))["type"] == "pong", "another client is served after", what)
            for _ in range(size.of(*TIMES)):
                await answered(running, tokens["mallory"], findings)
            await healthy.close()
        findings.note(f"from the last byte of a bomb to the close frame, over a socket: median {in_ms(statistics.median(took))}, p99 {in_ms(percentile(took, 0.99))}")

    return tried("bombs", main)
