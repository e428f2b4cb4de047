# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""
The entry points ./ns3 and ./test.py and what they are made of.

Nothing here needs the network. Tests that start ./ns3 use the tree that ./test.py prepared; all
others work in folders of their own.
"""

import importlib.machinery
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import threading
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parent))

import program  # noqa: E402  (makes utils/ importable)

import apt_sources  # noqa: E402
import doxygen_warnings  # noqa: E402
import google_tests  # noqa: E402
import ns3_source  # noqa: E402
import ns3_tests  # noqa: E402
import ns3_tree  # noqa: E402
import program_tests  # noqa: E402
import system_packages  # noqa: E402
import workspace as workspaces  # noqa: E402
from apt_sources import SourceFile  # noqa: E402
from commands import HANG_SECONDS, Outcome, capture, end_group  # noqa: E402
from console import Failure  # noqa: E402
from ns3_tree import Tree  # noqa: E402
from tally import Tally  # noqa: E402
from workspace import Workspace  # noqa: E402

ANY_PROGRAM = "bench-scheduler"  # ns-3's own, in every configuration; takes --help


def start(*arguments, script="ns3", timeout=HANG_SECONDS, **environment):
    """Runs an entry point with changes to the environment; None takes a variable away."""
    env = dict(os.environ)
    for name, value in environment.items():
        env.pop(name, None)
        if value is not None:
            env[name] = value
    return subprocess.run([sys.executable, program.ROOT / script, *arguments], env=env,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=timeout, check=False)


def load(script):
    """An entry point as a module."""
    loader = importlib.machinery.SourceFileLoader(script.replace(".", "_") + "_entry",
                                                  str(program.ROOT / script))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


def silent(function, *arguments):
    """Calls a function without what it prints."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        with mock.patch("sys.stderr", nowhere), mock.patch("sys.stdout", nowhere):
            return function(*arguments)


class FolderTestCase(unittest.TestCase):
    """A test with a folder of its own."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="mixnet-entry-")
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name).resolve()

    def write(self, name, text=""):
        """Writes a file in the folder of the test."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def make_tree(self, name="ns-3.37", version="3.37"):
        """Makes what passes for an ns-3 tree."""
        self.write(f"{name}/ns3", "#!/usr/bin/env python3\n")
        self.write(f"{name}/VERSION", f"{version}\n")
        for folder in ("src/core", "contrib", "examples", "scratch"):
            (self.folder / name / folder).mkdir(parents=True)
        return Tree(self.folder / name, ours=True)


class HandOver(FolderTestCase):
    """./ns3 hands arguments, folder and exit code on."""

    def test_a_program_runs_in_the_callers_folder(self):
        os_folder = self.folder
        result = subprocess.run(
            [sys.executable, program.ROOT / "ns3", "run", ANY_PROGRAM, "--command-template",
             "env PWD_OF=%s pwd"], cwd=os_folder, stdin=subprocess.DEVNULL, capture_output=True,
            text=True, timeout=HANG_SECONDS, check=False)
        self.assertEqual(result.stdout.strip(), str(os_folder), result.stderr)
        self.assertEqual(result.returncode, 0)

    def test_the_users_cwd_wins(self):
        result = start("run", f"--cwd={self.folder}", ANY_PROGRAM, "--command-template",
                       "env PWD_OF=%s pwd")
        self.assertEqual(result.stdout.strip(), str(self.folder), result.stderr)

    def test_the_exit_code_is_passed_on(self):
        failing = self.write("fail", "#!/bin/sh\nexit 7\n")
        failing.chmod(0o755)
        result = start("run", ANY_PROGRAM, "--command-template", f"{failing} %s")
        self.assertEqual((result.returncode, result.stdout, result.stderr), (7, "", ""))

    def test_a_program_that_crashes_is_told_with_its_signal(self):
        crashing = self.write("crash", "#!/bin/sh\nkill -SEGV $$\n")
        crashing.chmod(0o755)
        result = start("run", ANY_PROGRAM, "--command-template", f"{crashing} %s")
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("SIGSEGV", result.stdout)

    def test_an_unknown_program_is_refused_with_one_message(self):
        result = start("run", "no-such-program")
        self.assertEqual(result.returncode, 1)
        self.assertIn("there is no program called no-such-program", result.stderr)
        self.assertNotIn("Traceback", result.stderr)

    def test_a_second_run_prints_nothing_of_ours_and_configures_nothing(self):
        start("run", f"{ANY_PROGRAM} --help")
        calls = self.folder / "calls"
        real = shutil.which("cmake")
        spy = self.write("bin/cmake", f'#!/bin/sh\necho "$@" >> {calls}\nexec {real} "$@"\n')
        spy.chmod(0o755)
        result = start("run", f"{ANY_PROGRAM} --help",
                       PATH=f"{spy.parent}:{os.environ['PATH']}")
        self.assertEqual(result.stderr, "")
        self.assertRegex(calls.read_text(encoding="utf-8"), rf"\A--build .* {ANY_PROGRAM}\n\Z",
                         "one look at what there is to build, and nothing is configured")

    def test_ctrl_c_prints_no_traceback(self):
        workspace = workspaces.locate(program.ROOT)
        with workspaces.locked(workspace):
            waiting = subprocess.Popen([sys.executable, program.ROOT / "ns3", "show", "profile"],
                                       stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            assert waiting.stderr is not None
            self.assertIn("another preparation is running", waiting.stderr.readline())
            waiting.send_signal(signal.SIGINT)
            _, text = waiting.communicate(timeout=HANG_SECONDS)
        self.assertEqual(waiting.returncode, 130)
        self.assertNotIn("Traceback", text)


class Slips(FolderTestCase):
    """What newcomers type is understood, or answered with one line that says what to do."""

    def check_answer(self, result, *words):
        """One line with these words, and no success."""
        self.assertNotEqual(result.returncode, 0, result.stdout)
        self.assertEqual((len(result.stderr.splitlines()), result.stdout), (1, ""), result.stderr)
        self.assertNotIn("Traceback", result.stderr)
        for word in words:
            self.assertIn(word, result.stderr)

    def test_options_of_a_program_need_no_quotes(self):
        show = self.write("show", "#!/bin/sh\nshift\nfor word; do echo \"[$word]\"; done\n")
        show.chmod(0o755)
        template = f"--command-template={show} %s"
        for arguments, expected in (
                (["--layers=1", "--output=a b"], ["--layers=1", "--output=a b"]),
                (["--seed=2", "word", "--cwd", str(self.folder)], ["--seed=2", "word"]),
                (["--layers=1", "--", "--help"], ["--layers=1", "--help"])):
            with self.subTest(arguments=arguments):
                result = start("run", template, ANY_PROGRAM, *arguments)
                self.assertEqual(result.stdout.splitlines(), [f"[{word}]" for word in expected],
                                 result.stderr)
        quoted = start("run", template, f"{ANY_PROGRAM} --layers=1 --seed=2")
        plain = start("run", template, ANY_PROGRAM, "--layers=1", "--seed=2")
        self.assertEqual(plain.stdout, quoted.stdout)

    def test_options_of_ns3_stay_with_ns3(self):
        entry = load("ns3")
        for words in (["--no-build", "x"], ["x", "--no-build", "-v"], ["--cwd", "/a", "x"],
                      ["x", "--command-template=gdb %s"], ["-j4", "x"], ["-j", "4", "x"], ["x y"]):
            with self.subTest(words=words):
                self.assertEqual(entry.split_run(words), (words, []))
        self.assertEqual(entry.split_run(["x", "--no-b"]), (["x"], ["--no-b"]), "no abbreviations")

    def test_commands_that_do_not_exist(self):
        for arguments, words in (
                (["mixnet-training"], ["./ns3 run mixnet-training"]),
                (["mixnet-training --layers=1"], ["./ns3 run mixnet-training"]),
                (["Mixnet_Training.cc"], ["./ns3 run mixnet-training"]),
                (["Run", ANY_PROGRAM], ["run?"]), (["biuld"], ["build?"]),
                (["test"], ["./test.py"]), (["help"], ["./ns3 --help"]),
                (["frobnicate"], ["frobnicate", "configure"])):
            with self.subTest(arguments=arguments):
                self.check_answer(start(*arguments), *words)

    def test_programs_that_do_not_exist(self):
        for name in ("Bench-Scheduler", "bench_scheduler", "bench-scheduler.cpp",
                     "./bench-scheduler.cc", "bench-shceduler"):
            with self.subTest(name=name):
                self.check_answer(start("run", name), f"no program called {name}",
                                  "Did you mean bench-scheduler?")
        self.check_answer(start("run", "no-such-program"), "./ns3 show targets")
        self.check_answer(start("run", "no-such-script.py"), "no-such-script.py")
        self.check_answer(start("run"), "run what?", "mixnet-training")

    def test_a_program_may_be_named_by_its_file(self):
        for name in (f"{ANY_PROGRAM}.cc", f"utils/{ANY_PROGRAM}"):
            with self.subTest(name=name):
                result = start("run", name, "--command-template", "echo %s")
                self.assertIn(ANY_PROGRAM, result.stdout, result.stderr)
                self.assertEqual(result.returncode, 0)

    def test_options_and_words_that_ns3_does_not_know(self):
        for arguments in (["build", "--nonsense"], ["show", "nonsense"], ["--nonsense"],
                          ["build", "-j", "many"]):
            with self.subTest(arguments=arguments):
                self.check_answer(start(*arguments), arguments[-1])

    def test_help_of_a_program_is_hinted_at(self):
        result = start("run", ANY_PROGRAM, "--help")
        self.assertIn(f'./ns3 run "{ANY_PROGRAM} --help"', result.stderr)

    def test_words_that_are_no_options_of_test_py(self):
        for arguments, words in (
                (["core"], ["./test.py --core"]), (["--Core"], ["./test.py --core"]),
                (["--program"], ["./test.py --programs"]),
                (["--suites=mixnet-x"], ["--suite=mixnet-x"]),
                (["--suite=ocs-switch"], ["--suite=mixnet-ocs-switch"]),
                (["mixnet-ocs-switch"], ["--suite=mixnet-ocs-switch"]),
                (["ocs-switch-test-suite.cc"], ["--suite=mixnet-ocs-switch"]),
                (["count-matrix-test"], ["./test.py --core"]),
                (["--suite=mixnet-x", "mixnet-y"], ["--suite=mixnet-y"]),
                (["test_plot.py"], ["./test.py --programs"]),
                (["--nonsense"], ["--nonsense", "./test.py --help"])):
            with self.subTest(arguments=arguments):
                self.check_answer(start(*arguments, script="test.py"), *words)

    def test_values_of_options_of_test_py_are_no_words(self):
        entry = load("test.py")
        for words in (["--suite", "mixnet-x"], ["-s", "mixnet-x"], ["-vs", "mixnet-x"],
                      ["--suite=mixnet-x", "-v"], ["-t", "core"], ["--jobs", "2", "-l"]):
            with self.subTest(words=words):
                entry.check_words(words)


class Interruption(FolderTestCase):
    """A program that ./ns3 runs comes to its own end, whatever ends it."""

    def end(self, signals, send):
        """Runs a program that takes its time over its end; its exit code and what it printed."""
        # ns-3's script alone kills a program a quarter of a second after Ctrl-C.
        slow = self.write("slow", "#!/bin/sh\n"
                          f"trap 'echo asked; sleep 1; echo ended; exit 3' {signals}\n"
                          "echo ready\nwhile :; do sleep 0.1; done\n")
        slow.chmod(0o755)
        with subprocess.Popen([sys.executable, program.ROOT / "ns3", "run", ANY_PROGRAM,
                               f"--command-template={slow} %s"], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              start_new_session=True) as process:
            try:
                while process.stdout.readline() not in ("ready\n", ""):
                    pass
                send(process)
                process.wait(HANG_SECONDS)
            finally:
                end_group(process)  # a program that is left behind, too
            output = process.stdout.read()
        return process.returncode, output

    def test_ctrl_c_waits_for_the_program(self):
        code, output = self.end("INT", lambda process: os.killpg(process.pid, signal.SIGINT))
        self.assertIn("asked\nended\n", output)
        self.assertNotIn("Traceback", output)
        self.assertEqual(code, 3)

    def test_a_signal_to_end_reaches_the_program(self):
        code, output = self.end("TERM", lambda process: process.send_signal(signal.SIGTERM))
        self.assertIn("asked\nended\n", output)
        self.assertEqual(code, 3)


class Scripts(FolderTestCase):
    """Scripts in utils/ answer what they cannot do in one line."""

    def run_script(self, script, *arguments):
        """Runs a script in the folder of the test."""
        return subprocess.run([sys.executable, program.ROOT / "utils" / script, *arguments],
                              cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=HANG_SECONDS, check=False)

    def test_wrong_arguments(self):
        self.write("folder/file")
        for script, *arguments, word in (
                ("check-style.py", "--nonsense", "--nonsense"),
                ("make-routing-trace.py", "file"), ("make-routing-trace.py", "a", "b", "b"),
                ("make-routing-trace.py", "a", "--ranks=many", "--ranks"),
                ("make-routing-trace.py", "a", "--topK=9", "--topK"),
                ("make-routing-trace.py", "a", "--skew=nan", "--skew"),
                ("make-routing-trace.py", "folder", "is a folder"),
                ("make-routing-trace.py", "nowhere/a", "nowhere/a"),
                ("program_tests.py", "nowhere.py", "nowhere.py"), ("ns3_script.py", "./ns3")):
            with self.subTest(script=script, arguments=arguments):
                result = self.run_script(script, *arguments)
                self.assertEqual((result.returncode, result.stdout), (1, ""))
                self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
                self.assertIn(word, result.stderr)
        self.assertEqual([path.name for path in self.folder.iterdir()], ["folder"])

    def test_an_interrupted_trace_leaves_nothing(self):
        with subprocess.Popen([sys.executable, program.ROOT / "utils" / "make-routing-trace.py",
                               "trace.jsonl", "--steps=1000000"], cwd=self.folder, text=True,
                              stdin=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
            try:
                self.assertTrue(program.wait_until(lambda: any(self.folder.iterdir()), process))
                process.send_signal(signal.SIGINT)
                _, text = process.communicate(timeout=HANG_SECONDS)
            finally:
                process.kill()
        self.assertEqual((process.returncode, text.count("\n")), (130, 1), text)
        self.assertEqual(list(self.folder.iterdir()), [])


class UsersTree(FolderTestCase):
    """NS3_DIR is checked, and treated with care."""

    def test_a_folder_that_does_not_exist_is_refused(self):
        result = start("show", "profile", NS3_DIR="/nonexistent/ns-3")
        self.assertEqual(result.returncode, 1)
        self.assertIn("NS3_DIR=/nonexistent/ns-3: no such folder", result.stderr)
        self.assertIn("Expected:", result.stderr)

    def test_a_folder_without_ns3_is_refused(self):
        with self.assertRaisesRegex(Failure, "it has no ns3"):
            ns3_tree.tree_of_user(str(self.folder))

    def test_an_old_version_is_refused(self):
        tree = self.make_tree(version="3.36.1")
        with self.assertRaisesRegex(Failure, "its version is 3.36.1"):
            ns3_tree.tree_of_user(str(tree.path))

    def test_newer_versions_are_taken(self):
        for number, version in enumerate(("3.37", "3.48", "3.40.1", "3-dev", "4.0")):
            with self.subTest(version):
                tree = self.make_tree(f"tree{number}", version)
                self.assertEqual(ns3_tree.tree_of_user(str(tree.path)).path, tree.path)


class Links(FolderTestCase):
    """The links in a tree."""

    def setUp(self):
        super().setUp()
        self.root = self.folder / "repository"
        self.write("repository/contrib/mixnet/CMakeLists.txt")
        self.write("repository/examples/CMakeLists.txt")
        self.write("repository/scratch/trial.cc")
        self.write("repository/scratch/study/study.cc")
        self.write("repository/scratch/notes.txt")
        self.tree = self.make_tree()

    def links(self):
        """All links of the tree."""
        return sorted(str(path.relative_to(self.tree.path))
                      for path in self.tree.path.rglob("*") if path.is_symlink())

    def test_module_examples_and_trials_are_linked(self):
        self.assertTrue(ns3_tree.update_links(self.tree, self.root))
        self.assertEqual(self.links(), ["contrib/mixnet", "examples/mixnet", "scratch/study",
                                        "scratch/trial.cc"])
        self.assertFalse(ns3_tree.update_links(self.tree, self.root), "the second time")

    def test_a_trial_that_is_gone_loses_its_link(self):
        ns3_tree.update_links(self.tree, self.root)
        (self.root / "scratch" / "trial.cc").unlink()
        self.assertTrue(ns3_tree.update_links(self.tree, self.root))
        self.assertNotIn("scratch/trial.cc", self.links())

    def test_what_the_user_has_there_is_left_alone(self):
        users = Tree(self.tree.path, ours=False)
        (users.path / "contrib" / "mixnet").mkdir()
        with self.assertRaisesRegex(Failure, "something else stands there"):
            ns3_tree.update_links(users, self.root)

    def test_a_link_of_the_user_is_left_alone(self):
        users = Tree(self.tree.path, ours=False)
        (users.path / "scratch" / "other").symlink_to(self.folder)
        (users.path / "contrib" / "mixnet").symlink_to(self.folder)
        with self.assertRaisesRegex(Failure, "a link to"):
            ns3_tree.update_links(users, self.root)
        self.assertIn("scratch/other", self.links())


class Configuration(FolderTestCase):
    """A tree is configured when it must be, and only then."""

    def setUp(self):
        super().setUp()
        self.write("repository/contrib/mixnet/CMakeLists.txt")
        self.workspace = Workspace(self.folder / "repository", self.folder / "state")
        self.workspace.state.mkdir()
        self.tree = self.make_tree()
        self.calls = []

    def ensure(self, links_changed=False):
        """Calls ensure_configured with the work replaced; returns what it would have done."""
        self.calls.clear()

        def configure(*_):
            self.calls.append("configure")
            self.finish_configuration()

        with mock.patch.object(ns3_tree, "configure", configure), \
                mock.patch.object(ns3_tree, "refresh", lambda *_: self.calls.append("refresh")):
            ns3_tree.ensure_configured(self.workspace, self.tree, links_changed, [])
        return self.calls

    def finish_configuration(self):
        """Leaves what a finished configuration leaves."""
        self.write("ns-3.37/cmake-cache/CMakeCache.txt")
        self.write("ns-3.37/cmake-cache/build.ninja")
        self.tree.lock_file.write_text("NS3_ENABLED_MODULES = ['ns3-core']\n"
                                       "NS3_ENABLED_CONTRIBUTED_MODULES = ['ns3-mixnet']\n")

    def test_once_and_not_again(self):
        self.assertEqual(self.ensure(), ["configure"])
        self.assertEqual(self.ensure(), [])

    def test_again_when_it_was_interrupted(self):
        self.finish_configuration()  # but the stamp is missing
        self.assertEqual(self.ensure(), ["configure"])

    def test_again_when_a_part_is_gone(self):
        self.ensure()
        self.tree.lock_file.unlink()
        self.assertEqual(self.ensure(), ["configure"])

    def test_again_when_links_or_lists_change(self):
        self.ensure()
        self.assertEqual(self.ensure(links_changed=True), ["configure"])
        self.write("repository/contrib/mixnet/examples/CMakeLists.txt")
        self.assertEqual(self.ensure(), ["configure"])

    def test_the_users_own_configuration_stays(self):
        self.ensure()
        stamp = ns3_tree.Stamp(self.workspace, self.tree)
        stamp.write(by="user", lists=ns3_tree.listing(self.workspace.root))
        self.assertEqual(self.ensure(), [])
        self.assertEqual(self.ensure(links_changed=True), ["refresh"])

    def test_the_configuration_of_the_users_tree_stays(self):
        self.tree = Tree(self.tree.path, ours=False)
        self.finish_configuration()
        self.assertEqual(self.ensure(links_changed=True), ["refresh"])
        self.assertEqual(self.ensure(), [])


class Programs(FolderTestCase):
    """Names of programs and what is built for them, by the rules of ns-3's script."""

    def setUp(self):
        super().setUp()
        self.tree = self.make_tree()
        out = self.tree.path / "build"
        names = ["contrib/mixnet/examples/ns3.37-mixnet-training-optimized",
                 "scratch/ns3.37-trial-optimized", "scratch/study/ns3.37-study-main-optimized",
                 "utils/ns3.37-test-runner-optimized"]
        self.tree.lock_file.write_text(
            f"out_dir = '{out}'\nVERSION = '3.37'\nBUILD_PROFILE = 'optimized'\n"
            "NS3_ENABLED_CONTRIBUTED_MODULES = ['ns3-mixnet']\n"
            f"ns3_runnable_programs = {[str(out / name) for name in names]}\n")

    def target(self, wanted):
        """What is built for a name."""
        return [found.target for found in self.tree.programs() if found.answers_to(wanted)]

    def test_names_and_targets(self):
        self.assertEqual(self.target("mixnet-training"), ["mixnet-training"])
        self.assertEqual(self.target("mixnet-training.cc"), ["mixnet-training"])
        self.assertEqual(self.target("mixnet/examples/mixnet-training"), ["mixnet-training"])
        self.assertEqual(self.target("trial"), ["scratch_trial"])
        self.assertEqual(self.target("scratch/trial"), ["scratch_trial"])
        self.assertEqual(self.target("study-main"), ["scratch_study_study-main"])
        self.assertEqual(self.target("training"), [])

    def test_modules(self):
        self.assertEqual(ns3_tree.module_target(self.tree, "mixnet"), "libmixnet")
        self.assertEqual(ns3_tree.module_target(self.tree, "mixnet-test"), "libmixnet-test")
        self.assertIsNone(ns3_tree.module_target(self.tree, "mixnet-training"))

    def test_the_tests_build_no_trials(self):
        self.assertEqual([found.name for found in ns3_tests.own_programs(self.tree)],
                         ["mixnet-training"])


class AptSources(unittest.TestCase):
    """The machine's package sources become sources of source code."""

    def convert(self, name, text, codenames=("bookworm",)):
        """The text that one file becomes; empty when nothing of it is used."""
        converted = apt_sources.convert_all([SourceFile(name, text)], list(codenames))
        return converted[0].text if converted else ""

    def test_one_line(self):
        text = ("# a comment\n"
                "deb [arch=amd64 signed-by=/k.gpg] http://a/debian bookworm main contrib # end\n"
                "deb http://a/debian bookworm-updates main\n")
        self.assertEqual(self.convert("x.list", text),
                         "deb-src [arch=amd64 signed-by=/k.gpg] http://a/debian bookworm main "
                         "contrib\ndeb-src http://a/debian bookworm-updates main\n")

    def test_an_existing_source_line_is_kept_once(self):
        text = "deb http://a/debian bookworm main\ndeb-src http://a/debian bookworm main\n"
        self.assertEqual(self.convert("x.list", text), "deb-src http://a/debian bookworm main\n")

    def test_paragraphs(self):
        text = ("# first\nTypes: deb\n# inside\nURIs: http://a/debian\n"
                "Suites: bookworm bookworm-updates\nComponents: main\n"
                "Signed-By:\n -----BEGIN\n .\n AbC=\n -----END\n")
        self.assertEqual(self.convert("x.sources", text),
                         "Types: deb-src\nURIs: http://a/debian\n"
                         "Suites: bookworm bookworm-updates\nComponents: main\n"
                         "Signed-By:\n -----BEGIN\n .\n AbC=\n -----END\n")

    def test_several_paragraphs_and_a_disabled_one(self):
        paragraph = "Types: deb deb-src\nURIs: http://{}\nSuites: bookworm\nComponents: main\n"
        text = "\n\n".join([paragraph.format("a"), paragraph.format("b") + "Enabled: no\n",
                            paragraph.format("c")])
        converted = self.convert("x.sources", text)
        self.assertEqual(converted.count("Types: deb-src\n"), 2)
        self.assertNotIn("http://b", converted)

    def test_archives_of_others_are_left_out(self):
        text = ("deb http://a/debian bookworm main\n"
                "deb http://b/apt cloud-sdk-bookworm main\n"
                "deb http://c/debian bookworm stable\n"
                "deb http://d/flat ./\n")
        self.assertEqual(self.convert("x.list", text), "deb-src http://a/debian bookworm main\n")

    def test_an_unknown_distribution_keeps_main_components(self):
        text = "deb http://a/x nibbler main\ndeb http://b/x nibbler stable\n"
        self.assertEqual(self.convert("x.list", text), "deb-src http://a/x nibbler main\n")

    def test_codenames(self):
        text = 'ID=linuxmint\nVERSION_CODENAME=wilma\nUBUNTU_CODENAME="noble"\n'
        self.assertEqual(apt_sources.distribution_codenames(text), ["wilma", "noble"])

    def test_hooks_of_the_machine_are_not_run(self):
        dump = ('Acquire::http::Proxy "http://p";\nAPT::Update::Post-Invoke "";\n'
                'APT::Update::Post-Invoke:: "rm x";\nDir::Etc::parts "apt.conf.d";\n')
        text = ns3_source.private_settings(dump, ns3_source.AptFolder(Path("/s/apt")), True)
        self.assertIn('Acquire::http::Proxy "http://p";', text)
        self.assertNotIn("Invoke", text)
        self.assertLess(text.index("apt.conf.d"), text.index("/dev/null"))
        self.assertIn('APT::Sandbox::User "root";', text)


class SystemPackages(FolderTestCase):
    """What is missing is found, and installed only when that is allowed."""

    def test_no_install_prints_the_command(self):
        tools = self.folder / "bin"
        tools.mkdir()
        (tools / "apt-get").symlink_to("/bin/false")
        result = start("--no-install", "build", PATH=str(tools), CXX=None)
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr,
                         r"apt-get install -y --no-install-recommends g\+\+ cmake ninja-build")

    def test_without_apt_everything_missing_is_named(self):
        result = start("build", PATH=str(self.folder), CXX=None, MIXNET_NO_INSTALL="1")
        self.assertEqual(result.returncode, 1)
        self.assertIn("g++: command g++ or clang++", result.stderr)
        self.assertIn("libboost-dev: header <boost/version.hpp>", result.stderr)

    def test_headers_are_found_by_the_compiler(self):
        found = system_packages.found_headers(["vector", "no/such/header.h"])
        self.assertEqual(found, frozenset(["vector"]))

    def test_a_repeated_name_is_installed_once(self):
        names = system_packages.unique_names(system_packages.PACKAGES)
        self.assertEqual(len(names), len(set(names)))

    def installations(self, purposes, first_time, works=True):
        """What is installed where every package is missing; without works, no witness can be."""
        missing = list(system_packages.PACKAGES)
        asked = []

        def install(names, _prefix):
            asked.append(list(names))
            if not works and "tshark" in names:
                return Outcome(100, "E: Unable to locate package tshark")
            missing[:] = [package for package in missing if package.name not in names]
            return Outcome(0, "")

        with mock.patch.object(system_packages, "missing_packages", lambda: list(missing)), \
                mock.patch.object(system_packages, "privilege", lambda: []), \
                mock.patch.object(system_packages.shutil, "which", lambda name: name), \
                mock.patch.object(system_packages, "install", install):
            silent(system_packages.ensure_packages, purposes, True, first_time)
        return asked

    def test_witnesses_are_for_tests_only(self):
        for witness in ("tshark", "doxygen"):
            self.assertNotIn(witness, self.installations(["build"], True)[0])
            self.assertIn(witness, self.installations(["build", "test"], True)[0])

    def test_what_is_required_is_installed_without_the_rest(self):
        first, second = self.installations(["build", "test"], True, works=False)
        self.assertIn("tshark", first)
        self.assertEqual(second, ["g++", "cmake", "ninja-build", "libboost-dev",
                                  "nlohmann-json3-dev", "libgtest-dev"])


class Comments(FolderTestCase):
    """Warnings of Doxygen are told with their places, without those about ns-3."""

    HEADER = "contrib/mixnet/core/lamp.h"
    LAMP = ("#include \"ns3/object.h\"\n/// A lamp.\nclass Lamp : public ns3::Object\n{{\n"
            "  public:\n    /// @brief Lights it.{0}\n    void Light(int seconds);\n\n"
            "  private:\n    void DoDispose() override;\n}};\n")

    def setUp(self):
        super().setUp()
        self.tree = self.make_tree().path
        self.write("ns-3.37/src/core/model/object-base.h")
        self.write("ns-3.37/src/core/model/unused.h")
        self.write("ns-3.37/src/core/model/object.h",
                   "#include \"object-base.h\"\nnamespace ns3\n{\n/// Base.\nclass Object\n{\n"
                   "    int m_bare;\n    /// @brief Ends it.\n"
                   "    virtual void DoDispose();\n};\n}\n")

    def find(self, more):
        """What Doxygen says about a lamp with more in one of its comments."""
        self.write(self.HEADER, self.LAMP.format(more))
        self.write("doc/doxygen.conf",
                   (program.ROOT / "doc" / "doxygen.conf").read_text(encoding="utf-8"))
        return doxygen_warnings.find(Workspace(self.folder, self.folder / "build"), self.tree)

    @unittest.skipUnless(shutil.which("doxygen"), "doxygen is not installed")
    def test_a_gap_is_told_with_file_and_line(self):
        self.assertEqual(self.find(" @param seconds How long."), [])
        for more, text in (("", "parameters of member Lamp::Light are not documented"),
                           (" @param minutes How long.",
                            "argument 'minutes' of command @param is not found in the argument "
                            "list of Lamp::Light(int seconds)")):
            # Line 6 or 7: Doxygen means the comment, or what it is about.
            found = [re.sub(r":[67]: ", ": ", warning) for warning in self.find(more)]
            self.assertIn(f"{self.HEADER}: {text}", found)

    def test_included_headers_bring_theirs(self):
        self.write(self.HEADER, self.LAMP.format(""))
        found = doxygen_warnings.included_headers(self.folder, self.tree)
        self.assertEqual([path.name for path in found], ["object-base.h", "object.h"])

    def test_a_log_is_read_in_the_order_of_lines(self):
        self.write(self.HEADER, self.LAMP.format(""))
        log = (f"{self.folder}/{self.HEADER}:12: warning: late\n"
               f"{self.folder}/{self.HEADER}:6: warning: incomplete:\n  parameter 'seconds'\n"
               f"{self.folder}/{self.HEADER}:12: warning: late\n"
               f"{self.tree}/src/core/model/object.h:3: warning: theirs\n"
               "<Set>:1: warning: parameters of member ns3::Object::Set are not documented\n"
               "<Light>:1: warning: parameters of member Lamp::Light are not documented\n"
               "warning: ignoring a setting\n")
        self.assertEqual(doxygen_warnings.read_log(log, self.folder), [
            f"{self.HEADER}:6: incomplete: parameter 'seconds'",
            f"{self.HEADER}:7: parameters of member Lamp::Light are not documented",
            f"{self.HEADER}:12: late",
            "doc/doxygen.conf:0: ignoring a setting"])


class Preparation(FolderTestCase):
    """Steps that were interrupted are done again; two preparations do not meet."""

    def archive(self, version="3.37"):
        """An all-in-one archive of the smallest size."""
        for name in ("ns3", "VERSION", "src/core/x.cc"):
            self.write(f"in/ns-allinone-{version}/ns-3.{version[2:]}/{name}", f"{version}\n")
        self.write(f"in/ns-allinone-{version}/netanim/VERSION")
        path = self.folder / f"ns3_{version}.orig.tar.bz2"
        with tarfile.open(path, "w:bz2") as archive:
            archive.add(self.folder / "in" / f"ns-allinone-{version}", f"ns-allinone-{version}")
        return path

    def test_only_ns3_is_unpacked(self):
        tree = silent(ns3_source.unpack, self.archive(), self.folder)
        self.assertEqual(tree, self.folder / "ns-3.37")
        self.assertEqual(ns3_source.unpacked_tree(self.folder), tree)
        self.assertFalse((self.folder / "netanim").exists())

    def test_half_unpacked_is_not_a_tree(self):
        self.write("unpacking/VERSION", "3.37\n")
        self.assertIsNone(ns3_source.unpacked_tree(self.folder))
        silent(ns3_source.unpack, self.archive(), self.folder)
        self.assertFalse((self.folder / "unpacking").exists())

    def test_an_old_package_is_refused(self):
        with self.assertRaisesRegex(Failure, "offers ns-3 3.35"):
            silent(ns3_source.unpack, self.archive("3.35"), self.folder)

    def test_a_download_counts_when_it_is_complete(self):
        archive = self.write("ns3_3.37.orig.tar.bz2", "12345")
        self.assertIsNone(ns3_source.finished_download(self.folder))
        self.write("complete.json", '{"file": "ns3_3.37.orig.tar.bz2", "bytes": 5}')
        self.assertEqual(ns3_source.finished_download(self.folder), archive)
        archive.write_text("123")
        self.assertIsNone(ns3_source.finished_download(self.folder))

    def test_the_lock_keeps_a_second_one_waiting(self):
        workspace = Workspace(self.folder, self.folder / "state")
        order = []
        waits = threading.Event()

        def second():
            with workspaces.locked(workspace):
                order.append("second")

        with mock.patch.object(workspaces, "say", lambda _: waits.set()):
            with workspaces.locked(workspace):
                thread = threading.Thread(target=second, daemon=True)
                thread.start()
                self.assertTrue(waits.wait(HANG_SECONDS), "the second says that it waits")
                order.append("first")
            thread.join(HANG_SECONDS)
        self.assertEqual(order, ["first", "second"])

    def test_the_wait_for_the_lock_ends(self):
        workspace = Workspace(self.folder, self.folder / "state")
        with workspaces.locked(workspace):
            with self.assertRaisesRegex(Failure, "another preparation"):
                silent(workspaces.locked(workspace, patience=0.1).__enter__)

    def test_a_child_keeps_the_lock_of_a_killed_preparation(self):
        workspace = Workspace(self.folder, self.folder / "state")
        with workspaces.locked(workspace) as lock:
            child = subprocess.Popen(["cat"], stdin=subprocess.PIPE, pass_fds=lock)
        try:
            with self.assertRaises(Failure):
                silent(workspaces.locked(workspace, patience=0.1).__enter__)
        finally:
            child.kill()
            child.communicate()
        with workspaces.locked(workspace, patience=0):
            pass

    def test_awkward_paths_build_in_the_cache(self):
        for name in ("my mixnet", "mix'net", "scratch", "a;b"):
            with self.subTest(name):
                root = self.folder / name / "mixnet"
                found = workspaces.locate(root, {"XDG_CACHE_HOME": "/c"})
                self.assertEqual(found.state.parent, Path("/c/mixnet"))
        plain = workspaces.locate(Path("/opt/mixnet"), {"XDG_CACHE_HOME": "/c"})
        self.assertEqual(plain.state, Path("/opt/mixnet/build"))
        with self.assertRaisesRegex(Failure, "XDG_CACHE_HOME"):
            workspaces.locate(self.folder / "a b", {"XDG_CACHE_HOME": "/c d"})

    def test_ccache_is_kept_away_from_the_users(self):
        workspace = Workspace(self.folder, self.folder / "state")
        env = workspace.environment({"USER": "root"})
        self.assertEqual(env["CCACHE_DIR"], str(self.folder / "state" / "ccache"))
        self.assertNotIn("USER", env)
        self.assertEqual(env["CLICOLOR"], "1", "as ns-3's script sets it")
        self.assertEqual(workspace.environment({"CCACHE_DIR": "/mine"})["CCACHE_DIR"], "/mine")


class Counting(FolderTestCase):
    """./test.py counts every test, also those that crash or never end."""

    def count_google(self, output, code=0, timed_out=False):
        """The numbers for one GoogleTest program."""
        tally = Tally()
        silent(google_tests.count, "x-test", Outcome(code, output, timed_out), tally)
        return tally.counts()

    def test_google_tests(self):
        output = ("[ RUN      ] A.B\n[       OK ] A.B (0 ms)\n[ RUN      ] P/A.C/0\nwhy\n"
                  "[  FAILED  ] P/A.C/0, where GetParam() = 3 (0 ms)\n[ RUN      ] A.D\n"
                  "[  SKIPPED ] A.D (0 ms)\n[  FAILED  ] 1 test, listed below:\n"
                  "[  FAILED  ] P/A.C/0, where GetParam() = 3\n")
        self.assertEqual(self.count_google(output, 1), (1, 1, 1))

    def test_a_crash_fails_the_test_it_happened_in(self):
        output = "[ RUN      ] A.B\n[       OK ] A.B (0 ms)\n[ RUN      ] A.C\n"
        self.assertEqual(self.count_google(output, -11), (1, 1, 0))
        self.assertEqual(self.count_google(output, -9, timed_out=True), (1, 1, 0))

    def test_a_failure_after_the_last_test_counts(self):
        output = "[ RUN      ] A.B\n[       OK ] A.B (0 ms)\n"
        self.assertEqual(self.count_google(output, 1), (1, 1, 0))
        self.assertEqual(self.count_google("", 0), (0, 1, 0))

    def count_python(self, text):
        """The numbers for one unittest file."""
        path = self.write("test_x.py", "import os, unittest\n\nclass T(unittest.TestCase):\n"
                          + text)
        env = dict(os.environ, PYTHONDONTWRITEBYTECODE="1")
        outcome = capture([sys.executable, program_tests.__file__, path], HANG_SECONDS, env=env)
        tally = Tally()
        silent(program_tests.count, path.name, outcome, tally)
        return tally.counts()

    def test_python_tests(self):
        self.assertEqual(self.count_python(
            "    def test_a(self): pass\n"
            "    def test_b(self): self.fail('no')\n"
            "    def test_c(self): self.skipTest('why')\n"
            "    def test_d(self):\n"
            "        for i in range(3):\n"
            "            with self.subTest(i): self.assertEqual(i, 0)\n"), (1, 2, 1))

    def test_a_python_test_that_ends_the_process_fails(self):
        self.assertEqual(self.count_python("    def test_a(self): os._exit(0)\n"), (0, 1, 0))

    def test_a_file_that_cannot_be_read_fails(self):
        self.assertEqual(self.count_python("    this is not Python\n"), (0, 1, 0))

    def test_results_of_ns3(self):
        output = ("[0/2] PASS: TestSuite mixnet-a\n[1/2] CRASH: TestSuite mixnet-b\n"
                  "[2/2] PASS: Example contrib/mixnet/examples/x --y=1\n")
        self.assertEqual(ns3_tests.read_results(output, "TestSuite"),
                         {"mixnet-a": "PASS", "mixnet-b": "CRASH"})
        self.assertEqual(ns3_tests.read_results(output, "Example"),
                         {"contrib/mixnet/examples/x --y=1": "PASS"})

    def test_the_last_line(self):
        tally = Tally()
        self.assertEqual(silent(tally.close), 1, "no test at all is no success")
        tally.add_pass()
        self.assertEqual(silent(tally.close), 0)
        silent(tally.add_skip, "a", "b")
        self.assertEqual(silent(tally.close), 0)
        silent(tally.add_failure, "c")
        self.assertEqual(silent(tally.close), 1)


if __name__ == "__main__":
    unittest.main()
