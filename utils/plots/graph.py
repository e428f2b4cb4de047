# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""The plot of a task graph: when ranks carry out their tasks, and the critical path."""

import argparse
import json
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Sequence, Tuple

from console import Failure
from plots.figures import WIDTHS, Drawing, import_pyplot, patch, time_unit
from plots.results import Results

PATH_COLOUR = "#CC0000"
MOST_ROWS = 64
MOST_EDGED_TASKS = 2000
MOST_ARROWS = 400  # of more dependencies between ranks, only those of the path are drawn
MOST_NAMED_ROWS = 16
OTHER_WORK = "gating, head, optimizer"
COMPUTE = {"attention": "attention", "expert": "expert"}
KINDS = {"expert": "#4477AA", "attention": "#66CCEE", OTHER_WORK: "#CCBB44"}


class Schedule(NamedTuple):
    """When tasks begin and end as early as they can, in seconds, and the path to the last end."""

    begins: List[float]
    ends: List[float]
    path: List[int]  # tasks, from the first to the last

    @property
    def makespan(self) -> float:
        """When all has been done."""
        return max(self.ends)


def read_graph(path: Path) -> Dict[str, Any]:
    """Reads graph.json."""
    try:
        graph = json.loads(path.read_text(encoding="utf-8"))
        tasks = graph["tasks"]
        for number, task in enumerate(tasks):
            if task["id"] != number or any(before >= number for before in task["after"]):
                raise ValueError(f"task {number} is not in order")
            task["rank"], task["kind"], task["direction"]  # pylint: disable=pointless-statement
        graph["ranks"] = int(graph["ranks"])
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise Failure(f"{path}: is not a task graph: {error}") from error
    if not tasks:
        raise Failure(f"{path}: has no tasks")
    return graph


def schedule_of(tasks: Sequence[Dict[str, Any]]) -> Schedule:
    """Each task as early as it can begin, communication being free."""
    begins: List[int] = []
    ends: List[int] = []
    for task in tasks:
        begins.append(max((ends[before] for before in task["after"]), default=0))
        ends.append(begins[-1] + task.get("picoseconds", 0))
    place = max(range(len(tasks)), key=lambda number: (ends[number], -number))
    path = [place]
    while tasks[place]["after"]:
        place = max(tasks[place]["after"], key=lambda before: (ends[before], -before))
        path.append(place)
    return Schedule([begin * 1e-12 for begin in begins], [end * 1e-12 for end in ends],
                    path[::-1])


def kind_of(task: Dict[str, Any]) -> str:
    """What the legend calls a task that takes time."""
    return COMPUTE.get(task["kind"], OTHER_WORK)


def plot_graph(results: Results, arguments: argparse.Namespace) -> Drawing:
    """Draws the tasks of every rank over time, and the critical path."""
    graph = read_graph(results.folder / "graph.json")
    tasks = graph["tasks"]
    schedule = schedule_of(tasks)
    pyplot = import_pyplot()
    from matplotlib.lines import Line2D

    path = schedule.path
    stride = -(-graph["ranks"] // MOST_ROWS)
    on_path = {tasks[number]["rank"] for number in path if takes_time(schedule, number)}
    ranks = [rank for rank in range(graph["ranks"]) if rank % stride == 0 or rank in on_path]
    rows = {rank: place for place, rank in enumerate(ranks)}
    factor, unit = time_unit(schedule.makespan)
    height = max(0.07, min(0.3, 2.2 / len(ranks)))
    figure, axis = pyplot.subplots(
        figsize=(WIDTHS[arguments.width], height * max(4, len(ranks)) + 0.35))
    key = draw_tasks(axis, tasks, schedule, rows, factor)
    arrows = arrows_of(tasks, schedule, rows)
    if 0 < len(arrows) <= MOST_ARROWS:
        for source, target in arrows:
            axis.annotate("", target, source, arrowprops={
                "arrowstyle": "-|>,head_length=.15,head_width=.08", "color": "#888888",
                "linewidth": 0.3, "shrinkA": 0, "shrinkB": 0})
        key["message between ranks"] = Line2D([], [], color="#888888", linewidth=0.6)
    draw_path(axis, tasks, schedule, rows, factor)
    key["critical path"] = Line2D([], [], color=PATH_COLOUR, linewidth=1.2)
    every = -(-len(ranks) // MOST_NAMED_ROWS)
    axis.set_yticks(range(0, len(ranks), every))
    axis.set_yticklabels([str(rank) for rank in ranks[::every]])
    axis.set_ylim(len(ranks) - 0.4, -0.6)
    axis.set_xlim(0, schedule.makespan * factor * 1.01)
    axis.set_xlabel(f"time, {unit}")
    axis.set_ylabel("rank")
    remarks = [f"each task as early as it can begin, communication free; critical path: "
               f"{len(path)} of {len(tasks)} tasks, {schedule.makespan * factor:.4g} {unit}"]
    if stride > 1:
        remarks.append(f"{len(ranks)} of {graph['ranks']} ranks: one of each {stride}, and those "
                       "of the path")
    if len(arrows) > MOST_ARROWS:
        remarks.append(f"{len(arrows)} messages between these ranks are not drawn")
    return Drawing(figure, "task graph of an iteration", remarks, key)


def takes_time(schedule: Schedule, number: int) -> bool:
    """Whether a task has a length."""
    return schedule.ends[number] > schedule.begins[number]


def draw_tasks(axis: Any, tasks: Sequence[Dict[str, Any]], schedule: Schedule,
               rows: Dict[int, int], factor: float) -> Dict[str, Any]:
    """Draws tasks as bars; returns the legend."""
    bars: Dict[Tuple[str, int], List[Tuple[float, float]]] = {}
    for number, task in enumerate(tasks):
        if task["rank"] in rows and takes_time(schedule, number):
            begin, end = schedule.begins[number] * factor, schedule.ends[number] * factor
            stretch = bars.setdefault((kind_of(task), rows[task["rank"]]), [])
            stretch.append((begin, end - begin))
    for (kind, row), stretch in bars.items():
        axis.broken_barh(stretch, (row - 0.4, 0.8), facecolor=KINDS[kind], edgecolor="white",
                         linewidth=0.15 if len(tasks) <= MOST_EDGED_TASKS else 0)
    there = {kind for kind, _ in bars}
    return {kind: patch(colour) for kind, colour in KINDS.items() if kind in there}


def arrows_of(tasks: Sequence[Dict[str, Any]], schedule: Schedule, rows: Dict[int, int]
              ) -> List[Tuple[Tuple[float, float], Tuple[float, float]]]:
    """From where to where messages between rows go."""
    factor = time_unit(schedule.makespan)[0]
    return [((schedule.begins[number] * factor, rows[task["rank"]]),
             (schedule.ends[number] * factor, rows[task["destination"]]))
            for number, task in enumerate(tasks) if task.get("type") == "message"
            and task["rank"] in rows and task.get("destination", task["rank"]) in rows
            and task["rank"] != task.get("destination", task["rank"])]


def draw_path(axis: Any, tasks: Sequence[Dict[str, Any]], schedule: Schedule,
              rows: Dict[int, int], factor: float) -> None:
    """Draws the critical path: strong along its tasks, thin from rank to rank."""
    times: List[float] = []
    places: List[float] = []
    for number in schedule.path:
        if takes_time(schedule, number):
            times += [schedule.begins[number] * factor, schedule.ends[number] * factor]
            places += [rows[tasks[number]["rank"]]] * 2
    axis.plot(times, places, color=PATH_COLOUR, linewidth=0.4, gid="critical path")
    axis.hlines(places[::2], times[::2], times[1::2], color=PATH_COLOUR, linewidth=1.5,
                gid="critical path")
