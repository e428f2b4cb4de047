# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Tests of utils/mixnet.py: runs, sweeps and tables from Python, and the notebook."""

import csv
import gc
import importlib.util
import json
import os
import re
import shlex
import subprocess
import sys
import time
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parent))

import program  # noqa: E402
import program_case  # noqa: E402

import mixnet  # noqa: E402
from commands import Outcome  # noqa: E402

UTILS = program.ROOT / "utils"
NOTEBOOK = program.ROOT / "examples" / "first-look.ipynb"
PYTHONS = (sys.executable, "/usr/bin/python3")
SMALL = {"model": "mixtral-8x7b", "layers": 1, "fidelity": "flow"}  # some tenths of a second
VARYING = {"wallSeconds", "setupWallSeconds", "eventsPerWallSecond", "peakMemoryBytes",
           "dataPacketHopsPerSecond"}


def python_with(*modules):
    """The Python that has modules: this one, or the system's; None where neither has."""
    for python in PYTHONS:
        if Path(python).exists() and subprocess.run(
                [python, "-c", f"import {', '.join(modules)}"], capture_output=True, check=False,
                timeout=program.HANG_SECONDS).returncode == 0:
            return python
    return None


PANDAS = python_with("pandas")
needs_pandas = unittest.skipUnless(PANDAS, "pandas is missing (python3-pandas)")


def read_rows(path):
    """The rows of a table, each value as the type that its text has."""
    def value(text):
        for kind in (int, float):
            try:
                return kind(text)
            except ValueError:
                pass
        return {"true": True, "false": False, "": None}.get(text, text)

    with path.open(newline="", encoding="utf-8") as file:
        return [{key: value(text) for key, text in row.items()} for row in csv.DictReader(file)]


def without_what_varies(summary):
    """A summary without what two runs with the same options differ in."""
    options = {key: value for key, value in summary["options"].items() if key != "output"}
    return {**{key: value for key, value in summary.items() if key not in VARYING},
            "options": options}


class PythonTestCase(program_case.FolderTestCase):
    """Runs from this Python, in a folder of its own."""

    def setUp(self):
        super().setUp()
        before = os.getcwd()
        self.addCleanup(os.chdir, before)
        os.chdir(self.folder)
        if "MIXNET_NS3" not in os.environ:  # as ./test.py has it
            patch = mock.patch.dict(os.environ, MIXNET_NS3=str(program.tree().path))
            patch.start()
            self.addCleanup(patch.stop)

    def refusal(self, kind, function, *arguments, **keywords):
        """The error with which a call is refused: its text is one line."""
        with self.assertRaises(kind) as caught:
            function(*arguments, **keywords)
        self.assertEqual(len(str(caught.exception).splitlines()), 1, str(caught.exception))
        return caught.exception

    def script(self, text, python=None, path=str(UTILS)):
        """What a user's script prints; it is run in the folder of the test."""
        result = subprocess.run([python or PANDAS, "-W", "error", "-c", text], cwd=self.folder,
                                env={**os.environ, "PYTHONPATH": path,
                                     "PYTHONDONTWRITEBYTECODE": "1"},
                                stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                check=False, timeout=program.HANG_SECONDS)
        self.check_success(result)
        return result.stdout


class Runs(PythonTestCase):
    """One run: its summary, its files, its folder."""

    def test_a_run_is_that_of_the_program(self):
        run = mixnet.run(fabric="mixnet", **SMALL)
        result = program.run_program("mixnet-training", "--fabric=mixnet", "--model=mixtral-8x7b",
                                     "--layers=1", "--fidelity=flow", "--output=out",
                                     cwd=self.folder)
        self.check_success(result)
        summary = json.loads((self.folder / "out" / "summary.json").read_text(encoding="utf-8"))
        self.assertEqual(without_what_varies(run.summary), without_what_varies(summary))
        self.assertEqual(run.tables, tuple(sorted(
            path.stem for path in (self.folder / "out").glob("*.csv"))))
        for name in run.tables:
            self.assertEqual((run.folder / f"{name}.csv").read_bytes(),
                             (self.folder / "out" / f"{name}.csv").read_bytes(), name)

        def told(text):
            return [line for line in text.splitlines()
                    if not line.startswith(("simulated in", "results"))]
        self.assertEqual(told(run.output), told(result.stdout))
        self.assertEqual((run.program, run.notes), ("mixnet-training", ""))
        self.assertEqual(run.options["layers"], "1")

    def test_a_temporary_folder_lives_as_long_as_the_run(self):
        run = mixnet.run(fabric="ideal-switch", **SMALL)
        folder = run.folder
        self.assertTrue((folder / "summary.json").is_file())
        self.assertNotIn(self.folder, folder.parents)
        del run
        gc.collect()
        self.assertFalse(folder.exists())
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_results_of_a_script_that_ends_are_removed(self):
        folder = self.script(f"import mixnet; print(mixnet.run(**{SMALL!r}).folder)",
                             sys.executable).strip()
        kept = self.script(f"import mixnet; run = mixnet.run(**{SMALL!r}); print(run.folder)",
                           sys.executable).strip()
        for path in (folder, kept):
            self.assertTrue(path)
            self.assertFalse(Path(path).exists())

    def test_a_folder_that_is_given_stays_and_is_relative_to_the_callers(self):
        run = mixnet.run(output="results of mine", **SMALL)
        folder = self.folder / "results of mine"
        self.assertEqual(run.folder, folder)
        os.chdir("/")
        self.assertEqual(mixnet.load(folder).summary, run.summary)
        del run
        gc.collect()
        self.assertTrue((folder / "summary.json").is_file())

    def test_the_callers_folder_is_that_of_relative_paths_and_stays(self):
        (self.folder / "two.flows").write_text("0 1 1000000\n1 0 2000000\n", encoding="utf-8")
        run = mixnet.run("all-to-all", flows="two.flows", hosts=2, fidelity="flow")
        self.assertEqual(run.summary["flows"], 2)
        self.assertEqual(Path.cwd(), self.folder)
        self.assertEqual([path.name for path in self.folder.iterdir()], ["two.flows"])

    def test_options_have_either_spelling_and_values_of_python(self):
        for keywords, name, text in (
            ({"link_rate": "200Gb/s"}, "linkRate", "200Gb/s"),
            ({"linkRate": "200Gb/s"}, "linkRate", "200Gb/s"),
            ({"backward": False}, "backward", "no"),
            ({"recompute": True}, "recompute", "yes"),
            ({"skew": 0.25}, "skew", "0.25"),
            ({"layers": 2}, "layers", "2"),
            ({"seed": None}, "seed", "1"),
            ({"model": Path("mixtral-8x7b")}, "model", "mixtral-8x7b"),
            ({"RngRun": 2}, "RngRun", "2"),
        ):
            with self.subTest(keywords=keywords):
                run = mixnet.run(**{**SMALL, "fabric": "ideal-switch", **keywords})
                self.assertEqual(run.summary["options"][name], text)

    def test_settings_of_ns3_have_their_own_names(self):
        name = "ns3::mixnet::RdmaNic::AckInterval"
        run = mixnet.run("all-to-all", endpoints=2, hosts=2, bytes="100kB", attributes={name: 32})
        self.assertEqual(run.options[name], "32")

    def test_lists_have_commas(self):
        run = mixnet.run("all-to-all", endpoints=2, hosts=2, bytes=10000, pcap="captures",
                         pcap_ports=["host0/0", "host1/0"])
        self.assertEqual(run.options["pcapPorts"], "host0/0,host1/0")
        self.assertEqual(len(list((self.folder / "captures").iterdir())), 2)

    def test_what_it_says_beside_results_is_in_notes(self):
        (self.folder / "some.json").write_text('{"policy": "reuse"}', encoding="utf-8")
        runs = mixnet.sweep(config="some.json", fabric=["mixnet", "fat-tree"], **SMALL)
        self.assertEqual([run.summary["droppedOptions"] for run in runs], [[], ["--policy=reuse"]])
        self.assertEqual([len(run.notes.splitlines()) for run in runs], [0, 1])
        self.assertIn("--policy=reuse", runs[1].notes)

    def test_equal_calls_have_equal_results(self):
        first, second = (mixnet.run(**SMALL) for _ in range(2))
        self.assertNotEqual(first.folder, second.folder)
        self.assertEqual(without_what_varies(first.summary), without_what_varies(second.summary))
        for name in first.tables:
            self.assertEqual((first.folder / f"{name}.csv").read_bytes(),
                             (second.folder / f"{name}.csv").read_bytes(), name)

    def test_a_command_repeats_the_run(self):
        run = mixnet.run(output="a folder", expert_load=None, **SMALL)
        words = shlex.split(run.command)
        self.assertEqual(words, [str(program.ROOT / "ns3"), "run", "mixnet-training",
                                 "--model=mixtral-8x7b", "--layers=1", "--fidelity=flow",
                                 f"--output={self.folder / 'a folder'}"])
        before = run.summary
        self.check_success(program.run_program(*words[2:], cwd=self.folder))
        self.assertEqual(without_what_varies(mixnet.load("a folder").summary),
                         without_what_varies(before))
        os.chdir(program.ROOT)
        self.assertEqual(shlex.split(mixnet.run(**SMALL).command)[0], "./ns3")


class Loads(PythonTestCase):
    """Results of an earlier run."""

    def test_an_earlier_run_is_as_it_was(self):
        run = mixnet.run(output="out", **SMALL)
        again = mixnet.load("out")
        self.assertEqual((again.summary, again.tables, again.folder, again.program),
                         (run.summary, run.tables, run.folder, run.program))
        self.assertEqual(again.output, "")
        before = {path.name: path.read_bytes() for path in (self.folder / "out").glob("*.csv")}
        self.check_success(program.run_program(*shlex.split(again.command)[2:], cwd=self.folder))
        for name, content in before.items():
            self.assertEqual((self.folder / "out" / name).read_bytes(), content, name)

    def test_what_has_no_results_is_refused(self):
        (self.folder / "file").touch()
        for folder, words in (("nothing", "no such folder"), ("file", "is a file"),
                              (self.folder, "has no summary.json")):
            with self.subTest(folder=folder):
                self.assertIn(words, str(self.refusal(mixnet.RunError, mixnet.load, folder)))
        (self.folder / "summary.json").write_text("{", encoding="utf-8")
        self.assertIn("is not JSON",
                      str(self.refusal(mixnet.RunError, mixnet.load, self.folder)))


class Refusals(PythonTestCase):
    """What cannot be run is an error with one line."""

    def test_the_program_has_the_word(self):
        for keywords, arguments in (
            ({"link_rat": 1}, ["--linkRat=1"]),
            ({"fabric": "fat-tree", "oversubscription": 8},
             ["--fabric=fat-tree", "--oversubscription=8"]),
            ({"layers": 0.5}, ["--layers=0.5"]),
            ({"model": "nonsense"}, ["--model=nonsense"]),
            ({"attributes": {"ns3::mixnet::Nonsense::X": 1}}, ["--ns3::mixnet::Nonsense::X=1"]),
        ):
            with self.subTest(keywords=keywords):
                error = self.refusal(mixnet.RunError, mixnet.run, **keywords)
                result = program.run_program("mixnet-training", *arguments, "--output=out",
                                             cwd=self.folder)
                self.assertEqual(str(error), result.stderr.strip())
                self.assertEqual(shlex.split(error.command)[3:], arguments)
                self.assertIsNone(error.run)
        self.assertIn("did you mean --linkRate?",
                      str(self.refusal(mixnet.RunError, mixnet.run, link_rat=1)))

    def test_arguments_that_cannot_be_meant_are_refused_before_anything_runs(self):
        for kind, words, keywords in (
            (ValueError, "linkRate is given twice", {"link_rate": "1G", "linkRate": "2G"}),
            (ValueError, "is no name", {"attributes": {"a b": 1}}),
            (ValueError, "is no name", {"attributes": {"output=x --a": 1}}),
            (ValueError, "NUL", {"model": "a\0b"}),
            (TypeError, "layers is a set", {"layers": {1, 2}}),
            (TypeError, "layers is a dict", {"layers": {}}),
            (ValueError, "timeout is 0", {"timeout": 0}),
            (ValueError, "timeout is -1", {"timeout": -1}),
            (ValueError, "timeout is nan", {"timeout": float("nan")}),
            (ValueError, "timeout is inf", {"timeout": float("inf")}),
            (ValueError, "timeout is '1'", {"timeout": "1"}),
        ):
            with self.subTest(keywords=keywords), mock.patch.object(mixnet, "Programs") as never:
                self.assertIn(words, str(self.refusal(kind, mixnet.run, **keywords)))
                never.assert_not_called()

    def test_a_program_that_is_not_there_is_named(self):
        self.assertIn("no-such-program",
                      str(self.refusal(mixnet.RunError, mixnet.run, "no-such-program")))

    def test_waiting_has_an_end(self):
        start = time.monotonic()
        error = self.refusal(mixnet.RunError, mixnet.run, "all-to-all", bytes=10 ** 12,
                             timeout=0.5)
        self.assertIn("no end after 0.5 s", str(error))
        self.assertLess(time.monotonic() - start, program.HANG_SECONDS)

    def test_incomplete_results_are_an_error_that_has_them(self):
        error = self.refusal(mixnet.RunError, mixnet.run, "all-to-all", bytes="1MB",
                             fidelity="flow", time_limit="1us")
        self.assertIn("all-to-all: the results are not complete: ", str(error))
        self.assertIn(error.run.summary["problems"][0], str(error))
        self.assertFalse(error.run.summary["complete"])
        self.assertTrue((error.run.folder / "flows.csv").is_file())

    def test_a_summary_of_an_earlier_run_does_not_count(self):
        mixnet.run(output="out", **SMALL)
        error = self.refusal(mixnet.RunError, mixnet.run, output="out", link_rat=1)
        self.assertIn("unknown option", str(error))
        self.assertIsNone(error.run)
        self.assertTrue((self.folder / "out" / "summary.json").is_file())

    def test_a_file_of_somebody_else_stays(self):
        (self.folder / "out").mkdir()
        (self.folder / "out" / "summary.json").write_text("mine", encoding="utf-8")
        self.refusal(mixnet.RunError, mixnet.run, output="out", **SMALL)
        self.assertEqual((self.folder / "out" / "summary.json").read_text(), "mine")

    def test_a_run_that_fails_leaves_no_folder(self):
        folders = []
        make = mixnet.tempfile.mkdtemp
        with mock.patch.object(mixnet.tempfile, "mkdtemp",
                               lambda **more: folders.append(make(**more)) or folders[-1]):
            self.refusal(mixnet.RunError, mixnet.run, link_rat=1)
        self.assertEqual([Path(folder).exists() for folder in folders], [False])


class Preparation(PythonTestCase):
    """./ns3 builds a program once, in silence."""

    def prepare(self, outcome, *programs):
        """The commands that preparing programs runs, each with this outcome."""
        commands = []
        tree = program.tree()

        def capture(command, timeout):
            commands.append([str(word) for word in command])
            self.assertGreater(timeout, 0)
            return outcome

        with mock.patch.dict(os.environ), mock.patch.object(mixnet, "capture", capture), \
                mock.patch.object(mixnet, "PREPARED", set()), \
                mock.patch.object(mixnet.ns3_tree, "existing_tree", lambda _: tree):
            del os.environ["MIXNET_NS3"]
            for name in programs:
                mixnet.prepare(name)
        return commands

    def test_a_program_is_built_once(self):
        script = str(program.ROOT / "ns3")
        programs = ("all-to-all", "mixnet-training", "all-to-all")
        self.assertEqual(self.prepare(Outcome(0, ""), *programs),
                         [[sys.executable, script, "build", "all-to-all"],
                          [sys.executable, script, "build", "mixnet-training"]])

    def test_what_takes_minutes_is_announced(self):
        for name, texts in (("all-to-all", []), ("x", ["building x; that takes some minutes, "
                                                       "the first time only"])):
            with mock.patch.object(mixnet, "say") as say, \
                    mock.patch.object(mixnet, "program_names", lambda _: ["x"]):
                self.prepare(Outcome(0, ""), name)
            self.assertEqual([call[1][0] for call in say.mock_calls], texts)

    def test_why_it_could_not_be_built(self):
        with mock.patch("sys.stderr") as errors, \
                mock.patch.object(mixnet, "program_names", lambda _: ["x"]):
            error = self.refusal(mixnet.RunError, self.prepare, Outcome(
                1, "a.cc:1: error: no semicolon\n[mixnet] error: it could not be built\n"), "x")
        self.assertEqual(str(error), "x could not be built: it could not be built")
        self.assertIn("no semicolon", "".join(str(call) for call in errors.mock_calls))

    def test_a_program_that_does_not_exist_is_refused_before_anything_is_built(self):
        for name, hint in (("all-to-al", " Did you mean all-to-all?"), ("nothere", "")):
            expected = (f"there is no program called {name}.{hint} `./ns3 show targets` lists all.")
            with mock.patch.object(mixnet, "say") as never:
                error = self.refusal(mixnet.RunError, self.prepare, Outcome(0, ""), name)
            self.assertEqual(str(error), expected)
            never.assert_not_called()
            error = self.refusal(mixnet.RunError, mixnet.run, name)  # in a tree as it is
            self.assertEqual(str(error), expected)

    def test_a_named_tree_is_taken_as_it_is(self):
        with mock.patch.object(mixnet, "capture") as never:
            mixnet.prepare("all-to-all")
        never.assert_not_called()


class Sweeps(PythonTestCase):
    """Every combination of options."""

    def test_runs_are_the_product_in_its_order(self):
        runs = mixnet.sweep(fabric=["mixnet", "fat-tree"], link_rate=("200Gb/s", "400Gb/s"),
                            jobs=2, **SMALL)
        self.assertEqual([(run.options["fabric"], run.options["linkRate"]) for run in runs],
                         [("mixnet", "200Gb/s"), ("mixnet", "400Gb/s"),
                          ("fat-tree", "200Gb/s"), ("fat-tree", "400Gb/s")])
        self.assertEqual({run.options["layers"] for run in runs}, {"1"})
        alone = mixnet.run(fabric="fat-tree", link_rate="200Gb/s", **SMALL)
        self.assertEqual(without_what_varies(runs[2].summary), without_what_varies(alone.summary))

    def test_how_many_at_a_time_changes_nothing(self):
        def results(jobs):
            return [without_what_varies(run.summary) for run in mixnet.sweep(
                fabric="ideal-switch", seed=range(1, 4), jobs=jobs, **SMALL)]

        self.assertEqual(results(1), results(3))

    def test_folders_are_numbered(self):
        runs = mixnet.sweep(seed=range(1, 12), fabric="ideal-switch", output="sweep", **SMALL)
        self.assertEqual([run.folder for run in runs],
                         [self.folder / "sweep" / f"{number:02d}" for number in range(11)])
        self.assertEqual([mixnet.load(run.folder).options["seed"] for run in runs],
                         [str(seed) for seed in range(1, 12)])

    def test_settings_of_ns3_vary_too(self):
        name = "ns3::mixnet::RdmaNic::AckInterval"
        runs = mixnet.sweep("all-to-all", endpoints=2, hosts=2, bytes="100kB",
                            attributes={name: [16, 32]})
        self.assertEqual([run.options[name] for run in runs], ["16", "32"])

    def test_a_folder_that_cannot_be_made_is_an_error(self):
        (self.folder / "file").touch()
        error = self.refusal(mixnet.RunError, mixnet.sweep, output="file", seed=[1, 2], **SMALL)
        self.assertIn("file/0", str(error))

    def test_without_a_list_it_is_one_run(self):
        self.assertEqual(len(mixnet.sweep(fabric="ideal-switch", **SMALL)), 1)

    def test_an_error_tells_of_which_run(self):
        error = self.refusal(mixnet.RunError, mixnet.sweep, fabric=["mixnet", "fat-tree"],
                             reconfiguration_delay="10us", **SMALL)
        self.assertRegex(str(error), r"^mixnet-training: option --reconfigurationDelay=10us: .* "
                                     r"\(with fabric=fat-tree\)$")
        self.assertIn("--fabric=fat-tree", error.command)

    def test_what_is_no_sweep_is_refused_before_anything_runs(self):
        for kind, words, keywords in (
            (ValueError, "layers has no values", {"layers": []}),
            (TypeError, "layers is a set", {"layers": [{1}]}),
            (ValueError, "jobs is 0", {"jobs": 0}),
            (ValueError, "jobs is 1.5", {"jobs": 1.5}),
            (ValueError, "jobs is True", {"jobs": True}),
            (ValueError, "timeout is 0", {"timeout": 0}),
        ):
            with self.subTest(keywords=keywords), mock.patch.object(mixnet, "Programs") as never:
                self.assertIn(words, str(self.refusal(kind, mixnet.sweep, **keywords)))
                never.assert_not_called()


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


class Names(unittest.TestCase):
    """Options by the names that programs have."""

    def test_snake_case_becomes_camel_case(self):
        for given, name in (("link_rate", "linkRate"), ("linkRate", "linkRate"), ("mtu", "mtu"),
                            ("all_to_all_efficiency", "allToAllEfficiency"),
                            ("RngRun", "RngRun"), ("list_", "list")):
            self.assertEqual(mixnet.option_name(given), name)

    def test_every_option_has_such_a_name(self):
        """No option of a program is called as an argument of run() or sweep(), but output."""
        ours = {"program", "timeout", "attributes", "jobs"}
        for name in ("mixnet-training", "all-to-all", "training-graph", "training-traffic"):
            options = list(program.options_of(name))
            self.assertGreater(len(options), 5)
            self.assertFalse(ours & set(options))
            for option in options:
                snake = re.sub(r"[A-Z]", lambda match: "_" + match[0].lower(), option)
                self.assertEqual(mixnet.option_name(snake), option)


class Imports(PythonTestCase):
    """Each form of importing it."""

    def test_both_ways_and_from_another_folder(self):
        for text, path in (
            ("import mixnet", str(UTILS)),
            (f"import os, sys; os.chdir({str(program.ROOT)!r}); sys.path.insert(0, 'utils'); "
             f"import mixnet; os.chdir({str(self.folder)!r})", ""),
        ):
            with self.subTest(text=text):
                printed = self.script(f"{text}; print(mixnet.run(**{SMALL!r}).summary['complete'])",
                                      sys.executable, path)
                self.assertEqual(printed, "True\n")


class Notebook(PythonTestCase):
    """examples/first-look.ipynb is small, plain, and runs."""

    def setUp(self):
        super().setUp()
        self.notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))

    def test_it_is_a_notebook_without_outputs(self):
        self.assertEqual(self.notebook["nbformat"], 4)
        cells = self.notebook["cells"]
        self.assertLessEqual(len(cells), 10)
        self.assertEqual(len({cell["id"] for cell in cells}), len(cells))
        for cell in cells:
            self.assertIn(cell["cell_type"], ("code", "markdown"))
            if cell["cell_type"] == "code":
                self.assertEqual((cell["outputs"], cell["execution_count"]), ([], None))
                compile("".join(cell["source"]), NOTEBOOK.name, "exec")

    @unittest.skipUnless(program.FULL, "the notebook is run by ./test.py --full")
    def test_every_cell_runs(self):
        python = python_with("nbconvert", "ipykernel", "pandas", "matplotlib")
        if python is None:
            self.skipTest("nbconvert, ipykernel, pandas or matplotlib is missing (packages "
                          "python3-nbconvert python3-ipykernel python3-pandas python3-matplotlib)")
        results = [self.execute(python, f"{number}.ipynb") for number in range(2)]
        for cells in results:
            texts = "".join(str(output) for cell in cells for output in cell["outputs"])
            for words in ("mixnet", "fat-tree", "iterationTimeSeconds", "image/png"):
                self.assertIn(words, texts)
        self.assertEqual(*([[output.get("data") for output in cell["outputs"]] for cell in cells]
                           for cells in results), "it shows the same each time")
        self.assertEqual(self.notebook, json.loads(NOTEBOOK.read_text(encoding="utf-8")))

    def execute(self, python, name):
        """The code cells of the notebook after a run."""
        if not (self.folder / "examples").exists():
            (self.folder / "examples").mkdir()
            (self.folder / "utils").symlink_to(UTILS)  # it stands beside that
        copy = self.folder / "examples" / NOTEBOOK.name
        copy.write_bytes(NOTEBOOK.read_bytes())
        result = subprocess.run(
            [python, "-m", "nbconvert", "--to=notebook", "--execute", f"--output={name}",
             "--ExecutePreprocessor.timeout=600", str(copy)],
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "HOME": str(self.folder),
                 "MPLCONFIGDIR": str(self.folder)},
            cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
            timeout=program.HANG_SECONDS)
        self.assertEqual(result.returncode, 0, result.stderr[-3000:])
        notebook = json.loads((self.folder / "examples" / name).read_text(encoding="utf-8"))
        return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


if __name__ == "__main__":
    unittest.main()
