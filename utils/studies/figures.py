# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Figures of a study, as its file asks for them: lines, bars, stacks and Pareto fronts."""

import re
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from console import Failure
from plots import figures as shared

from studies.definition import Study, slug
from studies.results import Mean, Row, mean_of, relative, select, values_by

FOLDER = "figures"
FIELDS = ("name", "kind", "title", "x", "y", "parts", "series", "panels", "where", "relativeTo",
          "inverse", "xLabel", "yLabel", "scaleX", "scaleY", "logX", "logY", "from0", "isShare")
MARKERS = "osD^vPX*"
PANEL_HEIGHT = 1.9  # inches
WIDEST = 4  # panels in a row
BAR_ROOM = 0.8  # of the place of a category


class Panel(NamedTuple):
    """A part of a figure."""

    label: str
    rows: Sequence[Row]


class Drawn(NamedTuple):
    """What a figure is drawn with."""

    spec: Mapping[str, Any]
    series: Sequence[str]  # labels in their order

    def colour(self, label: str) -> str:
        """The colour of a series, the same in all panels."""
        return shared.LINE_COLOURS[self.series.index(label) % len(shared.LINE_COLOURS)]

    def marker(self, label: str) -> str:
        """Its marker."""
        return MARKERS[self.series.index(label) % len(MARKERS)]

    def scale(self, axis: str) -> float:
        """What values of an axis are multiplied by."""
        return float(self.spec.get(f"scale{axis}", 1))


def check(study: Study, place: int, spec: Mapping[str, Any]) -> None:
    """Refuses a figure that cannot be drawn, before anything runs."""
    where = f"figures[{place}]"
    for field in spec:
        if field not in FIELDS:
            study.refuse(f"{where}.{field}", spec[field], f"one of {', '.join(FIELDS)}")
    if not isinstance(spec.get("name"), str) or slug(spec["name"]) != spec["name"]:
        study.refuse(f"{where}.name", spec.get("name"), "a name fit for a file")
    if spec.get("kind") not in KINDS:
        study.refuse(f"{where}.kind", spec.get("kind"), f"one of {', '.join(KINDS)}")
    for field in ("series", "panels", *(() if spec["kind"] == "pareto" else ("x",))):
        axis = spec.get(field)
        if axis is not None and axis not in study.axes:
            study.refuse(f"{where}.{field}", axis, f"an axis: {', '.join(study.axes)}")
    needed = {"stacked": ("x", "parts"), "pareto": ("x", "y", "series")}.get(spec["kind"], ("x", "y"))
    for field in needed:
        if field not in spec:
            study.refuse(f"{where}.{field}", None, f"something: {spec['kind']} needs "
                         f"{', '.join(needed)}")
    for field in ("where", "relativeTo"):
        for axis, labels in spec.get(field, {}).items():
            known = [level.label for level in study.axes.get(axis, [])]
            for label in labels if isinstance(labels, list) else [labels]:
                if label not in known:
                    study.refuse(f"{where}.{field}.{axis}", label,
                                 f"a label of that axis: {', '.join(known) or 'there is none'}")


def number_of(label: str) -> Optional[float]:
    """The number that a label begins with, as that of 100Gb/s."""
    found = re.match(r"[0-9]+(\.[0-9]+)?", label)
    return float(found.group()) if found else None


def statistics(rows: Sequence[Row], axes: Sequence[str], column: str,
               scale: float) -> Dict[Tuple[str, ...], Mean]:
    """Means of a column by labels of axes."""
    return {key: mean_of([value * scale for value in values])
            for key, values in values_by(rows, axes, column).items()}


def draw_lines(axes: Any, panel: Panel, drawn: Drawn) -> None:
    """A line per series over the numbers of an axis."""
    spec = drawn.spec
    series = spec.get("series")
    means = statistics(panel.rows, [spec["x"], *([series] if series else [])], spec["y"],
                       drawn.scale("Y"))
    for label in drawn.series:
        points = [(number_of(key[0]), mean) for key, mean in means.items()
                  if not series or key[1] == label]
        known = sorted((x * drawn.scale("X"), mean) for x, mean in points if x is not None)
        if known:
            halves = [mean.half for _, mean in known]
            axes.plot([x for x, _ in known], [mean.value for _, mean in known], label=label,
                      markersize=3, color=drawn.colour(label), marker=drawn.marker(label))
            if any(halves):
                axes.errorbar([x for x, _ in known], [mean.value for _, mean in known], halves,
                              capsize=2, color=drawn.colour(label), linestyle="none")
    places = sorted({number_of(key[0]) for key in means if number_of(key[0]) is not None})
    if spec.get("logX") and places:
        axes.set_xscale("log", base=2)
        ticks = [x * drawn.scale("X") for x in places]
        isThousands = all(tick % 1024 == 0 for tick in ticks)
        axes.set_xticks(ticks, [f"{tick / 1024:g}k" if isThousands else f"{tick:g}"
                                for tick in ticks])
        axes.tick_params(axis="x", which="minor", bottom=False)


def draw_bars(axes: Any, panel: Panel, drawn: Drawn) -> None:
    """A bar per series at each category."""
    spec = drawn.spec
    series = spec.get("series")
    means = statistics(panel.rows, [spec["x"], *([series] if series else [])], spec["y"],
                       drawn.scale("Y"))
    categories = list(dict.fromkeys(key[0] for key in means))
    width = BAR_ROOM / len(drawn.series)
    for place, label in enumerate(drawn.series):
        bars = [(categories.index(key[0]), mean) for key, mean in means.items()
                if not series or key[1] == label]
        at = [x + (place - (len(drawn.series) - 1) / 2) * width for x, _ in bars]
        errors = [mean.half for _, mean in bars]
        axes.bar(at, [mean.value for _, mean in bars], width, label=label,
                 color=drawn.colour(label), edgecolor="white",
                 yerr=errors if any(errors) else None, error_kw={"linewidth": 0.6})
    axes.set_xticks(range(len(categories)), categories)
    turn_long(axes, categories)


def draw_stacks(axes: Any, panel: Panel, drawn: Drawn) -> None:
    """Parts of a whole, one on another, at each category; of 100 % each where asked for."""
    spec = drawn.spec
    categories: List[str] = list(dict.fromkeys(str(row[spec["x"]]) for row in panel.rows))
    heights = []
    for part in spec["parts"]:
        means = statistics(panel.rows, [spec["x"]], part["column"], drawn.scale("Y"))
        heights.append([means[(name,)].value if (name,) in means else 0 for name in categories])
    if spec.get("isShare"):
        wholes = [sum(column) or 1 for column in zip(*heights)]
        heights = [[100 * height / whole for height, whole in zip(part, wholes)]
                   for part in heights]
    bottoms = [0.0] * len(categories)
    for place, (part, own) in enumerate(zip(spec["parts"], heights)):
        if not any(own):
            continue
        colour = shared.COLOURS.get(part["label"],
                                    shared.LINE_COLOURS[place % len(shared.LINE_COLOURS)])
        axes.bar(range(len(categories)), own, BAR_ROOM, bottoms, label=part["label"], color=colour)
        bottoms = [bottom + height for bottom, height in zip(bottoms, own)]
    axes.set_xticks(range(len(categories)), categories)
    turn_long(axes, categories)


def draw_pareto(axes: Any, panel: Panel, drawn: Drawn) -> None:
    """A point per run, and the line of those that no other beats in both."""
    spec = drawn.spec
    points = []
    for label in drawn.series:
        rows = select(panel.rows, {spec["series"]: label})
        own = [(row[spec["x"]] * drawn.scale("X"), row[spec["y"]] * drawn.scale("Y"))
               for row in rows if spec["x"] in row and spec["y"] in row]
        axes.plot([x for x, _ in own], [y for _, y in own], label=label, linewidth=0.4,
                  markersize=3.5, color=drawn.colour(label), marker=drawn.marker(label))
        points += own
    front: List[Tuple[float, float]] = []
    for x, y in sorted(points, key=lambda point: (point[0], -point[1])):
        if not front or y > front[-1][1]:
            front.append((x, y))
    axes.plot([x for x, _ in front], [y for _, y in front], color="black", linewidth=0.7,
              linestyle="--", label="Pareto front", zorder=0)


def turn_long(axes: Any, labels: Sequence[str]) -> None:
    """Turns labels that would run into each other."""
    if sum(len(label) for label in labels) > 28:
        axes.tick_params(axis="x", rotation=30)
        for label in axes.get_xticklabels():
            label.set_ha("right")


KINDS: Dict[str, Callable[[Any, Panel, Drawn], None]] = {
    "lines": draw_lines, "bars": draw_bars, "stacked": draw_stacks, "pareto": draw_pareto}


def panels_of(study: Study, spec: Mapping[str, Any], rows: Sequence[Row]) -> List[Panel]:
    """The parts of a figure, each with its rows."""
    chosen = select(rows, spec.get("where", {}))
    if "relativeTo" in spec:
        chosen = relative(chosen, spec["y"], spec["relativeTo"], bool(spec.get("inverse")))
    axis = spec.get("panels")
    if axis is None:
        return [Panel("", chosen)]
    labels = [level.label for level in study.axes[axis]]
    return [panel for panel in (Panel(label, select(chosen, {axis: label})) for label in labels)
            if panel.rows]


def series_of(study: Study, spec: Mapping[str, Any], panels: Sequence[Panel]) -> List[str]:
    """The series that any panel has, in the order of their axis."""
    axis = spec.get("series")
    if axis is None:
        return [""]
    return [level.label for level in study.axes[axis]
            if any(select(panel.rows, {axis: level.label}) for panel in panels)]


def draw(study: Study, spec: Mapping[str, Any], rows: Sequence[Row], folder: Path,
         file_format: str = "png") -> Optional[Path]:
    """Draws one figure; its file, or none where it has no rows."""
    panels = panels_of(study, spec, rows)
    if not any(panel.rows for panel in panels):
        return None
    pyplot = shared.import_pyplot()
    drawn = Drawn(spec, series_of(study, spec, panels))
    columns = min(len(panels), WIDEST)
    lines = -(-len(panels) // columns)
    width = shared.WIDTHS["page" if columns > 1 else "column"]
    figure, grid = pyplot.subplots(lines, columns, squeeze=False, layout="constrained",
                                   figsize=(width, PANEL_HEIGHT * lines + 0.5))
    for place, axes in enumerate(grid.flat):
        if place >= len(panels):
            axes.set_axis_off()
            continue
        KINDS[spec["kind"]](axes, panels[place], drawn)
        finish(axes, panels[place], spec, place, columns, len(panels))
    if columns > 1:
        figure.supxlabel(spec.get("xLabel", spec["x"]), fontsize="medium")
    handles = {label: handle for axes in grid.flat
               for handle, label in zip(*axes.get_legend_handles_labels()) if label}
    if handles:
        figure.legend(handles.values(), handles.keys(), loc="lower center",
                      bbox_to_anchor=(0.5, 1.0), ncol=min(len(handles), 4 if columns == 1 else 7))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{spec['name']}.{file_format}"
    try:
        figure.savefig(path, format=file_format, bbox_inches="tight", pad_inches=0.02,
                       metadata=dict.fromkeys(shared.CHANGING[file_format]))
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}") from error
    finally:
        pyplot.close(figure)
    return path


def finish(axes: Any, panel: Panel, spec: Mapping[str, Any], place: int, columns: int,
           count: int) -> None:
    """What all kinds have in common: labels, grid, zero."""
    axes.grid(True, axis="y")
    if panel.label:
        axes.set_title(panel.label)
    if columns == 1 and place + 1 == count:
        axes.set_xlabel(spec.get("xLabel", spec["x"]))
    if place % columns == 0:
        axes.set_ylabel(spec.get("yLabel", spec.get("y", "")))
    if spec.get("logY"):
        axes.set_yscale("log")
    elif spec.get("from0", spec["kind"] in ("bars", "stacked")):
        axes.set_ylim(bottom=0)
    if spec["kind"] == "pareto" and spec.get("logX"):
        axes.set_xscale("log")


def draw_all(study: Study, rows: Sequence[Row], folder: Path, formats: Sequence[str]) -> List[Path]:
    """Draws all figures of a study; their files."""
    drawn = [draw(study, spec, rows, folder, one) for spec in study.figures for one in formats]
    return [path for path in drawn if path]
