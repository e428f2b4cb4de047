# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""utils/study.py: runs, what is not run again, what fails, results, figures, and refusals."""

import csv
import json
import math
import os
import shlex
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import pictures  # noqa: E402
import program  # noqa: E402
import program_case  # noqa: E402

from studies import results  # noqa: E402

TOOL = program.ROOT / "utils" / "study.py"
SMALL = {
    "title": "two fabrics", "program": "fabric-cost", "options": {"servers": 16},
    "axes": {"linkRates": ["100Gb/s", "400Gb/s"],
             "fabrics": [{"label": "MixNet", "fabrics": "mixnet"},
                         {"label": "tree", "fabrics": "fat-tree"}]},
    "figures": [{"name": "usd", "kind": "lines", "x": "linkRates", "y": "network.usd",
                 "series": "fabrics"},
                {"name": "over", "kind": "bars", "x": "linkRates", "y": "network.usd",
                 "series": "fabrics", "relativeTo": {"fabrics": "MixNet"}}]}


def study_environment():
    """The environment of studies: with the tree that tests have."""
    return dict(os.environ, MIXNET_NS3=str(program.tree().path), MIXNET_NO_INSTALL="1")


class StudyCase(program_case.FolderTestCase):
    """A study in a folder of its own."""

    def write(self, **changes):
        """Writes its file."""
        (self.folder / "mine").mkdir(exist_ok=True)
        (self.folder / "mine" / "study.json").write_text(json.dumps({**SMALL, **changes}),
                                                         encoding="utf-8")

    def do(self, *arguments, code=0):
        """Runs the tool."""
        result = subprocess.run([sys.executable, str(TOOL), *map(str, arguments)],
                                env=study_environment(), cwd=self.folder,
                                stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                timeout=program.HANG_SECONDS, check=False)
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        return result


@unittest.skipUnless(shutil.which("snakemake"), "snakemake is not installed")
class Runs(StudyCase):
    """Studies that are done."""

    OUT = "study-mine"

    def rows(self):
        """The table of results, by labels."""
        with open(self.folder / self.OUT / "results.csv", encoding="utf-8", newline="") as file:
            return {(row["linkRates"], row["fabrics"]): row for row in csv.DictReader(file)}

    def notes(self):
        """When each point was done."""
        return {path.parent.name: path.stat().st_mtime_ns
                for path in (self.folder / self.OUT / "points").glob("*/done.json")}

    def test_results_are_those_of_single_runs_and_nothing_is_run_twice(self):
        self.write()
        self.do("mine")
        rows = self.rows()
        self.assertEqual(len(rows), 4)
        for (rate, label), row in rows.items():
            fabric = {"MixNet": "mixnet", "tree": "fat-tree"}[label]
            self.check_success(program.run_program(
                "fabric-cost", "--servers=16", f"--linkRates={rate}", f"--fabrics={fabric}",
                "--output=single", cwd=self.folder))
            single = json.loads((self.folder / "single/summary.json").read_text(encoding="utf-8"))
            self.assertEqual(float(row["network.usd"]), single["network"]["usd"])
        before = self.notes()
        self.assertEqual(len(before), 4)
        again = self.do("mine")
        self.assertIn("4 runs, 4 complete", again.stderr)
        self.assertEqual(self.notes(), before)
        for name in ("usd", "over"):
            picture = pictures.read_picture(self.folder / self.OUT / f"figures/{name}.png")
            self.assertGreater(picture.width, 900)  # a column of a paper at 300 dots per inch
            self.assertGreater(picture.colours(), 10)
        page = (self.folder / self.OUT / "index.html").read_text(encoding="utf-8")
        self.assertIn("two fabrics", page)
        self.assertEqual(page.count("<figure>"), 2)

    def test_what_has_changed_is_run_again_and_nothing_else(self):
        self.write()
        self.do("mine")
        before = self.notes()
        fabrics = [{**SMALL["axes"]["fabrics"][0], "ocsPorts": "all"}, SMALL["axes"]["fabrics"][1]]
        self.write(axes={**SMALL["axes"], "fabrics": fabrics})
        usd = float(self.rows()["100Gb/s", "MixNet"]["network.usd"])
        self.assertIn("2 of another build or options", self.do("mine").stderr)
        after = self.notes()
        for name, when in after.items():
            self.assertEqual(when == before[name], name.endswith("tree"), name)
        # Two electrical NICs of 16 servers get a port of 520 dollars each.
        self.assertAlmostEqual(float(self.rows()["100Gb/s", "MixNet"]["network.usd"]) - usd,
                               2 * 16 * 520)

    def test_a_run_that_fails_is_listed_and_leaves_the_others_alone(self):
        self.write(axes={**SMALL["axes"], "linkRates": ["100Gb/s", "1Gb/s"]})
        first = self.do("mine", code=1)
        self.assertIn("known from 100Gb/s to 800Gb/s", first.stderr)
        self.assertIn("2 of 4 runs", first.stdout)
        self.assertEqual(len(self.rows()), 2)
        self.assertIn("Not complete",
                      (self.folder / self.OUT / "index.html").read_text(encoding="utf-8"))
        self.assertIn("4 runs, 2 complete", self.do("mine", code=1).stderr)

    def test_commands_of_a_dry_run_do_the_runs_by_themselves(self):
        self.write()
        commands = self.do("mine", "--dry-run", f"--profile={program.ROOT / 'utils/studies/slurm'}"
                           ).stdout.splitlines()
        self.assertEqual(len(commands), 4)
        self.assertFalse((self.folder / self.OUT).exists())
        for command in commands[:3]:
            subprocess.run(shlex.split(command), env=study_environment(), cwd="/",
                           check=True, timeout=program.HANG_SECONDS)
        self.assertIn("4 runs, 3 complete", self.do("mine").stderr)

    def test_an_interrupted_study_goes_on(self):
        self.write(program="mixnet-training", options={"fidelity": "flow", "layers": 1},
                   axes={"fabric": ["mixnet", "fat-tree"], "seed": list(range(1, 9))}, figures=[])
        with subprocess.Popen([sys.executable, str(TOOL), "mine"], env=study_environment(),
                              cwd=self.folder, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              text=True) as process:
            for line in process.stderr:
                if "[2/16]" in line:
                    break
            process.terminate()
            process.communicate(timeout=program.HANG_SECONDS)
        self.assertNotEqual(process.returncode, 0)
        before = self.notes()
        self.assertGreaterEqual(len(before), 2)
        self.do("mine")
        after = self.notes()
        self.assertEqual(len(after), 16)
        self.assertEqual({name: after[name] for name in before}, before)

    def test_the_template_gives_intervals(self):
        self.do("new", "other")
        self.do("other")
        rows = results.read_table(self.folder / "study-other/results.csv",
                                  ("linkRate", "fabric", "seed"))
        self.assertEqual(len(rows), 18)
        times = results.values_by(rows, ["linkRate", "fabric"], "iterationTimeSeconds")
        for values in times.values():
            mean = results.mean_of(values)
            self.assertEqual(mean.count, 3)
            self.assertGreater(mean.half, 0)
        self.assertTrue((self.folder / "study-other/figures/iteration-time.png").is_file())


class Refusals(StudyCase):
    """What is refused in one line, before anything runs."""

    def check(self, *words, arguments=("mine",), **changes):
        """Writes a file and does the study."""
        self.write(**changes)
        said = self.do(*arguments, code=1).stderr
        self.assertEqual(said.count("\n"), 1, said)
        for word in words:
            self.assertIn(word, said)
        self.assertFalse((self.folder / "study-mine").exists())

    def test_fields(self):
        self.check("study.json", "title is 5", "a text", title=5)
        self.check("study.json", "axis is", "axes", axis={})
        self.check("axes is []", "an object", axes=[])
        self.check("axes.seed is []", "a list of levels", axes={"seed": []})
        self.check("axes.seed", "differ", axes={"seed": [1, 1]})
        self.check("axes.seed[0].label is null", "a text", axes={"seed": [{"seed": 1}]})
        self.check("axes.seed[0].seed is [1]", axes={"seed": [[1]]})
        self.check("options.servers is true", "a text or a number", options={"servers": True})
        self.check("timeLimitSeconds is -1", "above 0", timeLimitSeconds=-1)
        self.check("leaveOut[0].fabrics is \"x\"", "MixNet, tree", leaveOut=[{"fabrics": "x"}])
        self.check("leaves out all", leaveOut=[{"fabrics": ["MixNet", "tree"]}])

    def test_figures(self):
        usual = SMALL["figures"][0]
        for changes, words in (({"kind": "pie"}, ("kind is \"pie\"", "pareto")),
                               ({"x": "z"}, ("figures[0].x is \"z\"", "linkRates, fabrics")),
                               ({"colour": 1}, ("figures[0].colour",)),
                               ({"name": "a/b"}, ("fit for a file",)),
                               ({"where": {"fabrics": "no"}}, ("where.fabrics is \"no\"",))):
            self.check(*words, figures=[{**usual, **changes}])

    def test_arguments(self):
        self.write()
        for arguments, words in ((("nobody",), ("nobody", "cost")),
                                 (("mine", "--jobs=0"), ("--jobs=0", "1 to 4096")),
                                 (("mine", "--profile=none"), ("--profile=none", "config.yaml")),
                                 (("mine", "--format=gif"), ("gif", "png")),
                                 (("mine", "--output=mine"), ("of no study",)),
                                 (("point", "mine", "x", "--output=o"), ("has no run x",)),
                                 (("new", "mine"), ("is there already",))):
            said = self.do(*arguments, code=1).stderr
            self.assertEqual(said.count("\n"), 1, said)
            for word in words:
                self.assertIn(word, said)

    def test_our_own_studies_can_be_read(self):
        listed = self.do("list").stdout.splitlines()
        own = sorted(path.parent.name
                     for path in (program.ROOT / "examples/studies").glob("*/study.json"))
        self.assertEqual([line.split()[0] for line in listed], own)


class Statistics(unittest.TestCase):
    """What figures rest on."""

    ROWS = [{"fabric": fabric, "seed": str(seed), "time": float(base * seed)}
            for fabric, base in (("a", 2), ("b", 3)) for seed in (1, 2, 4)]

    def test_means_and_intervals(self):
        mean = results.mean_of([2, 4, 8])
        self.assertAlmostEqual(mean.value, 14 / 3)
        deviation = math.sqrt(sum((x - 14 / 3) ** 2 for x in (2, 4, 8)) / 2)
        self.assertAlmostEqual(mean.half, 4.303 * deviation / math.sqrt(3))
        self.assertEqual(results.mean_of([5]), results.Mean(5, 0, 1))

    def test_values_over_a_reference_are_of_the_same_place(self):
        over = results.relative(self.ROWS, "time", {"fabric": "a"})
        self.assertEqual([row["time"] for row in over], [1, 1, 1, 1.5, 1.5, 1.5])
        inverse = results.relative(self.ROWS, "time", {"fabric": "b"}, isInverse=True)
        self.assertEqual([row["time"] for row in inverse], [1.5, 1.5, 1.5, 1, 1, 1])

    def test_numbers_of_summaries_get_names_with_dots(self):
        flat = results.flat({"a": 1, "b": {"c": 2.5, "d": {"e": True}}, "f": [1], "g": "text",
                             "options": {"a": 1}, "h": None})
        self.assertEqual(flat, {"a": 1, "b.c": 2.5, "b.d.e": 1})


if __name__ == "__main__":
    unittest.main()
