#!/usr/bin/env python3
# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Measures what simulating costs on this machine, and writes the tables that the manual includes.

usage: utils/benchmarks.py [--quick] [--out=FILE]

Runs fidelity-benchmark, packet-hop-benchmark and whole iterations of 1,024 GPUs (mixnet-training),
one after the other, as ./ns3 build has built them: some twenty minutes on an idle machine. Times
are processor times, but those of packet-hops; the record says when the machine was busy before.
FILE is contrib/mixnet/doc/benchmarks.txt unless given; it is written as a whole.
--quick takes a thousandth of the bytes and small jobs: to see that all works, not to be kept.
"""

import argparse
import csv
import os
import platform
import re
import resource
import sys
import tempfile
from pathlib import Path
from typing import Dict, List, NamedTuple, Sequence

sys.dont_write_bytecode = True  # nothing changes outside build/

import result_tables  # noqa: E402
from commands import HANG_SECONDS, capture  # noqa: E402
from console import Failure, Parser, make_file, step  # noqa: E402
from simulations import Programs, last_word  # noqa: E402
from workspace import ROOT  # noqa: E402

RECORD = ROOT / "contrib" / "mixnet" / "doc" / "benchmarks.txt"
MEGA = 1e6
BUSY_LOAD = 0.5  # processes that want to run, on average, where others disturb
MODELS = {"mixtral-8x22b": "Mixtral 8x22B", "deepseek-r1": "DeepSeek-R1"}
FABRICS = ("mixnet", "fat-tree", "oversub-fat-tree")


class Size(NamedTuple):
    """How much is measured."""

    levels: Sequence[str]  # options of fidelity-benchmark
    hops: Sequence[str]  # of packet-hop-benchmark
    gpus: int  # of whole iterations
    models: Sequence[str]


FULL = Size(["--regions=1,10,100,1000"], ["--rounds=5"], 1024, tuple(MODELS))
QUICK = Size(["--part=0.001", "--regions=1", "--packetRegions=0"],
             ["--rounds=1", "--bytes=100000", "--packets=10000"], 512, ("mixtral-8x22b",))


def rst_table(rows: Sequence[Sequence[str]]) -> List[str]:
    """A simple table in reStructuredText; the first row is its head."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    bar = "  ".join("=" * width for width in widths)
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()
             for row in rows]
    return [bar, lines[0], bar, *lines[1:], bar, ""]


def run(programs: Programs, words: Sequence[str], folder: Path) -> str:
    """Runs a program; what it printed."""
    with step(" ".join(words)):
        if words[0] == "packet-hop-benchmark":  # has no results but what it prints
            outcome = capture([programs.path_of(words[0]), *words[1:]], HANG_SECONDS,
                              env=programs.environment, errors_apart=True)
        else:
            outcome = programs.execute(words, folder)
    if not outcome.succeeded:
        raise Failure(f"{' '.join(words)}: {last_word(outcome)}")
    return outcome.output


def machine(programs: Programs) -> List[str]:
    """What was measured on; no date, so that equal machines write equal heads."""
    processor = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        match = re.search(r"^model name\s*: (.*)$", cpuinfo.read_text(encoding="utf-8"), re.M)
        processor = match.group(1).strip() if match else processor
    compiler = capture(["c++", "--version"], HANG_SECONDS).output.splitlines()[0]
    version = (programs.tree.path / "VERSION").read_text(encoding="utf-8").strip()
    profile = programs.tree.build_info().get("BUILD_PROFILE", "")
    busy = " Other programs were running." if os.getloadavg()[0] > BUSY_LOAD else ""
    return [f"Machine: {processor}, one core; {platform.system()}, {compiler}; ns-3 {version}, "
            f"profile {profile}.{busy}", ""]


def levels_table(programs: Programs, size: Size, folder: Path) -> List[str]:
    """What jobs cost at each level of fidelity."""
    run(programs, ["fidelity-benchmark", *size.levels], folder)
    with open(folder / "benchmark.csv", encoding="utf-8", newline="") as file:
        measured = list(csv.DictReader(file))
    packets: Dict[str, float] = {row["job"]: float(row["processorSeconds"])
                                 for row in measured if row["level"] == "packet"}
    rows = [("job", "level", "simulated, ms", "processor, s", "over probe", "events", "MB",
             "faster")]
    for row in measured:
        seconds = float(row["processorSeconds"])
        faster = f"{packets[row['job']] / seconds:,.0f} x" \
            if row["level"] == "flow" and row["job"] in packets and seconds > 0 else "-"
        rows.append((row["job"], row["level"], f"{float(row['simulatedSeconds']) * 1e3:.2f}",
                     f"{seconds:.3f}", f"{seconds / float(row['probeSeconds']):.3f}",
                     f"{int(row['events']):,}", f"{int(row['peakMemoryBytes']) / MEGA:.1f}",
                     faster))
    return rst_table(rows)


def hops_table(programs: Programs, size: Size, folder: Path) -> List[str]:
    """How fast packets move from hop to hop."""
    output = run(programs, ["packet-hop-benchmark", *size.hops], folder)
    rounds = re.findall(r"^\s+\d+\s+([\d.]+)\s+([\d.]+)\s+([\d.]+)$", output, re.M)
    if not rounds:
        raise Failure("packet-hop-benchmark: has printed no rounds")
    ours, theirs, ratio = sorted(rounds, key=lambda row: float(row[2]))[len(rounds) // 2]
    return rst_table([("case", "data packet-hops per second, millions"),
                      ("all-to-all, with acknowledgements", ours),
                      ("chain of ns-3's point-to-point devices", theirs),
                      ("ratio", ratio)])


def iterations_table(programs: Programs, size: Size, folder: Path) -> List[str]:
    """What whole iterations cost as flows."""
    rows = [("model", "fabric", "iteration, s", "processor, s", "events", "MB")]
    for model in size.models:
        for fabric in FABRICS:
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            run(programs, ["mixnet-training", f"--model={model}", f"--gpus={size.gpus}",
                           f"--fabric={fabric}", "--fidelity=flow"], folder)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            summary = result_tables.read_summary(folder) or {}
            rows.append((MODELS[model], fabric, f"{summary['iterationTimeSeconds']:.2f}",
                         f"{seconds:.1f}", f"{summary['events']:,}",
                         f"{summary['peakMemoryBytes'] / MEGA:.0f}"))
    return rst_table(rows)


def make(words: Sequence[str]) -> Path:
    """Measures, and writes the record; where it is."""
    parser = Parser(prog="utils/benchmarks.py", description=__doc__,
                    formatter_class=argparse.RawDescriptionHelpFormatter,
                    usage=argparse.SUPPRESS, allow_abbrev=False)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--out", type=Path, default=RECORD)
    arguments = parser.parse_args(words)
    if not arguments.out.absolute().parent.is_dir() or arguments.out.is_dir():
        parser.error(f"--out={arguments.out}: expected a file in a folder that exists")
    size = QUICK if arguments.quick else FULL
    with tempfile.TemporaryDirectory(prefix="mixnet-benchmarks-") as name:
        folder = Path(name)
        programs = Programs(folder)
        lines = [".. utils/benchmarks.py has written this" + (" with --quick: no measurement"
                                                               if arguments.quick else ""), "",
                 *machine(programs), *levels_table(programs, size, folder / "levels"),
                 *hops_table(programs, size, folder),
                 f"Whole iterations of {size.gpus:,} GPUs as flows:", "",
                 *iterations_table(programs, size, folder / "iterations")]
    part = arguments.out.with_name(arguments.out.name + ".part")
    part.write_text("\n".join(lines).rstrip("\n") + "\n", encoding="utf-8")
    part.replace(arguments.out)
    return arguments.out


if __name__ == "__main__":
    sys.exit(make_file("benchmarks.py", lambda: make(sys.argv[1:])))
