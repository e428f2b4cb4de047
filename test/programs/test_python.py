# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Tests of utils/mixnet.py: runs and sweeps from Python, and the notebook."""

import gc
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
from python_case import SMALL, UTILS, PythonTestCase, python_with, without_what_varies  # noqa: E402

import mixnet  # noqa: E402
from commands import Outcome  # noqa: E402

NOTEBOOK = program.ROOT / "examples" / "first-look.ipynb"


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
