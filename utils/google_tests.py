# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Builds core alone and runs its GoogleTests."""

import os
import re
import shutil
from functools import partial
from pathlib import Path
from typing import Dict, List, Sequence

import ns3_tree
from commands import HANG_SECONDS, Outcome, capture, capture_each, cores, describe_end
from console import last_lines, step
from tally import Tally
from workspace import Workspace

EVENT = re.compile(r"^\[ *(RUN|OK|FAILED|SKIPPED) *\] (\w[\w/.<>-]*\.\w[\w/]*)")


def configure(workspace: Workspace, folder: Path, pass_fds: Sequence[int]) -> Outcome:
    """Runs CMake for core."""
    command: List[str] = ["cmake", "-S", str(workspace.root), "-B", str(folder)]
    cache = folder / "CMakeCache.txt"
    moved = cache.is_file() and f"CMAKE_HOME_DIRECTORY:INTERNAL={workspace.root}\n" not in (
        cache.read_text(encoding="utf-8", errors="replace"))
    if moved:
        shutil.rmtree(folder)
    if not cache.is_file() and (shutil.which("ninja") or shutil.which("ninja-build")):
        command += ["-G", "Ninja"]
    return capture(command, HANG_SECONDS, env=workspace.environment(os.environ), pass_fds=pass_fds)


def build(workspace: Workspace, tally: Tally, pass_fds: Sequence[int]) -> bool:
    """Configures and builds core and its tests; returns whether that succeeded."""
    folder = workspace.state / "core"
    if not any((folder / name).is_file() for name in ("build.ninja", "Makefile")):
        with step("configuring core"):
            outcome = configure(workspace, folder, pass_fds)
    else:
        outcome = configure(workspace, folder, pass_fds)
    if not outcome.succeeded:
        tally.add_failure("configuring core", last_lines(outcome.output, 25))
        return False
    if not ns3_tree.build(workspace, folder, [], "core and its tests", cores(), pass_fds):
        tally.add_failure("building core and its tests", "the compiler's messages are above")
        return False
    return True


def programs(workspace: Workspace) -> List[Path]:
    """The test programs: one for each folder of tests that there is now."""
    folder = workspace.state / "core" / "tests"
    sources = (workspace.root / "test" / "core").glob("*/*-test.cc")
    return [folder / f"{room}-test" for room in sorted({source.parent.name for source in sources})]


def run(workspace: Workspace, tally: Tally) -> None:
    """Runs every test program."""
    env = workspace.environment(os.environ)
    jobs = {program.name: partial(capture, [program], HANG_SECONDS, workspace.state / "core", env)
            for program in programs(workspace)}
    for name, outcome in capture_each(jobs):
        before = tally.counts()
        count(name, outcome, tally)
        tally.report_since(before, f"core/{name}", outcome.seconds)


def count(program: str, outcome: Outcome, tally: Tally) -> None:
    """Counts the tests of one program by what it printed."""
    texts: Dict[str, List[str]] = {}  # of each test, what it printed
    ends: Dict[str, str] = {}
    current = ""
    for line in outcome.output.splitlines():
        match = EVENT.match(line)
        if not match:
            texts.setdefault(current, []).append(line)
        elif match[1] == "RUN":
            current = match[2]
            ends[current] = "unfinished"
        elif ends.get(match[2]) == "unfinished":  # the closing list repeats the failures
            ends[match[2]] = match[1]
            current = ""
    for name, end in ends.items():
        text = "\n".join(texts.get(name, []))
        if end == "OK":
            tally.add_pass()
        elif end == "SKIPPED":
            tally.add_skip(f"{program}: {name}", " ".join(text.split()) or "no reason given")
        elif end == "FAILED":
            tally.add_failure(f"{program}: {name}", text)
        else:
            tally.add_failure(f"{program}: {name}",
                              f"{text}\n{describe_end(outcome, HANG_SECONDS)}")
    failed_one = any(end not in ("OK", "SKIPPED") for end in ends.values())
    if not ends or (not outcome.succeeded and not failed_one):
        detail = "no test ran" if outcome.succeeded else describe_end(outcome, HANG_SECONDS)
        tally.add_failure(program, f"{last_lines(outcome.output, 20)}\n{detail}")
