# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""For whole-program tests: what tests of programs that write files have in common."""

import contextlib
import tempfile
import unittest
from pathlib import Path
from typing import Iterator

import program

# Tokens of Mixtral 8x7B that were counted, source rank by expert.
MEASURED = [
    [9810, 5338, 1231, 3042, 4452, 2004, 841, 6050],
    [9278, 6282, 839, 3722, 3821, 2903, 909, 5014],
    [10684, 5165, 1044, 2634, 4344, 3333, 675, 4889],
    [10897, 5629, 1086, 2114, 2762, 3463, 1059, 5758],
    [8684, 5666, 1046, 3955, 4334, 2952, 944, 5187],
    [8361, 5908, 777, 3043, 3984, 3422, 897, 6376],
    [10208, 5507, 1117, 4148, 3967, 3119, 904, 3798],
    [9781, 5211, 902, 3343, 4289, 2839, 1008, 5395],
]


class FolderTestCase(unittest.TestCase):
    """A test with an empty folder of its own."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name)

    def check_success(self, result):
        """A program has done what it should, in silence."""
        self.assertEqual((result.returncode, result.stderr), (0, ""))


class OutputTestCase(FolderTestCase):
    """Runs of one program in that folder, with results in its folder out."""

    PROGRAM: str  # its name
    ABSENT = ""  # what a refusal leaves none of in that folder; the folder itself when empty

    @property
    def output(self) -> Path:
        """Where results are."""
        return self.folder / "out"

    def run_it(self, *arguments):
        """Runs the program."""
        return program.run_program(
            self.PROGRAM, f"--output={self.output}", *arguments, cwd=self.folder
        )

    def run_well(self, *arguments):
        """Runs the program to a good end and returns what it printed."""
        result = self.run_it(*arguments)
        self.check_success(result)
        return result.stdout

    def check_refused(self, arguments, *words):
        """One line on standard error that has these words, and no results."""
        result = self.run_it(*arguments)
        self.assertNotEqual(result.returncode, 0)
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        for word in words:
            self.assertIn(word, result.stderr)
        self.assertFalse((self.output / self.ABSENT).exists())


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """An empty folder that is removed later."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)
