# Reads what a server writes as RFC 6455, section 5, has it, and forgives nothing.
import struct

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


class Broken(Exception):
    """A server's frame that must not be."""


class FrameReader:
    """Bytes in, frames out. Our server promises never to cut a message, so that is held against it, too."""

    def __init__(self):
        self.rest = b""

    def feed(self, data):
        """The frames that are whole by now, as (opcode, payload)."""
        self.rest += data
        found = []
        while (one := self._take()) is not None:
            found.append(one)
        return found

    def _take(self):
        if len(self.rest) < 2:
            return None
        opcode = self._opcode()
        sized = self._size()
        if sized is None:
            return None
        size, head = sized
        if len(self.rest) < head + size:
            return None
        payload, self.rest = self.rest[head:head + size], self.rest[head + size:]
        return opcode, payload

    def _opcode(self):
        first, second = self.rest[0], self.rest[1]
        opcode = first & 0x0F
        if first & 0x70:
            raise Broken("reserved bits are set")
        if opcode not in (CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG):
            raise Broken(f"there is no opcode {opcode}")
        if second & 0x80:
            raise Broken("a server masks nothing")
        if opcode >= CLOSE and (not first & 0x80 or second > 125):
            raise Broken("a control frame in pieces or too long")
        if opcode == CONTINUATION or not first & 0x80:
            raise Broken("this server cuts no message")
        return opcode

    def _size(self):
        """The payload's bytes and the head's, once they are known."""
        short = self.rest[1] & 0x7F
        if short < 126:
            return short, 2
        form, head, least = (">H", 4, 126) if short == 126 else (">Q", 10, 65536)
        if len(self.rest) < head:
            return None
        size = struct.unpack(form, self.rest[2:head])[0]
        if size < least or size >> 63:
            raise Broken(f"{size} bytes in a head of {head}")
        return size, head


def broken_close(payload):
    """What is wrong with the payload of a close frame; nothing when it may be sent (sections 5.5.1 and 7.4)."""
    if not payload:
        return None
    if len(payload) == 1:
        return "a close frame of one byte"
    code = struct.unpack(">H", payload[:2])[0]
    if not (1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code):  # of 5000 and more the RFC says nothing
        return f"a close frame with {code}"
    try:
        payload[2:].decode()
    except UnicodeDecodeError:
        return "a reason that is no UTF-8"
    return None


def close_code(payload):
    """The code of a close frame; 1005 when it has none (section 7.1.5)."""
    return struct.unpack(">H", payload[:2])[0] if len(payload) >= 2 else 1005
