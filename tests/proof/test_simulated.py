# A fault that is planted in the simulated engine's clients is found by its seed, repeated bit for bit, and made small.
import os
import pathlib
import sys
import unittest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent)]

from simulated import STEPS, Run, came_of, ranges, shrunk

PROGRAM = pathlib.Path(os.environ.get("PARLEYD_RELEASE", "build/release/parleyd")).resolve().parent / "parley_simulation"
PLANTED = Run(seed=7, overlooked=40)


class Words(unittest.TestCase):
    def test_steps_are_said_as_ranges(self):
        self.assertEqual(ranges([0, 1, 2, 7, 9, 10]), [[0, 3], [7, 8], [9, 11]])

    def test_a_run_says_how_to_repeat_it(self):
        run = Run(3, steps=(0, 1, 5), without=("crash", "cool"))
        self.assertEqual(run.command("sim"), "PARLEY_SEED=3 PARLEY_SEEDS=1 PARLEY_STEPS=0-2,5-6 PARLEY_WITHOUT=crash,cool sim")


@unittest.skipUnless(PROGRAM.exists(), f"needs {PROGRAM}")
class Simulated(unittest.TestCase):
    def test_two_processes_do_the_same(self):
        one, other = came_of(PROGRAM, Run(7)), came_of(PROGRAM, Run(7))
        self.assertIsNone(one.failed, one.words)
        self.assertEqual(one.fingerprint, other.fingerprint)
        self.assertNotEqual(one.fingerprint, came_of(PROGRAM, Run(8)).fingerprint)

    def test_a_planted_fault_is_found_by_its_seed_and_repeated(self):
        one, other = came_of(PROGRAM, PLANTED), came_of(PROGRAM, PLANTED)
        self.assertEqual(one.failed, 7, one.words)
        self.assertEqual(one.words, other.words)

    def test_a_planted_fault_is_made_small(self):
        least, came = shrunk(PROGRAM, PLANTED, tries=60)
        self.assertEqual(came.failed, 7)
        self.assertLess(len(least.steps), STEPS / 20)
        self.assertTrue(least.without)
        self.assertEqual(came_of(PROGRAM, least).words, came.words)


if __name__ == "__main__":
    unittest.main()
