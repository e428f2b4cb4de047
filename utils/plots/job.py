# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Plots of a whole job: its pipeline, and what its time goes into."""

import argparse
from typing import Any, Dict, List, Sequence, Tuple

from console import Failure
from plots.figures import (COLOURS, EXPOSED, HATCHES, OTHER, STRAGGLER, WIDTHS, Drawing,
                           import_pyplot, patch, text_colour, time_unit)
from plots.results import Results
from result_tables import Row, choose

REDUCES = ("expertReduce", "sharedReduce")
REDUCE = "gradient all-reduces"
OPTIMIZER, OPTIMIZER_COLOUR = "optimizer", "#AA3377"
# By direction: colours of the first, third, ... and of the second, fourth, ... chunk of a stage.
GANTT_COLOURS = {"forward": ("#4477AA", "#99BBDD"), "backward": ("#CCBB44", "#E8DFA0")}
STAGE_INCHES = 0.22
STEP_PLACE, STEP_HEIGHT = -0.1, 0.6  # in the row of a stage
LANE_PLACE, LANE_HEIGHT = 0.32, 0.2  # below its steps
NUMBER_POINTS = 5.5

# What the time of an iteration goes into: names in tables, and for people.
TIMES = {
    "compute": "compute",
    "dispatch": "dispatch",
    "combine": "combine",
    "tensorParallel": "TP collectives",
    "pipeline": "PP transfers",
    "dataParallel": REDUCE,
    "light": EXPOSED,
    "imbalance": STRAGGLER,
    "bubble": "bubble",
}
DRAIN = "pipeline drain"
MOST_SINGLE_BARS = 3  # iterations that stand beside each other in one panel
LEAST_LABELLED = 0.05  # part of a bar that has room for a number


def plot_gantt(results: Results, arguments: argparse.Namespace) -> Drawing:
    """Draws the steps of every pipeline stage of one replica in one iteration."""
    rows = choose(results.rows("gantt.csv"), results.folder / "gantt.csv",
                  {"iteration": arguments.iteration, "replica": arguments.replica})
    iteration, replica = rows[0]["iteration"], rows[0]["replica"]
    phases = [row for row in (results.rows("phases.csv") if results.has("phases.csv") else [])
              if row["iteration"] == iteration and row["replica"] == replica]
    pyplot = import_pyplot()
    stages = sorted({row["stage"] for row in rows})
    begin = min(row["beginSeconds"] for row in rows)
    end = max([row["endSeconds"] for row in rows]
              + [row["startSeconds"] + row["durationSeconds"] for row in phases])
    factor, unit = time_unit(end - begin)
    width = WIDTHS[arguments.width]
    figure, axis = pyplot.subplots(figsize=(width, STAGE_INCHES * max(4, len(stages)) + 0.35))
    key: Dict[str, Any] = {}
    chunks = 1 + max(row["chunk"] for row in rows)
    points = 72 * (width - 0.45) / (end - begin)  # in a second
    numbered = False
    for row in rows:
        colour = GANTT_COLOURS[row["direction"]][row["chunk"] % 2]
        span = row["endSeconds"] - row["beginSeconds"]
        left = (row["beginSeconds"] - begin) * factor
        axis.barh(stages.index(row["stage"]) + STEP_PLACE, span * factor, left=left, color=colour,
                  edgecolor="white", linewidth=0.3, height=STEP_HEIGHT)
        key.setdefault(name_of_step(row, chunks), patch(colour))
        text = str(row["microbatch"])
        if span * points > 0.75 * NUMBER_POINTS * len(text):
            numbered = True
            axis.text(left + span * factor / 2, stages.index(row["stage"]) + STEP_PLACE, text,
                      ha="center", va="center_baseline", fontsize=NUMBER_POINTS,
                      color=text_colour(colour))
    key = {name: key[name] for name in sorted(key, key=lambda n: (not n.startswith("f"), n))}
    for place, height, colour, name, bars in lanes_of(phases, stages):
        if bars:
            axis.barh([stage + place for stage, _, _ in bars],
                      [(stop - start) * factor for _, start, stop in bars],
                      left=[(start - begin) * factor for _, start, _ in bars], height=height,
                      color=colour, edgecolor=colour, linewidth=0.4)
            key[name] = patch(colour)
    axis.set_yticks(range(len(stages)))
    axis.set_yticklabels([str(stage) for stage in stages])
    axis.set_ylim(len(stages) - 0.45, -0.55)
    axis.set_xlim(0, (end - begin) * factor * 1.01)
    axis.set_xlabel(f"time, {unit}")
    axis.set_ylabel("pipeline stage")
    remarks = ["numbers: microbatches, where there is room"] if numbered else []
    if not phases:
        remarks.append("blackouts, all-reduces and optimizer are not drawn: there is no phases.csv")
    return Drawing(figure, f"iteration {iteration}, replica {replica}", remarks, key)


def name_of_step(row: Row, chunks: int) -> str:
    """What the legend calls a step."""
    if chunks == 1:
        return str(row["direction"])
    first = row["chunk"] % 2
    return f"{row['direction']}, chunk " + ", ".join(map(str, range(first, chunks, 2)))


def lanes_of(phases: Sequence[Row], stages: List[int]) -> List[Tuple[
        float, float, str, str, List[Tuple[int, float, float]]]]:
    """What is drawn beside steps: place, height, colour, name, and (stage's row, from, to)."""
    def spans(names: Sequence[str]) -> List[Tuple[int, float, float]]:
        return [(stages.index(row["stage"]), row["startSeconds"],
                 row["startSeconds"] + row["durationSeconds"])
                for row in phases if row["name"] in names and row["stage"] in stages]

    exposed = [(stages.index(row["stage"]), row["startSeconds"] - row["exposedSeconds"],
                row["startSeconds"]) for row in phases
               if row["exposedSeconds"] > 0 and row["stage"] in stages]
    return [(LANE_PLACE, LANE_HEIGHT, COLOURS[REDUCE], REDUCE, spans(REDUCES)),
            (LANE_PLACE, LANE_HEIGHT, COLOURS[EXPOSED], EXPOSED, exposed),
            (STEP_PLACE, STEP_HEIGHT, OPTIMIZER_COLOUR, OPTIMIZER, spans([OPTIMIZER]))]


def drain_of(rows: List[Row]) -> float:
    """
    Seconds from a rank's last task to the end, on average.

    A rank begins an iteration when it has ended the one before, so it is only after its very last
    task that it has nothing more to do. That is part of the bubble of the last iteration.
    """
    last = rows[-1]
    return min(last.get("pipelineDrainMeanSeconds", 0.0), last.get("bubbleMeanSeconds", 0.0))


class Part:
    """A part of every bar of one sort."""

    def __init__(self, name: str, colour: str, values: List[float], hatch: str = "") -> None:
        self.name, self.colour, self.values, self.hatch = name, colour, values, hatch


def parts_of(rows: List[Row], ending: str) -> List[Part]:
    """
    What bars are made of, bottom up; in each bar they add up to the time of the iteration.

    @param rows Iterations.
    @param ending "PathSeconds" of the critical path, "MeanSeconds" of all ranks on average.
    """
    kinds = [name[: -len("PathSeconds")] for name in rows[0] if name.endswith("PathSeconds")]
    if not kinds:
        raise Failure("has no column ...PathSeconds")
    drain = drain_of(rows) if ending == "MeanSeconds" else 0.0
    parts = []
    for kind in kinds:
        values = [row.get(kind + ending, 0.0) for row in rows]
        if kind == "bubble":
            values[-1] -= drain
        name = TIMES.get(kind, kind)
        parts.append(Part(name, COLOURS.get(name, OTHER[1]), values))
    if drain > 0:
        parts.append(Part(DRAIN, COLOURS["bubble"], [0.0] * (len(rows) - 1) + [drain],
                          HATCHES[DRAIN]))
    return parts


def plot_times(results: Results, arguments: argparse.Namespace) -> Drawing:
    """Draws what the time of iterations goes into."""
    rows = results.rows("iterations.csv")
    try:
        stacks = {"critical path": parts_of(rows, "PathSeconds"),
                  "mean of ranks": parts_of(rows, "MeanSeconds")}
    except Failure as failure:
        raise Failure(f"{results.folder}/iterations.csv: {failure}") from None
    pyplot = import_pyplot()
    factor, unit = time_unit(max(row["seconds"] for row in rows))
    figure, axes = pyplot.subplots(1, 2, figsize=(WIDTHS[arguments.width], 2.0), sharey=True)
    numbers = [row["iteration"] for row in rows]
    drawn: Dict[str, Any] = {}
    for axis, (title, parts) in zip(axes, stacks.items()):
        below = [0.0] * len(rows)
        for part in parts:
            heights = [value * factor for value in part.values]
            axis.bar(numbers, heights, bottom=below, width=0.8 if len(rows) > 1 else 0.5,
                     facecolor=part.colour, edgecolor="black" if part.hatch else part.colour,
                     linewidth=0, hatch=part.hatch or None, label=part.name)
            if len(rows) <= MOST_SINGLE_BARS:
                label_parts(axis, numbers, below, heights, part,
                            [row["seconds"] * factor for row in rows])
            below = [low + value for low, value in zip(below, heights)]
            if any(value > 0 for value in part.values):
                drawn[part.name] = patch(part.colour, part.hatch or None)
        axis.set_title(title, loc="left")
        axis.set_xlabel("iteration")
        axis.set_xticks(numbers[:: max(1, -(-len(numbers) // 6))])
        axis.set_xlim(numbers[0] - 0.6, numbers[-1] + 0.6)
        axis.margins(y=0.05)
    axes[0].set_ylabel(f"time, {unit}")
    order = [*TIMES.values(), *(part.name for part in stacks["mean of ranks"])]
    key = {name: drawn[name] for name in dict.fromkeys(order) if name in drawn}
    remarks = ["drain: of the bubble, after the last task of the last iteration"] \
        if DRAIN in key and len(rows) > 1 else []
    if len(rows) <= MOST_SINGLE_BARS:
        remarks.append("numbers: % of the iteration")
    return Drawing(figure, "", remarks, key)


def label_parts(axis: Any, numbers: Sequence[int], below: Sequence[float],
                heights: Sequence[float], part: Part, whole: Sequence[float]) -> None:
    """Writes into parts of bars how many percent they are, where there is room."""
    for number, low, height, total in zip(numbers, below, heights, whole):
        if total > 0 and height >= LEAST_LABELLED * total:
            axis.text(number, low + height / 2, f"{100 * height / total:.0f}", ha="center",
                      va="center_baseline", fontsize=6, color=text_colour(part.colour),
                      bbox={"facecolor": part.colour, "edgecolor": "none", "pad": 0.6}
                      if part.hatch else None)
