# A row that its time, or the whole run's, cuts off has not passed, and a mutant counts as killed when the row it belongs to found it.
import pathlib
import sys
import tempfile
import types
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE / "rows"), str(HERE.parent / "journeys")]

import k_mutants
from prove import run_row
from row import NotHere

OPTIONS = types.SimpleNamespace(size="full", seed=1, server=pathlib.Path("/none"))
ALL = {name: [row] for name, row in k_mutants.ROW_OF.items()}


class Times(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        module = pathlib.Path(place.name) / "endless.py"
        module.write_text("import time\n\n\ndef run(size, server):\n    time.sleep(60)\n")
        self.row = types.SimpleNamespace(id="X", module=module, full=1)

    def test_a_row_that_takes_too_long_has_failed(self):
        self.assertEqual(run_row(self.row, OPTIONS)["failures"], ["not done within 1 s"])

    def test_a_row_that_the_end_of_the_run_cuts_off_was_not_run(self):
        self.assertEqual(run_row(self.row, OPTIONS, left=0.5)["status"], "not run")


class Mutants(unittest.TestCase):
    def test_all_killed(self):
        came = k_mutants.told(ALL, [], [])
        self.assertEqual((came.tried, came.failures), (len(ALL), []))
        self.assertIn(f"{len(ALL)} / {len(ALL)} mutants killed", came.notes)

    def test_one_that_another_row_found_is_not_killed(self):
        self.assertEqual(k_mutants.told({**ALL, "no_sync": ["B3"]}, [], []).failures, ["not noticed by A3: no_sync"])

    def test_with_one_that_was_not_tried_the_row_has_not_passed(self):
        results = {name: found for name, found in ALL.items() if name != "unlocked_counter"}
        with self.assertRaisesRegex(NotHere, "not tried: unlocked_counter"):
            k_mutants.told(results, [], ["no build"])
        self.assertEqual(k_mutants.told({**results, "no_sync": []}, [], ["no build"]).failures, ["not noticed by A3: no_sync"])

    def test_a_row_that_came_to_no_end_has_noticed_nothing(self):
        self.assertTrue(k_mutants.noticed({"status": "failed", "what": "histories"}))
        self.assertFalse(k_mutants.noticed({"status": "failed", "what": ""}))
        self.assertFalse(k_mutants.noticed({"status": "passed", "what": "histories"}))


if __name__ == "__main__":
    unittest.main()
