# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Single runs of a study: what has become of them, and how one is done."""

import hashlib
import json
import os
import platform
import shutil
import subprocess
from pathlib import Path
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence

import result_tables
from console import Failure
from simulations import Programs, last_word

from studies.definition import Point, Study

DONE = "done.json"  # in the folder of a point that is complete: where it is from
FAILED = "failed.json"  # in that of one that is not: why
RESULTS = "results"  # folder of the program's results
POINTS = "points"  # folder of all points
ROOT = Path(__file__).resolve().parents[2]


class State(NamedTuple):
    """What has become of a point."""

    point: Point
    folder: Path
    note: Optional[Dict[str, Any]]  # of a complete one
    problem: str = ""  # of one that has failed

    @property
    def results(self) -> Path:
        """Folder of what the program has written."""
        return self.folder / RESULTS


def read_note(path: Path) -> Optional[Dict[str, Any]]:
    """A note of a point; None where there is none that can be read."""
    try:
        note = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return note if isinstance(note, dict) else None


def write_note(path: Path, note: Mapping[str, Any]) -> None:
    """Writes a note as a whole."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps(note, indent=1) + "\n", encoding="utf-8")
    part.replace(path)


def folder_of(output: Path, point: Point) -> Path:
    """The folder of a point."""
    return output / POINTS / point.name


def state_of(output: Path, point: Point) -> State:
    """What has become of a point."""
    folder = folder_of(output, point)
    failed = read_note(folder / FAILED)
    return State(point, folder, read_note(folder / DONE), str((failed or {}).get("problem", "")))


def fingerprint(programs: Programs, program: str) -> str:
    """What results depend on beside options: the program and the library it is linked with."""
    path = programs.path_of(program)
    digest = hashlib.sha256(path.read_bytes())
    for library in sorted(programs.tree.path.glob("build/lib/libns3*-mixnet-*.so")):
        digest.update(library.read_bytes())
    return digest.hexdigest()[:16]


def key_of(study: Study, point: Point, build: str) -> str:
    """What a complete point has to have been run with, so as not to be run again."""
    words = [*point.words(study.program), *files_in(point)]
    return hashlib.sha256(json.dumps([build, words]).encode()).hexdigest()[:16]


def files_in(point: Point) -> List[str]:
    """What is in the files that options name, since that counts, too."""
    return [hashlib.sha256(Path(value).read_bytes()).hexdigest()
            for value in point.options.values() if "/" in value and Path(value).is_file()]


def commit() -> str:
    """The commit of the source, with a plus if files have changed since; empty outside of git."""
    def ask(*words: str) -> str:
        return subprocess.run(["git", "-C", str(ROOT), *words], text=True, capture_output=True,
                              check=False).stdout.strip()
    try:
        return ask("rev-parse", "HEAD") + ("+" if ask("status", "--porcelain", "-uno") else "")
    except OSError:
        return ""


def forget_stale(study: Study, output: Path, points: Sequence[Point], build: str) -> int:
    """Takes back what was run with another build or other files; how many there were."""
    stale = 0
    for point in points:
        state = state_of(output, point)
        if state.note is not None and state.note.get("key") != key_of(study, point, build):
            (state.folder / DONE).unlink()
            stale += 1
    return stale


def run_point(study: Study, output: Path, point: Point) -> Optional[str]:
    """
    Runs a point, unless it is complete; notes what has become of it.

    @return why it failed; None if it has not.
    """
    programs = Programs(output)
    build = fingerprint(programs, study.program)
    key = key_of(study, point, build)
    state = state_of(output, point)
    if state.note is not None and state.note.get("key") == key:
        return None
    folder = state.folder
    folder.mkdir(parents=True, exist_ok=True)
    for old in (folder / DONE, folder / FAILED):
        old.unlink(missing_ok=True)
    part = folder / (RESULTS + ".part")
    shutil.rmtree(part, ignore_errors=True)
    outcome = programs.execute(point.words(study.program), part, study.time_limit)
    (folder / "output.txt").write_text(outcome.output, encoding="utf-8")
    problem = problem_of(outcome, part, study.time_limit)
    if problem:
        write_note(folder / FAILED, {"problem": problem, "command": point.words(study.program)})
        return problem
    shutil.rmtree(state.results, ignore_errors=True)
    part.replace(state.results)
    write_note(folder / DONE, {
        "key": key, "build": build, "commit": commit(), "labels": dict(point.labels),
        "command": point.words(study.program), "seconds": round(outcome.seconds, 3),
        "machine": f"{platform.node()}, {os.cpu_count()} processors, {platform.platform()}"})
    return None


def problem_of(outcome: Any, results: Path, limit: float) -> str:
    """Why a run does not count; empty if it does."""
    if not outcome.succeeded:
        return last_word(outcome, limit)
    try:
        summary = result_tables.read_summary(results)
    except Failure as error:
        return str(error)
    if summary is None:
        return "has written no summary.json"
    if summary.get("complete") is False:
        return "; ".join(summary.get("problems", [])) or "is not complete"
    return ""
