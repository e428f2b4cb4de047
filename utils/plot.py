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
       each also with [--width=column|page] [--format=png|pdf|svg]

timeline: who does what when in one layer, rank by rank, what ranks wait for (circuits: exposed
          reconfiguration; slower ranks: straggler wait), and the blackouts of the switch (as the
          paper's Figure 20); from timeline.csv. Of more than 48 ranks, some.
matrices: the demand between hosts, and the circuits the controller chose for it, side by side;
          from circuits.csv.
rates:    what each flow delivers, and the rate and, where it changes, the window that its
          congestion control allows; of more than 7 flows the median, the middle half and the
          extremes; from rates.csv.

gantt:    which microbatch each pipeline stage of a job works on when, forward and backward; from
          gantt.csv. Exposed reconfiguration, gradient all-reduces and the optimizer are from
          phases.csv.
times:    what the time of each iteration of a job goes into, on its critical path and on average
          over ranks; from iterations.csv.

volume:   the part of each parallelism in the bytes of an iteration, model by model (as the paper's
          Figure 2); from volume.csv.
gpu-matrix: the bytes between GPUs, of all parallelisms and of expert parallelism alone (Figure 5);
          of more than 256 GPUs between servers; from gpu-matrix.csv.
load:     the share of each expert of a layer over iterations, and the tokens from source rank to
          expert at some of them (Figure 4); of more than 8 experts the median, the middle half and
          the extremes; from load.csv and load-matrix.csv.
layers:   the share of each expert in every layer (Figure 18); from layers.csv.
graph:    the tasks of an iteration, rank by rank, each as early as it can begin when communication
          is free, and the critical path; from graph.json.

Without --layer, --microbatch, --decision, --iteration or --replica it is the first there is. FILE
is FOLDER/timeline.png, FOLDER/matrices.png and so on unless given; its ending decides the format
unless --format does. Figures are as wide as a column of a paper (3.33 inches) or, with
--width=page, as a page of two (7 inches), and name model, fabric and rate. The style is
utils/mixnet.mplstyle, for matplotlib's pyplot.style.use. Equal results give equal bytes.
Results of a run that has not come to its end are marked as such.
Needs matplotlib (the package python3-matplotlib).
"""

import argparse
import sys
from pathlib import Path
from typing import Optional, Sequence

sys.dont_write_bytecode = True  # nothing changes outside build/

from console import Failure, Parser, make_file  # noqa: E402
from plots.figures import FORMATS, WIDTHS, compose, save  # noqa: E402
from plots.kinds import OPTIONS, PLOTS, check, context_of, plots_of, warning_of  # noqa: E402
from plots.results import Results  # noqa: E402



def target(arguments: argparse.Namespace) -> Path:
    """The file to write; refuses what cannot be written, before anything is drawn."""
    out: Optional[Path] = arguments.out
    if out is None:
        return Path(arguments.folder) / f"{arguments.what}.{arguments.format or FORMATS[0]}"
    if not out.absolute().parent.is_dir():
        raise Failure(f"--out={out}: there is no folder {out.parent}")
    if out.is_dir():
        raise Failure(f"--out={out}: is a folder; expected a file, as {out / 'plot.png'}")
    return out


def format_of(arguments: argparse.Namespace, out: Path) -> str:
    """The format to write."""
    form = str(arguments.format or out.suffix[1:].lower())
    if form not in FORMATS:
        where = f"--format={form}:" if arguments.format else f"--out={out}: its ending"
        raise Failure(f"{where} must be {', '.join(FORMATS[:-1])} or {FORMATS[-1]}")
    return form


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
    parser.add_argument("--format", type=str.lower)
    parser.add_argument("--width", default="column")
    arguments = parser.parse_args(words)
    if arguments.what is None:
        parser.error(f"which plot, of which folder? The plots are {', '.join(PLOTS)}")
    if arguments.what not in PLOTS:
        hint = ""
        if Path(arguments.what).is_dir():
            hint = f"; in {arguments.what}, {plots_of(Results(Path(arguments.what)))}"
        parser.error(f"there is no plot {arguments.what}, only {', '.join(PLOTS)}{hint}")
    if arguments.folder is None:
        parser.error(f"{arguments.what} of which folder?")
    if arguments.width not in WIDTHS:
        parser.error(f"--width={arguments.width}: must be {' or '.join(WIDTHS)}")
    for option in OPTIONS:
        if getattr(arguments, option) is not None and option not in PLOTS[arguments.what].options:
            takers = [name for name, plot in PLOTS.items() if option in plot.options]
            parser.error(f"--{option} is for {', '.join(takers)}, not for {arguments.what}")
    return arguments


def make(words: Sequence[str]) -> Path:
    """Makes a plot from a command line; where it is."""
    arguments = read_arguments(words)
    results, plot = Results(arguments.folder), PLOTS[arguments.what]
    check(results, plot)
    out = target(arguments)
    form = format_of(arguments, out)
    drawing = plot.draw(results, arguments)
    save(compose(drawing, context_of(results, plot), warning_of(results, plot)), out, form)
    return out


if __name__ == "__main__":
    sys.exit(make_file("plot.py", lambda: make(sys.argv[1:])))
