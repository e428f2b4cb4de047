# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""What tests of utils/mixnet.py share: small runs, a folder, and scripts of users."""

import csv
import os
import subprocess
import sys
import unittest
from pathlib import Path
from unittest import mock

import program
import program_case

UTILS = program.ROOT / "utils"
PYTHONS = (sys.executable, "/usr/bin/python3")
SMALL = {"model": "mixtral-8x7b", "layers": 1, "fidelity": "flow"}  # some tenths of a second
VARYING = {"wallSeconds", "setupWallSeconds", "eventsPerWallSecond", "peakMemoryBytes",
           "dataPacketHopsPerSecond"}


def python_with(*modules):
    """The Python that has modules: this one, or the system's; None where neither has."""
    for python in PYTHONS:
        if Path(python).exists() and subprocess.run(
                [python, "-c", f"import {', '.join(modules)}"], capture_output=True, check=False,
                timeout=program.HANG_SECONDS).returncode == 0:
            return python
    return None


PANDAS = python_with("pandas")
needs_pandas = unittest.skipUnless(PANDAS, "pandas is missing (python3-pandas)")


def read_rows(path):
    """The rows of a table, each value as the type that its text has."""
    def value(text):
        for kind in (int, float):
            try:
                return kind(text)
            except ValueError:
                pass
        return {"true": True, "false": False, "": None}.get(text, text)

    with path.open(newline="", encoding="utf-8") as file:
        return [{key: value(text) for key, text in row.items()} for row in csv.DictReader(file)]


def without_what_varies(summary):
    """A summary without what two runs with the same options differ in."""
    options = {key: value for key, value in summary["options"].items() if key != "output"}
    return {**{key: value for key, value in summary.items() if key not in VARYING},
            "options": options}


class PythonTestCase(program_case.FolderTestCase):
    """Runs from this Python, in a folder of its own."""

    def setUp(self):
        super().setUp()
        before = os.getcwd()
        self.addCleanup(os.chdir, before)
        os.chdir(self.folder)
        if "MIXNET_NS3" not in os.environ:  # as ./test.py has it
            patch = mock.patch.dict(os.environ, MIXNET_NS3=str(program.tree().path))
            patch.start()
            self.addCleanup(patch.stop)

    def refusal(self, kind, function, *arguments, **keywords):
        """The error with which a call is refused: its text is one line."""
        with self.assertRaises(kind) as caught:
            function(*arguments, **keywords)
        self.assertEqual(len(str(caught.exception).splitlines()), 1, str(caught.exception))
        return caught.exception

    def script(self, text, python=None, path=str(UTILS)):
        """What a user's script prints; it is run in the folder of the test."""
        result = subprocess.run([python or PANDAS, "-W", "error", "-c", text], cwd=self.folder,
                                env={**os.environ, "PYTHONPATH": path,
                                     "PYTHONDONTWRITEBYTECODE": "1"},
                                stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                check=False, timeout=program.HANG_SECONDS)
        self.check_success(result)
        return result.stdout
