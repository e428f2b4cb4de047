# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Programs outside the module with classes of their own: that these are at work, by name."""

import csv
import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import program  # noqa: E402
import program_case  # noqa: E402

RATE = 400e9  # bits per second
PAYLOAD = 4096 / (4096 + 82)  # part of a line that frames leave to payload
GROUP = ("--model=mixtral-8x7b", "--layers=1", "--fidelity=flow")
HOSTS, DEGREE = 4, 6  # servers of that group, and their optical NICs
RANKS = 8  # of the group
FLOW = 8 << 20  # bytes


class Extensions(program_case.FolderTestCase):
    """Runs of programs of examples/extensions into a folder."""

    def run_it(self, name, *arguments):
        """Runs a program and returns its summary."""
        result = program.run_program(name, *arguments, "--output=out", cwd=self.folder)
        self.check_success(result)
        summary = json.loads((self.folder / "out/summary.json").read_text(encoding="utf-8"))
        self.assertEqual(summary["executable"], name, "what ./ns3 run calls it, to repeat the run")
        return summary

    def rows(self, name):
        """What is in a CSV file, a dictionary per row."""
        with open(self.folder / "out" / name, encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def check_refused(self, name, *arguments):
        """The plain program does not know what an extension brings along."""
        result = program.run_program(name, *arguments, "--output=none", cwd=self.folder)
        self.assertEqual(result.returncode, 1)
        option = arguments[-1].split("=")[0]
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        self.assertIn(option, result.stderr)

    def check_offered(self, name, word):
        """A program lists a name with its summary."""
        result = program.run_program(name, "--list", cwd=self.folder)
        self.assertRegex(result.stdout, word)

    def test_allocator_joins_each_server_with_the_next(self):
        self.run_it("ring-allocator", *GROUP, "--allocator=ring")
        rows = self.rows("circuits.csv")
        self.assertGreater(len(rows), 0)
        for row in rows:
            apart = (int(row["toHost"]) - int(row["fromHost"])) % HOSTS
            self.assertEqual(int(row["circuits"]), DEGREE // 2 if apart in (1, HOSTS - 1) else 0)
        self.check_refused("mixnet-training", *GROUP, "--allocator=ring")
        self.check_offered("ring-allocator", "ring +each server with the next")

    def test_policy_never_changes_circuits(self):
        self.run_it("once-policy", *GROUP, "--policy=once")
        changed = [int(row["changedPorts"]) for row in self.rows("phases.csv")
                   if row["changedPorts"]]
        self.assertEqual([ports for ports in changed if ports > 0], [HOSTS * DEGREE])
        self.check_refused("mixnet-training", *GROUP, "--policy=once")

    def test_planner_joins_two_switches_by_one_fibre(self):
        # 2 servers on either side: 4 of the 12 flows of a uniform pattern cross each way.
        arguments = ("--hosts=4", "--endpoints=4", f"--bytes={FLOW}", "--fidelity=flow",
                     "--fabric=dumbbell")
        summary = self.run_it("dumbbell-planner", *arguments)
        self.assertEqual(summary["fabric"], "dumbbell")
        expected = 4 * FLOW * 8 / RATE / PAYLOAD
        self.assertAlmostEqual(summary["completionTimeSeconds"], expected, delta=0.02 * expected)
        self.check_refused("all-to-all", *arguments)

    def test_congestion_control_sends_at_a_quarter_of_the_line(self):
        arguments = ("--hosts=2", "--endpoints=2", "--pattern=permutation", f"--bytes={FLOW}",
                     "--congestionControl=steady")
        summary = self.run_it("steady-congestion-control", *arguments)
        expected = 4 * FLOW * 8 / RATE / PAYLOAD
        self.assertAlmostEqual(summary["completionTimeSeconds"], expected, delta=0.02 * expected)
        self.check_refused("all-to-all", *arguments)

    def test_load_sends_all_tokens_to_the_next_rank(self):
        summary = self.run_it("next-rank-load", *GROUP, "--backward=no", "--expertLoad=next-rank")
        self.assertEqual(summary["expertLoad"], "all tokens to the next EP rank")
        # Every second of the 8 ranks has the next one on another server: tokens of a microbatch,
        # each twice, of 4096 elements of 2 bytes.
        expected = RANKS // 2 * (8 * 4096) * 2 * (4096 * 2)
        for row in self.rows("phases.csv"):
            if row["name"] in ("dispatch", "combine"):
                crossing = int(row["opticalBytes"]) + int(row["electricalBytes"])
                self.assertEqual(crossing, expected, row["name"])
        self.check_refused("mixnet-training", *GROUP, "--expertLoad=next-rank")
        self.check_offered("next-rank-load", "next-rank +all tokens to the next rank")

    def test_router_leads_all_bytes_over_the_first_nic(self):
        # 4 GPUs of one server to 4 of another, which have a NIC each.
        flows = self.folder / "job.flows"
        flows.write_text("".join(f"{gpu} {4 + gpu} {FLOW}\n" for gpu in range(4)),
                         encoding="utf-8")
        arguments = ("--hosts=2", "--gpusPerHost=4", f"--flows={flows}", "--fidelity=flow",
                     "--fabric=ideal-switch", "--forwarding=first-nic")
        summary = self.run_it("first-nic-router", *arguments)
        expected = 4 * FLOW * 8 / RATE / PAYLOAD
        self.assertAlmostEqual(summary["completionTimeSeconds"], expected, delta=0.02 * expected)
        self.check_refused("all-to-all", *arguments)


if __name__ == "__main__":
    unittest.main()
