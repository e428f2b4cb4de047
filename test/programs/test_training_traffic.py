# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""The program training-traffic as a user runs it: its tables, its table on screen, refusals."""

import csv
import json
import random
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import program  # noqa: E402
import program_case  # noqa: E402

TABLES = ("volume.csv", "groups.csv", "gpu-matrix.csv", "load.csv", "load-matrix.csv", "layers.csv")


class TrainingTraffic(program_case.OutputTestCase):
    """Volumes, matrices and loads, in tables and in words."""

    PROGRAM = "training-traffic"
    ABSENT = "summary.json"

    def rows(self, name):
        """The rows of a table."""
        with (self.output / name).open(newline="") as file:
            return list(csv.DictReader(file))

    def test_parts_are_those_of_the_paper_in_its_order(self):
        self.run_well("--iterations=1")
        parts = {(r["model"], r["parallelism"]): float(r["bufferPart"])
                 for r in self.rows("volume.csv")}
        # Section 2.1: 60 % TP and 30 % EP; above 80 % EP without TP.
        self.assertAlmostEqual(parts["mixtral-8x7b", "TP"], 0.6, delta=0.1)
        self.assertAlmostEqual(parts["mixtral-8x7b", "EP"], 0.3, delta=0.1)
        self.assertGreater(parts["llama-moe", "EP"], 0.8)
        self.assertGreater(parts["qwen-moe", "EP"], 0.8)

    def test_tables_tell_the_same_bytes(self):
        self.run_well("--iterations=1", "--skew=0", "--models=mixtral-8x7b")
        for parallelism in ("TP", "EP", "DP", "PP"):
            volume = sum(int(r["sentBytes"]) for r in self.rows("volume.csv")
                         if r["parallelism"] == parallelism)
            groups = sum(int(r["sentBytes"]) for r in self.rows("groups.csv")
                         if r["parallelism"] == parallelism)
            matrix = sum(int(r[parallelism.lower() + "Bytes"]) for r in self.rows("gpu-matrix.csv"))
            self.assertEqual((groups, matrix), (volume, volume), parallelism)

    def test_loads_add_up_to_all_tokens(self):
        # 8 ranks make 8 * 4096 * 2 assignments each, in every layer and iteration.
        self.run_well("--iterations=21", "--interval=10", "--models=mixtral-8x7b",
                      "--driftVariation=0.3", "--convergenceHalfLife=300")
        for name, key, count in (("load.csv", "iteration", 3), ("layers.csv", "layer", 32),
                                 ("load-matrix.csv", "iteration", 3)):
            sums = {}
            for row in self.rows(name):
                sums[row[key]] = sums.get(row[key], 0) + int(row["tokens"])
            self.assertEqual(list(sums.values()), [8 * 8 * 4096 * 2] * count, name)

    def test_the_same_seed_writes_the_same_bytes(self):
        self.run_well("--iterations=20", "--driftVariation=0.3", "--layerCorrelation=0.5")
        first = {name: (self.output / name).read_bytes() for name in TABLES}
        self.run_well("--iterations=20", "--driftVariation=0.3", "--layerCorrelation=0.5")
        for name, content in first.items():
            self.assertEqual((self.output / name).read_bytes(), content, name)
        self.run_well("--iterations=20", "--driftVariation=0.3", "--layerCorrelation=0.5",
                      "--seed=2")
        self.assertNotEqual((self.output / "load.csv").read_bytes(), first["load.csv"])

    def write_trace(self, steps):
        """A routing trace of LLaMA-MoE: 32 layers, 16 ranks, 16 tokens each."""
        source = random.Random(1)
        path = self.folder / "trace.jsonl"
        with path.open("w") as file:
            for step in range(steps):
                for layer in range(32):
                    for rank in range(16):
                        file.write(json.dumps({
                            "step": step, "layer": layer, "rank": rank, "num_tokens": 16,
                            "topk": 4,
                            "top_indices": [source.sample(range(16), 4) for _ in range(16)],
                        }) + "\n")
        return path

    def test_a_trace_is_repeated_beyond_its_end(self):
        trace = self.write_trace(2)
        output = self.run_well("--models=llama-moe", f"--expertLoad={trace}", "--iterations=3",
                               "--interval=1")
        self.assertIn("2 iterations of 32 layers", output)
        self.assertIn("repeated cyclically", output)
        loads = {}
        for row in self.rows("load.csv"):
            loads.setdefault(row["iteration"], []).append(row["tokens"])
        self.assertEqual(loads["0"], loads["2"])
        self.assertNotEqual(loads["0"], loads["1"])

    def test_a_broken_line_of_a_trace_is_named(self):
        trace = self.write_trace(1)
        lines = trace.read_text().splitlines()
        lines[4] = lines[4].replace('"topk": 4', '"topk": 5')
        trace.write_text("\n".join(lines))
        self.check_refused(["--models=llama-moe", f"--expertLoad={trace}"],
                           "trace.jsonl, line 5: field topk is 5; expected 4")

    def test_what_does_not_exist_is_refused(self):
        self.check_refused(["--models=mixtral-8x7b,gpt"], "gpt", "mixtral-8x22b")
        self.check_refused(["--layer=32"], "layer", "31")
        self.check_refused(["--transition=nowhere.json", "--layerCorrelation=1"],
                           "nowhere.json")
        self.check_refused(["--expertGroups=3", "--groupsPerToken=2"],
                           "--expertGroups=3: must divide the 8 experts of mixtral-8x7b")

    def test_a_run_without_a_folder_is_refused(self):
        result = program.run_program("training-traffic", "--output=none", cwd=self.folder)
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, r"\A[^\n]*--output=none: must be a folder[^\n]*\n\Z")
        self.assertEqual(list(self.folder.iterdir()), [])


if __name__ == "__main__":
    unittest.main()
