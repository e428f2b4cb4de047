# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""examples/fabric-comparison.py: tables and their checks, results that are kept, and refusals."""

import csv
import json
import os
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import program  # noqa: E402
import program_case  # noqa: E402

import fabric_tables  # noqa: E402

STUDY = program.ROOT / "examples" / "fabric-comparison.py"
SMALL = ("--models=mixtral-8x7b", "--rates=400", "--fabrics=mixnet,fat-tree", "--policy=block",
         "--gpus=32", "--layers=1", "--output=out")
EXTRA = ("--", "--pipelineParallel=1", "--microbatches=1")
PARTS = ("compute", "lines", "relays", "reconfiguration", "TP", "PP", "gradients", "waiting")


class FabricComparison(program_case.FolderTestCase):
    """The comparison of all fabrics."""

    def compare(self, *arguments, code=0):
        """Runs the study."""
        env = dict(os.environ, MIXNET_NS3=str(program.tree().path))
        result = subprocess.run([sys.executable, str(STUDY), *map(str, arguments)], env=env,
                                cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True,
                                text=True, timeout=program.HANG_SECONDS, check=False)
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        return result

    def values(self):
        """The rows that were written, by fabric, forwarding and load."""
        with open(self.folder / "out" / "comparison.csv", encoding="utf-8", newline="") as file:
            return {(row["fabric"], row["forwarding"], row["load"]): row
                    for row in csv.DictReader(file)}

    def test_parts_add_up_and_results_are_kept_and_what_cannot_be_is_flagged(self):
        first = self.compare(*SMALL, *EXTRA)
        rows = self.values()
        for key, row in rows.items():
            with self.subTest(run=key):
                self.assertEqual((row["state"], row["check"]), ("complete", "ok"))
                seconds = float(row["iterationTimeSeconds"])
                forwarding = "spread" if row["forwarding"] == "delegate" else row["forwarding"]
                ideal = float(rows["ideal-switch", forwarding, row["load"]]["iterationTimeSeconds"])
                self.assertAlmostEqual(float(row["overIdeal"]), seconds / ideal)
                more = sum(float(row[f"{part}OverIdealSeconds"]) for part in PARTS)
                self.assertAlmostEqual(more, seconds - ideal, places=9)
        # Waiting for circuits of its own costs the one dispatch a blackout, and two control messages.
        block = rows["mixnet", "delegate", "skewed"]
        self.assertAlmostEqual(float(block["reconfigurationOverIdealSeconds"]), 25.002e-3, places=9)
        self.assertEqual(len([key for key in rows if key[2] == "uniform"]), 4)
        text = (self.folder / "out" / "comparison.md").read_text(encoding="utf-8")
        for title in ("Admissible forwardings", "mixtral-8x7b, 400 Gb/s", "Uniform load"):
            self.assertIn(f"## {title}\n", text)
            self.assertIn(f"{title}\n", first.stdout)
        self.assertRegex(first.stdout, r"(?m)^fat-tree +delegate +no +delegates need circuits")
        self.assertRegex(first.stdout, r"(?m)^mixnet +spread +no +needs all NICs on packet")

        again = self.compare(*SMALL, *EXTRA)
        self.assertIn(f"{len(rows)} runs, {len(rows)} of them done before", again.stdout)
        self.assertEqual(again.stderr, "")
        self.assertEqual(self.values(), rows)

        # A fat-tree that is 10 % faster than can be.
        name = "mixtral-8x7b-400-fat-tree-rail"
        path = self.folder / "out" / "runs" / name / "summary.json"
        summary = json.loads(path.read_text(encoding="utf-8"))
        summary["iterationTimeSeconds"] *= 0.9
        path.write_text(json.dumps(summary), encoding="utf-8")
        wrong = self.compare(*SMALL, *EXTRA, code=1)
        self.assertRegex(wrong.stdout, r"(?m)^!!! .*fat-tree rail: FASTER THAN IDEAL by (9\.9|10\.0)\d %")

        # Other options are another run.
        other = self.compare(*SMALL, *EXTRA, "--seed=2")
        self.assertIn(f"{len(rows)} runs, 0 of them done before", other.stdout)

    def test_uniform_load_has_spread_as_fast_as_own_nic_unless_ranks_differ(self):
        for ratio, hottest, word in ((1.0, 1.0, "ok"), (0.995, 1.0, "ok"), (1.02, 1.0, "DIFFERS"),
                                     (0.98, 1.0, "DIFFERS"), (0.98, 1.07, "ok: experts"),
                                     (1.02, 1.07, "DIFFERS")):
            with self.subTest(ratio=ratio, hottest=hottest):
                verdict = fabric_tables.uniform_verdict(ratio, hottest)
                self.assertTrue(verdict.startswith(word), verdict)

    def test_a_run_that_fails_is_named_and_leaves_the_others_alone(self):
        result = self.compare("--models=deepseek-r1,mixtral-8x7b", *SMALL[1:], *EXTRA, code=1)
        self.assertIn("Runs without results", result.stdout)
        self.assertRegex(result.stdout, r"(?m)^deepseek-r1 400 Gb/s mixnet delegate, block +\S")
        self.assertEqual(self.values()["fat-tree", "own-nic", "skewed"]["state"], "complete")

    def test_a_dry_run_lists_commands_and_does_nothing(self):
        lines = self.compare(*SMALL, "--dry-run").stdout.splitlines()
        # MixNet, and three forwardings of fat-tree and ideal switch, two of them with uniform load.
        self.assertEqual(len(lines), 1 + 2 * 3 + 2 * 2)
        for line in lines:
            self.assertRegex(line, r"^\./ns3 run 'mixnet-training .*--gpus=32 .*--fidelity=flow")
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_refusals(self):
        (self.folder / "file").write_text("model\n1\n", encoding="utf-8")
        for arguments, word in ((["--models=mixtral"], "mixtral-8x7b"), (["--models="], "empty"),
                                (["--rates=fast"], "a number from"), (["--rates=0"], "a number from"),
                                (["--rates=nan"], "a number from"),
                                (["--rates=1,1"], "twice"), (["--fabrics=torus"], "rail-only"),
                                (["--gpus=3"], "from 8"), (["--layers=x"], "whole number"),
                                (["--jobs=0"], "from 1"), (["--timeLimit=0"], "from 1"),
                                (["--output=file"], "is a file"), (["--published=no"], "No such file"),
                                (["--published=file"], "linkRateGbps"), (["--fast=1"], "--fast=1"),
                                (["--", "--fabric=mixnet"], "decides about --fabric"),
                                (["--", "seed"], "--NAME=VALUE"),
                                ([*SMALL, *EXTRA, "--sead=1"], "sead"),
                                ([*SMALL[:3], "--policy=often", *SMALL[4:], *EXTRA], "often")):
            with self.subTest(arguments=arguments):
                result = self.compare(*arguments, code=1)
                self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
                self.assertIn(word, result.stderr)
                self.assertEqual(result.stdout, "")


if __name__ == "__main__":
    unittest.main()
