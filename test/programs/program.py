# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""For whole-program tests: finds and runs the programs that ./test.py has built."""

import functools
import os
import re
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Sequence

ROOT = Path(os.environ.get("MIXNET_ROOT") or Path(__file__).resolve().parents[2])
sys.path.insert(0, str(ROOT / "utils"))

import ns3_tests  # noqa: E402
import ns3_tree  # noqa: E402
import workspace  # noqa: E402
from commands import HANG_SECONDS  # noqa: E402
from ns3_tree import Tree  # noqa: E402

POLLING_SECONDS = 0.02  # between two looks at something that is awaited
LISTING_SECONDS = 60.0  # by then ns-3 has written down its programs
FULL = os.environ.get("MIXNET_FULL", "") not in ("", "0")  # ./test.py --full: sweeps as a whole


def tree() -> Tree:
    """The prepared tree: the one ./test.py names, or the one it would take."""
    if os.environ.get("MIXNET_NS3"):
        return Tree(Path(os.environ["MIXNET_NS3"]), ours=False)
    found = ns3_tree.existing_tree(workspace.locate(ROOT))
    if found is None:
        raise FileNotFoundError("there is no ns-3 tree; run ./test.py first")
    return found


@functools.lru_cache(maxsize=None)
def find_program(name: str) -> Path:
    """The executable of a program, for example of 'mixnet-training'."""
    deadline = time.monotonic() + LISTING_SECONDS
    while not tree().programs() and time.monotonic() < deadline:
        time.sleep(POLLING_SECONDS)  # another test has CMake write the list anew
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


def a_part_of(cases: Sequence[Any], every: int, start: int = 0) -> Sequence[Any]:
    """Each so many of the cases of a long sweep; all with ./test.py --full."""
    return cases if FULL else cases[start::every]


def with_defaults(defaults: Sequence[str], arguments: Sequence[str]) -> List[str]:
    """Arguments, and before them the defaults of options that are not among them."""
    given = {argument.split("=")[0] for argument in arguments}
    return [word for word in defaults if word.split("=")[0] not in given] + list(arguments)


def on_fabric(fabric: str, *circuits: str) -> List[str]:
    """--fabric and, where there are circuits, options of circuits."""
    return [f"--fabric={fabric}", *(circuits if fabric == "mixnet" else ())]


def run_program(name: str, *arguments: object, cwd: Optional[Path] = None,
                timeout: float = HANG_SECONDS) -> "subprocess.CompletedProcess[str]":
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


OPTION = re.compile(r"^  --(\w+)=(.*)$", re.MULTILINE)  # in the help, see OptionHelp


def options_of(name: str) -> Dict[str, str]:
    """Options of a program and their defaults, as its help lists them."""
    return dict(OPTION.findall(run_program(name, "--help=all").stdout.split("\nOf ns-3")[0]))


def wait_until(condition: Callable[[], object], process: "subprocess.Popen[str]") -> bool:
    """
    Waits until something can be observed, as long as it takes; returns whether it came.

    @param condition What is awaited.
    @param process Who brings it about; when it has ended there is nothing to wait for.
    """
    deadline = time.monotonic() + HANG_SECONDS
    while not condition():
        if process.poll() is not None or time.monotonic() > deadline:
            return bool(condition())
        time.sleep(POLLING_SECONDS)
    return True


def processor_seconds(process: "subprocess.Popen[str]") -> float:
    """The processor time of a process, which others do not stretch as they do the clock."""
    with open(f"/proc/{process.pid}/stat", encoding="utf-8") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")  # in user and system mode


def wait_for_work(process: "subprocess.Popen[str]", times: float) -> bool:
    """
    Waits until a process has worked so many times as long as it has up to now; returns whether it
    still runs then. What it is to do by then it does on a slow machine, too.
    """
    until = times * (processor_seconds(process) + 1 / os.sysconf("SC_CLK_TCK"))
    return wait_until(lambda: process.poll() is None and processor_seconds(process) >= until,
                      process)
