# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""For tests of the entry points and of what they are made of."""

import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import program  # noqa: F401  (makes utils/ importable)

from ns3_tree import Tree  # noqa: E402


def silent(function, *arguments):
    """Calls a function without what it prints."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        with mock.patch("sys.stderr", nowhere), mock.patch("sys.stdout", nowhere):
            return function(*arguments)


class FolderTestCase(unittest.TestCase):
    """A test with a folder of its own."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="mixnet-entry-")
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name).resolve()

    def write(self, name, text=""):
        """Writes a file in the folder of the test."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def make_tree(self, name="ns-3.37", version="3.37"):
        """Makes what passes for an ns-3 tree."""
        self.write(f"{name}/ns3", "#!/usr/bin/env python3\n")
        self.write(f"{name}/VERSION", f"{version}\n")
        for folder in ("src/core", "contrib", "examples", "scratch"):
            (self.folder / name / folder).mkdir(parents=True)
        return Tree(self.folder / name, ours=True)
