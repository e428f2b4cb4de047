# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Tests of utils/mixnet.py: tables of results as data frames, and runs beside each other."""

import json
import sys
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parent))

from python_case import SMALL, PythonTestCase, needs_pandas, read_rows  # noqa: E402

import mixnet  # noqa: E402


class Tables(PythonTestCase):
    """Tables as data frames."""

    def frames(self, folder, names):
        """Rows and types of tables of results, as a script with pandas has them."""
        text = self.script(f"""
import json, mixnet
run = mixnet.load({str(folder)!r})
print(json.dumps({{name: [json.loads(getattr(run, name).to_json(orient="records",
                                                               double_precision=15)),
                         [[repr(value) for value in column] for _, column
                          in getattr(run, name).items()],
                         [str(kind) for kind in getattr(run, name).dtypes]]
                  for name in {list(names)!r}}}))""")
        return json.loads(text)

    def check_tables(self, folder, names):
        """Data frames have what the files have: all columns and rows, values to the last digit."""
        for name, (rows, columns, kinds) in self.frames(folder, names).items():
            expected = read_rows(folder / f"{name}.csv")
            with self.subTest(name=name):
                self.assertEqual(len(rows), len(expected))
                self.assertGreater(len(rows), 0)
                self.assertEqual(list(rows[0]), list(expected[0]))
                for key, values, kind in zip(expected[0], columns, kinds):
                    wanted = [row[key] for row in expected]
                    types = {type(value) for value in wanted}
                    if types == {int}:
                        self.assertEqual((kind, [int(text) for text in values]),
                                         ("int64", wanted), key)
                    elif types == {bool}:
                        self.assertEqual((kind, values), ("bool", list(map(repr, wanted))), key)
                    elif types <= {int, float, type(None)}:
                        self.assertEqual(kind, "float64", key)
                        self.assertEqual([None if text == "nan" else float(text)
                                          for text in values], wanted, key)
                    else:
                        self.assertEqual((kind, values), ("object", list(map(repr, wanted))), key)

    @needs_pandas
    def test_frames_have_what_the_files_have(self):
        run = mixnet.run(fabric="mixnet", **SMALL)
        self.check_tables(run.folder, ("phases", "iterations", "gantt", "ports", "timeline",
                                       "circuits"))

    @needs_pandas
    def test_frames_of_flows_and_rates(self):
        run = mixnet.run("all-to-all", endpoints=3, hosts=4, bytes=300000, rate_interval="1us")
        self.check_tables(run.folder, ("flows", "rates"))
        with self.assertRaises(mixnet.RunError) as caught:
            mixnet.run("all-to-all", endpoints=3, hosts=4, bytes="100MB", fidelity="flow",
                       time_limit="100us")
        folder = caught.exception.run.folder
        self.assertIn(None, [row["endSeconds"] for row in read_rows(folder / "flows.csv")])
        self.check_tables(folder, ["flows"])

    @needs_pandas
    def test_frames_sum_up_to_the_summary(self):
        """Bytes and times of phases are those of the summary: one EP group, one iteration."""
        run = mixnet.run(output="out", fabric="mixnet", **SMALL)
        told = json.loads(self.script("""
import json, mixnet
run = mixnet.load("out")
phases = run.phases
print(json.dumps({"optical": int(phases.opticalBytes.sum()),
                  "dispatch": float(phases[phases.name.isin(["dispatch", "combine"])]
                                    .durationSeconds.sum()),
                  "iteration": float(run.iterations.seconds.mean()),
                  "end": float(run.timeline.endSeconds.max())}))"""))
        self.assertEqual(told["optical"], run.summary["opticalBytes"])
        self.assertAlmostEqual(told["dispatch"], run.summary["allToAllSeconds"], places=11)
        self.assertAlmostEqual(told["iteration"], run.summary["iterationTimeSeconds"], places=11)
        self.assertAlmostEqual(told["end"], run.summary["iterationTimeSeconds"], places=11)

    @needs_pandas
    def test_frames_are_read_when_they_are_asked_for_and_once(self):
        text = self.script(f"""
import sys, mixnet
run = mixnet.run(**{SMALL!r})
print("pandas" in sys.modules)
print(run.phases is run.phases, run.table("phases") is run.phases, "pandas" in sys.modules)
phases = run.phases
del run
print(len(phases) > 0)""")
        self.assertEqual(text.split(), ["False", "True", "True", "True", "True"])

    def test_a_table_that_a_run_does_not_have_is_named(self):
        run = mixnet.run(fabric="ideal-switch", **SMALL)
        self.assertFalse(hasattr(run, "flows"))
        error = self.refusal(AttributeError, lambda: run.flows)
        self.assertIn("flows.csv, as all-to-all writes it", str(error))
        self.assertIn("phases", str(error))
        self.assertIn("nonsense.csv", str(self.refusal(mixnet.RunError, run.table, "nonsense")))
        graph = mixnet.run("training-graph", output="graph")
        self.assertEqual(graph.tables, ())
        self.assertIn("no tables", str(self.refusal(AttributeError, lambda: graph.phases)))

    @needs_pandas
    def test_a_table_whose_file_is_gone_is_an_error(self):
        mixnet.run(output="out", **SMALL)
        text = self.script("""
import mixnet
run = mixnet.load("out")
(run.folder / "phases.csv").unlink()
try:
    run.phases
except mixnet.RunError as error:
    print(error)""")
        self.assertRegex(text, r"^.*/out/phases\.csv: cannot be read: .*No such file.*\n$")

    def test_without_pandas_all_but_tables_is_there(self):
        run = mixnet.run(fabric="ideal-switch", **SMALL)
        with mock.patch.dict(sys.modules, pandas=None):
            for function in (lambda: run.phases, lambda: mixnet.table([run])):
                self.assertIn("python3-pandas", str(self.refusal(ImportError, function)))

    @needs_pandas
    def test_other_programs_have_their_tables_by_name(self):
        run = mixnet.run("training-traffic", iterations=20, output="traffic")
        self.assertIn("gpu-matrix", run.tables)
        text = self.script("import mixnet; "
                           "print(*mixnet.load('traffic').table('gpu-matrix').columns)")
        self.assertEqual(text.split(), list(read_rows(run.folder / "gpu-matrix.csv")[0]))

    @needs_pandas
    def test_runs_are_compared_by_what_differs(self):
        folders = [str(run.folder) for run in mixnet.sweep(
            fabric=["mixnet", "fat-tree"], mtu=[None], seed=[1, 2], output="sweep", **SMALL)]
        text = self.script(f"""
import json, mixnet
runs = [mixnet.load(folder) for folder in {folders!r}]
print(json.dumps([json.loads(frame.to_json(orient="split", double_precision=15)) for frame in (
    mixnet.table(runs), mixnet.table(iter(runs), results=["allToAllShare"]), mixnet.table([]),
    mixnet.table(runs[:1]))]))
try:
    mixnet.table(runs, ["nonsense"])
except mixnet.RunError as error:
    print(error)""")
        frames, refusal = text.splitlines()
        whole, chosen, empty, one = json.loads(frames)
        runs = [mixnet.load(folder) for folder in folders]
        results = list(mixnet.RESULTS["mixnet-training"])
        self.assertEqual(whole["columns"], ["fabric", "seed", *results])
        self.assertEqual(whole["index"], [0, 1, 2, 3])
        for row, run in zip(whole["data"], runs):
            self.assertEqual(row[:2], [run.options["fabric"], int(run.options["seed"])])
            for value, key in zip(row[2:], results):
                self.assertAlmostEqual(value, run.summary[key], delta=1e-12 * abs(value), msg=key)
        self.assertEqual(chosen["columns"], ["fabric", "seed", "allToAllShare"])
        self.assertEqual(empty["data"], [])
        self.assertEqual(one["columns"], results)
        self.assertEqual(refusal, "no summary has nonsense")

    @needs_pandas
    def test_runs_of_several_programs_are_compared(self):
        mixnet.run(output="a", **SMALL)
        mixnet.run("all-to-all", output="b", endpoints=2, hosts=2, fidelity="flow")
        columns = self.script("import mixnet; print(*mixnet.table("
                              "[mixnet.load('a'), mixnet.load('b')]).columns)").split()
        self.assertEqual(columns[0], "program")
        for keys in mixnet.RESULTS.values():
            self.assertLess(set(keys), set(columns))

    @needs_pandas
    def test_arrays_are_lists(self):
        text = self.script(f"""
import mixnet, pandas
runs = mixnet.sweep(skew=pandas.Series([0.25, 0.5]), fabric="ideal-switch", **{SMALL!r})
one = mixnet.run(seed=pandas.Series([3]).iloc[0], fabric="ideal-switch", **{SMALL!r})
print(*(run.options["skew"] for run in runs), one.options["seed"])""")
        self.assertEqual(text.split(), ["0.25", "0.5", "3"])


if __name__ == "__main__":
    unittest.main()
