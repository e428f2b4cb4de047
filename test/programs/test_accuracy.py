# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""utils/accuracy.py and fidelity-benchmark: tables of differences and of costs, and refusals."""

import csv
import os
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import program  # noqa: E402
import program_case  # noqa: E402

ACCURACY = program.ROOT / "utils" / "accuracy.py"
MEASURED = ("[[9810,5338,1231,3042,4452,2004,841,6050],[9278,6282,839,3722,3821,2903,909,5014],"
            "[10684,5165,1044,2634,4344,3333,675,4889],[10897,5629,1086,2114,2762,3463,1059,5758],"
            "[8684,5666,1046,3955,4334,2952,944,5187],[8361,5908,777,3043,3984,3422,897,6376],"
            "[10208,5507,1117,4148,3967,3119,904,3798],[9781,5211,902,3343,4289,2839,1008,5395]]")


class Accuracy(program_case.FolderTestCase):
    """The differences of flows and packets."""

    def compare(self, *arguments, code=0):
        """Runs accuracy.py."""
        env = dict(os.environ, MIXNET_NS3=str(program.tree().path))
        result = subprocess.run([sys.executable, str(ACCURACY), *map(str, arguments)], env=env,
                                cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True,
                                text=True, timeout=program.HANG_SECONDS, check=False)
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        return result

    def test_flows_are_near_packets_and_the_table_says_how_near(self):
        (self.folder / "tokens").write_text(MEASURED, encoding="utf-8")
        result = self.compare("quick", "--tokens=tokens", "--fabrics=ideal-switch",
                              "--matrices=1", "--rst=table.rst", "--csv=table.csv")
        table = result.stdout.splitlines()
        self.assertIn("ideal-switch", table[0])
        rst = (self.folder / "table.rst").read_text(encoding="utf-8").splitlines()
        self.assertEqual(rst[0], rst[2])
        self.assertEqual(rst[-1], rst[2])
        self.assertEqual([line.split("  ")[0] for line in rst[3:-1]],
                         [line.split("  ")[0] for line in table[2:]])
        with open(self.folder / "table.csv", encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        self.assertIn("dispatch", [row["case"] for row in rows])
        for row in rows:
            if "GPU ports" in row["case"]:
                continue  # the manual says how far flows are where servers are tight inside
            with self.subTest(case=row["case"]):
                packet, flow = float(row["packetSeconds"]), float(row["flowSeconds"])
                self.assertLess(abs(flow / packet - 1), 0.02)
                if row["case"] != "training, farthest all-to-all":
                    self.assertLess(abs(float(row["percent"])), 2)
        # The busiest NIC of the measured counts gets 8487 tokens of 8192 bytes from each GPU's
        # like, over lines whose frames are 4096 of 4178 bytes.
        dispatch = next(row for row in rows if row["case"] == "dispatch")
        column = 10684 + 9278 + 10897 + 8684 + 8361 + 10208 + 9781
        seconds = column * 8192 / 8 * 8 / 400e9 * 4178 / 4096
        self.assertAlmostEqual(float(dispatch["flowSeconds"]) / seconds, 1, delta=0.01)

    def test_refusals(self):
        for argument, word in (("slow", "slow"), ("--fabrics=torus", "torus"),
                               ("--fabrics=", "--fabrics="), ("--matrices=0", "1 to 1000"),
                               ("--matrices=x", "1 to 1000"), ("--tokens=missing", "missing"),
                               ("--only=magic", "magic"),
                               ("--rst=no/such/folder", "no/such/folder"),
                               ("--csv=no/such/folder", "no/such/folder")):
            with self.subTest(argument=argument):
                result = self.compare(argument, code=1)
                self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
                self.assertIn(word, result.stderr)
                self.assertEqual(result.stdout, "")
        for text in ("[[1]]", "no json", '{"a": 1}', MEASURED.replace("9810", "-1")):
            with self.subTest(text=text):
                (self.folder / "tokens").write_text(text, encoding="utf-8")
                result = self.compare("--tokens=tokens", code=1)
                self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
                self.assertIn("--tokens=tokens", result.stderr)


class Benchmark(program_case.FolderTestCase):
    """What levels cost."""

    def test_every_job_is_measured_at_its_levels(self):
        result = program.run_program("fidelity-benchmark", "--part=0.01", "--regions=1,2",
                                     "--packetRegions=1", "--output=costs", cwd=self.folder)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertEqual(result.stdout.count("probe: "), 2)
        with open(self.folder / "costs" / "benchmark.csv", encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        levels = {}
        for row in rows:
            levels.setdefault(row["job"], {})[row["level"]] = row
        self.assertEqual(len(levels), 7)
        self.assertEqual(set(levels["2 regions"]), {"flow"})
        for job, of_level in levels.items():
            with self.subTest(job=job):
                self.assertIn("flow", of_level)
                if "packet" in of_level:
                    packet, flow = of_level["packet"], of_level["flow"]
                    self.assertGreater(int(packet["events"]), 20 * int(flow["events"]))
                    # Short messages fit into windows: flows are a few microseconds off.
                    self.assertAlmostEqual(float(packet["simulatedSeconds"]),
                                           float(flow["simulatedSeconds"]),
                                           delta=20e-6 + 0.02 * float(packet["simulatedSeconds"]))
        # An all-to-all among 8 of 10 MB each: seven flows leave a NIC of 400 Gb/s.
        self.assertAlmostEqual(float(levels["all-to-all N=8"]["flow"]["simulatedSeconds"]),
                               7 * 10e6 * 8 / 400e9 * 9082 / 9000, delta=20e-6)

    def test_regions_alone_one_after_another(self):
        result = program.run_program("fidelity-benchmark", "--only=region", "--regions=1,3",
                                     "--packetRegions=0", "--spacing=10s", "--output=costs",
                                     cwd=self.folder)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        with open(self.folder / "costs" / "benchmark.csv", encoding="utf-8", newline="") as file:
            rows = {row["job"]: row for row in csv.DictReader(file)}
        self.assertEqual(set(rows), {"1 region", "3 regions"})
        # The third region starts 20 s after the first and takes about as long.
        alone = float(rows["1 region"]["simulatedSeconds"])
        self.assertLess(alone, 1)
        self.assertAlmostEqual(float(rows["3 regions"]["simulatedSeconds"]), 20 + alone,
                               delta=alone / 2)

    def test_refusals(self):
        for option, word in (("--part=0", "--part=0"), ("--regions=0", "--regions=0"),
                             ("--regions=1,x", "x"), ("--layers=99", "--layers=99"),
                             ("--only=zzz", "--only=zzz"), ("--spacing=3", "--spacing=3"),
                             ("--output=/proc/nowhere", "/proc/nowhere")):
            with self.subTest(option=option):
                result = program.run_program("fidelity-benchmark", option, cwd=self.folder)
                self.assertEqual(result.returncode, 1)
                self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
                self.assertIn(word, result.stderr)
                self.assertEqual(list(self.folder.iterdir()), [])


if __name__ == "__main__":
    unittest.main()
