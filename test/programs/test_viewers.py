# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""
What programs of others show of our files: NetAnim of an animation, speedscope of a timeline.

They are built or installed by our own commands, and run for real, on a display of their own, with
./test.py --full. Perfetto is not among them: its page is in no registry of packages.
"""

import csv
import re
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import program  # noqa: E402
from pictures import read_picture  # noqa: E402
from program import run_program  # noqa: E402
from program_case import FolderTestCase  # noqa: E402

import system_packages  # noqa: E402
import workspace as workspaces  # noqa: E402
from commands import HANG_SECONDS  # noqa: E402
from console import Failure  # noqa: E402
from viewers import speedscope  # noqa: E402
from viewers.browser import Browser  # noqa: E402

NETANIM = program.ROOT / "utils" / "netanim.py"
HEAD = '<anim ver="netanim-3.108" filetype="animation">\n'
NODE = '<node id="{0}" sysId="0" locX="{1}" locY="{2}" descr=" "/>\n'
MOVE = '<nu p="p" t="{0}" id="{1}" x="{2}" y="{3}"/>\n'
SMALL_PART = 0.001  # of the pixels: 420 of 700x600; a line of text, or a node of 12 pixels


def run_netanim(*arguments):
    """Runs utils/netanim.py, which may not install anything."""
    return subprocess.run([sys.executable, str(NETANIM), "--no-install", *map(str, arguments)],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                          timeout=HANG_SECONDS)


def missing(need):
    """What keeps a test from showing something; nothing when it can."""
    if not program.FULL:
        return "with ./test.py --full"
    packages = system_packages.missing_packages(
        [package for package in system_packages.PACKAGES if package.needed_for == need])
    return f"not installed: {' '.join(system_packages.unique_names(packages))}" if packages else ""


class NetAnimRefusals(FolderTestCase):
    """What cannot be played is refused in one line, before anything is built for it."""

    def refused(self, text, *words, options=("--shots=1",)):
        """A file with this text is refused with these words."""
        path = self.folder / "some.xml"
        path.write_text(text, encoding="utf-8")
        self.check_refusal(run_netanim(path, *options), *words)

    def check_refusal(self, result, *words):
        """A run has ended with one line that has these words."""
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        for word in words:
            self.assertIn(word, result.stderr)

    def test_files(self):
        self.check_refusal(run_netanim(), "which animation")
        self.check_refusal(run_netanim(self.folder / "none.xml"), "none.xml", "No such file")
        self.refused("", "some.xml", "no animation")
        self.refused("<anim", "some.xml", "no animation")
        self.refused(HEAD + "</anim>", "no nodes")
        self.refused(HEAD + NODE.format(0, 1, 1), "no animation")  # cut off
        for head in (HEAD.replace("3.108", "3.107"), HEAD.replace('"animation"', '"routing"'),
                     "<svg>"):
            self.refused(head + NODE.format(0, 1, 1) + "</anim>", "no animation of NetAnim")

    def test_elements_of_nodes_that_are_not_there(self):
        for element in (MOVE.format(1, 7, 0, 0), '<link fromId="0" toId="7"/>',
                        '<p fId="7" tId="0" fbTx="0" lbTx="1" fbRx="1" lbRx="2"/>'):
            self.refused(HEAD + NODE.format(0, 1, 1) + element + "</anim>", '"7"', "not there")

    def test_options(self):
        good = HEAD + NODE.format(0, 1, 1) + "</anim>"
        self.refused(good, "'x'", options=["--shots=1,x"])
        self.refused(good, "'-1'", options=["--shots=-1"])
        self.refused(good, "'nan'", options=["--shots=nan"])
        self.refused(good, "there is no such folder", options=["--shots=1", "--to=/no/where"])
        self.refused(good, "with --shots", options=["--size=700x600"])
        for size in ("700", "0x600", "700x9000"):
            self.refused(good, f"--size={size}", options=["--shots=1", f"--size={size}"])


@unittest.skipIf(missing("netanim"), missing("netanim"))
class NetAnim(FolderTestCase):
    """NetAnim opens what we write and plays it to its end."""

    def play(self, path, *times):
        """Plays a file; the pictures at some times."""
        result = run_netanim(path, f"--shots={','.join(times)}", "--size=700x600")
        self.assertEqual(result.returncode, 0, result.stderr)
        files = [path.with_name(f"{path.stem}-{time}.png") for time in times]
        self.assertEqual(result.stdout, "".join(f"{file}\n" for file in files))
        return [read_picture(file) for file in files]

    def test_a_picture_shows_what_is_after_the_last_event_up_to_its_time(self):
        path = self.folder / "two.xml"
        path.write_text(HEAD + NODE.format(0, 10, 10) + NODE.format(1, 90, 90)
                        + '<nu p="s" t="0" id="1" w="20" h="20"/>\n<link fromId="0" toId="1"/>\n'
                        + MOVE.format(5, 1, 90, 10) + MOVE.format(9, 1, 90, 90) + "</anim>\n",
                        encoding="utf-8")
        before, at, after, end = self.play(path, "4.9", "5", "8", "9")
        self.assertEqual((before.width, before.height), (700, 600))
        self.assertGreater(before.changed(at), SMALL_PART)
        self.assertEqual(at.changed(after), 0)
        self.assertGreater(after.changed(end), SMALL_PART)

    def test_it_plays_a_run_before_in_and_after_a_blackout(self):
        path = self.folder / "run.xml"
        self.check_success(run_program(
            "mixnet-training", "--layers=1", "--fidelity=flow", f"--animation={path}",
            "--animationUnit=1ms", cwd=self.folder))
        with (self.folder / "mixnet-output" / "phases.csv").open(encoding="utf-8") as file:
            dark = next(row for row in csv.DictReader(file) if float(row["darkSeconds"]) > 0)
        end = 1e3 * float(dark["startSeconds"])  # the dispatch that waited for circuits
        begin = end - 1e3 * float(dark["darkSeconds"])
        times = [f"{time:.3f}" for time in (begin - 0.01, (begin + end) / 2, end + 0.01)]
        before, within, after = self.play(path, *times)
        for picture in (before, within, after):
            self.assertGreater(picture.colours(), 30)
        self.assertGreater(before.changed(within), SMALL_PART)
        self.assertGreater(within.changed(after), SMALL_PART)


@unittest.skipIf(missing("browser"), missing("browser"))
class Speedscope(FolderTestCase):
    """speedscope reads a timeline as we mean it."""

    @classmethod
    def setUpClass(cls):
        try:
            cls.page = speedscope.install(workspaces.locate(program.ROOT))
        except Failure as failure:
            raise unittest.SkipTest(str(failure).splitlines()[0]) from failure

    def test_it_has_our_lanes_and_their_times(self):
        path = self.folder / "run.json.gz"
        self.check_success(run_program(
            "mixnet-training", "--layers=2", "--fidelity=flow", f"--timeline={path}",
            cwd=self.folder))
        with (self.folder / "mixnet-output" / "phases.csv").open(encoding="utf-8") as file:
            dark = sum(float(row["darkSeconds"]) for row in csv.DictReader(file))
        with Browser(900, 500) as browser:
            lanes = speedscope.open_timeline(browser, self.page, path)
            names = [re.sub(r" \([pt]id \d+\)", "", lane) for lane in lanes]
            ranks = [f"server {rank}, rank {rank} {what}" for rank in range(8) for what in
                     ("compute", "tensor parallelism", "all-to-all", "waiting")]
            self.assertEqual(names[:len(ranks) + 2], [
                *ranks, "region 0, controller", "region 0, ocs0 blackouts"])
            for name in names[len(ranks) + 2:]:  # each circuit, at its first NIC
                self.assertRegex(name, r"^region 0, ocs0 from host\d/\d$")
            blackouts = next(lane for lane in lanes if "ocs0 blackouts" in lane)
            self.assertEqual(lanes[blackouts], f"{1e3 * dark:.2f}ms")
            speedscope.show_lane(browser, blackouts)
            picture = read_picture(browser.picture(self.folder / "lane.png"))
            self.assertGreater(picture.colours(), 30)
            self.assertEqual(browser.complaints(), [])
            self.assertTrue(all(address.startswith("file:") for address in browser.requests()))

    def test_what_is_no_timeline_it_refuses(self):
        path = self.folder / "other.json"
        path.write_text("{}", encoding="utf-8")
        with Browser(900, 500) as browser, self.assertRaisesRegex(Failure, "Unrecognized format"):
            speedscope.open_timeline(browser, self.page, path)


if __name__ == "__main__":
    unittest.main()
