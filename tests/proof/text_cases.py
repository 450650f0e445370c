# Cases of UTF-8 in messages (RFC 6455, section 8.1; RFC 3629) and of the bounds that Parley has announced.
import json

import msgpack

from conformance import Case
from frame_cases import ENCODINGS, TOO_LONG, answered, ends, evenly, f, ping, pieces
from raw_socket import BINARY, CONTINUATION, KIND, TEXT, frame

UNREADABLE = frozenset({1007})

# Each border of RFC 3629's table, non-characters, and some words.
GOOD_TEXTS = [*(chr(point) for point in (
    0x20, 0x7E, 0x7F, 0x80, 0xFF, 0x7FF, 0x800, 0xFFF, 0x1000, 0xCFFF, 0xD000, 0xD7FF, 0xE000, 0xFDD0, 0xFEFF, 0xFFFD, 0xFFFE, 0xFFFF,
    0x10000, 0x1FFFE, 0x1FFFF, 0x3FFFF, 0x40000, 0xFFFFF, 0x100000, 0x10FFFE, 0x10FFFF)), "κόσμε", "日本語", "e\u0301", "👩‍🚀", "عربي"]

# By class: what is wrong, and bytes that are so.
BAD_TEXTS = [
    ("a continuation byte alone", b"\x80"), ("a continuation byte alone", b"\xbf"), ("two continuation bytes", b"\x80\xbf"),
    ("overlong in two", b"\xc0\x80"), ("overlong in two", b"\xc0\xaf"), ("overlong in two", b"\xc1\xbf"),
    ("overlong in three", b"\xe0\x80\x80"), ("overlong in three", b"\xe0\x80\xaf"), ("overlong in three", b"\xe0\x9f\xbf"),
    ("overlong in four", b"\xf0\x80\x80\x80"), ("overlong in four", b"\xf0\x80\x80\xaf"), ("overlong in four", b"\xf0\x8f\xbf\xbf"),
    ("a surrogate", b"\xed\xa0\x80"), ("a surrogate", b"\xed\xad\xbf"), ("a surrogate", b"\xed\xae\x80"), ("a surrogate", b"\xed\xbf\xbf"),
    ("a pair of surrogates", b"\xed\xa0\x80\xed\xb0\x80"), ("a pair of surrogates", b"\xed\xaf\xbf\xed\xbf\xbf"),
    ("beyond the last character", b"\xf4\x90\x80\x80"), ("beyond the last character", b"\xf5\x80\x80\x80"), ("beyond the last character", b"\xf7\xbf\xbf\xbf"),
    ("five bytes", b"\xf8\x88\x80\x80\x80"), ("six bytes", b"\xfc\x84\x80\x80\x80\x80"), ("six bytes", b"\xfd\xbf\xbf\xbf\xbf\xbf"),
    ("a byte that never is", b"\xfe"), ("a byte that never is", b"\xff"), ("bytes that never are", b"\xfe\xfe\xff\xff"),
    ("cut after one of two", b"\xc3"), ("cut after one of three", b"\xe2"), ("cut after two of three", b"\xe2\x82"),
    ("cut after one of four", b"\xf0"), ("cut after two of four", b"\xf0\x9f"), ("cut after three of four", b"\xf0\x9f\x98"),
    ("a letter within two", b"\xc3\x28"), ("a letter within three", b"\xe2\x28\xa1"), ("a letter within three", b"\xe2\x82\x28"),
    ("a letter within four", b"\xf0\x28\x8c\xbc"), ("a letter within four", b"\xf0\x90\x28\xbc"), ("a letter within four", b"\xf0\x28\x8c\x28"),
]

BEGUN = b'{"type":"ping","ref":"'


def question(text):
    """A JSON question whose `ref` is these bytes."""
    return BEGUN + text + b'"}'


# --- UTF-8 ----------------------------------------------------------------------------------------


def good_texts():
    for text in GOOD_TEXTS:
        data, name = text.encode(), " ".join(f"{ord(each):04X}" for each in text)
        answers = ((f"{text}", "pong"),)
        yield Case("UTF-8", f"json: {name}", f(TEXT, question(data)), answers=answers)
        yield Case("UTF-8", f"msgpack: {name}", f(BINARY, ping("msgpack", text)), answers=answers, encoding="msgpack")
        for cut in range(1, len(data)):
            yield Case("UTF-8", f"json: {name} in two fragments, {cut} bytes in the first",
                       b"".join(pieces(TEXT, question(data), [len(BEGUN) + cut])), answers=answers)
        if len(data) > 1:
            yield Case("UTF-8", f"json: {name} in fragments of one byte", b"".join(pieces(TEXT, question(data), [1] * (len(question(data)) - 1))), answers=answers)


def bad_texts():
    for what, data in BAD_TEXTS:
        name = f"{what}, {data.hex()}"
        yield ends("UTF-8", name, f(TEXT, question(data)), UNREADABLE)
        yield ends("UTF-8", f"{name}, in two fragments", b"".join(pieces(TEXT, question(data), [len(BEGUN) + 1])), UNREADABLE)
        yield ends("UTF-8", f"{name}, as all there is", f(TEXT, data), UNREADABLE)
        refused = b"\x83\xa4type\xa4ping\xa3ref\xa1r\xa1x" + msgpack.packb("x" * len(data))[:1] + data
        yield Case("UTF-8", f"msgpack: {name}, as a value", f(BINARY, refused), answers=(("r", "bad_request"),), encoding="msgpack")
        yield ends("UTF-8", f"{name}, as a ref", f(BINARY, b"\x82\xa4type\xa4ping\xa3ref" + bytes([0xA0 + len(data)]) + data), UNREADABLE, "msgpack")
    for data in (b"\xc3", b"\xe2\x82", b"\xf0\x9f\x98"):
        yield ends("UTF-8", f"a message that ends within a character, {data.hex()}", f(TEXT, BEGUN + data), UNREADABLE)
        yield ends("UTF-8", f"a message that ends within a character, {data.hex()}, and an empty fragment",
                   f(TEXT, BEGUN + data, fin=False) + f(CONTINUATION), UNREADABLE)
    for key in (b"\xff", b"\xc3\x28"):
        yield ends("UTF-8", f"a key, {key.hex()}", f(BINARY, b"\x82\xa4type\xa4ping" + bytes([0xA0 + len(key)]) + key + b"\x01"), UNREADABLE, "msgpack")


def failing_fast():
    """What can never become UTF-8 any more ends the connection, though the message has not ended."""
    for data in (b"\x80", b"\xff", b"\xc0\xaf", b"\xf5", b"\xe0\x80", b"\xed\xa0", b"\xf4\x90", b"\xf0\x80", b"\xe2\x28\xa1", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"):
        yield ends("failing fast", f"{data.hex()} in a fragment, and silence", f(TEXT, BEGUN + data, fin=False), UNREADABLE)
        yield ends("failing fast", f"{data.hex()} behind a good fragment, and silence", f(TEXT, BEGUN, fin=False) + f(CONTINUATION, data, fin=False), UNREADABLE)
        yield ends("failing fast", f"{data.hex()} in a frame that is not whole, and silence", f(TEXT, BEGUN + data, claimed=20_000), UNREADABLE)


# --- Kinds and bounds -----------------------------------------------------------------------------


def kinds():
    """Text where MessagePack was agreed, and the other way round."""
    for encoding, other in (("json", BINARY), ("msgpack", TEXT)):
        for name, data in (("in one", f(other, b"{}")), ("empty", f(other)), ("in fragments", b"".join(evenly(other, b'{"type":"ping"}', 3)))):
            yield ends("kinds", f"the other kind of message, {name}", data, {1003}, encoding)


def deep(encoding, depth):
    """A question with so many lists within one another."""
    if encoding == "json":
        return ping("json")[:-1] + b',"x":' + b"[" * depth + b"]" * depth + b"}"
    return b"\x83\xa4type\xa4ping\xa3ref\xa1r\xa1x" + b"\x91" * depth + b"\x01"


def packed(encoding, *envelopes):
    if encoding == "json":
        return "\n".join(json.dumps(each) for each in envelopes).encode()
    return b"".join(msgpack.packb(each) for each in envelopes)


def bounds():
    for encoding in ENCODINGS:
        kind = KIND[encoding]
        asks = {"type": "ping", "ref": "r"}
        for depth in (1, 6, 7):
            yield answered("bounds", f"{depth} lists within the envelope", f(kind, deep(encoding, depth)), encoding)
        for depth in (8, 9, 100, 5000):
            yield ends("bounds", f"{depth} lists within the envelope", f(kind, deep(encoding, depth)), UNREADABLE, encoding)
        yield answered("bounds", "32 keys", f(kind, packed(encoding, {**asks, **{f"k{i}": i for i in range(30)}})), encoding)
        yield ends("bounds", "33 keys", f(kind, packed(encoding, {**asks, **{f"k{i}": i for i in range(31)}})), UNREADABLE, encoding)
        yield answered("bounds", "a list of 1024", f(kind, packed(encoding, {**asks, "x": [0] * 1024})), encoding)
        yield Case("bounds", f"{encoding}: a list of 1025", f(kind, packed(encoding, {**asks, "x": [0] * 1025})), answers=(("r", "too_large"),), encoding=encoding)
        for ref in ("r" * 128, "é" * 64, "", 0, -1, 1 << 53, -(1 << 53)):
            yield Case("bounds", f"{encoding}: ref {str(ref)[:6]!r}…{str(ref)[-3:]!r} of {len(str(ref))}", f(kind, packed(encoding, {**asks, "ref": ref})), answers=((ref, "pong"),), encoding=encoding)
        for ref in ("r" * 129, "é" * 65, (1 << 53) + 1, -(1 << 53) - 1, 1.5, True, [], {}):
            yield ends("bounds", f"ref {str(ref)[:6]!r}…{str(ref)[-3:]!r} of {len(str(ref))}", f(kind, packed(encoding, {**asks, "ref": ref})), UNREADABLE, encoding)
        many = [{"type": "ping"}] * 1023
        yield answered("bounds", "1024 envelopes", f(kind, packed(encoding, *many, asks)), encoding)
        yield ends("bounds", "1025 envelopes", f(kind, packed(encoding, {"type": "ping"}, *many, {"type": "ping"})), {1008}, encoding)
        yield answered("bounds", "null for a key", f(kind, packed(encoding, {**asks, "x": None})), encoding)
        yield from messages_in_fragments(encoding, kind)
        yield from before_hello(encoding, kind)
    yield answered("bounds", "blank lines around an envelope", f(TEXT, b"\n \n" + ping("json") + b"\n\t\n"))
    for text in (b"\n", b" ", b"\0", b"{} {}", b"\xef\xbb\xbf{}", b"[]", b"null", b"{"):
        yield ends("bounds", f"{text!r} for an envelope", f(TEXT, text), UNREADABLE)


def messages_in_fragments(encoding, kind):
    for count in (2, 64):
        whole = ping(encoding, size=65536)
        yield ends("bounds", f"65,537 bytes in {count} fragments", b"".join(evenly(kind, whole[:65536], count)[:-1]) + f(CONTINUATION, b" " * (1 + 65536 - 65536 // count * (count - 1))),
                   TOO_LONG, encoding)
    yield ends("bounds", "65,536 bytes and a fragment that announces one more", f(kind, ping(encoding, size=65536), fin=False) + f(CONTINUATION, b"x"), TOO_LONG, encoding)
    yield answered("bounds", "65,536 bytes and an empty fragment", f(kind, ping(encoding, size=65536), fin=False) + f(CONTINUATION), encoding)


def before_hello(encoding, kind):
    def hello(size):
        def data(token):
            whole = packed(encoding, {"type": "hello", "ref": "r", "token": token, "x": ""})
            fill = size - len(whole)
            if encoding == "json":
                return frame(kind, whole.ljust(size))
            return frame(kind, whole[:-1] + b"\xda" + (fill - 2).to_bytes(2, "big") + b"x" * (fill - 2))
        return data

    # The connection goes on as one that has said hello, so what Case asks last is refused: it asks for the end instead.
    yield ends("bounds", "a hello of 16,385 bytes", hello(16385), TOO_LONG, encoding, welcomed=False)
    yield ends("bounds", "a hello of 16,384 bytes, and the end", lambda token: hello(16384)(token) + f(8, b"\x03\xe8"), {1000}, encoding, welcomed=False,
               answers=(("r", "welcome"),), answers_may_miss=True)


def text_cases():
    """All of them."""
    yield from good_texts()
    yield from bad_texts()
    yield from failing_fast()
    yield from kinds()
    yield from bounds()
