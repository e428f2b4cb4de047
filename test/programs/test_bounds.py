# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""No phase of a training run is faster than the bound that no schedule can beat."""

import csv
import itertools
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import program  # noqa: E402
import program_case  # noqa: E402

MODELS = sorted(path.stem for path in (program.ROOT / "contrib/mixnet/models").glob("*.json"))
FABRICS = ("mixnet", "fat-tree", "oversub-fat-tree", "rail-optimized", "rail-only", "ideal-switch")
ROUNDING = 1e-9  # of a ratio


class Bounds(program_case.FolderTestCase):
    """Ratios of the phase table."""

    def check(self, *arguments):
        """Runs mixnet-training for a layer, and compares each phase with its bound."""
        result = program.run_program("mixnet-training", "--layers=1", "--output=out", *arguments,
                                     cwd=self.folder)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        with open(self.folder / "out/phases.csv", encoding="utf-8", newline="") as file:
            phases = list(csv.DictReader(file))
        bounded = [phase for phase in phases if int(phase["nvswitchBytes"]) > 0]
        self.assertGreaterEqual(len(bounded), 2)  # dispatch and combine
        for phase in phases:
            duration = float(phase["durationSeconds"])
            bound = float(phase["lowerBoundSeconds"])
            self.assertGreaterEqual(duration, bound * (1 - ROUNDING), phase)

    def test_all_models_on_all_fabrics_as_flows(self):
        self.assertIn("deepseek-r1", MODELS)
        pairs = list(itertools.product(MODELS, FABRICS))
        for model, fabric in program.a_part_of(pairs, len(FABRICS) - 1):  # goes through both
            with self.subTest(model=model, fabric=fabric):
                self.check(f"--model={model}", f"--fabric={fabric}", "--fidelity=flow")

    def test_all_models_with_the_largest_tolerance(self):
        for model in MODELS:
            with self.subTest(model=model):
                self.check(f"--model={model}", "--fidelity=flow", "--endTolerance=0.05")

    def test_options_that_change_phases(self):
        for option in ("--deduplicate=rank", "--deduplicate=host", "--policy=reuse",
                       "--allToAllEfficiency=0.6", "--recompute=yes"):
            with self.subTest(option=option):
                self.check("--model=deepseek-r1", "--fidelity=flow", option)
        for option in ("--tensorAlgorithm=direct", "--tensorAlgorithm=ring",
                       "--tensorAlgorithm=merged", "--gpuInterconnect=nvlink-pairs"):
            with self.subTest(option=option):
                self.check("--model=mixtral-8x7b", "--fidelity=flow", option)
        self.check("--model=llama-moe", "--fidelity=flow", "--fabric=fat-tree", "--pauses=yes")

    def test_packets(self):
        for fabric in program.a_part_of(FABRICS, 3):
            with self.subTest(fabric=fabric):
                self.check("--model=llama-moe", "--fidelity=packet", "--backward=no",
                           f"--fabric={fabric}")


if __name__ == "__main__":
    unittest.main()
