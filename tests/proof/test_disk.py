# The disk loses what it may lose and nothing else.
import pathlib
import random
import sys
import tempfile
import unittest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parent.parent / "journeys")]

import journal as j
from disk import PAGE, SECTOR, Disk, Fate, File, Picture

INODE = 7


def record(kind, data=b"", file=INODE, offset=0, length=0, flags=0):
    return j.Record(kind, flags, file, offset, length, data, 0)


def disk_after(*records):
    disk = Disk()
    for number, each in enumerate(records):
        disk.apply(number, each)
    return disk


def left(disk, way, seed=0):
    image = disk.left_by(Fate(random.Random(seed), way))
    return {path: left.content() if left else None for path, left in image.items()}


MADE = [record(j.CREATED, b"a"), record(j.SYNC, b"", flags=j.OF_DIRECTORY), record(j.SYNCED, offset=1)]
WRITE = record(j.WRITE, b"x" * PAGE, length=PAGE)


class TheDisk(unittest.TestCase):
    def test_what_is_not_synced_may_be_lost(self):
        disk = disk_after(*MADE, WRITE)
        self.assertEqual(left(disk, "nothing"), {"a": b""})
        self.assertEqual(left(disk, "everything"), {"a": b"x" * PAGE})

    def test_what_is_synced_stays(self):
        disk = disk_after(*MADE, WRITE, record(j.SYNC), record(j.SYNCED, offset=4))
        for way in Fate.WAYS:
            self.assertEqual(left(disk, way), {"a": b"x" * PAGE})

    def test_a_sync_that_has_only_begun_saves_nothing(self):
        self.assertEqual(left(disk_after(*MADE, WRITE, record(j.SYNC)), "nothing"), {"a": b""})

    def test_a_sync_saves_nothing_that_was_written_while_it_went_on(self):
        disk = disk_after(*MADE, record(j.SYNC), WRITE, record(j.SYNCED, offset=3))
        self.assertEqual(left(disk, "nothing"), {"a": b""})

    def test_a_synced_write_takes_its_pages_along_and_no_others(self):
        far = record(j.WRITE, b"y" * PAGE, offset=4 * PAGE, length=PAGE)
        head = record(j.WRITE, b"head", length=4)
        disk = disk_after(*MADE, WRITE, far, head, record(j.WRITTEN, offset=5))
        self.assertTrue(left(disk, "nothing")["a"].startswith(b"headxxxx"))
        self.assertNotIn(b"y", left(disk, "nothing")["a"])

    def test_a_sync_that_failed_brings_nothing_to_the_disk_ever(self):
        disk = disk_after(*MADE, WRITE, record(j.SYNC), record(j.FAULT, b"sync"), record(j.SYNC), record(j.SYNCED, offset=6))
        self.assertEqual(left(disk, "everything"), {"a": b""})

    def test_pages_are_torn_at_sectors(self):
        disk = disk_after(*MADE, record(j.WRITE, b"o" * PAGE, length=PAGE), record(j.SYNC), record(j.SYNCED, offset=4), WRITE)
        seen = set()
        for seed in range(50):
            content = left(disk, "sectors", seed)["a"]
            seen.add(bytes(content))
            for at in range(0, PAGE, SECTOR):
                self.assertIn(bytes(content[at:at + SECTOR]), (b"o" * SECTOR, b"x" * SECTOR))
        self.assertGreater(len(seen), 10)

    def test_writes_get_there_in_any_order(self):
        two = [record(j.WRITE, bytes([65 + i]) * PAGE, offset=i * PAGE, length=PAGE) for i in range(2)]
        disk = disk_after(*MADE, *two)
        seen = {bytes(left(disk, "writes", seed)["a"]) for seed in range(200)}
        self.assertIn(b"\0" * PAGE + b"B" * PAGE, seen)

    def test_a_name_is_lost_until_its_directory_is_synced(self):
        disk = disk_after(MADE[0], WRITE, record(j.SYNC), record(j.SYNCED, offset=2))
        self.assertEqual(left(disk, "nothing"), {})

    def test_a_renamed_file_has_one_name_or_the_other(self):
        disk = disk_after(*MADE, record(j.RENAMED, b"a\0b"))
        self.assertEqual({tuple(left(disk, "pages", seed)) for seed in range(50)}, {("a",), ("b",)})

    def test_a_second_name_is_there_or_not(self):
        disk = disk_after(*MADE, record(j.LINKED, b"a\0b"))
        self.assertEqual({tuple(left(disk, "pages", seed)) for seed in range(50)}, {("a",), ("a", "b")})

    def test_exchanged_directories_are_exchanged_or_not(self):
        steps = [record(j.DIRECTORY, b"one"), record(j.DIRECTORY, b"two"), record(j.CREATED, b"one/a"),
                 record(j.RENAMED, b"one\0two", flags=j.EXCHANGED)]
        self.assertEqual(set(left(disk_after(*steps), "everything")), {"one", "two", "two/a"})
        self.assertEqual(set(left(disk_after(*steps), "nothing")), set())

    def test_room_that_was_taken_may_be_missing(self):
        disk = disk_after(*MADE, record(j.ALLOCATED, offset=0, length=3 * PAGE))
        self.assertEqual({len(left(disk, "pages", seed)["a"]) for seed in range(50)}, {0, 3 * PAGE})

    def test_what_was_cut_off_is_zero_when_the_file_grows_again(self):
        file = File(b"x" * 10)
        file.resize(0, 4)
        file.write(1, 8, b"yy")
        self.assertEqual(file.left_by(Fate(random.Random(0), "everything")).content(), b"xxxx\0\0\0\0yy")

    def test_a_picture_shows_exactly_the_image(self):
        dice = random.Random(5)
        made = [record(j.CREATED, name, file=inode) for inode, name in ((INODE, b"a"), (INODE + 1, b"b"))]
        with tempfile.TemporaryDirectory() as place:
            disk, picture = disk_after(*made), Picture(pathlib.Path(place) / "data")
            for number in range(2, 400):
                kind = dice.choice((j.WRITE, j.WRITE, j.WRITE, j.TRUNCATED, j.ALLOCATED, j.SYNC, j.SYNCED))
                if kind == j.SYNCED and disk.syncs:
                    disk.apply(number, record(kind, offset=dice.choice(list(disk.syncs))))
                elif kind != j.SYNCED:
                    disk.apply(number, record(kind, dice.randbytes(dice.choice((10, 5000))), INODE + dice.randrange(2),
                                              dice.randrange(5 * PAGE), dice.randrange(6 * PAGE)))
                image = disk.left_by(Fate(dice))
                picture.show(image)
                found = {path.name: path.read_bytes() for path in picture.place.iterdir()}
                self.assertEqual(found, {path: left.content() for path, left in image.items()}, number)


if __name__ == "__main__":
    unittest.main()
