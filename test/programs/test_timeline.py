# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Timelines of trace events: their form, and that they show what the tables say."""

import csv
import gzip
import json
import re
import sys
import unittest
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import program  # noqa: E402
import program_case  # noqa: E402

GROUP = ("--model=mixtral-8x7b", "--layers=2", "--microbatches=2", "--fidelity=flow")
JOB = ("--model=mixtral-8x7b", "--gpus=64", "--layers=2", "--pipelineParallel=2",
       "--microbatches=2", "--fidelity=flow")
SERVERS, RANKS = 4, 8  # of that group
MOST_PAUSES = 10_000  # in a file
EXACT = 2e-6  # microseconds: the format has all picoseconds, a float nearly


class Timelines(program_case.FolderTestCase):
    """Runs with --timeline."""

    def run_it(self, *arguments, name="run.json"):
        """Runs mixnet-training; returns its events and what it printed."""
        result = program.run_program("mixnet-training", *arguments, f"--timeline={name}",
                                     cwd=self.folder)
        self.check_success(result)
        return self.events(name), result.stdout

    def events(self, name):
        """The events of a file."""
        data = (self.folder / name).read_bytes()
        text = gzip.decompress(data) if name.endswith(".gz") else data
        return json.loads(text)["traceEvents"]

    def check_form(self, events):
        """The fields that the format asks of each kind of event, and slices that nest."""
        needed = {"X": {"dur", "cat"}, "C": {"args"}, "M": {"args"}, "i": {"s", "cat"},
                  "s": {"id", "cat"}, "t": {"id", "cat"}, "f": {"id", "cat", "bp"}}
        lanes = defaultdict(list)
        named = set()
        for event in events:
            self.assertIn(event["ph"], needed)
            self.assertLessEqual(needed[event["ph"]] | {"pid", "tid", "ts", "name"}, set(event))
            self.assertGreaterEqual(event["ts"], 0)
            lane = (event["pid"], event["tid"])
            if event["ph"] == "X":
                self.assertGreaterEqual(event["dur"], 0)
                lanes[lane].append((event["ts"], event["ts"] + event["dur"]))
            elif event["name"] == "thread_name":
                named.add(lane)
            elif event["ph"] == "C":
                self.assertTrue(all(value >= 0 for value in event["args"].values()))
        self.assertGreater(len(lanes), 0)
        for lane, slices in lanes.items():
            self.assertIn(lane, named)
            slices.sort()
            for (_, end), (begin, _) in zip(slices, slices[1:]):
                self.assertGreaterEqual(begin, end - EXACT, f"slices of lane {lane} overlap")
        return lanes

    def check_arrows(self, events, lanes):
        """Each arrow leaves a gate, passes a blackout and ends at an all-to-all."""
        arrows = defaultdict(dict)
        for event in events:
            if event["ph"] in "stf":
                arrows[event["id"]][event["ph"]] = event
        self.assertGreater(len(arrows), 0)
        slices = [event for event in events if event["ph"] == "X"]
        for arrow in arrows.values():
            self.assertEqual(set(arrow), {"s", "t", "f"})
            for step, name in (("s", "gating"), ("t", "blackout"), ("f", "dispatch")):
                at = arrow[step]
                around = [event["name"] for event in slices
                          if (event["pid"], event["tid"]) == (at["pid"], at["tid"])
                          and event["ts"] - EXACT <= at["ts"] <= event["ts"] + event["dur"]]
                self.assertIn(name, around)
            self.assertLess(arrow["s"]["ts"], arrow["t"]["ts"])
            self.assertLess(arrow["t"]["ts"], arrow["f"]["ts"])

    def test_a_group_shows_what_its_tables_say(self):
        events, printed = self.run_it(*GROUP, "--output=out")
        self.assertIn("timeline              run.json\n", printed)
        lanes = self.check_form(events)
        self.check_arrows(events, lanes)
        processes = {event["args"]["name"] for event in events if event["name"] == "process_name"}
        self.assertEqual(processes, {"fabric", "region 0, circuits",
                                     *(f"server {number}" for number in range(SERVERS))})
        with open(self.folder / "out/timeline.csv", encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        shown = sorted((event["name"].split(" ")[0], event["ts"], event["dur"])
                       for event in events if event["ph"] == "X"
                       and not event["name"].startswith("waiting"))
        said = sorted(("blackout" if row["rank"] == "-1" else row["name"],
                       float(row["beginSeconds"]) * 1e6,
                       (float(row["endSeconds"]) - float(row["beginSeconds"])) * 1e6)
                      for row in rows)
        self.assertEqual([name for name, _, _ in shown], [name for name, _, _ in said])
        for (_, ts, dur), (_, begin, duration) in zip(shown, said):
            self.assertAlmostEqual(ts, begin, delta=1e-3)
            self.assertAlmostEqual(dur, duration, delta=1e-3)
        waited = sum(event["dur"] for event in events if event["name"] == "waiting for circuits")
        exposed = sum(float(row["exposedSeconds"]) for row in rows if row["rank"] != "-1")
        self.assertAlmostEqual(waited, exposed * 1e6, delta=1e-2)

    def test_counters_are_the_payload_of_all_to_alls(self):
        events, _ = self.run_it(*GROUP, "--output=out")
        with open(self.folder / "out/phases.csv", encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["name"] in ("dispatch", "combine")]
        rates = [event["args"] for event in events
                 if event["name"].startswith("all-to-all payload") and any(event["args"].values())]
        self.assertEqual(len(rates), len(rows))
        for rate, row in zip(rates, rows):
            for key, column in (("circuits", "opticalBytes"), ("packet switches",
                                                              "electricalBytes")):
                expected = int(row[column]) * 8 / float(row["durationSeconds"]) / 1e9
                self.assertAlmostEqual(rate[key], expected, delta=1e-6 * expected + 1e-9)

    def test_a_job_has_a_process_per_stage_and_replica(self):
        events, _ = self.run_it(*JOB, "--output=none")
        self.check_form(events)
        processes = {event["args"]["name"] for event in events if event["name"] == "process_name"}
        self.assertEqual({name for name in processes if name.startswith("stage")},
                         {"stage 0, replica 0", "stage 1, replica 0"})
        families = {event["cat"] for event in events if event["ph"] == "X"}
        self.assertLessEqual({"compute", "tensor parallelism", "all-to-all", "pipeline",
                              "circuits"}, families)

    def test_a_compressed_file_holds_the_same(self):
        plain, _ = self.run_it(*GROUP, "--output=none")
        packed, _ = self.run_it(*GROUP, "--output=none", name="run.json.gz")
        self.assertEqual(plain, packed)
        first = (self.folder / "run.json.gz").read_bytes()
        self.run_it(*GROUP, "--output=none", name="run.json.gz")
        self.assertEqual((self.folder / "run.json.gz").read_bytes(), first)
        self.assertLess(len(first), (self.folder / "run.json").stat().st_size / 4)

    def test_pauses_are_instants_up_to_a_limit(self):
        events, printed = self.run_it("--model=mixtral-8x7b", "--layers=1", "--backward=no",
                                      "--fabric=oversub-fat-tree", "--mtu=16000", "--output=none")
        self.check_form(events)
        pauses = [event for event in events if event["ph"] == "i"]
        self.assertEqual(len(pauses), MOST_PAUSES)
        left_out = re.search(r"^timeline .*\((\d+) pauses and ends of pauses of (\d+) are not in",
                             printed, re.MULTILINE)
        self.assertEqual(int(left_out[2]) - int(left_out[1]), MOST_PAUSES)
        paused = set()
        for event in sorted(pauses, key=lambda event: event["ts"]):
            of = (event["tid"], event["args"]["port"], event["args"]["class"])
            # A class of a port is paused and resumed in turn.
            self.assertEqual(event["name"] == "pause", of not in paused)
            paused ^= {of}

    def test_results_are_those_without_it(self):
        self.run_it(*GROUP, "--output=with")
        result = program.run_program("mixnet-training", *GROUP, "--output=without",
                                     cwd=self.folder)
        self.check_success(result)
        for path in sorted((self.folder / "without").glob("*.csv")):
            self.assertEqual(path.read_bytes(), (self.folder / "with" / path.name).read_bytes())

    def test_a_file_that_cannot_be_written_is_refused(self):
        result = program.run_program("mixnet-training", *GROUP, "--output=none",
                                     "--timeline=missing/run.json", cwd=self.folder)
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        self.assertIn("missing/run.json", result.stderr)
        self.assertEqual(list(self.folder.iterdir()), [])


if __name__ == "__main__":
    unittest.main()
