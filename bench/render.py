# The report as Markdown: facts, targets, a table per title, ratios, and how things grow.
import math

from figures import exponent_of_logarithm, fit_power
from workloads import CONTESTANTS, Place

DURABILITY = (
    (None, ""),
    (True, "On disk and synced before it is acknowledged or shown:"),
    (False, "Without that promise, so not to be compared with the table above but through the ratios below:"),
)


def number(value):
    """Three or four figures are as many as a measurement here deserves; a dash where nothing was measured."""
    if value is None or math.isnan(value):
        return "–"
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{min(digits, 4)}f}"


def with_spread(series, figure):
    """The median, and the least and the most where they differ."""
    middle, ends = number(series.median(figure)), [number(each) for each in series.spread(figure) or ()]
    return middle if set(ends) <= {middle} else f"{middle} ({' – '.join(ends)})"


def remarks_of(series):
    """Each remark with the number of rounds it was made in."""
    counts = {}
    for remark in series.remarks:
        counts[remark] = counts.get(remark, 0) + 1
    return ", ".join(f"{remark} ({count} of {len(series.rounds)})" for remark, count in counts.items())


def table(heads, rows):
    lines = ["| " + " | ".join(heads) + " |", "|---|" + "---:|" * (len(heads) - 1)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def figures_table(results, workloads, contestants):
    """A line for each contestant and row; empty when none of them was measured."""
    series = [each for workload in workloads for name in workload.contestants if name in contestants
              for each in results.rows(workload.name, name)]
    names = list(dict.fromkeys(name for each in series for name in each.names()))
    rows = [[each.contestant, *(with_spread(each, name) for name in names), str(len(each.rounds)), remarks_of(each)]
            for each in series]
    return table(["who", *names, "runs", "remark"], rows) if rows else ""


def ratio_rows(results, workload):
    for other in workload.contestants:
        for figure in workload.compare if other != "parley" else ():
            ratio = results.ratio(Place(workload.name, figure), Place(workload.name, figure, contestant=other))
            if ratio is not None:
                yield [f"{workload.name}: {figure}", other, "yes" if CONTESTANTS[other].durable else "no",
                       number(ratio)]


def missing_lines(results, workloads):
    """Who is missing and why; what has the same reason shares a line."""
    where = {}
    for workload in workloads:
        for name in workload.contestants:
            for number_of_round, why in results.failures.get((workload.name, name), {}).items():
                partly = f", round {number_of_round}" if results.rows(workload.name, name) else ""
                where.setdefault((name, why), {})[workload.name + partly] = None
    return [f"- {name}, not measured in {'; '.join(places)}: {why}" for (name, why), places in where.items()]


def section(results, title, workloads):
    """All about one title; empty when none of its workloads was tried."""
    parts = []
    for durable, heading in DURABILITY:
        names = [each.name for each in CONTESTANTS.values() if each.durable is durable]
        if found := figures_table(results, workloads, names):
            parts += [heading, found] if heading else [found]
    if ratios := [row for workload in workloads for row in ratio_rows(results, workload)]:
        parts.append("Parley's median divided by theirs, same rounds:")
        parts.append(table(["what", "whose", "durable", "ratio"], ratios))
    if missing := missing_lines(results, workloads):
        parts.append("\n".join(missing))
    return "\n\n".join([f"## {title}", *parts]) if parts else ""


def bound(target):
    limit = target.most if target.most is not None else target.least
    sign = "≤" if target.most is not None else "≥"
    return f"{sign} {limit:,g}" + (" ×" if target.of else "")


def verdict(target, value):
    if value is None:
        return "not measured"
    if target.of and value < 1:
        return "below its floor: to be measured again"
    return "met" if (value <= target.most if target.most is not None else value >= target.least) else "**not met**"


def target_row(results, target):
    value = results.ratio(target.at, target.of) if target.of else results.value(target.at)
    places = [place for place in (target.at, target.of) if place]
    remarks = [f"{place.contestant} {remark}" for place in places
               if (series := results.at(place.workload, place.contestant, place.row))
               and (remark := remarks_of(series))]
    return [target.text, bound(target), number(value) + (" ×" if target.of and value is not None else ""),
            verdict(target, value), "; ".join(remarks)]


def growth_rows(results, growths):
    """A line for each series that was measured at two points or more."""
    for growth in growths:
        for name in growth.contestants:
            points = results.points(growth, name)
            if fitted := fit_power(points):
                allowed = exponent_of_logarithm([x for x, _ in points])
                judged = growth.logarithmic and name == "parley"
                met = "–" if not judged else "met" if fitted[0] <= allowed else "**not met**"
                yield [growth.title, name, f"{number(points[0][0])} … {number(points[-1][0])}", f"{round(fitted[0], 2) + 0:.2f}",
                       f"≤ {allowed:.2f}" if judged else "–", met]


def growth_target(results, growths):
    """All growths that have a bound, as one line among the targets."""
    verdicts = [row[-1] for row in growth_rows(results, growths) if row[-1] != "–"]
    met = verdicts.count("met")
    whole = "not measured" if not verdicts else "met" if met == len(verdicts) else "**not met**"
    return ["growth with stored messages, conversations and members, see below", "at worst logarithmic",
            f"{met} of {len(verdicts)}", whole, ""]


def growth_section(results, growths, plots):
    rows = list(growth_rows(results, growths))
    if not rows:
        return ""
    words = ("Fitted exponents of a power law. The bound is the exponent that a logarithm itself would be given over "
             "the same points.")
    heads = ["what", "who", "from … to", "exponent", "at worst logarithmic", ""]
    pictures = [f"![{growth.title}](plots/{growth.name}.svg)" for growth in growths if growth.name in plots]
    return "\n\n".join(["## Growth", words, table(heads, rows), *pictures])


def facts(results):
    run, machine = results.run, results.machine
    disk = results.at("disk", "machine")
    lines = [f"- {run.get('at', '–')}, commit `{run.get('commit', '–')}`"
             + (", **short windows** (`--quick`)" if run.get("quick") else "")]
    if "load" in run:
        lines.append(f"- load average of the machine when the run began: {number(run['load'])}")
    if machine:
        lines.append(f"- {machine['cores']} cores, {machine['processor']}, {machine['kernel']}, "
                     f"{machine['file_system']}; server on one core, client on another, loopback")
    if disk:
        lines.append("- disk, pwrite and fdatasync of 4 KiB: p50 " + with_spread(disk, "pwrite+fdatasync p50 ms")
                     + " ms, p99 " + with_spread(disk, "p99 ms") + " ms")
    lines += [f"- {name}: {about}" for name, about in results.peers.items()]
    if rounds := sorted({len(each.rounds) for each in results.series.values()}):
        lines.append(f"- rounds: {' to '.join(str(each) for each in rounds[:1] + rounds[1:][-1:])}; in each, the "
                     "contestants of a workload take turns; figures are medians (least – most)")
    return "\n".join(lines)


def report(results, workloads, targets, growths, plots):
    titles = {}
    for workload in workloads:
        titles.setdefault(workload.title, []).append(workload)
    heads = ["target", "bound", "measured", "", "remark"]
    parts = ["# Bench: results", "Written by `./dev bench`; how to read it: [README.md](README.md).", facts(results),
             "## Targets",
             table(heads, [*(target_row(results, each) for each in targets), growth_target(results, growths)]),
             *(section(results, title, each) for title, each in titles.items()),
             growth_section(results, growths, plots)]
    return "\n\n".join(part for part in parts if part) + "\n"
