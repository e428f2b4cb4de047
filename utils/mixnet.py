# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""
Runs the programs from Python, and reads what they write.

    import sys
    sys.path.insert(0, "utils")  # or PYTHONPATH=utils
    import mixnet

    run = mixnet.run(model="mixtral-8x7b", fabric="mixnet", layers=1, fidelity="flow")
    run.summary["iterationTimeSeconds"]  # what summary.json has
    run.phases                           # phases.csv as a pandas data frame

    runs = mixnet.sweep(model="mixtral-8x7b", layers=1, fidelity="flow",
                        fabric=["mixnet", "fat-tree"], link_rate=["200Gb/s", "400Gb/s"])
    mixnet.table(runs)

Tables need pandas (the package python3-pandas), the rest the standard library alone. The tree of
`./ns3` is prepared and a program built when it is first run, once per process. MIXNET_NS3 names a
tree to take as it is instead.
"""

import itertools
import os
import re
import shlex
import shutil
import sys
import tempfile
import threading
import weakref
from functools import partial
from pathlib import Path
from typing import (TYPE_CHECKING, Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Set,
                    Tuple, Union)

import ns3_tree
import result_tables
import workspace as workspaces
from commands import HANG_SECONDS_OF_ALL, capture, capture_each, cores, describe_end
from console import Failure, last_lines, say
from known_names import names_of_tree, program_names, unknown_program
from simulations import Programs, last_word

if TYPE_CHECKING:
    import pandas

__all__ = ["Run", "RunError", "load", "run", "sweep", "table"]

TRAINING = "mixnet-training"
YEAR_SECONDS = 365 * 86400.0
Folder = Union[str, "os.PathLike[str]"]

# The main results, of table(): keys of summary.json.
RESULTS = {
    TRAINING: ("iterationTimeSeconds", "tokensPerSecond", "modelFlopsUtilization",
               "allToAllSeconds", "exposedReconfigurationSeconds", "bubbleShare"),
    "all-to-all": ("completionTimeSeconds", "completionOverIdeal", "completionOverBound"),
}
# Options that say where files are, which two runs need not have in common.
PLACES = ("config", "output", "pcap", "timeline")


class RunError(Failure):
    """
    A program could not be built, has refused its options, or has not come to a good end.

    Its text is one line, the program's own where there is one.
    """

    def __init__(self, message: str, command: str = "", result: Optional["Run"] = None) -> None:
        super().__init__(message)
        self.command = command  #: to repeat it; empty where nothing was run
        self.run = result  #: what there is of a run that is not complete, or None


class TableAttribute:
    """An attribute of a run that is one of its tables."""

    def __init__(self, name: str, writer: str, rows: str) -> None:
        self.name = name
        self.writer = writer
        self.__doc__ = f"{name}.csv of {writer}, as a data frame: {rows}."

    def __get__(self, owner: Optional["Run"], kind: type) -> Any:
        if owner is None:
            return self
        if self.name not in owner.tables:
            raise AttributeError(f"this run has no {self.name}.csv, as {self.writer} writes it; "
                                 f"{owner.program} has written {owner.tables_in_words()}")
        return owner.table(self.name)


class Run:
    """
    A run of a program: its summary, and its tables as pandas data frames.

    Tables are read when they are first asked for, and kept. Columns and their units are those of
    the files, as contrib/mixnet/doc/mixnet-programs.rst has them: ...Seconds in s, ...Bytes in bytes. Whole
    numbers are integers, true and false bool, and what is empty in a file is NaN. A table that a
    run of this kind does not have is an AttributeError.
    """

    phases = TableAttribute("phases", TRAINING, "a row per phase of each EP group")
    iterations = TableAttribute(
        "iterations", TRAINING, "a row per iteration, with what its time went into")
    gantt = TableAttribute(
        "gantt", TRAINING,
        "a row per stage, replica, chunk, microbatch and direction: from when to when")
    ports = TableAttribute(
        "ports", TRAINING, "a row per NIC: bytes on its line, share of time it was busy")
    timeline = TableAttribute(
        "timeline", f"{TRAINING} of one EP group",
        "a row per rank and phase: from when to when, and waiting; rank -1 is the OCS")
    circuits = TableAttribute(
        "circuits", f"{TRAINING} of one EP group on mixnet",
        "a row per pair of hosts and decision of the controller: demand and circuits")
    flows = TableAttribute("flows", "all-to-all", "a row per flow")
    rates = TableAttribute(
        "rates", "all-to-all with rate_interval", "a row per interval and pair of NICs")

    def __init__(self, folder: Path, summary: Dict[str, Any], command: str, output: str = "",
                 notes: str = "") -> None:
        self.folder = folder  #: where the results are; a temporary one goes with the run
        self.summary = summary  #: what summary.json has
        self.command = command  #: a line for a shell that repeats the run
        self.output = output  #: what the program printed; empty of a run that was loaded
        self.notes = notes  #: what it said on standard error, as of options without effect
        self.tables: Tuple[str, ...] = tuple(sorted(path.stem for path in folder.glob("*.csv")))
        self._frames: Dict[str, Any] = {}

    @property
    def program(self) -> str:
        """The name of the program."""
        return str(self.summary.get("program", "a program"))

    @property
    def options(self) -> Dict[str, str]:
        """All options in force, by their names in camel case, as text."""
        return dict(self.summary.get("options", {}))

    def table(self, name: str) -> "pandas.DataFrame":
        """
        A table by the name of its file.

        @param name One of `tables`, as "phases".
        @raise RunError There is none, or its file is gone.
        @raise ImportError pandas is missing.
        """
        if name not in self.tables:
            raise RunError(f"this run has no {name}.csv; {self.program} has written "
                           f"{self.tables_in_words()}", self.command, self)
        if name not in self._frames:
            path = self.folder / f"{name}.csv"
            try:
                self._frames[name] = import_pandas().read_csv(
                    path, float_precision="round_trip", keep_default_na=False, na_values=[""])
            except (OSError, ValueError) as error:
                raise RunError(f"{path}: cannot be read: {error}", self.command, self) from error
        return self._frames[name]

    def tables_in_words(self) -> str:
        """The tables there are, for people."""
        return ", ".join(self.tables) or "no tables"

    def __repr__(self) -> str:
        results = [f"{key} {self.summary.get(key)}" for key in RESULTS.get(self.program, ())[:1]]
        state = [] if self.summary.get("complete", True) else ["not complete"]
        return f"<{', '.join([f'run of {self.program}', *results, *state])}: {self.command}>"


class Job(NamedTuple):
    """A run that is to be done."""

    program: str
    options: Mapping[str, Any]  # by the names that the program has, before they are texts
    output: Optional[Path]  # None for a temporary folder
    timeout: float  # seconds

    def words(self) -> List[str]:
        """The program and its options."""
        return [self.program, *(f"--{name}={text_of(name, value)}"
                                for name, value in self.options.items() if value is not None)]


def run(program: str = TRAINING, *, output: Optional[Folder] = None,
        timeout: float = HANG_SECONDS_OF_ALL, attributes: Optional[Mapping[str, Any]] = None,
        **options: Any) -> Run:
    """
    Runs a program to its end.

    Each run is a process of its own in the folder that the caller is in, which stays as it is;
    relative paths mean that folder.

    @param program Its name: mixnet-training, all-to-all, or another that takes --output and writes
        a summary.
    @param output Folder for results, as the program's option; None for a temporary one, which is
        removed with the run (or when Python ends).
    @param timeout Seconds of wall time after which the program is killed: above 0, at most a year.
        Building it, when that is needed, does not count.
    @param attributes Settings of ns-3 by their names, as {"ns3::mixnet::RdmaNic::AckInterval": 32}.
    @param options Options of the program, in snake case or camel case: link_rate="400Gb/s",
        linkRate="400Gb/s". True and False mean yes and no, a list its values with commas in
        between, None that the option is not given. Units are the program's: rates, times and
        sizes as text ("400Gb/s", "25ms", "32MB"), numbers as they are.
    @return The run, complete.
    @raise RunError The program cannot be built, has refused an option (also one that has no
        effect), has not ended in time, or has ended without complete results, which `.run` then
        has.
    @raise ValueError, TypeError An argument cannot be meant, as a name that is given twice.
    """
    job = Job(program, named_options(options, attributes), absolute(output),
              check_timeout(timeout))
    job.words()  # refuses values before anything is built
    prepare(program)
    return do(job)


def sweep(program: str = TRAINING, *, jobs: Optional[int] = None, output: Optional[Folder] = None,
          timeout: float = HANG_SECONDS_OF_ALL, attributes: Optional[Mapping[str, Any]] = None,
          **options: Any) -> List[Run]:
    """
    Runs a program with every combination of options.

    An option whose value is a list, tuple, range or array takes each of its values in turn; all
    others are the same in all runs. The last list changes first, as in itertools.product.
    What has no effect in one of the runs is refused there, as always; what only some of them need
    goes into a file of options, config=FILE, of which the others leave it out.

    @param jobs How many runs at a time, at least 1; None for as many as there are processors.
    @param output Folder for the folders of the runs, which are called 0, 1, ... with leading zeros
        in the order of the runs; None for temporary ones.
    @param timeout Seconds of wall time for each run.
    @return The runs in the order of the product, whatever the order they end in.
    @raise RunError As of run(), with the options of the run that failed first in this order. The
        others are ended.
    @raise ValueError, TypeError As of run(); also for a list without values.
    """
    fixed = named_options(options, attributes)
    varied = {name: values_of(name, value) for name, value in fixed.items() if is_list(value)}
    points = [dict(zip(varied, values)) for values in itertools.product(*varied.values())]
    digits = len(str(len(points) - 1))
    folder = absolute(output)
    todo: Dict[str, Job] = {}
    for number, point in enumerate(points):
        name = f"{number:0{digits}d}"
        todo[name] = Job(program, {**fixed, **point}, folder / name if folder else None,
                         check_timeout(timeout))
        todo[name].words()
    if jobs is not None and (isinstance(jobs, bool) or not isinstance(jobs, int) or jobs < 1):
        raise ValueError(f"jobs is {jobs!r}; expected a whole number from 1 on")
    prepare(program)
    works = {name: partial(do_point, job, points[int(name)]) for name, job in todo.items()}
    return [result for _, result in capture_each(works, jobs or cores())]


def load(folder: Folder) -> Run:
    """
    Reads the results of an earlier run, complete or not (`summary["complete"]`).

    @param folder The folder that was its output.
    @raise RunError There are no results of a run that has ended.
    """
    path = Path(os.path.abspath(os.path.expanduser(folder)))
    try:
        result_tables.check_folder(path)
        summary = result_tables.read_summary(path)
    except Failure as failure:
        raise RunError(str(failure)) from None
    if summary is None:
        raise RunError(f"{path}: has no summary.json; the run goes on, or was stopped, or the "
                       "folder is of something else")
    name = summary.get("executable", summary.get("program", TRAINING))
    words = [str(name), f"--config={path / 'summary.json'}"]
    return Run(path, summary, command_of(words))


def table(runs: Sequence[Run], results: Optional[Sequence[str]] = None) -> "pandas.DataFrame":
    """
    Compares runs: a row for each, in their order.

    Columns are the options whose values differ, numbers as such where all are, and results.

    @param runs What sweep() returns, or any others.
    @param results Keys of summary.json; the main ones of the programs when None.
    @raise RunError No run has one of the results.
    @raise ImportError pandas is missing.
    """
    pandas, runs = import_pandas(), list(runs)
    names = dict.fromkeys(name for one in runs for name in one.options if name not in PLACES)
    columns: Dict[str, List[Any]] = {"program": [one.program for one in runs]}
    columns.update({name: [one.options.get(name) for one in runs] for name in names})
    chosen = {name: numbers_of(values) for name, values in columns.items() if len(set(values)) > 1}
    if results is None:
        results = list(dict.fromkeys(key for one in runs for key in RESULTS.get(one.program, ())))
    for key in results:
        if runs and not any(key in one.summary for one in runs):
            raise RunError(f"no summary has {key}")
        chosen[key] = [one.summary.get(key) for one in runs]
    return pandas.DataFrame(chosen, index=range(len(runs)))


# --- options ---------------------------------------------------------------------------------


def option_name(name: str) -> str:
    """The name that a program has for an option: link_rate -> linkRate."""
    return re.sub(r"(?<=[A-Za-z0-9])_([A-Za-z0-9])", lambda match: match[1].upper(),
                  name.rstrip("_"))


def named_options(options: Mapping[str, Any],
                  attributes: Optional[Mapping[str, Any]]) -> Dict[str, Any]:
    """Options by the names that programs have for them."""
    named: Dict[str, Any] = {}
    for name, value in [*((option_name(name), value) for name, value in options.items()),
                        *(attributes or {}).items()]:
        if not re.fullmatch(r"[A-Za-z][\w:]*", name):
            raise ValueError(f"{name!r} is no name of an option")
        if name in named:
            raise ValueError(f"option {name} is given twice")
        named[name] = value.tolist() if hasattr(value, "tolist") else value  # of numpy and pandas
    return named


def is_list(value: Any) -> bool:
    """Whether a value stands for several, in an order."""
    return isinstance(value, (list, tuple, range))


def values_of(name: str, values: Sequence[Any]) -> Sequence[Any]:
    """The values of an option that varies."""
    if not values:
        raise ValueError(f"option {name} has no values")
    return values


def text_of(name: str, value: Any) -> str:
    """A value as programs read it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if is_list(value):
        return ",".join(text_of(name, one) for one in value)
    if not isinstance(value, (str, int, float, os.PathLike)):
        raise TypeError(f"option {name} is a {type(value).__name__}; expected text, a number, "
                        "True, False, a path, a list of these, or None")
    text = str(os.fspath(value)) if isinstance(value, os.PathLike) else str(value)
    if "\0" in text:
        raise ValueError(f"option {name} has a character NUL")
    return text


def check_timeout(seconds: Any) -> float:
    """A time to wait for."""
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) \
            or not 0 < seconds <= YEAR_SECONDS:
        raise ValueError(f"timeout is {seconds!r}; expected seconds above 0, at most a year")
    return float(seconds)


def numbers_of(values: Sequence[Any]) -> List[Any]:
    """Texts as numbers, where all of them are."""
    for kind in (int, float):
        try:
            return [kind(value) for value in values]
        except (TypeError, ValueError):
            pass
    return list(values)


# --- running ---------------------------------------------------------------------------------


def absolute(folder: Optional[Folder]) -> Optional[Path]:
    """A folder by its whole path, which other folders of the caller do not change."""
    return None if folder is None else Path(os.path.abspath(os.path.expanduser(folder)))


def check_program(program: str, tree: Optional[ns3_tree.Tree], is_known: bool) -> None:
    """
    Refuses a program that does not exist, before anything is built.

    @param program Its name.
    @param tree The tree there is; none before the first build.
    @param is_known Whether the tree has it; a file that has come since is in the repository alone.
    """
    ours = program_names(workspaces.ROOT)
    if not is_known and Path(program).stem not in ours:
        raise Failure(unknown_program(program, ours + (names_of_tree(tree) if tree else [])))


PREPARING = threading.Lock()
PREPARED: Set[str] = set()  # programs that are built


def prepare(program: str) -> None:
    """Has `./ns3` prepare its tree and build a program, the first time in this process."""
    with PREPARING:
        if os.environ.get("MIXNET_NS3") or program in PREPARED:
            return
        try:
            workspace = workspaces.locate()
            tree = ns3_tree.existing_tree(workspace)
            named = [known for known in (tree.programs() if tree else ())
                     if known.answers_to(program)]
            check_program(program, tree, bool(named))
            if not any(known.path.is_file() for known in named):
                say(f"building {program}; that takes some minutes, the first time only")
        except Failure as failure:
            raise RunError(one_line(str(failure))) from None
        command = [sys.executable, workspace.root / "ns3", "build", program]
        outcome = capture(command, HANG_SECONDS_OF_ALL)
        if not outcome.succeeded:
            lines = outcome.output.strip().splitlines() or [
                describe_end(outcome, HANG_SECONDS_OF_ALL)]
            if len(lines) > 1:  # of the compiler, most of all
                print(last_lines(outcome.output, 25), file=sys.stderr)
            raise RunError(f"{program} could not be built: {one_line(lines[-1])}",
                           shlex.join(map(str, command)))
        PREPARED.add(program)


def one_line(text: str) -> str:
    """A message without what `./ns3` puts before it."""
    return re.sub(r"^\[mixnet\] (error: )?", "", " ".join(text.split()))


def command_of(words: Sequence[str]) -> str:
    """The line for a shell, in the folder that we are in, that runs a program."""
    script = workspaces.ROOT / "ns3"
    is_here = os.path.exists("ns3") and os.path.samefile("ns3", script)
    return shlex.join(["./ns3" if is_here else str(script), "run", *words])


def stamp_of(path: Path) -> Optional[Tuple[int, int]]:
    """What tells a file from the one that replaces it; None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns


def do(job: Job) -> Run:
    """Runs a program that is built; the run, or a RunError."""
    words = job.words()
    folder = job.output or Path(tempfile.mkdtemp(prefix="mixnet-run-"))
    command = command_of([*words, f"--output={folder}"] if job.output else words)
    result: Optional[Run] = None
    try:
        before = stamp_of(folder / "summary.json")
        outcome = Programs(folder).execute(words, folder, job.timeout)
        if stamp_of(folder / "summary.json") != before:  # not of an earlier run
            summary = result_tables.read_summary(folder)
            if summary is not None:
                result = Run(folder, summary, command, outcome.output, outcome.errors)
    except Failure as failure:
        raise RunError(one_line(str(failure)), command) from None
    finally:
        if result is None and job.output is None:
            shutil.rmtree(folder, ignore_errors=True)
        elif job.output is None:
            weakref.finalize(result, shutil.rmtree, folder, ignore_errors=True)
    if outcome.succeeded and result is not None:
        return result
    if outcome.succeeded:
        raise RunError(f"{job.program}: has written no summary.json", command)
    if result is not None and result.summary.get("problems"):
        raise RunError(f"{job.program}: the results are not complete: "
                       f"{result.summary['problems'][0]}", command, result)
    said = last_word(outcome, job.timeout)
    raise RunError(said if said.startswith(f"{job.program}: ") else f"{job.program}: {said}",
                   command, result)


def do_point(job: Job, point: Mapping[str, Any]) -> Run:
    """Runs one of a sweep; an error tells which."""
    try:
        return do(job)
    except RunError as error:
        where = ", ".join(f"{name}={text_of(name, value)}" for name, value in point.items()
                          if value is not None)
        raise RunError(f"{error} (with {where or 'defaults'})", error.command, error.run) from None


def import_pandas() -> Any:
    """The module pandas, when a table is asked for."""
    try:
        import pandas
    except ImportError:
        raise ImportError(f"tables need pandas, which {sys.executable} does not have; on Debian, "
                          "/usr/bin/python3 has it in the package python3-pandas") from None
    return pandas
