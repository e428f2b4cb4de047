# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Plots of one expert-parallel group: who does what when, and which circuits the demand gets."""

import argparse
import math
from copy import copy
from typing import Any, Dict, List, NamedTuple, Sequence, Tuple

from plots.figures import (BLACKOUT, COLOURS, EXPOSED, HATCHES, NOTHING, OTHER, STRAGGLER, WIDTHS,
                           Drawing, byte_unit, import_pyplot, patch, text_colour, time_unit)
from plots.results import Results
from result_tables import Row, choose

AGAIN = "again (recomputation)"
TENSOR = "TP collectives"
PHASES = {"attention": "attention", "gating": "gating", "expert": "expert", "dispatch": "dispatch",
          "combine": "combine", "attentionGather": TENSOR, "attentionScatter": TENSOR,
          "allGather": TENSOR, "reduceScatter": TENSOR, EXPOSED: EXPOSED, STRAGGLER: STRAGGLER,
          BLACKOUT: BLACKOUT}
MOST_RANKS = 48  # rows of a timeline
MOST_NAMED_RANKS = 16
ROW_INCHES, LEAST_ROW_INCHES = 0.16, 0.055
OCS_INCHES = 0.12
NUMBERED_HOSTS = 12  # a matrix of more has colours only
SIDE_BY_SIDE_HOSTS = 4  # in a column
CIRCUIT_COLOURS = ("#FFFFFF", "#BBD7EC", "#6FA8D6", "#2F74B0", "#134B80", "#0A2A4D")


class Bar(NamedTuple):
    """A stretch of a rank's time, or of the switch's (rank -1)."""

    rank: int
    name: str
    begin: float  # seconds
    end: float
    again: bool = False  # done once more before backward

    @property
    def legend(self) -> str:
        """Its name in the legend, which several phases may share."""
        return PHASES.get(self.name, OTHER[0])

    @property
    def colour(self) -> str:
        """Its colour."""
        return COLOURS.get(self.legend, OTHER[1])


def bars_of_row(row: Row, ends: Dict[int, float]) -> List[Bar]:
    """
    What a row of timeline.csv stands for: the phase, and before it what was waited for.

    @param row The row, after all those before it.
    @param ends By rank, when it ended what it did before; is kept up to date.
    """
    rank, begin, end = row["rank"], row["beginSeconds"], row["endSeconds"]
    lit, ready = begin - row["exposedSeconds"], begin + row["stragglerSeconds"]
    bars = [Bar(rank, row["name"], ready, end, row["recompute"] == "true")]
    if rank >= 0:
        bars += [Bar(rank, STRAGGLER, ends.get(rank, 0.0), lit),
                 Bar(rank, EXPOSED, lit, begin), Bar(rank, STRAGGLER, begin, ready)]
        ends[rank] = end
    return bars


def bars_of(rows: List[Row]) -> Dict[int, List[Bar]]:
    """What each row of timeline.csv stands for, by its number."""
    ends: Dict[int, float] = {}
    return {number: bars_of_row(row, ends) for number, row in enumerate(rows)}


def panels_of(rows: List[Row], bars: Dict[int, List[Bar]]) -> Dict[str, List[Bar]]:
    """
    The bars of each panel, by its title: forward and backward in one where nothing is between
    them, else one each.
    """
    parts: Dict[str, List[Bar]] = {}
    for direction in ("forward", "backward"):
        part = [bar for row in rows if row["direction"] == direction
                for bar in bars[row["number"]] if bar.end > bar.begin]
        if part:
            parts[direction] = part
    alone = {direction: trimmed(part) for direction, part in parts.items()}
    if len(parts) < 2:
        return alone
    spans = [span_of(part) for part in alone.values()]
    gap = spans[1][0] - spans[0][1]
    if gap <= 0.1 * sum(end - begin for begin, end in spans):
        both = [bar for part in parts.values() for bar in part]
        return {"forward, then backward": trimmed(both)}
    return alone


def trimmed(part: List[Bar]) -> List[Bar]:
    """Bars of a layer without what ranks waited for before its first phase or blackout."""
    begin = min(bar.begin for bar in part if bar.name not in (STRAGGLER, EXPOSED))
    return [bar._replace(begin=max(begin, bar.begin)) for bar in part if bar.end > begin]


def span_of(bars: Sequence[Bar]) -> Tuple[float, float]:
    """From when to when there are bars."""
    return min(bar.begin for bar in bars), max(bar.end for bar in bars)


def plot_timeline(results: Results, arguments: argparse.Namespace) -> Drawing:
    """Draws the timeline of one layer."""
    every = results.rows("timeline.csv")
    bars = bars_of(every)
    numbered = [{**row, "number": number} for number, row in enumerate(every)]
    rows = choose(numbered, results.folder / "timeline.csv",
                  {"layer": arguments.layer, "microbatch": arguments.microbatch})
    pyplot = import_pyplot()
    panels = panels_of(rows, bars)
    there = sorted({row["rank"] for row in rows if row["rank"] >= 0})
    stride = -(-len(there) // MOST_RANKS)
    ranks = [-1, *there[::stride]]
    panels = {title: [bar for bar in part if bar.rank in ranks] for title, part in panels.items()}
    lines = {title: [rank for rank in ranks if any(bar.rank == rank for bar in part)]
             for title, part in panels.items()}
    height = max(LEAST_ROW_INCHES, min(ROW_INCHES, 2.4 / len(ranks)))
    heights = [height * len(part) for part in lines.values()]
    figure, axes = pyplot.subplots(
        len(panels), 1, sharex=True, squeeze=False, gridspec_kw={"height_ratios": heights},
        figsize=(WIDTHS[arguments.width], sum(heights) + 0.25 + 0.3 * len(panels)))
    longest = max(end - begin for begin, end in map(span_of, panels.values()))
    factor, unit = time_unit(longest)
    for axis, (title, part) in zip(axes[:, 0], panels.items()):
        begin = span_of(part)[0]
        places = {rank: place for place, rank in enumerate(lines[title])}
        if -1 in places:
            places[-1] = min(0.0, 1 - OCS_INCHES / height)  # room for its text
        draw_bars(axis, part, places, begin, factor)
        axis.set_title(f"{title}, from {begin * factor:.4g} {unit} of the run", loc="left")
    axes[-1, 0].set_xlim(0, longest * factor * 1.01)
    axes[-1, 0].set_xlabel(f"time since the panel's begin, {unit}" if len(panels) > 1
                           else f"time, {unit}")
    shown = [bar for part in panels.values() for bar in part]
    key = {bar.legend: patch(bar.colour, HATCHES.get(bar.legend))
           for name in PHASES.values() for bar in shown if bar.legend == name}
    key.update({OTHER[0]: patch(OTHER[1]) for bar in shown if bar.legend == OTHER[0]})
    if any(bar.again for bar in shown):
        key[AGAIN] = patch("white", "////")
    remarks = [f"drawn: {len(ranks) - 1} of {len(there)} ranks, one in {stride}"] \
        if stride > 1 else []
    return Drawing(figure, f"layer {rows[0]['layer']}, microbatch {rows[0]['microbatch']}",
                   remarks, key)


def draw_bars(axis: Any, bars: Sequence[Bar], places: Dict[int, float], start: float,
              factor: float) -> None:
    """Draws the bars of a panel at the places of ranks, and blackouts across all of them."""
    for bar in bars:
        begin, width = (bar.begin - start) * factor, (bar.end - bar.begin) * factor
        axis.barh(places[bar.rank], width, left=begin, height=0.84, facecolor=bar.colour,
                  linewidth=0, edgecolor="black",
                  hatch="////" if bar.again else HATCHES.get(bar.legend))
        if bar.name == BLACKOUT:
            axis.axvspan(begin, begin + width, color="black", alpha=0.08, linewidth=0)
            own, unit = time_unit(bar.end - bar.begin)
            axis.text(begin + width, places[bar.rank],
                      f" {BLACKOUT} {(bar.end - bar.begin) * own:.3g} {unit}", ha="left",
                      va="center", fontsize=6.5)
    ranks = [rank for rank in places if rank >= 0]
    named = ranks[::-(-len(ranks) // MOST_NAMED_RANKS)]
    if -1 in places:
        named.insert(0, -1)
    axis.set_yticks([places[rank] for rank in named])
    axis.set_yticklabels(["OCS" if rank < 0 else f"{rank}" for rank in named])
    axis.set_ylabel("EP rank")
    axis.set_ylim(max(places.values()) + 0.6, min(places.values()) - 0.6)  # the first on top


def plot_matrices(results: Results, arguments: argparse.Namespace) -> Drawing:
    """Draws demand and circuits of one decision of the controller."""
    rows = choose(results.rows("circuits.csv"), results.folder / "circuits.csv",
                  {"decision": arguments.decision})
    pyplot = import_pyplot()
    first = min(min(row["fromHost"], row["toHost"]) for row in rows)
    hosts = 1 - first + max(max(row["fromHost"], row["toHost"]) for row in rows)
    demand = [[0.0] * hosts for _ in range(hosts)]
    circuits = [[0] * hosts for _ in range(hosts)]
    factor, unit = byte_unit(max(row["demandBytes"] for row in rows))
    for row in rows:
        source, destination = row["fromHost"] - first, row["toHost"] - first
        demand[source][destination] = row["demandBytes"] * factor
        circuits[source][destination] = row["circuits"]
    stacked = arguments.width == "column" and hosts > SIDE_BY_SIDE_HOSTS
    width = WIDTHS[arguments.width]
    size = (width, 2 * 0.8 * width) if stacked else (width, 0.42 * width)
    figure, axes = pyplot.subplots(*((2, 1) if stacked else (1, 2)), figsize=size)
    most = max(map(max, circuits))
    for axis, values, label in ((axes[0], demand, f"demand, {unit}"),
                                (axes[1], circuits, "circuits")):
        draw_matrix(figure, axis, values, label, most if label == "circuits" else None, first)
    direction = f", {rows[0]['direction']}" if rows[0]["direction"] else ""
    return Drawing(figure, f"decision {rows[0]['decision']}: layer {rows[0]['layer']}, "
                           f"microbatch {rows[0]['microbatch']}{direction}",
                   [], {"own host": patch(NOTHING)})


def draw_matrix(figure: Any, axis: Any, values: Sequence[Sequence[float]], label: str,
                most: Any, first: int) -> None:
    """Draws a matrix between hosts: amounts, or where most is given whole numbers up to that."""
    from matplotlib.colors import BoundaryNorm, LinearSegmentedColormap, ListedColormap
    from matplotlib.pyplot import get_cmap

    hosts = len(values)
    shown = [[math.nan if source == destination else values[source][destination]
              for destination in range(hosts)] for source in range(hosts)]
    if most is None:
        cmap = copy(get_cmap("viridis"))
        cmap.set_bad(NOTHING)
        image = axis.imshow(shown, cmap=cmap, vmin=0, aspect="auto")
        figure.colorbar(image, ax=axis, fraction=0.046, pad=0.03).set_label(label)
    else:
        colours = CIRCUIT_COLOURS[:most + 1] if most < len(CIRCUIT_COLOURS) else [
            LinearSegmentedColormap.from_list("circuits", CIRCUIT_COLOURS)(value / most)
            for value in range(most + 1)]
        norm = BoundaryNorm([value - 0.5 for value in range(most + 2)], most + 1)
        cmap = ListedColormap(colours)
        cmap.set_bad(NOTHING)
        image = axis.imshow(shown, cmap=cmap, norm=norm, aspect="auto")
        bar = figure.colorbar(image, ax=axis, fraction=0.046, pad=0.03, ticks=range(most + 1))
        bar.set_label(label)
        bar.ax.minorticks_off()
    for source in range(hosts):
        for destination in range(hosts if hosts <= NUMBERED_HOSTS else 0):
            value = values[source][destination]
            if source != destination:
                axis.text(destination, source, f"{value:.3g}", ha="center", va="center",
                          fontsize=6, color=text_colour(image.cmap(image.norm(value))[:3]))
    ticks = range(0, hosts, -(-hosts // 8))
    for set_ticks, set_labels in ((axis.set_xticks, axis.set_xticklabels),
                                  (axis.set_yticks, axis.set_yticklabels)):
        set_ticks(ticks)
        set_labels([str(first + tick) for tick in ticks])
    axis.set_xlabel("to host")
    axis.set_ylabel("from host")
    for side in axis.spines.values():
        side.set_visible(False)
