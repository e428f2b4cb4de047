# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""The kinds of plots: what each is made from, who writes that, and what draws it."""

import argparse
from typing import Callable, NamedTuple, Sequence

from console import Failure
from plots.figures import Drawing
from plots.flows import plot_rates
from plots.graph import plot_graph
from plots.group import plot_matrices, plot_timeline
from plots.job import plot_gantt, plot_times
from plots.results import Results
from plots.traffic import plot_gpu_matrix, plot_layers, plot_load, plot_volume


class Plot(NamedTuple):
    """A kind of plot."""

    files: Sequence[str]  # what it is made from
    writer: str  # who writes that
    draw: Callable[[Results, argparse.Namespace], Drawing]
    options: Sequence[str] = ()
    has_context: bool = True  # whether it shows one model only

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
    "graph": Plot(["graph.json"], "training-graph", plot_graph),
    "volume": Plot(["volume.csv"], TRAFFIC, plot_volume, has_context=False),
    "gpu-matrix": Plot(["gpu-matrix.csv"], TRAFFIC, plot_gpu_matrix),
    "load": Plot(["load.csv", "load-matrix.csv"], TRAFFIC, plot_load),
    "layers": Plot(["layers.csv"], TRAFFIC, plot_layers),
}
OPTIONS = ("layer", "microbatch", "decision", "iteration", "replica")


def writer_of(results: Results) -> str:
    """Who has written the summary; empty where nobody has, or somebody unknown."""
    writer = str(results.get("program", ""))
    return writer if any(plot.program == writer for plot in PLOTS.values()) else ""


def plots_of(results: Results) -> str:
    """The plots that can be made, for people."""
    names = [name for name, plot in PLOTS.items() if writer_of(results) in ("", plot.program)
             and all(results.has(file) for file in plot.files)]
    return f"what is there makes the plots {', '.join(names)}" if names else (
        "nothing is there to make a plot of")


def check(results: Results, plot: Plot) -> None:
    """Refuses a plot for which files are missing, or left over from another run."""
    for file in plot.files:
        if not results.has(file):
            raise Failure(f"{results.folder}: has no {file}, as {plot.writer} writes it; "
                          f"{plots_of(results)}")
    if writer_of(results) not in ("", plot.program):
        raise Failure(f"{results.folder}: {plot.files[0]} is left over from another run, for "
                      f"summary.json is of {writer_of(results)}; {plots_of(results)}")


def warning_of(results: Results, plot: Plot) -> str:
    """What has to be said about the results; empty when they are complete."""
    if results.summary is None:
        return "" if plot.writer in ("all-to-all", TRAFFIC, "training-graph") else (
            "not complete: there is no summary.json, the run goes on or was stopped")
    if results.summary.get("complete", True):
        return ""
    problems = results.summary.get("problems") or ["the run did not get to its end"]
    return f"not complete: {problems[0]}"


def context_of(results: Results, plot: Plot) -> str:
    """Model, fabric and rate, or why there are none."""
    if plot.has_context:
        return results.context()
    return "models with their own parallelism, no network"
