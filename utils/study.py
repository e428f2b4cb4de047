#!/usr/bin/env python3
# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Does a study: many runs along axes, on all cores or a cluster, then a table, figures and a page.

usage: utils/study.py FOLDER... [OPTIONS]
       utils/study.py all [OPTIONS]
       utils/study.py new FOLDER
       utils/study.py list

  utils/study.py cost
  utils/study.py iteration-time --jobs=8
  utils/study.py new my-study && utils/study.py my-study

FOLDER:      one with a study.json, or the name of one in examples/studies (list names them); all
             does each of them
new:         makes a study from a template, to be changed
--output:    folder for results: study-NAME
--jobs:      runs at a time: as many as processors
--profile:   a profile of Snakemake, a folder with config.yaml, for a cluster; utils/studies/slurm
             is one for Slurm
--dry-run:   prints the command of each run that is to be done, and does none; each command does
             its run by itself
--draw:      draws figures of what is there, and runs nothing
--format:    of figures, with commas in between: png, pdf, svg
--no-install: never install packages

A run is done by Snakemake, in a folder of its own in OUTPUT/points. What is complete is not done
again, unless the program, its options or files they name have changed; so a study goes on where it was
stopped. Runs that fail are listed, leave the others alone, and are tried again next time.

Writes OUTPUT/results.csv (a row per run: its place on each axis, and all numbers of its summary),
provenance.json, figures/ and index.html. Exit code 0 when all runs are complete, 1 otherwise.
Needs Snakemake and matplotlib (the packages snakemake and python3-matplotlib).
"""

import fcntl
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from argparse import SUPPRESS, Namespace, RawDescriptionHelpFormatter
from pathlib import Path
from typing import IO, List, Optional, Sequence

sys.dont_write_bytecode = True  # nothing changes outside build/

import system_packages  # noqa: E402
from commands import cores, end_group  # noqa: E402
from console import Failure, Parser, guarded, say  # noqa: E402
from known_names import did_you_mean  # noqa: E402
from plots.figures import FORMATS, import_pyplot  # noqa: E402
from simulations import Programs  # noqa: E402
from studies import figures, page, points, results  # noqa: E402
from studies.definition import FILE, Point, Study  # noqa: E402
from studies.points import State, state_of  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
STUDIES = ROOT / "examples" / "studies"
SNAKEFILE = ROOT / "utils" / "studies" / "Snakefile"
TEMPLATE = ROOT / "utils" / "studies" / "template"
LOG = "snakemake.log"
POLL_SECONDS = 0.5
MODES = ("new", "list", "point", "all")


def own_studies() -> List[Path]:
    """The studies of the project."""
    return sorted(path.parent for path in STUDIES.glob(f"*/{FILE}"))


def find_study(text: str) -> Study:
    """The study in a folder, or of a name."""
    if (Path(text) / FILE).exists() or Path(text).is_file():
        return Study(Path(text))
    names = [folder.name for folder in own_studies()]
    if text in names:
        return Study(STUDIES / text)
    close = did_you_mean(text, names)
    hint = f"; did you mean {' or '.join(close)}?" if close else ""
    raise Failure(f"{text}: is no folder with a {FILE}, nor one of {', '.join(names)}{hint}")


class Progress:
    """Tells what has become of points while the workflow runs."""

    def __init__(self, output: Path, todo: Sequence[Point], jobs: int) -> None:
        self.output, self.jobs = output, jobs
        self.open = {point.name: point for point in todo}
        self.total = len(todo)
        self.seconds: List[float] = []  # of the runs that were done

    def look(self) -> None:
        """Prints a line for each point that has ended since."""
        for name in list(self.open):
            state = state_of(self.output, self.open[name])
            if state.note is None and not state.problem:
                continue
            del self.open[name]
            if state.note is not None:
                self.seconds.append(float(state.note.get("seconds", 0)))
            said = f"failed: {state.problem}" if state.problem else f"{self.seconds[-1]:.1f} s"
            say(f"[{self.total - len(self.open)}/{self.total}] {name}: {said}{self.left()}")

    def left(self) -> str:
        """How long the others take, judging by those that were done."""
        if not self.open or not self.seconds:
            return ""
        mean = sum(self.seconds) / len(self.seconds)
        seconds = mean * len(self.open) / min(self.jobs, len(self.open))
        return f"; about {seconds / 60:.0f} min left" if seconds >= 60 else \
            f"; about {seconds:.0f} s left"


def workflow_words(study: Study, output: Path, arguments: Namespace) -> List[str]:
    """The command of the workflow."""
    own = study.folder / "Snakefile"
    words = ["snakemake", "all", "--snakefile", str(own if own.is_file() else SNAKEFILE),
             "--directory", str(output), "--keep-going", "--nolock", "--ignore-incomplete",
             "--rerun-triggers", "mtime"]
    if arguments.profile:
        words += ["--profile", str(Path(arguments.profile).resolve())]
    if arguments.jobs or not arguments.profile:
        words += ["--jobs" if arguments.profile else "--cores", str(arguments.jobs or cores())]
    return words + ["--config", f"study={study.path}", f"output={output.resolve()}"]


def run_workflow(study: Study, output: Path, todo: Sequence[Point], arguments: Namespace) -> None:
    """Runs what is to be done, telling how far it is."""
    progress = Progress(output, todo, arguments.jobs or cores())
    environment = {**os.environ, "MIXNET_ROOT": str(ROOT)}
    with (output / LOG).open("w", encoding="utf-8") as log:
        with subprocess.Popen(workflow_words(study, output, arguments), stdout=log,
                              stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=environment,
                              start_new_session=True) as process:
            try:
                while process.poll() is None:
                    progress.look()
                    time.sleep(POLL_SECONDS)
                progress.look()
            except BaseException:
                end_group(process)
                raise
    if progress.open and len(progress.open) == progress.total:
        raise Failure(f"the workflow has not run; its last words in {output / LOG}:\n"
                      + "\n".join((output / LOG).read_text(encoding="utf-8").splitlines()[-6:]))


def lock(output: Path) -> IO[str]:
    """Keeps others from the folder as long as we have what is returned."""
    file = (output / ".lock").open("w", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise Failure(f"--output={output}: another study.py works there") from None
    return file


def check_output(output: Path) -> None:
    """Refuses a folder that has something else in it."""
    if output.exists() and not output.is_dir():
        raise Failure(f"--output={output}: is no folder")
    if output.is_dir() and any(output.iterdir()) and not (output / points.POINTS).is_dir():
        raise Failure(f"--output={output}: has files that are of no study; choose another folder")


def point_words(study: Study, point: Point, output: Path) -> List[str]:
    """The command that does one run."""
    return [sys.executable, str(ROOT / "utils" / "study.py"), "point", str(study.path), point.name,
            f"--output={output.resolve()}"]


def draw_and_tell(study: Study, output: Path, states: Sequence[State],
                  formats: Sequence[str]) -> int:
    """Writes table, figures and page, and lists what has failed; the exit code."""
    rows = results.write_table(study, states, output / results.TABLE)
    results.write_provenance(states, output / "provenance.json")
    drawn = figures.draw_all(study, rows, output / figures.FOLDER, formats)
    page.write(study, states, rows, drawn, output / "index.html")
    missing = [state for state in states if state.note is None]
    for state in missing:
        say(f"{state.point.name}: {state.problem or 'was not run'}")
    print(f"{study.title}: {len(rows)} of {len(states)} runs\n"
          f"results  {output / results.TABLE}\n"
          f"page     {output / 'index.html'}")
    for path in drawn:
        print(f"figure   {path}")
    return 1 if missing else 0


def do_study(study: Study, arguments: Namespace) -> int:
    """Does a study; the exit code."""
    for place, spec in enumerate(study.figures):
        figures.check(study, place, spec)
    output = arguments.output or Path(f"study-{study.name}")
    all_points = study.points()
    check_output(output)
    if arguments.draw:
        if not output.is_dir():
            raise Failure(f"--output={output}: there is no such folder to draw from")
        return draw_and_tell(study, output, [state_of(output, point) for point in all_points],
                             arguments.format)
    build(study)
    if not arguments.dry_run:
        (output / points.POINTS).mkdir(parents=True, exist_ok=True)
    fingerprint = points.fingerprint(Programs(output), study.program)
    if arguments.dry_run:
        for point in all_points:
            note = state_of(output, point).note
            if not note or note.get("key") != points.key_of(study, point, fingerprint):
                print(shlex.join(point_words(study, point, output)))
        return 0
    with lock(output):
        stale = points.forget_stale(study, output, all_points, fingerprint)
        todo = [point for point in all_points if state_of(output, point).note is None]
        for point in todo:
            (points.folder_of(output, point) / points.FAILED).unlink(missing_ok=True)
        say(f"{study.name}: {len(all_points)} runs, {len(all_points) - len(todo)} complete"
            + (f", {stale} of another build or options are done again" if stale else ""))
        if todo:
            run_workflow(study, output, todo, arguments)
        return draw_and_tell(study, output, [state_of(output, point) for point in all_points],
                             arguments.format)


def build(study: Study) -> None:
    """Builds the program of a study."""
    if os.environ.get("MIXNET_NS3"):
        return  # of somebody who has built it
    outcome = subprocess.run([str(ROOT / "ns3"), "build", study.program], stdout=subprocess.PIPE,
                             stderr=sys.stderr, text=True, check=False, stdin=subprocess.DEVNULL)
    if outcome.returncode != 0:
        raise Failure(f"{study.program} cannot be built: ./ns3 build {study.program} says why")


def do_point(arguments: Namespace) -> int:
    """Does one run of a study, as the workflow does."""
    if len(arguments.words) != 2 or not arguments.output:
        raise Failure("point: of which study, and which? Expected STUDY NAME --output=FOLDER")
    study = Study(Path(arguments.words[0]))
    named = [point for point in study.points() if point.name == arguments.words[1]]
    if not named:
        raise Failure(f"{study.path}: has no run {arguments.words[1]}")
    problem = points.run_point(study, arguments.output, named[0])
    if problem:
        raise Failure(f"{named[0].name}: {problem}")
    return 0


def make_new(words: Sequence[str]) -> int:
    """Makes a study from the template."""
    if len(words) != 1:
        raise Failure("new: which folder? Expected utils/study.py new FOLDER")
    folder = Path(words[0])
    if folder.exists():
        raise Failure(f"{folder}: is there already; choose another name")
    shutil.copytree(TEMPLATE, folder)
    print(f"{folder / FILE}: change it, then utils/study.py {folder}")
    return 0


def read_formats(text: str) -> List[str]:
    """The formats of figures."""
    formats = text.split(",")
    for one in formats:
        if one not in FORMATS:
            raise Failure(f"--format={text}: {one} must be one of {', '.join(FORMATS)}")
    return formats


def read_arguments(words: Sequence[str]) -> Namespace:
    """Reads the command line."""
    parser = Parser(prog="utils/study.py", description=__doc__, usage=SUPPRESS,
                    formatter_class=RawDescriptionHelpFormatter, allow_abbrev=False)
    parser.add_argument("words", nargs="*")
    parser.add_argument("--output", type=Path)
    parser.add_argument("--jobs", type=int)
    parser.add_argument("--profile")
    parser.add_argument("--dry-run", action="store_true")
    parser.add_argument("--draw", action="store_true")
    parser.add_argument("--no-install", action="store_true")
    parser.add_argument("--format", type=read_formats, default=["png"])
    arguments = parser.parse_args(words)
    if not arguments.words:
        parser.error("which study? Expected a folder, all, new or list")
    if arguments.jobs is not None and not 1 <= arguments.jobs <= 4096:
        raise Failure(f"--jobs={arguments.jobs}: must be 1 to 4096")
    if arguments.profile and not (Path(arguments.profile) / "config.yaml").is_file():
        raise Failure(f"--profile={arguments.profile}: must be a folder with config.yaml")
    return arguments


def work(words: Sequence[str]) -> int:
    """What the command line asks for."""
    arguments = read_arguments(words)
    mode, *rest = arguments.words
    if mode == "list":
        for folder in own_studies():
            study = Study(folder)
            print(f"{study.name:<20} {len(study.points()):>5} runs  {study.title}")
        return 0
    if mode == "new":
        return make_new(rest)
    if mode == "point":
        arguments.words = rest
        return do_point(arguments)
    studies = [Study(folder) for folder in own_studies()] if mode == "all" else \
        [find_study(text) for text in arguments.words]
    if len(studies) > 1 and arguments.output:
        raise Failure(f"--output={arguments.output}: is for one study, not {len(studies)}")
    system_packages.ensure_packages(
        ["study"], not (arguments.no_install or os.environ.get("MIXNET_NO_INSTALL")), False)
    import_pyplot()  # before anything is run, as it may go on in the system's Python
    return max([do_study(study, arguments) for study in studies])


def stop(number: int, _frame: Optional[object]) -> None:
    """Ends as Ctrl-C does, so that what runs is ended, too."""
    raise SystemExit(128 + number)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, stop)
    sys.exit(guarded("study.py", lambda: work(sys.argv[1:])))
