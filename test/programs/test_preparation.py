# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""What the entry points are made of; all in folders of their own, nothing needs the network."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import threading
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parent))

import program  # noqa: E402  (makes utils/ importable)
from entry_case import FolderTestCase, silent  # noqa: E402

import apt_sources  # noqa: E402
import doxygen_warnings  # noqa: E402
import google_tests  # noqa: E402
import layers  # noqa: E402
import ns3_source  # noqa: E402
import ns3_tests  # noqa: E402
import ns3_tree  # noqa: E402
import program_tests  # noqa: E402
import workspace as workspaces  # noqa: E402
from apt_sources import SourceFile  # noqa: E402
from commands import HANG_SECONDS, Outcome, capture, capture_each  # noqa: E402
from console import Failure  # noqa: E402
from ns3_tree import Tree  # noqa: E402
from tally import Tally  # noqa: E402
from workspace import Workspace  # noqa: E402


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


class Layers(FolderTestCase):
    """Includes that go up a layer, or round, are told."""

    def include(self, folder, name, *included):
        """Writes a header that includes others."""
        self.write(f"contrib/mixnet/{folder}/{name}.h",
                   "".join(f'#include "ns3/{other}.h"\n' for other in included))

    def test_arrows_down_are_right(self):
        self.include("core/base", "units")
        self.include("core/fluid", "flows", "units")
        self.include("model/nic", "nic", "flows", "units")
        self.include("helper/report", "table", "nic")
        self.assertEqual(layers.find(self.folder), [])
        self.assertEqual(layers.find(program.ROOT), [])

    def test_an_arrow_up_is_told(self):
        self.include("model/nic", "nic", "table")
        self.include("helper/report", "table")
        self.assertEqual(layers.find(self.folder), [
            "contrib/mixnet/model/nic/nic.h: model must not include helper (table.h)"])

    def test_a_circle_is_told(self):
        self.include("core/base", "units", "flows")
        self.include("core/fluid", "flows", "lines")
        self.include("core/routing", "lines", "units")
        found = layers.find(self.folder)
        self.assertEqual(len(found), 1)
        self.assertRegex(found[0], "^contrib/mixnet/core: folders include each other: ")
        for name in ("base", "fluid", "routing"):
            self.assertIn(name, found[0])


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
                silent(workspaces.locked(workspace, timeout=0.1).__enter__)

    def test_a_child_keeps_the_lock_of_a_killed_preparation(self):
        workspace = Workspace(self.folder, self.folder / "state")
        with workspaces.locked(workspace) as lock:
            child = subprocess.Popen(["cat"], stdin=subprocess.PIPE, pass_fds=lock)
        try:
            with self.assertRaises(Failure):
                silent(workspaces.locked(workspace, timeout=0.1).__enter__)
        finally:
            child.kill()
            child.communicate()
        with workspaces.locked(workspace, timeout=0):
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


class SideBySide(FolderTestCase):
    """Commands that run at the same time."""

    def wait_for(self, name, other):
        """A job that leaves a file, then ends when another has left one."""
        code = (f"import pathlib, time\npathlib.Path('{name}').touch()\n"
                f"while not pathlib.Path('{other}').exists(): time.sleep(0.01)\nprint('{name}')")
        return lambda: capture([sys.executable, "-c", code], HANG_SECONDS, self.folder)

    def test_they_do_run_at_the_same_time_and_are_told_by_name(self):
        with mock.patch("commands.cores", lambda: 2):
            ends = list(capture_each({"b": self.wait_for("b", "a"), "a": self.wait_for("a", "b")}))
        self.assertEqual([(name, end.output) for name, end in ends], [("a", "a\n"), ("b", "b\n")])
        self.assertTrue(all(end.succeeded and end.seconds > 0 for _, end in ends))

    def test_an_interruption_ends_them_all(self):
        ends = capture_each({"a": lambda: Outcome(0, ""), "b": self.wait_for("b", "never")})
        self.assertEqual(next(ends)[0], "a")
        ends.close()  # returns only when their threads have ended


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
