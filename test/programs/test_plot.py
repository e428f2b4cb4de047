# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Tests of utils/plot.py on the results of a small run."""

import json
import shutil
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from plot_case import (PNG_SIGNATURE, has_matplotlib, probe, read_rows,  # noqa: E402
                       run_plot, write_model)
from program import run_program  # noqa: E402

import result_tables  # noqa: E402
from plots import group, job  # noqa: E402


class Plots(unittest.TestCase):
    """Each plot is made, and refuses what it cannot plot in one line."""

    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = Path(cls.temporary.name) / "results of a run"
        result = run_program(
            "mixnet-training",
            "--model=mixtral-8x7b",
            "--layers=1",
            "--mtu=32000",
            f"--output={cls.folder}",
        )
        assert result.returncode == 0, result.stderr

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def plot(self, *arguments):
        """Runs plot.py."""
        return run_plot(*arguments)

    def check_refused(self, result, *words):
        """One line on standard error that has these words, and a non-zero exit code."""
        self.assertNotEqual(result.returncode, 0)
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        for word in words:
            self.assertIn(word, result.stderr)

    @unittest.skipUnless(has_matplotlib(), "matplotlib (python3-matplotlib) is not installed")
    def test_both_plots_are_made_as_png(self):
        for what in ("timeline", "matrices"):
            with self.subTest(what=what):
                result = self.plot(what, self.folder)
                self.assertEqual(result.returncode, 0, result.stderr)
                image = (self.folder / f"{what}.png").read_bytes()
                self.assertTrue(image.startswith(PNG_SIGNATURE))

    @unittest.skipUnless(has_matplotlib(), "matplotlib (python3-matplotlib) is not installed")
    def test_the_ending_of_out_decides_the_format(self):
        out = self.folder / "circuits.svg"
        result = self.plot("matrices", self.folder, f"--out={out}")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("<svg", out.read_text(encoding="utf-8"))

    def test_what_is_not_there_is_refused_and_what_is_there_is_named(self):
        self.check_refused(self.plot("timeline", self.folder, "--layer=7"), "layer 7",
                           "there is 0")
        self.check_refused(self.plot("timeline", self.folder, "--microbatch=3"),
                           "microbatch 3 of layer 0", "there is 0")
        decisions = {int(row["decision"]) for row in read_rows(self.folder / "circuits.csv")}
        self.assertEqual(decisions, set(range(len(decisions))))
        there = "0" if len(decisions) == 1 else f"0 to {len(decisions) - 1}"
        self.check_refused(self.plot("matrices", self.folder, "--decision=99"), "decision 99",
                           f"there is {there}")

    def test_a_folder_without_results_is_refused(self):
        nowhere = self.folder / "nowhere"
        self.check_refused(self.plot("timeline", nowhere), "nowhere", "no such folder")

    def test_a_folder_of_another_kind_is_refused_and_its_plots_are_named(self):
        for what, file in (("rates", "rates.csv"), ("load", "load.csv"), ("graph", "graph.json")):
            with self.subTest(what=what):
                self.check_refused(self.plot(what, self.folder), file, "timeline, matrices")
        self.check_refused(self.plot(self.folder), "there is no plot", "timeline, matrices")
        self.check_refused(self.plot("timeline", self.folder / "timeline.csv"), "is a file",
                           str(self.folder))

    def test_slips_are_answered_in_one_line(self):
        for arguments, word in (([], "which plot"), (["timeline"], "which folder"),
                                (["timelines", self.folder], "no plot timelines"),
                                (["timeline", self.folder, "--layer=x"], "--layer"),
                                (["timeline", self.folder, "--depth=1"], "--depth=1"),
                                (["timeline", self.folder, "more"], "more"),
                                (["matrices", self.folder, "--layer=0"], "--layer is for timeline"),
                                (["timeline", self.folder, "--out=/nonexistent/a.png"],
                                 "/nonexistent"),
                                (["timeline", self.folder, f"--out={self.folder}"], "is a folder"),
                                (["timeline", self.folder, "--width=wide"], "column or page")):
            with self.subTest(arguments=arguments):
                self.check_refused(self.plot(*arguments), word)

    @unittest.skipUnless(has_matplotlib(), "matplotlib (python3-matplotlib) is not installed")
    def test_an_ending_that_is_no_format_is_refused(self):
        for form in ("xyz", "jpg", "eps"):  # matplotlib knows the last two
            for option in (f"--out=plot.{form}", f"--format={form}"):
                self.check_refused(self.plot("timeline", self.folder, option), option,
                                   "must be png, pdf or svg")

    @unittest.skipUnless(has_matplotlib(), "matplotlib (python3-matplotlib) is not installed")
    def test_a_refusal_leaves_no_file_and_the_old_one_as_it_was(self):
        folder = self.copy(seed=1)
        out = folder / "plot.png"
        out.write_bytes(b"before")
        names = {path.name for path in folder.iterdir()}
        (folder / "timeline.csv").write_text("rank\n", encoding="utf-8")
        for words in (["timeline"], ["matrices", "--decision=99"], ["matrices", "--format=xyz"]):
            self.check_refused(self.plot(words[0], folder, *words[1:], f"--out={out}"))
        self.assertEqual({path.name for path in folder.iterdir()}, names)
        self.assertEqual(out.read_bytes(), b"before")

    def copy(self, **summary):
        """A copy of the results with changes to the summary, which is taken away without any."""
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        folder = Path(holder.name) / "copy"
        shutil.copytree(self.folder, folder)
        path = folder / "summary.json"
        text = json.loads(path.read_text(encoding="utf-8"))
        path.unlink()
        if summary:
            path.write_text(json.dumps({**text, **summary}), encoding="utf-8")
        return folder

    @unittest.skipUnless(has_matplotlib(), "matplotlib (python3-matplotlib) is not installed")
    def test_results_that_are_not_complete_are_marked(self):
        for summary, note in (({"seed": 1}, None), ({}, "there is no summary.json"),
                              ({"complete": False}, "not complete"),
                              ({"complete": False, "problems": ["it was dark"]}, "it was dark")):
            for what in ("timeline", "matrices"):
                with self.subTest(summary=summary, what=what):
                    out = self.copy(**summary) / "plot.svg"
                    result = self.plot(what, out.parent, f"--out={out}")
                    self.assertEqual((result.returncode, result.stderr), (0, ""))
                    text = out.read_text(encoding="utf-8")
                    self.assertEqual("not complete" in text, note is not None)
                    self.assertIn(note or "", text)

    def test_tables_left_over_from_another_run_are_refused(self):
        folder = self.copy(program="training-traffic")
        self.check_refused(self.plot("matrices", folder), "left over", "training-traffic")

    def test_a_broken_summary_is_refused(self):
        folder = self.copy(seed=1)
        for text in ("", "[]", "{"):
            with self.subTest(text=text):
                (folder / "summary.json").write_text(text, encoding="utf-8")
                self.check_refused(self.plot("timeline", folder), "summary.json")

    def test_broken_tables_are_refused_with_the_place(self):
        folder = self.copy(seed=1)
        path = folder / "timeline.csv"
        lines = path.read_text(encoding="utf-8").splitlines()
        for number, old, new, *words in (
                (0, "layer", "floor", "no column layer"), (0, "rank,", "", "no column rank"),
                (1, "0,", "zero,", "line 2", "rank is 'zero'", "a whole number"),
                (2, ",", ";", "line 3", "values")):
            with self.subTest(new=new):
                changed = list(lines)
                changed[number] = changed[number].replace(old, new, 1)
                path.write_text("\n".join(changed) + "\n", encoding="utf-8")
                self.check_refused(self.plot("timeline", folder), "timeline.csv", *words)
        path.write_bytes(b"\xff\xfe\x00")
        self.check_refused(self.plot("timeline", folder), "timeline.csv")

    @unittest.skipUnless(has_matplotlib(), "matplotlib (python3-matplotlib) is not installed")
    def test_a_line_that_is_being_written_is_left_out(self):
        folder = self.copy()
        path = folder / "timeline.csv"
        path.write_text(path.read_text(encoding="utf-8") + "0,dispa", encoding="utf-8")
        result = self.plot("timeline", folder)
        self.assertEqual((result.returncode, result.stderr), (0, ""))


class Waiting(unittest.TestCase):
    """The timeline tells waiting from communication."""

    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = Path(temporary.name) / "results"
        path = write_model(Path(temporary.name))
        result = run_program("mixnet-training", f"--model={path}", "--layers=2", "--mtu=16000",
                             "--reconfigurationDelay=1ms", f"--output={cls.folder}")
        assert result.returncode == 0, result.stderr
        cls.rows = result_tables.read_rows(cls.folder, "timeline.csv")
        cls.of_phase = {}
        for row in cls.rows:
            if row["name"] in ("dispatch", "combine"):
                key = (row["name"], row["direction"], row["recompute"], str(row["layer"]))
                cls.of_phase.setdefault(key, []).append(row)

    @unittest.skipUnless(has_matplotlib(), "matplotlib (python3-matplotlib) is not installed")
    def test_the_first_layer_that_there_is_is_drawn(self):
        out = self.folder / "timeline.svg"
        result = run_plot("timeline", self.folder, f"--out={out}")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        text = out.read_text(encoding="utf-8")
        for words in ("layer 3, microbatch 0", "forward", "backward", "exposed reconfiguration",
                      "straggler wait", "blackout", "OCS"):
            self.assertIn(words, text)

    def test_a_dense_layer_is_refused(self):
        result = run_plot("timeline", self.folder, "--layer=0")
        self.assertEqual((result.returncode, len(result.stderr.splitlines())), (1, 1))
        self.assertIn("there is 3 to 4", result.stderr)

    def test_waiting_for_circuits_is_what_phases_csv_says(self):
        self.assertTrue(self.of_phase)
        exposed = {(row["name"], row["direction"], row["recompute"], row["layer"]):
                   float(row["exposedSeconds"]) for row in read_rows(self.folder / "phases.csv")}
        for key, rows in self.of_phase.items():
            self.assertEqual(max(row["exposedSeconds"] for row in rows), exposed[key], key)
        self.assertGreater(max(exposed.values()), 0)

    def test_waiting_for_slower_ranks_is_until_one_of_them_begins(self):
        for key, rows in self.of_phase.items():
            begins = [row["beginSeconds"] for row in rows]
            for row in rows:
                differences = [max(0, begin - row["beginSeconds"]) for begin in begins]
                nearest = min(differences, key=lambda d, r=row: abs(d - r["stragglerSeconds"]))
                self.assertAlmostEqual(row["stragglerSeconds"], nearest, delta=1e-11, msg=str(key))
        # A combine begins when the rank's own experts are through: the hottest is waited for.
        combines = [row for key, rows in self.of_phase.items() for row in rows
                    if key[:2] == ("combine", "forward")]
        self.assertGreater(max(row["stragglerSeconds"] for row in combines), 0)

    def test_bars_of_a_rank_leave_no_gap_and_do_not_overlap(self):
        bars = [bar for part in group.bars_of(self.rows).values() for bar in part]
        for rank in {bar.rank for bar in bars if bar.rank >= 0}:
            end = 0.0
            for bar in sorted((bar for bar in bars if bar.rank == rank and bar.end > bar.begin),
                              key=lambda bar: bar.begin):
                self.assertAlmostEqual(bar.begin, end, delta=1e-11, msg=str(bar))
                end = bar.end
            self.assertAlmostEqual(end, max(row["endSeconds"] for row in self.rows
                                            if row["rank"] == rank), delta=1e-11)

    def test_bars_by_hand(self):
        # A rank gates until 1 ms; at 2 ms all have, and circuits are dark until 27 ms. The rank
        # whose bytes come last begins 3 ms later, and they are there at 36 ms.
        common = {"rank": 0, "direction": "forward", "recompute": "false"}
        bars = group.bars_of([
            {**common, "name": "gating", "beginSeconds": 0.0, "endSeconds": 1.0,
             "exposedSeconds": 0.0, "stragglerSeconds": 0.0},
            {**common, "name": "dispatch", "beginSeconds": 27.0, "endSeconds": 36.0,
             "exposedSeconds": 25.0, "stragglerSeconds": 3.0}])
        self.assertEqual(sorted((bar.begin, bar.end, bar.name) for bar in bars[1]),
                         [(1, 2, "straggler wait"), (2, 27, "exposed reconfiguration"),
                          (27, 30, "straggler wait"), (30, 36, "dispatch")])


class JobPlots(unittest.TestCase):
    """Plots of a whole job agree with what the program says."""

    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = Path(temporary.name) / "results"
        path = write_model(Path(temporary.name))
        result = run_program("mixnet-training", f"--model={path}", "--gpus=128", "--iterations=3",
                             "--pipelineParallel=2", "--microbatches=4", "--fidelity=flow",
                             "--reconfigurationDelay=1ms", f"--output={cls.folder}")
        assert result.returncode == 0, result.stderr
        cls.summary = json.loads((cls.folder / "summary.json").read_text(encoding="utf-8"))

    def test_every_kind_of_time_has_its_name(self):
        self.assertEqual({*self.summary["timeSeconds"]}, {*job.TIMES})

    def test_pipeline_drain_is_what_the_summary_says(self):
        drain = job.drain_of(result_tables.read_rows(self.folder, "iterations.csv"))
        self.assertGreater(drain, 0)
        # Values in the table have 12 digits.
        self.assertAlmostEqual(drain / 3, self.summary["pipelineDrainSeconds"], delta=1e-9)

    @unittest.skipUnless(has_matplotlib(), "matplotlib (python3-matplotlib) is not installed")
    def test_its_plots_are_made_and_no_others(self):
        for what in ("gantt", "times"):
            result = run_plot(what, self.folder)
            self.assertEqual((result.returncode, result.stderr), (0, ""))
        result = run_plot("timeline", self.folder)
        self.assertEqual((result.returncode, len(result.stderr.splitlines())), (1, 1))
        self.assertIn("makes the plots gantt, times", result.stderr)


class RatePlots(unittest.TestCase):
    """Rates of flows become a figure; a file without any is refused in one line."""

    HEADER = "time_s,flow,source,destination,delivered_gbps,rate_gbps,window_bytes\n"

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)

    def plot(self, rows):
        """Runs plot.py on a file with these rows."""
        (self.folder / "rates.csv").write_text(self.HEADER + rows, encoding="utf-8")
        return run_plot("rates", self.folder)

    @unittest.skipUnless(has_matplotlib(), "matplotlib (python3-matplotlib) is not installed")
    def test_rates_are_drawn_with_and_without_windows_that_change(self):
        for second_window in (400000, 200000):
            with self.subTest(second_window=second_window):
                result = self.plot(
                    "0.001,0,0,2,390.5,400,400000\n0.001,1,1,2,0,400,400000\n"
                    f"0.002,0,0,2,195,200.5,{second_window}\n0.002,1,1,2,195,200,400000\n"
                )
                self.assertEqual(result.returncode, 0, result.stderr)
                image = (self.folder / "rates.png").read_bytes()
                self.assertTrue(image.startswith(PNG_SIGNATURE))

    def test_a_file_without_rows_is_refused(self):
        result = self.plot("")
        self.assertNotEqual(result.returncode, 0)
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        self.assertIn("rates.csv", result.stderr)


class TablePlots(unittest.TestCase):
    """Tables of training-traffic and of jobs become figures; without rows they are refused."""

    TABLES = {
        "volume.csv": "model,parallelism,sentBytes,sentPart,bufferBytes,bufferPart\n"
        "mixtral,TP,6,0.6,5,0.5\nmixtral,EP,3,0.3,4,0.4\nmixtral,DP,1,0.1,1,0.1\n"
        "qwen,TP,0,0,0,0\nqwen,EP,9,0.9,9,0.9\nqwen,PP,1,0.1,1,0.1\n",
        "gpu-matrix.csv": "fromGpu,toGpu,tpBytes,epBytes,dpBytes,ppBytes\n"
        "0,1,1000000,0,0,0\n1,0,1000000,5000,0,0\n1,2,0,0,7000,90\n",
        "load.csv": "iteration,layer,expert,tokens\n"
        "0,3,0,10\n0,3,1,30\n10,3,0,20\n10,3,1,20\n",
        "load-matrix.csv": "iteration,layer,sourceRank,expert,tokens\n"
        "0,3,0,0,4\n0,3,0,1,16\n0,3,1,0,6\n0,3,1,1,14\n",
        "gantt.csv": "iteration,stage,replica,chunk,microbatch,direction,beginSeconds,endSeconds\n"
        "0,0,0,0,0,forward,0,1\n0,1,0,0,0,forward,1,2\n0,1,0,0,0,backward,2,4\n"
        "0,0,0,0,0,backward,4,6\n",
        "iterations.csv": "iteration,seconds,computePathSeconds,computeMeanSeconds,"
        "bubblePathSeconds,bubbleMeanSeconds,pipelineDrainMeanSeconds\n0,2,2,1,0,1,0.5\n"
        "1,3,3,2,0,1,0.5\n",
        "layers.csv": "layer,expert,tokens\n0,0,10\n0,1,30\n1,0,25\n1,1,15\n",
    }

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        for name, text in self.TABLES.items():
            (self.folder / name).write_text(text, encoding="utf-8")

    def plot(self, what, *arguments):
        """Runs plot.py on the tables."""
        return run_plot(what, self.folder, *arguments)

    @unittest.skipUnless(has_matplotlib(), "matplotlib (python3-matplotlib) is not installed")
    def test_each_table_becomes_a_figure(self):
        for what in ("volume", "gpu-matrix", "load", "layers", "gantt", "times"):
            with self.subTest(what=what):
                result = self.plot(what)
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assertEqual(result.stderr, "")
                image = (self.folder / f"{what}.png").read_bytes()
                self.assertTrue(image.startswith(PNG_SIGNATURE))

    @unittest.skipUnless(has_matplotlib(), "matplotlib (python3-matplotlib) is not installed")
    def test_times_have_the_names_of_the_printed_table(self):
        out = self.folder / "times.svg"
        self.assertEqual(self.plot("times", f"--out={out}").returncode, 0)
        text = out.read_text(encoding="utf-8")
        for name in ("compute", "bubble", "pipeline drain"):
            self.assertIn(f">{name}</text>", text)

    @unittest.skipUnless(has_matplotlib(), "matplotlib (python3-matplotlib) is not installed")
    def test_many_experts_are_a_distribution_and_the_figure_says_so(self):
        experts = range(256)
        for name, head, begin in (("load.csv", "iteration,layer,expert,tokens", "{i},3,{e},{t}"),
                                  ("load-matrix.csv", "iteration,layer,sourceRank,expert,tokens",
                                   "{i},3,0,{e},{t}"),
                                  ("layers.csv", "layer,expert,tokens", "{i},{e},{t}")):
            lines = [begin.format(i=i, e=e, t=100 + e) for i in (0, 1) for e in experts]
            (self.folder / name).write_text("\n".join([head, *lines, ""]), encoding="utf-8")
        for what in ("load", "layers"):
            figure = probe(what, self.folder)
            self.assertIn("distribution over 256 experts", figure["above"])
            self.assertEqual([*figure["legend"]],
                             ["median", "middle half", "least to most", "even load"])
            self.assertEqual(len(figure["axes"][0]["lines"]), 2)

    @unittest.skipUnless(has_matplotlib(), "matplotlib (python3-matplotlib) is not installed")
    def test_many_gpus_are_drawn_as_servers_and_the_figure_says_so(self):
        lines = [f"{gpu},{(gpu + 1) % 1024},0,{1000000},0,0" for gpu in range(1024)]
        head = self.TABLES["gpu-matrix.csv"].splitlines()[0]
        (self.folder / "gpu-matrix.csv").write_text("\n".join([head, *lines, ""]),
                                                    encoding="utf-8")
        figure = probe("gpu-matrix", self.folder)
        self.assertIn("sums of servers of 8 GPUs", figure["above"])
        values = figure["axes"][0]["images"][0]["values"]
        self.assertEqual(len(values), 128)
        self.assertAlmostEqual(values[5][5], 7)  # MB: each GPU to the next, seven inside
        self.assertAlmostEqual(values[5][6], 1)

    def test_broken_graphs_are_refused(self):
        for text in ("", "[]", '{"ranks": 1, "tasks": []}', '{"ranks": 1, "tasks": [{"id": 1}]}'):
            (self.folder / "graph.json").write_text(text, encoding="utf-8")
            result = self.plot("graph")
            self.assertEqual((result.returncode, len(result.stderr.splitlines())), (1, 1))
            self.assertIn("graph.json", result.stderr)

    def test_pipeline_drain_is_part_of_the_last_bubble(self):
        # Ranks end the iterations 0.5 s and 0.2 s before the last rank; after the first one they
        # begin the second at once.
        rows = [{"iteration": 0, "seconds": 2.5, "computeMeanSeconds": 1.5,
                 "bubbleMeanSeconds": 1.0, "pipelineDrainMeanSeconds": 0.5},
                {"iteration": 1, "seconds": 3.2, "computeMeanSeconds": 3.0,
                 "bubbleMeanSeconds": 0.2, "pipelineDrainMeanSeconds": 0.2}]
        self.assertAlmostEqual(job.drain_of(rows), 0.2)

    def test_a_replica_or_an_iteration_that_is_not_there_is_refused(self):
        for option, words in (("--replica=2", "replica 2 of iteration 0"),
                              ("--iteration=5", "iteration 5")):
            result = self.plot("gantt", option)
            self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
            self.assertIn(words, result.stderr)
            self.assertIn("there is 0", result.stderr)

    def test_tables_of_two_runs_are_refused(self):
        path = self.folder / "load-matrix.csv"
        path.write_text(path.read_text(encoding="utf-8").replace(",3,", ",4,"), encoding="utf-8")
        result = self.plot("load")
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        self.assertIn("different runs", result.stderr)

    def test_tables_without_rows_are_refused(self):
        for what in ("volume", "gpu-matrix", "load", "layers", "gantt", "times"):
            with self.subTest(what=what):
                name = "iterations.csv" if what == "times" else f"{what}.csv"
                header = self.TABLES[name].splitlines()[0] + "\n"
                (self.folder / name).write_text(header, encoding="utf-8")
                result = self.plot(what)
                self.assertNotEqual(result.returncode, 0)
                self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
                self.assertIn(name, result.stderr)


if __name__ == "__main__":
    unittest.main()
