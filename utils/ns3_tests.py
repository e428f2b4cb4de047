# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Runs the test suites and examples of mixnet with ns-3's own test.py."""

import os
import re
import sys
from pathlib import Path
from typing import Dict, List, Sequence, Set

import ns3_tree
from commands import (HANG_SECONDS, HANG_SECONDS_OF_ALL, Outcome, capture, cores,
                      describe_end)
from console import last_lines
from ns3_tree import Program, Tree
from tally import Tally
from workspace import Workspace

RESULT = re.compile(r"^\[\d+/\d+\] (PASS|FAIL|CRASH|SKIP|VALGR): (TestSuite|Example) (.+?)\s*$")


def own_programs(tree: Tree) -> List[Program]:
    """The programs of the module and the studies, without private trials."""
    return [program for program in tree.programs()
            if list(program.folders[:2]) in (["contrib", "mixnet"], ["examples", "mixnet"])]


def build(workspace: Workspace, tree: Tree, pass_fds: Sequence[int]) -> bool:
    """Builds the test runner and our programs; returns whether that succeeded."""
    targets = ["test-runner", *(program.target for program in own_programs(tree))]
    return ns3_tree.build(workspace, tree.cmake_cache, targets, "ns-3's tests and our programs",
                          cores(), pass_fds)


def library_environment(workspace: Workspace, tree: Tree) -> Dict[str, str]:
    """The environment in which programs of a tree find its libraries."""
    env = workspace.environment(os.environ)
    libraries = [str(tree.output_folder() / "lib"), env.get("LD_LIBRARY_PATH", "")]
    env["LD_LIBRARY_PATH"] = ":".join(filter(None, libraries))
    return env


def test_runner(tree: Tree) -> Path:
    """The program that holds all suites."""
    found = [program.path for program in tree.programs() if program.name == "test-runner"]
    found += sorted((tree.output_folder() / "utils").glob("ns3*-test-runner*"))
    return found[0] if found else tree.output_folder() / "utils" / "test-runner"


def list_suites(workspace: Workspace, tree: Tree, *options: str) -> Set[str]:
    """The names of our suites, as the test runner knows them."""
    outcome = capture([test_runner(tree), "--print-test-name-list", *options], HANG_SECONDS,
                      cwd=tree.path, env=library_environment(workspace, tree))
    return {line.strip() for line in outcome.output.splitlines() if line.startswith("mixnet-")}


def run_test_py(workspace: Workspace, tree: Tree, *options: str) -> Outcome:
    """Runs ns-3's test.py."""
    command = [sys.executable, "test.py", "--no-build", "--nocolor", *options]
    return capture(command, HANG_SECONDS_OF_ALL, cwd=tree.path,
                   env=workspace.environment(os.environ))


def run_suites(workspace: Workspace, tree: Tree, tally: Tally) -> None:
    """Runs every suite of ours."""
    expected = list_suites(workspace, tree)
    expected -= list_suites(workspace, tree, "--test-type=performance")
    if not expected:
        tally.add_failure("ns-3 suites", "the test runner lists no suite mixnet-*")
        return
    before = tally.counts()
    outcome = run_test_py(workspace, tree, "--suite=mixnet-*")
    results = read_results(outcome.output, "TestSuite")
    for name in sorted(expected):
        status = results.get(name, "MISSING")
        if status == "PASS":
            tally.add_pass()
        elif status == "SKIP":
            tally.add_skip(f"suite {name}", "skipped by ns-3's test.py")
        elif status == "MISSING":
            tally.add_failure(f"suite {name}", "no result: " + describe_end(
                outcome, HANG_SECONDS_OF_ALL) + "\n" + last_lines(outcome.output, 10))
        else:
            tally.add_failure(f"suite {name}", explain_suite(workspace, tree, name))
    tally.report_since(before, "ns-3 suites", outcome.seconds)


def explain_suite(workspace: Workspace, tree: Tree, name: str) -> str:
    """Runs a failed suite once more, alone, for what it has to say."""
    outcome = capture([test_runner(tree), f"--test-name={name}", "--verbose"], HANG_SECONDS,
                      cwd=tree.path, env=library_environment(workspace, tree))
    return f"{last_lines(outcome.output, 40)}\n{describe_end(outcome, HANG_SECONDS)}"


def read_results(output: str, kind: str) -> Dict[str, str]:
    """The result of each test in what ns-3's test.py printed."""
    matches = filter(None, (RESULT.match(line) for line in output.splitlines()))
    return {match[3]: match[1] for match in matches if match[2] == kind}


def listed_examples(root: Path) -> Dict[str, str]:
    """The examples that are to run: command as test.py shows it -> condition."""
    listed: Dict[str, str] = {}
    places = {"contrib/mixnet/examples": root / "contrib/mixnet/test/examples-to-run.py",
              "examples/mixnet": root / "examples/examples-to-run.py"}
    for place, path in places.items():
        if path.is_file():
            names: Dict[str, list] = {}
            exec(path.read_text(encoding="utf-8"), {}, names)  # as ns-3's test.py does
            for command, condition, _ in names.get("cpp_examples", []):
                listed[f"{place}/{command}"] = condition
    return listed


def run_examples(workspace: Workspace, tree: Tree, tally: Tally) -> None:
    """Runs every example that is listed in an examples-to-run.py of ours."""
    expected = listed_examples(workspace.root)
    if not expected:
        return
    before = tally.counts()
    outcome = run_test_py(workspace, tree, "--constrain=example")
    results = read_results(outcome.output, "Example")
    for name, condition in expected.items():
        status = next((status for shown, status in results.items()
                       if shown.replace("build/", "", 1) == name or shown.endswith("/" + name)
                       or shown == name), "MISSING")
        if status == "PASS":
            tally.add_pass()
        elif status == "SKIP" or (status == "MISSING" and condition not in ("True", True)):
            tally.add_skip(f"example {name}", f"its condition: {condition}")
        elif status == "MISSING":
            tally.add_failure(f"example {name}", "it did not run; is it in the CMake list?\n"
                              + last_lines(outcome.output, 5))
        else:
            tally.add_failure(f"example {name}", explain_example(workspace, tree, name))
    tally.report_since(before, "ns-3 examples", outcome.seconds)


def explain_example(workspace: Workspace, tree: Tree, name: str) -> str:
    """Runs a failed example once more, alone, for what it has to say."""
    words = name.split()
    found = [program.path for program in own_programs(tree) if program.answers_to(words[0])]
    if not found:
        return ""
    folder = workspace.state / "example-output"
    folder.mkdir(exist_ok=True)
    outcome = capture([found[0], *words[1:]], HANG_SECONDS, cwd=folder,
                      env=library_environment(workspace, tree))
    return f"{last_lines(outcome.output, 40)}\n{describe_end(outcome, HANG_SECONDS)}"
