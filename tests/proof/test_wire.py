# Tests of what the wire's rows stand on: verdicts on documents, bad links, looking for words, and what is found when something is planted.
import asyncio
import base64
import importlib.util
import pathlib
import random
import sys
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "journeys")]

import msgpack  # noqa: E402: only now are the others found
from bad_link import BadLink  # noqa: E402
from documents import REFUSED, TAKEN, UNREADABLE, mapping, of_json, of_msgpack, other_forms, plain, value  # noqa: E402
from ground import Findings, OwnDelay, percentile, tried  # noqa: E402


def row_module(name):
    described = importlib.util.spec_from_file_location(name, HERE / "rows" / f"{name}.py")
    module = importlib.util.module_from_spec(described)
    described.loader.exec_module(module)
    return module


class Documents(unittest.TestCase):
    def test_verdicts_on_msgpack(self):
        for data, wanted in ((b"\x01", TAKEN), (b"\xc0", TAKEN), (b"\x91" * 7 + b"\x01", TAKEN), (b"\x91" * 8 + b"\x01", UNREADABLE), (b"\xc1", UNREADABLE), (b"", UNREADABLE), (b"\x92\x01", UNREADABLE),
                             (b"\xdd\xff\xff\xff\xff", UNREADABLE), (b"\xdb\xff\xff\xff\xff", UNREADABLE), (b"\xc4\x01a", REFUSED), (b"\xd4\x01\x00", REFUSED), (b"\xa1\xff", REFUSED), (b"\x81\x01\x01", REFUSED),
                             (b"\x81\x90\x01", REFUSED), (b"\xcb\x7f\xf8" + b"\0" * 6, REFUSED), (b"\xdc\x04\x01" + b"\x01" * 1025, REFUSED), (b"\xdc\x04\x00" + b"\x01" * 1024, TAKEN), (b"\x01\x02", None),
                             (b"\x82\xa1a\x01\xa1a\x02", TAKEN), (b"\x81\xa9__proto__\x01", REFUSED), (b"\x92\xc4\x01a\xc1", UNREADABLE), (b"\x91" * 600 + b"\x01", UNREADABLE)):
            self.assertEqual(of_msgpack(data), wanted, data[:20])

    def test_verdicts_on_json(self):
        for data, wanted in ((b"1", TAKEN), (b"[" * 7 + b"]" * 7, TAKEN), (b"[" * 8 + b"]" * 8, UNREADABLE), (b"NaN", UNREADABLE), (b"1e999", UNREADABLE), (b'"\\ud800"', UNREADABLE), (b'"\\ud83d\\ude00"', TAKEN),
                             (b"01", UNREADABLE), (b"", UNREADABLE), (b'1,"ref":2', UNREADABLE), (b'1,"y":2', TAKEN), (b'"\xc3\x28"', UNREADABLE), (b'"\x01"', UNREADABLE), (b"1\n", None), (b"1\0", UNREADABLE),
                             (b'{"a":1,"a":2}', TAKEN), (b'{"__proto__":1}', REFUSED), (b"[" + b"1," * 1024 + b"1]", REFUSED), (b"1}", UNREADABLE)):
            self.assertEqual(of_json(data), wanted, data[:20])

    def test_a_value_has_one_text_however_it_is_written(self):
        for seed in range(300):
            dice = random.Random(seed)
            item = value(dice, 5)
            self.assertEqual(plain(msgpack.unpackb(other_forms(dice, item))), plain(item))
        texts = [plain(item) for item in (None, False, 0, 1, 1.5, 1 << 53, "", "1", [], [1], [[1]], {}, {"a": 1}, {"a": 1.5}, {"a": {}})]
        self.assertEqual(len(set(texts)), len(texts))

    def test_documents_stay_within_the_bounds(self):
        dice = random.Random(1)
        for _ in range(300):
            item = value(dice, 7)
            self.assertEqual(of_msgpack(msgpack.packb(item)), TAKEN, item)
            self.assertEqual(msgpack.packb(msgpack.unpackb(other_forms(dice, item))), msgpack.packb(item))
            self.assertIsInstance(mapping(dice, 7), dict)


class Links(unittest.TestCase):
    SAID = bytes(range(256)) * 200  # 50 KB

    async def echoed(self, kind):
        """What comes back through a bad link to a server that echoes."""
        async def echo(reader, writer):
            try:
                while data := await reader.read(4096):
                    writer.write(data)
                    await writer.drain()
                writer.close()
            except ConnectionError:
                pass

        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        link = await BadLink(server.sockets[0].getsockname(), kind, random.Random(7)).open()
        reader, writer = await asyncio.open_connection(*link.address)
        try:
            said = self.SAID[:3000] if kind == "chop" else self.SAID
            writer.write(said)
            writer.write_eof()
            return said, await asyncio.wait_for(reader.read(-1), 30), link.did
        finally:
            writer.transport.abort()
            await link.close()
            server.close()

    def test_what_only_takes_time_changes_nothing(self):
        for kind in ("delay", "chop", "coalesce", "stall"):
            said, heard, did = asyncio.run(self.echoed(kind))
            self.assertEqual(said, heard, kind)
            self.assertGreater(did, 0, kind)

    def test_bytes_are_corrupted(self):
        said, heard, did = asyncio.run(self.echoed("corrupt"))
        self.assertEqual(len(said), len(heard))
        different = sum(a != b for a, b in zip(said, heard))
        self.assertTrue(0 < different <= did, (different, did))

    def test_connections_are_cut_off(self):
        with self.assertRaises(ConnectionError):
            said, heard, _ = asyncio.run(self.echoed("reset"))
            self.assertLess(len(heard), len(said))
            raise ConnectionResetError  # an end before all of it is as good


class Finding(unittest.TestCase):
    def test_a_row_that_raises_has_failed(self):
        async def main(findings):
            findings.check(True, "well")
            raise ValueError("planted")

        came = tried("things", main)
        self.assertEqual((came.tried, came.failures), (1, ["ValueError: planted"]))

    def test_percentiles(self):
        self.assertEqual(percentile([], 0.99), 0.0)
        self.assertEqual(percentile(range(100), 0.99), 99)
        self.assertEqual(percentile([3, 1, 2], 0.5), 2)

    def test_a_process_knows_how_late_it_was_itself(self):
        async def measured():
            own = OwnDelay()
            await asyncio.sleep(0)
            begun = time.monotonic()
            time.sleep(0.2)
            await asyncio.sleep(OwnDelay.TICK)
            held_up = own.since(begun), own.since(time.monotonic())
            own.end()
            return held_up

        late, later = asyncio.run(measured())
        self.assertTrue(0.15 < late and later < late, (late, later))

    def test_words_are_found_wherever_they_are(self):
        canaries = row_module("h5_canaries")
        words = canaries.Words(random.Random(3))
        word = words.at("a body")
        for text, found in ((f"nothing of it {word[:8]}", 0), (f"x{word}y", 1), (word.upper(), 1), (base64.b64encode(word.encode()).decode(), 1)):
            findings = Findings("texts")
            canaries.silent(findings, words, text, "here")
            self.assertEqual(len(findings.failures), found, text)

    def test_neighbours_of_an_origin_are_not_it(self):
        origins = row_module("h1_origins")
        for listed in origins.LISTED:
            near = {each for each in origins.neighbours(listed) if each.strip(" \t") != listed}
            self.assertGreater(len(near), 60)


if __name__ == "__main__":
    unittest.main()
