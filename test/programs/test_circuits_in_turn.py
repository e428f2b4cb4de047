# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Circuits without a controller: those that stand, those in turn, and those of files."""

import json
import re
import sys
import textwrap
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import program  # noqa: E402
import program_case  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
LINE = 400e9 / 8  # of a NIC, bytes per second
MTU, OVERHEAD = 4096, 82  # bytes of a frame: payload, and what is around it
PAYLOAD = LINE * MTU / (MTU + OVERHEAD)
FIBRE = 1e-6
FIDELITIES = ("packet", "flow")


class CircuitsWithoutController(program_case.FolderTestCase):
    """Runs of all-to-all on such circuits."""

    def summary(self, *arguments, flows=None):
        """summary.json of a run."""
        if flows is not None:
            (self.folder / "job.flows").write_text(flows, encoding="utf-8")
            arguments = ("--flows=job.flows", *arguments)
        self.check_success(program.run_program("all-to-all", *arguments, cwd=self.folder))
        return json.loads((self.folder / "all-to-all-output/summary.json").read_text(
            encoding="utf-8"))


class Rotor(CircuitsWithoutController):
    """Matchings in turn."""

    HOSTS, DEGREE, SLOT, GUARD = 4, 6, 200e-6, 10e-6
    REGION = ("--fabric=rotor", f"--hosts={HOSTS}", "--gpusPerHost=8", "--endpoints=0")

    def cycles(self, size):
        """Cycles that a pair of servers needs, each NIC of which has one slot of each."""
        # Signal is there one fibre into a slot; what is in flight at its end is retransmitted, a
        # round trip of two fibres each way, and acknowledgements that wait for some frames.
        used = self.SLOT - FIBRE - 1.5 * 2 * FIBRE
        return 64 * size / (self.DEGREE * PAYLOAD * used)

    def test_uniform_demand_takes_the_cycles_of_its_closed_form(self):
        cycle = (self.HOSTS - 1) * (self.SLOT + self.GUARD)
        size = 8_000_000
        whole = self.cycles(size)
        self.assertGreater(whole, 5)
        for fidelity in FIDELITIES:
            seconds = self.summary(*self.REGION, f"--bytes={size}",
                                   f"--fidelity={fidelity}")["completionTimeSeconds"]
            # The last slots of some NICs are not used up: at most one cycle more.
            self.assertGreater(seconds, 0.97 * whole * cycle, fidelity)
            self.assertLess(seconds, (whole + 1) * cycle, fidelity)

    def test_one_pair_alone_has_one_slot_in_each_cycle(self):
        # From server 0 to server 1 only: circuits of all others carry nothing, and the pair's NICs
        # wait for two slots of three. An idle MixNet would give it all six NICs all the time.
        size = 40_000_000
        flows = "".join(f"{gpu} {8 + gpu} {size}\n" for gpu in range(8))
        alone = 8 * size / (self.DEGREE * PAYLOAD)
        for fidelity in FIDELITIES:
            direct = self.summary(*self.REGION[:3], f"--fidelity={fidelity}",
                                  flows=flows)["completionTimeSeconds"]
            self.assertGreater(direct, 2 * alone, fidelity)
            self.assertLess(direct, 4.5 * alone, fidelity)
            # By way of the others it has circuits all the time.
            valiant = self.summary(*self.REGION[:3], f"--fidelity={fidelity}",
                                   "--forwarding=valiant", flows=flows)
            self.assertLess(valiant["completionTimeSeconds"], 0.9 * direct, fidelity)
            # Of four servers two are others: they have each a third, the pair the last.
            relayed = valiant["relayedBytes"]
            self.assertEqual([n > 0 for n in relayed], [False, False, True, True], fidelity)
            self.assertAlmostEqual(sum(relayed), 2 / 3 * 8 * size, delta=64, msg=fidelity)

    def test_circuits_are_told(self):
        circuits = self.summary(*self.REGION, "--bytes=100kB",
                                "--fidelity=flow")["standingCircuits"]
        self.assertEqual(circuits["slots"], self.HOSTS - 1)
        self.assertAlmostEqual(circuits["upShare"], self.SLOT / (self.SLOT + self.GUARD))
        self.assertEqual(circuits["bandwidthTax"], 1)


class Files(CircuitsWithoutController):
    """The fabrics of examples/fabrics."""

    def test_a_torus_runs_at_both_levels_and_takes_its_hops(self):
        # From each of 4 x 4 servers 4 are one hop away, 6 two, 4 three and one four.
        hops = (4 * 1 + 6 * 2 + 4 * 3 + 1 * 4) / 15
        torus = ROOT / "examples/fabrics/torus-16.json"
        for fidelity in FIDELITIES:
            summary = self.summary(f"--fabric={torus}", "--hosts=16", "--gpusPerHost=8",
                                   "--endpoints=0", "--bytes=100000", f"--fidelity={fidelity}")
            self.assertAlmostEqual(summary["standingCircuits"]["bandwidthTax"], hops)
            sent = 8 * 8 * 16 * 15 * 100000
            self.assertEqual(sum(summary["relayedBytes"]), round(sent * (hops - 1)), fidelity)
            # All 64 circuits would carry the same at best; routes are chosen without looking at it.
            least = sent * hops / 64 / PAYLOAD
            self.assertGreater(summary["completionTimeSeconds"], least, fidelity)
            self.assertLess(summary["completionTimeSeconds"], 1.2 * least, fidelity)

    def test_a_ring_runs_at_both_levels_and_takes_its_hops(self):
        # In two directions round 8 servers: 1, 2, 3, 4 (either), 3, 2, 1.
        hops = 16 / 7
        ring = ROOT / "examples/fabrics/ring-8.json"
        seconds = {}
        for fidelity in FIDELITIES:
            summary = self.summary(f"--fabric={ring}", "--hosts=8", "--gpusPerHost=8",
                                   "--endpoints=0", "--bytes=100000", f"--fidelity={fidelity}")
            self.assertAlmostEqual(summary["standingCircuits"]["bandwidthTax"], hops)
            seconds[fidelity] = summary["completionTimeSeconds"]
            least = 64 * 8 * 7 * 100000 * hops / 16 / PAYLOAD
            self.assertGreater(seconds[fidelity], least, fidelity)
            self.assertLess(seconds[fidelity], 1.05 * least, fidelity)
        self.assertAlmostEqual(seconds["flow"] / seconds["packet"], 1, delta=0.02)

    def test_the_manual_shows_the_files(self):
        chapter = (ROOT / "contrib/mixnet/doc/mixnet-fabric-files.rst").read_text(encoding="utf-8")
        shown = [json.loads(textwrap.dedent(block)) for block in re.findall(
            r"code-block:: json\n\n((?:  .*\n|\n)+)", chapter) if block.strip().startswith("{")]
        for name in ("torus-16", "ring-8"):
            text = (ROOT / f"examples/fabrics/{name}.json").read_text(encoding="utf-8")
            self.assertIn(json.loads(text), shown, name)

    def test_a_planned_fabric_runs_alike_from_its_file(self):
        for fabric in ("topoopt", "rotor", "mixnet", "fat-tree"):
            base = ("--hosts=4", "--gpusPerHost=8", "--bytes=100kB", "--fidelity=flow",
                    "--endpoints=0")
            planned = self.summary(*base, f"--fabric={fabric}", f"--fabricFile={fabric}.json")
            read = self.summary(*base, f"--fabric=./{fabric}.json")
            for key in ("completionTimeSeconds", "relayedBytes", "standingCircuits"):
                self.assertEqual(read.get(key), planned.get(key), (fabric, key))

    def test_a_file_that_cannot_be_written_is_refused(self):
        result = program.run_program("all-to-all", "--hosts=8", "--fabricFile=nowhere/f.json",
                                     cwd=self.folder)
        self.assertEqual(result.returncode, 1)
        self.assertIn("nowhere/f.json", result.stderr)

    def test_what_a_file_does_not_have_is_refused_in_one_line(self):
        torus = ROOT / "examples/fabrics/torus-16.json"
        for arguments, words in (
                (("--hosts=8", "--gpusPerHost=8"), ["torus-16.json", "16", "8"]),
                (("--hosts=16", "--gpusPerHost=4"), ["torus-16.json", "8", "4"]),
                (("--hosts=16", "--gpusPerHost=8", "--forwarding=own-nic"), ["own-nic"]),
                (("--hosts=16", "--gpusPerHost=8", "--linkRate=100G"), ["linkRate"])):
            result = program.run_program("all-to-all", f"--fabric={torus}", *arguments,
                                         cwd=self.folder)
            self.assertEqual(result.returncode, 1, arguments)
            self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
            for word in words:
                self.assertIn(word, result.stderr)
            self.assertFalse((self.folder / "all-to-all-output").exists())


class TwoCircuits(CircuitsWithoutController):
    """Pairs of servers without a circuit, in a region whose circuits a controller commands."""

    BASE = ("--fabric=mixnet", "--hosts=10", "--gpusPerHost=8", "--endpoints=0", "--bytes=200kB")

    def test_servers_in_between_pass_bytes_on_alike_as_packets_and_as_flows(self):
        # Each of 10 servers has circuits to 6 others: of the bytes of 3 peers, 64 pairs of GPUs each,
        # a part of (3 / 2 - 6 / 6) / (3 / 2 + 2 * 3 / 6) goes over servers in between.
        part = (3 / 2 - 1) / (3 / 2 + 1)
        seconds = {}
        for fidelity in FIDELITIES:
            summary = self.summary(*self.BASE, "--forwarding=two-circuits",
                                   f"--fidelity={fidelity}")
            seconds[fidelity] = summary["completionTimeSeconds"]
            relayed = sum(summary["relayedBytes"])
            # Where two circuits join a pair somebody has one peer more without.
            self.assertGreaterEqual(relayed, 10 * 3 * 64 * 200_000 * part * 0.999, fidelity)
            self.assertLess(relayed, 10 * 4 * 64 * 200_000 * part, fidelity)
        self.assertAlmostEqual(seconds["flow"] / seconds["packet"], 1, delta=0.03)

    def test_they_relieve_electrical_nics(self):
        plain, two = (self.summary(*self.BASE, "--fidelity=flow", f"--forwarding={name}")
                      for name in ("delegate", "two-circuits"))
        self.assertIsNone(plain["relayedBytes"])
        self.assertLess(two["completionTimeSeconds"], plain["completionTimeSeconds"])


class PatchPanels(CircuitsWithoutController):
    """TopoOpt's circuits."""

    def test_a_mesh_of_one_server_more_than_nics_relays_nothing(self):
        # Six servers of five NICs, each pair with its circuit: b bytes of 25 pairs of GPUs each.
        size = 400_000
        for fidelity in FIDELITIES:
            summary = self.summary("--fabric=topoopt", "--hosts=6", "--gpusPerHost=5",
                                   "--endpoints=0", f"--bytes={size}", f"--fidelity={fidelity}")
            self.assertIsNone(summary["relayedBytes"])
            self.assertEqual(summary["standingCircuits"]["bandwidthTax"], 1)
            self.assertEqual(summary["standingCircuits"]["diameter"], 1)
            least = 25 * size / PAYLOAD
            self.assertGreater(summary["completionTimeSeconds"], least, fidelity)
            self.assertLess(summary["completionTimeSeconds"], 1.02 * least + 10e-6, fidelity)

    def test_a_control_path_delays_the_end_of_a_message_for_its_sender_only(self):
        base = ("--fabric=topoopt", "--hosts=4", "--gpusPerHost=3", "--endpoints=0",
                "--bytes=100kB", "--fidelity=packet")
        near, far = (self.summary(*base, f"--controlPathDelay={delay}")["completionTimeSeconds"]
                     for delay in ("2us", "10us"))
        self.assertAlmostEqual(near, far, delta=20e-6)

    def test_a_whole_job_goes_around_the_rings_that_were_laid(self):
        result = program.run_program(
            "mixnet-training", "--fabric=topoopt", "--model=mixtral-8x7b", "--layers=4",
            "--gpus=256", "--fidelity=flow", "--output=job", cwd=self.folder)
        self.check_success(result)
        summary = json.loads((self.folder / "job/summary.json").read_text(encoding="utf-8"))
        self.assertTrue(summary["complete"])
        self.assertGreater(summary["standingCircuits"]["rings"], 0)
        self.assertGreaterEqual(summary["standingCircuits"]["bandwidthTax"], 1)
        self.assertIn("control path of 2us and nothing of the circuits (assumed)", result.stdout)


if __name__ == "__main__":
    unittest.main()
