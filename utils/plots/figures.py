# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""What figures have in common: the style, colours, units, and what stands above the panels."""

import os
import re
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

from python_modules import find_module

STYLE = Path(__file__).resolve().parents[1] / "mixnet.mplstyle"
WIDTHS = {"column": 3.33, "page": 7.0}  # inches, of a page with two columns
# Formats of files, the default first, and what matplotlib writes into them beside the figure.
CHANGING = {"png": ("Software",), "pdf": ("CreationDate", "Creator", "Producer"),
            "svg": ("Date", "Creator")}
FORMATS = tuple(CHANGING)
LINE_INCHES = 0.125  # of text above the panels
MARGIN_INCHES = 0.04

EXPOSED = "exposed reconfiguration"
STRAGGLER = "straggler wait"
BLACKOUT = "blackout"
OTHER = ("other", "#777777")
# Paul Tol's bright colours, and greys for waiting. A name has the same colour in all plots.
COLOURS = {
    "compute": "#4477AA",
    "expert": "#4477AA",
    "attention": "#66CCEE",
    "gating": "#665500",
    "TP collectives": "#CCBB44",
    "dispatch": "#EE6677",
    "combine": "#AA3377",
    "PP transfers": "#66CCEE",
    "gradient all-reduces": "#228833",
    EXPOSED: "#222222",
    STRAGGLER: "#999999",
    "bubble": "#DDDDDD",
    BLACKOUT: "#FFFFFF",
}
HATCHES = {BLACKOUT: "xxxxx", "pipeline drain": "////"}
LINE_COLOURS = ("#4477AA", "#EE6677", "#228833", "#CCBB44", "#66CCEE", "#AA3377", "#BBBBBB")
BAND_COLOUR, WARNING_COLOUR, GREY = "#4477AA", "#BB0000", "#555555"
NOTHING = "#EEEEEE"  # where a matrix has no value


class Drawing(NamedTuple):
    """A figure with its panels, and what has to be written above them."""

    figure: Any
    title: str = ""  # which part of the run it shows, and how
    remarks: Sequence[str] = ()  # what is put together or left out
    key: Dict[str, Any] = {}  # name in the legend -> its handle


def import_pyplot() -> Any:
    """Returns matplotlib.pyplot in our style, without a display; tries the system's Python, too."""
    find_module("matplotlib", "python3-matplotlib").use("Agg")
    from matplotlib import pyplot

    pyplot.style.use(["default", str(STYLE)])
    return pyplot


def patch(colour: str, hatch: Optional[str] = None) -> Any:
    """What a legend shows for an area."""
    from matplotlib.patches import Patch

    if hatch:
        return Patch(facecolor=colour, edgecolor="black", linewidth=0, hatch=hatch)
    return Patch(color=colour, linewidth=0)


def text_colour(colour: Any) -> str:
    """Black or white, whichever can be read on a colour."""
    from matplotlib.colors import to_rgb

    red, green, blue = to_rgb(colour)
    return "black" if 0.299 * red + 0.587 * green + 0.114 * blue > 0.55 else "white"


def time_unit(seconds: float) -> Tuple[float, str]:
    """Units in a second, and the unit's name, for times up to this."""
    if seconds >= 1:
        return 1.0, "s"
    return (1e3, "ms") if seconds >= 1e-3 else (1e6, "\N{MICRO SIGN}s")


def byte_unit(count: float) -> Tuple[float, str]:
    """Units in a byte, and the unit's name, for amounts up to this."""
    for factor, name in ((1e-12, "TB"), (1e-9, "GB"), (1e-6, "MB"), (1e-3, "kB")):
        if count * factor >= 1:
            return factor, name
    return 1.0, "B"


def quantile(values: Sequence[float], part: float) -> float:
    """The value below which a part of the values lies, between neighbours on a straight line."""
    ordered = sorted(values)
    place = part * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


# Bands of many values: their ends, and how dark.
BANDS = (("least to most", 0.0, 1.0, 0.2), ("middle half", 0.25, 0.75, 0.45))


def draw_bands(axis: Any, places: Sequence[float], groups: Sequence[Sequence[float]],
               step: Optional[str] = None) -> Dict[str, Any]:
    """
    Draws how many values are distributed at each place; returns what the legend needs.

    @param axis Where to draw.
    @param places Places on the x axis.
    @param groups The values at each of them.
    @param step How values last: "pre" from the place before, None for straight lines.
    """
    key = {}
    style = {"drawstyle": f"steps-{step}"} if step else {}
    for name, low, high, alpha in BANDS:
        key[name] = axis.fill_between(
            places, [quantile(group, low) for group in groups],
            [quantile(group, high) for group in groups], step=step, color=BAND_COLOUR,
            alpha=alpha, linewidth=0)
    key["median"] = axis.plot(places, [quantile(group, 0.5) for group in groups], color="#223355",
                              linewidth=1, **style)[0]
    return {name: key[name] for name in ("median", *(band[0] for band in reversed(BANDS)))}


PHRASE_END = re.compile(r"(?<=[,;:])\s+(?![^()]*\))")  # not in brackets


def wrap(figure: Any, text: str, inches: float, size: float) -> List[str]:
    """Breaks text into lines of at most so many inches, where it has commas if that does."""
    renderer = figure.canvas.get_renderer()

    def fits(line: str) -> bool:
        probe = figure.text(0, 0, line, fontsize=size)
        extent = probe.get_window_extent(renderer).width / figure.dpi
        probe.remove()
        return extent <= inches

    lines: List[str] = []
    for phrase in PHRASE_END.split(text) if text else ():
        for part in [phrase] if fits(phrase) else phrase.split():
            if lines and fits(f"{lines[-1]} {part}"):
                lines[-1] += f" {part}"
            else:
                lines.append(part)
    return lines


def add_legend(figure: Any, key: Dict[str, Any]) -> Any:
    """A legend with as many columns as there is room for."""
    for columns in range(min(len(key), 6), 0, -1):
        legend = figure.legend(list(key.values()), list(key), loc="upper left", ncol=columns,
                               borderaxespad=0)
        extent = legend.get_window_extent(figure.canvas.get_renderer())
        if columns == 1 or extent.width / figure.dpi <= figure.get_figwidth() - 0.1:
            return legend
        legend.remove()
    return None


def compose(drawing: Drawing, context: str, warning: str) -> Any:
    """
    Writes above the panels what is shown and what colours mean; the figure grows by as much.

    @param drawing The panels.
    @param context Model, fabric, rate.
    @param warning What is wrong with the results, or nothing.
    """
    figure = drawing.figure
    room = figure.get_figwidth() - 2 * MARGIN_INCHES
    lines: List[Tuple[str, str, float]] = []
    for text, colour, size in ((warning, WARNING_COLOUR, 7.0), (context, "black", 7.0),
                               (drawing.title, "black", 7.0),
                               *((remark, GREY, 6.5) for remark in drawing.remarks)):
        lines += [(line, colour, size) for line in wrap(figure, text, 0.98 * room, size)]
    legend = add_legend(figure, drawing.key) if drawing.key else None
    legend_inches = 0.0
    if legend:
        extent = legend.get_window_extent(figure.canvas.get_renderer())
        legend_inches = extent.height / figure.dpi + 0.05
    above = MARGIN_INCHES + LINE_INCHES * len(lines) + legend_inches
    height = figure.get_figheight() + above
    figure.set_size_inches(figure.get_figwidth(), height)
    left = MARGIN_INCHES / figure.get_figwidth()
    for number, (line, colour, size) in enumerate(lines):
        figure.text(left, 1 - (MARGIN_INCHES + LINE_INCHES * number) / height, line, va="top",
                    ha="left", color=colour, fontsize=size)
    if legend:
        legend.set_bbox_to_anchor(
            (left, 1 - (MARGIN_INCHES + LINE_INCHES * len(lines) + 0.02) / height),
            figure.transFigure)
    figure.tight_layout(rect=(0, 0, 1, 1 - above / height), pad=0.3, h_pad=0.6, w_pad=0.6)
    return figure


def save(figure: Any, out: Path, form: str) -> None:
    """Writes a figure as a whole or not at all; equal figures give equal bytes."""
    part = out.with_name(f".{out.name}.part")
    try:
        figure.savefig(part, format=form, metadata=dict.fromkeys(CHANGING[form]))
        os.replace(part, out)
    finally:
        if part.exists():
            part.unlink()
