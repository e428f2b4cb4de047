# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""The program topoopt-mix as a user runs it: bounds, tax and bytes of small mixes, and refusals."""

import csv
import re
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import program  # noqa: E402
import program_case  # noqa: E402

PAYLOAD, FRAME = 4096, 4096 + 82  # of a frame of the default MTU, and what it takes of a line
RATE = 100e9  # of a NIC, bits per second
LATENCY = 20e-6  # more than propagation, headers and control on any of these fabrics
TOLERANCE = 1.02  # flows end together with others, each a little late


class TopoOptMix(program_case.OutputTestCase):
    """An all-reduce and an all-to-all on circuits and on switches."""

    PROGRAM = "topoopt-mix"

    def rows(self, *arguments):
        """Runs the program; the rows of its table by degree, share, fabric and rate."""
        self.run_well(*arguments)
        with (self.output / "mix.csv").open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        return {(int(r["degree"]), r["share"], r["fabric"], r["rate"]): r for r in rows}

    def seconds(self, sent, rate=RATE):
        """Time that a line takes for bytes of payload."""
        return sent * 8 * FRAME / PAYLOAD / rate

    def check_time(self, row, bound):
        """A run has the bound that is expected, and takes hardly more."""
        self.assertAlmostEqual(float(row["boundSeconds"]) / bound, 1, delta=1e-6)
        self.assertGreaterEqual(float(row["timeSeconds"]), float(row["boundSeconds"]))
        self.assertLessEqual(float(row["timeSeconds"]), bound * TOLERANCE + LATENCY)

    def test_rings_alone_take_what_their_circuits_take(self):
        # Each of 6 servers sends 2 * 5 / 6 of its 600 MB, in equal parts over its NICs.
        rows = self.rows("--servers=6", "--degrees=1,3", "--shares=0", "--allReduceBytes=600MB",
                         "--rates=1,1/3")
        for (degree, _, fabric, rate), row in rows.items():
            with self.subTest(degree=degree, fabric=fabric, rate=rate):
                part = 1 / 3 if rate == "1/3" else 1
                self.check_time(row, self.seconds(2 * 5 / 6 * 600e6 / degree, RATE * part))
                self.assertEqual(float(row["bandwidthTax"]), 1)
                self.assertAlmostEqual(float(row["busiestOverMean"]), 1, places=6)  # to the byte
        self.assertEqual([rows[degree, "0", "topoopt", "1"]["rings"] for degree in (1, 3)],
                         ["1", "3"])

    def test_a_full_mesh_is_as_good_as_a_switch(self):
        # An all-to-all alone, one NIC for each of the 5 others: 2 * 5 / 6 of 600 MB in all.
        rows = self.rows("--servers=6", "--degrees=5", "--shares=only", "--allReduceBytes=600MB",
                         "--rates=1")
        circuits = rows[5, "only", "topoopt", "1"]
        self.assertEqual([circuits[key] for key in ("rings", "meanHops", "diameter")],
                         ["0", "1", "1"])
        for row in rows.values():
            self.check_time(row, self.seconds(2 * 5 / 6 * 600e6 / 5))
            self.assertEqual(float(row["bandwidthTax"]), 1)
            self.assertEqual(row["allReduceBytes"], "0")

    def test_one_ring_carries_all_that_passes_on_it(self):
        # One-way ring of 4: bytes of a pair cross 1, 2 or 3 circuits, 6 of them each circuit.
        row = self.rows("--servers=4", "--degrees=1", "--shares=0.5", "--allReduceBytes=4MB",
                        "--rates=1")[1, "0.5", "topoopt", "1"]
        ring, pair = 2 * 3 / 4 * 4e6, 0.5 * 2 / 4 * 4e6
        self.assertEqual((int(row["busiestAllReduceBytes"]), int(row["busiestAllToAllBytes"])),
                         (ring, 6 * pair))
        self.assertAlmostEqual(float(row["bandwidthTax"]),
                               (4 * ring + 2 * 12 * pair) / (4 * ring + 12 * pair), places=9)
        self.check_time(row, self.seconds(ring + 6 * pair))

    def test_all_bytes_cross_as_many_lines_as_the_tax_says(self):
        for level in ("flow", "packet"):
            rows = self.rows("--servers=8", "--degrees=3", "--shares=0,0.4", "--rates=1/2",
                             "--allReduceBytes=800kB", f"--fidelity={level}")
            for (_, share, fabric, _), row in rows.items():
                with self.subTest(level=level, share=share, fabric=fabric):
                    sent = int(row["allReduceBytes"]) + int(row["allToAllBytes"])
                    self.assertEqual(int(row["allReduceBytes"]), 2 * 7 * 800_000)
                    self.assertEqual(int(row["allToAllBytes"]),
                                     round(float(share) * 2 * 800_000 / 8) * 8 * 7)
                    crossed = sent * float(row["bandwidthTax"])
                    # Last frames are not full; acknowledgements are of packets only.
                    self.assertGreaterEqual(int(row["sentBytes"]), 0.999999 * crossed *
                                            FRAME / PAYLOAD)
                    self.assertLessEqual(int(row["sentBytes"]), 1.03 * crossed * FRAME / PAYLOAD)

    def test_no_line_is_below_its_bound_and_no_switch_loses(self):
        shares = ("0", "0.1", "0.4", "1")
        rows = self.rows("--servers=16", "--degrees=2,4", f"--shares={','.join(shares)}",
                         "--rates=1,0.25", "--allReduceBytes=160MB")
        self.assertEqual(len(rows), 2 * 4 * 4)
        for (degree, share, fabric, rate), row in rows.items():
            with self.subTest(degree=degree, share=share, fabric=fabric, rate=rate):
                time, bound = float(row["timeSeconds"]), float(row["boundSeconds"])
                self.assertGreaterEqual(time, bound)
                ideal = rows[degree, share, "ideal-switch", "1"]
                self.assertGreaterEqual(time, float(ideal["boundSeconds"]))
                self.assertGreaterEqual(bound * 1.000001, float(ideal["boundSeconds"])
                                        * float(row["bandwidthTax"]))
                if fabric == "fat-tree":
                    self.check_time(row, float(ideal["boundSeconds"]) / float(rate))
        for degree in (2, 4):
            taxes = [float(rows[degree, share, "topoopt", "1"]["bandwidthTax"])
                     for share in shares]
            self.assertEqual(taxes, sorted(set(taxes)))

    def test_packets_take_what_flows_take(self):
        times = []
        for level in ("flow", "packet"):
            rows = self.rows("--servers=4", "--degrees=3", "--shares=0,only", "--rates=1",
                             "--allReduceBytes=20MB", f"--fidelity={level}")
            times.append({key: float(row["timeSeconds"]) for key, row in rows.items()})
        for key, time in times[0].items():
            # Sprayed frames meet in the few switches of a small tree.
            delta = 0.08 if key[2] == "fat-tree" else 0.01
            self.assertAlmostEqual(times[1][key] / time, 1, delta=delta, msg=str(key))

    def test_what_is_printed_is_what_is_written(self):
        output = self.run_well("--servers=8", "--degrees=3", "--shares=0,0.4", "--rates=1")
        lines = re.findall(r"^ +(0|0\.4) +(\d) .* (\d+\.\d\d) +(\d+\.\d\d) ", output, re.MULTILINE)
        self.assertEqual([line[0] for line in lines], ["0", "0.4"])
        self.assertNotIn("Published", output)  # those are of 128 servers
        with (self.output / "mix.csv").open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                if row["fabric"] == "topoopt":
                    self.assertRegex(output, rf" {1e3 * float(row['timeSeconds']):.2f} ")

    def test_diameters_are_those_of_rings(self):
        output = self.run_well("--diameters")
        with (self.output / "diameters.csv").open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual(len(rows), 7 * 7)
        largest = 0
        for row in rows:
            servers, degree, diameter = (int(row[key])
                                         for key in ("servers", "degree", "diameter"))
            # d steps a hop reach d^1 + d^2 + ... + d^diameter others at most.
            self.assertGreaterEqual(sum(degree ** hop for hop in range(1, diameter + 1)),
                                    servers - 1)
            constant = diameter / (degree * servers ** (1 / degree))
            self.assertAlmostEqual(float(row["constant"]), constant, places=6)
            largest = max(largest, constant)
        self.assertLess(largest, 1)
        self.assertIn(f"The largest constant is {largest:.3f}", output)

    def test_what_cannot_be_is_refused(self):
        for arguments, *words in (
                (["--servers=1"], "--servers=1", "2 to 512"),
                (["--degrees=4,0"], "degrees", "1 to 64"),
                (["--degrees=4,"], "degrees"),
                (["--shares=-1"], "shares", "0 to 10"),
                (["--shares=some"], "shares"),
                (["--shares=0.0001", "--allReduceBytes=1000"], "shares", "less than a byte"),
                (["--allReduceBytes=1"], "allReduceBytes"),
                (["--linkRate=1Mb/s"], "linkRate", "1 Gb/s"),
                (["--rates=2"], "rates", "1"),
                (["--rates=1/0"], "rates", "1/0"),
                (["--rates=3/2"], "rates", "3/2"),
                (["--fidelity=burst"], "fidelity", "flow", "packet"),
                (["--diameters", "--servers=64"], "--servers=64: needs a mix, no --diameters")):
            with self.subTest(arguments):
                self.check_refused(arguments, *words)
        result = program.run_program(self.PROGRAM, "--rates=0", cwd=self.folder)
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertEqual(list(self.folder.iterdir()), [])


if __name__ == "__main__":
    unittest.main()
