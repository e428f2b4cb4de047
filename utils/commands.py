# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Running other programs: captured, bounded in time, and ended with all their children."""

import os
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import (Callable, Iterator, Mapping, NamedTuple, Optional, Sequence, Set, Tuple,
                    TypeVar, Union)

Result = TypeVar("Result")

# How long something may take before it counts as hanging. Nothing is expected to take nearly as
# long, however slow or busy the machine: these limits end what would never end by itself.
HANG_SECONDS = 1800.0  # one program
HANG_SECONDS_OF_ALL = 4 * 3600.0  # a set of them, each of which has its own limit or needs none


class Outcome(NamedTuple):
    """How a captured command ended."""

    code: int  # exit code; negative for a signal; None never
    output: str  # standard output and standard error as they came
    timed_out: bool = False
    seconds: float = 0.0  # from start to end
    errors: str = ""  # standard error, where that is wanted apart

    @property
    def succeeded(self) -> bool:
        """Whether the command ended by itself with exit code 0."""
        return self.code == 0 and not self.timed_out


RUNNING: Set["subprocess.Popen[str]"] = set()  # what capture() waits for, in all threads


def cores() -> int:
    """The number of processors we may use."""
    return len(os.sched_getaffinity(0))


def end_group(process: "subprocess.Popen[str]") -> None:
    """Kills a process started in a session of its own, together with its children."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def capture(
    command: Sequence[Union[str, Path]],
    timeout: float,
    cwd: Optional[Path] = None,
    env: Optional[Mapping[str, str]] = None,
    pass_fds: Sequence[int] = (),
    errors_apart: bool = False,
) -> Outcome:
    """
    Runs a command without a terminal and returns all it printed.

    The command has a session of its own, so that a timeout or Ctrl-C ends its children too. With
    errors_apart, what it printed on standard error is not among its output.
    """
    try:
        process = subprocess.Popen(
            [str(word) for word in command],
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if errors_apart else subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            pass_fds=pass_fds,
        )
    except OSError as error:
        reason = f"{command[0]}: {error.strerror}"
        return Outcome(127, "", errors=reason) if errors_apart else Outcome(127, reason)
    start = time.monotonic()
    RUNNING.add(process)
    timed_out = False
    try:
        output, errors = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        timed_out = True
        end_group(process)
        output, errors = process.communicate()
    except BaseException:
        end_group(process)
        raise
    finally:
        RUNNING.discard(process)
    return Outcome(process.returncode, output, timed_out, time.monotonic() - start, errors or "")


def capture_each(jobs: Mapping[str, Callable[[], Result]],
                 at_once: Optional[int] = None) -> Iterator[Tuple[str, Result]]:
    """
    Does jobs that call capture(), so many at a time, or as many as there are processors.

    They start in the order given; what they return is told in the order of their names, whichever
    was the first. An interruption ends all of them.
    """
    with ThreadPoolExecutor(at_once or cores()) as pool:
        ends = {name: pool.submit(job) for name, job in jobs.items()}
        try:
            for name in sorted(jobs):
                yield name, ends[name].result()
        except BaseException:
            for end in ends.values():
                end.cancel()
            for process in list(RUNNING):
                end_group(process)
            raise


def describe_end(outcome: Outcome, timeout: float) -> str:
    """Why a command counts as failed, in a few words."""
    if outcome.timed_out:
        return f"no end after {timeout:g} s"
    if outcome.code < 0:
        return f"crashed: {signal.Signals(-outcome.code).name}"
    return f"exit code {outcome.code}"
