# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""For tests of README.md and the manual: the commands in a text, and a folder to run them in."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import program

import system_packages  # noqa: E402

CHAPTERS = (program.ROOT / "contrib" / "mixnet" / "doc", program.ROOT / "doc" / "manual")
NEEDS = {"utils/plot.py": "matplotlib", "utils/report.py": "jinja2"}
# Commands that build, test, take hours or open a window, a program of ns-3's module netanim, and one that says
# that it would take hours.
NOT_RUN = re.compile(r"\./test\.py\b.*|\./ns3 (build|configure)\b.*|"
                     r"utils/(accuracy|agreement|manual|netanim|screenshots|study)\.py.*|"
                     r"\./ns3 run animation-interface|"
                     r'\./ns3 run "mixnet-training --gpus=1024"')


def markdown_commands(text):
    """Commands in code blocks of a Markdown text, in their order."""
    return re.findall(r"^    ((?:\./|utils/).*)$", text, re.MULTILINE)


def is_whole(command):
    """Whether a command does not go on in the next line."""
    try:
        shlex.split(command)
    except ValueError:
        return False
    return not command.endswith("\\")


def manual_commands(text):
    """Commands after a $ in a reStructuredText, in their order, each in one line."""
    commands, lines = [], iter(text.splitlines())
    for line in lines:
        match = re.match(r"^ +\$ (.*)$", line)
        if match:
            command = match.group(1)
            while not is_whole(command):
                command = command.rstrip("\\").rstrip() + " " + next(lines).strip()
            commands.append(command)
    return commands


def chapters():
    """The chapters that somebody has written, by name."""
    return {path.stem: path for folder in CHAPTERS for path in sorted(folder.glob("*.rst"))}


class CommandsTestCase(unittest.TestCase):
    """Commands that are run one after the other in a folder as a user has it."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name)
        for name in ("examples", "utils"):
            (self.folder / name).symlink_to(program.ROOT / name)
        (self.folder / "contrib" / "mixnet" / "doc" / "figures").mkdir(parents=True)

    def run_command(self, command):
        """Runs a command; whether it could be."""
        words = [word for part in shlex.split(command) for word in part.split()]
        if words[:2] == ["./ns3", "run"]:
            result = program.run_program(*words[2:], cwd=self.folder)
        elif words[0] in NEEDS:
            if not system_packages.found_modules([NEEDS[words[0]]]):
                return False
            result = self.run_words([sys.executable, *shlex.split(command)])
            self.assertTrue((self.folder / result.stdout.strip()).is_file(), command)
        elif shutil.which(words[0]):
            result = self.run_words(["bash", "-c", command])
        else:
            return False
        self.assertEqual((result.returncode, result.stderr), (0, ""), command)
        return True

    def run_words(self, words):
        """Runs a program of the system in the folder."""
        return subprocess.run(words, cwd=self.folder, capture_output=True, text=True,
                              env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1"),
                              stdin=subprocess.DEVNULL, check=False, timeout=program.HANG_SECONDS)

    def run_all(self, commands):
        """Runs what can be run of some commands, in their order; how many those are."""
        done = 0
        for command in commands:
            if not NOT_RUN.fullmatch(command):
                with self.subTest(command=command):
                    done += self.run_command(command)
        return done
