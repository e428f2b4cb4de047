# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""
The entry points ./ns3 and ./test.py as they are started.

Nothing here needs the network. Tests that start ./ns3 use the tree that ./test.py prepared; all
others work in folders of their own.
"""

import importlib.machinery
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parent))

import program  # noqa: E402  (makes utils/ importable)
from entry_case import FolderTestCase, silent  # noqa: E402

import ns3_tree  # noqa: E402
import system_packages  # noqa: E402
import workspace as workspaces  # noqa: E402
from commands import HANG_SECONDS, Outcome, end_group  # noqa: E402
from console import Failure  # noqa: E402

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

    def test_a_group_of_a_programs_help_needs_no_quotes(self):
        result = start("run", "mixnet-training", "--help=general")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("--help=general", result.stdout)

    def test_an_option_that_the_script_takes_is_told(self):
        result = start("run", ANY_PROGRAM, "--quiet", "--PrintVersion")
        self.assertIn(f'./ns3 run "{ANY_PROGRAM} --quiet"', result.stderr)

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
            before = []
            try:
                while not before or before[-1] not in ("ready\n", ""):
                    before.append(process.stdout.readline())
                self.assertEqual(before[-1], "ready\n", before)
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

        def missing_packages(wanted):
            return [package for package in missing if package in wanted]

        with mock.patch.object(system_packages, "missing_packages", missing_packages), \
                mock.patch.object(system_packages, "privilege", lambda: []), \
                mock.patch.object(system_packages.shutil, "which", lambda name: name), \
                mock.patch.object(system_packages, "install", install):
            silent(system_packages.ensure_packages, purposes, True, first_time)
        return asked

    def test_witnesses_are_for_tests_only(self):
        for witness in ("tshark", "doxygen", "python3-pandas", "python3-jinja2",
                        "python3-sphinx"):
            self.assertNotIn(witness, self.installations(["build"], True)[0])
            self.assertIn(witness, self.installations(["build", "test"], True)[0])

    def test_what_draws_plots_is_installed_with_the_rest_and_never_required(self):
        for purposes in (["build"], ["build", "test"]):
            self.assertIn("python3-matplotlib", self.installations(purposes, True)[0])
        _, second = self.installations(["build", "test"], True, works=False)
        self.assertNotIn("python3-matplotlib", second)

    def test_what_is_for_full_tests_only_is_never_required(self):
        full = [package for package in system_packages.PACKAGES
                if system_packages.WANTED_FOR.get(package.needed_for) == "full"]
        names = system_packages.unique_names(full)
        self.assertLess({"python3-nbconvert", "qtbase5-dev", "xvfb", "chromium"}, set(names))
        for purposes in (["build"], ["build", "test"]):
            self.assertFalse(set(names) & set(self.installations(purposes, True)[0]))
        for first_time in (True, False):
            self.assertLess(set(names), set(
                self.installations(["build", "test", "full"], first_time)[0]))
        for package in full:
            with mock.patch.object(system_packages, "missing_packages", lambda _: [package]), \
                    mock.patch.object(system_packages, "privilege", lambda: None):
                system_packages.ensure_packages(["build", "test", "full"], True, True)

    def test_a_command_that_shows_something_requires_what_shows_it_and_no_more(self):
        for need, one, other in (("netanim", "qtbase5-dev", "chromium"),
                                 ("browser", "chromium", "qtbase5-dev")):
            (installed,) = self.installations([need], False)
            self.assertIn(one, installed)
            self.assertFalse({other, "g++", "libgtest-dev"} & set(installed))
            with mock.patch.object(system_packages, "privilege", lambda: None), \
                    mock.patch.object(system_packages, "missing_packages", lambda wanted: wanted), \
                    self.assertRaisesRegex(Failure, one):
                system_packages.ensure_packages([need], True, False)

    def test_the_manual_needs_sphinx_alone_and_requires_it(self):
        self.assertEqual(self.installations(["manual"], False), [["python3-sphinx"]])
        sphinx = [package for package in system_packages.PACKAGES
                  if package.name == "python3-sphinx"]
        with mock.patch.object(system_packages, "missing_packages", lambda _: sphinx), \
                mock.patch.object(system_packages, "privilege", lambda: None):
            system_packages.ensure_packages(["build", "test"], True, True)
            with self.assertRaisesRegex(Failure, "python3-sphinx"):
                system_packages.ensure_packages(["manual"], True, False)

    def test_modules_are_found_without_an_import(self):
        found = system_packages.found_modules(["this", "no_such_module"])
        self.assertEqual(found, frozenset(["this"]))

    def test_what_is_required_is_installed_without_the_rest(self):
        first, second = self.installations(["build", "test"], True, works=False)
        self.assertIn("tshark", first)
        self.assertEqual(second, ["g++", "cmake", "ninja-build", "libboost-dev",
                                  "nlohmann-json3-dev", "zlib1g-dev", "libgtest-dev"])


if __name__ == "__main__":
    unittest.main()
