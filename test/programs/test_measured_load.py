# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""mixnet-training with a load that was measured: circuits, bytes and times follow from it."""

import json
import sys
import unittest
from itertools import combinations
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import program  # noqa: E402
import program_case  # noqa: E402
from program_case import MEASURED  # noqa: E402


def join_greedily(demand, degree):
    """
    Circuits per pair of servers: one more for the pair with the largest time, demand in both
    directions over circuits, infinite without one; among these the one whose poorer server has most
    ports left, then the larger sum of ports left, the larger demand, the lower pair; servers whose
    ports are used up are skipped.
    """
    free = [degree] * len(demand)
    circuits = {pair: 0 for pair in combinations(range(len(demand)), 2)}

    def both(pair):
        return demand[pair[0]][pair[1]] + demand[pair[1]][pair[0]]

    def order(pair):
        time_ = both(pair) / circuits[pair] if circuits[pair] else float("inf")
        left = [free[server] for server in pair]
        return (-time_, -min(left), -sum(left), -both(pair), pair)

    while True:
        open_pairs = [pair for pair in circuits
                      if free[pair[0]] and free[pair[1]] and both(pair)]
        if not open_pairs:
            return circuits
        pair = min(open_pairs, key=order)
        circuits[pair] += 1
        free[pair[0]] -= 1
        free[pair[1]] -= 1


class MeasuredLoad(program_case.FolderTestCase):
    """The measured matrix over the paper's region, a rank per server."""

    MTU = 16000
    BYTES = 2 * 2 * 6144  # 65536 assignments for 32768 that were counted; 2-byte elements

    def check(self, path):
        """Circuits, bytes and times of one layer."""
        result = program.run_program(
            "mixnet-training", "--layers=1", f"--mtu={self.MTU}", f"--expertLoad={path}",
            "--backward=no", "--output=results", cwd=self.folder)
        self.check_success(result)
        summary = json.loads((self.folder / "results" / "summary.json").read_text(encoding="utf-8"))
        phases = {phase["name"]: phase for phase in summary["phases"]
                  if phase["direction"] == "forward"}
        dispatch, combine = phases["dispatch"], phases["combine"]
        circuits = join_greedily(MEASURED, 6)
        self.assertEqual(sum(circuits.values()), 24)
        self.assertEqual(dispatch["circuits"], 24)
        self.assertEqual(dispatch["changedPorts"], 48)
        self.assertAlmostEqual(dispatch["darkSeconds"], 25e-3, delta=1e-12)

        joined = {(a, b): circuits[min(a, b), max(a, b)]
                for a in range(8) for b in range(8) if a != b}
        optical = sum(MEASURED[a][b] for (a, b), count in joined.items() if count)
        electrical = sum(MEASURED[a][b] for (a, b), count in joined.items() if not count)
        self.assertEqual(dispatch["opticalBytes"], optical * self.BYTES)
        self.assertEqual(dispatch["electricalBytes"], electrical * self.BYTES)

        legs = [MEASURED[a][b] / count for (a, b), count in joined.items() if count]
        for host in range(8):
            for near, far in ((0, 1), (1, 0)):
                legs.append(sum(MEASURED[pair[0]][pair[1]] for pair, count in joined.items()
                                if pair[near] == host and pair[far] != host and not count) / 2)
        bound = max(legs) * self.BYTES * 8 / 400e9 * (self.MTU + 82) / self.MTU
        self.assertAlmostEqual(dispatch["lowerBoundSeconds"], bound, delta=1e-6 * bound)
        self.assertGreaterEqual(dispatch["durationSeconds"], bound)
        self.assertLess(dispatch["durationSeconds"], 1.03 * bound)

        self.assertEqual((combine["changedPorts"], combine["darkSeconds"]), (0, 0))
        for key in ("circuits", "opticalBytes", "electricalBytes"):
            self.assertEqual(combine[key], dispatch[key], key)

    def test_the_matrix_from_a_file_of_our_own(self):
        path = self.folder / "counts.txt"
        path.write_text(json.dumps(MEASURED), encoding="utf-8")
        self.check(path)

    def test_the_matrix_from_the_shared_data(self):
        path = program.ROOT.parent / "shared" / "data" / "mixtral_8x8_tokens.txt"
        if not path.is_file():
            self.skipTest(f"there is no {path}")
        self.check(path)


if __name__ == "__main__":
    unittest.main()
