#!/usr/bin/env python3
# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Makes every picture of the documentation, from runs that it makes for them.

usage: utils/screenshots.py [--only=NAME[,NAME...]] [--to=FOLDER] [--no-install]

--only: these pictures alone; without it all, in a few minutes
--to:   where they go; contrib/mixnet/doc/figures unless given

The programs are those that ./ns3 build has built. What NetAnim needs (see utils/netanim.py, which
also tells when it is built), Chromium, npm for speedscope and matplotlib are installed first;
--no-install prints the command instead. A report needs Jinja2, which ./test.py installs. Results of
the runs are in build/screenshots. Each picture is printed with its size, which is at most 300 kB.

The pictures:
"""

import argparse
import csv
import os
import shutil
import sys
from pathlib import Path
from typing import Callable, Dict, List, NamedTuple, Sequence

sys.dont_write_bytecode = True  # nothing changes outside build/

import system_packages  # noqa: E402
import workspace as workspaces  # noqa: E402
from commands import HANG_SECONDS, capture  # noqa: E402
from console import Failure, Parser, guarded, step  # noqa: E402
from simulations import Programs, last_word  # noqa: E402
from viewers import netanim, speedscope  # noqa: E402
from viewers.browser import Browser  # noqa: E402
from viewers.netanim import Size  # noqa: E402
from workspace import Workspace  # noqa: E402

MOST_BYTES = 300_000
WINDOW = Size(1300, 950)  # of NetAnim
PAGE = Size(1180, 1250)  # of a report
LANE = Size(1300, 480)  # of speedscope
TWO_FLOWS = "0 2 250000000\n1 2 150000000 2ms\n"


class Simulation(NamedTuple):
    """A run that pictures show."""

    program: str
    options: Sequence[str]


SIMULATIONS = {
    "mixnet": Simulation("mixnet-training", (
        "--layers=1", "--timeline=mixnet.json.gz")),
    "animated": Simulation("mixnet-training", (
        "--layers=2", "--fidelity=flow", "--animation=animated.xml", "--animationUnit=1ms")),
    "fat-tree": Simulation("mixnet-training", (
        "--layers=1", "--fidelity=flow", "--fabric=fat-tree")),
    "job": Simulation("mixnet-training", (
        "--model=mixtral-8x22b", "--gpus=1024", "--fabric=mixnet", "--fidelity=flow")),
    "two": Simulation("all-to-all", (
        "--flows=two.flows", "--hosts=4", "--fabric=ideal-switch", "--switchBuffer=32000000",
        "--linkRate=40Gb/s", "--mtu=1024", "--congestionControl=dcqcn", "--rateInterval=100us")),
    "graph": Simulation("training-graph", (
        "--expertParallel=2", "--tensorParallel=1", "--pipelineParallel=2", "--layers=2",
        "--microbatches=2")),
    "traffic": Simulation("training-traffic", ()),
}


def run_tool(name: str, *arguments: object) -> None:
    """Runs a tool beside this one, which must succeed; it may start again with another Python."""
    script = Path(__file__).resolve().parent / name
    outcome = capture([sys.executable, script, *map(str, arguments)], HANG_SECONDS,
                      errors_apart=True)
    if not outcome.succeeded:
        raise Failure(last_word(outcome, HANG_SECONDS))


class Studio:
    """Runs what pictures need, once, and takes them."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._folder = workspace.state / "screenshots"
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        self._programs = Programs(self._folder)
        self._animations: List[Path] = []

    def results(self, name: str) -> Path:
        """The results of a simulation, which is run when it is needed first."""
        folder = self._folder / name
        if not folder.is_dir():
            (self._folder / "two.flows").write_text(TWO_FLOWS, encoding="utf-8")
            simulation = SIMULATIONS[name]
            with step(f"running {simulation.program} for {name}"):
                self._run(simulation, folder)
        return folder

    def _run(self, simulation: Simulation, folder: Path) -> None:
        """Runs a simulation, which must come to its end."""
        before = os.getcwd()
        os.chdir(self._folder)  # where files that options name are
        try:
            outcome = self._programs.execute([simulation.program, *simulation.options], folder)
        finally:
            os.chdir(before)
        if not outcome.succeeded:
            raise Failure(f"{simulation.program} did not come to its end: {last_word(outcome)}")

    def plot(self, kind: str, name: str, width: str, target: Path) -> None:
        """Draws a plot of results."""
        run_tool("plot.py", kind, self.results(name), f"--width={width}", f"--out={target}")

    def animation(self, when: int, target: Path) -> None:
        """Takes a picture of NetAnim before (0), in or after (2) a blackout that moves circuits."""
        if not self._animations:
            folder = self.results("animated")
            with (folder / "phases.csv").open(encoding="utf-8") as file:
                waits = [row for row in csv.DictReader(file) if float(row["exposedSeconds"]) > 0]
            end = 1e3 * float(waits[1]["startSeconds"])  # in the file's unit; the first has no
            begin = end - 1e3 * float(waits[1]["darkSeconds"])  # circuits that could move
            times = [f"{time:.3f}" for time in (begin - 0.01, (begin + end) / 2, end + 0.01)]
            self._animations = netanim.take_pictures(
                netanim.build(self._workspace), self._folder / "animated.xml", self._folder, times,
                WINDOW)
        shutil.copyfile(self._animations[when], target)

    def lane(self, target: Path) -> None:
        """Takes a picture of a timeline in speedscope, with the list of lanes."""
        self.results("mixnet")
        page = speedscope.install(self._workspace)
        with Browser(*LANE) as browser:
            lanes = speedscope.open_timeline(browser, page, self._folder / "mixnet.json.gz")
            lane = next(lane for lane in lanes if "rank 0 compute" in lane)
            speedscope.show_lane(browser, lane, with_list=True)
            browser.picture(target)

    def report(self, names: Sequence[str], target: Path) -> None:
        """Takes a picture of the upper part of a report."""
        page = self._folder / f"{'-'.join(names)}.html"
        run_tool("report.py", *map(self.results, names), f"--output={page}")
        with Browser(*PAGE) as browser:
            browser.open(page.as_uri())
            browser.picture(target)


Take = Callable[[Studio, Path], None]


def plot_of(kind: str, name: str, width: str = "column") -> Take:
    """What draws a plot of a simulation."""
    return lambda studio, target: studio.plot(kind, name, width, target)


def animation_of(when: int) -> Take:
    """What takes a picture of NetAnim."""
    return lambda studio, target: studio.animation(when, target)


PICTURES: Dict[str, Take] = {
    "netanim-before": animation_of(0),
    "netanim-blackout": animation_of(1),
    "netanim-after": animation_of(2),
    "speedscope": lambda studio, target: studio.lane(target),
    "report": lambda studio, target: studio.report(["mixnet", "fat-tree"], target),
    "timeline": plot_of("timeline", "mixnet", "page"),
    "matrices": plot_of("matrices", "mixnet"),
    "dcqcn-two-flows": plot_of("rates", "two"),
    "gantt": plot_of("gantt", "job"),
    "times": plot_of("times", "job"),
    "graph": plot_of("graph", "graph"),
    "volume": plot_of("volume", "traffic"),
    "gpu-matrix": plot_of("gpu-matrix", "traffic"),
    "load": plot_of("load", "traffic"),
    "layers": plot_of("layers", "traffic"),
}


def read_arguments(words: Sequence[str]) -> argparse.Namespace:
    """Reads the command line."""
    parser = Parser(prog="utils/screenshots.py", usage=argparse.SUPPRESS,
                    description=f"{__doc__}{', '.join(PICTURES)}",
                    formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
    parser.add_argument("--only")
    parser.add_argument("--to", type=Path)
    parser.add_argument("--no-install", action="store_true")
    arguments = parser.parse_args(words)
    arguments.names = arguments.only.split(",") if arguments.only is not None else list(PICTURES)
    for name in arguments.names:
        if name not in PICTURES:
            parser.error(f"--only={arguments.only}: there is no picture '{name}', only "
                         f"{', '.join(PICTURES)}")
    if arguments.to is not None and not arguments.to.is_dir():
        parser.error(f"--to={arguments.to}: there is no such folder")
    return arguments


def needs_of(names: Sequence[str]) -> List[str]:
    """The needs, as in the table of packages, of some pictures."""
    needs = {"netanim": "netanim", "speedscope": "browser", "report": "browser"}
    return sorted({needs.get(name.partition("-")[0], "plots") for name in names})


def main(words: Sequence[str]) -> int:
    """Does what the command line says."""
    arguments = read_arguments(words)
    workspace = workspaces.locate()
    forbidden = os.environ.get("MIXNET_NO_INSTALL", "") not in ("", "0")
    system_packages.ensure_packages(needs_of(arguments.names),
                                    not (arguments.no_install or forbidden), False)
    folder = arguments.to or workspace.root / "contrib" / "mixnet" / "doc" / "figures"
    studio = Studio(workspace)
    for name in arguments.names:
        target = folder / f"{name}.png"
        PICTURES[name](studio, target)
        size = target.stat().st_size
        print(f"{target}  {size / 1000:.0f} kB")
        if size > MOST_BYTES:
            raise Failure(f"{target}: {size} bytes; a picture has at most {MOST_BYTES}")
    return 0


if __name__ == "__main__":
    sys.exit(guarded("screenshots.py", lambda: main(sys.argv[1:])))
