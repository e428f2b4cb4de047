# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Tests of utils/plot.py on the results of a small run."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import program  # noqa: E402
from program import run_program  # noqa: E402

PLOT = Path(__file__).resolve().parents[2] / "utils" / "plot.py"
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PYTHONS = (sys.executable, "/usr/bin/python3")


def has_matplotlib() -> bool:
    """Whether plot.py can find matplotlib: in this Python, or in the system's."""
    return any(
        Path(python).exists()
        and subprocess.run([python, "-c", "import matplotlib"], capture_output=True).returncode == 0
        for python in PYTHONS
    )


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
        return subprocess.run(
            [sys.executable, str(PLOT), *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=program.HANG_SECONDS,
        )

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

    def test_a_layer_that_was_not_trained_is_refused(self):
        self.check_refused(self.plot("timeline", self.folder, "--layer=7"), "layer 7")

    def test_a_decision_that_was_not_made_is_refused(self):
        self.check_refused(self.plot("matrices", self.folder, "--decision=99"), "decision 99")

    def test_a_folder_without_results_is_refused(self):
        nowhere = self.folder / "nowhere"
        self.check_refused(self.plot("timeline", nowhere), "timeline.csv", "nowhere")


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
        return subprocess.run(
            [sys.executable, str(PLOT), "rates", str(self.folder)],
            capture_output=True,
            text=True,
            timeout=program.HANG_SECONDS,
        )

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
        "bubblePathSeconds,bubbleMeanSeconds\n0,2,2,1,0,1\n1,3,3,2,0,1\n",
        "layers.csv": "layer,expert,tokens\n0,0,10\n0,1,30\n1,0,25\n1,1,15\n",
    }

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        for name, text in self.TABLES.items():
            (self.folder / name).write_text(text, encoding="utf-8")

    def plot(self, what):
        """Runs plot.py on the tables."""
        return subprocess.run(
            [sys.executable, str(PLOT), what, str(self.folder)],
            capture_output=True,
            text=True,
            timeout=program.HANG_SECONDS,
        )

    @unittest.skipUnless(has_matplotlib(), "matplotlib (python3-matplotlib) is not installed")
    def test_each_table_becomes_a_figure(self):
        for what in ("volume", "gpu-matrix", "load", "layers", "gantt", "times"):
            with self.subTest(what=what):
                result = self.plot(what)
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assertEqual(result.stderr, "")
                image = (self.folder / f"{what}.png").read_bytes()
                self.assertTrue(image.startswith(PNG_SIGNATURE))

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
