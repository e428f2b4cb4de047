# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""The program training-graph as a user runs it: its graph, its times, its picture, refusals."""

import json
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import program  # noqa: E402
import program_case  # noqa: E402

PLOT = Path(__file__).resolve().parents[2] / "utils" / "plot.py"
MODELS = Path(__file__).resolve().parents[2] / "contrib" / "mixnet" / "models"
SMALL = ("--expertParallel=2", "--tensorParallel=1", "--pipelineParallel=2", "--layers=2",
         "--microbatches=2")


class TrainingGraph(program_case.OutputTestCase):
    """Task graphs, what they take, and how they are written."""

    PROGRAM = "training-graph"

    def read(self, name):
        """A JSON file of the results."""
        return json.loads((self.output / name).read_text(encoding="utf-8"))

    def test_the_file_has_every_task_after_those_it_waits_for(self):
        self.run_well(*SMALL)
        graph = self.read("graph.json")
        tasks = graph["tasks"]
        self.assertEqual((graph["ranks"], len(tasks)), (4, self.read("summary.json")["tasks"]))
        self.assertEqual([task["id"] for task in tasks], list(range(len(tasks))))
        for task in tasks:
            self.assertTrue(all(before < task["id"] for before in task["after"]))
        # Each layer has 2 all-to-alls of 2 messages, forward and backward, for 2 microbatches; each
        # of 2 microbatches has one message per EP rank from stage to stage, forward and backward.
        messages = [task["kind"] for task in tasks if task["type"] == "message"]
        self.assertEqual(messages.count("dispatch"), 2 * 2 * 2 * 2)
        self.assertEqual(messages.count("combine"), 2 * 2 * 2 * 2)
        self.assertEqual(messages.count("pipelineSend"), 2 * 2 * 2)

    def test_a_makespan_is_the_times_on_its_path(self):
        self.run_well(*SMALL)
        summary = self.read("summary.json")
        longest = {}
        for task in self.read("graph.json")["tasks"]:  # as free communication has it
            begin = max((longest[before] for before in task["after"]), default=0)
            longest[task["id"]] = begin + task.get("picoseconds", 0)
        free = summary["freeCommunication"]
        self.assertAlmostEqual(free["makespanSeconds"], max(longest.values()) * 1e-12, places=9)
        for cost in (free, summary["linearCommunication"]):
            for part in ("pathSeconds", "lastRankSeconds"):
                self.assertAlmostEqual(sum(cost[part].values()), cost["makespanSeconds"], places=9)
        self.assertGreater(summary["linearCommunication"]["makespanSeconds"],
                           free["makespanSeconds"])

    def write_even_model(self):
        """Mixtral 8x7B with a vocabulary of one token: all stages take the same time."""
        model = json.loads((MODELS / "mixtral-8x7b.json").read_text(encoding="utf-8"))
        model["vocabulary"] = 1
        path = self.folder / "even.json"
        path.write_text(json.dumps(model), encoding="utf-8")
        return f"--model={path}"

    def test_bubbles_of_equal_stages_are_those_of_the_closed_forms(self):
        model = self.write_even_model()
        for schedule, chunks, microbatches in (("1f1b", 1, 8), ("1f1b", 1, 2), ("gpipe", 1, 8),
                                               ("interleaved-1f1b", 2, 8)):
            with self.subTest(schedule=schedule, microbatches=microbatches):
                self.run_well(model, "--layers=16", "--skew=0", f"--schedule={schedule}",
                              f"--microbatches={microbatches}",
                              *([f"--chunks={chunks}"] if chunks > 1 else []))
                summary = self.read("summary.json")
                expected = 3 / (microbatches * chunks)  # (stages - 1) / (microbatches * chunks)
                self.assertEqual(summary["bubbleOfEqualStages"], expected)
                bubble = summary["freeCommunication"]["bubbleOverOther"]
                self.assertAlmostEqual(bubble, expected, delta=0.01 * expected)

    def test_a_faster_gpu_is_faster(self):
        # Work with no rounding to speak of: twice the rate is half the time, but for the optimizer.
        self.run_well(*SMALL, "--teraflops=100")
        slow = self.read("summary.json")["freeCommunication"]["makespanSeconds"]
        self.run_well(*SMALL, "--teraflops=200")
        fast = self.read("summary.json")["freeCommunication"]["makespanSeconds"]
        self.assertAlmostEqual(slow / fast, 2, delta=0.02)

    def test_measured_times_come_before_computed_ones(self):
        profile = self.folder / "times.json"
        profile.write_text(json.dumps({
            "source": "made up",
            "operations": [{"operation": "attention", "forward": 7.0, "backward": 11.0,
                            "tokens": 8 * 4096}],
        }), encoding="utf-8")
        printed = self.run_well(*SMALL, f"--computeProfile={profile}")
        self.assertIn("made up", printed)
        times = {(task["direction"], task["picoseconds"])
                 for task in self.read("graph.json")["tasks"] if task["kind"] == "attention"}
        self.assertEqual(times, {("forward", 7 * 10**12), ("backward", 11 * 10**12)})

    def test_large_graphs_have_no_picture_and_leave_none_behind(self):
        self.run_well(*SMALL)
        self.assertTrue((self.output / "graph.dot").exists())
        printed = self.run_well("--layers=4")
        self.assertIn("graph.dot is not written", printed)
        self.assertFalse((self.output / "graph.dot").exists())
        self.assertTrue((self.output / "graph.json").exists())

    def test_the_same_options_write_the_same_bytes(self):
        self.run_well(*SMALL)
        files = {path.name: path.read_bytes() for path in self.output.iterdir()}
        self.run_well(*SMALL)
        for name, content in files.items():
            self.assertEqual((self.output / name).read_bytes(), content, name)

    def draw(self, *arguments, **keywords):
        """Has utils/plot.py draw the graph."""
        return subprocess.run(
            [sys.executable, str(PLOT), "graph", str(self.output), *arguments],
            capture_output=True, text=True, timeout=program.HANG_SECONDS, check=False, **keywords)

    @unittest.skipUnless(shutil.which("dot"), "dot (Debian package graphviz) is not installed")
    def test_graphviz_draws_it(self):
        self.run_well(*SMALL)
        result = subprocess.run(["dot", "-Tsvg", str(self.output / "graph.dot")],
                                capture_output=True, text=True, check=False,
                                timeout=program.HANG_SECONDS)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertIn("rank 3", result.stdout)

    def test_a_missing_graph_is_named(self):
        self.run_well(*SMALL)
        (self.output / "graph.json").unlink()
        self.assertIn("has no graph.json", self.draw().stderr)

    def test_what_does_not_fit_is_refused(self):
        self.check_refused(["--model=gpt"], "--model=gpt", "mixtral-8x7b")
        self.check_refused(["--layers=33"], "--layers=33", "0 to 32")
        self.check_refused(["--model=deepseek-r1", "--layers=3"], "--layers=3", "3 dense layers")
        self.check_refused(["--expertParallel=3"], "3", "8")
        self.check_refused(["--pipelineParallel=5", "--layers=4"], "4 layers")
        self.check_refused(["--schedule=zigzag"], "--schedule=zigzag", "1f1b")
        self.check_refused(["--chunks=2"], "1f1b", "interleaved")
        self.check_refused(["--schedule=interleaved-1f1b", "--chunks=2", "--microbatches=6"],
                           "microbatches", "multiple")
        self.check_refused(["--gpuType=tpu"], "--gpuType=tpu", "h800")
        self.check_refused(["--teraflops=0"], "--teraflops=0", "0.001")
        self.check_refused(["--gradientBytes=3"], "--gradientBytes=3", "2", "4")
        self.check_refused(["--deduplicate=host"], "--deduplicate=host", "none or rank")
        self.check_refused(["--computeProfile=nowhere.json"], "nowhere.json")
        self.check_refused(["--linkRate=0Gb/s"], "--linkRate=0Gb/s")
        self.check_refused(["--model=deepseek-r1", "--dataParallel=2"], "messages", "--layers")


if __name__ == "__main__":
    unittest.main()
