# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""The tutorials: what they say to type works, and what they say of an allocator is enough."""

import csv
import os
import re
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import documents  # noqa: E402
import program  # noqa: E402

TRIAL = "trial-of-the-tutorial"  # a program in scratch/
DEGREE = 6  # optical ports of a server


class Tutorials(documents.CommandsTestCase):
    """What the tutorials say to type works, in their order."""

    def commands_of(self, name):
        """The commands of a chapter."""
        return documents.manual_commands(documents.chapters()[name].read_text(encoding="utf-8"))

    def check(self, name, least):
        """Runs the commands of a chapter, of which there are some."""
        self.assertGreaterEqual(self.run_all(self.commands_of(name)), least)

    def test_first_run(self):
        self.check("tutorial-first-run", 8)

    def test_read_a_result(self):
        self.check("tutorial-read", 3)

    def test_own_model(self):
        self.check("tutorial-model", 5)

    def test_allocator(self):
        self.check("tutorial-allocator", 1)

    def test_policy(self):
        self.check("tutorial-policy", 3)

    def test_planner(self):
        self.check("tutorial-planner", 2)

    def test_own_tree(self):
        self.check("tutorial-tree", 2)

    def test_every_tutorial_is_tested(self):
        tested = {"first-run", "read", "model", "allocator", "policy", "planner", "tree"}
        self.assertEqual({name[len("tutorial-"):] for name in documents.chapters()
                          if name.startswith("tutorial-")}, tested)

    def test_code_is_that_of_files_which_are_built(self):
        for name in ("allocator", "policy", "planner", "tree"):
            text = documents.chapters()[f"tutorial-{name}"].read_text(encoding="utf-8")
            quoted = re.findall(r"^\.\. literalinclude:: (\S+\.cc)$", text, re.MULTILINE)
            self.assertEqual(len(quoted), 1, name)
            self.assertTrue(program.find_program(Path(quoted[0]).stem).is_file())

    @unittest.skipUnless(program.FULL, "the other chapters are typed by ./test.py --full")
    def test_chapters_of_the_module(self):
        for name in documents.chapters():
            if not name.startswith("tutorial-"):
                with self.subTest(name):
                    self.run_all(self.commands_of(name))


@unittest.skipUnless(program.FULL, "a program in scratch/ is built by ./test.py --full")
class Newcomer(documents.CommandsTestCase):
    """Who follows the tutorial has an allocator of his own, by name and in the report."""

    def setUp(self):
        super().setUp()
        self.trial = program.ROOT / "scratch" / f"{TRIAL}.cc"
        self.assertFalse(self.trial.exists())

    def run_entry(self, *words):
        """Runs ./ns3 in the folder of the test; what it printed."""
        result = subprocess.run([sys.executable, program.ROOT / "ns3", *words], cwd=self.folder,
                                env=dict(os.environ, MIXNET_NO_INSTALL="1"), text=True,
                                capture_output=True, stdin=subprocess.DEVNULL, check=False,
                                timeout=program.HANG_SECONDS)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        return result.stdout

    def write_trial(self):
        """Copies the file and puts the tutorial's loop into it, under another name."""
        chapter = documents.chapters()["tutorial-allocator"].read_text(encoding="utf-8")
        loop = re.search(r"^ +\.\. code-block:: cpp\n\n((?: {6}.*\n)+)", chapter, re.MULTILINE)
        source = (program.ROOT / "examples" / "extensions" / "ring-allocator.cc").read_text(
            encoding="utf-8")
        old = re.search(r"^ {12}for \(size_t from.*?^ {12}\}\n", source, re.MULTILINE | re.DOTALL)
        source = source.replace(old.group(0), loop.group(1)).replace('"ring"', '"mine"')
        self.addCleanup(self.trial.unlink)
        self.trial.write_text(source, encoding="utf-8")

    def test_an_allocator_from_the_text_is_at_work(self):
        self.write_trial()
        options = "--layers=1 --fidelity=flow"
        self.run_entry("run", f"{TRIAL} --allocator=mine {options} --output=mine")
        self.run_entry("run", f"mixnet-training {options} --output=greedy")
        with open(self.folder / "mine" / "circuits.csv", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                pair = {int(row["fromHost"]), int(row["toHost"])}
                together = min(pair) % 2 == 0 and max(pair) == min(pair) + 1
                self.assertEqual(int(row["circuits"]), DEGREE if together else 0)
        self.assertIn("mine", self.run_entry("run", f"{TRIAL} --list"))
        if self.run_command("utils/report.py greedy mine"):
            page = (self.folder / "report.html").read_text(encoding="utf-8")
            self.assertRegex(page, r"allocator(<[^>]*>)+greedy(<[^>]*>|\s)+mine")


if __name__ == "__main__":
    unittest.main()
