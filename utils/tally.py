# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Counts tests, and shows those that did not pass."""

from typing import List, Tuple


class Tally:
    """What passed, failed and was skipped."""

    def __init__(self) -> None:
        self.passed = 0
        self.failures: List[str] = []
        self.skips: List[Tuple[str, str]] = []

    def add_pass(self) -> None:
        """Counts a test that passed."""
        self.passed += 1

    def add_failure(self, name: str, detail: str = "") -> None:
        """Counts a test that failed, and shows why."""
        self.failures.append(name)
        print(f"FAILED: {name}", flush=True)
        for line in detail.rstrip().splitlines():
            print(f"    {line}", flush=True)

    def add_skip(self, name: str, reason: str) -> None:
        """Counts a test that was skipped, and says why."""
        self.skips.append((name, reason))
        print(f"skipped: {name}: {reason}", flush=True)

    def counts(self) -> Tuple[int, int, int]:
        """The numbers so far: passed, failed, skipped."""
        return self.passed, len(self.failures), len(self.skips)

    def report_since(self, before: Tuple[int, int, int], what: str, seconds: float) -> None:
        """Prints one line about a part of the tests, with the time that it took."""
        names = ("passed", "failed", "skipped")
        now = [after - then for after, then in zip(self.counts(), before)]
        text = ", ".join(f"{count} {name}" for count, name in zip(now, names) if count)
        print(f"{what}: {text or 'no tests'} ({seconds:.1f} s)", flush=True)

    def close(self) -> int:
        """Prints the closing lines; returns the exit code."""
        if self.failures:
            print("\nFailed:")
            for name in self.failures:
                print(f"    {name}")
        line = f"{self.passed} passed, {len(self.failures)} failed"
        if self.skips:
            line += f", {len(self.skips)} skipped"
        print(line, flush=True)
        return 0 if self.passed and not self.failures else 1
