# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""What is in the figures of utils/plot.py: units, legends, sums, scales, widths, colours."""

import itertools
import json
import math
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parent))

from plot_case import (PLOT, PYTHONS, has_matplotlib, probe, read_rows, run_plot,  # noqa: E402
                       write_model)
from program import run_program  # noqa: E402

from plots import figures, group, job, traffic  # noqa: E402

STYLE = PLOT.parent / "mixnet.mplstyle"
SHADE = "#000000"  # of blackouts across ranks; it is no bar
COLUMN_INCHES, PAGE_INCHES = 3.33, 7.0


class LetterFigure:
    """What passes for a figure whose letters are an inch wide."""

    dpi = 1

    def __init__(self):
        self.canvas = mock.Mock()

    @staticmethod
    def text(_x, _y, words, **_looks):
        """A text of the figure."""
        extent = mock.Mock(width=len(words))
        return mock.Mock(get_window_extent=lambda _renderer: extent)


class Headings(unittest.TestCase):
    """Headings break where a reader pauses."""

    def test_at_commas_but_not_within_brackets(self):
        text = "model, 8 GPUs (EP 2, TP 4), mixnet (6 + 2 NICs), 400 Gb/s"
        self.assertEqual(figures.wrap(LetterFigure(), text, 32, 7.0),
                         ["model, 8 GPUs (EP 2, TP 4),", "mixnet (6 + 2 NICs), 400 Gb/s"])

    def test_at_blanks_where_there_are_no_commas(self):
        self.assertEqual(figures.wrap(LetterFigure(), "one two three", 8, 7.0),
                         ["one two", "three"])
        self.assertEqual(figures.wrap(LetterFigure(), "", 8, 7.0), [])


def bar_colours(figure):
    """The colours of all bars of a figure."""
    return {bar["colour"] for axis in figure["axes"] for bar in axis["bars"]
            if bar["width"] > 0 and bar["height"] > 0} - {SHADE}


@unittest.skipUnless(has_matplotlib(), "matplotlib (python3-matplotlib) is not installed")
class Figures(unittest.TestCase):
    """Figures of runs tell all that a reader has to know, and nothing twice."""

    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.root = Path(temporary.name)
        cls.runs = {}
        path = write_model(cls.root)
        for name, words in {
            "group": ["mixnet-training", "--model=mixtral-8x7b", "--layers=1", "--fidelity=flow"],
            "layers": ["mixnet-training", f"--model={path}", "--layers=2", "--fidelity=flow",
                       "--reconfigurationDelay=1ms"],
            "job": ["mixnet-training", f"--model={path}", "--gpus=128", "--iterations=2",
                    "--pipelineParallel=2", "--microbatches=4", "--fidelity=flow",
                    "--reconfigurationDelay=1ms"],
            "many": ["all-to-all", "--endpoints=8", "--bytes=1000000", "--rateInterval=10us"],
            "few": ["all-to-all", "--endpoints=2", "--bytes=1000000", "--rateInterval=10us"],
            "traffic": ["training-traffic", "--iterations=20"],
            "graph": ["training-graph", "--expertParallel=2", "--tensorParallel=1",
                      "--pipelineParallel=2", "--layers=2", "--microbatches=2"],
        }.items():
            result = run_program(*words, f"--output={cls.root / name}")
            assert result.returncode == 0, result.stderr
            cls.runs[name] = cls.root / name
        cls.kinds = {"timeline": "group", "matrices": "group", "gantt": "job", "times": "job",
                     "rates": "many", "volume": "traffic", "gpu-matrix": "traffic",
                     "load": "traffic", "layers": "traffic", "graph": "graph"}
        cls.figures = {what: probe(what, cls.runs[run]) for what, run in cls.kinds.items()}

    def summary(self, run):
        """The summary of a run."""
        return json.loads((self.runs[run] / "summary.json").read_text(encoding="utf-8"))

    def test_each_kind_names_model_fabric_and_rate(self):
        for what, words in {
            "timeline": ["mixtral-8x7b", "32 GPUs", "mixnet", "6 optical", "400 Gb/s",
                         "policy block", "allocator greedy"],
            "matrices": ["mixtral-8x7b", "mixnet", "400 Gb/s", "policy block", "allocator greedy"],
            "gantt": ["small", "128 GPUs", "mixnet", "400 Gb/s", "replica 0"],
            "times": ["small", "mixnet", "400 Gb/s"],
            "rates": ["fat-tree", "400 Gb/s", "56 flows", "uniform"],
            "gpu-matrix": ["mixtral-8x7b", "128 GPUs", "no network"],
            "load": ["mixtral-8x7b", "no network", "MoE layer 0"],
            "layers": ["mixtral-8x7b", "no network"],
            "graph": ["mixtral-8x7b", "4 GPUs", "no network"],
        }.items():
            for word in words:
                self.assertIn(word, self.figures[what]["above"], what)
        self.assertIn("mixtral-8x7b", self.figures["volume"]["axes"][0]["yticks"])
        self.assertNotIn("allocator", self.figures["rates"]["above"])  # no circuits to choose

    def test_each_axis_of_a_quantity_names_its_unit(self):
        for what, units in {"timeline": ["time, ms"], "gantt": ["time, "], "times": ["time, "],
                            "matrices": ["demand, MB"], "rates": ["time, ", "Gb/s"],
                            "volume": ["%"], "gpu-matrix": ["B per iteration"], "load": ["%"],
                            "layers": ["%"], "graph": ["time, s"]}.items():
            labels = " ".join(axis[side].replace("\n", " ") for axis in self.figures[what]["axes"]
                              for side in ("xlabel", "ylabel"))
            for unit in units:
                self.assertIn(unit, labels, what)

    def test_text_can_be_read_and_stays_inside(self):
        for what, figure in self.figures.items():
            self.assertGreaterEqual(figure["smallest"], 5.5, what)
            self.assertTrue(figure["inside"], what)
            self.assertAlmostEqual(figure["inches"][0], COLUMN_INCHES, msg=what)
            self.assertLess(figure["inches"][1], 9, what)

    def test_the_legend_has_every_colour_of_bars(self):
        for what in ("timeline", "gantt", "times", "volume"):
            colours = set(self.figures[what]["legend"].values())
            self.assertTrue(bar_colours(self.figures[what]), what)
            self.assertEqual(bar_colours(self.figures[what]) - colours, set(), what)

    def test_vector_files_are_as_wide_as_asked_for(self):
        cases = [("times", "column", COLUMN_INCHES),
                 *((what, "page", PAGE_INCHES) for what in self.kinds)]
        for what, width, inches in cases:
            out = self.root / f"{what}-{width}.pdf"
            result = run_plot(what, self.runs[self.kinds[what]], f"--width={width}",
                              f"--out={out}")
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            box = re.search(rb"/MediaBox \[ *0 0 ([0-9.]+)", out.read_bytes())
            self.assertAlmostEqual(float(box[1]) / 72, inches, delta=0.01, msg=what)
        result = run_plot("times", self.runs["job"], "--format=svg", "--width=page")
        self.assertEqual(result.returncode, 0, result.stderr)
        text = Path(result.stdout.strip()).read_text(encoding="utf-8")
        self.assertEqual(Path(result.stdout.strip()).suffix, ".svg")
        self.assertAlmostEqual(float(re.search(r'width="([0-9.]+)pt"', text)[1]) / 72, 7, 2)

    def test_equal_results_are_equal_bytes(self):
        for form in ("png", "pdf", "svg"):
            contents = set()
            for name in ("a", "b"):
                out = self.root / f"{name}.{form}"
                self.assertEqual(run_plot("gantt", self.runs["job"], f"--out={out}").returncode, 0)
                contents.add(out.read_bytes())
            self.assertEqual(len(contents), 1, form)

    def test_panels_of_a_timeline_share_the_scale_of_time(self):
        axes = probe("timeline", self.runs["layers"])["axes"]
        self.assertEqual([axis["title"].split(",")[0] for axis in axes], ["forward", "backward"])
        self.assertEqual(axes[0]["xlim"], axes[1]["xlim"])

    def test_a_timeline_has_no_empty_rows(self):
        for figure in (self.figures["timeline"], probe("timeline", self.runs["layers"])):
            for axis in figure["axes"]:
                rows = {round(bar["y"] + bar["height"] / 2, 6) for bar in axis["bars"]
                        if bar["colour"] != SHADE}
                self.assertEqual({round(place, 6) for place in axis["yplaces"]} - rows, set())

    def test_ranks_of_a_timeline_have_no_gaps(self):
        axis = self.figures["timeline"]["axes"][0]
        for place in axis["yplaces"][1:]:
            bars = sorted((bar["x"], bar["x"] + bar["width"]) for bar in axis["bars"]
                          if abs(bar["y"] + bar["height"] / 2 - place) < 1e-6)
            for (_, end), (begin, _) in zip(bars, bars[1:]):
                self.assertAlmostEqual(begin, end, delta=1e-6)

    def test_a_blackout_is_labelled_with_its_length(self):
        self.assertIn("blackout 25 ms", [t.strip() for t in self.figures["timeline"]["axes"][0]
                                         ["texts"]])

    def test_matrices_name_the_decision_and_count_circuits_in_steps(self):
        figure = self.figures["matrices"]
        self.assertIn("decision 0: layer 0, microbatch 0, forward", figure["above"])
        rows = [row for row in read_rows(self.runs["group"] / "circuits.csv")
                if row["decision"] == "0"]
        most = max(int(row["circuits"]) for row in rows)
        demand, circuits = figure["axes"][:2]
        self.assertEqual(circuits["images"][0]["colours"], most + 1)
        self.assertGreater(demand["images"][0]["colours"], 100)
        for row in rows:
            source, destination = int(row["fromHost"]), int(row["toHost"])
            self.assertEqual(circuits["images"][0]["values"][source][destination],
                             int(row["circuits"]))
            self.assertAlmostEqual(demand["images"][0]["values"][source][destination],
                                   int(row["demandBytes"]) * 1e-6)

    def test_many_flows_are_a_distribution_and_few_are_steps(self):
        self.assertEqual([*self.figures["rates"]["legend"]],
                         ["median", "middle half", "least to most"])
        self.assertIn("distribution over 56 flows", self.figures["rates"]["above"])
        few = probe("rates", self.runs["few"])
        self.assertEqual([*few["legend"]], ["flow 0: NIC 0 to 1", "flow 1: NIC 1 to 0"])
        for axis in few["axes"] + self.figures["rates"]["axes"]:
            self.assertEqual({line["steps"] for line in axis["lines"]}, {"steps-pre"})
        labels = [axis["ylabel"] for axis in few["axes"]]
        self.assertEqual(len(set(labels)), len(labels), "one quantity, one axis")

    def test_a_gantt_chart_has_blackouts_reduces_and_the_optimizer(self):
        figure = self.figures["gantt"]
        self.assertEqual({*figure["legend"]}, {"forward", "backward", "gradient all-reduces",
                                               "exposed reconfiguration", "optimizer"})
        factor, = (scale for unit, scale in (("time, s", 1), ("time, ms", 1e3))
                   if figure["axes"][0]["xlabel"] == unit)
        phases = [row for row in read_rows(self.runs["job"] / "phases.csv")
                  if row["iteration"] == "0" and row["replica"] == "0"]
        for name, seconds in (
                ("exposed reconfiguration", sum(float(row["exposedSeconds"]) for row in phases)),
                ("optimizer", sum(float(row["durationSeconds"]) for row in phases
                                  if row["name"] == "optimizer"))):
            drawn = sum(bar["width"] for bar in figure["axes"][0]["bars"]
                        if bar["colour"] == figure["legend"][name])
            self.assertAlmostEqual(drawn / factor, seconds, delta=1e-9)
            self.assertGreater(drawn, 0)

    def test_parts_of_times_add_up_to_the_summary(self):
        figure, summary = self.figures["times"], self.summary("job")
        factor, = (scale for unit, scale in (("time, s", 1), ("time, ms", 1e3))
                   if figure["axes"][0]["ylabel"] == unit)
        for axis, which in zip(figure["axes"], ("criticalPath", "mean")):
            whole = sum(bar["height"] for bar in axis["bars"]) / factor
            self.assertAlmostEqual(whole / summary["iterations"],
                                   summary["iterationTimeSeconds"], delta=1e-9)
            for kind, seconds in summary["timeSeconds"].items():
                colours = {figure["legend"].get(job.TIMES[kind])}
                drawn = sum(bar["height"] for bar in axis["bars"] if bar["colour"] in colours)
                self.assertAlmostEqual(drawn / factor / summary["iterations"], seconds[which],
                                       delta=1e-9, msg=kind)

    def test_times_have_the_names_of_the_table_of_the_program(self):
        names = {*self.figures["times"]["legend"]}
        self.assertLessEqual(names, {*job.TIMES.values(), "pipeline drain"})
        self.assertLessEqual({"compute", "straggler wait", "bubble", "pipeline drain"}, names)

    def test_gpu_matrices_share_a_scale_in_decades_and_show_servers(self):
        first, second, scale = self.figures["gpu-matrix"]["axes"]
        self.assertEqual(first["images"][0]["limits"], second["images"][0]["limits"])
        self.assertTrue(set(filter(None, scale["xticks"])) <= {
            "0.001", "0.01", "0.1", "1", "10", "100", "1000"}, scale["xticks"])
        for axis in (first, second):
            lines = [line for line in axis["lines"] if line["gid"] == "server"]
            self.assertEqual(len(lines), 2 * (128 // 8 - 1))
        rows = read_rows(self.runs["traffic"] / "gpu-matrix.csv")
        whole = sum(int(row["epBytes"]) for row in rows) * 1e-9
        drawn = sum(value or 0 for line in second["images"][0]["values"] for value in line)
        self.assertAlmostEqual(drawn / whole, 1, 9)

    def test_the_critical_path_is_marked_and_is_what_the_summary_says(self):
        figure, summary = self.figures["graph"], self.summary("graph")["freeCommunication"]
        line, = (line for line in figure["axes"][0]["lines"] if line["gid"] == "critical path")
        self.assertEqual(line["colour"], figure["legend"]["critical path"])
        self.assertAlmostEqual(line["x"][0], 0)
        self.assertAlmostEqual(line["x"][-1], summary["makespanSeconds"], delta=1e-9)
        lengths = [end - begin for begin, end in zip(line["x"][::2], line["x"][1::2])]
        self.assertAlmostEqual(sum(lengths), summary["pathSeconds"]["compute"], delta=1e-9)
        self.assertIn(f"{summary['tasksOnPath']} of {self.summary('graph')['tasks']} tasks",
                      figure["above"])


class Colours(unittest.TestCase):
    """Colours of one legend can be told apart, also by who sees no red or no green."""

    # Linear light as people without long, or middle, cones see it (Machado and others, 2009).
    SIGHTS = {"usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
              "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216),
                             (-0.003882, -0.048116, 1.051998)),
              "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413),
                               (-0.011820, 0.042940, 0.968881))}
    LEAST_DISTANCE = 9.0  # in CIE Lab; 2.3 is what can just be seen

    def lab(self, colour, sight):
        """A colour as CIE Lab coordinates."""
        parts = [int(colour[place:place + 2], 16) / 255 for place in (1, 3, 5)]
        light = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        seen = [min(1, max(0, sum(f * p for f, p in zip(row, light))))
                for row in self.SIGHTS[sight]]
        matrix = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
        white = (0.9505, 1.0, 1.089)
        x, y, z = ((v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116) for v in (
            sum(f * p for f, p in zip(row, seen)) / w for row, w in zip(matrix, white)))
        return 116 * y - 16, 500 * (x - y), 200 * (y - z)

    def test_colours_of_a_legend_can_be_told_apart(self):
        for name, colours in {
            "timeline": {figures.COLOURS[name] for name in group.PHASES.values()},
            "times": {figures.COLOURS[name] for name in job.TIMES.values()},
            "gantt": {colour for pair in job.GANTT_COLOURS.values() for colour in pair}
            | {job.OPTIMIZER_COLOUR, figures.COLOURS[job.REDUCE], figures.COLOURS[job.EXPOSED]},
            "volume": {*traffic.PARALLELISM_COLOURS.values()},
            "lines": {*figures.LINE_COLOURS},
        }.items():
            for sight in self.SIGHTS:
                for one, other in itertools.combinations(sorted(colours), 2):
                    distance = math.dist(self.lab(one, sight), self.lab(other, sight))
                    self.assertGreater(distance, self.LEAST_DISTANCE,
                                       f"{name}, {sight}: {one} and {other}")

    @unittest.skipUnless(has_matplotlib(), "matplotlib (python3-matplotlib) is not installed")
    def test_others_can_use_the_style(self):
        code = ("import matplotlib; matplotlib.use('Agg'); from matplotlib import pyplot as p; "
                f"p.style.use({str(STYLE)!r}); print(p.rcParams['figure.figsize'][0], "
                "p.rcParams['pdf.fonttype'], p.rcParams['axes.prop_cycle'].by_key()['color'][0])")
        for python in PYTHONS:
            result = subprocess.run([python, "-c", code], capture_output=True, text=True,
                                    check=False)
            if "No module" not in result.stderr:
                self.assertEqual(result.stdout.replace("#", "").split(),
                                 ["3.33", "42", "4477AA"], result.stderr)
                self.assertEqual(result.stderr, "")


if __name__ == "__main__":
    unittest.main()
