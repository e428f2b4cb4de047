# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""What programs say of themselves: --help, --list, and --quiet, with which they say nothing."""

import json
import re
import shlex
import sys
import unittest
from pathlib import Path
from typing import Dict, List

sys.path.insert(0, str(Path(__file__).resolve().parent))

import program  # noqa: E402
import program_case  # noqa: E402

PROGRAMS = ("mixnet-training", "all-to-all", "training-graph", "training-traffic", "fabric-cost",
            "fabric-plans", "ocs-reconfiguration", "packet-hop-benchmark", "fidelity-benchmark", "topoopt-mix")
NAMELESS = ("ocs-reconfiguration", "packet-hop-benchmark", "fidelity-benchmark", "topoopt-mix")
COLUMNS = 80
HEADING = re.compile(r"^\S.* \(--help=(\w+)\)$", re.MULTILINE)
OF_NS3 = "\nOf ns-3, in all programs\n"
EXAMPLE = re.compile(r'^  \./ns3 run "(.*)"$', re.MULTILINE)
TAKES = re.compile(r"^Takes: (.*) \(--list=([\w-]+)\)$")
MODULE = program.ROOT / "contrib" / "mixnet"

# A quick run of each, the folder it writes, and what of its results depends on the machine.
RUNS = {
    "mixnet-training": ("--model=mixtral-8x7b --layers=1 --fidelity=flow --backward=no", True),
    "all-to-all": ("--hosts=4 --endpoints=4 --bytes=100kB", True),
    "training-graph": ("--model=llama-moe --layers=4 --microbatches=2", True),
    "training-traffic": ("--models=llama-moe --iterations=20", True),
    "fabric-cost": ("--servers=16 --fabrics=fat-tree", False),
    "fabric-plans": ("--servers=16 --fabrics=fat-tree", False),
    "ocs-reconfiguration": ("--messageBytes=500kB --swapAt=10us --swapBackAt=200us "
                            "--reconfigurationDelay=20us --interval=10us", False),
    "packet-hop-benchmark": ("--rounds=1 --bytes=1000 --packets=10", False),
    "fidelity-benchmark": ("--only=region --regions=1 --packetRegions=0", False),
    "topoopt-mix": ("--servers=4 --degrees=2 --shares=0.4 --rates=1", False),
}


class HelpTestCase(unittest.TestCase):
    """Runs programs that say something and end."""

    def said(self, name: str, *arguments: str) -> str:
        """What a program prints."""
        result = program.run_program(name, *arguments)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return result.stdout

    def refusal(self, name: str, *arguments: str) -> str:
        """The one line that a program is refused with."""
        result = program.run_program(name, *arguments)
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        return result.stderr

    def options(self, text: str) -> Dict[str, List[str]]:
        """What is said of each option, line by line, continued lines joined."""
        found: Dict[str, List[str]] = {}
        for line in text.split(OF_NS3)[0].splitlines():
            option = program.OPTION.match(line)
            if option:
                self.assertNotIn(option[1], found)
                lines = found[option[1]] = []
            elif found and line.startswith(" "):
                self.assertRegex(line, r"^ {6}\S")
                word = line.strip()
                if not lines or word.startswith(("Takes: ", "Needs: ")):
                    lines.append(word)
                else:
                    lines[-1] += f" {word}"
        return found

    def check_columns(self, text: str) -> None:
        """No line is longer than it should be, unless it cannot be broken."""
        for line in text.splitlines():
            if len(line) > COLUMNS:
                self.assertNotIn(" ", line.strip())


class Help(HelpTestCase):
    """Options in groups, in one form."""

    def test_all_options_are_in_one_form(self):
        for name in PROGRAMS:
            with self.subTest(name):
                text = self.said(name, "--help=all")
                self.check_columns(text)
                self.assertEqual(text.count(OF_NS3), 1)
                for lines in self.options(text).values():
                    self.assertGreaterEqual(len(lines), 1)
                    self.assertFalse(lines[0].startswith(("Takes: ", "Needs: ")), lines)
                    self.assertEqual([line[:7] for line in lines[1:]],
                                     sorted({line[:7] for line in lines[1:]}, reverse=True))
                body = text.split(OF_NS3)[0]
                body = body[HEADING.search(body).start():]
                for line in body.splitlines():
                    self.assertRegex(line, rf"{HEADING.pattern}|^  --\w+=.|^ {{6}}\S|^$")

    def test_no_option_is_without_a_group(self):
        for name in PROGRAMS:
            self.assertNotIn("other", HEADING.findall(self.said(name, "--help=all")),
                             f"{name}: declare options with ProgramOptions::Section()")

    def test_newcomers_see_a_part_and_where_the_rest_is(self):
        for name in PROGRAMS:
            with self.subTest(name):
                short = self.said(name, "--help")
                self.check_columns(short)
                few = self.options(short.split("\n--help=all")[0])
                every = self.options(self.said(name, "--help=all"))
                self.assertLess(len(few), len(every))
                self.assertLessEqual(len(few), 25)
                for option, lines in few.items():
                    self.assertEqual(lines, every[option])
                self.assertIn(f"the most used, {len(few)} of {len(every)}:",
                              " ".join(short.split()))
                self.assertIn("--help=all", short)
                self.assertEqual("--list" in short, name not in NAMELESS)
                for word in ("-h", "-help", "--PrintHelp"):
                    self.assertEqual(self.said(name, word), short)

    def test_a_group_alone_is_as_it_stands_among_all(self):
        for name in PROGRAMS:
            everything = self.said(name, "--help=all")
            groups = HEADING.findall(everything)
            self.assertEqual(sorted(set(groups)), sorted(groups))
            for group in groups:
                with self.subTest(program=name, group=group):
                    alone = self.said(name, f"--help={group}")
                    self.assertEqual(HEADING.findall(alone), [group])
                    self.assertIn(f"\n{alone}\n", everything)
                    self.assertEqual(self.said(name, f"--help={group.upper()}"), alone)

    def test_unknown_groups_are_refused(self):
        line = self.refusal("mixnet-training", "--help=fabirc")
        self.assertIn("--help=fabirc: must be one of all, general, model,", line)
        self.assertIn("did you mean fabric?", line)
        # ocs-reconfiguration has no such options.
        self.assertIn("must be one of", self.refusal("ocs-reconfiguration", "--help=load"))

    def test_help_comes_before_what_is_wrong(self):
        short = self.said("mixnet-training", "--help")
        for arguments in (("--colour=red", "--help"), ("--help", "--layers=many"),
                          ("layers=1", "--help")):
            self.assertEqual(self.said("mixnet-training", *arguments), short)

    def test_examples_run(self):
        for name in PROGRAMS:
            examples = EXAMPLE.findall(self.said(name, "--help"))
            self.assertEqual(len(examples), 2)
            for example in examples:
                with self.subTest(example), program_case.folder() as folder:
                    words = shlex.split(example)
                    self.assertEqual(words[0], name)
                    result = program.run_program(*words, cwd=folder)
                    self.assertEqual(result.returncode, 0, result.stderr)

    def test_what_ns3_has_is_named_and_works(self):
        for name in PROGRAMS:
            of_ns3 = self.said(name, "--help=all").split(OF_NS3)[1]
            for option in ("PrintGlobals", "PrintGroups", "PrintTypeIds", "PrintVersion",
                           "PrintGroup=Mixnet", "PrintAttributes=ns3::mixnet::RdmaNic"):
                self.assertIn(f"\n  --{option.split('=')[0]}", f"\n{of_ns3}")
        for option, word in (("--PrintGlobals", "RngRun"), ("--PrintTypeIds", "ns3::mixnet::Fibre"),
                             ("--PrintGroup=Mixnet", "ns3::mixnet::RdmaNic"),
                             ("--PrintGroups", "Mixnet"), ("--PrintVersion", "version"),
                             ("--PrintAttributes=ns3::mixnet::RdmaNic", "AckInterval")):
            self.assertIn(word, self.said("mixnet-training", option))


class Names(HelpTestCase):
    """Everything that has a name is listed, by the programs that take it."""

    def families(self, name: str) -> Dict[str, List[str]]:
        """The names of each family that options of a program take, as its help says."""
        found: Dict[str, List[str]] = {}
        for lines in self.options(self.said(name, "--help=all")).values():
            for line in lines:
                takes = TAKES.match(line)
                if takes:
                    names = takes[1].split(", or ")[0].split(", ")
                    known = found.setdefault(takes[2], names)
                    # An option may take words besides.
                    found[takes[2]] = [one for one in known if one in names]
        return found

    def test_families_are_those_of_the_help(self):
        for name in PROGRAMS:
            if name in NAMELESS:
                self.assertEqual(self.families(name), {})
                line = self.refusal(name, "--list")
                self.assertIn("needs options that take names", line)
                continue
            whole = self.said(name, "--list")
            self.check_columns(whole)
            self.assertEqual(re.findall(r"^\S.*\(--list=([\w-]+)\)", whole, re.MULTILINE),
                             list(self.families(name)))
            for family, names in self.families(name).items():
                with self.subTest(program=name, family=family):
                    listed = self.said(name, f"--list={family}")
                    self.assertEqual(self.said(name, f"--list={family.upper()}"), listed)
                    self.assertIn(listed.rstrip("\n"), whole)
                    lines = re.findall(r"^  (\S+) +\S.*$", listed, re.MULTILINE)
                    self.assertEqual([one for one in names if one in lines], lines)

    def test_a_family_answers_to_its_option(self):
        self.assertEqual(self.said("mixnet-training", "--list=ocsTechnology"),
                         self.said("mixnet-training", "--list=ocs-technologies"))

    def test_unknown_families_are_refused(self):
        line = self.refusal("all-to-all", "--list=patern")
        self.assertIn("--list=patern: must be one of all, presets, patterns,", line)
        self.assertIn("did you mean patterns?", line)

    def test_every_registry_is_in_a_list(self):
        """A family of alternatives that no option takes could not be chosen."""
        text = "\n".join(path.read_text(encoding="utf-8") for path in MODULE.rglob("*.[ch]*")
                         if path.suffix in (".h", ".cc"))
        registries = set(re.findall(r"Registry<\w+>&\s+(\w+)\(\)\s*[;{]", text))
        self.assertGreater(len(registries), 15)
        taken = set(re.findall(r"\.OneOf\(\s*\"[\w-]+\",\s*(?:\w+::)?(\w+)\(\)", text))
        self.assertEqual(registries - taken, set())

    def test_presets_are_explained(self):
        readme = (MODULE / "presets" / "README.md").read_text(encoding="utf-8")
        listed = self.said("mixnet-training", "--list=presets")
        for path in sorted((MODULE / "presets").glob("*.json")):
            with self.subTest(path.stem):
                preset = json.loads(path.read_text(encoding="utf-8"))
                self.assertIn(f"\n  {path.stem} ", listed)
                self.assertIn(f"\n| `{path.stem}` |", readme)
                self.assertIn(f"\n* `{path.stem}`: ", readme)
                values = [preset["options"], *preset.get("fabrics", {}).values()]
                for group in values:
                    for value in group.values():
                        self.assertTrue(value["source"])


class Quiet(program_case.FolderTestCase):
    """Programs that print nothing."""

    NOTE = "note: --quiet, and no file is written: the exit code alone tells how the run goes\n"

    def files(self, folder: Path) -> Dict[str, bytes]:
        """Files below a folder, but those that tell how long a run took."""
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*")
                if path.is_file() and path.name != "summary.json"}

    def test_files_are_written_and_nothing_is_printed(self):
        for name, (words, writes) in RUNS.items():
            with self.subTest(name):
                quiet, loud = self.folder / name / "quiet", self.folder / name / "loud"
                for folder, more in ((quiet, ["--quiet"]), (loud, [])):
                    folder.mkdir(parents=True)
                    result = program.run_program(name, *words.split(), *more, cwd=folder)
                    self.assertEqual(result.returncode, 0, result.stderr)
                    self.assertEqual(result.stdout == "", folder == quiet)
                    self.assertEqual(result.stderr,
                                     "" if writes or folder == loud else self.NOTE)
                self.assertEqual(self.files(quiet), self.files(loud))
                self.assertEqual(bool(self.files(quiet)), writes)

    def test_a_note_says_when_nothing_is_left(self):
        words = RUNS["mixnet-training"][0].split()
        for more, note in ((["--output=none"], self.NOTE),
                           (["--output=none", "--timeline=run.json"], ""),
                           (["--output=none", "--quiet=no"], "")):
            result = program.run_program("mixnet-training", *words,
                                         *program.with_defaults(["--quiet"], more),
                                         cwd=self.folder)
            self.assertEqual((result.returncode, result.stderr), (0, note))

    def test_errors_are_told(self):
        result = program.run_program("mixnet-training", "--quiet", "--layers=many",
                                     cwd=self.folder)
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertIn("--layers=many", result.stderr)
        result = program.run_program("all-to-all", "--quiet", "--hosts=4", "--endpoints=2",
                                     "--timeLimit=1us", cwd=self.folder)
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertIn("the results are not complete", result.stderr)


if __name__ == "__main__":
    unittest.main()
