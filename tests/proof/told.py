# What a journal shows a server to have said: answers and events, each with the number of the record that finished it.
import collections
import json
import re

import journal as j
from client import decode

TEXT, BINARY, CONTINUED, CONTROL = 1, 2, 0, 8
HEAD_END = b"\r\n\r\n"


class Stream:
    """The bytes of one connection, taken apart."""

    def __init__(self):
        self.bytes = bytearray()
        self.is_websocket = None  # nobody knows yet
        self.begun = bytearray()  # a message whose last frame has not come
        self.opcode = TEXT

    def envelopes(self, data):
        """The envelopes that the bytes complete; over REST, the events of pages."""
        self.bytes += data
        if self.is_websocket is None and (end := self.bytes.find(HEAD_END)) >= 0:
            self.is_websocket = self.bytes.startswith(b"HTTP/1.1 101")
            del self.bytes[:end + len(HEAD_END) if self.is_websocket else 0]
        return self._of_frames() if self.is_websocket else self._of_answers()

    def _of_answers(self):
        while (end := self.bytes.find(HEAD_END)) >= 0:
            length, body = re.search(rb"(?i)\ncontent-length: (\d+)", self.bytes[:end]), end + len(HEAD_END)
            if len(self.bytes) < (after := body + int(length[1] if length else 0)):
                return
            answer = bytes(self.bytes[body:after])
            del self.bytes[:after]
            yield from json.loads(answer or b"{}").get("events", [])

    def _of_frames(self):
        while (message := self._message()) is not None:
            opcode, payload = message
            yield from decode("json", payload.decode()) if opcode == TEXT else decode("msgpack", payload)

    def _message(self):
        while (frame := self._frame()) is not None:
            first, payload = frame
            opcode = first & 15
            if opcode >= CONTROL:
                continue
            if opcode != CONTINUED:
                self.opcode = opcode
            self.begun += payload
            if first & 128:
                whole, self.begun = bytes(self.begun), bytearray()
                return self.opcode, whole
        return None

    def _frame(self):
        """First byte and payload of a frame; a server's are not masked."""
        if len(self.bytes) < 2:
            return None
        length, at = self.bytes[1] & 127, 2
        if length >= 126:
            size = 2 if length == 126 else 8
            if len(self.bytes) < 2 + size:
                return None
            length, at = int.from_bytes(self.bytes[2:2 + size], "big"), 2 + size
        if len(self.bytes) < at + length:
            return None
        first, payload = self.bytes[0], bytes(self.bytes[at:at + length])
        del self.bytes[:at + length]
        return first, payload


def told(journal):
    """(number, envelope) of everything that was said over WebSocket, and of the events of pages over REST, in order."""
    streams = collections.defaultdict(Stream)
    for number, record in enumerate(journal.records):
        if record.kind == j.TOLD:
            for envelope in streams[record.file].envelopes(record.data):
                yield number, envelope
