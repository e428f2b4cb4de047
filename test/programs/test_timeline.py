# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Timelines of training: their form, and that they show what the tables say."""

import re
import signal
import subprocess
import sys
import unittest
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import program  # noqa: E402
import timeline_case  # noqa: E402
from timeline_case import ROUNDED  # noqa: E402

GROUP = ("--model=mixtral-8x7b", "--layers=2", "--microbatches=2", "--fidelity=flow")
JOB = ("--model=mixtral-8x7b", "--gpus=64", "--layers=2", "--pipelineParallel=2",
       "--microbatches=2", "--fidelity=flow")
PACKETS = ("--model=mixtral-8x7b", "--layers=1", "--backward=no", "--mtu=16000",
           "--fidelity=packet", "--fabric=oversub-fat-tree")
SERVERS = 4  # of that group
OPTICAL, ELECTRICAL = 6, 2  # NICs of a server
RATE = 400e9  # bits per second
MOST_PAUSES = 10_000  # in a file
MOST_SAMPLES = 4096  # of a counter
SIDES = {"optical": "optical NICs sending, % of line rate",
         "electrical": "electrical NICs sending, % of line rate"}


class Training(timeline_case.TimelineTestCase):
    """Runs of mixnet-training."""

    def train(self, *arguments, **keywords):
        """Runs mixnet-training; returns its events and what it printed."""
        return self.run_it("mixnet-training", *arguments, **keywords)

    def check_utilisation(self, events, hosts_of):
        """Counters of NICs add up to the bytes of ports.csv, by process and side, and at no time
        is the busiest NIC less busy than the mean, or its sum less than that of the busiest NIC."""
        ports = self.rows("out/ports.csv")
        shown = 0
        for name, process in self.processes(events).items():
            for side, counter_name in SIDES.items():
                counter = self.counter(events, process, counter_name)
                hosts = hosts_of(name)
                sent = [int(row["sentBytes"]) for row in ports
                        if row["side"] == side and int(row["host"]) in hosts]
                shown += len(counter) > 0
                seconds = 1e-6 * (counter[-1]["ts"] - counter[0]["ts"]) if counter else 0
                slack = 1e-2 * ROUNDED * seconds * RATE / 8 * len(sent) + 1
                self.assertAlmostEqual(self.sent_bytes(counter, len(sent), RATE), sum(sent),
                                       delta=slack, msg=f"{side} NICs of {name}")
                busiest = sum(event["args"]["busiest"] / 100 * RATE / 8
                              * (after["ts"] - event["ts"]) * 1e-6
                              for event, after in zip(counter, counter[1:]))
                self.assertGreaterEqual(busiest, max(sent, default=0) - slack)
        self.assertGreater(shown, 0)


class Groups(Training):
    """One EP group: a process per server."""

    def test_it_shows_what_its_tables_say(self):
        events, printed = self.train(*GROUP, "--output=out")
        self.assertRegex(printed, r"timeline {14}run\.json \(NICs sampled each [0-9.]+ us\)\n")
        self.check_form(events)
        self.assertEqual(set(self.processes(events)),
                         {"fabric", "region 0", *(f"server {server}" for server in range(SERVERS))})
        rows = self.rows("out/timeline.csv")
        ranks = {event["tid"]: event["args"]["name"] for event in events
                 if event["name"] == "thread_name"}
        shown = sorted((event["name"].split(" ")[0], event["ts"], event["dur"])
                       for event in events if event["ph"] == "X"
                       and event["cat"] not in ("waiting", "circuits"))
        shown += [("blackout", event["ts"], event["dur"])
                  for event in self.named(events, "blackout")]
        shown.sort()
        said = sorted(("blackout" if row["rank"] == "-1" else row["name"],
                       float(row["beginSeconds"]) * 1e6,
                       (float(row["endSeconds"]) - float(row["beginSeconds"])) * 1e6)
                      for row in rows)
        self.assertEqual([name for name, _, _ in shown], [name for name, _, _ in said])
        for (_, ts, dur), (_, begin, duration) in zip(shown, said):
            self.assertAlmostEqual(ts, begin, delta=1e-3)
            self.assertAlmostEqual(dur, duration, delta=1e-3)
        waited = sum(event["dur"] for event in self.named(events, "waiting for circuits"))
        exposed = sum(float(row["exposedSeconds"]) for row in rows if row["rank"] != "-1")
        self.assertAlmostEqual(waited, exposed * 1e6, delta=1e-2)
        self.assertIn("rank 0 all-to-all", ranks.values())

    def test_arrows_lead_from_the_gate_over_controller_and_blackout_to_the_dispatch(self):
        events, _ = self.train(*GROUP, "--output=out")
        self.check_form(events)
        arrows = self.arrows(events)
        self.assertGreater(len(arrows), 0)
        for arrow in arrows:
            self.assertEqual(arrow, ["gating", "circuits for dispatch", "blackout", "dispatch"])
        # Each blackout was caused by a demand.
        self.assertEqual(len(arrows), len(self.named(events, "blackout")))

    def test_counters_are_the_payload_of_all_to_alls(self):
        events, _ = self.train(*GROUP, "--output=out")
        rows = [row for row in self.rows("out/phases.csv") if row["name"] in ("dispatch", "combine")]
        counter = self.counter(events, self.processes(events)["fabric"],
                               "all-to-all payload, Gb/s")
        rates = [event["args"] for event in counter if any(event["args"].values())]
        self.assertEqual(len(rates), len(rows))
        for rate, row in zip(rates, rows):
            for key, column in (("circuits", "opticalBytes"), ("packet switches",
                                                              "electricalBytes")):
                expected = int(row[column]) * 8 / float(row["durationSeconds"]) / 1e9
                self.assertAlmostEqual(rate[key], expected, delta=1e-6 * expected + 1e-9)

    def test_nics_add_up_to_the_bytes_of_flows(self):
        events, _ = self.train(*GROUP, "--output=out")
        self.check_utilisation(events, lambda name: {int(name.split()[1])} if "server" in name
                               else set())
        for name in SIDES.values():
            for event in self.named(events, name, "C"):
                self.assertLessEqual(event["args"]["busiest"], 100 + 1e-3)  # bytes are whole

    def test_nics_add_up_to_the_bytes_of_packets(self):
        events, _ = self.train(*PACKETS, "--output=out")
        self.check_utilisation(events, lambda name: {int(name.split()[1])} if "server" in name
                               else set())

    def test_samples_are_as_many_as_fit_at_most(self):
        events, printed = self.train(*GROUP, "--output=out", "--timelineInterval=100ns")
        span = float(re.search(r"NICs sampled each ([0-9.]+) us", printed)[1])
        doubled = span / 0.1
        self.assertEqual(doubled, 2 ** round(len(bin(int(doubled))) - 3))  # a power of two
        for process in self.processes(events).values():
            counter = self.counter(events, process, SIDES["optical"])
            self.assertLessEqual(len(counter), MOST_SAMPLES + 1)
            for event in counter:
                self.assertAlmostEqual(event["ts"] / span, round(event["ts"] / span), delta=1e-6)
        # Half of the samples would have been too few.
        last = max(event["ts"] for event in self.named(events, SIDES["optical"], "C"))
        self.assertGreater(last / span, MOST_SAMPLES / 2)
        self.check_utilisation(events, lambda name: {int(name.split()[1])} if "server" in name
                               else set())

    def test_a_compressed_file_holds_the_same(self):
        plain, _ = self.train(*GROUP, "--output=none")
        packed, _ = self.train(*GROUP, "--output=none", file="run.json.gz")
        self.assertEqual(plain, packed)
        first = (self.folder / "run.json.gz").read_bytes()
        self.train(*GROUP, "--output=none", file="run.json.gz")
        self.assertEqual((self.folder / "run.json.gz").read_bytes(), first)
        self.assertLess(len(first), (self.folder / "run.json").stat().st_size / 4)

    def test_pauses_are_instants_up_to_a_limit(self):
        events, printed = self.train("--model=mixtral-8x7b", "--layers=1", "--backward=no",
                                     "--fabric=oversub-fat-tree", "--mtu=16000", "--output=none")
        self.check_form(events)
        pauses = [event for event in events if event["ph"] == "i"]
        self.assertEqual(len(pauses), MOST_PAUSES)
        left_out = re.search(r"^timeline .*; (\d+) pauses and ends of pauses of (\d+) are not in",
                             printed, re.MULTILINE)
        self.assertEqual(int(left_out[2]) - int(left_out[1]), MOST_PAUSES)
        paused = set()
        for event in sorted(pauses, key=lambda event: event["ts"]):
            of = (event["tid"], event["args"]["port"], event["args"]["class"])
            # A class of a port is paused and resumed in turn.
            self.assertEqual(event["name"] == "pause", of not in paused)
            paused ^= {of}

    def test_results_are_those_without_it(self):
        self.check_unchanged("mixnet-training", *GROUP)

    def test_results_of_packets_are_those_without_it(self):
        self.check_unchanged("mixnet-training", *PACKETS)


class Jobs(Training):
    """A whole job: a process per stage and replica, or per server of these."""

    GROUPS = {"stage 0, replica 0": range(0, 4), "stage 1, replica 0": range(4, 8)}

    def test_it_has_a_process_per_stage_and_replica(self):
        events, _ = self.train(*JOB, "--output=out")
        self.check_form(events)
        self.assertEqual({name for name in self.processes(events) if name.startswith("stage")},
                         set(self.GROUPS))
        families = {event["cat"] for event in events if event["ph"] == "X"}
        self.assertLessEqual({"compute", "tensor parallelism", "all-to-all", "pipeline",
                              "circuits"}, families)
        self.check_utilisation(events, lambda name: self.GROUPS.get(name, ()))

    def test_servers_on_request_show_the_same(self):
        groups, _ = self.train(*JOB, "--output=out")
        servers, _ = self.train(*JOB, "--output=out", "--timelineServers=yes")
        self.check_form(servers)
        names = {f"{group}, server {host}" for group, hosts in self.GROUPS.items()
                 for host in hosts}
        self.assertEqual({name for name in self.processes(servers) if name.startswith("stage")},
                         names)
        self.check_utilisation(servers, lambda name: {int(name.split()[-1])}
                               if "server" in name else set())

        def slices(events):
            return Counter((event["name"], event["ts"], event["dur"])
                           for event in events if event["ph"] == "X")

        self.assertEqual(slices(groups), slices(servers))

    def test_results_are_those_without_it(self):
        self.check_unchanged("mixnet-training", *JOB)


class Refusals(Training):
    """Files that cannot be written, or are others'."""

    def check_each_program(self, file, *words, **others):
        """All programs refuse a file."""
        for name in ("mixnet-training", "all-to-all", "ocs-reconfiguration", "training-graph"):
            with self.subTest(name):
                self.check_refused(name, [f"--timeline={file}", *others.get(name, ())], *words)

    def test_a_file_that_cannot_be_written_is_refused(self):
        self.check_each_program("missing/run.json", "missing/run.json: cannot write: ")

    def test_a_folder_is_refused(self):
        (self.folder / "run.json").mkdir()
        self.check_each_program("run.json", "option --timeline=run.json: is there and is no file")

    def test_a_file_of_others_is_refused(self):
        (self.folder / "notes.json").write_text('{"mine": 1}', encoding="utf-8")
        self.check_each_program("notes.json",
                                "option --timeline=notes.json: is there and is no timeline")

    def test_a_result_of_the_run_itself_is_refused(self):
        for file in ("out/summary.json", "./out/../out/phases.csv", "out/rates.csv.part"):
            for name in ("mixnet-training", "all-to-all", "training-graph"):
                with self.subTest(file=file, name=name):
                    self.check_refused(name, ["--output=out", f"--timeline={file}"],
                                       f"option --timeline={file}: is a file that the run itself "
                                       "writes into out")
        self.check_refused("all-to-all", ["--pcap=caps", "--timeline=caps/host0-port0.pcap"],
                           "is a file that the run itself writes into caps")

    def test_an_older_timeline_is_replaced(self):
        for file in ("run.json", "run.json.gz"):
            first, _ = self.run_it("ocs-reconfiguration", "--messageBytes=1000000", file=file)
            second, _ = self.run_it("ocs-reconfiguration", "--messageBytes=2000000", file=file)
            self.assertNotEqual(first, second)

    def test_programs_without_time_say_which_have_it(self):
        for name in ("training-traffic", "fabric-plans", "fidelity-benchmark",
                     "packet-hop-benchmark"):
            self.check_refused(name, ["--timeline=run.json"], "--timeline", "mixnet-training",
                               "all-to-all", "ocs-reconfiguration", "training-graph")

    def test_samples_need_time(self):
        self.check_refused("mixnet-training", ["--timeline=run.json", "--timelineInterval=99ns"],
                           "option --timelineInterval=99ns: must be at least 100ns")

    def end_early(self, number):
        """Ends a long run by a signal, once it has begun to write."""
        process = program.start_program("mixnet-training", "--layers=30", "--output=none",
                                        "--timeline=run.json", cwd=self.folder,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        part = self.folder / "run.json.part"
        try:
            self.assertTrue(program.wait_until(
                lambda: part.exists() and part.stat().st_size > 0, process))
            process.send_signal(number)
            return process.communicate(timeout=program.HANG_SECONDS)[0].decode()
        finally:
            process.kill()
            process.wait()

    def test_what_is_left_of_a_killed_run_is_no_timeline(self):
        self.end_early(signal.SIGKILL)
        self.assertFalse((self.folder / "run.json").exists())

    def test_an_interrupted_run_has_what_there_is(self):
        self.assertIn("INCOMPLETE", self.end_early(signal.SIGINT))
        events = self.events("run.json")
        self.check_nesting(events)
        cut_short = [event for event in events if event["name"].endswith(", not ended")]
        self.assertGreater(len(cut_short), 0)
        # All of them end when the run does.
        ends = [event["ts"] + event["dur"] for event in cut_short]
        self.assertAlmostEqual(max(ends), min(ends), delta=timeline_case.EXACT)
        for event in events:
            if event["ph"] == "X" and event["name"] != "blackout":
                self.assertLessEqual(event["ts"] + event["dur"], max(ends) + timeline_case.EXACT)


if __name__ == "__main__":
    unittest.main()
