#!/usr/bin/env python3
# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Plots the results of mixnet-training, all-to-all, training-traffic and training-graph, and rates
that FlowRateRecorder has written.

usage: utils/plot.py timeline FOLDER [--layer=N] [--microbatch=N] [--out=FILE]
       utils/plot.py matrices FOLDER [--decision=N] [--out=FILE]
       utils/plot.py rates FOLDER [--out=FILE]
       utils/plot.py gantt FOLDER [--iteration=N] [--replica=N] [--out=FILE]
       utils/plot.py times FOLDER [--out=FILE]
       utils/plot.py volume|gpu-matrix|load|layers FOLDER [--out=FILE]
       utils/plot.py graph FOLDER [--out=FILE]

timeline: who does what when in one layer, rank by rank, what ranks wait for (circuits: exposed
          reconfiguration; slower ranks: straggler wait), and the blackouts of the switch (as the
          paper's Figure 20); from timeline.csv.
matrices: the demand between hosts, and the circuits the controller chose for it, side by side;
          from circuits.csv.
rates:    what each flow delivers, and the rate and, where it changes, the window that its
          congestion control allows; from rates.csv.

gantt:    which microbatch each pipeline stage of a job works on when, forward and backward; from
          gantt.csv.
times:    what the time of each iteration of a job goes into, on its critical path and on average
          over ranks; from iterations.csv.

volume:   the part of each parallelism in the bytes of an iteration, model by model (as the paper's
          Figure 2); from volume.csv.
gpu-matrix: the bytes between GPUs, of all parallelisms and of expert parallelism alone (Figure 5);
          from gpu-matrix.csv.
load:     the share of each expert of a layer over iterations, and the tokens from source rank to
          expert at some of them (Figure 4); from load.csv and load-matrix.csv.
layers:   the share of each expert in every layer (Figure 18); from layers.csv.
graph:    the tasks of an iteration, rank by rank, and what waits for what; from graph.dot.

Without --layer, --microbatch, --decision, --iteration or --replica it is the first there is. FILE
is FOLDER/timeline.png, FOLDER/matrices.png and so on unless given; its ending decides the format.
Results of a run that has not come to its end are marked as such.
Needs matplotlib (the package python3-matplotlib), for graph instead dot (the package graphviz).
"""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence

sys.dont_write_bytecode = True  # nothing changes outside build/

import result_tables  # noqa: E402
from console import Failure, Parser  # noqa: E402
from python_modules import find_module  # noqa: E402
from result_tables import Row, choose, read_rows  # noqa: E402

COLOURS = {
    "attention": "#4477aa",
    "gating": "#66ccee",
    "dispatch": "#ee6677",
    "allGather": "#ccbb44",
    "expert": "#228833",
    "reduceScatter": "#ddaa33",
    "combine": "#aa3377",
}
EXPOSED = "exposed reconfiguration"
STRAGGLER = "straggler wait"
BLACKOUT = "blackout"
AGAIN = "again (recomputation)"
WAIT_COLOURS = {EXPOSED: "#888888", STRAGGLER: "#dddddd", BLACKOUT: "#222222"}
ROW_INCHES, LEAST_ROW_INCHES = 0.28, 0.08
MOST_NAMED_RANKS = 70
FLOW_COLOURS = ("#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#bbbbbb")
MOST_NAMED_FLOWS = 14
PARALLELISM_COLOURS = {"TP": "#4477aa", "EP": "#ee6677", "DP": "#228833", "PP": "#ccbb44"}
MOST_NAMED_EXPERTS = 16
GANTT_COLOURS = {False: ("#4477aa", "#66ccee"), True: ("#228833", "#88bb66")}
# What the time of an iteration goes into: names in tables, for people, and colours.
TIMES = {
    "compute": ("compute", "#4477aa"),
    "dispatch": ("dispatch", "#ee6677"),
    "combine": ("combine", "#aa3377"),
    "tensorParallel": ("TP collectives", "#ccbb44"),
    "pipeline": ("PP transfers", "#66ccee"),
    "dataParallel": ("gradient all-reduces", "#228833"),
    "light": (EXPOSED, "#222222"),
    "imbalance": (STRAGGLER, "#888888"),
    "bubble": ("bubble", "#bbbbbb"),
}
DRAIN = ("pipeline drain", "#e6e6e6")


def import_pyplot():
    """Returns matplotlib.pyplot without a display; tries the system's Python, too."""
    find_module("matplotlib", "python3-matplotlib").use("Agg")
    from matplotlib import pyplot

    return pyplot


class Bar(NamedTuple):
    """A stretch of a rank's time, or of the switch's (rank -1)."""

    rank: int
    name: str
    begin: float  # seconds
    end: float
    again: bool = False  # done once more before backward


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


def plot_timeline(results: "Results", arguments: argparse.Namespace) -> Any:
    """Draws the timeline of one layer."""
    every = results.rows("timeline.csv")
    bars = bars_of(every)
    numbered = [{**row, "number": number} for number, row in enumerate(every)]
    rows = choose(numbered, results.folder / "timeline.csv",
                  {"layer": arguments.layer, "microbatch": arguments.microbatch})
    pyplot = import_pyplot()
    directions = [d for d in ("forward", "backward") if any(r["direction"] == d for r in rows)]
    ranks = sorted({row["rank"] for row in rows})
    row_height = max(LEAST_ROW_INCHES, min(ROW_INCHES, 18 * ROW_INCHES / len(ranks)))
    height = max(2.5, row_height * len(ranks) + 1.2)
    figure, axes = pyplot.subplots(
        len(directions), 1, figsize=(10, height * len(directions)), squeeze=False
    )
    shown = []
    for axis, direction in zip(axes[:, 0], directions):
        part = [bar for row in rows if row["direction"] == direction
                for bar in bars[row["number"]] if bar.end > bar.begin]
        draw_bars(axis, part, ranks)
        axis.set_title(f"layer {rows[0]['layer']}, microbatch {rows[0]['microbatch']}, {direction}",
                       loc="left")
        shown += part
    axes[-1, 0].set_xlabel("time, ms")
    colours = {**COLOURS, **WAIT_COLOURS}
    names = [name for name in colours if any(bar.name == name for bar in shown)]
    handles = [pyplot.Rectangle((0, 0), 1, 1, color=colours[name]) for name in names]
    if any(bar.again for bar in shown):
        names.append(AGAIN)
        handles.append(pyplot.Rectangle((0, 0), 1, 1, facecolor="white", edgecolor="black",
                                        hatch="///"))
    columns = min(6, len(names))
    figure.legend(handles, names, loc="upper center", ncol=columns, frameon=False, fontsize=8)
    lines = -(-len(names) // columns)
    figure.tight_layout(rect=(0, 0, 1, 1 - (0.1 + 0.17 * lines) / (height * len(directions))))
    return figure


def draw_bars(axis, bars: List[Bar], ranks: List[int]) -> None:
    """Draws the bars of one direction, and blackouts across all of them."""
    for bar in bars:
        begin, end = bar.begin * 1e3, bar.end * 1e3
        axis.barh(
            ranks.index(bar.rank),
            end - begin,
            left=begin,
            height=0.8,
            color=COLOURS.get(bar.name) or WAIT_COLOURS.get(bar.name, "#bb5566"),
            hatch="///" if bar.again else None,
        )
        if bar.name == BLACKOUT:
            axis.axvspan(begin, end, color=WAIT_COLOURS[BLACKOUT], alpha=0.08, linewidth=0)
    every = -(-len(ranks) // MOST_NAMED_RANKS)
    places = range(0, len(ranks), every)
    axis.set_yticks(places)
    axis.set_yticklabels(
        ["OCS" if ranks[place] < 0 else f"rank {ranks[place]}" for place in places],
        fontsize=9 if len(ranks) <= 30 else 5,
    )
    axis.set_ylim(len(ranks) - 0.4, -0.6)  # the first on top


def plot_matrices(results: "Results", arguments: argparse.Namespace) -> Any:
    """Draws demand and circuits of one decision of the controller."""
    rows = choose(results.rows("circuits.csv"), results.folder / "circuits.csv",
                  {"decision": arguments.decision})
    pyplot = import_pyplot()
    hosts = 1 + max(max(row["fromHost"], row["toHost"]) for row in rows)
    demand = [[0.0] * hosts for _ in range(hosts)]
    circuits = [[0.0] * hosts for _ in range(hosts)]
    for row in rows:
        source, destination = row["fromHost"], row["toHost"]
        demand[source][destination] = row["demandBytes"] * 1e-6
        circuits[source][destination] = row["circuits"]
    figure, axes = pyplot.subplots(1, 2, figsize=(11, 5))
    for axis, values, title in (
        (axes[0], demand, "demand, MB"),
        (axes[1], circuits, "circuits"),
    ):
        image = axis.imshow(values, cmap="viridis")
        ticks = range(int(max(map(max, values))) + 1) if title == "circuits" else None
        figure.colorbar(image, ax=axis, fraction=0.046, ticks=ticks)
        axis.set_title(title)
        axis.set_xlabel("to host")
        axis.set_ylabel("from host")
        top = max(map(max, values))
        for source in range(hosts):
            for destination in range(hosts if hosts <= 16 else 0):
                value = values[source][destination]
                axis.text(
                    destination,
                    source,
                    f"{value:.0f}",
                    ha="center",
                    va="center",
                    fontsize=8,
                    color="black" if top > 0 and value > 0.6 * top else "white",
                )
    first = rows[0]
    figure.suptitle(f"decision {first['decision']}: layer {first['layer']}, "
                    f"microbatch {first['microbatch']}")
    figure.tight_layout()
    return figure


def plot_rates(results: "Results", _: argparse.Namespace) -> Any:
    """Draws rate, and window where it changes, over time, flow by flow."""
    flows: Dict[int, List[Row]] = {}
    for row in results.rows("rates.csv"):
        flows.setdefault(row["flow"], []).append(row)
    pyplot = import_pyplot()
    has_windows = any(len({row["window_bytes"] for row in rows}) > 1 for rows in flows.values())
    panels = 2 if has_windows else 1
    figure, axes = pyplot.subplots(
        panels, 1, figsize=(8, 3.2 * panels + 0.4), sharex=True, squeeze=False
    )
    rate_axis, window_axis = axes[0, 0], axes[-1, 0]
    handles = []
    for number, rows in sorted(flows.items()):
        colour = FLOW_COLOURS[number % len(FLOW_COLOURS)]
        times = [row["time_s"] * 1e3 for row in rows]
        rates = [row["rate_gbps"] for row in rows]
        rate_axis.plot(times, rates, color=colour, linewidth=0.8, ls="--")
        handles += rate_axis.plot(
            times,
            [row["delivered_gbps"] for row in rows],
            color=colour,
            linewidth=1.5,
            label=f"flow {number}, NIC {rows[0]['source']} to {rows[0]['destination']}",
        )
        if has_windows:
            windows = [row["window_bytes"] * 1e-3 for row in rows]
            window_axis.plot(times, windows, color=colour, linewidth=1.5)
            window_axis.set_ylabel("window, kB")
    rate_axis.set_ylabel("rate, Gb/s")
    rate_axis.set_title("delivered payload (solid), allowed on the wire (dashed)", fontsize=9)
    window_axis.set_xlabel("time, ms")
    for axis in {rate_axis, window_axis}:
        axis.set_ylim(bottom=0)
        axis.grid(color="#dddddd", linewidth=0.5)
    handles = handles[:MOST_NAMED_FLOWS]
    columns = min(3, len(handles))
    lines = -(-len(handles) // columns)
    figure.legend(handles=handles, loc="upper center", ncol=columns, frameon=False, fontsize=9)
    figure.tight_layout(rect=(0, 0, 1, 1 - (0.22 * lines + 0.1) / figure.get_figheight()))
    return figure


def plot_volume(results: "Results", _: argparse.Namespace) -> Any:
    """Draws the parts of the parallelisms as stacked bars, in both countings."""
    rows = results.rows("volume.csv")
    pyplot = import_pyplot()
    models = list(dict.fromkeys(row["model"] for row in rows))
    figure, axes = pyplot.subplots(1, 2, figsize=(4 + 1.6 * len(models), 4), sharey=True)
    for axis, column, title in (
        (axes[0], "bufferPart", "each collective counted once"),
        (axes[1], "sentPart", "what GPUs send"),
    ):
        bottoms = dict.fromkeys(models, 0.0)
        for row in rows:
            place, bottom = models.index(row["model"]), bottoms[row["model"]]
            part = 100 * row[column]
            colour = PARALLELISM_COLOURS.get(row["parallelism"], "#bbbbbb")
            axis.bar(place, part, bottom=bottom, width=0.6, color=colour)
            if part >= 5:
                axis.text(place, bottom + part / 2, f"{part:.0f}", ha="center", va="center")
            bottoms[row["model"]] += part
        axis.set_xticks(range(len(models)))
        axis.set_xticklabels(models, fontsize=8)
        axis.set_title(title, fontsize=10)
    axes[0].set_ylabel("bytes of an iteration, %")
    handles = [pyplot.Rectangle((0, 0), 1, 1, color=c) for c in PARALLELISM_COLOURS.values()]
    figure.legend(handles, PARALLELISM_COLOURS, loc="upper center", ncol=4, frameon=False)
    figure.tight_layout(rect=(0, 0, 1, 0.92))
    return figure


def plot_gpu_matrix(results: "Results", _: argparse.Namespace) -> Any:
    """Draws the bytes between GPUs on a logarithmic scale."""
    rows = results.rows("gpu-matrix.csv")
    pyplot = import_pyplot()
    from matplotlib.colors import LogNorm

    gpus = 1 + max(max(row["fromGpu"], row["toGpu"]) for row in rows)
    figure, axes = pyplot.subplots(1, 2, figsize=(12, 5.4))
    for axis, columns, title in (
        (axes[0], ("tpBytes", "epBytes", "dpBytes", "ppBytes"), "all parallelisms"),
        (axes[1], ("epBytes",), "expert parallelism"),
    ):
        values = [[float("nan")] * gpus for _ in range(gpus)]
        for row in rows:
            gigabytes = sum(row[column] for column in columns) * 1e-9
            if gigabytes > 0:
                values[row["fromGpu"]][row["toGpu"]] = gigabytes
        shown = [value for line in values for value in line if value == value]
        norm = LogNorm(min(shown), max(shown)) if shown and min(shown) < max(shown) else None
        image = axis.imshow(values, cmap="viridis", norm=norm, interpolation="nearest")
        if shown:
            figure.colorbar(image, ax=axis, fraction=0.046, label="GB per iteration")
        axis.set_title(title)
        axis.set_xlabel("to GPU")
        axis.set_ylabel("from GPU")
    figure.tight_layout()
    return figure


def shares_of(rows: List[Row], column: str) -> Dict[int, Dict[int, float]]:
    """The share of every expert in all tokens, in percent, for each value of a column."""
    tokens: Dict[int, Dict[int, float]] = {}
    for row in rows:
        tokens.setdefault(row[column], {})[row["expert"]] = row["tokens"]
    experts = {row["expert"] for row in rows}
    return {
        key: {expert: 100 * counts.get(expert, 0) / max(1, sum(counts.values()))
              for expert in experts}
        for key, counts in tokens.items()
    }


def plot_load(results: "Results", _: argparse.Namespace) -> Any:
    """Draws shares over iterations above, matrices at some iterations below."""
    rows = results.rows("load.csv")
    matrices: Dict[int, Dict[tuple, float]] = {}
    for row in results.rows("load-matrix.csv"):
        if row["layer"] != rows[0]["layer"]:
            raise Failure(f"{results.folder}: load.csv is of layer {rows[0]['layer']}, "
                          f"load-matrix.csv of layer {row['layer']}: they are of different runs")
        place = (row["sourceRank"], row["expert"])
        matrices.setdefault(row["iteration"], {})[place] = row["tokens"]
    pyplot = import_pyplot()
    shares = shares_of(rows, "iteration")
    experts = sorted(next(iter(shares.values())))
    figure = pyplot.figure(figsize=(10, 7))
    grid = figure.add_gridspec(2, len(matrices), height_ratios=(3, 2))
    axis = figure.add_subplot(grid[0, :])
    colours = pyplot.get_cmap("tab20" if len(experts) <= 20 else "viridis", len(experts))
    for number, expert in enumerate(experts):
        line = [values[expert] for values in shares.values()]
        axis.plot(
            list(shares), line, color=colours(number), linewidth=1, label=f"expert {expert}"
        )
    if len(experts) <= MOST_NAMED_EXPERTS:
        axis.legend(fontsize=7, frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    axis.set_xlabel("iteration")
    axis.set_ylabel("tokens of the layer, %")
    axis.set_ylim(bottom=0)
    axis.set_title(f"load of each expert of MoE layer {rows[0]['layer']}", loc="left")
    top = max(max(matrix.values()) for matrix in matrices.values())
    for place, (iteration, matrix) in enumerate(matrices.items()):
        below = figure.add_subplot(grid[1, place])
        sources = 1 + max(source for source, _ in matrix)
        values = [[matrix.get((source, expert), 0) for expert in experts]
                  for source in range(sources)]
        below.imshow(values, cmap="viridis", vmin=0, vmax=top, aspect="auto")
        below.set_title(f"iteration {iteration}", fontsize=9)
        below.set_xlabel("expert")
        if place == 0:
            below.set_ylabel("source rank")
    figure.tight_layout()
    return figure


def plot_layers(results: "Results", _: argparse.Namespace) -> Any:
    """Draws the share of every expert in every layer."""
    shares = shares_of(results.rows("layers.csv"), "layer")
    pyplot = import_pyplot()
    experts = sorted(next(iter(shares.values())))
    figure, axis = pyplot.subplots(figsize=(max(5, 0.12 * len(shares) + 2), 4.5))
    values = [[shares[layer][expert] for layer in sorted(shares)] for expert in experts]
    image = axis.imshow(values, cmap="viridis", vmin=0, aspect="auto", interpolation="nearest")
    figure.colorbar(image, ax=axis, label="tokens of the layer, %")
    axis.set_xlabel("MoE layer")
    axis.set_ylabel("expert")
    figure.tight_layout()
    return figure


def plot_gantt(results: "Results", arguments: argparse.Namespace) -> Any:
    """Draws the steps of every pipeline stage of one replica in one iteration."""
    rows = choose(results.rows("gantt.csv"), results.folder / "gantt.csv",
                  {"iteration": arguments.iteration, "replica": arguments.replica})
    pyplot = import_pyplot()
    stages = sorted({row["stage"] for row in rows})
    begin = min(row["beginSeconds"] for row in rows)
    end = max(row["endSeconds"] for row in rows)
    figure, axis = pyplot.subplots(figsize=(11, max(2.5, 0.45 * len(stages) + 1.5)))
    for row in rows:
        start = row["beginSeconds"]
        width = row["endSeconds"] - start
        is_backward = row["direction"] == "backward"
        colour = GANTT_COLOURS[is_backward][row["chunk"] % 2]
        axis.barh(row["stage"], width, left=start - begin, color=colour, edgecolor="white",
                  height=0.8)
        if width > 0.015 * (end - begin):
            axis.text(
                start - begin + width / 2,
                row["stage"],
                str(row["microbatch"]),
                ha="center",
                va="center",
                fontsize=7,
                color="white",
            )
    for is_backward, name in ((False, "forward"), (True, "backward")):
        axis.barh(stages[0], 0, color=GANTT_COLOURS[is_backward][0], label=name)
    axis.set_yticks(stages)
    axis.invert_yaxis()
    axis.set_xlabel("time, s (numbers are microbatches)")
    axis.set_ylabel("pipeline stage")
    axis.legend(loc="upper center", bbox_to_anchor=(0.5, 1.18), ncol=2, frameon=False)
    figure.tight_layout()
    return figure


def drain_of(rows: List[Row]) -> float:
    """
    Seconds from a rank's last task to the end, on average.

    A rank begins an iteration when it has ended the one before, so it is only after its very last
    task that it has nothing more to do. That is part of the bubble of the last iteration.
    """
    return min(rows[-1].get("pipelineDrainMeanSeconds", 0.0), rows[-1].get("bubbleMeanSeconds", 0.0))


def plot_times(results: "Results", _: argparse.Namespace) -> Any:
    """Draws what the time of iterations goes into."""
    rows = results.rows("iterations.csv")
    kinds = [name[: -len("PathSeconds")] for name in rows[0] if name.endswith("PathSeconds")]
    if not kinds:
        raise Failure(f"{results.folder}/iterations.csv: has no column ...PathSeconds")
    pyplot = import_pyplot()
    figure, axes = pyplot.subplots(1, 2, figsize=(10, 4.2), sharey=True)
    numbers = [row["iteration"] for row in rows]
    for axis, ending, title in (
        (axes[0], "PathSeconds", "critical path"),
        (axes[1], "MeanSeconds", "all ranks, on average"),
    ):
        below = [0.0] * len(rows)
        for kind in kinds:
            values = [row.get(kind + ending, 0.0) for row in rows]
            if kind == "bubble" and ending == "MeanSeconds":
                values[-1] -= drain_of(rows)
            name, colour = TIMES.get(kind, (kind, "#bb5566"))
            axis.bar(numbers, values, bottom=below, color=colour, label=name)
            below = [low + value for low, value in zip(below, values)]
        if ending == "MeanSeconds":
            name, colour = DRAIN
            axis.bar(numbers[-1:], [drain_of(rows)], bottom=below[-1:], color=colour, label=name)
        axis.set_title(title, fontsize=10)
        axis.set_xlabel("iteration")
        axis.set_xticks(numbers[:: max(1, len(numbers) // 10)])
        axis.margins(y=0.05)
    axes[0].set_ylabel("time, s")
    handles, names = axes[1].get_legend_handles_labels()
    axes[1].legend(handles[::-1], names[::-1], loc="center left", bbox_to_anchor=(1.0, 0.5),
                   fontsize=8, frameon=False)  # in the order of the stacks
    figure.tight_layout()
    return figure


def draw_graph(results: "Results", out: Path) -> None:
    """Has Graphviz draw a task graph."""
    dot = shutil.which("dot")
    if dot is None:
        raise Failure("dot is missing; install Graphviz, on Debian the package graphviz")
    ending = out.suffix[1:] or "png"
    result = subprocess.run(
        [dot, f"-T{ending}", str(results.folder / "graph.dot"), "-o", str(out)],
        capture_output=True, text=True, check=False
    )
    if result.returncode != 0:
        lines = result.stderr.strip().splitlines()
        raise Failure(f"dot: {lines[0] if lines else 'failed without a word'}")


class Plot(NamedTuple):
    """A kind of plot."""

    files: Sequence[str]  # what it is made from
    writer: str  # who writes that
    draw: Optional[Callable[["Results", argparse.Namespace], Any]]  # None for Graphviz's
    options: Sequence[str] = ()

    @property
    def program(self) -> str:
        """The program that writes that."""
        return self.writer.split()[0]


TRAINING = "mixnet-training"
GROUP = "mixnet-training of one EP group"
TRAFFIC = "training-traffic"

PLOTS = {
    "timeline": Plot(["timeline.csv"], GROUP, plot_timeline, ["layer", "microbatch"]),
    "matrices": Plot(["circuits.csv"], GROUP, plot_matrices, ["decision"]),
    "rates": Plot(["rates.csv"], "all-to-all", plot_rates),
    "gantt": Plot(["gantt.csv"], TRAINING, plot_gantt, ["iteration", "replica"]),
    "times": Plot(["iterations.csv"], TRAINING, plot_times),
    "graph": Plot(["graph.dot"], "training-graph", None),
    "volume": Plot(["volume.csv"], TRAFFIC, plot_volume),
    "gpu-matrix": Plot(["gpu-matrix.csv"], TRAFFIC, plot_gpu_matrix),
    "load": Plot(["load.csv", "load-matrix.csv"], TRAFFIC, plot_load),
    "layers": Plot(["layers.csv"], TRAFFIC, plot_layers),
}
OPTIONS = ("layer", "microbatch", "decision", "iteration", "replica")


class Results:
    """The folder of a run."""

    def __init__(self, folder: Path) -> None:
        result_tables.check_folder(folder)
        self.folder = folder
        self.summary = result_tables.read_summary(folder)

    def rows(self, name: str) -> List[Row]:
        """The rows of a table, of which there is at least one."""
        return read_rows(self.folder, name)

    @property
    def writer(self) -> str:
        """Who has written the summary; empty where nobody has, or somebody unknown."""
        summary = self.summary or {}
        writer = str(summary.get("program", ""))
        return writer if any(plot.program == writer for plot in PLOTS.values()) else ""

    def plots(self) -> str:
        """The plots that can be made, for people."""
        names = [name for name, plot in PLOTS.items() if self.writer in ("", plot.program)
                 and all((self.folder / file).is_file() for file in plot.files)]
        return f"what is there makes the plots {', '.join(names)}" if names else (
            "nothing is there to make a plot of")

    def check(self, plot: Plot) -> None:
        """Refuses a plot for which files are missing, or left over from another run."""
        for file in plot.files:
            if not (self.folder / file).is_file():
                limit = "" if plot.draw else " for up to 2000 tasks"
                raise Failure(f"{self.folder}: has no {file}, as {plot.writer} writes it{limit}; "
                              f"{self.plots()}")
        if self.writer not in ("", plot.program):
            raise Failure(f"{self.folder}: {plot.files[0]} is left over from another run, for "
                          f"summary.json is of {self.writer}; {self.plots()}")

    def note(self, plot: Plot) -> str:
        """What has to be said about the results; empty when they are complete."""
        if self.summary is None:
            return "" if plot.writer in ("all-to-all", TRAFFIC, "training-graph") else (
                "not complete: there is no summary.json, the run goes on or was stopped")
        if self.summary.get("complete", True):
            return ""
        problems = self.summary.get("problems") or ["the run did not get to its end"]
        return f"not complete: {problems[0]}"


def check_out(out: Path) -> None:
    """Refuses a file that cannot be written, before anything is drawn."""
    if not out.absolute().parent.is_dir():
        raise Failure(f"--out={out}: there is no folder {out.parent}")
    if out.is_dir():
        raise Failure(f"--out={out}: is a folder; expected a file, as {out / 'plot.png'}")


def save(figure: Any, note: str, out: Path) -> None:
    """Writes a figure, with what has to be said about it above."""
    known = sorted(figure.canvas.get_supported_filetypes())
    if out.suffix[1:].lower() not in known:
        raise Failure(f"--out={out}: its ending must be one of {', '.join(known)}")
    if note:
        figure.text(0.5, 1.0, note, ha="center", va="bottom", color="#bb0000", fontsize=9)
    figure.savefig(out, dpi=150, bbox_inches="tight" if note else None)


def read_arguments(words: Sequence[str]) -> argparse.Namespace:
    """Reads the command line."""
    parser = Parser(prog="utils/plot.py", description=__doc__,
                    formatter_class=argparse.RawDescriptionHelpFormatter,
                    usage=argparse.SUPPRESS, allow_abbrev=False)
    parser.add_argument("what", nargs="?")
    parser.add_argument("folder", nargs="?", type=Path)
    for option in OPTIONS:
        parser.add_argument(f"--{option}", type=int)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args(words)
    if arguments.what is None:
        parser.error(f"which plot, of which folder? The plots are {', '.join(PLOTS)}")
    if arguments.what not in PLOTS:
        hint = ""
        if Path(arguments.what).is_dir():
            hint = f"; in {arguments.what}, {Results(Path(arguments.what)).plots()}"
        parser.error(f"there is no plot {arguments.what}, only {', '.join(PLOTS)}{hint}")
    if arguments.folder is None:
        parser.error(f"{arguments.what} of which folder?")
    for option in OPTIONS:
        if getattr(arguments, option) is not None and option not in PLOTS[arguments.what].options:
            takers = [name for name, plot in PLOTS.items() if option in plot.options]
            parser.error(f"--{option} is for {', '.join(takers)}, not for {arguments.what}")
    return arguments


def main() -> int:
    """Reads the arguments and plots."""
    try:
        arguments = read_arguments(sys.argv[1:])
        results, plot = Results(arguments.folder), PLOTS[arguments.what]
        results.check(plot)
        out = arguments.out or arguments.folder / f"{arguments.what}.png"
        check_out(out)
        if plot.draw is None:
            draw_graph(results, out)
        else:
            save(plot.draw(results, arguments), results.note(plot), out)
    except (Failure, OSError) as failure:
        print(f"plot.py: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("plot.py: interrupted", file=sys.stderr)
        return 130
    print(out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
