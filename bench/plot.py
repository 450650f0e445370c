#!/usr/bin/python3
# Draws how a figure grows: points and fitted power laws on logarithmic axes, as SVG files.
import argparse
import html
import json
import math
import pathlib

from figures import Results, fit_power
from workloads import GROWTHS

WIDTH, HEIGHT = 640, 400
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 40, 50
COLOURS = ("#1f5fa8", "#b3541e", "#3b7d3b", "#7a3b8f", "#555555")


def decades(values):
    """The exponents of the powers of ten that enclose the values: at least one decade."""
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)


class Axis:
    """Maps values to pixels on a logarithmic scale that begins and ends at a power of ten."""

    def __init__(self, values, start, end):
        self.low, self.high = decades(values)
        self.start, self.end = start, end

    def at(self, value):
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def ticks(self):
        return [10.0 ** exponent for exponent in range(self.low, self.high + 1)]


def tick_label(value):
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"


def text(x, y, words, anchor="middle", more=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{more}>{html.escape(words)}</text>'


def line(x1, y1, x2, y2, colour, more=""):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"{more}/>'


def grid(across, up, x_name, y_name):
    parts = []
    for value in across.ticks():
        x = across.at(value)
        parts += [line(x, TOP, x, HEIGHT - BOTTOM, "#dddddd"), text(x, HEIGHT - BOTTOM + 16, tick_label(value))]
    for value in up.ticks():
        y = up.at(value)
        parts += [line(LEFT, y, WIDTH - RIGHT, y, "#dddddd"), text(LEFT - 6, y + 4, tick_label(value), "end")]
    middle = (TOP + HEIGHT - BOTTOM) / 2
    parts.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, x_name))
    parts.append(text(16, middle, y_name, more=f' transform="rotate(-90 16 {middle:.0f})"'))
    return parts


def curve(name, points, number, across, up):
    """A series: its points, the law that was fitted, and a line of the legend that says the exponent."""
    colour = COLOURS[number % len(COLOURS)]
    parts = [f'<circle cx="{across.at(x):.1f}" cy="{up.at(y):.1f}" r="4" fill="{colour}"/>' for x, y in points]
    legend = name
    if fitted := fit_power(points):
        exponent, factor = fitted
        ends = [points[0][0], points[-1][0]]
        (x1, y1), (x2, y2) = ((across.at(x), up.at(factor * x ** exponent)) for x in ends)
        parts.append(line(x1, y1, x2, y2, colour, ' stroke-dasharray="5 4"'))
        legend += f": grows as x^{round(exponent, 2) + 0:.2f}"
    parts.append(text(LEFT + 10, TOP + 16 + 16 * number, legend, "start", f' fill="{colour}"'))
    return parts


def draw(title, x_name, y_name, series):
    """An SVG picture; `series` names lists of (x, y) in rising x, all above 0. None when there is no point."""
    series = {name: points for name, points in series.items() if points}
    if not series:
        return None
    points = [point for each in series.values() for point in each]
    across = Axis([x for x, _ in points], LEFT, WIDTH - RIGHT)
    up = Axis([y for _, y in points], HEIGHT - BOTTOM, TOP)
    parts = [text(WIDTH / 2, 22, title, more=' font-weight="bold"'), *grid(across, up, x_name, y_name)]
    for number, (name, each) in enumerate(series.items()):
        parts += curve(name, each, number, across, up)
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
                      'font-family="sans-serif" font-size="12">',
                      f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>', *parts, "</svg>", ""])


def write_plots(results, directory, growths=GROWTHS):
    """Writes a picture for each growth of which something was measured; returns their names."""
    written = []
    for growth in growths:
        series = {name: [(x, y) for x, y in results.points(growth, name) if x > 0 and y > 0]
                  for name in growth.contestants}
        if picture := draw(growth.title, growth.x, growth.y, series):
            directory.mkdir(parents=True, exist_ok=True)
            (directory / f"{growth.name}.svg").write_text(picture, encoding="utf-8")
            written.append(growth.name)
    return written


def main():
    parser = argparse.ArgumentParser(description="Draws the growth series of a file of rows.")
    parser.add_argument("rows", type=pathlib.Path, help="JSON lines, as report.py writes them")
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path(__file__).parent / "plots")
    options = parser.parse_args()
    with options.rows.open(encoding="utf-8") as lines:
        results = Results(json.loads(each) for each in lines)
    for name in write_plots(results, options.output):
        print(options.output / f"{name}.svg")


if __name__ == "__main__":
    main()
