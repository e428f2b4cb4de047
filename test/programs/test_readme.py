# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""README.md: each command works, each file is there, and it is short. The sample files."""

import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import documents  # noqa: E402
import program  # noqa: E402

README = program.ROOT / "README.md"
DATA = program.ROOT / "examples" / "data"
PICTURE_BYTES = 300_000  # of a picture, at most


class Readme(documents.CommandsTestCase):
    """What README.md says to type can be typed, and what it names is there."""

    def setUp(self):
        super().setUp()
        self.text = README.read_text(encoding="utf-8")

    def test_every_command_works(self):
        commands = documents.markdown_commands(self.text)
        self.assertEqual(len(commands), 4)
        self.assertGreater(self.run_all(commands), 0)

    def test_the_result_is_what_the_first_command_prints(self):
        block = self.text.split("## One result")[1].split("##")[0]
        rows = re.findall(r"^    (\w.*)$", block, re.MULTILINE)
        self.assertEqual(len(rows), 5, "the verdict")
        words = documents.markdown_commands(self.text)[0].split('"')[1].split()
        printed = program.run_program(*words, cwd=self.folder).stdout
        for row in rows:
            self.assertIn(row, printed)

    def test_links_lead_to_files(self):
        links = re.findall(r"\]\(([^)]+)\)", self.text)
        self.assertGreater(len(links), 5)
        for link in links:
            if not link.startswith("https://"):
                self.assertTrue((program.ROOT / link).is_file(), link)

    def test_the_picture_is_small(self):
        pictures = re.findall(r"!\[[^\]]+\]\(([^)]+\.png)\)", self.text)
        self.assertEqual(len(pictures), 1)
        self.assertLess((program.ROOT / pictures[0]).stat().st_size, PICTURE_BYTES)


class Samples(unittest.TestCase):
    """The sample files are what their script makes."""

    def test_the_script_makes_the_files_that_are_there(self):
        with tempfile.TemporaryDirectory() as folder:
            result = subprocess.run([sys.executable, DATA / "make.py", folder], text=True,
                                    env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1"),
                                    capture_output=True, check=False, timeout=program.HANG_SECONDS)
            self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "", ""))
            made = sorted(Path(folder).iterdir())
            self.assertEqual([path.name for path in made], ["tokens.txt", "trace.jsonl"])
            for path in made:
                self.assertEqual(path.read_bytes(), (DATA / path.name).read_bytes(), path.name)

    def test_the_script_refuses_what_is_no_folder(self):
        result = subprocess.run([sys.executable, DATA / "make.py", "/nonexistent"], text=True,
                                capture_output=True, check=False, timeout=program.HANG_SECONDS)
        self.assertEqual((result.returncode, result.stderr.count("\n")), (1, 1), result.stderr)

    def test_tokens_are_of_a_layer_of_two_experts_per_token(self):
        rows = json.loads((DATA / "tokens.txt").read_text(encoding="ascii"))
        self.assertEqual([len(row) for row in rows], [8] * 8)
        self.assertEqual([sum(row) for row in rows], [2 * 8192] * 8)


if __name__ == "__main__":
    unittest.main()
