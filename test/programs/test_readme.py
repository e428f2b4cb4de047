# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""The commands and files of README.md: each command works, each file is there."""

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import program  # noqa: E402

import system_packages  # noqa: E402

README = program.ROOT / "README.md"
DATA = program.ROOT / "examples" / "data"


def can_run(script):
    """Whether a script in utils finds what it needs of others."""
    needs = {"utils/plot.py": "matplotlib", "utils/report.py": "jinja2"}
    return script not in needs or bool(system_packages.found_modules([needs[script]]))


def commands():
    """The commands of README.md, on lines of their own or in the text, in their order."""
    text = README.read_text(encoding="utf-8")
    found = re.findall(r"^    ((?:\./|utils/).*)$|`((?:\./ns3|utils/)[^`]* [^`]*)`", text,
                       re.MULTILINE)
    return list(dict.fromkeys(own_line or inside for own_line, inside in found))


class Commands(unittest.TestCase):
    """What README.md says to type can be typed."""

    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = Path(temporary.name)
        for name in ("examples", "utils"):  # what a user has in the folder he is in
            (cls.folder / name).symlink_to(program.ROOT / name)

    def check(self, result, command):
        """A command has come to a good end."""
        self.assertEqual(result.returncode, 0, f"{command}\n{result.stdout}{result.stderr}")
        self.assertEqual(result.stderr, "", command)

    def run_plot(self, words, command):
        """Runs a script in utils."""
        result = subprocess.run([sys.executable, *words], cwd=self.folder, capture_output=True,
                                stdin=subprocess.DEVNULL, text=True, check=False,
                                timeout=program.HANG_SECONDS)
        self.check(result, command)
        if words[0] in ("utils/plot.py", "utils/report.py") and "--help" not in words:
            self.assertTrue((self.folder / result.stdout.strip()).is_file(), command)

    def run_program(self, words, command):
        """Runs what ./ns3 would run."""
        result = program.run_program(*words, cwd=self.folder)
        self.check(result, command)
        self.assertTrue(result.stdout, command)

    def test_every_command_works(self):
        done = []
        for command in commands():
            words = [word for part in shlex.split(command) for word in part.split()]
            if words[0].startswith("utils/") and can_run(words[0]):
                with self.subTest(command=command):
                    self.run_plot(words, command)
            elif words[:2] == ["./ns3", "run"] and words[2] != "NAME" and words not in done:
                with self.subTest(command=command):
                    self.run_program(words[2:], command)
                    done.append(words)
        self.assertGreater(len(done), 10, "commands are found")

    def test_nothing_else_is_to_be_typed(self):
        known = r"\./ns3 (run|build|configure)\b.*|\./test\.py|utils/(plot|report)\.py .*"
        for command in commands():
            self.assertRegex(command, rf"\A({known})\Z")

    def test_files_and_programs_that_are_named_exist(self):
        text = README.read_text(encoding="utf-8")
        paths = re.findall(r"`((?:contrib|doc|examples|utils|test)/[\w./-]+)`|"
                           r"=(examples/[\w./-]+)", text)
        names = re.findall(r"^\| `([\w-]+)`", text.split("## Programs")[1], re.MULTILINE)
        self.assertGreater(len(names), 5)
        for path in (quoted or value for quoted, value in paths):
            self.assertTrue((program.ROOT / path).exists(), path)
        for name in names:
            self.assertTrue(program.find_program(name).is_file(), name)


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
