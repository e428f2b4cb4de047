# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Forwarding inside servers: what it gives on one and the same fabric."""

import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import program  # noqa: E402
import program_case  # noqa: E402

LINE = 400e9 / 8  # of a NIC, bytes per second
PORT = 3600e9 / 8  # of a GPU on the NVSwitch
MTU, OVERHEAD = 4096, 82  # bytes of a frame: payload, and what is around it
CHUNK = 1 << 20
PAYLOAD = LINE * MTU / (MTU + OVERHEAD)
SERVERS = ("--fabric=ideal-switch", "--hosts=2", "--gpusPerHost=8")
FIDELITIES = ("packet", "flow")


class Forwarding(program_case.FolderTestCase):
    """Runs of all-to-all on two servers of eight GPUs."""

    def seconds(self, *arguments, flows=None):
        """The completion time of a run."""
        if flows is not None:
            (self.folder / "job.flows").write_text(flows, encoding="utf-8")
            arguments = ("--flows=job.flows", *arguments)
        result = program.run_program("all-to-all", *arguments, cwd=self.folder)
        self.check_success(result)
        summary = json.loads((self.folder / "all-to-all-output/summary.json").read_text(
            encoding="utf-8"))
        return summary["completionTimeSeconds"]

    def test_uniform_load_is_the_same_spread_or_by_own_nics(self):
        for fidelity in FIDELITIES:
            own, spread = (self.seconds(*SERVERS, "--endpoints=0", "--bytes=4000000",
                                        f"--fidelity={fidelity}", f"--forwarding={forwarding}")
                           for forwarding in ("own-nic", "spread"))
            self.assertAlmostEqual(spread / own, 1, delta=0.01, msg=fidelity)

    def test_a_gpu_with_much_to_send_takes_all_nics_when_its_bytes_are_spread(self):
        size = 20_000_000
        flows = "".join(f"0 {8 + gpu} {size}\n" for gpu in range(8))
        for fidelity in FIDELITIES:
            own, spread = (self.seconds(*SERVERS, f"--fidelity={fidelity}",
                                        f"--forwarding={forwarding}", flows=flows)
                           for forwarding in ("own-nic", "spread"))
            self.assertAlmostEqual(own, 8 * size / PAYLOAD, delta=0.01 * own, msg=fidelity)
            # 8 NICs share it; its port to the NVSwitch is not the slowest.
            least = size / PAYLOAD
            self.assertGreater(least, 7 * size / PORT)
            self.assertGreaterEqual(spread, least)
            self.assertLess(spread, 1.25 * least, fidelity)

    def test_phases_add_what_pipelining_hides(self):
        # From GPU 0 to GPU 1 of the first server, and on from there.
        size = 100_000_000
        for fidelity in FIDELITIES:
            pipelined, phased = (
                self.seconds(*SERVERS, "--forwarding=rail", f"--fidelity={fidelity}",
                             f"--gatherScatter={way}", flows=f"0 9 {size}\n")
                for way in ("pipelined", "phased"))
            self.assertAlmostEqual(pipelined, size / PAYLOAD + CHUNK / PORT, delta=0.005 * pipelined)
            hidden = (size - CHUNK) / PORT
            self.assertAlmostEqual(phased - pipelined, hidden, delta=0.03 * hidden, msg=fidelity)

    def test_what_does_not_suit_a_fabric_is_refused(self):
        for arguments, words in (
                (("--fabric=fat-tree", "--forwarding=delegate"), "spread does the same"),
                (("--fabric=mixnet", "--hosts=2", "--forwarding=spread"), "must be electrical"),
                (("--fabric=mixnet", "--hosts=2", "--forwarding=own-nic"), "must be electrical")):
            result = program.run_program("all-to-all", *arguments, cwd=self.folder)
            self.assertEqual(result.returncode, 1, result.stdout)
            self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
            self.assertIn(f"option {arguments[-1]}: does not suit", result.stderr)
            self.assertIn(words, result.stderr)


if __name__ == "__main__":
    unittest.main()
