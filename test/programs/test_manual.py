# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""
The manual: that it builds, here and as chapters of ns-3's own, that nothing is missing in its
generated chapters, and that what it says to type works.
"""

import html
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import documents  # noqa: E402
import program  # noqa: E402

import manual  # noqa: E402
import manual_reference as reference  # noqa: E402
import system_packages  # noqa: E402
from console import Failure  # noqa: E402
from viewers.browser import Browser, find_browser  # noqa: E402

MANUAL = program.ROOT / "utils" / "manual.py"
HAS_SPHINX = bool(system_packages.found_modules(["sphinx"]))
EXTENSIONS = program.ROOT / "examples" / "extensions"
GROUPED_HELP = """\
Does something.

  ./ns3 run "something --layers=1"

What is simulated (--help=model)
  --fabric=mixnet
      What joins the servers,
      and how
      Takes: mixnet, fat-tree (--list=fabrics)
      Needs: servers
  --layers=none
      Layers

Results (--help=output)
  --output=a b
      Folder

Of ns-3, in all programs
  --PrintGlobals
      Prints the global values
"""
PLAIN_HELP = """\
 [Program Options] [General Arguments]

Makes a
file.

Program Options:
    --file:   Where it goes [a.xml]
    --bytes:  Bytes, [[..],[..]] or not [100]

General Arguments:
    --PrintGlobals:              Print the list of globals.
"""


def run_manual(*arguments, **environment):
    """Runs utils/manual.py, without a word to the network."""
    env = dict(os.environ, MIXNET_NO_INSTALL="1", PYTHONDONTWRITEBYTECODE="1", **environment)
    env.setdefault("MIXNET_NS3", str(program.tree().path))
    return subprocess.run([sys.executable, MANUAL, *arguments], env=env, capture_output=True,
                          stdin=subprocess.DEVNULL, text=True, check=False,
                          timeout=program.HANG_SECONDS)


def text_of(page):
    """What a reader sees of a page."""
    body = page.read_text(encoding="utf-8").split('<div class="body"')[1]
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", body)))


def sections_of(page):
    """What is in each section of a page, by its title."""
    parts = re.split(r"<h2>", page.read_text(encoding="utf-8"))[1:]
    found = {}
    for part in parts:
        title, rest = part.split("</h2>", 1)
        title = re.sub(r"<[^>]+>|¶", "", title).strip()
        found[title] = html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", rest)))
    return found


@unittest.skipUnless(HAS_SPHINX, "Sphinx is not installed")
class Pages(unittest.TestCase):
    """The manual as it is built: a warning would be an error."""

    @classmethod
    def setUpClass(cls):
        holder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(holder.cleanup)
        cls.folder = Path(holder.name) / "html"
        cls.result = run_manual(f"--output={cls.folder}")
        outcome = program.run_program("mixnet-reference")
        cls.reference = json.loads(outcome.stdout)

    def setUp(self):
        self.assertEqual((self.result.returncode, self.result.stderr), (0, ""))

    def test_it_builds_and_says_where(self):
        self.assertEqual(self.result.stdout.strip(), str(self.folder / "index.html"))
        for name in documents.chapters():
            self.assertTrue((self.folder / f"{name}.html").is_file(), name)

    def test_every_attribute_and_trace_source_is_there(self):
        sections = sections_of(self.folder / "reference-classes.html")
        count = 0
        for kind in self.reference["types"]:
            section = sections.get(kind["name"].split("::")[-1], "")
            for one in kind["attributes"] + kind["traceSources"]:
                self.assertIn(f" {one['name']} ", section, kind["name"])
                self.assertIn(" ".join(one["help"].split()), section, kind["name"])
                count += 1
        self.assertGreater(count, 80)

    def test_attributes_are_those_in_the_sources(self):
        for what, key in (("AddAttribute", "attributes"), ("AddTraceSource", "traceSources")):
            written = sorted(re.findall(
                rf'{what}\(\s*"(\w+)"', "".join(
                    path.read_text(encoding="utf-8") for path in sorted(
                        (program.ROOT / "contrib" / "mixnet" / "model").rglob("*.cc")))))
            told = sorted(one["name"] for kind in self.reference["types"] for one in kind[key])
            self.assertEqual(told, written)

    def test_every_trace_source_has_its_signature(self):
        known = reference.signatures(program.ROOT / "contrib" / "mixnet")
        for kind in self.reference["types"]:
            for one in kind["traceSources"]:
                self.assertRegex(reference.signature_of(one["callback"], known), r"^``\(.*\)``$",
                                 f"{kind['name']}::{one['name']}")

    def test_every_registry_and_name_is_there(self):
        text = text_of(self.folder / "reference-names.html")
        declared = set()
        for path in (program.ROOT / "contrib" / "mixnet").rglob("*.h"):
            declared |= set(re.findall(r"^(?:mixnetcore::)?Registry<\w+>& (\w+)\(\);",
                                       path.read_text(encoding="utf-8"), re.MULTILINE))
        families = self.reference["families"]
        self.assertEqual({family["accessor"] for family in families}, declared)
        for family in families:
            self.assertIn(f"{family['accessor']}()", text)
            self.assertTrue(family["entries"], family["title"])
            for entry in family["entries"]:
                self.assertIn(f"{entry['name']} {entry['summary']}".replace("  ", " "), text)

    def test_every_option_of_every_program_is_there(self):
        sections = sections_of(self.folder / "reference-options.html")
        count = 0
        for name in reference.program_names(program.tree()):
            printed = [program.run_program(name, word).stdout for word in ("--help", "--help=all")]
            # Of ours after two blanks, of ns-3's form after four; deeper there is text.
            options = set(re.findall(r"^(?:  --([a-z]\w*)=| {4}--([a-z]\w*): )",
                                     "\n".join(printed), re.MULTILINE))
            options = {ours or plain for ours, plain in options}
            for option in options:
                self.assertIn(f" --{option} ", sections[name], name)
            count += len(options)
        self.assertGreater(count, 150)

    def test_every_package_is_named(self):
        text = text_of(self.folder / "tutorial-first-run.html")
        for package in system_packages.PACKAGES:
            self.assertIn(package.name, text)

    def test_links_lead_to_pages(self):
        for page in self.folder.glob("*.html"):
            for link in re.findall(r'(?:href|src)="([^"#?]+)', page.read_text(encoding="utf-8")):
                if "://" not in link:
                    self.assertTrue((page.parent / link).exists(), f"{page.name}: {link}")

    def test_files_that_are_named_exist(self):
        named = re.compile(r"``((?:contrib|doc|examples|utils|test)/[\w./-]*\w)``")
        count = 0
        for name, path in documents.chapters().items():
            for word in named.findall(path.read_text(encoding="utf-8")):
                self.assertTrue((program.ROOT / word).exists(), f"{name}: {word}")
                count += 1
        self.assertGreater(count, 10)

    @unittest.skipUnless(find_browser(), "chromium is not installed")
    def test_no_page_is_wider_than_its_window(self):
        # 1200 pixels less a scroll bar, and a narrow window; pages with wide tables, and the first.
        for width in (1185, 1000):
            with Browser(width, 800) as browser:
                for name in ("index", "mixnet-fabrics", "tutorial-read"):
                    browser.open((self.folder / f"{name}.html").as_uri())
                    self.assertLessEqual(
                        browser.evaluate("document.documentElement.scrollWidth"), width, name)

    def test_no_chapter_is_listed_twice(self):
        body = (self.folder / "index.html").read_text(encoding="utf-8").split('class="body"')[1]
        titles = re.findall(r'<li class="toctree[^>]*><a [^>]*>(.*?)</a>', body)
        self.assertIn("Validation", titles)
        self.assertEqual(sorted(titles), sorted(set(titles)))

    def test_a_warning_is_an_error(self):
        with tempfile.TemporaryDirectory() as name:
            source = Path(name) / "source"
            source.mkdir()
            shutil.copyfile(documents.CHAPTERS[1] / "conf.py", source / "conf.py")
            shutil.copyfile(documents.CHAPTERS[1] / "manual.css", source / "manual.css")
            for text in ("Title\n-----\n\n:doc:`nowhere`\n", "Title\n-----\n\n====  ====\na\n"):
                (source / "index.rst").write_text(text, encoding="utf-8")
                with self.assertRaisesRegex(Failure, "(?s)the manual has errors.*index.rst"):
                    manual.run_sphinx(source, Path(name) / "html", Path(name))

    def test_a_folder_that_is_no_manual_stays(self):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "mine.txt").write_text("mine", encoding="utf-8")
            result = run_manual(f"--output={folder}")
            self.assertEqual((result.returncode, result.stderr.count("\n")), (1, 1), result.stderr)
            self.assertIn("stays", result.stderr)
            self.assertEqual(os.listdir(folder), ["mine.txt"])


@unittest.skipUnless(HAS_SPHINX, "Sphinx is not installed")
class InNs3(unittest.TestCase):
    """The module's chapters go into ns-3's own models manual."""

    def test_they_build_with_its_settings(self):
        models = program.tree().path / "doc" / "models"
        if not (models / "source" / "conf.py").is_file():
            self.skipTest("this tree has no doc/models")
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            shutil.copytree(program.ROOT / "contrib" / "mixnet" / "doc", folder / "source")
            shutil.copyfile(models / "source" / "replace.txt", folder / "source" / "replace.txt")
            (folder / "source" / "index.rst").write_text(
                "Models\n======\n\n.. toctree::\n\n   mixnet\n", encoding="utf-8")
            # Its settings, but for themes that are not part of the source package.
            settings = (models / "source" / "conf.py").read_text(encoding="utf-8")
            (folder / "source" / "conf.py").write_text(
                settings + "\nhtml_theme = 'alabaster'\nhtml_theme_options = {}\n"
                "html_static_path = []\nextensions = []\nlanguage = 'en'\n", encoding="utf-8")
            result = subprocess.run(
                [python_with_sphinx(), "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html",
                 folder / "source", folder / "html"], capture_output=True, text=True, check=False,
                timeout=program.HANG_SECONDS)
            self.assertEqual((result.returncode, result.stderr), (0, ""))


def python_with_sphinx():
    """The Python that has it."""
    for python in system_packages.PYTHONS:
        if subprocess.run([python, "-c", "import sphinx"], capture_output=True,
                          check=False).returncode == 0:
            return python
    raise unittest.SkipTest("Sphinx is not installed")


class Benchmarks(unittest.TestCase):
    """The record of speed is written by one command."""

    SCRIPT = program.ROOT / "utils" / "benchmarks.py"

    def run_it(self, *arguments):
        """Runs the command."""
        env = dict(os.environ, PYTHONDONTWRITEBYTECODE="1", MIXNET_NS3=str(program.tree().path))
        return subprocess.run([sys.executable, self.SCRIPT, *arguments], env=env, text=True,
                              capture_output=True, stdin=subprocess.DEVNULL, check=False,
                              timeout=program.HANG_SECONDS)

    def titles(self, path):
        """First cells of the rows of all tables."""
        rows = path.read_text(encoding="utf-8").split("\n")
        bars = [number for number, row in enumerate(rows) if re.match(r"=+  =", row)]
        self.assertEqual(len(bars), 3 * 3)  # above, below the head, at the end
        return [re.split(r"  +", row)[0] for first, last in zip(bars[1::3], bars[2::3])
                for row in rows[first + 1:last]]

    def test_a_quick_record_has_the_rows_of_the_one_in_the_manual(self):
        with tempfile.TemporaryDirectory() as name:
            out = Path(name) / "quick.txt"
            result = self.run_it("--quick", f"--out={out}")
            self.assertEqual((result.returncode, result.stdout), (0, f"{out}\n"), result.stderr)
            self.assertEqual(list(Path(name).iterdir()), [out])
            self.assertIn("no measurement", out.read_text(encoding="utf-8"))
            quick = self.titles(out)
        record = documents.CHAPTERS[0] / "benchmarks.txt"
        self.assertNotIn("no measurement", record.read_text(encoding="utf-8"))
        self.assertRegex(record.read_text(encoding="utf-8"), r"(?m)^Machine: .+ns-3 \d")
        self.assertLess(set(quick), set(self.titles(record)))

    def test_it_refuses_a_folder_that_is_not_there(self):
        result = self.run_it("--out=/nonexistent/file.txt")
        self.assertEqual((result.returncode, result.stderr.count("\n")), (1, 1), result.stderr)
        self.assertIn("--out=/nonexistent/file.txt", result.stderr)


class Helps(unittest.TestCase):
    """Reading the help of programs."""

    def test_groups_defaults_and_lines_that_go_on(self):
        self.assertEqual(reference.about_of(GROUPED_HELP), "Does something.")
        groups = reference.parse_help(GROUPED_HELP)
        self.assertEqual([group.title for group in groups], ["What is simulated", "Results"])
        self.assertEqual([tuple(option) for group in groups for option in group.options], [
            ("fabric", "What joins the servers, and how. Takes: mixnet, fat-tree "
             "(--list=fabrics). Needs: servers", "mixnet"),
            ("layers", "Layers", "none"), ("output", "Folder", "a b")])

    def test_help_of_other_programs(self):
        self.assertEqual(reference.about_of(PLAIN_HELP), "Makes a file.")
        groups = reference.parse_help(PLAIN_HELP)
        self.assertEqual([tuple(option) for group in groups for option in group.options], [
            ("file", "Where it goes", "a.xml"), ("bytes", "Bytes, [[..],[..]] or not", "100")])

    def test_values_are_readable(self):
        for text, expected in (("+25000ns", "25us"), ("+0ns", "0s"), ("+3e+10ns", "30s"),
                               ("100000000bps", "100Mb/s"), ("greedy", "greedy")):
            self.assertEqual(reference.readable(text), expected)
        for kind, given, expected in (
                ("ns3::UintegerValue", "uint32_t 1:4294967295", "whole number, from 1"),
                ("ns3::UintegerValue", "uint32_t 0:20", "whole number, to 20"),
                ("ns3::DoubleValue", "double 0:1", "number, 0 to 1"),
                ("ns3::EnumValue", "A|B", "A, B"),
                ("ns3::BooleanValue", "bool", "true or false")):
            self.assertEqual(reference.range_of({"type": kind, "range": given}), expected)

    def test_signs_of_the_markup_are_escaped(self):
        self.assertEqual(reference.escape("a*b_ `c` |d|"), r"a\*b\_ \`c\` \|d\|")


if __name__ == "__main__":
    unittest.main()
