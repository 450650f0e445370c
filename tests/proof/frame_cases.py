# Cases of framing, fragmentation, control frames and closing (RFC 6455, sections 5 and 7), as a table that is written out.
import json
import struct

import msgpack

from conformance import Case
from raw_socket import BINARY, CLOSE, CONTINUATION, KIND, PING, PONG, TEXT, frame

KEY = b"\x37\xfa\x21\x3d"  # the mask of the RFC's examples (section 5.7)
ENCODINGS = ("json", "msgpack")
BROKEN = frozenset({1002})
TOO_LONG = frozenset({1009})
NAMES = {CONTINUATION: "continuation", TEXT: "text", BINARY: "binary", CLOSE: "close", PING: "ping", PONG: "pong"}


def f(opcode, payload=b"", key=KEY, **how):
    return frame(opcode, payload, key=key, **how)


def ping(encoding, ref="r", size=None):
    """An envelope that is answered with `pong`, filled up to a size."""
    if encoding == "json":
        return json.dumps({"type": "ping", "ref": ref}, ensure_ascii=False).encode().ljust(size or 0)
    head = b"\x83\xa4type\xa4ping\xa3ref" + msgpack.packb(ref) + b"\xa1x"
    fill = (size or len(head) + 3) - len(head) - 3
    return head + b"\xda" + struct.pack(">H", fill) + b"x" * fill


def answered(section, name, data, encoding="json", **more):
    """A case whose one question is answered and whose connection goes on."""
    return Case(section, f"{encoding}: {name}", data, answers=(("r", "pong"),), encoding=encoding, **more)


def ends(section, name, data, codes, encoding="json", **more):
    return Case(section, f"{encoding}: {name}", data, close=frozenset(codes), encoding=encoding, **more)


def pieces(kind, payload, sizes, key=KEY):
    """A message in fragments of these sizes; the last one takes what is left."""
    frames, begin = [], 0
    for index, size in enumerate([*sizes, None]):
        end = len(payload) if size is None else begin + size
        frames.append(f(kind if index == 0 else CONTINUATION, payload[begin:end], fin=size is None, key=key))
        begin = end
    return frames


def evenly(kind, payload, count):
    """A message in so many fragments of about the same size."""
    return pieces(kind, payload, [len(payload) // count] * (count - 1))


# --- Framing --------------------------------------------------------------------------------------


def long_form(opcode, payload, form):
    """A frame whose length is written with more bytes than it takes."""
    length = bytes([0x80 | form]) + struct.pack(">H" if form == 126 else ">Q", len(payload))
    whole = f(opcode, payload)
    return whole[:1] + length + whole[2 + head_more(len(payload)):]


def head_more(size):
    """Bytes of the length beyond its first."""
    return 0 if size < 126 else 2 if size < 65536 else 8


def lengths():
    for encoding in ENCODINGS:
        kind = KIND[encoding]
        for size in (30, 31, 64, 124, 125, 126, 127, 128, 129, 254, 255, 256, 257, 1000, 4095, 4096, 4097, 16383, 16384, 16385, 65534, 65535, 65536):
            yield answered("lengths", f"{size} bytes", f(kind, ping(encoding, size=size)), encoding)
        for size in (65537, 65538, 70_000, 1 << 20, (1 << 31) - 1, 1 << 31, 1 << 32, (1 << 63) - 1):
            yield ends("lengths", f"a head that announces {size} bytes", f(kind, b"x" * 50, claimed=size), TOO_LONG, encoding)
        for size in (1 << 63, (1 << 64) - 1):
            yield ends("lengths", f"a head that announces {size} bytes", f(kind, b"x" * 50, claimed=size), {1002, 1009}, encoding)
        for form, size in ((126, 0), (126, 1), (126, 30), (126, 125), (127, 0), (127, 30), (127, 125), (127, 126), (127, 1000), (127, 65535)):
            payload = ping(encoding, size=size) if size >= 30 else b" " * size
            yield ends("lengths", f"{size} bytes in the form for more ({form})", long_form(kind, payload, form), BROKEN, encoding)
        yield ends("lengths", "an empty message", f(kind), {1007}, encoding)
        yield ends("lengths", "no frame at all, and the end", b"", {0}, encoding, half_close=True)
        for cut in (1, 2, 5, 6, 20):
            yield ends("lengths", f"the end after {cut} bytes of a frame", f(kind, ping(encoding))[:cut], {0}, encoding, half_close=True)


def reserved():
    for encoding in ENCODINGS:
        kind = KIND[encoding]
        for bits in range(1, 8):
            yield ends("reserved bits", f"{bits} on a message", f(kind, ping(encoding), reserved=bits), BROKEN, encoding)
            begun = f(kind, ping(encoding)[:5], fin=False)
            yield ends("reserved bits", f"{bits} on a continuation", begun + f(CONTINUATION, ping(encoding)[5:], reserved=bits), BROKEN, encoding)
    for opcode in (CLOSE, PING, PONG):
        for bits in range(1, 8):
            yield ends("reserved bits", f"{bits} on a {NAMES[opcode]}", f(opcode, b"\x03\xe8", reserved=bits), BROKEN)
    for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15):
        yield ends("opcodes", f"{opcode}, empty", f(opcode), BROKEN)
        yield ends("opcodes", f"{opcode}, with a payload", f(opcode, ping("json")), BROKEN)
        yield ends("opcodes", f"{opcode}, not final", f(opcode, b"x", fin=False), BROKEN, "msgpack")
        yield ends("opcodes", f"{opcode} within a message", f(TEXT, b"{", fin=False) + f(opcode, b"x"), BROKEN)
        yield ends("opcodes", f"{opcode} behind a question", f(TEXT, ping("json")) + f(opcode), BROKEN, answers=(("r", "pong"),), answers_may_miss=True)


def masks():
    for encoding in ENCODINGS:
        kind, question = KIND[encoding], ping(encoding)
        for key in (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\0\xff\0\xff", b"\x01\x02\x03\x04", b"\x80\0\0\x01"):
            yield answered("masks", f"key {key.hex()}", f(kind, question, key=key), encoding)
        for size in (30, 31, 32, 33, 1021, 1022, 1023):
            yield answered("masks", f"{size} bytes in two fragments with other keys",
                           f(kind, ping(encoding, size=size)[:13], fin=False, key=b"abcd") + f(CONTINUATION, ping(encoding, size=size)[13:], key=b"wxyz"), encoding)
        yield ends("masks", "none on a message", f(kind, question, mask=False), BROKEN, encoding)
        yield ends("masks", "none on an empty message", f(kind, mask=False), BROKEN, encoding)
        yield ends("masks", "none on a continuation", f(kind, question[:5], fin=False) + f(CONTINUATION, question[5:], mask=False), BROKEN, encoding)
    for opcode in (CLOSE, PING, PONG):
        for payload in (b"", b"\x03\xe8"):
            yield ends("masks", f"none on a {NAMES[opcode]} of {len(payload)}", f(opcode, payload, mask=False), BROKEN)


# --- Fragmentation --------------------------------------------------------------------------------


def fragments():
    for encoding in ENCODINGS:
        kind = KIND[encoding]
        for count in (2, 3, 5, 10, 31, 32, 63, 64):
            yield answered("fragments", f"{count} of them", b"".join(evenly(kind, ping(encoding, size=200), count)), encoding)
        for size in (125, 126, 65535, 65536):
            for count in (2, 64):
                yield answered("fragments", f"{size} bytes in {count}", b"".join(evenly(kind, ping(encoding, size=size), count)), encoding)
        question = ping(encoding, size=60)
        for name, sizes in (("the first one empty", [0, 20]), ("an empty one in the middle", [20, 0]), ("the last one empty", [20, 40]),
                            ("all but the last empty", [0] * 20), ("all but the first empty", [60] + [0] * 20), ("of one byte each", [1] * 59)):
            yield answered("fragments", name, b"".join(pieces(kind, question, sizes)), encoding)
        yield Case("fragments", f"{encoding}: two messages, one behind the other", b"".join(evenly(kind, ping(encoding, "a"), 3) + evenly(kind, ping(encoding, "b"), 4)),
                   answers=(("a", "pong"), ("b", "pong")), encoding=encoding)
        yield from misplaced(encoding, kind, question)
        yield from between(encoding, kind, question)
        yield ends("fragments", "a message that never ends, and the end", f(kind, question, fin=False), {0}, encoding, half_close=True)
        for count in (1000, 5000):
            yield ends("fragments", f"{count} empty ones", f(kind, question, fin=False) + f(CONTINUATION, fin=False) * count, {1008}, encoding)


def misplaced(encoding, kind, question):
    for fin in (True, False):
        what = "final" if fin else "not final"
        for payload in (b"", question):
            yield ends("fragments", f"a continuation of nothing, {what}, {len(payload)} bytes", f(CONTINUATION, payload, fin=fin), BROKEN, encoding)
        for begun in (TEXT, BINARY):
            for other in (TEXT, BINARY):
                if begun == kind:
                    yield ends("fragments", f"{NAMES[other]}, {what}, within a message", f(begun, question[:3], fin=False) + f(other, question, fin=fin), BROKEN, encoding)
    yield ends("fragments", "a continuation behind a whole message", f(kind, question) + f(CONTINUATION, question), BROKEN, encoding,
               answers=(("r", "pong"),), answers_may_miss=True)
    yield ends("fragments", "a continuation behind a ping", f(PING) + f(CONTINUATION, question), BROKEN, encoding, pongs=(b"",))
    yield ends("fragments", "a continuation behind a message in two", b"".join(evenly(kind, question, 2)) + f(CONTINUATION, question), BROKEN, encoding,
               answers=(("r", "pong"),), answers_may_miss=True)


def between(encoding, kind, question):
    """Control frames between the fragments of a message (section 5.4)."""
    three, nine = evenly(kind, question, 3), evenly(kind, question, 9)
    yield answered("fragments", "a ping between two", three[0] + f(PING, b"now") + three[1] + three[2], encoding, pongs=(b"now",))
    yield answered("fragments", "a ping of 125 bytes between two", three[0] + f(PING, b"n" * 125) + three[1] + three[2], encoding, pongs=(b"n" * 125,))
    yield answered("fragments", "an empty ping between two", three[0] + three[1] + f(PING) + three[2], encoding, pongs=(b"",))
    yield answered("fragments", "a pong between two", three[0] + f(PONG, b"why") + three[1] + three[2], encoding)
    yield answered("fragments", "a ping before each of nine", b"".join(f(PING, str(i).encode()) + each for i, each in enumerate(nine)), encoding,
                   pongs=tuple(str(i).encode() for i in range(9)))
    yield answered("fragments", "pings and pongs in turn", b"".join(f(PONG if i % 2 else PING, b"x") + each for i, each in enumerate(nine)), encoding, pongs=(b"x",) * 5)
    yield ends("fragments", "a close between two", three[0] + f(CLOSE, b"\x03\xe8") + three[1], {1000}, encoding)
    yield ends("fragments", "an unmasked ping between two", three[0] + f(PING, mask=False) + three[1], BROKEN, encoding)


# --- Control frames -------------------------------------------------------------------------------


def control():
    every_byte = bytes(range(125))
    for encoding in ENCODINGS:
        for size in (0, 1, 2, 64, 124, 125):
            yield Case("control frames", f"{encoding}: a ping of {size} bytes", f(PING, every_byte[:size]), pongs=(every_byte[:size],), encoding=encoding)
            yield Case("control frames", f"{encoding}: a pong of {size} bytes that nobody asked for", f(PONG, every_byte[:size]), encoding=encoding)
        yield Case("control frames", f"{encoding}: a ping of bytes that are no UTF-8", f(PING, bytes(range(130, 255))), pongs=(bytes(range(130, 255)),), encoding=encoding)
        yield Case("control frames", f"{encoding}: nine pings", b"".join(f(PING, bytes([i])) for i in range(9)), pongs=tuple(bytes([i]) for i in range(9)), encoding=encoding)
        yield answered("control frames", "a question between pings", f(PING, b"1") + f(KIND[encoding], ping(encoding)) + f(PING, b"2"), encoding, pongs=(b"1", b"2"))
        yield Case("control frames", f"{encoding}: a ping before hello", f(PING, b"early"), pongs=(b"early",), encoding=encoding, welcomed=False)
        yield Case("control frames", f"{encoding}: a pong before hello", f(PONG, b"early"), encoding=encoding, welcomed=False)
    for opcode in (CLOSE, PING, PONG):
        for size in (126, 127, 200, 1000, 65535, 65536):
            yield ends("control frames", f"a {NAMES[opcode]} of {size} bytes", f(opcode, b"\x03\xe8" + b"a" * (size - 2)), BROKEN)
        for payload in (b"", b"\x03\xe8"):
            yield ends("control frames", f"a {NAMES[opcode]} of {len(payload)} bytes that is not final", f(opcode, payload, fin=False), BROKEN)
        yield ends("control frames", f"a {NAMES[opcode]} in two", f(opcode, b"\x03", fin=False) + f(CONTINUATION, b"\xe8"), BROKEN)
        yield ends("control frames", f"a {NAMES[opcode]} in the form for more", long_form(opcode, b"\x03\xe8", 126), BROKEN)
        yield ends("control frames", f"half a {NAMES[opcode]}, and the end", f(opcode, b"\x03\xe8abc")[:8], {0}, half_close=True)
    for opcode in (PING, PONG):
        yield ends("control frames", f"60 {NAMES[opcode]} at once", f(opcode, b"x") * 60, {1008}, pongs=None)


# --- Closing --------------------------------------------------------------------------------------


def closing():
    def close(code, reason=b""):
        return f(CLOSE, struct.pack(">H", code) + reason)

    for code in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 3000, 3999, 4000, 4401, 4999):
        yield ends("closing", f"code {code}", close(code), {code}, "msgpack" if code % 2 else "json")
    yield ends("closing", "code 1014", close(1014), {1002, 1014})  # registered after the RFC
    for code in (0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999):
        yield ends("closing", f"code {code}", close(code), BROKEN)
    for code in (5000, 65535):  # the RFC does not say
        yield ends("closing", f"code {code}", close(code), {1002, code})
    yield ends("closing", "no code", f(CLOSE), {1000, 1005})
    yield ends("closing", "one byte", f(CLOSE, b"\x03"), BROKEN)
    for reason in (b"a", b"a" * 122, b"a" * 123, "κόσμε".encode(), "\U0010ffff".encode(), b"\0", "é".encode() * 61):
        yield ends("closing", f"a reason of {len(reason)} bytes, {reason[:8]!r}", close(1000, reason), {1000})
    yield ends("closing", "a reason of 124 bytes", close(1000, b"a" * 124), BROKEN)
    for reason in (b"\xff", b"\xc3", b"\xe2\x82", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf4\x90\x80\x80", b"a" * 122 + b"\xc3", b"\x80"):
        yield ends("closing", f"a reason that is no UTF-8, {reason[-4:]!r}", close(1000, reason), {1002, 1007})
    for encoding in ENCODINGS:
        kind, question = KIND[encoding], ping(encoding)
        good = close(1000)
        for name, data in (("a question", f(kind, question)), ("a ping", f(PING, b"x")), ("another close", close(1001)), ("half a message", f(kind, question, fin=False)),
                           ("what breaks every rule", b"\xff" * 100), ("many questions", f(kind, question) * 200)):
            yield ends("closing", f"{name} behind the close", good + data, {1000}, encoding)
        yield ends("closing", "a close behind a question", f(kind, question) + good, {1000}, encoding, answers=(("r", "pong"),), answers_may_miss=True)
        yield ends("closing", "a close behind a ping", f(PING, b"x") + good, {1000}, encoding, pongs=(b"x",))
        yield ends("closing", "a close before hello", good, {1000}, encoding, welcomed=False)


def frame_cases():
    """All of them, in the order of the RFC."""
    yield from lengths()
    yield from reserved()
    yield from masks()
    yield from fragments()
    yield from control()
    yield from closing()
