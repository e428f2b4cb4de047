#!/usr/bin/env python3
# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Splits the iteration time of fabrics into what a link's rate changes and what it does not.

usage: utils/rate-fit.py [--fabrics=NAMES] [--rates=GBPS] [--skews=NUMBERS] [--csv=FILE]
                         [OPTION...]

--fabrics: two or more names, the last is what the others are compared with: mixnet,fat-tree
--rates:   link rates in Gb/s, two or more: 100,200,400,800
--skews:   values of --skew: 0,0.2,1
--csv:     also writes a row for every run
OPTION:    further options of mixnet-training, without them --preset=mixnet-sigcomm25
           --model=mixtral-8x22b; an option behind a fabric's name is for that fabric alone, without any
           mixnet:--reconfigurationDelay=25us

For every fabric and skew, T = C + K / rate is fitted by least squares to the iteration times, and
K / rate likewise to each part of the critical path. Prints C, K at 1 Gb/s, the worst error of the
fit, and K over that of the last fabric: the time that links cost over what they cost there.
"""

import csv
import sys
import tempfile
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, NoReturn, Sequence, Tuple

sys.dont_write_bytecode = True

from console import Failure  # noqa: E402
from simulations import Programs  # noqa: E402

JOB = ("--preset=mixnet-sigcomm25", "--model=mixtral-8x22b")
OF_FABRICS = {"mixnet": ("--reconfigurationDelay=25us",)}


class Arguments(NamedTuple):
    """What the user asks for."""

    fabrics: Sequence[str]
    rates: Sequence[float]
    skews: Sequence[float]
    csv: str
    options: Sequence[str]
    of_fabrics: Dict[str, Sequence[str]]


class Fit(NamedTuple):
    """T = constant + slope / rate."""

    constant: float  # seconds
    slope: float  # seconds at 1 Gb/s
    error: float  # the worst, part of the time


def numbers(name: str, value: str, least: int) -> List[float]:
    """A list of numbers with commas in between."""
    try:
        found = [float(word) for word in value.split(",")]
    except ValueError:
        found = []
    if len(found) < least or min(found) < 0:
        raise Failure(f"option --{name}={value}: must be {least} or more numbers of 0 or above "
                      "with commas in between")
    return found


def parse(words: Sequence[str]) -> Arguments:
    """Reads the command line."""
    values = {"fabrics": "mixnet,fat-tree", "rates": "100,200,400,800", "skews": "0,0.2,1",
              "csv": ""}
    options: List[str] = []
    of_fabrics: Dict[str, List[str]] = {}
    for word in words:
        if word in ("-h", "--help"):
            print(__doc__)
            sys.exit(0)
        name, equals, value = word[2:].partition("=")
        fabric, colon, option = word.partition(":--")
        if word.startswith("--") and equals and name in values:
            values[name] = value
        elif colon and not fabric.startswith("-"):
            of_fabrics.setdefault(fabric, []).append(f"--{option}")
        elif word.startswith("--"):
            options.append(word)
        else:
            raise Failure(f"argument '{word}' is not an option; see --help")
    fabrics = values["fabrics"].split(",")
    rates = numbers("rates", values["rates"], 2)
    if len(fabrics) < 2 or len(set(rates)) < 2 or min(rates) == 0:
        raise Failure("--fabrics and --rates need two or more different values, rates above 0")
    return Arguments(fabrics, rates, numbers("skews", values["skews"], 1), values["csv"],
                     options or JOB, of_fabrics or {k: list(v) for k, v in OF_FABRICS.items()})


def fit(rates: Sequence[float], seconds: Sequence[float]) -> Fit:
    """Least squares over 1 / rate."""
    inverse = [1 / rate for rate in rates]
    mean_x = sum(inverse) / len(inverse)
    mean_y = sum(seconds) / len(seconds)
    slope = (sum((x - mean_x) * (y - mean_y) for x, y in zip(inverse, seconds))
             / sum((x - mean_x) ** 2 for x in inverse))
    constant = mean_y - slope * mean_x
    errors = [abs(constant + slope * x - y) / y for x, y in zip(inverse, seconds) if y > 0]
    return Fit(constant, slope, max(errors, default=0.0))


def run(programs: Programs, arguments: Arguments, fabric: str, skew: float,
        rate: float) -> Dict[str, Any]:
    """One job."""
    words = ["mixnet-training", *arguments.options, f"--fabric={fabric}", f"--skew={skew:g}",
             f"--linkRate={rate:g}Gb/s", *arguments.of_fabrics.get(fabric, ())]
    summary = programs.summary_of(words)
    if not summary["complete"]:
        raise Failure(f"{' '.join(words)}: did not get to its end")
    print(f"{fabric:>18} skew {skew:g} {rate:>5g} Gb/s "
          f"{summary['iterationTimeSeconds']:10.4f} s", file=sys.stderr, flush=True)
    return summary


def print_skew(arguments: Arguments, skew: float,
               found: Dict[str, List[Dict[str, Any]]]) -> None:
    """The table of one skew."""
    kinds = [kind for kind in found[arguments.fabrics[0]][0]["timeSeconds"]
             if any(s["timeSeconds"][kind]["criticalPath"] > 0
                    for summaries in found.values() for s in summaries)]
    print(f"skew {skew:g}: T = C + K / rate, K in s at 1 Gb/s")
    head = "".join(f"{fabric:>20}" for fabric in arguments.fabrics)
    print(f"{'':24}{head}   over {arguments.fabrics[-1]}")

    def row(title: str, values: Sequence[float], digits: int, ratio: bool) -> None:
        cells = "".join(f"{value:20.{digits}f}" for value in values)
        ratios = [value / values[-1] for value in values[:-1]] if ratio and values[-1] else []
        print(f"{title:24}{cells}   " + "  ".join(f"{one:.3f}" for one in ratios))

    fits = {fabric: fit(arguments.rates, [s["iterationTimeSeconds"] for s in found[fabric]])
            for fabric in arguments.fabrics}
    row("C, s", [fits[f].constant for f in arguments.fabrics], 3, True)
    row("K", [fits[f].slope for f in arguments.fabrics], 1, True)
    row("worst error, %", [100 * fits[f].error for f in arguments.fabrics], 2, False)
    for kind in kinds:
        row(f"  K of {kind}",
            [fit(arguments.rates, [s["timeSeconds"][kind]["criticalPath"] for s in found[f]]).slope
             for f in arguments.fabrics], 1, True)
    print(flush=True)


def write_csv(path: str, rows: Sequence[Tuple[str, float, float, Dict[str, Any]]]) -> None:
    """Writes a row for every run."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        kinds = list(rows[0][3]["timeSeconds"])
        writer.writerow(["fabric", "skew", "linkGbps", "iterationTimeSeconds",
                         *(f"{kind}PathSeconds" for kind in kinds)])
        for fabric, skew, rate, summary in rows:
            writer.writerow([fabric, skew, rate, summary["iterationTimeSeconds"],
                             *(summary["timeSeconds"][kind]["criticalPath"] for kind in kinds)])


def fail(message: object) -> NoReturn:
    """Ends with one line."""
    print(f"rate-fit.py: {message}", file=sys.stderr)
    sys.exit(1)


def main() -> int:
    """Reads the arguments, runs, prints."""
    try:
        arguments = parse(sys.argv[1:])
        rows: List[Tuple[str, float, float, Dict[str, Any]]] = []
        with tempfile.TemporaryDirectory(prefix="mixnet-rate-fit-") as name:
            programs = Programs(Path(name))
            for skew in arguments.skews:
                found: Dict[str, List[Dict[str, Any]]] = {}
                for fabric in arguments.fabrics:
                    for rate in arguments.rates:
                        summary = run(programs, arguments, fabric, skew, rate)
                        found.setdefault(fabric, []).append(summary)
                        rows.append((fabric, skew, rate, summary))
                print_skew(arguments, skew, found)
        if arguments.csv:
            write_csv(arguments.csv, rows)
    except (Failure, OSError) as failure:
        fail(failure)
    except KeyboardInterrupt:
        fail("interrupted")
    return 0


if __name__ == "__main__":
    sys.exit(main())
