# Random documents in MessagePack and JSON, whole and damaged, and what a server must make of each, by other people's decoders.
import json
import math
import struct

import msgpack

DEPTH = 7         # containers within an envelope (limits: depth 8, with the envelope)
ELEMENTS = 1024
TAKEN, REFUSED, UNREADABLE = "pong", "error", "1007"
TEXTS = ["", "a", "key", "x" * 31, "x" * 32, "x" * 255, "x" * 256, "ü", "日本語", "👩‍🚀", "e\u0301", "\x7f", "quote \" slash \\ / tab \t", "\u2028", "line\u0085", "null", "__PROTO__", "\x00", "\x1f"]
NUMBERS = [0, 1, 31, 32, 127, 128, 255, 256, 65535, 65536, (1 << 31) - 1, 1 << 31, (1 << 32) - 1, 1 << 32, (1 << 53) - 1, 1 << 53, (1 << 53) + 1, (1 << 63) - 1, 1 << 63, (1 << 64) - 1]
REALS = [0.0, -0.0, 1.0, 0.5, 0.1, 1e-9, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 1e21, 1e16, 123456789.125, -1.5e300]


def scalar(dice):
    chosen = dice.randrange(6)
    if chosen == 0:
        return dice.choice([None, True, False])
    if chosen == 1:
        number = dice.choice(NUMBERS) if dice.random() < 0.6 else dice.randrange(1 << dice.choice([8, 16, 32, 53]))
        return -number if number <= 1 << 63 and dice.random() < 0.4 else number
    if chosen == 2:
        return dice.choice(REALS) if dice.random() < 0.5 else dice.uniform(-1e6, 1e6)
    return dice.choice(TEXTS) if dice.random() < 0.7 else "".join(chr(dice.choice([dice.randrange(32, 127), dice.randrange(0xA0, 0xD7FF), dice.randrange(0x10000, 0x10FFFF)])) for _ in range(dice.randrange(12)))


def value(dice, depth):
    """A document with at most so many containers within one another."""
    if depth == 0 or dice.random() < 0.5:
        return scalar(dice)
    if dice.random() < 0.5:
        return [value(dice, depth - 1) for _ in range(dice.choice([0, 1, 2, 3, 5, 16 if depth < 3 else 4]))]
    return mapping(dice, depth)


def mapping(dice, depth):
    return {dice.choice(TEXTS) + str(i): value(dice, depth - 1) for i in range(dice.choice([0, 1, 2, 3, 5, 16 if depth < 3 else 4]))}


# --- What a server must make of an envelope -------------------------------------------------------


class Pairs(list):
    """A map as it was written, with keys of any kind and however often."""


def flaws(item, depth=0):
    """Yields what may not be in a value, and "deep" where it nests beyond the bound."""
    if isinstance(item, Pairs):
        if depth == DEPTH:
            yield "deep"
            return
        if len(item) > ELEMENTS:
            yield "many"
        for name, each in item:
            if not isinstance(name, str) or name == "__proto__":
                yield "a key"
            yield from flaws(name, depth + 1)
            yield from flaws(each, depth + 1)
    elif isinstance(item, (list, tuple)):
        if depth == DEPTH:
            yield "deep"
            return
        if len(item) > ELEMENTS:
            yield "many"
        for each in item:
            yield from flaws(each, depth + 1)
    elif isinstance(item, str):
        if any(0xD800 <= ord(each) <= 0xDFFF for each in item):
            yield "no text"
    elif isinstance(item, float):
        if not math.isfinite(item):
            yield "no number"
    elif not (item is None or isinstance(item, (bool, int))):
        yield "a type"


def verdict(item):
    found = set(flaws(item))
    return UNREADABLE if "deep" in found else REFUSED if found else TAKEN


def msgpack_envelope(ref, data):
    return b"\x83\xa4type\xa4ping\xa3ref" + msgpack.packb(ref) + b"\xa1x" + data


def of_msgpack(data):
    """What must come of these bytes as a value; None where something stands behind it that is another envelope's business."""
    unpacker = msgpack.Unpacker(raw=False, unicode_errors="surrogateescape", strict_map_key=False, object_pairs_hook=Pairs, max_buffer_size=0,
                                max_array_len=len(data), max_map_len=len(data))
    unpacker.feed(data)
    try:
        item = unpacker.unpack()
    except msgpack.OutOfData:
        return UNREADABLE
    except (msgpack.StackError, msgpack.FormatError):
        return UNREADABLE
    except ValueError as why:  # a length beyond all there is, or an extension that is none of Python's
        return UNREADABLE if "exceeds" in str(why) else None
    return verdict(item) if unpacker.tell() == len(data) else None


def plain(item):
    """One text for each value, as journeys/msgpack_values.mjs writes it: whole numbers in digits, others by their bits, keys in order."""
    if item is None or isinstance(item, bool):
        return {None: "null", True: "true", False: "false"}[item]
    if isinstance(item, str):
        return f'"{item.encode().hex()}"'
    if isinstance(item, dict):
        return "{" + ",".join(sorted(f"{plain(name)}:{plain(each)}" for name, each in item.items())) + "}"
    if isinstance(item, list):
        return "[" + ",".join(map(plain, item)) + "]"
    return str(int(item)) if item == int(item) else f"d{struct.pack('>d', item).hex()}"


def json_envelope(ref, data):
    return b'{"type":"ping","ref":' + json.dumps(ref).encode() + b',"x":' + data + b"}"


def refuse(name):
    raise ValueError(name)


def of_json(data):
    """Likewise, of the text that stands for a value in an envelope; None where it has lines of its own."""
    if b"\n" in data or b"\r" in data:
        return None
    if b"\0" in data:
        return UNREADABLE
    try:
        item = json.loads(json_envelope("r", data).decode(), object_pairs_hook=Pairs, parse_constant=refuse)
    except (ValueError, RecursionError):
        return UNREADABLE
    names = [name for name, _ in item]
    if len(set(names)) < len(names):
        return UNREADABLE
    found = {each for name, part in item for each in flaws(part)} | ({"no text"} if any("\ud800" <= letter <= "\udfff" for name in names for letter in name) else set())
    if "deep" in found or "no text" in found or "no number" in found:
        return UNREADABLE  # the parser itself knows of these
    return REFUSED if found else TAKEN


# --- Damage ---------------------------------------------------------------------------------------

HEADS = [b"\xc1", b"\xc4\x00", b"\xc7\x00\x01", b"\xd4\x01\x00", b"\xd6\xff\0\0\0\0", b"\xd9\x02\xc3\x28", b"\xa1\xff", b"\xcb\x7f\xf8\0\0\0\0\0\0", b"\xca\x7f\x80\0\0", b"\x81\x01\x01", b"\x81\xc0\xc0", b"\x81\x90\x01",
         b"\x92\x01\xc4\x01a", b"\xdc\xff\xff", b"\xdd\xff\xff\xff\xff", b"\xdf\0\0\0\x01\xa1a\x01", b"\xdb\0\0\0\x01a", b"\xda\0\x01a", b"\xdc\0\x01\xc0", b"\xcf\0\0\0\0\0\0\0\x01", b"\xd3\0\0\0\0\0\0\0\x01"]
WORDS = [b"NaN", b"-Infinity", b"Infinity", b"1e999", b"-1e999", b"01", b"-", b"+1", b"1.", b".5", b"1e", b"1e+", b"0x1", b"True", b"nul", b'"\\ud800"', b'"\\udc00\\ud800"', b'"\\ud83d\\ude00"', b'"\\x41"', b'"\x01"', b'"\t"',
         b"[1,]", b'{"a":1,}', b'{"a":1,"a":2}', b"{a:1}", b"'a'", b"[1 2]", b'{"a" 1}', b'1,"ref":2', b'1,"y":2', b"/**/1", b"1//", b'"\xc3\x28"', b'"\xed\xa0\x80"', b"-0", b"1E400", b"18446744073709551616", b"[" * 7 + b"]" * 7,
         b"[" * 8 + b"]" * 8, b"1}", b'"a', b"", b" ", b"\xef\xbb\xbf1", b"tru\\u0065"]


def damaged(dice, data, parts):
    """Bytes with one thing changed, cut, put in, or put in the place of all."""
    place = dice.randrange(len(data) + 1)
    what = dice.randrange(5)
    if what == 0 and place < len(data):
        return data[:place] + bytes([dice.randrange(256)]) + data[place + 1:]
    if what == 1:
        return data[:place]
    if what == 2:
        return data[:place] + dice.choice(parts) + data[place:]
    if what == 3:
        return dice.choice(parts)
    return data[:place] + data[place + dice.randint(1, 3):]


def other_forms(dice, item):
    """The same value in MessagePack with longer heads than it takes, at random."""
    if isinstance(item, dict):
        head = dice.choice([b"\xde" + struct.pack(">H", len(item)), b"\xdf" + struct.pack(">I", len(item))])
        return head + b"".join(other_forms(dice, each) for pair in item.items() for each in pair)
    if isinstance(item, list):
        head = dice.choice([b"\xdc" + struct.pack(">H", len(item)), b"\xdd" + struct.pack(">I", len(item))])
        return head + b"".join(other_forms(dice, each) for each in item)
    if isinstance(item, str):
        data = item.encode()
        return dice.choice([b"\xda" + struct.pack(">H", len(data)), b"\xdb" + struct.pack(">I", len(data))]) + data
    if isinstance(item, int) and not isinstance(item, bool):
        return b"\xd3" + struct.pack(">q", item) if item < 1 << 63 else b"\xcf" + struct.pack(">Q", item)
    return msgpack.packb(item)
