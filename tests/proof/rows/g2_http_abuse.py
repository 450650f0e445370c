# G2: bad upgrades, and requests that two readers could understand in two ways; each gets one refusal and the end.
import http_abuse
from conformance import send_in_pieces
from ground import tried
from raw_socket import RawSocket, request
from support import Failed, serving

REFUSED = {400, 401, 403, 404, 405, 408, 411, 413, 414, 415, 417, 426, 431, 501, 505, 0}
HIDDEN = b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n"  # what a smuggler wants to have read as a request of its own
BEHIND_AN_ANSWER = {"a request behind an upgrade", "two upgrades"}  # in pieces, the upgrade is answered before the rest is there, which then is frames
BODY = b'{"kind":"group"}'


def post(token, *lines, body=BODY, first=b"POST /v1/conversations HTTP/1.1"):
    """A request whose framing is only in `lines`."""
    head = [first, b"Host: a", b"Content-Type: application/json", b"Authorization: Bearer " + token.encode(), *lines]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


def smuggled(token):
    """(what, bytes): one request by one reading, two by another. HIDDEN stands where the second reading begins."""
    chunked, whole = b"Transfer-Encoding: chunked", chunk(BODY) + b"0\r\n\r\n"
    length = b"Content-Length: %d" % len(BODY)
    both = b"Content-Length: %d" % len(whole + HIDDEN)
    yield "a length and chunks", post(token, both, chunked, body=whole + HIDDEN)
    yield "chunks and a length", post(token, chunked, length, body=whole + HIDDEN)
    for other in (b"xchunked", b"chunked, identity", b"identity", b"chunked, chunked", b"gzip, chunked", b"chunke", b'"chunked"', b"chunked;q=1", b"\x0bchunked"):
        yield f"Transfer-Encoding: {other!r}", post(token, b"Transfer-Encoding: " + other, body=whole + HIDDEN)
    yield "two codings on two lines", post(token, chunked, b"Transfer-Encoding: identity", body=whole + HIDDEN)
    yield "a space before the colon of a coding", post(token, b"Transfer-Encoding : chunked", body=whole + HIDDEN)
    yield "a folded coding", post(token, b"Transfer-Encoding:\r\n chunked", body=whole + HIDDEN)
    yield "a folded header with a length in it", post(token, length, b"X-A: b\r\n\tContent-Length: 0", body=BODY + HIDDEN)
    yield "two lengths", post(token, b"Content-Length: 0", length, body=BODY + HIDDEN)
    yield "the same length twice", post(token, length, length, body=BODY + HIDDEN)
    digits = str(len(BODY)).encode()
    for value in (digits + b", " + digits, b"+" + digits, b"-" + digits, b"0x10", digits + b" " + digits, digits + b".0", b"9" * 20, b"1e1", b"", b"\xb2"):
        yield f"Content-Length: {value!r}", post(token, b"Content-Length: " + value, body=BODY + HIDDEN)
    yield "a bare carriage return in a header", post(token, length, b"X-A: b\rContent-Length: 0", body=BODY + HIDDEN)
    yield "a NUL in a header", post(token, length, b"X-A: b\0c", body=BODY + HIDDEN)
    yield "a NUL in a name", post(token, length, b"X\0A: b", body=BODY + HIDDEN)
    yield "a header without a name", post(token, length, b": b", body=BODY + HIDDEN)
    yield "a header without a colon", post(token, length, b"nonsense", body=BODY + HIDDEN)
    for size in (b"g", b"-1", b"0x10", b"f" * 17, b"", b"1 0", b"10\r", b"+10"):
        yield f"a chunk of {size!r}", post(token, chunked, body=size + b"\r\n" + BODY + b"\r\n0\r\n\r\n" + HIDDEN)
    yield "a chunk longer than it says", post(token, chunked, body=b"5\r\n" + BODY + b"\r\n0\r\n\r\n" + HIDDEN)
    yield "chunks in HTTP/1.0", post(token, chunked, first=b"POST /v1/conversations HTTP/1.0", body=whole + HIDDEN)
    for first in (b"POST  /v1/conversations HTTP/1.1", b"POST /v1/conversations  HTTP/1.1", b"POST /v1/conversations HTTP/1.1 x", b"POST /v1/conversations", b"POST /v1/conversations HTTP/1.2",
                  b"POST /v1/conversations HTTP/9.9", b"POST /v1/conversations http/1.1", b"POST /v1/con versations HTTP/1.1", b"P\0ST /v1/conversations HTTP/1.1", b"POST\t/v1/conversations HTTP/1.1"):
        yield f"a first line {first!r}", post(token, length, first=first, body=BODY + HIDDEN)
    yield "line feeds alone", post(token, length).replace(b"\r\n", b"\n") + HIDDEN
    yield "an upgrade with a body", request(Content_Length=str(len(HIDDEN))) + HIDDEN
    yield "an upgrade with chunks", request(Transfer_Encoding="chunked") + b"0\r\n\r\n" + HIDDEN
    yield "a request behind an upgrade", request() + HIDDEN
    yield "two upgrades", request() + request()


async def all_answers(server, data, piece):
    """The statuses of whatever comes, up to the end of the connection."""
    raw = await RawSocket.open(server)
    try:
        await send_in_pieces(raw, data, piece)
        raw.half_close()
        found = []
        while (status := (await raw.answer())[0]) != 0:
            found.append(status)
            if len(found) > 3:
                break
        return found
    finally:
        raw.end()


async def refused_once(server, token, findings, pieces):
    for what, data in smuggled(token):
        for piece in pieces:
            if piece and what in BEHIND_AN_ANSWER:
                continue
            try:
                found = await all_answers(server, data, piece)
            except Failed as fault:
                found = [str(fault)]
            good = len(found) <= 1 and all(each in REFUSED for each in found)
            findings.check(good, f"{what}, in pieces of {piece}", found)


async def upgrades(server, token, findings, pieces):
    for what, data, right in http_abuse.good_and_bad_upgrades(token):
        for piece in pieces:
            if piece == 1 and len(data) > 5000 or piece and "behind" in what:
                continue  # in pieces, nothing comes behind the request before it is answered
            raw = await RawSocket.open(server)
            try:
                await send_in_pieces(raw, data, piece)
                if not data.endswith(b"\r\n\r\n"):
                    raw.half_close()
                status = (await raw.answer())[0]
            except Failed as fault:
                status = str(fault)
            finally:
                raw.end()
            findings.check(status in right, f"{what}, in pieces of {piece}", status, sorted(right))


def run(size, server):
    async def main(findings):
        async with serving("--origin", http_abuse.ALLOWED, release=True) as running:
            token = await running.token("mallory")
            pieces = size.of((0, 1, 997), (0, 1, 2, 3, 7, 64, 997))
            await upgrades(running, token, findings, pieces)
            await refused_once(running, token, findings, pieces)
            findings.check((await all_answers(running, HIDDEN, 0)) == [200], "a good request is answered afterwards")

    return tried("bad requests", main)
