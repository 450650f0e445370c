# A conformance client for RFC 6455: plays a case against a real server, in pieces of any size, and judges what came back.
import asyncio
import dataclasses
import struct

from client import decode, encode
from frame_reader import BINARY, CLOSE, PONG, TEXT, Broken, FrameReader, broken_close, close_code
from raw_socket import KIND, RawSocket, frame
from support import PATIENCE, require, within

GOOD_BYE = frame(CLOSE, struct.pack(">H", 1000))
ANSWER_PATIENCE = 6  # seconds: a close frame that is not answered is waited for two
PIECES_A_SECOND = 4000  # that a busy machine sends at least


@dataclasses.dataclass(frozen=True)
class Case:
    """What a client sends behind the upgrade, and what must come back."""

    section: str
    name: str
    data: bytes                  # or a function of a token that gives them
    answers: tuple = ()          # (ref, type or error code) of each envelope with a `ref`, in order
    pongs: tuple = ()            # payloads of the pong frames, in order; None: whatever comes
    close: frozenset = None      # codes of which the server closes with one, 0 for an end without; None: it goes on
    encoding: str = "json"
    welcomed: bool = True        # whether `hello` has been answered before
    answers_may_miss: bool = False  # a close right behind a question may overtake its answer
    half_close: bool = False     # the client's end of the stream comes behind the data

    def bytes_for(self, token):
        return self.data(token) if callable(self.data) else self.data


@dataclasses.dataclass
class Transcript:
    """What the server sent, as frames, and whether it ended the connection."""

    frames: list = dataclasses.field(default_factory=list)
    ended: bool = False
    broken: str = ""  # what kept the rest from being read

    def pongs(self):
        return tuple(payload for opcode, payload in self.frames if opcode == PONG)

    def closes(self):
        return [payload for opcode, payload in self.frames if opcode == CLOSE]

    def answers(self, encoding):
        """(ref, type or error code) of each answer; fails on what is in no envelope of that encoding."""
        found = []
        for opcode, payload in self.frames:
            if opcode not in (TEXT, BINARY):
                continue
            require(opcode == KIND[encoding], "a message is of the agreed kind", opcode)
            for each in decode(encoding, payload if opcode == BINARY else payload.decode()):
                if "ref" in each:
                    found.append((each["ref"], each["code"] if each["type"] == "error" else each["type"]))
        return tuple(found)


# --- Judging --------------------------------------------------------------------------------------


def judge(case, seen):
    """What is wrong with the server's part of a case; nothing when all is well."""
    if seen.broken:
        return [seen.broken]
    faults = []
    if case.pongs is not None and seen.pongs() != case.pongs:
        faults.append(f"pongs {short(seen.pongs())} instead of {short(case.pongs)}")
    try:
        answers = seen.answers(case.encoding)
    except Exception as fault:  # whatever it cannot read is the server's fault
        return [*faults, f"an unreadable message: {fault!r}"]
    if answers != case.answers and not (case.answers_may_miss and answers == ()):
        faults.append(f"answers {short(answers)} instead of {short(case.answers)}")
    return faults + judge_end(case, seen)


def judge_end(case, seen):
    closes = seen.closes()
    if case.close is None:
        return [f"closed with {[close_code(each) for each in closes]}, ended: {seen.ended}"] if closes or seen.ended else []
    if not seen.ended:
        return [f"not ended, closes {[close_code(each) for each in closes]}"]
    if not closes:
        return [] if 0 in case.close else [f"ended without a close frame instead of one of {sorted(case.close)}"]
    faults = []
    if len(closes) > 1 or seen.frames[-1][0] != CLOSE:
        faults.append("something comes behind the close frame")
    if broken_close(closes[0]):
        faults.append(broken_close(closes[0]))
    if close_code(closes[0]) not in case.close:
        faults.append(f"closed with {close_code(closes[0])} instead of one of {sorted(case.close)}")
    return faults


def short(what):
    text = repr(what)
    return text if len(text) < 120 else f"{text[:100]}… ({len(what)})"


# --- Playing --------------------------------------------------------------------------------------


async def send_in_pieces(raw, data, size):
    """Writes `size` bytes at a time, or all at once for 0; what the server reads at a time is its kernel's choice."""
    if size == 0:
        return await raw.send(data)
    try:
        for count, begin in enumerate(range(0, len(data), size)):
            raw.writer.write(data[begin:begin + size])
            if count % 16 == 15:
                await raw.writer.drain()
                await asyncio.sleep(0)
    except (ConnectionError, RuntimeError):
        pass  # it has closed already, and what it said is read all the same
    return None


class Player:
    """Takes one connection through a case."""

    def __init__(self, raw, case):
        self.raw = raw
        self.case = case
        self.reader = FrameReader()
        self.seen = Transcript()
        self.patience = ANSWER_PATIENCE

    async def read(self):
        """Takes what has come; a close frame is answered, as the RFC asks (section 5.5.1)."""
        try:
            data = await within(self.patience, self.raw.reader.read(65536), "the server's part")
        except ConnectionError:
            data = b""
        if not data:
            self.seen.ended = True
            return
        frames = self.reader.feed(data)
        self.seen.frames += frames
        if any(opcode == CLOSE for opcode, _ in frames):
            await self.raw.send(GOOD_BYE)

    async def to_the_end(self):
        while not self.seen.ended:
            await self.read()

    async def to_the_end_while(self, sending):
        """Reads while it sends: a server that has closed does not wait for all that is still to come."""
        task = asyncio.create_task(sending)
        try:
            await self.to_the_end()
        finally:
            task.cancel()
        return self.seen

    async def goes_on(self, token):
        """The connection still works, and ends in good order when the client says so."""
        question = {"type": "ping", "ref": "last"} if self.case.welcomed else {"type": "hello", "ref": "last", "token": token}
        self.case = dataclasses.replace(self.case, answers=(*self.case.answers, ("last", "pong" if self.case.welcomed else "welcome")))
        await self.raw.send(frame(KIND[self.case.encoding], encode(self.case.encoding, [question])))
        while not self.seen.ended and ("last", self.case.answers[-1][1]) not in self.seen.answers(self.case.encoding):
            await self.read()
        said, self.seen = self.seen, Transcript(ended=self.seen.ended)
        await self.raw.send(GOOD_BYE)
        await self.to_the_end()
        bye = [close_code(each) for each in self.seen.closes()]
        self.seen = said
        if bye != [1000] and not said.ended:
            self.seen.broken = f"a good close is answered with {bye}"

    async def play(self, token, size):
        """Sends the case in pieces and reads what comes; what cannot be read is in the transcript, too."""
        data = self.case.bytes_for(token)
        self.patience = ANSWER_PATIENCE + (len(data) / size / PIECES_A_SECOND if size else 0)
        try:
            if self.case.close is not None and not self.case.half_close:
                return await self.to_the_end_while(send_in_pieces(self.raw, data, size))
            await send_in_pieces(self.raw, data, size)
            if self.case.half_close:
                self.raw.half_close()
            await (self.goes_on(token) if self.case.close is None else self.to_the_end())
        except Broken as fault:
            self.seen.broken = f"a broken frame: {fault}"
        except Exception as fault:  # no answer in time, or one that cannot be read
            self.seen.broken = f"{fault}; so far {short(self.seen.frames)}"
        return self.seen


async def played(server, token, case, size):
    """The faults of one case, its bytes sent in pieces of `size`."""
    raw = await RawSocket.upgraded(server, case.encoding, token if case.welcomed else None)
    player = Player(raw, case)
    try:
        seen = await within(2 * PATIENCE, player.play(token, size), "the case's end")
    finally:
        raw.end()
    return judge(player.case, seen)
