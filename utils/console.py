# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""What the entry points tell the user: one style of message, all of it on standard error."""

import argparse
import contextlib
import sys
import time
from pathlib import Path
from typing import Callable, Iterator, List, NoReturn


class Failure(Exception):
    """Ends an entry point with one clear message and exit code 1."""


class Parser(argparse.ArgumentParser):
    """Reads a command line, and says in one line what is wrong with it."""

    def error(self, message: str) -> NoReturn:
        raise Failure(f"{message}; see {self.prog} --help")


def say(text: str) -> None:
    """Prints one line of our own."""
    print(f"[mixnet] {text}", file=sys.stderr, flush=True)


def seconds_since(start: float) -> str:
    """The time since `start` as people say it: '6 s' or '2 min 05 s'."""
    elapsed = round(time.monotonic() - start)
    if elapsed < 60:
        return f"{elapsed} s"
    return f"{elapsed // 60} min {elapsed % 60:02d} s"


@contextlib.contextmanager
def step(text: str) -> Iterator[None]:
    """Announces a step that prints nothing itself, and closes its line with the elapsed time."""
    start = time.monotonic()
    print(f"[mixnet] {text} ... ", end="", file=sys.stderr, flush=True)
    try:
        yield
    except BaseException:
        print(f"stopped ({seconds_since(start)})", file=sys.stderr, flush=True)
        raise
    print(f"({seconds_since(start)})", file=sys.stderr, flush=True)


def last_lines(text: str, count: int) -> str:
    """The last `count` lines of a text that are not blank, indented."""
    lines: List[str] = [line for line in text.splitlines() if line.strip()]
    return "\n".join("    " + line for line in lines[-count:])


def guarded(program: str, work: Callable[[], int]) -> int:
    """
    Does the work of a program, or says in one line why it cannot.

    @param program Name of the program in that line.
    @param work What it does; its exit code.
    @return exit code: that of the work, 1 when it fails, or 130 when somebody interrupts it.
    """
    try:
        return work()
    except (Failure, OSError, UnicodeError) as failure:
        print(f"{program}: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"{program}: interrupted", file=sys.stderr)
        return 130


def make_file(program: str, make: Callable[[], Path]) -> int:
    """
    Makes a file and prints where it is, or in one line why there is none.

    @param program Name of the program in that line.
    @param make Makes the file; its path.
    @return exit code, as guarded() has it.
    """
    def work() -> int:
        print(make())
        return 0

    return guarded(program, work)
