# Tests of the judge of histories: orders that cannot have been are found, whatever is wrong with them.
import pathlib
import random
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "journeys")]

from linear import Operation, faults  # noqa: E402: only now is it found


def title(invoked, returned, seq, value):
    return Operation("title", invoked, returned, seq, value)


def read(invoked, returned, seq, value):
    return Operation("read", invoked, returned, seq, value)


GOOD = [title(1, 4, 2, "a"), title(2, 6, 3, "b"), read(3, 5, 2, "a"), read(7, 8, 3, "b"), Operation("message", 9, 12, 4), read(10, 11, 4, "b"), read(13, 14, 4, "b")]


def atomic(dice, clients, each):
    """A history of a conversation that is one: each operation takes effect at some moment between its times."""
    moments = sorted((dice.random(), client) for client in range(clients) for _ in range(each))
    seq, value, made = 1, "", []
    for number, (moment, _) in enumerate(moments):
        begun, ended = moment - dice.random() * 0.05, moment + dice.random() * 0.05
        if dice.random() < 0.4:
            seq, value = seq + 1, f"t{number}"
            made.append((begun, ended, "title", seq, value))
        else:
            made.append((begun, ended, "read", seq, value))
    times = sorted(time for each in made for time in each[:2])
    return [Operation(kind, times.index(begun), times.index(ended), seq, value) for begun, ended, kind, seq, value in made]


class Judging(unittest.TestCase):
    def test_good_histories_are_good(self):
        self.assertEqual([*faults(GOOD)], [])
        for seed in range(50):
            self.assertEqual([*faults(atomic(random.Random(seed), 4, 10))], [], seed)

    def test_planted_faults_are_found(self):
        for what, bad in (("a stale read", [title(1, 2, 2, "a"), read(3, 4, 1, "")]), ("a read of the future", [read(1, 2, 2, "a"), title(3, 4, 2, "a")]), ("another's value", [title(1, 2, 2, "a"), read(3, 4, 2, "b")]),
                          ("a lost write", [title(1, 2, 2, "a"), title(3, 4, 3, "b"), read(5, 6, 3, "a")]), ("one number twice", [title(1, 4, 2, "a"), title(2, 3, 2, "b")]),
                          ("numbers against time", [title(1, 2, 3, "a"), title(3, 4, 2, "b")]), ("two readers who disagree", [title(1, 9, 2, "a"), read(2, 3, 2, "a"), read(4, 5, 1, "")])):
            self.assertTrue([*faults(bad)], what)

    def test_one_thing_moved_in_a_good_history_is_found(self):
        found = 0
        for seed in range(100):
            dice = random.Random(seed)
            history = atomic(dice, 4, 10)
            index = dice.randrange(len(history))
            old = history[index]
            history[index] = Operation(old.kind, old.invoked, old.returned, old.seq + dice.choice([-6, 6]), old.value)
            found += bool([*faults(history)])
        self.assertGreater(found, 90)


if __name__ == "__main__":
    unittest.main()
