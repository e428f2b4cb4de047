# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""The runs of a comparison of fabrics: which there are, what has become of each, and their caches."""

import json
import sys
import threading
from functools import partial
from pathlib import Path
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

import result_tables
from commands import capture_each, describe_end
from console import Failure
from simulations import Programs

PROGRAM = "mixnet-training"
FORWARDINGS = ("own-nic", "rail", "spread", "delegate", "two-circuits", "relay",
               "valiant")
PACKETS = ("own-nic", "rail", "spread")

# Fabrics, and the forwardings that are compared where they are admissible.
FABRICS: Mapping[str, Sequence[str]] = {
    "mixnet": ("delegate",), "fat-tree": PACKETS, "oversub-fat-tree": PACKETS,
    "rail-optimized": PACKETS, "rail-only": PACKETS, "ideal-switch": PACKETS,
    "topoopt": ("relay",), "rotor": ("relay", "valiant")}
IDEAL = "ideal-switch"
NON_BLOCKING = ("fat-tree", "rail-optimized", IDEAL)  # whose NICs all meet

# Why forwardings that are admissible are left out.
LEFT_OUT = {
    ("topoopt", "valiant"): "its circuits are planned for shortest routes",
    ("rotor", "delegate"): "pairs whose circuit is not up take the electrical NICs alone",
    ("mixnet", "two-circuits"): "circuits are laid as if nobody relayed; an allocator may differ",
    ("mixnet", "relay"): "circuits follow the demand, so that nobody relays"}

# What the small job is, with which forwardings are tried.
TRIAL = {"--model": "mixtral-8x7b", "--gpus": "32", "--pipelineParallel": "1", "--layers": "1",
         "--microbatches": "1"}
TRIAL_SECONDS = 30.0
TRIAL_RATE = 400.0  # Gb/s
NOTE = "run.json"  # in the folder of a run: its options, and how it failed if it has


class Point(NamedTuple):
    """What a run is of."""

    model: str
    rate: float  # Gb/s
    fabric: str
    forwarding: str
    policy: str = ""  # of circuits; empty where no controller commands them
    uniform: bool = False  # whether all experts get the same

    @property
    def name(self) -> str:
        """What tells it from all others, fit for a folder."""
        words = [Path(self.model).stem, f"{self.rate:g}", self.fabric, self.forwarding,
                 *([self.policy] if self.policy else []), *(["uniform"] if self.uniform else [])]
        return "-".join(words)

    @property
    def label(self) -> str:
        """The same for people."""
        how = f", {self.policy}" if self.policy else ""
        load = ", uniform load" if self.uniform else ""
        return f"{self.model} {self.rate:g} Gb/s {self.fabric} {self.forwarding}{how}{load}"


class Result(NamedTuple):
    """What has become of a run."""

    point: Point
    words: Sequence[str]
    summary: Optional[Dict[str, Any]] = None  # of a complete run
    problem: str = ""  # of another
    isOld: bool = False  # whether it was there already


class Trial(NamedTuple):
    """Whether a fabric admits a forwarding."""

    fabric: str
    forwarding: str
    problem: str  # why not; empty if it does
    note: str = ""  # why it is not compared all the same

    @property
    def isCompared(self) -> bool:
        """Whether it has rows in the tables."""
        return not self.problem and not self.note


class Study(NamedTuple):
    """What is asked for."""

    models: Sequence[str]
    rates: Sequence[float]  # Gb/s; of models without some of their own
    fabrics: Sequence[str]
    policies: Sequence[str]
    options: Sequence[str]  # of all runs
    ratesOf: Mapping[str, Sequence[float]] = {}  # by model

    def rates_of(self, model: str) -> Sequence[float]:
        """The rates at which a model is simulated."""
        return self.ratesOf.get(model, self.rates)


def words_of(point: Point, options: Sequence[str]) -> List[str]:
    """The program and its options for a run."""
    words = [PROGRAM, *options, f"--model={point.model}", f"--linkRate={point.rate:g}Gb/s",
             f"--fabric={point.fabric}", f"--forwarding={point.forwarding}", "--fidelity=flow",
             "--quiet=yes"]
    if point.policy:
        policy, plus, source = point.policy.partition("+")
        words += [f"--policy={policy}", *([f"--demandSource={source}"] if plus else [])]
    return words + (["--skew=0"] if point.uniform else [])


def points_of(study: Study, pairs: Sequence[Tuple[str, str]]) -> List[Point]:
    """
    All runs of a study.

    @param study What is asked for.
    @param pairs Fabrics and forwardings that are compared.
    @return the runs of the comparison, and those with a uniform load at the lowest rate of a model.
    """
    points = []
    for model in study.models:
        for rate in study.rates_of(model):
            points += [Point(model, rate, fabric, forwarding, policy)
                       for fabric, forwarding in pairs
                       for policy in (study.policies if fabric == "mixnet" else ("",))]
        points += [Point(model, min(study.rates_of(model)), fabric, forwarding, uniform=True)
                   for fabric, forwarding in pairs
                   if fabric in NON_BLOCKING and forwarding in ("own-nic", "spread")]
    return points


class Runner:
    """Runs the program, many at a time, each in a folder of its own where its results stay."""

    def __init__(self, folder: Path, jobs: int, limit: float) -> None:
        self.folder = folder
        self.jobs = jobs
        self.limit = limit  # seconds of a run
        self.programs = Programs(folder)
        self.lock = threading.Lock()
        self.done = 0

    def known(self, point: Point, words: Sequence[str], folder: Path) -> Optional[Result]:
        """A run that was complete with the same options; None if there is none."""
        try:
            note = json.loads((folder / NOTE).read_text(encoding="utf-8"))
            summary = result_tables.read_summary(folder)
        except (OSError, ValueError, Failure):
            return None
        if not isinstance(note, dict) or note.get("words") != list(words):
            return None
        is_whole = summary is not None and summary.get("complete") is True
        return Result(point, words, summary, isOld=True) if is_whole else None

    def run(self, point: Point, words: Sequence[str], folder: Path, limit: float) -> Result:
        """A run, from its folder or done now."""
        known = self.known(point, words, folder)
        if known:
            return known
        folder.mkdir(parents=True, exist_ok=True)
        for name in (NOTE, "summary.json"):
            (folder / name).unlink(missing_ok=True)
        outcome = self.programs.execute(words, folder, limit)
        summary = result_tables.read_summary(folder) if outcome.succeeded else None
        if summary is not None and summary.get("complete") is True:
            note = json.dumps({"words": list(words)}, indent=1)
            (folder / NOTE).write_text(note + "\n", encoding="utf-8")
            return Result(point, words, summary)
        said = [line.strip() for line in outcome.errors.splitlines() if line.strip()]
        if outcome.timed_out or outcome.code < 0 or not said:
            return Result(point, words, problem=describe_end(outcome, limit))
        return Result(point, words, problem=said[-1].replace(f"{PROGRAM}: ", "", 1))

    def tell(self, result: Result, count: int) -> Result:
        """Says on standard error that a run has ended."""
        with self.lock:
            self.done += 1
            if not result.isOld:
                end = result.problem or f"{result.summary['iterationTimeSeconds']:.4f} s, took " \
                    f"{result.summary['wallSeconds']:.1f} s"
                print(f"[{self.done}/{count}] {result.point.label}: {end}", file=sys.stderr,
                      flush=True)
        return result

    def run_all(self, points: Sequence[Point], options: Sequence[str]) -> Dict[Point, Result]:
        """All runs, in parallel; those that fail are told and leave the others alone."""
        def work(point: Point) -> Result:
            return self.tell(self.run(point, words_of(point, options),
                                      self.folder / "runs" / point.name, self.limit), len(points))

        self.done = 0
        works = {str(number).zfill(6): partial(work, point) for number, point in enumerate(points)}
        return {result.point: result for _, result in capture_each(works, self.jobs)}

    def try_one(self, point: Point, options: Sequence[str]) -> Result:
        """Tries a forwarding or a policy with a small job."""
        kept = [word for word in options if word.partition("=")[0] not in TRIAL]
        kept += [f"{name}={value}" for name, value in TRIAL.items() if name != "--model"]
        return self.run(point, words_of(point, kept), self.folder / "trials" / point.name,
                        min(TRIAL_SECONDS, self.limit))

    def try_all(self, study: Study) -> List[Trial]:
        """
        Tries all forwardings of all fabrics, and all policies.

        @raise Failure The options of all runs, or a policy, are refused.
        """
        model = TRIAL["--model"]
        points = [Point(model, TRIAL_RATE, fabric, forwarding)
                  for fabric in study.fabrics for forwarding in FORWARDINGS]
        if "mixnet" in study.fabrics:
            points += [Point(model, TRIAL_RATE, "mixnet", "delegate", policy)
                       for policy in study.policies]
        works = {str(number).zfill(4): partial(self.try_one, point, study.options)
                 for number, point in enumerate(points)}
        results = [result for _, result in capture_each(works, self.jobs)]
        for result in results:
            if result.problem and result.point.policy:
                raise Failure(result.problem)
        trials = [Trial(fabric, forwarding, reason_of(fabric, forwarding, problem),
                        note_of(fabric, forwarding))
                  for (_, _, fabric, forwarding, policy, _), _, _, problem, _ in results
                  if not policy]
        of_ideal = [trial for trial in trials if trial.fabric == IDEAL]
        if all(trial.problem for trial in of_ideal):
            raise Failure(of_ideal[0].problem)
        return trials


def reason_of(fabric: str, forwarding: str, problem: str) -> str:
    """Why a fabric does not admit a forwarding, for people; empty if it does."""
    text = problem.partition(f"does not suit {fabric}: ")[2] or problem
    if text.startswith("no path from NIC") and fabric.startswith("rail"):
        return f"NICs of different rails do not meet ({text})"
    if "must be electrical" in text and forwarding in PACKETS:
        return f"needs all NICs on packet switches ({text.partition(':')[0]} is on circuits)"
    if text.startswith("no end after"):
        return f"{text}: the small job does not come to its end"
    return text


def note_of(fabric: str, forwarding: str) -> str:
    """Why a forwarding is left out where it is admissible; empty if it is compared."""
    if forwarding in FABRICS[fabric]:
        return ""
    return LEFT_OUT.get((fabric, forwarding), "not one of its own")


def known_pairs(fabrics: Sequence[str]) -> List[Tuple[str, str]]:
    """The pairs that are compared, unless trials say that they are not admissible."""
    return [(fabric, forwarding) for fabric in fabrics for forwarding in FABRICS[fabric]]
