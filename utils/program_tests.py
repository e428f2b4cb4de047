# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""
Runs the whole-program tests: Python's unittest files test/programs/test_*.py.

Each file runs in a process of its own. Called as a program with the path of one file, it runs
that file and prints one JSON line for each event, for the counting process to read.
"""

import json
import os
import signal
import sys
import tempfile
import unittest
from functools import partial
from pathlib import Path
from typing import Any, Dict, Mapping

if __name__ == "__main__":
    # Who starts us in the background may have Ctrl-C ignored, and all that we start inherits that:
    # tests that end programs by it would wait for ever.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.dont_write_bytecode = True

from commands import HANG_SECONDS_OF_ALL, Outcome, capture, capture_each  # noqa: E402
from commands import describe_end  # noqa: E402
from console import last_lines  # noqa: E402
from tally import Tally  # noqa: E402
from workspace import Workspace  # noqa: E402

MARK = "@@unittest "


class LineResult(unittest.TestResult):
    """Prints one line when a test starts, and one for each thing that happens to it."""

    def tell(self, event: str, test: Any, detail: str = "") -> None:
        """Prints one event."""
        line = json.dumps({"event": event, "name": str(test), "detail": detail})
        print(f"\n{MARK}{line}", flush=True)

    def startTest(self, test: Any) -> None:
        super().startTest(test)
        self.tell("start", test)

    def addSuccess(self, test: Any) -> None:
        self.tell("pass", test)

    def addError(self, test: Any, err: Any) -> None:
        super().addError(test, err)
        self.tell("fail", test, self.errors[-1][1])

    def addFailure(self, test: Any, err: Any) -> None:
        super().addFailure(test, err)
        self.tell("fail", test, self.failures[-1][1])

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:
        super().addSubTest(test, subtest, err)
        if err is not None:
            broken = self.failures if issubclass(err[0], test.failureException) else self.errors
            self.tell("fail", test, f"{subtest}\n{broken[-1][1]}")

    def addSkip(self, test: Any, reason: str) -> None:
        self.tell("skip", test, reason)

    def addExpectedFailure(self, test: Any, err: Any) -> None:
        self.tell("pass", test)

    def addUnexpectedSuccess(self, test: Any) -> None:
        self.tell("fail", test, "it was expected to fail, and passed")


def run_file(path: Path) -> int:
    """Runs one file of tests in this process."""
    sys.path.insert(0, str(path.parent))
    suite = unittest.defaultTestLoader.loadTestsFromName(path.stem)
    suite.run(LineResult())
    return 0


def run(workspace: Workspace, tree_path: Path, tally: Tally) -> None:
    """Runs every file of tests, in an empty folder each; the longest texts begin."""
    env = workspace.environment(os.environ)
    env.update(MIXNET_ROOT=str(workspace.root), MIXNET_NS3=str(tree_path),
               PYTHONDONTWRITEBYTECODE="1")
    paths = sorted((workspace.root / "test" / "programs").glob("test_*.py"),
                   key=lambda path: -path.stat().st_size)
    for name, outcome in capture_each({path.name: partial(capture_file, path, env)
                                       for path in paths}):
        before = tally.counts()
        count(name, outcome, tally)
        tally.report_since(before, f"programs/{name[:-3]}", outcome.seconds)


def capture_file(path: Path, env: Mapping[str, str]) -> Outcome:
    """Runs one file of tests in a process and a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="mixnet-test-") as folder:
        return capture([sys.executable, __file__, path], HANG_SECONDS_OF_ALL, Path(folder), env)


def count(file: str, outcome: Outcome, tally: Tally) -> None:
    """Counts the tests of one file by what it printed."""
    results: Dict[str, Dict[str, str]] = {}
    rest = []
    for line in outcome.output.split("\n"):
        if not line.startswith(MARK):
            rest.append(line)
            continue
        event = json.loads(line[len(MARK):])
        known = results.setdefault(event["name"], {"event": "start", "detail": ""})
        if known["event"] != "fail":
            known["event"] = event["event"]
        known["detail"] += event["detail"]
    for name, result in results.items():
        if result["event"] == "pass":
            tally.add_pass()
        elif result["event"] == "skip":
            tally.add_skip(f"{file}: {name}", result["detail"])
        elif result["event"] == "fail":
            tally.add_failure(f"{file}: {name}", result["detail"])
        else:
            tally.add_failure(f"{file}: {name}", describe_end(outcome, HANG_SECONDS_OF_ALL))
    failed_one = any(result["event"] in ("fail", "start") for result in results.values())
    if not results or (not outcome.succeeded and not failed_one):
        detail = "no test ran" if outcome.succeeded else describe_end(outcome, HANG_SECONDS_OF_ALL)
        tally.add_failure(file, last_lines("\n".join(rest), 20) + "\n" + detail)


if __name__ == "__main__":
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_file():
        sys.exit(f"program_tests.py {' '.join(sys.argv[1:])}: expected one file of tests")
    sys.exit(run_file(Path(sys.argv[1]).resolve()))
