# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""For whole-program tests: finds and runs the programs that ./test.py has built."""

import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, Optional

ROOT = Path(os.environ.get("MIXNET_ROOT") or Path(__file__).resolve().parents[2])
sys.path.insert(0, str(ROOT / "utils"))

import ns3_tests  # noqa: E402
import ns3_tree  # noqa: E402
import workspace  # noqa: E402
from ns3_tree import Tree  # noqa: E402


def tree() -> Tree:
    """The prepared tree: the one ./test.py names, or the one it would take."""
    if os.environ.get("MIXNET_NS3"):
        return Tree(Path(os.environ["MIXNET_NS3"]), ours=False)
    found = ns3_tree.existing_tree(workspace.locate(ROOT))
    if found is None:
        raise FileNotFoundError("there is no ns-3 tree; run ./test.py first")
    return found


def find_program(name: str) -> Path:
    """The executable of a program, for example of 'mixnet-training'."""
    found = [program.path for program in tree().programs() if program.answers_to(name)]
    if len(found) != 1 or not found[0].is_file():
        raise FileNotFoundError(f"{name} is not built, or not one program: {found}")
    return found[0]


def start_program(name: str, *arguments: object, **keywords: Any) -> "subprocess.Popen[Any]":
    """
    Starts a program that goes on beside this process.

    @param name The program, without version and profile.
    @param arguments Its arguments.
    @param keywords More for subprocess.Popen; limits: resource limits and their values.
    """
    limits: Dict[int, int] = keywords.pop("limits", {})

    def prepare() -> None:
        for limit, value in limits.items():
            resource.setrlimit(limit, (value, value))

    env = ns3_tests.library_environment(workspace.locate(ROOT), tree())
    return subprocess.Popen([str(find_program(name)), *map(str, arguments)], env=env,
                            stdin=subprocess.DEVNULL, preexec_fn=prepare, **keywords)


def run_program(name: str, *arguments: object, cwd: Optional[Path] = None,
                timeout: float = 120.0) -> "subprocess.CompletedProcess[str]":
    """
    Runs a program to its end and returns its exit code and what it printed, as text.

    @param name The program, without version and profile.
    @param arguments Its arguments.
    @param cwd Where it runs; the folder of the tests when None, which is empty and removed later.
    @param timeout Seconds after which subprocess.TimeoutExpired is raised.
    """
    env = ns3_tests.library_environment(workspace.locate(ROOT), tree())
    return subprocess.run([str(find_program(name)), *map(str, arguments)], cwd=cwd, env=env,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          errors="replace", timeout=timeout, check=False)
