#!/usr/bin/env python3
# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Compares flows with packets: the same jobs at both levels of fidelity, on every fabric.

usage: utils/accuracy.py [quick|full] [--tokens=FILE] [--fabrics=NAMES] [--matrices=N]
                         [--only=TEXT] [--rst=FILE] [--csv=FILE]

quick: about two minutes; full: about half an hour, with 20 random matrices and longer training.
--tokens:   measured token counts, [[..],[..]] of 8 source ranks by 8 experts; without it the load
            is the skewed pattern of all-to-all, and the synthetic one of mixnet-training
--fabrics:  names with commas in between, as in --fabric of the programs; all without it
--matrices: random all-to-alls in place of 3 (quick) or 20 (full)
--only:     only cases with this text in their name
--rst:      also writes the table as reStructuredText, as in the manual
--csv:      also writes a row for every job: seconds at both levels, and wall time

Prints a table: what flows take longer (+) or shorter (-) than packets, in percent; where a case has
several jobs, the mean, and in brackets the farthest. The jobs are run one after the other by the
programs all-to-all and mixnet-training, which ./ns3 build has built.
"""

import csv
import json
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Dict, List, NamedTuple, NoReturn, Optional, Sequence

sys.dont_write_bytecode = True

from console import Failure, seconds_since  # noqa: E402
from simulations import Programs  # noqa: E402

FABRICS = ("mixnet", "fat-tree", "oversub-fat-tree", "rail-optimized", "rail-only", "ideal-switch")
SPREADING = ("fat-tree", "oversub-fat-tree", "rail-optimized")  # those with equal-cost paths
HOSTS = 8  # of the phases; 8 GPUs each
BYTES_PER_TOKEN = 8192  # Mixtral 8x7B: 4096 elements of two bytes
AMPLE = "--switchBuffer=1000000000"  # holds a window of every queue pair, so that nobody is paused
FLOW = ("--fidelity=flow",)
QUEUES = (*FLOW, "--pauses=yes")


class Job(NamedTuple):
    """A run of a program, to be done at two levels."""

    program: str
    options: Sequence[str]


class Case(NamedTuple):
    """A row of the table."""

    title: str
    fabrics: Sequence[str]
    jobs: Sequence[Job]
    measure: str = "completion"  # or iteration, allToAll; phases for the farthest all-to-all
    levels: Sequence[str] = FLOW  # options of the level that is compared with packets


class Run(NamedTuple):
    """How a job went at one level."""

    seconds: Dict[str, Optional[float]]
    wall: float
    phases: Sequence[float] = ()  # durations of all-to-alls


class Result(NamedTuple):
    """A job at both levels."""

    case: Case
    fabric: str
    number: int
    packet: Run
    flow: Run

    @property
    def difference(self) -> Optional[float]:
        """Flows over packets, less one, in percent; None where either did not get to its end."""
        if self.case.measure == "phases":
            return max((100 * (flow / packet - 1) for packet, flow
                        in zip(self.packet.phases, self.flow.phases)), key=abs)
        packet, flow = self.seconds
        return None if packet is None or flow is None else 100 * (flow / packet - 1)

    @property
    def seconds(self) -> Sequence[Optional[float]]:
        """What is compared, as packets and as flows."""
        measure = "allToAll" if self.case.measure == "phases" else self.case.measure
        return [run.seconds[measure] for run in (self.packet, self.flow)]


class Arguments(NamedTuple):
    """What the user asks for."""

    full: bool
    tokens: Optional[Path]
    fabrics: Sequence[str]
    matrices: int
    only: str
    rst: Optional[Path]
    csv: Optional[Path]


def parse(words: Sequence[str]) -> Arguments:
    """Reads the command line; raises Failure with one line about what is wrong with it."""
    values: Dict[str, str] = {}
    mode = "quick"
    for word in words:
        name, equals, value = word.partition("=")
        if word in ("quick", "full"):
            mode = word
        elif word in ("-h", "--help"):
            print(__doc__)
            sys.exit(0)
        elif name in ("--tokens", "--fabrics", "--matrices", "--only", "--rst",
                      "--csv") and value:
            values[name] = value
        else:
            raise Failure(f"argument {word}: must be quick, full, --tokens=FILE, --fabrics=NAMES, "
                          "--matrices=N, --only=TEXT, --rst=FILE or --csv=FILE")
    fabrics = values.get("--fabrics", ",".join(FABRICS)).split(",")
    for fabric in fabrics:
        if fabric not in FABRICS:
            raise Failure(f"option --fabrics={values['--fabrics']}: {fabric or 'an empty name'} "
                          f"must be one of {', '.join(FABRICS)}")
    count = values.get("--matrices", "20" if mode == "full" else "3")
    if not (count.isascii() and count.isdigit() and 1 <= int(count) <= 1000):
        raise Failure(f"option --matrices={count}: must be a whole number from 1 to 1000")
    for name in ("--rst", "--csv"):
        if name in values and not Path(values[name]).absolute().parent.is_dir():
            raise Failure(f"option {name}={values[name]}: there is no such folder")
        if name in values and Path(values[name]).is_dir():
            raise Failure(f"option {name}={values[name]}: is a folder; expected a file")
    paths = {name: Path(values[name]) if name in values else None
             for name in ("--tokens", "--rst", "--csv")}
    return Arguments(mode == "full", paths["--tokens"], [f for f in FABRICS if f in fabrics],
                     int(count), values.get("--only", ""), paths["--rst"], paths["--csv"])


def read_tokens(path: Path) -> List[List[int]]:
    """Reads measured token counts of 8 ranks by 8 experts."""
    try:
        tokens = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Failure(f"option --tokens={path}: {error.strerror}") from error
    except ValueError as error:
        raise Failure(f"option --tokens={path}: {error}") from error
    is_square = isinstance(tokens, list) and len(tokens) == HOSTS and all(
        isinstance(row, list) and len(row) == HOSTS and
        all(type(count) is int and count >= 0 for count in row) for row in tokens)
    if not is_square:
        raise Failure(f"option --tokens={path}: must be {HOSTS} rows of {HOSTS} whole numbers")
    return tokens


def write_dispatch(tokens: List[List[int]], path: Path) -> None:
    """Writes flows: each GPU of a server has an equal part of its rank's tokens."""
    lines = []
    for source, row in enumerate(tokens):
        for destination, count in enumerate(row):
            size = count * BYTES_PER_TOKEN // HOSTS
            if source != destination and size > 0:
                lines += [f"{8 * source + gpu} {8 * destination + gpu} {size}"
                          for gpu in range(8)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_matrix(seed: int, path: Path) -> None:
    """Writes flows between all of 32 GPUs, of up to 8 MB each."""
    source = random.Random(seed)
    lines = [f"{a} {b} {1 + source.randrange(8_000_000)}"
             for a in range(32) for b in range(32) if a != b]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def phase(options: Sequence[str], *more: str) -> List[Job]:
    """One all-to-all among 8 servers."""
    return [Job("all-to-all", (f"--hosts={HOSTS}", "--gpusPerHost=8", *options, *more))]


def make_cases(arguments: Arguments, folder: Path) -> List[Case]:
    """All rows of the table; writes the files they need into the folder."""
    if arguments.tokens:
        tokens = read_tokens(arguments.tokens)
        write_dispatch(tokens, folder / "dispatch.flows")
        write_dispatch([list(row) for row in zip(*tokens)], folder / "combine.flows")
        dispatch = (f"--flows={folder / 'dispatch.flows'}",)
        combine = phase((f"--flows={folder / 'combine.flows'}",))
        load = (f"--expertLoad={arguments.tokens.absolute()}",)
    else:
        dispatch = ("--pattern=skewed", "--endpoints=64", "--bytes=4000000", "--skew=1")
        combine = []
        load = ()
    for seed in range(1, arguments.matrices + 1):
        write_matrix(seed, folder / f"random{seed}.flows")
    matrices = [f"--flows={folder / f'random{seed}.flows'}"
                for seed in range(1, arguments.matrices + 1)]

    def randoms(*options: str) -> List[Job]:
        return [Job("all-to-all", ("--hosts=4", "--gpusPerHost=8", matrix, *options))
                for matrix in matrices]

    def training(*options: str) -> List[Job]:
        # A file of tokens has one expert per rank and a row's sum that fits the model.
        size = ("--layers=4", "--microbatches=2") if arguments.full else ("--layers=1",)
        return [Job("mixnet-training", ("--model=mixtral-8x7b", *size, *load, *options))]

    dark = ",".join(f"host{host}/{nic}@1ms-1300us" for host in range(HOSTS)
                    for nic in (1, 2, 3, 5, 6, 7))
    half = ("--opticalFidelity=flow", "--electricalFidelity=packet")
    other = ("--opticalFidelity=packet", "--electricalFidelity=flow")
    cases = [Case("dispatch", FABRICS, phase(dispatch))]
    if combine:
        cases.append(Case("combine", FABRICS, combine))
    cases += [
        Case("dispatch, no pauses", FABRICS, phase(dispatch, AMPLE)),
        Case("dispatch, ECMP", SPREADING, phase(dispatch, "--loadBalancing=ecmp")),
        Case("dispatch, NIC cut 300 us", FABRICS, phase(dispatch, "--cut=host1/0@1ms-1300us")),
        Case("dispatch, circuits dark 300 us", FABRICS[:1], phase(dispatch, f"--cut={dark}")),
        Case("dispatch, only circuits as flows", FABRICS[:1], phase(dispatch), levels=half),
        Case("dispatch, only switches as flows", FABRICS[:1], phase(dispatch), levels=other),
        Case("random", FABRICS, randoms()),
        Case("random, no pauses", FABRICS, randoms(AMPLE)),
        Case("dispatch, flows in queues", FABRICS, phase(dispatch), levels=QUEUES),
        Case("random, flows in queues", FABRICS, randoms(), levels=QUEUES),
    ]
    if arguments.full:
        cases += [
            Case("random, ECMP", SPREADING, randoms("--loadBalancing=ecmp")),
            Case("random, NIC cut 300 us", FABRICS, randoms("--cut=host1/0@1ms-1300us")),
            Case("random, Swift", FABRICS[1:], randoms("--congestionControl=swift")),
            Case("dispatch, uplink cut for good", ("fat-tree",),
                 phase(dispatch, "--cut=leaf0/7@1ms")),
        ]
    region = training("--reconfigurationDelay=10us")
    reuse = training("--policy=reuse", "--reconfigurationDelay=10us")
    cases += [
        Case("training, all-to-alls", FABRICS, region, "allToAll"),
        Case("training, farthest all-to-all", FABRICS, region, "phases"),
        Case("training, iteration", FABRICS, region, "iteration"),
        Case("training, iteration, reuse", FABRICS[:1], reuse, "iteration"),
        Case("training, GPU ports of 400 Gb/s", FABRICS,
             training("--reconfigurationDelay=10us", "--nvswitchRate=400Gb/s"), "phases"),
    ]
    if arguments.full:
        inside = {"NUMA link of 400 Gb/s": ["--numaLinkRate=400Gb/s"],
                  "NICs attached at 200 Gb/s": ["--nicAttachmentRate=200Gb/s"],
                  "NVLink pairs, PCIe": ["--gpuInterconnect=nvlink-pairs", "--linkRate=100Gb/s"]}
        cases += [Case(f"training, {name}", FABRICS,
                       training("--reconfigurationDelay=10us", *options), "phases")
                  for name, options in inside.items()]
    return cases


class Runner:
    """Runs jobs, each once at each level, and remembers how they went."""

    def __init__(self, folder: Path) -> None:
        self.programs = Programs(folder)
        self.known: Dict[Sequence[str], Run] = {}

    def run(self, job: Job, fabric: str, levels: Sequence[str]) -> Run:
        """Runs a job at a level, unless it has been run."""
        # Only mixnet has blackouts.
        options = [option for option in job.options
                   if fabric == "mixnet" or not option.startswith("--reconfigurationDelay=")]
        words = (job.program, f"--fabric={fabric}", *options, *levels)
        if words not in self.known:
            self.known[words] = self.run_anew(words)
        return self.known[words]

    def run_anew(self, words: Sequence[str]) -> Run:
        """Runs a program."""
        begin = time.monotonic()
        summary = self.programs.summary_of(words)
        wall = time.monotonic() - begin
        if words[0] == "all-to-all":
            return Run({"completion": summary["completionTimeSeconds"]}, wall)
        if not summary["complete"]:
            raise Failure(f"{' '.join(words)}: did not get to its end")
        return Run({"iteration": summary["iterationTimeSeconds"],
                    "allToAll": summary["allToAllSeconds"]}, wall,
                   [row["durationSeconds"] for row in summary["phases"]
                    if row["name"] in ("dispatch", "combine")])


def run_all(cases: Sequence[Case], arguments: Arguments, runner: Runner) -> List[Result]:
    """Runs all jobs on all fabrics, one after the other."""
    begin = time.monotonic()
    results: List[Result] = []
    todo = [(case, fabric, number, job) for case in cases for fabric in arguments.fabrics
            if fabric in case.fabrics for number, job in enumerate(case.jobs)]
    for done, (case, fabric, number, job) in enumerate(todo):
        if sys.stderr.isatty():
            print(f"\r\033[K[{done + 1}/{len(todo)}] {case.title}, {fabric}", end="",
                  file=sys.stderr, flush=True)
        results.append(Result(case, fabric, number, runner.run(job, fabric, ("--fidelity=packet",)),
                              runner.run(job, fabric, case.levels)))
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    print(f"{len(runner.known)} runs in {seconds_since(begin)}", file=sys.stderr)
    return results


def cell_of(results: Sequence[Result]) -> str:
    """One case on one fabric: the difference, or mean and farthest of several."""
    differences = [result.difference for result in results]
    known = [difference for difference in differences if difference is not None]
    if not differences:
        return "-"
    if len(known) < len(differences):
        return "incomplete"
    if len(known) == 1:
        return f"{known[0]:+.2f}"
    return f"{sum(known) / len(known):+.2f} ({max(known, key=abs):+.2f})"


def speed_of(results: Sequence[Result]) -> str:
    """How many times shorter the wall time of flows is."""
    packet = sum(result.packet.wall for result in results)
    flow = sum(result.flow.wall for result in results)
    return f"{packet / flow:.0f} x" if results else "-"


def make_table(results: Sequence[Result], cases: Sequence[Case],
               fabrics: Sequence[str]) -> List[List[str]]:
    """Head and rows."""
    table = [["%, flows over packets", *fabrics]]
    for case in cases:
        table.append([case.title] + [
            cell_of([r for r in results if r.case is case and r.fabric == fabric])
            for fabric in fabrics])
    table.append(["wall time shorter by"] + [
        speed_of([r for r in results if r.fabric == fabric and r.case.levels == FLOW])
        for fabric in fabrics])
    return table


def format_table(table: Sequence[Sequence[str]], rst: bool) -> str:
    """The table as text, or as a simple table of reStructuredText."""
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    rule = "  ".join(("=" if rst else "-") * width for width in widths)
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()
             for row in table]
    body = [lines[0], rule, *lines[1:]]
    return "\n".join([rule, *body, rule] if rst else body) + "\n"


def write_csv(results: Sequence[Result], path: Path) -> None:
    """Writes a row for every job."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["case", "fabric", "job", "packetSeconds", "flowSeconds", "percent",
                         "packetWallSeconds", "flowWallSeconds"])
        for result in results:
            writer.writerow([result.case.title, result.fabric, result.number,
                             *result.seconds, result.difference, f"{result.packet.wall:.3f}",
                             f"{result.flow.wall:.3f}"])


def fail(message: object) -> NoReturn:
    """Ends with one line."""
    print(f"accuracy.py: {message}", file=sys.stderr)
    sys.exit(1)


def main() -> int:
    """Reads the arguments, runs, prints."""
    try:
        arguments = parse(sys.argv[1:])
        with tempfile.TemporaryDirectory(prefix="mixnet-accuracy-") as name:
            folder = Path(name)
            cases = [case for case in make_cases(arguments, folder)
                     if set(case.fabrics) & set(arguments.fabrics) and
                     arguments.only in case.title]
            if not cases:
                raise Failure(f"option --only={arguments.only}: no case has this in its name")
            results = run_all(cases, arguments, Runner(folder))
        table = make_table(results, cases, arguments.fabrics)
        print(format_table(table, rst=False), end="")
        if arguments.rst:
            arguments.rst.write_text(format_table(table, rst=True), encoding="utf-8")
        if arguments.csv:
            write_csv(results, arguments.csv)
    except (Failure, OSError) as failure:
        fail(failure)
    except KeyboardInterrupt:
        fail("interrupted")
    return 0


if __name__ == "__main__":
    sys.exit(main())
