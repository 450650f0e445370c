# Tests of the conformance client: a server that breaks the RFC is found out, whichever way it does.
import dataclasses
import pathlib
import struct
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "journeys")]

from conformance import Case, Transcript, judge  # noqa: E402: only now is it found
from frame_cases import evenly, frame_cases, long_form, ping  # noqa: E402
from frame_reader import BINARY, CLOSE, PING, PONG, TEXT, Broken, FrameReader, broken_close  # noqa: E402
from handshake_cases import accepted, good, handshakes  # noqa: E402
from handshake_cases import judge as judge_handshake  # noqa: E402
from raw_socket import KEY, frame  # noqa: E402
from text_cases import text_cases  # noqa: E402


def code(number, reason=b""):
    return struct.pack(">H", number) + reason


ANSWER = (TEXT, b'{"type":"pong","ref":"r"}')
CASE = Case("a section", "a case", b"", answers=(("r", "pong"),), pongs=(b"x",))
GOOD = Transcript([(PONG, b"x"), ANSWER])
ENDING = Case("a section", "an end", b"", close=frozenset({1002}))
ENDED = Transcript([(CLOSE, code(1002))], ended=True)


class Judging(unittest.TestCase):
    def found(self, case, seen, what):
        faults = judge(case, seen)
        self.assertTrue(any(what in each for each in faults), (what, faults))

    def test_a_good_server_is_found_to_be_one(self):
        self.assertEqual(judge(CASE, GOOD), [])
        self.assertEqual(judge(ENDING, ENDED), [])

    def test_what_is_missing_is_found(self):
        self.found(CASE, Transcript([ANSWER]), "pongs")
        self.found(CASE, Transcript([(PONG, b"x")]), "answers")
        self.found(ENDING, Transcript([], ended=True), "without a close frame")
        self.found(ENDING, Transcript(), "not ended")
        self.found(ENDING, Transcript([(CLOSE, code(1002))]), "not ended")

    def test_what_is_wrong_is_found(self):
        self.found(CASE, Transcript([(PONG, b"y"), ANSWER]), "pongs")
        self.found(CASE, Transcript([(PONG, b"x"), (PONG, b"x"), ANSWER]), "pongs")
        self.found(CASE, Transcript([(PONG, b"x"), ANSWER, ANSWER]), "answers")
        self.found(CASE, Transcript([(PONG, b"x"), (TEXT, b'{"type":"error","ref":"r","code":"internal"}')]), "answers")
        self.found(CASE, Transcript([(PONG, b"x"), (BINARY, b"\x82\xa4type\xa4pong\xa3ref\xa1r")]), "unreadable")
        self.found(CASE, Transcript([(PONG, b"x"), (TEXT, b"\xff")]), "unreadable")
        self.found(CASE, Transcript([(PONG, b"x"), ANSWER], ended=True), "ended")
        self.found(CASE, Transcript([(PONG, b"x"), ANSWER, (CLOSE, code(1000))]), "closed")

    def test_an_end_that_is_wrong_is_found(self):
        self.found(ENDING, Transcript([(CLOSE, code(1007))], ended=True), "instead of")
        self.found(ENDING, Transcript([(CLOSE, b"")], ended=True), "instead of")
        self.found(ENDING, Transcript([(CLOSE, code(1002)), (PONG, b"")], ended=True), "behind the close")
        self.found(ENDING, Transcript([(CLOSE, code(1002)), (CLOSE, code(1002))], ended=True), "behind the close")
        self.found(ENDING, Transcript([(CLOSE, code(1002, b"\xff"))], ended=True), "no UTF-8")
        self.found(dataclasses.replace(ENDING, close=frozenset({1006})), Transcript([(CLOSE, code(1006))], ended=True), "a close frame with 1006")
        self.found(dataclasses.replace(ENDING, close=frozenset({1005})), Transcript([(CLOSE, b"\x03")], ended=True), "one byte")

    def test_an_answer_may_be_overtaken_only_where_it_may(self):
        late = dataclasses.replace(CASE, close=frozenset({1000}), pongs=())
        seen = Transcript([(CLOSE, code(1000))], ended=True)
        self.found(late, seen, "answers")
        self.assertEqual(judge(dataclasses.replace(late, answers_may_miss=True), seen), [])


class Reading(unittest.TestCase):
    def test_frames_are_read_however_they_come(self):
        for size in (0, 1, 125, 126, 127, 65535, 65536):
            whole = frame(BINARY, b"z" * size, mask=False) + frame(PING, b"p", mask=False)
            for piece in (1, 2, 997, len(whole)):
                if size > 200 and piece < 900:
                    continue
                reader, found = FrameReader(), []
                for begin in range(0, len(whole), piece):
                    found += reader.feed(whole[begin:begin + piece])
                self.assertEqual(found, [(BINARY, b"z" * size), (PING, b"p")])

    def test_broken_frames_are_found(self):
        for what, data in (("masked", frame(TEXT, b"a")), ("reserved", frame(TEXT, b"a", mask=False, reserved=4)), ("opcode", frame(3, b"a", mask=False)),
                           ("cut", frame(TEXT, b"a", mask=False, fin=False)), ("control in pieces", frame(PING, b"a", mask=False, fin=False)),
                           ("long control", frame(PONG, b"a" * 126, mask=False)), ("126 for 5", b"\x81\x7e\x00\x05hello"),
                           ("127 for 5", b"\x81\x7f\0\0\0\0\0\0\0\x05hello"), ("127 for 65535", b"\x81\x7f\0\0\0\0\0\0\xff\xff"), ("a top bit", b"\x81\x7f\x80" + b"\0" * 7)):
            with self.assertRaises(Broken, msg=what):
                FrameReader().feed(data)

    def test_close_payloads(self):
        for payload in (b"", code(1000), code(4999, "ü".encode()), code(1012)):
            self.assertIsNone(broken_close(payload))
        for payload in (b"\x03", code(999), code(1004), code(1005), code(1006), code(1015), code(2999), code(1000, b"\xc3")):
            self.assertIsNotNone(broken_close(payload))


class Table(unittest.TestCase):
    def test_it_has_hundreds_of_cases_with_names_of_their_own(self):
        cases = [*frame_cases(), *text_cases()]
        self.assertGreater(len(cases), 300)
        names = [(case.section, case.name) for case in cases]
        self.assertEqual(sorted({name for name in names if names.count(name) > 1}), [])
        self.assertGreater(len({case.name for case in handshakes()}), 30)

    def test_what_is_built_is_what_was_meant(self):
        self.assertEqual(len(ping("json", size=70)), 70)
        self.assertEqual(len(ping("msgpack", size=65536)), 65536)
        self.assertEqual(b"".join(each[-1:] for each in evenly(TEXT, b"abc", 3)), b"".join(frame(0, each, key=b"\x37\xfa\x21\x3d")[-1:] for each in (b"a", b"b", b"c")))
        self.assertEqual(long_form(TEXT, b"", 126)[:4], b"\x81\xfe\0\0")
        self.assertEqual(long_form(TEXT, b"ab", 127)[:10], b"\x81\xff\0\0\0\0\0\0\0\x02")
        self.assertEqual(long_form(TEXT, b"ab", 127)[10:], frame(TEXT, b"ab", key=b"\x37\xfa\x21\x3d")[2:])
        self.assertEqual(long_form(TEXT, b"a" * 200, 127)[10:], frame(TEXT, b"a" * 200, key=b"\x37\xfa\x21\x3d")[4:])


class Handshakes(unittest.TestCase):
    SAID = {"sec-websocket-accept": accepted(KEY), "upgrade": "websocket", "connection": "Upgrade"}

    def test_the_key_of_the_journeys(self):
        self.assertEqual(accepted(KEY), "BACScCJPNqyz+UBoqMH89VmURoA=")

    def test_planted_faults_are_found(self):
        case = good("plain")
        self.assertEqual(judge_handshake(case, 101, self.SAID), [])
        for wrong in ({"sec-websocket-accept": "x"}, {"sec-websocket-protocol": "chat"}, {"sec-websocket-extensions": "permessage-deflate"}, {"upgrade": "h2c"}, {"connection": "close"}):
            self.assertTrue(judge_handshake(case, 101, {**self.SAID, **wrong}), wrong)
        self.assertTrue(judge_handshake(case, 400, {}))
        for case in handshakes():
            if 101 not in case.status:
                self.assertTrue(judge_handshake(case, 101, self.SAID), case.name)


if __name__ == "__main__":
    unittest.main()
