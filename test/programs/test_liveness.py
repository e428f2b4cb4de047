# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Runs end: deadlocks are noticed and named, blackouts are none, and long fibres are no brake."""

import csv
import json
import re
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import program  # noqa: E402
import program_case  # noqa: E402

RATE = 400e9  # bits per second
OVERHEAD = 82  # bytes around the payload of a frame
FIRST = 16  # bytes more in the first frame of a chunk
CHUNK = 1 << 20  # bytes of a message that travel together
MTU = 4096  # bytes
LIMIT = 60  # seconds of wall time; what is tested takes a few, and without its end for ever

CYCLE = re.compile(r"deadlock at [\d.]+ ms: (\d+) ports pause each other in a cycle and have sent "
                    r"nothing for [\d.]+ ms \(--deadlockTimeout\), (.*); (\d+) messages wait")


class Runs(program_case.FolderTestCase):
    """Runs into a folder of its own."""

    def run_it(self, *arguments, code=0):
        """Runs all-to-all and returns its result."""
        result = program.run_program("all-to-all", *arguments, cwd=self.folder, timeout=LIMIT)
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        return result

    def summary(self):
        """What it wrote in summary.json."""
        path = self.folder / "all-to-all-output" / "summary.json"
        return json.loads(path.read_text(encoding="utf-8"))

    def write(self, name, text):
        """A file in the folder; its path."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path


class Deadlocks(Runs):
    """Cuts after which shortest paths go down and up again."""

    # Two spines: leaf 0 has the second one only, leaf 1 the first; the others join them.
    CROSSED = ("--hosts=8", "--endpoints=0", "--bytes=10000000", "--radix=4", "--tiers=2",
               "--switchBuffer=200000", "--loadBalancing=ecmp",
               "--cut=leaf0/2@1ns,leaf1/3@1ns")

    def ring(self):
        """Four of eight leaves in a ring: leaf n has spines n and n + 1 only, and hosts send to
        the leaf opposite."""
        hosts_per_leaf = spines = 4
        cuts = []
        for leaf in range(8):
            kept = {leaf, (leaf + 1) % spines} if leaf < spines else set()
            cuts += [f"leaf{leaf}/{hosts_per_leaf + spine}@1ns"
                     for spine in range(spines) if spine not in kept]
        flows = self.write("ring.flows", "".join(f"{host} {(host + 8) % 16} 20000000 1ms\n"
                                                 for host in range(16)))
        return (f"--flows={flows}", "--hosts=32", "--radix=8", "--tiers=2",
                "--switchBuffer=200000", "--cut=" + ",".join(cuts))

    def assert_names_a_cycle(self, result, leaves):
        """Checks a short message whose ports are a cycle over switches."""
        found = CYCLE.search(result.stderr)
        self.assertIsNotNone(found, result.stderr)
        ports = found.group(2).split(" -> ")
        self.assertEqual(ports[0], ports[-1])
        self.assertEqual(len(ports) - 1, int(found.group(1)))
        self.assertGreaterEqual(len(ports) - 1, 4)  # up and down, twice at least
        for here, there in zip(ports, ports[1:]):
            switch, port = re.fullmatch(r"((?:leaf|spine)\d+)/(\d+)", here).groups()
            after = there.split("/")[0]
            if switch.startswith("leaf"):
                self.assertEqual(after, f"spine{int(port) - leaves}")  # uplinks in their order
            else:
                self.assertEqual(after, f"leaf{port}")
        self.assertGreater(int(found.group(3)), 0)
        self.assertLessEqual(len(result.stderr.strip().splitlines()), 3)
        self.assertLess(len(result.stderr), 2000)

    def test_shortest_paths_that_deadlock_end_with_the_cycle(self):
        result = self.run_it(*self.CROSSED, "--reroute=shortest", code=1)
        self.assert_names_a_cycle(result, leaves=2)
        self.assertIn("go down and up again", result.stdout)
        self.assertFalse(self.summary()["complete"])
        self.assertIsNone(self.summary()["completionTimeSeconds"])

    def test_a_ring_that_deadlocks_ends_with_the_cycle(self):
        result = self.run_it(*self.ring(), "--reroute=shortest", code=1)
        self.assert_names_a_cycle(result, leaves=4)

    def test_up_down_paths_end_and_name_what_is_cut_off(self):
        result = self.run_it(*self.CROSSED, code=1)
        self.assertNotIn("deadlock at", result.stderr)
        self.assertIn("2 pairs of leaves, first from leaf0 to leaf1", result.stdout)
        # Two hosts at each of the two leaves, both ways; all others are served.
        self.assertEqual(self.summary()["unfinishedFlows"], 2 * 2 * 2)

    def test_a_ring_without_up_down_paths_fails(self):
        result = self.run_it(*self.ring(), code=1)
        self.assertNotIn("deadlock at", result.stderr)
        self.assertEqual(self.summary()["unfinishedFlows"], 16)

    def test_a_watchdog_of_switches_lets_all_through(self):
        self.run_it(*self.CROSSED, "--reroute=shortest", "--pfcWatchdog=200us")
        summary = self.summary()
        self.assertEqual(summary["bytesDelivered"], 8 * 7 * 10000000)
        self.assertGreater(summary["drops"]["pauseStorm"], 0)
        self.assertGreater(summary["retransmittedPackets"], 0)

    def test_flows_see_no_cycle(self):
        # Links side by side are one queue, or none: as the manual says.
        crossed = [argument for argument in self.CROSSED if "loadBalancing" not in argument]
        for queues in ("yes", "no"):
            with self.subTest(pauses=queues):
                result = self.run_it(*crossed, "--reroute=shortest", "--fidelity=flow",
                                     f"--pauses={queues}")
                self.assertTrue(self.summary()["complete"])
                self.assertIn("go down and up again", result.stdout)


class Blackouts(Runs):
    """What is dark for long is no deadlock."""

    def test_a_cut_of_many_seconds_is_waited_for(self):
        flows = self.write("cut.flows", "".join(f"0 {host} 20000000\n" for host in (1, 2, 3)))
        for level in ((), ("--fidelity=flow",), ("--fidelity=flow", "--pauses=yes")):
            with self.subTest(level=level):
                self.run_it(f"--flows={flows}", "--hosts=4", "--radix=4", "--tiers=2",
                            "--switchBuffer=200000", "--cut=host0/0@100us-29s",
                            *level, *(() if level else ("--deadlockTimeout=1ms",)))
                self.assertGreater(self.summary()["completionTimeSeconds"], 29)
                # 60 MB are 14649 frames of six events and acknowledgements; as flows some
                # thousand steps. Nobody looks every 10 us whether there is signal again.
                self.assertLess(self.summary()["events"], 29 / 10e-6 / 10)

    def test_a_cut_for_good_ends_with_its_timeout(self):
        for fidelity in ("packet", "flow"):
            with self.subTest(fidelity=fidelity):
                result = self.run_it("--hosts=4", "--endpoints=4", "--bytes=20000000",
                                     "--radix=4", "--tiers=2", "--cut=host0/0@100us",
                                     "--deadlockTimeout=1ms", f"--fidelity={fidelity}", code=1)
                self.assertNotIn("deadlock at", result.stderr)
                self.assertEqual(self.summary()["unfinishedFlows"], 2 * 3)

    def test_circuits_that_are_dark_for_longer_than_the_timeout_end_with_an_error(self):
        # Messages are posted at the start; LinkDownTimeout is 30 s.
        result = program.run_program("ocs-reconfiguration", "--reconfigurationDelay=40s",
                                     "--swapAt=50s", "--swapBackAt=100s", "--interval=50s",
                                     cwd=self.folder, timeout=LIMIT)
        self.assertEqual(result.returncode, 1, result.stdout)
        self.assertIn("4 of 4 messages ended with an error", result.stderr)

    def test_rates_are_sampled_to_the_end_of_a_failure_only(self):
        self.run_it("--hosts=4", "--endpoints=4", "--bytes=20000000", "--radix=4", "--tiers=2",
                    "--cut=host0/0@100us", "--rateInterval=1s", code=1)
        with open(self.folder / "all-to-all-output" / "rates.csv", encoding="utf-8",
                  newline="") as file:
            times = [float(row["time_s"]) for row in csv.DictReader(file)]
        # LinkDownTimeout is 30 s; retries of others take less.
        self.assertLessEqual(max(times), 32)
        self.assertGreaterEqual(max(times), 30)


class Refusals(Runs):
    """Options that do not fit are refused."""

    def test_what_does_not_fit_is_named(self):
        for arguments, message in (
                (["--reroute=down", "--cut=host0/0@1ms"],
                 "option --reroute=down: must be one of updown, shortest"),
                (["--deadlockTimeout=0us"], "option --deadlockTimeout=0us: must be above 0"),
                (["--pfcWatchdog=0us"], "option --pfcWatchdog=0us: must be above 0, or none"),
                (["--pfcWatchdog=1ms", "--pfc=no"], "--pfc=yes"),
                (["--pfcWatchdog=soon"], "option --pfcWatchdog=soon")):
            with self.subTest(arguments=arguments):
                result = self.run_it(*arguments, code=1)
                self.assertIn(message, result.stderr)
                self.assertEqual(list(self.folder.iterdir()), [])


class LongFibres(Runs):
    """One message is as fast as its line, however long that is."""

    SIZE = 100 * CHUNK

    def seconds(self, delay, *arguments):
        """How long one message takes over a fat-tree of three tiers, and what it printed."""
        flows = self.write("one.flows", f"0 15 {self.SIZE}\n")
        result = self.run_it(f"--flows={flows}", f"--linkDelay={delay}", f"--mtu={MTU}", *arguments)
        return self.summary()["completionTimeSeconds"], result.stdout

    def expected(self, delay):
        """Its bytes over the rate, six fibres, and a frame for each of five switches."""
        wire = self.SIZE + self.SIZE // MTU * OVERHEAD + self.SIZE // CHUNK * FIRST
        return wire * 8 / RATE + 6 * delay + 5 * (MTU + OVERHEAD + FIRST) * 8 / RATE

    def test_a_message_runs_at_line_rate_at_every_level(self):
        for text, delay in (("1us", 1e-6), ("1ms", 1e-3), ("10ms", 10e-3)):
            for arguments, tolerance in (
                    ((), 2e-11),  # rounding to picoseconds
                    (("--fidelity=flow",), 1e-7),  # the last frame is one without a first header
                    (("--fidelity=flow", "--pauses=yes"), 3e-5)):  # a step and a half
                with self.subTest(delay=text, arguments=arguments):
                    took, printed = self.seconds(text, *arguments)
                    self.assertAlmostEqual(took, self.expected(delay), delta=tolerance)
                    self.assertNotIn("Pipeline:", printed)

    def test_circuits_run_at_line_rate_too(self):
        # A sixth over each of six circuits, to and from other GPUs of the servers: beside the line
        # a chunk or two over NVSwitch ports at either end, and at most one that is not full.
        degree = 6
        wire = self.SIZE + self.SIZE // MTU * OVERHEAD + self.SIZE // CHUNK * FIRST
        beside = 4 * CHUNK * 8 / 3600e9 + CHUNK * 8 / RATE
        for text, delay in (("1us", 1e-6), ("1ms", 1e-3), ("10ms", 10e-3)):
            for fidelity in ("packet", "flow"):
                with self.subTest(delay=text, fidelity=fidelity):
                    flows = self.write("one.flows", f"0 8 {self.SIZE}\n")
                    self.run_it(f"--flows={flows}", f"--linkDelay={text}", f"--mtu={MTU}",
                                "--fabric=mixnet", "--hosts=2", "--gpusPerHost=8",
                                f"--fidelity={fidelity}")
                    took = self.summary()["completionTimeSeconds"]
                    least = wire / degree * 8 / RATE + 2 * delay
                    self.assertGreater(took, least * (1 - 1e-3))
                    self.assertLess(took, least + beside)

    def test_a_pipeline_that_is_given_limits_and_is_named(self):
        # So many chunks per round trip: twelve fibres.
        depth = 2
        delay = 1e-3
        least = (self.SIZE / CHUNK / depth - 1) * 12 * delay
        for fidelity in ("packet", "flow"):
            with self.subTest(fidelity=fidelity):
                took, printed = self.seconds("1ms", f"--pipelineDepth={depth}",
                                             f"--fidelity={fidelity}")
                self.assertGreater(took, least)
                self.assertIn("Pipeline: 2 chunks in flight (--pipelineDepth)", printed)

    def test_a_pipeline_that_is_enough_is_not_spoken_of(self):
        _, printed = self.seconds("1us", "--pipelineDepth=4")
        self.assertNotIn("Pipeline:", printed)


if __name__ == "__main__":
    unittest.main()
