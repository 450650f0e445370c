# Planted faults are found in histories, and a server's words are read as they were sent.
import pathlib
import sys
import unittest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parent.parent / "journeys")]

import journal as j
from report import bound
from told import told
from truth import Truth

ROOM = "room"


def message(seq, client_id, body=None):
    return {"type": "message", "conversation": ROOM, "seq": seq, "client_id": client_id, "body": body or f"body of {client_id}"}


def truth():
    made = Truth()
    for number, client_id in enumerate("abc"):
        made.asks(f"ref-{number}", ROOM, client_id, f"body of {client_id}")
    return made


GOOD = {(ROOM, 1): message(1, "a"), (ROOM, 2): message(2, "b"), (ROOM, 3): message(3, "c")}
OWED = [(10, (ROOM, 1), "a"), (20, (ROOM, 2), "b"), (30, (ROOM, 3), "c")]


class Truths(unittest.TestCase):
    def found(self, events, cut=100, owed=OWED):
        return [fault.partition(":")[0] for fault in truth().faults(events, owed, cut)]

    def test_a_good_history_is_good(self):
        self.assertEqual(self.found(GOOD), [])

    def test_a_lost_message_is_found_from_its_acknowledgement_on(self):
        events = {place: event for place, event in GOOD.items() if place[1] < 3}
        self.assertEqual(self.found(events), ["lost"])
        self.assertEqual(self.found(events, cut=30), [])

    def test_a_hole_is_found(self):
        events = {place: event for place, event in GOOD.items() if place[1] != 2}
        self.assertEqual(self.found(events, cut=0), ["hole"])

    def test_a_message_of_nobody_is_found(self):
        self.assertEqual(self.found({**GOOD, (ROOM, 4): message(4, "d")}), ["phantom"])

    def test_another_body_is_found_again_and_again(self):
        events, judging = {**GOOD, (ROOM, 2): message(2, "b", "something else")}, truth()
        for _ in range(2):
            self.assertEqual([fault.partition(":")[0] for fault in judging.faults(events, OWED, 100)], ["changed"])

    def test_a_message_that_is_there_twice_is_found(self):
        self.assertEqual(self.found({**GOOD, (ROOM, 4): message(4, "c")}), ["twice"])

    def test_a_message_is_only_deleted_when_somebody_asked_for_it(self):
        events = {**GOOD, (ROOM, 2): {"type": "message", "conversation": ROOM, "seq": 2, "deleted": True}}
        self.assertEqual(self.found(events), ["deleted"])
        judging = truth()
        judging.asks_to_delete(ROOM, 2)
        self.assertEqual(list(judging.faults(events, OWED, 100)), [])

    def test_a_message_at_another_number_is_found(self):
        events = {(ROOM, 1): message(1, "b"), (ROOM, 2): message(2, "a"), (ROOM, 3): message(3, "c")}
        self.assertEqual(self.found(events), ["another", "another"])


class Words(unittest.TestCase):
    def journal(self, *pieces):
        made = j.Journal.__new__(j.Journal)
        made.records = [j.Record(j.TOLD, 0, socket, 0, len(data), data, 0) for socket, data in pieces]
        return made

    def test_an_answer_counts_from_the_record_that_finishes_it(self):
        frame = b'\x81\x1f{"type":"sent","ref":1,"seq":5}'
        journal = self.journal((1, b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + frame[:7]), (2, b"HTTP/1.1 200 OK\r\n\r\n{}"),
                               (1, frame[7:]))
        self.assertEqual(list(told(journal)), [(2, {"type": "sent", "ref": 1, "seq": 5})])

    def test_a_page_over_rest_counts_from_the_record_that_finishes_it(self):
        page = b'{"events":[{"type":"message","seq":5},{"type":"left","seq":6}]}'
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(page) + page
        journal = self.journal((1, b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}" + answer[:50]), (1, answer[50:]))
        self.assertEqual([(number, event["seq"]) for number, event in told(journal)], [(1, 5), (1, 6)])

    def test_frames_of_every_length_are_read(self):
        for size in (10, 200, 70_000):
            text = b'{"type":"x","body":"' + b"y" * size + b'"}'
            head = (bytes([0x81, len(text)]) if len(text) < 126 else
                    b"\x81\x7e" + len(text).to_bytes(2, "big") if len(text) < 65536 else b"\x81\x7f" + len(text).to_bytes(8, "big"))
            words = list(told(self.journal((1, b"HTTP/1.1 101 x\r\n\r\n"), (1, b"\x89\x00" + head + text))))
            self.assertEqual(len(words[0][1]["body"]), size)


class Bounds(unittest.TestCase):
    def test_the_rule_of_three(self):
        result = {"status": "passed", "tried": 1000, "bounded": True}
        self.assertEqual(bound(result), "less than 0.003 each at 95 %")
        self.assertEqual(bound({**result, "status": "failed"}), "")

    def test_nothing_follows_from_a_list(self):
        self.assertEqual(bound({"status": "passed", "tried": 1000, "bounded": False}), "")


if __name__ == "__main__":
    unittest.main()
