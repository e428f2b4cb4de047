# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""
Draws charts as SVG text for a web page: bars, timelines, matrices, lines.

Equal values give equal text. Every chart has a title and a description for those who do not see
it, and every axis its unit. Text stays text. Colours are the caller's.
"""

import math
from html import escape
from typing import Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple

WIDTH = 960  # of a chart, in the units of its coordinates
LEFT, RIGHT = 132, 16  # margins: names of rows, and the end of the last tick
AXIS_HEIGHT = 40
CHARACTER = 6.4  # width of one, about, at the size of text in charts
LEVELS = 16  # colours of a matrix
# From light to dark blue; the first is for zero. Lightness alone orders them.
DARKEST, LIGHTEST = (8, 48, 107), (222, 235, 247)


class Segment(NamedTuple):
    """A stretch of a row."""

    row: int
    begin: float
    end: float
    colour: str
    text: str = ""  # in it, where there is room
    tip: str = ""  # when pointed at
    hatched: bool = False


class Line(NamedTuple):
    """A line of a chart."""

    name: str
    colour: str
    points: Sequence[Tuple[float, float]]


def number(value: float) -> str:
    """A coordinate."""
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text


def step_of(length: float, count: int) -> float:
    """A round step that divides a length into about so many."""
    raw = length / max(1, count)
    power = 10.0 ** math.floor(math.log10(raw))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw * 0.999)


def ticks_of(begin: float, end: float, count: int = 8) -> List[float]:
    """Round places on an axis."""
    if not end > begin:
        return [begin]
    step = step_of(end - begin, count)
    first = math.ceil(begin / step - 1e-9)
    return [place * step for place in range(first, math.floor(end / step + 1e-9) + 1)]


def tick_text(value: float) -> str:
    """The name of a place on an axis."""
    return f"{value:.6g}"


def light_text_on(colour: str) -> bool:
    """Whether text on a colour is white rather than black: whichever has more contrast."""
    parts = [int(colour[start:start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
              for part in parts]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return luminance < 0.179


def text(x: float, y: float, words: str, anchor: str = "start", kind: str = "") -> str:
    """A text."""
    style = f' class="{kind}"' if kind else ""
    return (f'<text x="{number(x)}" y="{number(y)}" text-anchor="{anchor}"{style}>'
            f"{escape(words)}</text>")


def shorten(words: str, room: float) -> str:
    """What there is room for."""
    most = max(4, int(room / CHARACTER))
    return words if len(words) <= most else words[:most - 1] + "…"


def chart(key: str, title: str, description: str, size: Tuple[float, float],
          parts: Iterable[str], width: str = "100%") -> str:
    """
    A whole chart.

    @param key Unique on the page.
    @param title Its name.
    @param description What it shows, for those who do not see it.
    @param size Width and height.
    @param parts What is in it.
    @param width How wide it is on the page.
    """
    return (f'<svg role="img" class="chart" '
            f'viewBox="0 0 {number(size[0])} {number(size[1])}" style="width:{width}" '
            f'aria-labelledby="{key}-t {key}-d"><title id="{key}-t">{escape(title)}</title>'
            f'<desc id="{key}-d">{escape(description)}</desc>{"".join(parts)}</svg>')


def hatch(key: str) -> str:
    """The pattern of hatched segments."""
    return (f'<defs><pattern id="{key}-h" width="5" height="5" patternUnits="userSpaceOnUse" '
            'patternTransform="rotate(45)"><rect width="1.6" height="5" fill="#ffffff"/>'
            "</pattern></defs>")


def time_axis(begin: float, end: float, bottom: float, label: str, right: float) -> List[str]:
    """Grid, ticks and label of a horizontal axis."""
    scale = (right - LEFT) / ((end - begin) or 1)
    parts = []
    for tick in ticks_of(begin, end):
        x = LEFT + (tick - begin) * scale
        parts.append(f'<path class="grid" d="M{number(x)} 0V{number(bottom)}"/>')
        parts.append(text(x, bottom + 15, tick_text(tick), "middle"))
    parts.append(text((LEFT + right) / 2, bottom + 32, label, "middle", "label"))
    return parts


def rows_chart(key: str, title: str, description: str, names: Sequence[str],
               segments: Sequence[Segment], label: str, begin: float = 0.0,
               end: Optional[float] = None, height: float = 26.0,
               bands: Sequence[Tuple[float, float]] = ()) -> str:
    """
    Rows of segments over a common axis: stacked bars, or who does what when.

    @param key Unique on the page.
    @param title Its name.
    @param description What it shows, for those who do not see it.
    @param names Of the rows; an empty one for a row without.
    @param segments In any order; later ones lie above.
    @param label Of the axis, with its unit.
    @param begin Where the axis begins.
    @param end Where it ends; None: with the last segment.
    @param height Of a row.
    @param bands Stretches that are shaded across all rows.
    """
    if end is None:
        end = max((segment.end for segment in segments), default=begin)
    if not end > begin:
        end = begin + 1.0
    right = WIDTH - RIGHT - 10
    bottom = height * len(names) + 2
    scale = (right - LEFT) / (end - begin)
    parts = time_axis(begin, end, bottom, label, right)
    for first, last in bands:
        x = LEFT + (first - begin) * scale
        parts.append(f'<rect class="band" x="{number(x)}" y="0" '
                     f'width="{number((last - first) * scale)}" height="{number(bottom)}"/>')
    for row, name in enumerate(names):
        if name:
            parts.append(text(LEFT - 8, (row + 0.5) * height + 4, shorten(name, LEFT - 10), "end"))
    is_hatched = any(segment.hatched for segment in segments)
    if is_hatched:
        parts.append(hatch(key))
    inner = height * 0.8
    for segment in segments:
        x, y = LEFT + (segment.begin - begin) * scale, segment.row * height + height * 0.1
        width = (segment.end - segment.begin) * scale
        box = (f'x="{number(x)}" y="{number(y)}" width="{max(width, 0.2):.2f}" '
               f'height="{number(inner)}"')
        tip = f"<title>{escape(segment.tip)}</title>" if segment.tip else ""
        parts.append(f'<rect {box} fill="{segment.colour}">{tip}</rect>')
        if segment.hatched:
            parts.append(f'<rect {box} fill="url(#{key}-h)" pointer-events="none"/>')
        if segment.text and width > CHARACTER * len(segment.text) + 6:
            kind = "onDark" if light_text_on(segment.colour) else "onLight"
            parts.append(text(x + width / 2, y + inner / 2 + 4, segment.text, "middle", kind))
    return chart(key, title, description, (WIDTH, bottom + AXIS_HEIGHT), parts)


def lines_chart(key: str, title: str, description: str, lines: Sequence[Line], labels:
                Tuple[str, str], height: float = 240.0) -> str:
    """
    Lines over a common axis; the vertical one begins at zero.

    @param key Unique on the page.
    @param title Its name.
    @param description What it shows, for those who do not see it.
    @param lines Points in order of their first coordinate.
    @param labels Of both axes, with their units.
    @param height Of the part between the axes.
    """
    points = [point for line in lines for point in line.points]
    begin, end = min(x for x, _ in points), max(x for x, _ in points)
    top = max(y for _, y in points) or 1.0
    right = WIDTH - RIGHT - 10
    parts = time_axis(begin, end, height + 4, labels[0], right)
    for tick in ticks_of(0, top, 5):
        y = 4 + height * (1 - tick / top)
        parts.append(f'<path class="grid" d="M{LEFT} {number(y)}H{right}"/>')
        parts.append(text(LEFT - 8, y + 4, tick_text(tick), "end"))
    parts.append(f'<text class="label" text-anchor="middle" transform="translate(40 '
                 f'{number(height / 2)}) rotate(-90)">{escape(labels[1])}</text>')
    scale = (right - LEFT) / ((end - begin) or 1)
    for line in lines:
        path = "L".join(f"{number(LEFT + (x - begin) * scale)} "
                        f"{number(4 + height * (1 - y / top))}" for x, y in line.points)
        mark = ""
        if len(line.points) == 1:
            x, y = line.points[0]
            mark = (f'<circle cx="{number(LEFT + (x - begin) * scale)}" '
                    f'cy="{number(4 + height * (1 - y / top))}" r="3" fill="{line.colour}"/>')
        parts.append(f'<path d="M{path}" fill="none" stroke="{line.colour}" stroke-width="1.8">'
                     f"<title>{escape(line.name)}</title></path>{mark}")
    return chart(key, title, description, (WIDTH, height + 4 + AXIS_HEIGHT), parts)


def shade(level: int) -> str:
    """The colour of a level above zero."""
    part = level / LEVELS
    mixed = [round(light + (dark - light) * part) for light, dark in zip(LIGHTEST, DARKEST)]
    return "#" + "".join(f"{value:02x}" for value in mixed)


def binned(cells: Dict[Tuple[int, int], float], size: int, most: int
           ) -> Tuple[Dict[Tuple[int, int], float], int, int]:
    """Sums cells into at most so many rows and columns; those, their number, and how many were
    put together."""
    together = -(-size // most)
    sums: Dict[Tuple[int, int], float] = {}
    for (row, column), value in cells.items():
        place = (row // together, column // together)
        sums[place] = sums.get(place, 0.0) + value
    return sums, -(-size // together), together


def matrix_chart(key: str, title: str, description: str, cells: Dict[Tuple[int, int], float],
                 size: int, labels: Tuple[str, str, str], most: int = 32) -> str:
    """
    A square matrix as shades, with values where there is room, and its scale.

    @param key Unique on the page.
    @param title Its name.
    @param description What it shows, for those who do not see it.
    @param cells (row, column) -> value; those that are zero may be left out.
    @param size Number of rows and columns.
    @param labels Of the rows, of the columns, and of the values, with their units.
    @param most Rows that are drawn; of more, neighbours are summed.
    """
    cells, count, together = binned(cells, size, most)
    side = 260.0 / count
    left, top = 52.0, 40.0
    highest = max(cells.values(), default=0.0)
    paths: Dict[int, List[str]] = {}
    texts = []
    for (row, column), value in sorted(cells.items()):
        if value <= 0:
            continue
        level = max(1, math.ceil(LEVELS * value / highest - 1e-9))
        x, y = left + column * side, top + row * side
        paths.setdefault(level, []).append(f"M{column} {row}h1v1h-1z")
        if count <= 9:
            words = f"{value:.0f}" if value >= 10 or value == round(value) else f"{value:.1f}"
            kind = "onDark" if light_text_on(shade(level)) else "onLight"
            texts.append(text(x + side / 2, y + side / 2 + 3.5, words, "middle", kind))
    end = left + count * side
    parts = [text(left, 12, title, "start", "label"),
             f'<rect class="frame" x="{number(left)}" y="{number(top)}" width="260" '
             'height="260"/>']
    parts.append(f'<g transform="translate({number(left)} {number(top)}) scale({side:.4f})">')
    parts += [f'<path fill="{shade(level)}" d="{"".join(found)}"/>'
              for level, found in sorted(paths.items())]
    parts.append("</g>")
    parts += texts
    every = max(1, -(-count // 9))
    for place in range(0, count, every):
        middle = (place + 0.5) * side
        parts.append(text(left + middle, top - 5, str(place * together), "middle"))
        parts.append(text(left - 6, top + middle + 4, str(place * together), "end"))
    parts.append(text((left + end) / 2, 320, labels[1], "middle"))
    parts.append(f'<text text-anchor="middle" transform="translate(14 {number(top + 130)}) '
                 f'rotate(-90)">{escape(labels[0])}</text>')
    for level in range(1, LEVELS + 1):
        y = top + 260 - level * 260 / LEVELS
        parts.append(f'<rect x="{number(end + 14)}" y="{number(y)}" width="12" '
                     f'height="{260 / LEVELS + 0.3:.2f}" fill="{shade(level)}"/>')
    parts.append(text(end + 30, top + 8, tick_text(float(f"{highest:.3g}"))))
    parts.append(text(end + 30, top + 260, "0"))
    parts.append(f'<text text-anchor="middle" transform="translate({number(end + 42)} '
                 f'{number(top + 130)}) rotate(-90)">{escape(labels[2])}</text>')
    return chart(key, title, description, (372, 328), parts, "23em")
