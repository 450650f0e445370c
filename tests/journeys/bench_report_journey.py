# What the bench reports is what was measured: medians, spreads, ratios of the same rounds, fits, gaps and pictures.
import json
import math
import pathlib
import sys
import tempfile
import types
import unittest
from xml.etree import ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench"))

import figures
import plot
import render
import report
import workloads
from workloads import Growth, Place, Target, Workload

COST = "server CPU µs/delivery"


def row(contestant, number, cost, workload="fan", remark="", **more):
    return {"kind": "row", "workload": workload, "contestant": contestant, "round": number, "row": 0,
            "figures": {"members N": 100, COST: cost, **more}, "remark": remark}


def fan(*contestants):
    return Workload("fan", "Fan-out", "fanout", ("--members", "100"), contestants, compare=(COST,))


def rendered(records, workload, targets=(), growths=()):
    return render.report(figures.Results(records), [workload], targets, growths, [])


class Arithmetic(unittest.TestCase):
    def test_the_median_is_the_middle_or_the_mean_of_two(self):
        self.assertEqual(figures.median([3, 1, 2]), 2)
        self.assertEqual(figures.median([4, 1, 2, 3]), 2.5)
        self.assertIsNone(figures.median([]))

    def test_a_figure_that_is_not_known_is_left_out(self):
        series = figures.Results([row("parley", 1, 4.0), row("parley", 2, None), row("parley", 3, 6.0)])
        series = series.at("fan", "parley")
        self.assertEqual(series.median(COST), 5)
        self.assertEqual(series.spread(COST), (4, 6))
        self.assertIsNone(series.spread("another"))

    def test_a_ratio_is_of_the_rounds_that_both_have(self):
        results = figures.Results([row("parley", 1, 90), row("parley", 2, 6), row("parley", 3, 8), row("floor", 2, 2),
                                   row("floor", 3, 2)])
        self.assertEqual(results.ratio(Place("fan", COST), Place("fan", COST, contestant="floor")), 3.5)
        self.assertIsNone(results.ratio(Place("fan", COST), Place("fan", COST, contestant="nats")))

    def test_a_power_law_is_found_again(self):
        exponent, factor = figures.fit_power([(x, 3 * x ** 0.5) for x in (10, 100, 1000)])
        self.assertAlmostEqual(exponent, 0.5)
        self.assertAlmostEqual(factor, 3)
        self.assertIsNone(figures.fit_power([(10, 1), (10, 2)]))

    def test_a_logarithm_is_given_a_small_exponent(self):
        self.assertAlmostEqual(figures.exponent_of_logarithm([10 ** 4, 10 ** 7]), math.log(7 / 4, 10) / 3)


class Report(unittest.TestCase):
    def test_a_table_has_medians_spreads_and_remarks(self):
        text = rendered([row("parley", 1, 4.0, remark="client-bound"), row("parley", 2, 6.0)], fan("parley"))
        self.assertIn("| parley | 100 | 5 (4 – 6) | 2 | client-bound (1 of 2) |", text)

    def test_durable_and_other_are_in_tables_of_their_own(self):
        text = rendered([row("parley", 1, 4.5), row("floor", 1, 1.5)], fan("parley", "floor"))
        durable, other = text.index("| parley |"), text.index("| floor |")
        self.assertLess(durable, text.index("Without that promise"))
        self.assertLess(text.index("Without that promise"), other)
        self.assertIn(f"| fan: {COST} | floor | no | 3 |", text)

    def test_who_is_missing_is_named(self):
        why = "--peer: no such option"
        failure = {"kind": "failure", "workload": "fan", "contestant": "nats", "round": 1, "why": why}
        text = rendered([row("parley", 1, 4.5), failure], fan("parley", "nats"))
        self.assertIn(f"- nats, not measured in fan: {why}", text)
        self.assertIn(f"- nats, not measured in fan, round 1: {why}",
                      rendered([row("nats", 2, 4.5), failure], fan("parley", "nats")))
        self.assertNotIn(why, rendered([failure, row("nats", 1, 4.5)], fan("parley", "nats")))

    def test_a_peer_says_what_it_is(self):
        text = rendered([{"kind": "peer", "contestant": "nats", "about": "nats-server 2.9, durable: no"}], fan("nats"))
        self.assertIn("- nats: nats-server 2.9, durable: no", text)
        self.assertIsNone(report.description_of(workloads.Contestant("gone", ("--peer", "no-such-peer"), True)))
        self.assertIsNone(report.description_of(workloads.CONTESTANTS["parley"]))

    def test_targets_are_met_not_met_or_not_measured(self):
        targets = [Target("good", Place("fan", COST), 6.2), Target("bad", Place("fan", COST), least=9),
                   Target("none", Place("gone", COST), 1),
                   Target("under", Place("fan", COST, contestant="floor"), 2, of=Place("fan", COST)),
                   Target("beside", Place("fan", COST), 2, of=Place("fan", COST, contestant="floor"))]
        records = [row("parley", 1, 4.5, remark="client-bound"), row("floor", 1, 1.5)]
        text = rendered(records, fan("parley", "floor"), targets)
        self.assertIn("| good | ≤ 6.2 | 4.50 | met | parley client-bound (1 of 1) |", text)
        self.assertIn("| bad | ≥ 9 | 4.50 | **not met** |", text)
        self.assertIn("| under | ≤ 2 × | 0.333 × | below its floor: to be measured again |", text)
        self.assertIn("| none | ≤ 1 | – | not measured |", text)
        self.assertIn("| beside | ≤ 2 × | 3 × | **not met** |", text)

    def test_growth_is_held_against_a_logarithm(self):
        growths = [Growth("flat", "Flat", ("fan",), "x", "y", logarithmic=True)]
        for exponent, verdict in ((0.0, "met"), (0.5, "**not met**")):
            records = [{**row("parley", 1, 1, x=x, y=2 * x ** exponent), "row": index}
                       for index, x in enumerate((10 ** 4, 10 ** 5, 10 ** 7))]
            text = rendered(records, fan("parley"), growths=growths)
            self.assertIn(f"| 10,000 … 10,000,000 | {exponent:.2f} | ≤ 0.08 | {verdict} |", text)
            self.assertIn(f"| at worst logarithmic | {int(verdict == 'met')} of 1 | {verdict} |", text)

    def test_numbers_are_as_long_as_they_deserve(self):
        for value, words in ((None, "–"), (0.12345, "0.123"), (12.345, "12.3"), (1234567, "1,234,567"), (3.0, "3"),
                             (1234.5, "1,234"), (0, "0")):
            self.assertEqual(render.number(value), words)


class Picture(unittest.TestCase):
    def test_it_shows_points_a_law_and_its_exponent(self):
        points = [(10, 1), (100, 10 ** 0.5), (1000, 10)]
        picture = plot.draw("Cost & size", "members", "µs", {"parley": points, "floor": []})
        self.assertIn("parley: grows as x^0.50", picture)
        self.assertNotIn("floor", picture)
        tree = ElementTree.fromstring(picture)
        self.assertEqual(len(tree.findall("{*}circle")), 3)

    def test_axes_end_at_powers_of_ten(self):
        axis = plot.Axis([20, 5000], 0, 300)
        self.assertEqual(axis.ticks(), [10, 100, 1000, 10000])
        self.assertAlmostEqual(axis.at(1000), 200)
        self.assertEqual(plot.decades([10, 10]), (1, 2))

    def test_without_points_there_is_none(self):
        self.assertIsNone(plot.draw("", "", "", {"parley": []}))


class Running(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.options = types.SimpleNamespace(rows=pathlib.Path(folder.name) / "bench/rows.jsonl", rounds=2, quick=False,
                                             minutes=1, build=pathlib.Path("build"), dir=pathlib.Path("data"))
        self.asked = []
        report.say = lambda words: None

    def ask(self, command, patience):
        self.asked.append(command)
        if "nats" in command:
            raise report.CallFailed("unknown", is_final=True)
        return [{"machine": {"cores": 2}}, {"question": "fanout", "figures": {COST: 1.0}, "remark": ""}]

    def test_rounds_take_turns_and_a_missing_peer_is_asked_once(self):
        report.Run(self.options, self.ask).measure([fan("parley", "floor", "nats")])
        self.assertEqual(["floor" in " ".join(each) for each in self.asked], [False, True, False, True, False])
        results = figures.Results(report.read_records(self.options.rows))
        self.assertEqual(len(results.at("fan", "parley").rounds), 2)
        self.assertEqual(results.failures, {("fan", "nats"): {1: "unknown"}})
        self.assertEqual(results.machine, {"cores": 2})

    def test_a_run_goes_on_where_it_was_stopped(self):
        report.Run(self.options, self.ask).measure([fan("parley")])
        with self.options.rows.open("a") as file:
            file.write('{"kind": "row", "cut')
        self.options.rounds = 3
        report.Run(self.options, self.ask).measure([fan("parley")])
        self.assertEqual(len(self.asked), 3)
        self.assertEqual(len([each for each in report.read_records(self.options.rows) if each["kind"] == "row"]), 3)

    def test_no_call_begins_when_time_is_up(self):
        self.options.minutes = -1
        report.Run(self.options, self.ask).measure([fan("parley")])
        self.assertEqual(self.asked, [])

    def test_a_call_that_fails_says_why(self):
        script = "import sys; print('first', file=sys.stderr); print('why', file=sys.stderr); sys.exit({})"
        for code, is_final in ((1, False), (105, True)):
            with self.assertRaises(report.CallFailed) as caught:
                report.call([sys.executable, "-c", script.format(code)], 20)
            self.assertEqual((str(caught.exception), caught.exception.is_final), ("why", is_final))
        printed = report.call([sys.executable, "-c", "print('{\"figures\": {}}')"], 20)
        self.assertEqual(printed, [{"figures": {}}])


    def test_the_floors_of_a_durable_write_are_always_measured(self):
        self.assertEqual([each.name for each in report.chosen(["storm"])], ["disk", "log", "storm"])
        self.assertEqual(len(report.chosen([])), len(workloads.WORKLOADS))
        with self.assertRaises(SystemExit):
            report.chosen(["nothing-like-it"])


class Data(unittest.TestCase):
    def test_every_place_names_a_workload_and_a_contestant(self):
        names = [each.name for each in workloads.WORKLOADS]
        self.assertEqual(len(names), len(set(names)))
        places = [place for each in workloads.TARGETS for place in (each.at, each.of) if place]
        for place in places:
            workload = workloads.WORKLOADS[names.index(place.workload)]
            self.assertIn(place.contestant, workload.contestants)
        for growth in workloads.GROWTHS:
            self.assertLessEqual(set(growth.workloads), set(names))
        for workload in workloads.WORKLOADS:
            self.assertLessEqual(set(workload.contestants), set(workloads.CONTESTANTS))
            json.dumps(report.command_of(workload, workloads.CONTESTANTS[workload.contestants[0]],
                                         types.SimpleNamespace(build=pathlib.Path("b"), dir="d", quick=True)))


if __name__ == "__main__":
    unittest.main()
