# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""What tables of mixnet-training say of a run as a whole: circuits, GPUs, what keeps them waiting."""

import csv
import json
import re
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import program  # noqa: E402  (makes utils/ importable)
import program_case  # noqa: E402

FLOW = ("--fidelity=flow", "--layers=1")
TOKENS = 8 * 4096  # of a microbatch of an EP rank
RANKS = 8
GPUS = 64
# Mixtral 8x22B, operations per token and layer, forward: projections and causal scores of
# attention, gate, two experts.
ATTENTION = 2 * 6144 * (2 * 48 * 128 + 2 * 8 * 128) + 2 * 4096 * 48 * 128
EXPERTS = 2 * 6144 * 8 + 2 * 6 * 6144 * 16384


class Efficiency(program_case.FolderTestCase):
    """Runs of one layer of Mixtral 8x22B."""

    def run_it(self, *arguments):
        """What a run prints, and its summary."""
        result = program.run_program("mixnet-training", "--output=results", *FLOW, *arguments,
                                     cwd=self.folder)
        self.check_success(result)
        summary = json.loads((self.folder / "results" / "summary.json").read_text("utf-8"))
        return result.stdout, summary

    def dispatch(self, *arguments):
        """Duration of the first dispatch, seconds."""
        _, summary = self.run_it("--backward=no", *arguments)
        return next(phase["durationSeconds"] for phase in summary["phases"]
                    if phase["name"] == "dispatch")

    def test_a_balanced_dispatch_takes_eight_sevenths_of_that_of_a_fat_tree(self):
        # 24 circuits join 24 of the 28 pairs of eight servers; a circuit has one eighth of the
        # NICs for one seventh of the bytes.
        mixnet = self.dispatch("--skew=0", "--reconfigurationDelay=1us")
        tree = self.dispatch("--skew=0", "--fabric=fat-tree")
        self.assertAlmostEqual(mixnet / tree, 8 / 7, delta=0.01)

    def test_a_server_without_circuits_is_told(self):
        for allocator, isolating in (("greedy", 0), ("greedy-literal", 1)):
            with self.subTest(allocator):
                # Read literally, the algorithm gives one server all circuits it ever gives.
                text, summary = self.run_it("--skew=1", "--backward=no",
                                            f"--allocator={allocator}")
                self.assertEqual(summary["circuitDecisions"], 1)
                self.assertEqual(summary["isolatingDecisions"], isolating)
                self.assertEqual("without a circuit" in text, isolating > 0)

    def test_model_operations_are_those_of_the_layers_trained(self):
        for backward, times in (("yes", 3), ("no", 1)):
            with self.subTest(backward=backward):
                _, summary = self.run_it("--fabric=ideal-switch", f"--backward={backward}",
                                         "--gpuType=a100")
                expected = (times * RANKS * TOKENS * (ATTENTION + EXPERTS)
                            / summary["iterationTimeSeconds"] / GPUS)
                self.assertAlmostEqual(summary["modelFlopsPerGpuPerSecond"] / expected, 1,
                                       delta=1e-9)
                self.assertAlmostEqual(summary["modelFlopsUtilization"], expected / 312e12,
                                       delta=1e-9)
                self.assertLess(expected, 115e12, "the rate that computing has")

    def test_the_hottest_rank_is_that_of_the_expert_time(self):
        # At equal rates the time of the experts is that of a balanced load times the imbalance.
        _, balanced = self.run_it("--fabric=ideal-switch", "--backward=no", "--skew=0")
        _, skewed = self.run_it("--fabric=ideal-switch", "--backward=no", "--skew=1")
        self.assertEqual(balanced["expertImbalance"], 1)
        times = [summary["timeByPhaseSeconds"]["forward"]["expert"]
                 for summary in (skewed, balanced)]
        # Phases count from the last rank's beginning, so that the hottest may end earlier.
        self.assertLessEqual(times[0] / times[1], skewed["expertImbalance"] + 1e-6)
        self.assertGreater(skewed["expertImbalance"], 1.5)

    def test_the_verdict_is_what_the_summary_says(self):
        for arguments in ((), ("--fabric=fat-tree",), ("--microbatches=2", "--policy=reuse")):
            text, summary = self.run_it(*arguments)
            lines = dict(re.findall(r"^(iteration|critical path|all-to-alls|circuits|load) {2,}(.*)$",
                                    text, re.MULTILINE))
            self.assertEqual(len(lines), 5)
            self.assertLess(text.index(lines["load"]), text.index("\nphase  "), "before the table")
            self.assertIn(f"{1e3 * summary['iterationTimeSeconds']:.3f} ms: "
                          f"{summary['tokensPerSecond']:.0f} tokens/s", lines["iteration"])
            self.assertIn(f"{100 * summary['modelFlopsUtilization']:.1f} % of the peak",
                          lines["iteration"])
            parts = [float(part) for part in re.findall(r"([\d.]+) %", lines["critical path"])]
            self.assertEqual(parts, sorted(parts, reverse=True))
            self.assertAlmostEqual(sum(parts), 100, delta=0.5)
            with open(self.folder / "results/phases.csv", encoding="utf-8", newline="") as file:
                rows = [row for row in csv.DictReader(file) if row["name"] in ("dispatch",
                                                                               "combine")]
            took, least = (sum(float(row[key]) for row in rows)
                           for key in ("durationSeconds", "lowerBoundSeconds"))
            self.assertIn(f"{1e3 * took:.3f} ms, ", lines["all-to-alls"])
            ratio = float(re.search(r"([\d.]+) times", lines["all-to-alls"]).group(1))
            self.assertAlmostEqual(ratio, took / least, delta=0.05 * ratio)
            optical, electrical = (sum(int(row[f"{side}Bytes"]) for row in rows)
                                   for side in ("optical", "electrical"))
            if optical:
                self.assertIn(f"{100 * optical / (optical + electrical):.1f} % of the bytes",
                              lines["circuits"])
            else:
                self.assertTrue(lines["circuits"].startswith("none"))
            self.assertIn(f"{summary['expertImbalance']:.2f} times", lines["load"])

    def test_every_fabric_says_how_bytes_find_their_nics(self):
        for fabric, forwarding in (("mixnet", "delegate"), ("fat-tree", "own-nic"),
                                   ("oversub-fat-tree", "own-nic"), ("ideal-switch", "own-nic"),
                                   ("rail-optimized", "rail"), ("rail-only", "rail")):
            with self.subTest(fabric):
                text, summary = self.run_it(f"--fabric={fabric}", "--backward=no")
                self.assertEqual(summary["forwarding"], forwarding)
                self.assertIn(f"Forwarding: {forwarding} (", text)

    def test_gpus_bring_their_own_nvlink(self):
        # The all-gather over TP is as fast as NVLink.
        rates = {"a100": 2400, "h800": 1600, "h100": 3600, "b200": 7200}
        times = {}
        for name in rates:
            _, summary = self.run_it("--fabric=ideal-switch", "--backward=no", "--skew=0",
                                     f"--gpuType={name}", "--teraflops=200")
            times[name] = summary["timeByPhaseSeconds"]["forward"]["allGather"]
        for name, rate in rates.items():
            self.assertAlmostEqual(times[name] / times["h100"], 3600 / rate, delta=0.01, msg=name)
        _, given = self.run_it("--fabric=ideal-switch", "--backward=no", "--skew=0",
                               "--gpuType=h800", "--nvswitchRate=3600Gb/s", "--teraflops=200")
        self.assertEqual(given["timeByPhaseSeconds"]["forward"]["allGather"], times["h100"])

    def test_a_gpu_without_a_published_rate_needs_one(self):
        result = program.run_program("mixnet-training", "--gpuType=b200", "--output=none",
                                     cwd=self.folder)
        self.assertNotEqual(result.returncode, 0)
        self.assertRegex(result.stderr, r"\A[^\n]*--gpuType=b200: needs --teraflops[^\n]*\n\Z")

    def test_a_job_tells_rate_all_to_alls_bubble_and_busy_nics(self):
        result = program.run_program(
            "mixnet-training", "--model=mixtral-8x22b", "--gpus=1024", "--layers=8",
            "--fabric=ideal-switch", "--fidelity=flow", "--skew=0", "--output=job", cwd=self.folder)
        self.check_success(result)
        summary = json.loads((self.folder / "job" / "summary.json").read_text("utf-8"))
        self.assertEqual(summary["linkRateBitsPerSecond"], 400_000_000_000)
        with open(self.folder / "job" / "phases.csv", encoding="utf-8") as file:
            phases = list(csv.DictReader(file))
        groups = {(phase["stage"], phase["replica"]) for phase in phases}
        self.assertEqual(len(groups), summary["pipelineParallel"] * summary["dataParallel"])
        all_to_all = sum(float(phase["durationSeconds"]) for phase in phases
                         if phase["name"] in ("dispatch", "combine")) / len(groups)
        self.assertAlmostEqual(summary["allToAllSeconds"], all_to_all, delta=1e-9)
        self.assertAlmostEqual(summary["allToAllShare"],
                               all_to_all / summary["iterationTimeSeconds"], delta=1e-9)
        # One layer on each of 8 stages, 8 microbatches: 7 of 15 steps are idle where stages are
        # equal; the last stage has the head besides.
        self.assertAlmostEqual(summary["balancedBubbleShare"], 7 / 15, delta=1e-12)
        self.assertAlmostEqual(summary["bubbleShare"], 7 / 15, delta=0.1)
        times = summary["timeSeconds"]
        self.assertAlmostEqual(summary["bubbleShare"],
                               times["bubble"]["mean"] / summary["iterationTimeSeconds"],
                               delta=1e-12)
        self.assertLessEqual(summary["pipelineDrainSeconds"], times["bubble"]["mean"])
        nics = summary["nicUtilization"]["electrical"]
        self.assertGreater(nics["busiest"], nics["mean"])
        head = 2 * 6144 * 32768
        flops = 3 * 2 * 8 * RANKS * TOKENS * (8 * (ATTENTION + EXPERTS) + head)
        self.assertAlmostEqual(
            summary["modelFlopsPerGpuPerSecond"] * 1024 * summary["iterationTimeSeconds"] / flops,
            1, delta=1e-9)


if __name__ == "__main__":
    unittest.main()
