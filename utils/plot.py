#!/usr/bin/env python3
# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Plots the results of mixnet-training, training-traffic and training-graph, and rates that
FlowRateRecorder has written.

usage: utils/plot.py timeline FOLDER [--layer=N] [--microbatch=N] [--out=FILE]
       utils/plot.py matrices FOLDER [--decision=N] [--out=FILE]
       utils/plot.py rates FOLDER [--out=FILE]
       utils/plot.py gantt FOLDER [--iteration=N] [--replica=N] [--out=FILE]
       utils/plot.py times FOLDER [--out=FILE]
       utils/plot.py volume|gpu-matrix|load|layers FOLDER [--out=FILE]
       utils/plot.py graph FOLDER [--out=FILE]

timeline: who does what when in one layer, rank by rank, with the blackouts of the switch (as the
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

FILE is FOLDER/timeline.png, FOLDER/matrices.png and so on unless given; its ending decides the
format.
Needs matplotlib (the package python3-matplotlib), for graph instead dot (the package graphviz).
"""

import argparse
import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Dict, List

SYSTEM_PYTHON = "/usr/bin/python3"
COLOURS = {
    "attention": "#4477aa",
    "gating": "#66ccee",
    "dispatch": "#ee6677",
    "allGather": "#ccbb44",
    "expert": "#228833",
    "reduceScatter": "#ddaa33",
    "combine": "#aa3377",
    "blackout": "#222222",
}
FLOW_COLOURS = ("#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#bbbbbb")
MOST_NAMED_FLOWS = 14
PARALLELISM_COLOURS = {"TP": "#4477aa", "EP": "#ee6677", "DP": "#228833", "PP": "#ccbb44"}
MOST_NAMED_EXPERTS = 16
GANTT_COLOURS = {False: ("#4477aa", "#66ccee"), True: ("#228833", "#88bb66")}
TIME_COLOURS = (
    "#4477aa",
    "#ee6677",
    "#aa3377",
    "#ccbb44",
    "#66ccee",
    "#228833",
    "#222222",
    "#bbbbbb",
    "#dddddd",
)


class Refusal(Exception):
    """What the user gave cannot be plotted; the text says why."""


def import_pyplot():
    """Returns matplotlib.pyplot without a display; tries the system's Python, too."""
    try:
        import matplotlib
    except ImportError:
        if os.path.realpath(sys.executable) != os.path.realpath(SYSTEM_PYTHON) and os.path.exists(
            SYSTEM_PYTHON
        ):
            os.execv(SYSTEM_PYTHON, [SYSTEM_PYTHON, *sys.argv])
        raise Refusal("matplotlib is missing; install it, on Debian as python3-matplotlib")
    matplotlib.use("Agg")
    from matplotlib import pyplot

    return pyplot


def read_rows(folder: Path, name: str) -> List[Dict[str, str]]:
    """Reads a CSV file of a run."""
    path = folder / name
    try:
        with path.open(newline="") as file:
            return list(csv.DictReader(file))
    except OSError as error:
        raise Refusal(f"{path}: {error.strerror}; expected the results of a run")


def phase_title(row: Dict[str, str]) -> str:
    """Names a phase with its direction."""
    if row["recompute"] == "true":
        return row["name"] + ", again"
    return row["name"] + (", backward" if row["direction"] == "backward" else "")


def plot_timeline(folder: Path, layer: int, microbatch: int, out: Path) -> None:
    """Draws the timeline of one layer."""
    rows = [
        row
        for row in read_rows(folder, "timeline.csv")
        if int(row["layer"]) == layer and int(row["microbatch"]) == microbatch
    ]
    if not rows:
        raise Refusal(f"{folder}/timeline.csv: has no layer {layer} of microbatch {microbatch}")
    pyplot = import_pyplot()
    directions = [d for d in ("forward", "backward") if any(r["direction"] == d for r in rows)]
    ranks = sorted({int(row["rank"]) for row in rows})
    height = max(2.5, 0.28 * len(ranks) + 1.2)
    figure, axes = pyplot.subplots(
        len(directions), 1, figsize=(10, height * len(directions)), squeeze=False
    )
    for axis, direction in zip(axes[:, 0], directions):
        draw_direction(axis, [r for r in rows if r["direction"] == direction], ranks)
        axis.set_title(f"layer {layer}, microbatch {microbatch}, {direction}", loc="left")
    axes[-1, 0].set_xlabel("time, ms")
    handles = [
        pyplot.Rectangle((0, 0), 1, 1, color=COLOURS[name])
        for name in COLOURS
        if any(row["name"] == name for row in rows)
    ]
    names = [name for name in COLOURS if any(row["name"] == name for row in rows)]
    figure.legend(handles, names, loc="upper center", ncol=len(names), frameon=False, fontsize=8)
    figure.tight_layout(rect=(0, 0, 1, 1 - 0.45 / (height * len(directions))))
    figure.savefig(out, dpi=150)


def draw_direction(axis, rows: List[Dict[str, str]], ranks: List[int]) -> None:
    """Draws the bars of one direction."""
    for row in rows:
        begin = float(row["beginSeconds"]) * 1e3
        end = float(row["endSeconds"]) * 1e3
        axis.barh(
            ranks.index(int(row["rank"])),
            end - begin,
            left=begin,
            height=0.8,
            color=COLOURS[row["name"]],
            hatch="///" if row["recompute"] == "true" else None,
        )
    axis.set_yticks(range(len(ranks)))
    axis.set_yticklabels(["OCS" if rank < 0 else f"rank {rank}" for rank in ranks])
    axis.invert_yaxis()


def plot_matrices(folder: Path, decision: int, out: Path) -> None:
    """Draws demand and circuits of one decision of the controller."""
    rows = [r for r in read_rows(folder, "circuits.csv") if int(r["decision"]) == decision]
    if not rows:
        raise Refusal(f"{folder}/circuits.csv: has no decision {decision}")
    pyplot = import_pyplot()
    hosts = 1 + max(int(row["fromHost"]) for row in rows)
    demand = [[0.0] * hosts for _ in range(hosts)]
    circuits = [[0.0] * hosts for _ in range(hosts)]
    for row in rows:
        source, destination = int(row["fromHost"]), int(row["toHost"])
        demand[source][destination] = int(row["demandBytes"]) * 1e-6
        circuits[source][destination] = int(row["circuits"])
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
    figure.suptitle(f"layer {first['layer']}, microbatch {first['microbatch']}")
    figure.tight_layout()
    figure.savefig(out, dpi=150)


def plot_rates(folder: Path, out: Path) -> None:
    """Draws rate, and window where it changes, over time, flow by flow."""
    flows: Dict[int, List[Dict[str, str]]] = {}
    for row in read_rows(folder, "rates.csv"):
        flows.setdefault(int(row["flow"]), []).append(row)
    if not flows:
        raise Refusal(f"{folder}/rates.csv: has no rows")
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
        times = [float(row["time_s"]) * 1e3 for row in rows]
        rate_axis.plot(
            times, [float(row["rate_gbps"]) for row in rows], color=colour, linewidth=0.8, ls="--"
        )
        handles += rate_axis.plot(
            times,
            [float(row["delivered_gbps"]) for row in rows],
            color=colour,
            linewidth=1.5,
            label=f"flow {number}, NIC {rows[0]['source']} to {rows[0]['destination']}",
        )
        if has_windows:
            windows = [int(row["window_bytes"]) * 1e-3 for row in rows]
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
    figure.savefig(out, dpi=150)


def read_some_rows(folder: Path, name: str) -> List[Dict[str, str]]:
    """Reads a CSV file that has to have rows."""
    rows = read_rows(folder, name)
    if not rows:
        raise Refusal(f"{folder}/{name}: has no rows")
    return rows


def plot_volume(folder: Path, out: Path) -> None:
    """Draws the parts of the parallelisms as stacked bars, in both countings."""
    rows = read_some_rows(folder, "volume.csv")
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
            part = 100 * float(row[column])
            colour = PARALLELISM_COLOURS[row["parallelism"]]
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
    figure.savefig(out, dpi=150)


def plot_gpu_matrix(folder: Path, out: Path) -> None:
    """Draws the bytes between GPUs on a logarithmic scale."""
    rows = read_some_rows(folder, "gpu-matrix.csv")
    pyplot = import_pyplot()
    from matplotlib.colors import LogNorm

    gpus = 1 + max(max(int(row["fromGpu"]), int(row["toGpu"])) for row in rows)
    figure, axes = pyplot.subplots(1, 2, figsize=(12, 5.4))
    for axis, columns, title in (
        (axes[0], ("tpBytes", "epBytes", "dpBytes", "ppBytes"), "all parallelisms"),
        (axes[1], ("epBytes",), "expert parallelism"),
    ):
        values = [[float("nan")] * gpus for _ in range(gpus)]
        for row in rows:
            gigabytes = sum(int(row[column]) for column in columns) * 1e-9
            if gigabytes > 0:
                values[int(row["fromGpu"])][int(row["toGpu"])] = gigabytes
        shown = [value for line in values for value in line if value == value]
        norm = LogNorm(min(shown), max(shown)) if shown and min(shown) < max(shown) else None
        image = axis.imshow(values, cmap="viridis", norm=norm, interpolation="nearest")
        if shown:
            figure.colorbar(image, ax=axis, fraction=0.046, label="GB per iteration")
        axis.set_title(title)
        axis.set_xlabel("to GPU")
        axis.set_ylabel("from GPU")
    figure.tight_layout()
    figure.savefig(out, dpi=150)


def shares_of(rows: List[Dict[str, str]], column: str) -> Dict[int, Dict[int, float]]:
    """The share of every expert in all tokens, in percent, for each value of a column."""
    tokens: Dict[int, Dict[int, float]] = {}
    for row in rows:
        tokens.setdefault(int(row[column]), {})[int(row["expert"])] = float(row["tokens"])
    return {
        key: {expert: 100 * count / max(1, sum(counts.values())) for expert, count in counts.items()}
        for key, counts in tokens.items()
    }


def plot_load(folder: Path, out: Path) -> None:
    """Draws shares over iterations above, matrices at some iterations below."""
    rows = read_some_rows(folder, "load.csv")
    matrices: Dict[int, Dict[tuple, float]] = {}
    for row in read_some_rows(folder, "load-matrix.csv"):
        place = (int(row["sourceRank"]), int(row["expert"]))
        matrices.setdefault(int(row["iteration"]), {})[place] = float(row["tokens"])
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
        values = [[matrix[(source, expert)] for expert in experts] for source in range(sources)]
        below.imshow(values, cmap="viridis", vmin=0, vmax=top, aspect="auto")
        below.set_title(f"iteration {iteration}", fontsize=9)
        below.set_xlabel("expert")
        if place == 0:
            below.set_ylabel("source rank")
    figure.tight_layout()
    figure.savefig(out, dpi=150)


def plot_layers(folder: Path, out: Path) -> None:
    """Draws the share of every expert in every layer."""
    shares = shares_of(read_some_rows(folder, "layers.csv"), "layer")
    pyplot = import_pyplot()
    experts = sorted(next(iter(shares.values())))
    figure, axis = pyplot.subplots(figsize=(max(5, 0.12 * len(shares) + 2), 4.5))
    values = [[shares[layer][expert] for layer in sorted(shares)] for expert in experts]
    image = axis.imshow(values, cmap="viridis", vmin=0, aspect="auto", interpolation="nearest")
    figure.colorbar(image, ax=axis, label="tokens of the layer, %")
    axis.set_xlabel("MoE layer")
    axis.set_ylabel("expert")
    figure.tight_layout()
    figure.savefig(out, dpi=150)


def plot_gantt(folder: Path, iteration: int, replica: int, out: Path) -> None:
    """Draws the steps of every pipeline stage of one replica in one iteration."""
    rows = [
        row
        for row in read_some_rows(folder, "gantt.csv")
        if int(row["iteration"]) == iteration and int(row["replica"]) == replica
    ]
    if not rows:
        raise Refusal(
            f"gantt.csv has no steps of iteration {iteration}, replica {replica} "
            "(--iteration, --replica)"
        )
    pyplot = import_pyplot()
    stages = sorted({int(row["stage"]) for row in rows})
    begin = min(float(row["beginSeconds"]) for row in rows)
    end = max(float(row["endSeconds"]) for row in rows)
    figure, axis = pyplot.subplots(figsize=(11, max(2.5, 0.45 * len(stages) + 1.5)))
    for row in rows:
        start = float(row["beginSeconds"])
        width = float(row["endSeconds"]) - start
        is_backward = row["direction"] == "backward"
        colour = GANTT_COLOURS[is_backward][int(row["chunk"]) % 2]
        axis.barh(
            int(row["stage"]), width, left=start - begin, color=colour, edgecolor="white", height=0.8
        )
        if width > 0.015 * (end - begin):
            axis.text(
                start - begin + width / 2,
                int(row["stage"]),
                row["microbatch"],
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
    figure.savefig(out, dpi=150)


def plot_times(folder: Path, out: Path) -> None:
    """Draws what the time of iterations goes into."""
    rows = read_some_rows(folder, "iterations.csv")
    kinds = [name[: -len("PathSeconds")] for name in rows[0] if name.endswith("PathSeconds")]
    pyplot = import_pyplot()
    figure, axes = pyplot.subplots(1, 2, figsize=(10, 4.2), sharey=True)
    numbers = [int(row["iteration"]) for row in rows]
    for axis, ending, title in (
        (axes[0], "PathSeconds", "critical path"),
        (axes[1], "MeanSeconds", "all ranks, on average"),
    ):
        below = [0.0] * len(rows)
        for index, kind in enumerate(kinds):
            values = [float(row[kind + ending]) for row in rows]
            colour = TIME_COLOURS[index % len(TIME_COLOURS)]
            axis.bar(numbers, values, bottom=below, color=colour, label=kind)
            below = [low + value for low, value in zip(below, values)]
        axis.set_title(title, fontsize=10)
        axis.set_xlabel("iteration")
        axis.set_xticks(numbers[:: max(1, len(numbers) // 10)])
        axis.margins(y=0.05)
    axes[0].set_ylabel("time, s")
    axes[1].legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=8, frameon=False)
    figure.tight_layout()
    figure.savefig(out, dpi=150)


def plot_graph(folder: Path, out: Path) -> None:
    """Has Graphviz draw a task graph."""
    graph = folder / "graph.dot"
    if not graph.is_file():
        raise Refusal(f"{graph}: is not there; training-graph writes it for up to 2000 tasks")
    dot = shutil.which("dot")
    if dot is None:
        raise Refusal("dot is missing; install Graphviz, on Debian the package graphviz")
    ending = out.suffix[1:] or "png"
    result = subprocess.run(
        [dot, f"-T{ending}", str(graph), "-o", str(out)], capture_output=True, text=True
    )
    if result.returncode != 0:
        lines = result.stderr.strip().splitlines()
        raise Refusal(f"dot: {lines[0] if lines else 'failed without a word'}")


PLOTS_OF_TRAFFIC = {
    "volume": plot_volume,
    "gpu-matrix": plot_gpu_matrix,
    "load": plot_load,
    "layers": plot_layers,
}


PLOTS = ("timeline", "matrices", "rates", "gantt", "times", "graph", *PLOTS_OF_TRAFFIC)


def main() -> int:
    """Reads the arguments and plots."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=PLOTS)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--layer", type=int, default=0)
    parser.add_argument("--microbatch", type=int, default=0)
    parser.add_argument("--decision", type=int, default=0)
    parser.add_argument("--iteration", type=int, default=0)
    parser.add_argument("--replica", type=int, default=0)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    out = arguments.out or arguments.folder / f"{arguments.what}.png"
    try:
        if arguments.what == "timeline":
            plot_timeline(arguments.folder, arguments.layer, arguments.microbatch, out)
        elif arguments.what == "rates":
            plot_rates(arguments.folder, out)
        elif arguments.what == "gantt":
            plot_gantt(arguments.folder, arguments.iteration, arguments.replica, out)
        elif arguments.what == "times":
            plot_times(arguments.folder, out)
        elif arguments.what == "graph":
            plot_graph(arguments.folder, out)
        elif arguments.what in PLOTS_OF_TRAFFIC:
            PLOTS_OF_TRAFFIC[arguments.what](arguments.folder, out)
        else:
            plot_matrices(arguments.folder, arguments.decision, out)
    except (Refusal, OSError) as refusal:
        print(f"plot.py: {refusal}", file=sys.stderr)
        return 1
    print(out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
