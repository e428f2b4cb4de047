# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""The program ocs-reconfiguration as a user runs it: what it tells, and its refusals."""

import re
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import program  # noqa: E402
import program_case  # noqa: E402

QUICK = ("--messageBytes=5000000", "--reconfigurationDelay=50us", "--swapAt=100us",
         "--swapBackAt=300us", "--interval=100us")
EVENT = re.compile(r"^ *(\d+\.\d+)  (.*)$", re.MULTILINE)


class Reconfiguration(program_case.FolderTestCase):
    """Two circuits are swapped, and swapped back."""

    def run_it(self, *arguments):
        """Runs the program to a good end and returns what it printed."""
        result = program.run_program("ocs-reconfiguration", *arguments, cwd=self.folder)
        self.check_success(result)
        self.assertEqual(list(self.folder.iterdir()), [], "it writes no file")
        return result.stdout

    def events(self, output):
        """The story: time in microseconds and what happened."""
        return [(float(time), what) for time, what in EVENT.findall(output)]

    def test_circuits_come_and_go_when_asked(self):
        story = self.events(self.run_it(*QUICK))
        circuits = [event for event in story if event[1].startswith("circuit")]
        # The first ones take a blackout from 0 on; those that were up go down as they are asked.
        self.assertEqual(circuits, [
            (50, "circuit A-B up"), (50, "circuit C-D up"),
            (100, "circuit A-B down"), (100, "circuit C-D down"),
            (150, "circuit A-D up"), (150, "circuit B-C up"),
            (300, "circuit A-D down"), (300, "circuit B-C down"),
            (350, "circuit A-B up"), (350, "circuit C-D up"),
        ])

    def test_nics_see_the_signal_a_fibre_later(self):
        story = self.events(self.run_it(*QUICK))
        for name in "ABCD":
            seen = [time for time, what in story if what == f"NIC {name} sees a signal"]
            lost = [time for time, what in story if what == f"NIC {name} has lost its signal"]
            self.assertEqual(len(seen), 3, name)
            self.assertEqual(len(lost), 2, name)
            # The loss starts at the switch, a microsecond away; the signal of the other NIC reaches
            # it over both fibres, but waits at the switch, so that it is as near.
            self.assertEqual(seen, [51, 151, 351])
            self.assertEqual(lost, [101, 301])

    def test_every_message_is_delivered_once(self):
        story = self.events(self.run_it(*QUICK))
        ended = [what for _, what in story if what.startswith("message")]
        self.assertEqual(len(ended), 4)
        for pair in ("A to B", "C to D", "A to D", "C to B"):
            self.assertEqual(sum(f"message {pair} ended: Success, 5.000 MB delivered" in what
                                 for what in ended), 1, pair)

    def test_no_frame_is_missing(self):
        output = self.run_it(*QUICK)
        line = re.search(r"^frames sent (\d+) = received (\d+)(.*) \+ in flight 0$", output,
                         re.MULTILINE)
        self.assertIsNotNone(line, output)
        lost = sum(int(count) for count in re.findall(r"\+ \w+ (\d+)", line[3]))
        self.assertEqual(int(line[1]), int(line[2]) + lost)
        self.assertGreater(lost, 0, "a swap under traffic loses frames")
        self.assertIn("reconfiguring", line[3])

    def test_two_runs_are_equal(self):
        self.assertEqual(self.run_it(*QUICK), self.run_it(*QUICK))

    def test_help_lists_the_options(self):
        output = self.run_it("--help=all")
        for option in ("reconfigurationDelay", "swapAt", "swapBackAt", "interval", "linkRate",
                       "messageBytes", "mtu"):
            self.assertRegex(output, rf"--{option}=")

    def test_wrong_options_get_one_line(self):
        for arguments, patterns in (
            (["--linkRate=400"], ("--linkRate=400", "unit")),
            (["--messageBytes=0"], ("--messageBytes=0", "1 to 1000000000000")),
            (["--mtu=many"], ("--mtu=many", "64 to 65000")),
            (["--swapAt=3ms"], ("--swapAt=3ms, --swapBackAt=3ms", "after the first")),
            (["--interval=0"], ("--interval=0", "at least 1us")),
            (["--interval=1us", "--swapBackAt=101ms"],
             ("--interval=1us", "at most 100000 rows", "101ms")),
            (["--reconfigurationDelay=-1ms"], ("--reconfigurationDelay=-1ms", "from 0")),
            (["--colour=red"], ("--colour", "unknown option")),
            (["--mtu"], ("--mtu", "needs a value")),
            (["stray"], ("stray", "not an option")),
        ):
            with self.subTest(arguments):
                result = program.run_program("ocs-reconfiguration", *arguments, cwd=self.folder)
                self.assertGreater(result.returncode, 0)
                self.assertEqual(result.stdout, "")
                self.assertRegex(result.stderr, r"\A[^\n]+\n\Z")
                for pattern in patterns:
                    self.assertRegex(result.stderr, pattern)
                self.assertEqual(list(self.folder.iterdir()), [])


if __name__ == "__main__":
    unittest.main()
