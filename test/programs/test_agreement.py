# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""utils/agreement.py: verdicts, the record, and what is refused."""

import csv
import json
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import program  # noqa: E402
import program_case  # noqa: E402

import agreement  # noqa: E402
from studies.definition import Study  # noqa: E402

TOOL = program.ROOT / "utils" / "agreement.py"
CLAIM = {"id": "one", "section": "7", "figure": "1", "text": "b is twice a", "model": "m",
         "linkRateGbps": "400", "low": "2", "high": "2", "unit": "ratio", "study": "s",
         "column": "time", "where": "fabric=b", "over": "fabric=a", "reduce": "mean"}
RESULTS = "fabric,seed,time\na,1,10\nb,1,21\na,2,10\nb,2,25\n"  # b over a: 2.1 and 2.5


class Agreement(program_case.FolderTestCase):
    """The record of agreement."""

    def write(self, *claims, header=tuple(CLAIM)):
        """Writes claims, results of a study, and causes."""
        with open(self.folder / "claims.csv", "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(header)
            writer.writerows([claim[name] for name in CLAIM] for claim in claims)
        for name in ("study-s", "s"):
            (self.folder / name).mkdir(exist_ok=True)
        (self.folder / "s/study.json").write_text(json.dumps(
            {"title": "s", "axes": {"fabric": ["a", "b"], "seed": [1, 2]}}), encoding="utf-8")
        (self.folder / "study-s/results.csv").write_text(RESULTS, encoding="utf-8")
        (self.folder / "causes.csv").write_text("claim,cause\no,others\none,because\n",
                                                encoding="utf-8")

    def make(self, code=0):
        """Writes the record."""
        result = subprocess.run([sys.executable, str(TOOL), "--claims=claims.csv",
                                 "--causes=causes.csv", "--output=record.md",
                                 "--definitions=."], cwd=self.folder,
                                stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                timeout=program.HANG_SECONDS, check=False)
        self.assertEqual(result.returncode, code, result.stderr)
        return result

    def record(self):
        """Rows of the record by claim."""
        text = (self.folder / "record.md").read_text(encoding="utf-8")
        rows = [[cell.strip() for cell in line.split("|")[1:-1]]
                for line in text.splitlines() if line.startswith("| ")]
        return {row[0]: row for row in rows[2:]}

    def test_a_claim_agrees_is_near_or_differs(self):
        # The mean of 2.1 and 2.5 is 2.3: 15 % above 2, 8 % below 2.5, 54 % above 1.5.
        self.write(CLAIM, {**CLAIM, "id": "two", "high": "2.4"},
                   {**CLAIM, "id": "three", "low": "2.5", "high": "2.5"},
                   {**CLAIM, "id": "four", "low": "1.4", "high": "1.5"},
                   {**CLAIM, "id": "five", "reduce": "max", "low": "2.5", "high": "2.5"},
                   {**CLAIM, "id": "six", "study": "none"},
                   {**CLAIM, "id": "seven", "where": "fabric=c"})
        self.make()
        rows = self.record()
        self.assertEqual({name: row[9] for name, row in rows.items()},
                         {"one": "near", "two": "agrees", "three": "agrees", "four": "differs",
                          "five": "agrees", "six": "not done", "seven": "not done"})
        self.assertEqual(rows["one"][7], "2.300 (2.100 to 2.500)")
        self.assertEqual(rows["one"][10], "because")
        self.assertEqual(rows["two"][6], "2 to 2.4")
        self.assertEqual(rows["two"][10], "")

    def test_what_is_wrong_is_named(self):
        for claim, words in (({"low": "x"}, "line 2: low is x"), ({"low": "3"}, "low <= high"),
                             ({"reduce": "sum"}, "reduce is sum"), ({"unit": "m"}, "unit m")):
            self.write({**CLAIM, **claim})
            self.assertIn(words, self.make(code=1).stderr)
        self.write(CLAIM, header=("id", *list(CLAIM)[1:-1], "other"))
        self.assertIn("other columns", self.make(code=1).stderr)
        self.write(CLAIM)
        (self.folder / "study-s/results.csv").unlink()
        self.assertIn("utils/study.py all", self.make(code=1).stderr)
        self.assertFalse((self.folder / "record.md").exists())

    def test_our_claims_name_studies_columns_and_labels_that_there_are(self):
        for claim in agreement.read_claims(agreement.STUDIES / "claims.csv"):
            study = Study(agreement.STUDIES / claim["study"])
            for labels in (claim["where"], claim["over"]):
                for axis, label in agreement.labels_of(labels).items():
                    self.assertIn(label, [level.label for level in study.axes[axis]], claim["id"])


if __name__ == "__main__":
    unittest.main()
