# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Plots of traffic before any network: bytes by parallelism and GPU, and loads of experts."""

import argparse
import math
import re
from copy import copy
from typing import Any, Dict, List, Sequence, Tuple

from console import Failure
from plots.figures import (LINE_COLOURS, NOTHING, OTHER, WIDTHS, Drawing, byte_unit,
                           draw_bands, import_pyplot, patch, text_colour)
from plots.results import Results
from result_tables import Row

PARALLELISM_COLOURS = {"TP": "#CCBB44", "EP": "#EE6677", "DP": "#228833", "PP": "#66CCEE"}
LEAST_LABELLED = 5  # percent
MOST_EXPERTS = 64  # rows of experts; of more the distribution is drawn
MOST_GPUS = 256  # of more, servers are drawn
MOST_LINES = 8  # experts; of more the distribution is drawn
MOST_LINED_SERVERS = 32
GPUS_PER_SERVER = 8


def plot_volume(results: Results, arguments: argparse.Namespace) -> Drawing:
    """Draws the parts of the parallelisms as stacked bars, in both countings."""
    rows = results.rows("volume.csv")
    pyplot = import_pyplot()
    models = list(dict.fromkeys(row["model"] for row in rows))
    figure, axes = pyplot.subplots(2, 1, sharex=True, figsize=(
        WIDTHS[arguments.width], 2 * (0.24 * len(models) + 0.25) + 0.3))
    key: Dict[str, Any] = {}
    for axis, column, title in (
        (axes[0], "bufferPart", "collectives, each counted once"),
        (axes[1], "sentPart", "what GPUs send"),
    ):
        lefts = dict.fromkeys(models, 0.0)
        for row in rows:
            place, left = models.index(row["model"]), lefts[row["model"]]
            part = 100 * row[column]
            name = row["parallelism"] if row["parallelism"] in PARALLELISM_COLOURS else OTHER[0]
            colour = PARALLELISM_COLOURS.get(name, OTHER[1])
            axis.barh(place, part, left=left, height=0.7, color=colour, linewidth=0)
            key[name] = patch(colour)
            if part >= LEAST_LABELLED:
                axis.text(left + part / 2, place, f"{part:.0f}", ha="center", fontsize=6.5,
                          va="center_baseline", color=text_colour(colour))
            lefts[row["model"]] += part
        axis.set_yticks(range(len(models)))
        axis.set_yticklabels(models)
        axis.set_ylim(len(models) - 0.5, -0.5)
        axis.set_xlim(0, 100)
        axis.set_title(title, loc="left")
    axes[1].set_xlabel("bytes of an iteration, %")
    names = [name for name in (*PARALLELISM_COLOURS, OTHER[0]) if name in key]
    return Drawing(figure, "", [], {name: key[name] for name in names})


def gpus_per_server(results: Results) -> int:
    """GPUs of a server, as the run says."""
    found = re.search(r"hosts? of (\d+) GPUs", str(results.get("parallelism", "")))
    return int(found[1]) if found else GPUS_PER_SERVER


def plot_gpu_matrix(results: Results, arguments: argparse.Namespace) -> Drawing:
    """Draws the bytes between GPUs, or servers where there are many, on one logarithmic scale."""
    rows = results.rows("gpu-matrix.csv")
    pyplot = import_pyplot()
    from matplotlib.colors import LogNorm
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    server = gpus_per_server(results)
    gpus = 1 + max(max(row["fromGpu"], row["toGpu"]) for row in rows)
    merged = server if gpus > MOST_GPUS else 1
    size = -(-gpus // merged)
    panels = []
    for columns, title in ((("tpBytes", "epBytes", "dpBytes", "ppBytes"), "all parallelisms"),
                           (("epBytes",), "EP alone")):
        values = [[0.0] * size for _ in range(size)]
        for row in rows:
            source, destination = row["fromGpu"] // merged, row["toGpu"] // merged
            values[source][destination] += sum(row[column] for column in columns)
        panels.append((title, [[value or math.nan for value in line] for line in values]))
    shown = [value for _, values in panels for line in values for value in line if value == value]
    if not shown:
        raise Failure(f"{results.folder / 'gpu-matrix.csv'}: has no bytes between GPUs")
    factor, unit = byte_unit(max(shown))
    shown = [value * factor for value in shown]
    low, high = math.floor(math.log10(min(shown))), math.ceil(math.log10(max(shown)))
    norm = LogNorm(10.0 ** low, 10.0 ** max(high, low + 1))
    width = WIDTHS[arguments.width]
    figure = pyplot.figure(figsize=(width, 0.5 * width + 0.5))
    grid = figure.add_gridspec(2, 2, height_ratios=(1, 0.05))
    cmap = copy(pyplot.get_cmap("viridis"))
    cmap.set_bad(NOTHING)
    for place, (title, values) in enumerate(panels):
        axis = figure.add_subplot(grid[0, place])
        image = axis.imshow([[value * factor for value in line] for line in values], cmap=cmap,
                            norm=norm, aspect="auto")
        axis.set_title(title, loc="left")
        draw_servers(axis, size, server if merged == 1 else 0)
        what = "GPU" if merged == 1 else "server"
        axis.set_xlabel(f"to {what}")
        if place == 0:
            axis.set_ylabel(f"from {what}")
        else:
            axis.tick_params(labelleft=False)
    bar = figure.colorbar(image, cax=figure.add_subplot(grid[1, :]), orientation="horizontal")
    bar.set_label(f"{unit} per iteration")
    bar.ax.xaxis.set_major_locator(LogLocator(base=10))
    bar.ax.xaxis.set_minor_locator(NullLocator())
    bar.ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    remarks = [f"sums of servers of {server} GPUs, traffic inside of them on the diagonal"
               if merged > 1 else f"lines: servers of {server} GPUs"]
    return Drawing(figure, "", remarks, {"no traffic": patch(NOTHING)})


def draw_servers(axis: Any, size: int, server: int) -> None:
    """Draws lines between servers and gives them ticks; without lines for 0."""
    if server and size > server:
        if size <= MOST_LINED_SERVERS * server:
            for place in range(server, size, server):
                for line in (axis.axhline, axis.axvline):
                    line(place - 0.5, color="white", linewidth=0.3, gid="server")
    step = max(1, server)
    ticks = range(0, size, step * max(1, -(-size // (4 * step))))
    axis.set_xticks(ticks)
    axis.set_yticks(ticks)


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


def read_matrices(results: Results, layer: int) -> Dict[int, Dict[Tuple[int, int], float]]:
    """Tokens by source rank and expert, by iteration."""
    matrices: Dict[int, Dict[Tuple[int, int], float]] = {}
    for row in results.rows("load-matrix.csv"):
        if row["layer"] != layer:
            raise Failure(f"{results.folder}: load.csv is of layer {layer}, "
                          f"load-matrix.csv of layer {row['layer']}: they are of different runs")
        place = (row["sourceRank"], row["expert"])
        matrices.setdefault(row["iteration"], {})[place] = row["tokens"]
    return matrices


def plot_load(results: Results, arguments: argparse.Namespace) -> Drawing:
    """Draws shares over iterations above, matrices at some iterations below."""
    rows = results.rows("load.csv")
    matrices = read_matrices(results, rows[0]["layer"])
    pyplot = import_pyplot()
    shares = shares_of(rows, "iteration")
    experts = sorted(next(iter(shares.values())))
    figure = pyplot.figure(figsize=(WIDTHS[arguments.width], 3.1))
    grid = figure.add_gridspec(2, len(matrices) + 1, height_ratios=(1.2, 1),
                               width_ratios=[1] * len(matrices) + [0.07])
    axis = figure.add_subplot(grid[0, :])
    key: Dict[str, Any] = {}
    remarks = []
    if len(experts) <= MOST_LINES:
        for number, expert in enumerate(experts):
            key[f"expert {expert}"] = axis.plot(
                list(shares), [values[expert] for values in shares.values()],
                color=LINE_COLOURS[number % len(LINE_COLOURS)], linewidth=0.9,
                linestyle="--" if number >= len(LINE_COLOURS) else "-")[0]
    else:
        key = draw_bands(axis, list(shares), [list(values.values()) for values in shares.values()])
        remarks.append(f"above: distribution over {len(experts)} experts")
    key["even load"] = axis.axhline(100 / len(experts), color="black", linewidth=0.8,
                                    linestyle=":")
    axis.set_xlabel("iteration")
    axis.set_ylabel("share of an expert,\n% of tokens")
    axis.set_ylim(bottom=0)
    axis.set_xlim(min(shares), max(shares) if len(shares) > 1 else min(shares) + 1)
    axis.grid(True)
    draw_load_matrices(figure, grid, matrices, experts)
    remarks.append(f"below: tokens from source rank to expert at {len(matrices)} iterations")
    return Drawing(figure, f"MoE layer {rows[0]['layer']}", remarks, key)


def draw_load_matrices(figure: Any, grid: Any, matrices: Dict[int, Dict[Tuple[int, int], float]],
                       experts: Sequence[int]) -> None:
    """Draws the matrices of some iterations side by side, with one scale."""
    top = max(max(matrix.values()) for matrix in matrices.values())
    factor, unit = (1e-3, "1000 tokens") if top >= 10000 else (1.0, "tokens")
    for place, (iteration, matrix) in enumerate(matrices.items()):
        axis = figure.add_subplot(grid[1, place])
        sources = 1 + max(source for source, _ in matrix)
        values = [[matrix.get((source, expert), 0) * factor for expert in experts]
                  for source in range(sources)]
        image = axis.imshow(values, vmin=0, vmax=max(top * factor, 1e-9), aspect="auto")
        axis.set_title(f"it. {iteration}", loc="left")
        axis.set_xlabel("expert")
        axis.set_xticks([0, len(experts) - 1])
        axis.set_xticklabels([str(experts[0]), str(experts[-1])])
        axis.set_yticks([0, sources - 1] if place == 0 else [])
        if place == 0:
            axis.set_ylabel("source rank")
    bar = figure.colorbar(image, cax=figure.add_subplot(grid[1, len(matrices)]))
    bar.set_label(unit)


def plot_layers(results: Results, arguments: argparse.Namespace) -> Drawing:
    """Draws the share of every expert in every layer."""
    shares = shares_of(results.rows("layers.csv"), "layer")
    pyplot = import_pyplot()
    experts, layers = sorted(next(iter(shares.values()))), sorted(shares)
    figure, axis = pyplot.subplots(figsize=(WIDTHS[arguments.width], 1.9))
    if len(experts) > MOST_EXPERTS:
        return draw_layer_bands(figure, axis, shares, layers)
    values = [[shares[layer][expert] for layer in layers] for expert in experts]
    image = axis.imshow(values, vmin=0, aspect="auto")
    bar = figure.colorbar(image, ax=axis, pad=0.02)
    bar.set_label("share of an expert,\n% of the layer's tokens")
    even = 100 / len(experts)
    bar.ax.axhline(even, color="white", linewidth=1)
    for set_ticks, set_labels, numbers, most in (
            (axis.set_xticks, axis.set_xticklabels, layers, 8),
            (axis.set_yticks, axis.set_yticklabels, experts, 8)):
        places = range(0, len(numbers), -(-len(numbers) // most))
        set_ticks(places)
        set_labels([str(numbers[place]) for place in places])
    axis.set_xlabel("MoE layer")
    axis.set_ylabel("expert")
    return Drawing(figure, "", [f"white line on the scale: even load, {even:.3g} %"])


def draw_layer_bands(figure: Any, axis: Any, shares: Dict[int, Dict[int, float]],
                     layers: Sequence[int]) -> Drawing:
    """Draws how shares of many experts are distributed in every layer."""
    edges = [layers[0] - 0.5, *(layer + 0.5 for layer in layers)]
    groups = [list(shares[layer].values()) for layer in layers]
    key = draw_bands(axis, edges, [groups[0], *groups], "pre")
    key["even load"] = axis.axhline(100 / len(groups[0]), color="black", linewidth=0.8,
                                    linestyle=":")
    axis.set_xlim(edges[0], edges[-1])
    axis.set_ylim(bottom=0)
    axis.set_xlabel("MoE layer")
    axis.set_ylabel("share of an expert,\n% of the layer's tokens")
    axis.grid(True)
    return Drawing(figure, "", [f"distribution over {len(groups[0])} experts in each layer"], key)
