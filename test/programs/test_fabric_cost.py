# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""fabric-cost, and what mixnet-training says of the cost of its network."""

import csv
import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import program  # noqa: E402
import program_case  # noqa: E402

# MixNet, table 4: NIC, transceiver, switch port, by Gb/s; OCS port, patch-panel port, fibre.
TABLE_4 = {100: (659, 99, 187), 200: (1079, 239, 374), 400: (1499, 659, 1090),
           800: (2248, 1399, 1400)}
OCS, PANEL, FIBRE = 520, 100, 0.3 * 500
N, E = 1024, 256  # NICs of 128 servers, and electrical ones of MixNet


def usd(rate, nics, transceivers, ports, fibres, ocs=0, panels=0):
    """The price of parts of one line rate."""
    nic, transceiver, port = TABLE_4[rate]
    return (nics * nic + transceivers * transceiver + ports * port + fibres * FIBRE + ocs * OCS
            + panels * PANEL)


def fat_tree(rate):
    """As the paper's authors count, and as its plan has it."""
    return usd(rate, N, 6 * N, 5 * N, 3 * N)


def mixnet(rate, isAuthors, ocs=N - E):
    """Likewise; the plan has a fibre for every electrical NIC, the authors half of one."""
    fibres = (5 * E // 2 if isAuthors else 3 * E) + N - E
    return usd(rate, N, 5 * E + N, 5 * E, fibres, ocs=ocs)


class FabricCost(program_case.OutputTestCase):
    """What networks cost."""

    PROGRAM = "fabric-cost"

    def prices(self, *arguments):
        """What cost.csv adds up to, by fabric, rate in Gb/s and count."""
        self.run_well(*arguments)
        sums = {}
        with open(self.output / "cost.csv", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                key = (row["fabric"], int(row["linkRateBitsPerSecond"]) // 10**9, row["counting"])
                sums[key] = sums.get(key, 0) + float(row["usd"])
        return sums

    def test_prices_are_those_of_table_4_times_the_parts(self):
        prices = self.prices("--fabrics=mixnet,fat-tree,rail-optimized,rail-only,topoopt")
        for rate in TABLE_4:
            for counting in ("plan", "authors"):
                isAuthors = counting == "authors"
                self.assertAlmostEqual(prices["fat-tree", rate, counting], fat_tree(rate))
                self.assertAlmostEqual(prices["rail-optimized", rate, counting], fat_tree(rate))
                self.assertAlmostEqual(prices["mixnet", rate, counting], mixnet(rate, isAuthors))
                self.assertAlmostEqual(prices["topoopt", rate, counting],
                                       usd(rate, N, N, 0, N, panels=N))
            self.assertAlmostEqual(prices["rail-only", rate, "authors"],
                                   usd(rate, N, 5 * N, 4 * N, 2.5 * N))

    def test_the_ratios_of_the_paper_come_out(self):
        prices = self.prices("--fabrics=mixnet,fat-tree")
        ratios = [prices["fat-tree", rate, "authors"] / prices["mixnet", rate, "authors"]
                  for rate in TABLE_4]
        self.assertAlmostEqual(sum(ratios) / 4, 2.0, delta=0.05)
        self.assertAlmostEqual(ratios[2], 2.3, delta=0.05)
        copper = self.prices("--fabrics=mixnet,fat-tree", "--servers=512", "--linkRates=400G",
                             "--shortLinks=copper")
        self.assertAlmostEqual(
            copper["fat-tree", 400, "authors"] / copper["mixnet", 400, "authors"], 2.2, delta=0.05)

    def test_what_parts_are_bought_as(self):
        base = ("--linkRates=100Gb/s", "--fabrics=mixnet,topoopt")
        everyone = self.prices(*base, "--ocsPorts=all", "--panelsAs=ocs")
        self.assertAlmostEqual(everyone["mixnet", 100, "authors"], mixnet(100, True, ocs=N))
        self.assertAlmostEqual(everyone["topoopt", 100, "plan"], usd(100, N, N, 0, N, ocs=N))
        # 128 ports on each panel: of 64-port panels two tiers, 3 ports and 2 fibres per NIC.
        small = self.prices(*base, "--panelPorts=64", "--fanOut=circulator")
        self.assertAlmostEqual(small["topoopt", 100, "plan"],
                               usd(100, N, N, 0, 2 * N, panels=3 * N))
        self.assertAlmostEqual(small["mixnet", 100, "plan"],
                               mixnet(100, False, ocs=(N - E) / 2))

    def test_prices_between_two_rates_are_interpolated_and_beyond_refused(self):
        prices = self.prices("--linkRates=300Gb/s", "--fabrics=fat-tree")
        self.assertAlmostEqual(prices["fat-tree", 300, "plan"],
                               (fat_tree(200) + fat_tree(400)) / 2)
        self.assertIn("interpolated linearly", self.run_well("--linkRates=300G"))
        self.output.joinpath("cost.csv").unlink()
        self.output.joinpath("summary.json").unlink()
        self.output.rmdir()
        self.check_refused(["--linkRates=50Gb/s"], "nic at 50Gb/s", "100Gb/s to 800Gb/s")

    def test_a_price_list_of_ones_own(self):
        (self.folder / "mine.json").write_text(json.dumps({
            "title": "mine", "sources": ["me"], "parts": {
                "nic": {"usd": [["1Gb/s", 10], ["800Gb/s", 10]],
                        "watts": [["1Gb/s", 2], ["800Gb/s", 2]]},
                "transceiver": {"usd": [["1Gb/s", 1], ["800Gb/s", 1]]},
                "panelPort": {"usd": 3}, "fibre": {"usd": 5}}}), encoding="utf-8")
        prices = self.prices("--prices=./mine.json", "--fabrics=topoopt", "--linkRates=25Gb/s")
        self.assertAlmostEqual(prices["topoopt", 25, "plan"], N * (10 + 1 + 3 + 5))
        summary = json.loads((self.output / "summary.json").read_text(encoding="utf-8"))
        self.assertEqual(summary["network"]["prices"], "mine")
        self.assertAlmostEqual(summary["network"]["watts"], 2 * N)
        for name in ("cost.csv", "summary.json"):
            (self.output / name).unlink()
        self.output.rmdir()
        self.check_refused(["--prices=./mine.json", "--fabrics=fat-tree"],
                           "mine.json", "electricalPort")
        self.check_refused(["--prices=nobody"], "--prices=nobody", "mixnet-sigcomm25")

    def test_training_says_what_a_million_dollars_train(self):
        result = program.run_program(
            "mixnet-training", "--model=mixtral-8x7b", "--layers=1", "--fidelity=flow",
            "--fabric=fat-tree", "--linkRate=400Gb/s", "--prices=mixnet-sigcomm25",
            "--output=out", cwd=self.folder)
        self.check_success(result)
        summary = json.loads((self.output / "summary.json").read_text(encoding="utf-8"))
        nics = 32  # of 4 servers
        self.assertAlmostEqual(summary["network"]["usdAsAuthorsCount"],
                               usd(400, nics, 6 * nics, 5 * nics, 3 * nics))
        perMillion = summary["tokensPerSecond"] / summary["network"]["usd"] * 1e6
        self.assertIn(f"{perMillion:.0f} tokens/s per million", result.stdout)


if __name__ == "__main__":
    unittest.main()
