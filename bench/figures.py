# The arithmetic of the report: medians, spreads, ratios of the same rounds, and fitted power laws.
import math
from dataclasses import dataclass, field


def median(values):
    """The middle value, or the mean of the two in the middle; None of nothing."""
    ordered = sorted(values)
    if not ordered:
        return None
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def fit_power(points):
    """(exponent, factor) of y = factor · x^exponent by least squares of the logarithms; None of fewer than two x."""
    logs = [(math.log(x), math.log(y)) for x, y in points if x > 0 and y > 0]
    if len({x for x, _ in logs}) < 2:
        return None
    mean_x = sum(x for x, _ in logs) / len(logs)
    mean_y = sum(y for _, y in logs) / len(logs)
    exponent = sum((x - mean_x) * (y - mean_y) for x, y in logs) / sum((x - mean_x) ** 2 for x, _ in logs)
    return exponent, math.exp(mean_y - exponent * mean_x)


def exponent_of_logarithm(xs):
    """The exponent that is fitted to log x itself over these x: what grows no faster grows as a logarithm does."""
    fitted = fit_power([(x, math.log(x)) for x in xs if x > 1])
    return fitted and fitted[0]


@dataclass
class Series:
    """One row of one workload's answer for one contestant, over all rounds."""
    workload: str
    contestant: str
    row: int
    rounds: dict = field(default_factory=dict)  # round → figures
    remarks: list = field(default_factory=list)  # those that were not empty

    def names(self):
        return list(dict.fromkeys(name for figures in self.rounds.values() for name in figures))

    def values(self, figure, rounds=None):
        return [figures[figure] for number, figures in self.rounds.items()
                if figures.get(figure) is not None and (rounds is None or number in rounds)]

    def median(self, figure, rounds=None):
        return median(self.values(figure, rounds))

    def spread(self, figure):
        """(least, most); None of nothing."""
        values = self.values(figure)
        return (min(values), max(values)) if values else None


class Results:
    """What was measured: series, why some are missing, and facts about the machine."""

    def __init__(self, records):
        self.series, self.failures, self.machine, self.run, self.peers = {}, {}, {}, {}, {}
        for record in records:
            getattr(self, "_take_" + record["kind"])(record)

    def _take_row(self, record):
        key = record["workload"], record["contestant"], record["row"]
        series = self.series.setdefault(key, Series(*key))
        series.rounds[record["round"]] = record["figures"]
        if record["remark"]:
            series.remarks.append(record["remark"])
        self.failures.get(key[:2], {}).pop(record["round"], None)

    def _take_failure(self, record):
        key = record["workload"], record["contestant"]
        self.failures.setdefault(key, {})[record["round"]] = record["why"]

    def _take_machine(self, record):
        self.machine = record["machine"]

    def _take_run(self, record):
        self.run = record

    def _take_peer(self, record):
        self.peers[record["contestant"]] = record["about"]

    def at(self, workload, contestant, row=0):
        return self.series.get((workload, contestant, row))

    def rows(self, workload, contestant):
        found = [each for key, each in self.series.items() if key[:2] == (workload, contestant)]
        return sorted(found, key=lambda each: each.row)

    def done(self, workload, contestant, number):
        series = self.at(workload, contestant)
        return series is not None and number in series.rounds

    def value(self, place):
        series = self.at(place.workload, place.contestant, place.row)
        return series and series.median(place.figure)

    def ratio(self, place, other):
        """The quotient of two medians over the rounds that both were measured in; None when there is none."""
        one = self.at(place.workload, place.contestant, place.row)
        two = self.at(other.workload, other.contestant, other.row)
        if one is None or two is None:
            return None
        shared = one.rounds.keys() & two.rounds.keys()
        above, below = one.median(place.figure, shared), two.median(other.figure, shared)
        return above / below if above is not None and below else None

    def points(self, growth, contestant):
        """(x, y) of a growth's rows, in rising x."""
        series = (each for name in growth.workloads for each in self.rows(name, contestant))
        pairs = ((each.median(growth.x), each.median(growth.y)) for each in series)
        return sorted(pair for pair in pairs if None not in pair)
