# What a test run or a linter has left is taken for this commit only, and a failure in it is one.
import pathlib
import sys
import tempfile
import unittest
import unittest.mock

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent)]

import left
from row import NotRun

SUITE = """<testsuite name="x" tests="4" failures="1" skipped="2" timestamp="2026-01-01T00:00:00" time="12">
<testcase name="good" status="run"/><testcase name="bad" status="fail"><failure message=""/></testcase>
<testcase name="gone" status="notrun"><skipped message="Unable to find executable"/></testcase>
<testcase name="left out" status="notrun"><skipped message="SKIP_RETURN_CODE=77"/></testcase></testsuite>"""


class Left(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.TemporaryDirectory()
        self.addCleanup(self.place.cleanup)
        root = pathlib.Path(self.place.name)
        self.folder = root / "build/asan"
        self.folder.mkdir(parents=True)
        self.of("abc", root)

    def of(self, commit, root):
        for name, value in (("ROOT", root), ("commit", lambda: commit)):
            patch = unittest.mock.patch.object(left, name, value)
            patch.start()
            self.addCleanup(patch.stop)

    def test_failures_of_this_commit_are_told(self):
        (self.folder / "results-abc.xml").write_text(SUITE)
        came = left.tests_run("asan", "./dev test")
        self.assertEqual((came.tried, came.failures), (3, ["bad", "gone"]))

    def test_another_commit_says_nothing(self):
        (self.folder / "results-abd.xml").write_text(SUITE)
        self.assertRaises(NotRun, left.tests_run, "asan", "./dev test")

    def test_a_changed_tree_says_nothing(self):
        (self.folder / "results-abc+.xml").write_text(SUITE)
        self.of("abc+", self.folder.parent.parent)
        self.assertRaises(NotRun, left.tests_run, "asan", "./dev test")


if __name__ == "__main__":
    unittest.main()
