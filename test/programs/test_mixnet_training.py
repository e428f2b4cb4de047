# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""The program mixnet-training as a user runs it: its table, its files, its refusals."""

import csv
import json
import os
import re
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import program  # noqa: E402  (makes utils/ importable)
import program_case  # noqa: E402
from program_case import MEASURED  # noqa: E402

import ns3_tests  # noqa: E402
import workspace as workspaces  # noqa: E402

PROGRAM = "mixnet-training"
QUICK = ("--model=mixtral-8x7b", "--layers=1", "--mtu=16000")
FORWARD = ("attentionGather", "attention", "attentionScatter", "gating", "dispatch", "allGather",
           "expert", "reduceScatter", "combine")
BACKWARD = ("combine", "allGather", "expert", "reduceScatter", "dispatch", "gating",
            "attentionGather", "attention", "attentionScatter")
FILES = ["circuits.csv", "gantt.csv", "iterations.csv", "phases.csv", "ports.csv", "summary.json",
         "timeline.csv"]
ROW = re.compile(r"^(\w+(?: back| again)?) +(\d+) +(\d+) \|", re.MULTILINE)
SUMMARY_KEYS = {
    "schemaVersion": int, "version": str, "options": dict, "seed": int, "model": str,
    "fabric": str, "linkRateBitsPerSecond": int, "opticalFidelity": str,
    "electricalFidelity": str, "iterationTimeSeconds": float,
    "exposedReconfigurationSeconds": float, "allToAllShare": float, "wallSeconds": float,
    "peakMemoryBytes": int, "events": int, "phases": list,
}
PHASE_KEYS = {
    "name": str, "direction": str, "iteration": int, "replica": int, "stage": int,
    "region": int, "layer": int, "microbatch": int, "startSeconds": float,
    "durationSeconds": float, "darkSeconds": float, "changedPorts": int, "circuits": int,
    "opticalBytes": int, "electricalBytes": int, "nvswitchBytes": int,
    "lowerBoundSeconds": float,
}
WALL = re.compile(r'^ *"(wallSeconds|peakMemoryBytes|\w+PerWallSecond|output)": .*$', re.MULTILINE)
WALL_LINES = re.compile(r"^(simulated in|results) .*$", re.MULTILINE)


def train(*arguments, cwd=None):
    """Runs the program."""
    return program.run_program(PROGRAM, *arguments, cwd=cwd)


def read_summary(folder):
    """summary.json of a run."""
    return json.loads((folder / "summary.json").read_text(encoding="utf-8"))


def read_phases(folder):
    """phases.csv of a run, a dictionary of texts for each row."""
    with open(folder / "phases.csv", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


class ProgramTestCase(program_case.FolderTestCase):
    """A test with an empty folder of its own, in which programs run."""

    def results_of(self, *arguments):
        """The summary of a run."""
        result = train(*program.with_defaults((*QUICK, "--output=results"), arguments),
                       cwd=self.folder)
        self.check_success(result)
        return read_summary(self.folder / "results")


class Results(ProgramTestCase):
    """What a run prints and writes."""

    def test_the_default_run_prints_a_table_and_writes_its_files(self):
        # Mixtral 8x22B, two layers, the paper's region: what nobody has to ask for.
        result = train("--mtu=16000", cwd=self.folder)
        self.check_success(result)
        self.assertIn("Mixtral 8x22B: 64 GPUs = DP 1 x PP 1 x EP 8 x TP 8; 8 hosts of 8 GPUs",
                      result.stdout)
        self.assertIn("6 optical and 2 electrical NICs of 400 Gb/s", result.stdout)
        self.assertEqual(ROW.findall(result.stdout),
                         [(name, "0", layer) for layer in "01" for name in FORWARD] +
                         [(name + " back", "0", layer) for layer in "10" for name in BACKWARD])
        for label in ("iteration time", "blackouts", "  all-to-alls", "payload", "frames"):
            self.assertRegex(result.stdout, rf"(?m)^{label} ")
        files = sorted(path.name for path in (self.folder / "mixnet-output").iterdir())
        self.assertEqual(files, FILES)
        self.assertEqual([path.name for path in self.folder.iterdir()], ["mixnet-output"])

    def test_without_packets_it_goes_the_same_way(self):
        arguments = program.with_defaults(
            QUICK, ("--layers=2", "--microbatches=2", "--reconfigurationDelay=10us"))
        for policy in ("block", "reuse"):
            course = {}
            for fidelity in ("packet", "flow"):
                for name in ("a", "b"):
                    self.check_success(train(*arguments, f"--policy={policy}",
                                             f"--fidelity={fidelity}", f"--output={name}",
                                             cwd=self.folder))
                for file in ("phases.csv", "circuits.csv", "timeline.csv"):
                    self.assertEqual((self.folder / "a" / file).read_bytes(),
                                     (self.folder / "b" / file).read_bytes())
                phases = read_phases(self.folder / "a")
                with open(self.folder / "a" / "circuits.csv", encoding="utf-8") as file:
                    circuits = [{key: value for key, value in row.items() if "econds" not in key}
                                for row in csv.DictReader(file)]
                course[fidelity] = (
                    [[row[key] for key in ("name", "direction", "layer", "microbatch", "circuits",
                                           "changedPorts", "opticalBytes", "electricalBytes")]
                     for row in phases], circuits)
                course[fidelity, "end"] = read_summary(self.folder / "a")["iterationTimeSeconds"]
            with self.subTest(policy=policy):
                self.assertGreater(len(course["packet"][1]), 0)
                self.assertEqual(course["flow"], course["packet"])
                self.assertLess(abs(course["flow", "end"] / course["packet", "end"] - 1), 0.02)

    def test_planes_carry_all_bytes_with_their_own_circuits(self):
        moved = set()
        for planes in (1, 2, 6):
            summary = self.results_of("--fidelity=flow", f"--planes={planes}")
            phases = [phase for phase in summary["phases"] if phase["name"] == "dispatch"]
            self.assertGreater(min(phase["circuits"] for phase in phases), 0)
            # A plane has an even part of the 6 optical NICs of each of 4 servers: 12 circuits.
            self.assertLessEqual(max(phase["circuits"] for phase in phases), 4 * 6 // 2)
            moved.add(tuple(phase["opticalBytes"] + phase["electricalBytes"] for phase in phases))
        self.assertEqual(len(moved), 1, "planes change routes, not demand")

    def test_the_summary_keeps_its_contract(self):
        summary = self.results_of("--seed=5", "--linkRate=200Gb/s")
        for key, kind in SUMMARY_KEYS.items():
            self.assertIn(key, summary)
            self.assertIsInstance(summary[key], (kind, int) if kind is float else kind, key)
        self.assertEqual(summary["schemaVersion"], 2)
        self.assertEqual(summary["seed"], 5)
        self.assertEqual(summary["model"], "mixtral-8x7b")
        self.assertEqual(summary["fabric"], "mixnet")
        self.assertEqual(summary["linkRateBitsPerSecond"], 200_000_000_000)
        self.assertEqual(summary["opticalFidelity"], "packet")
        self.assertEqual(summary["electricalFidelity"], "packet")
        self.assertGreater(summary["wallSeconds"], 0)
        self.assertGreater(summary["peakMemoryBytes"], 1_000_000)
        self.assertGreater(summary["events"], 0)
        self.assertEqual(summary["options"]["mtu"], "16000", "what was given")
        self.assertEqual(summary["options"]["opticalDegree"], "6", "and what was not")
        self.assertEqual([phase["name"] for phase in summary["phases"]], [*FORWARD, *BACKWARD])
        self.assertEqual([phase["direction"] for phase in summary["phases"]],
                         9 * ["forward"] + 9 * ["backward"])
        for phase in summary["phases"]:
            for key, kind in PHASE_KEYS.items():
                self.assertIn(key, phase)
                self.assertIsInstance(phase[key], (kind, int) if kind is float else kind, key)

    def seconds_of(self, name, *arguments):
        """Durations of the phases of that name, added up."""
        return self.results_of(*arguments)["timeByPhaseSeconds"]["forward"][name]

    def test_tokens_sent_once_per_rank_are_fewer_for_the_same_work(self):
        # Two experts per rank: a token with both of them crosses the network once. Of 7 other
        # experts one is on the same rank, so some 1/7 is saved when experts are equally popular.
        arguments = ("--expertParallel=4", "--tensorParallel=4", "--skew=0", "--backward=no")
        sent = {}
        expert = {}
        for deduplicate in ("none", "rank"):
            summary = self.results_of(*arguments, f"--deduplicate={deduplicate}")
            sent[deduplicate] = summary["opticalBytes"] + summary["electricalBytes"]
            expert[deduplicate] = summary["timeByPhaseSeconds"]["forward"]["expert"]
        self.assertAlmostEqual(sent["rank"] / sent["none"], 1 - 1 / 14, delta=0.01)
        self.assertEqual(expert["rank"], expert["none"])

    def test_tokens_sent_once_per_server_are_fewer_and_passed_on_inside(self):
        # One expert per rank, two ranks per server: of the 7 experts that a token's other one may
        # be, one is on the same server.
        arguments = ("--expertParallel=8", "--tensorParallel=4", "--skew=0", "--backward=no",
                     "--electricalFidelity=flow", "--opticalFidelity=flow")
        sent = {}
        expert = {}
        for deduplicate in ("none", "host"):
            summary = self.results_of(*arguments, f"--deduplicate={deduplicate}")
            sent[deduplicate] = summary["opticalBytes"] + summary["electricalBytes"]
            expert[deduplicate] = summary["timeByPhaseSeconds"]["forward"]["expert"]
        self.assertAlmostEqual(sent["host"] / sent["none"], 1 - 1 / 14, delta=0.01)
        self.assertEqual(expert["host"], expert["none"])

    def test_an_all_to_all_at_a_part_of_line_rate_takes_longer_by_that(self):
        # Its bytes are the same. Frames, and fibres of 1 us each way, take no longer.
        arguments = ("--skew=0", "--backward=no", "--fabric=ideal-switch", "--fidelity=flow")
        whole, part = (self.results_of(*arguments, f"--allToAllEfficiency={efficiency}")
                       for efficiency in (1, 0.25))
        for key in ("opticalBytes", "electricalBytes", "nvswitchBytes"):
            self.assertEqual(part[key], whole[key], key)
        times = [summary["timeByPhaseSeconds"]["forward"] for summary in (part, whole)]
        for name in ("dispatch", "combine"):
            self.assertAlmostEqual(times[0][name] / times[1][name], 4, delta=0.1)
        for name in ("attention", "expert", "allGather", "reduceScatter"):
            self.assertAlmostEqual(times[0][name], times[1][name], delta=1e-9)

    def test_ranks_may_span_servers(self):
        # A buffer on 16 GPUs of two servers: each GPU sends its 16th to one in the other server,
        # and two 16ths to seven in its own. Two ranks do so. On MixNet what goes to the gateways
        # of two NICs stays inside, too.
        for fabric, nics in (("ideal-switch", 8), ("mixnet", 2)):
            with self.subTest(fabric=fabric):
                summary = self.results_of("--expertParallel=2", "--tensorParallel=16", "--skew=0",
                                          "--nvswitchRate=1600Gb/s", "--linkRate=400Gb/s",
                                          f"--fabric={fabric}", "--fidelity=flow")
                phases = [phase for phase in summary["phases"]
                          if phase["name"] in ("allGather", "reduceScatter")]
                self.assertEqual(len(phases), 4)
                for phase in phases:
                    across = phase["electricalBytes"]
                    inside = 14 * across + (across * 6 // 8 * 2 if nics == 2 else 0)
                    self.assertEqual(phase["opticalBytes"], 0)
                    self.assertAlmostEqual(phase["nvswitchBytes"] / inside, 1, delta=0.001)
                    seconds = across / 4 / nics / 50e9 + across / 2 * 14 / 16 / 200e9
                    self.assertAlmostEqual(phase["durationSeconds"] / seconds, 1, delta=0.02)

    def test_gpus_compute_at_their_rates_unless_told_otherwise(self):
        times = {argument: self.seconds_of("attention", "--backward=no", argument)
                 for argument in ("--gpuType=h800", "--gpuType=h100", "--teraflops=246")}
        self.assertAlmostEqual(times["--gpuType=h800"] / times["--gpuType=h100"], 246 / 137,
                               places=6)
        self.assertEqual(times["--teraflops=246"], times["--gpuType=h100"])

    def test_measured_times_come_before_computed_ones(self):
        (self.folder / "times.json").write_text(json.dumps({
            "source": "made up",
            "operations": [{"operation": "attention", "forward": 0.25, "backward": 0.5,
                            "tokens": 8 * 4096}],
        }), encoding="utf-8")
        arguments = ("--backward=no", "--computeProfile=times.json")
        self.assertAlmostEqual(self.seconds_of("attention", *arguments), 0.25, places=9)

    def test_a_routing_trace_decides_who_gets_the_tokens(self):
        # All 16 tokens of every GPU go to experts 0 and 1: ranks 2 to 7 compute nothing.
        with (self.folder / "trace.jsonl").open("w", encoding="utf-8") as file:
            for layer in range(32):
                for rank in range(32):
                    file.write(json.dumps({
                        "step": 0, "layer": layer, "rank": rank, "num_tokens": 16, "topk": 2,
                        "top_indices": [[0, 1]] * 16}) + "\n")
        summary = self.results_of("--backward=no", "--expertLoad=trace.jsonl")
        self.assertIn("routing trace", summary["expertLoad"])
        # 8 ranks send 8 * 4096 tokens of 4096 * 2 bytes to each of two ranks, servers of two ranks
        # each: what leaves the first server is nothing, what the others send, all but 2 of 8.
        sent = summary["opticalBytes"] + summary["electricalBytes"]
        self.assertEqual(sent, 2 * 6 * 2 * 8 * 4096 * 4096 * 2)  # dispatch and combine

    def test_totals_are_those_of_the_phases(self):
        summary = self.results_of("--layers=2", "--microbatches=2", "--reconfigurationDelay=3ms",
                                  "--controlLatency=20us")
        phases = summary["phases"]
        self.assertEqual([(phase["microbatch"], phase["layer"]) for phase in phases[::9]],
                         [(0, 0), (0, 1), (0, 1), (0, 0), (1, 0), (1, 1), (1, 1), (1, 0)])
        end = max(phase["startSeconds"] + phase["durationSeconds"] for phase in phases)
        dark = sum(phase["darkSeconds"] for phase in phases)
        exposed = sum(phase["exposedSeconds"] for phase in phases)
        exchanges = sum(phase["durationSeconds"] for phase in phases
                        if phase["name"] in ("dispatch", "combine"))
        self.assertAlmostEqual(summary["iterationTimeSeconds"], end, delta=1e-11)
        self.assertAlmostEqual(summary["exposedReconfigurationSeconds"], exposed, delta=1e-11)
        self.assertAlmostEqual(summary["hiddenReconfigurationSeconds"], dark - exposed, delta=1e-11)
        self.assertGreater(exposed, 0)
        self.assertAlmostEqual(summary["allToAllShare"], exchanges / end, delta=1e-9)
        # Phases and what lies between them, blackouts and both ways of control messages, tile.
        spans = sum(phase["durationSeconds"] for phase in phases)
        gaps = summary["waitingBetweenPhasesSeconds"]
        self.assertAlmostEqual(spans + gaps, end, delta=1e-11)
        self.assertGreaterEqual(gaps, 4 * 2 * 20e-6, "both ways to the controller, per dispatch")
        for phase in phases:
            self.assertLessEqual(phase["exposedSeconds"], phase["darkSeconds"])
            changed = phase["changedPorts"] > 0
            self.assertAlmostEqual(phase["darkSeconds"], 3e-3 if changed else 0, delta=1e-12)
            self.assertLessEqual(phase["lowerBoundSeconds"], phase["durationSeconds"])
        for side in ("optical", "electrical", "nvswitch"):
            self.assertEqual(summary[f"{side}Bytes"], sum(p[f"{side}Bytes"] for p in phases))
        frames = summary["frames"]
        self.assertEqual(frames["sent"], frames["received"] + sum(frames["dropped"].values()))
        self.assertEqual(frames["inFlight"], 0)

    def test_no_frame_is_missing_where_a_packet_switch_overflows(self):
        # The literal allocator leaves most pairs to the packet switch, where the windows of 1 MB
        # of all pairs of NICs that send to the hottest expert are more than its buffer holds.
        matrix = self.folder / "counts.json"
        matrix.write_text(json.dumps(MEASURED), encoding="utf-8")
        for pfc in ("no", "yes"):
            with self.subTest(pfc=pfc):
                summary = self.results_of(f"--expertLoad={matrix}", "--model=mixtral-8x22b",
                                          "--allocator=greedy-literal", "--backward=no",
                                          "--switchBuffer=4000000", f"--pfc={pfc}")
                frames = summary["frames"]
                lost = sum(frames["dropped"].values())
                (self.assertGreater if pfc == "no" else self.assertEqual)(lost, 0)
                self.assertEqual(frames["sent"], frames["received"] + lost)
                self.assertEqual(frames["inFlight"], 0)

    def test_every_fabric_carries_the_same_bytes(self):
        bytes_of = {}
        for fabric in ("mixnet", "fat-tree", "oversub-fat-tree", "rail-optimized", "rail-only",
                       "ideal-switch"):
            summary = self.results_of(f"--fabric={fabric}", "--backward=no")
            self.assertTrue(summary["complete"])
            self.assertEqual(summary["fabric"], fabric)
            self.assertEqual(sum(summary["frames"]["dropped"].values()), 0)
            for phase in summary["phases"]:
                self.assertLessEqual(phase["lowerBoundSeconds"], phase["durationSeconds"])
            bytes_of[fabric] = summary["opticalBytes"] + summary["electricalBytes"]
        self.assertEqual(set(bytes_of.values()), {bytes_of["fat-tree"]})

    def test_oversubscription_costs_time_and_rails_do_not(self):
        time = {}
        for fabric in ("fat-tree", "oversub-fat-tree", "rail-optimized", "ideal-switch"):
            summary = self.results_of(f"--fabric={fabric}", "--model=mixtral-8x22b",
                                      "--backward=no", "--mtu=9000")
            time[fabric] = summary["timeByPhaseSeconds"]["forward"]["dispatch"]
        self.assertGreater(time["oversub-fat-tree"], 1.5 * time["fat-tree"])
        for fabric in ("fat-tree", "rail-optimized"):
            self.assertLess(abs(time[fabric] / time["ideal-switch"] - 1), 0.05, fabric)

    def test_long_fibres_are_no_reason_to_send_again(self):
        # Four fibres there and back are 8 ms, more than the NIC's own timeout of 4.2 ms.
        frames = self.results_of("--linkDelay=2ms", "--backward=no")["frames"]
        self.assertEqual(frames["retransmitted"], 0)
        self.assertEqual(sum(frames["dropped"].values()), 0)

    def test_phases_csv_holds_the_phases_of_the_summary(self):
        summary = self.results_of("--layers=2")
        rows = read_phases(self.folder / "results")
        self.assertEqual(len(rows), len(summary["phases"]))
        for row, phase in zip(rows, summary["phases"]):
            self.assertEqual(list(row), list(phase), "the same columns in the same order")
            for key, value in phase.items():
                self.assertEqual(row[key] if isinstance(value, str) else json.loads(row[key]),
                                 value, key)

    def test_a_model_with_one_moe_layer_passes_that_one(self):
        (self.folder / "one.json").write_text(json.dumps({
            "title": "One", "sources": ["made up for tests"],
            "layers": 2, "hidden": 1024, "vocabulary": 32000,
            "attention": {"kind": "grouped-query", "heads": 8, "kvHeads": 8, "headSize": 128},
            "denseLayers": {"count": 1, "ffn": 2048},
            "experts": {"count": 16, "topK": 2, "ffn": 2048},
            "parallelism": {"tensor": 1, "expert": 16, "pipeline": 1},
            "training": {"sequenceLength": 1024, "microbatchSize": 1, "microbatches": 1},
        }), encoding="utf-8")
        summary = self.results_of("--model=one.json", "--layers=0", "--fabric=ideal-switch")
        self.assertEqual({phase["layer"] for phase in summary["phases"]}, {1})

    def test_none_writes_nothing(self):
        self.check_success(train(*QUICK, "--output=none", cwd=self.folder))
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_rows_beyond_the_table_are_counted_and_written(self):
        result = train(*QUICK, "--tableRows=2", cwd=self.folder)
        self.check_success(result)
        self.assertEqual(len(ROW.findall(result.stdout)), 2)
        self.assertIn("16 phases more", result.stdout)
        self.assertEqual(len(read_phases(self.folder / "mixnet-output")), 18)

    def test_folders_may_have_spaces_and_be_nested(self):
        matrix = self.folder / "my counts.json"
        matrix.write_text(json.dumps(MEASURED), encoding="utf-8")
        result = train(*QUICK, "--expertLoad=my counts.json", "--output=my results/first run",
                       cwd=self.folder)
        self.check_success(result)
        summary = read_summary(self.folder / "my results" / "first run")
        self.assertIn("my counts.json", summary["expertLoad"])
        self.assertTrue(summary["expertLoadRepeats"])
        self.assertIn("the same for all iterations, layers and microbatches", result.stdout)

    def test_relative_and_absolute_paths_mean_the_same(self):
        self.check_success(train(*QUICK, "--output=one", cwd=self.folder))
        self.check_success(train(*QUICK, f"--output={self.folder / 'two'}", cwd="/"))
        self.assertEqual((self.folder / "one" / "phases.csv").read_bytes(),
                         (self.folder / "two" / "phases.csv").read_bytes())

    def test_an_older_summary_does_not_outlive_a_new_run(self):
        summary = self.folder / "results" / "summary.json"
        summary.parent.mkdir()
        summary.write_text('{\n  "schemaVersion": 1, "old": true\n}\n', encoding="utf-8")
        self.results_of()

    def test_help_lists_the_options(self):
        result = train("--help", cwd=self.folder)
        self.check_success(result)
        for option in ("model", "layers", "expertLoad", "linkRate", "reconfigurationDelay",
                       "seed", "output"):
            self.assertRegex(result.stdout, rf"--{option}=")
        self.assertEqual(list(self.folder.iterdir()), [])


class WhileItRuns(ProgramTestCase):
    """Results can be read before a run ends."""

    def test_phases_csv_grows_while_the_program_runs(self):
        env = ns3_tests.library_environment(workspaces.locate(program.ROOT), program.tree())
        command = [str(program.find_program(PROGRAM)), "--layers=56", "--microbatches=100",
                   "--output=results"]
        summary = self.folder / "results" / "summary.json"
        summary.parent.mkdir()
        summary.write_text('{\n  "schemaVersion": 1, "old": true\n}\n', encoding="utf-8")
        with subprocess.Popen(command, cwd=self.folder, env=env, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            try:
                path = self.folder / "results" / "phases.csv"
                program.wait_until(
                    lambda: path.is_file() and path.read_bytes().count(b"\n") >= 2, process)
                text = path.read_text(encoding="utf-8")
                self.assertIsNone(process.poll(), "it still runs")
                self.assertFalse(summary.exists(), "an older summary is gone")
            finally:
                process.terminate()
        header, row = text.split("\n")[:2]
        self.assertEqual(header.split(",")[:1], ["name"])
        self.assertEqual(row.split(",")[0], FORWARD[0])
        self.assertEqual(row.count(","), header.count(","), "a complete row")


class Repetition(ProgramTestCase):
    """The seed decides, and nothing else does."""

    def run_with(self, name, *arguments):
        """What a run prints and writes, without what may differ."""
        result = train(*program.with_defaults(QUICK, (f"--output={name}", *arguments)),
                       cwd=self.folder)
        self.check_success(result)
        folder = self.folder / name
        return (WALL_LINES.sub("", result.stdout),
                (folder / "phases.csv").read_bytes(),
                WALL.sub("", (folder / "summary.json").read_text(encoding="utf-8")))

    def test_equal_seeds_give_equal_bytes(self):
        arguments = ("--seed=3", "--ocsTechnology=prototype")
        self.assertEqual(self.run_with("one", *arguments), self.run_with("two", *arguments))

    def test_another_seed_gives_another_load(self):
        one, two = (self.run_with(f"seed{seed}", f"--seed={seed}")[1] for seed in (3, 4))
        self.assertNotEqual(one, two)

    def test_another_seed_gives_another_blackout(self):
        # Uniform load: only the switch draws numbers.
        one, two = (self.run_with(f"seed{seed}", f"--seed={seed}", "--skew=0",
                                  "--ocsTechnology=prototype")[1] for seed in (3, 4))
        self.assertNotEqual(one, two)


class SavedRuns(ProgramTestCase):
    """--config repeats a run, with all that was given."""

    # The interval of acknowledgements and the run of the random numbers decide times.
    SETTINGS = ("--ns3::mixnet::RdmaNic::AckInterval=3", "--RngRun=5")
    RUN = (*QUICK, "--skew=0", "--backward=no", "--ocsTechnology=prototype")

    def phases_of(self, name, *arguments):
        """phases.csv of a run."""
        self.check_success(train(*arguments, f"--output={name}", cwd=self.folder))
        return (self.folder / name / "phases.csv").read_bytes()

    def test_settings_of_ns3_are_saved_and_repeated(self):
        saved = self.phases_of("saved", *self.RUN, *self.SETTINGS)
        options = read_summary(self.folder / "saved")["options"]
        for setting in self.SETTINGS:
            name, value = setting[2:].split("=")
            self.assertEqual(options[name], value)
            others = [other for other in self.SETTINGS if other != setting]
            self.assertNotEqual(self.phases_of("without", *self.RUN, *others), saved, setting)
        config = "--config=saved/summary.json"
        self.assertEqual(self.phases_of("again", config), saved)
        # The command line goes first.
        other = self.phases_of("other", *self.RUN, self.SETTINGS[0], "--RngRun=6")
        self.assertEqual(self.phases_of("changed", "--RngRun=6", config), other)
        self.assertNotEqual(other, saved)

    def test_settings_that_are_wrong_are_refused(self):
        for name, value, words in (
            ("ns3::mixnet::RdmaNic::AckInterval", "0", "AckInterval=0"),
            ("ns3::mixnet::RdmaNic::Colour", "red", "is no option"),
            ("layer", "1", "is no option of this program: it is one of training-traffic"),
            ("layesr", "1", "did you mean --layers"),
            ("RngRun", 5, "must be a text"),
        ):
            with self.subTest(name):
                (self.folder / "options.json").write_text(json.dumps({name: value}),
                                                          encoding="utf-8")
                result = train("--config=options.json", "--output=none", cwd=self.folder)
                self.assertEqual(result.returncode, 1)
                self.assertRegex(result.stderr, r"\A[^\n]+\n\Z")
                self.assertIn(words, result.stderr)


class Refusals(ProgramTestCase):
    """What is wrong gets one line that says what, and leaves nothing behind."""

    def check(self, arguments, *patterns):
        """A run is refused."""
        before = sorted(self.folder.rglob("*"))
        result = train(*arguments, cwd=self.folder)
        self.assertNotEqual(result.returncode, 0)
        self.assertGreater(result.returncode, 0, "it ends by itself, not by a signal")
        self.assertEqual(result.stdout, "")
        self.assertRegex(result.stderr, r"\A[^\n]+\n\Z")
        for pattern in patterns:
            self.assertRegex(result.stderr, pattern)
        self.assertEqual(sorted(self.folder.rglob("*")), before, "no folder, no file")

    def test_options(self):
        for argument, patterns in {
            "--model=gpt": ("--model=gpt", "mixtral-8x22b.*qwen-moe"),
            "--opticalDegree=-1": ("--opticalDegree=-1", "1 to 1024"),
            "--opticalDegree=9": ("--opticalDegree=9", "at most 8 NICs", "--nics"),
            "--opticalDegree=7": ("--opticalDegree=7, --electricalNics=2", "at most 8"),
            "--electricalNics=0": ("--electricalNics=0", "1 to 1024"),
            "--layers=57": ("--layers=57", "0 to 56"),
            "--layers=two": ("--layers=two", "0 to 56"),
            "--layers=1.5": ("--layers=1.5", "whole number"),
            "--layers=99999999999999999999": ("--layers=9+", "0 to 56"),
            "--microbatches=32769": ("--microbatches=32769", "0 to 32768"),
            "--seed=-1": ("--seed=-1", "1 to 4294944442"),
            "--seed=4294944443": ("--seed=4294944443", "1 to 4294944442"),
            "--mtu=63": ("--mtu=63", "64 to 65000"),
            # sqrt(8 experts / 2 per token - 1) over a variation of 0.65
            "--skew=nan": ("--skew=nan", r"0 to 2\.66469"),
            "--skew=5": ("--skew=5", r"0 to 2\.66469"),
            "--teraflops=0": ("--teraflops=0", "0.001 to"),
            "--gpuType=tpu": ("--gpuType=tpu", "h800"),
            "--computeProfile=nowhere": ("nowhere", "cannot read"),
            "--allToAllEfficiency=0": ("--allToAllEfficiency=0", "above 0 and at most 1"),
            "--allToAllEfficiency=1.1": ("--allToAllEfficiency=1.1", "0 to 1"),
            "--deduplicate=twice": ("--deduplicate=twice", "none"),
            "--driftVariation=11": ("--driftVariation=11", "0 to 10"),
            "--groupsPerToken=2": ("--groupsPerToken=2: needs several groups", "--expertGroups"),
            "--expertGroups=4": ("--expertGroups=4: needs --groupsPerToken",),
            "--expertParallel=3": ("--expertParallel=3", "8 experts"),
            "--expertParallel=16": ("--expertParallel=16", "8 experts"),
            "--tensorParallel=3": ("--tensorParallel=3", "must divide the 8 GPUs"),
            "--linkRate=400": ("--linkRate=400", "unit", "1b/s to 1000Tb/s"),
            "--linkRate=0Gb/s": ("--linkRate=0Gb/s", "1b/s to 1000Tb/s"),
            "--nvswitchRate=fast": ("--nvswitchRate=fast", "unit"),
            "--reconfigurationDelay=25": ("--reconfigurationDelay=25", "unit"),
            "--linkDelay=-1us": ("--linkDelay=-1us", "from 0"),
            "--controlLatency=1h": ("--controlLatency=1h", "s, ms, us, ns or ps"),
            "--allocator=best": ("--allocator=best", "greedy"),
            "--ocsTechnology=magic": ("--ocsTechnology=magic", "piezo"),
            "--ocsTechnology=plzt": ("--ocsTechnology=plzt", "16 ports", "48"),
            "--colour=red": ("--colour", "unknown option", "--help"),
            "--layer=1": ("unknown option --layer: it is one of training-traffic",),
            "--latency=1us": ("unknown option --latency",),
            "--opticaldegre=6": ("unknown option --opticaldegre; did you mean --opticalDegree",),
            "--cut=host0/0@1ms": ("unknown option --cut: it is one of all-to-all",),
            "--ns3::mixnet::RdmaNic::Colour=red": ("--ns3::mixnet::RdmaNic::Colour", "unknown"),
            "--ns3::mixnet::RdmaNic::LinkUpDelay=soon": ("LinkUpDelay=soon", "a time", "ms"),
            "--ns3::mixnet::RdmaNic::LinkUpDelay=5sec": ("LinkUpDelay=5sec", "a time", "ms"),
            "--ns3::mixnet::RdmaNic::LinkUpDelay=1e": ("LinkUpDelay=1e", "a time", "ms"),
            "--ns3::mixnet::RdmaNic::LinkUpDelay=ms": ("LinkUpDelay=ms", "a time", "ms"),
            "--PrintNothing": ("--PrintNothing", "unknown"),
            "--RngRun=many": ("--RngRun=many", "uint64_t"),
            "--SchedulerType=ns3::Fast": ("--SchedulerType=ns3::Fast", "name of a class"),
            "--preset=producton": ("--preset=producton", "did you mean production"),
            "--layers": ("--layers", "needs a value"),
            "--layers=": ("--layers", "needs a value"),
            "--RngRun": ("--RngRun", "needs a value"),
            "layers=1": ("layers=1", "not an option"),
            "-l": ("-l", "not an option"),
            "": ("''", "not an option"),
        }.items():
            with self.subTest(argument):
                self.check([argument], *patterns)

    def test_an_option_is_given_once_and_with_its_value(self):
        self.check(["--layers=1", "--layers=2"], "--layers=2: is given twice, first as 1")
        self.check(["--RngRun=1", "--RngRun=2"], "--RngRun=2: is given twice, first as 1")
        self.check(["--layers", "1"], "--layers needs a value: --layers=1")
        self.check(["--layers", "--mtu=9000"], "--layers needs a value: --layers=value, as --layers=0, its default")

    def test_matrices(self):
        row = [1] * 8
        for name, text, patterns in (
            ("ragged", json.dumps([row] * 7 + [row[1:]]), ("row 7", "7 columns", "expected 8")),
            ("word", json.dumps([row] * 7 + [["many"] + row[1:]]), ("row 7, column 0", "many")),
            ("negative", json.dumps([row] * 7 + [row[1:] + [-3]]), ("row 7, column 7", "-3")),
            ("fraction", json.dumps([[0.5] + row[1:]] * 8), ("row 0, column 0", "0.5")),
            ("small", json.dumps([[1] * 3] * 3), ("3 source ranks x 3", "8 source ranks x 8")),
            ("zeros", json.dumps([[0] * 8] * 8), ("no row has tokens", "above zero")),
            ("brackets", "[]", ("an empty list", "token counts")),
            ("nothing", "", ("not valid JSON at line 1, column 1", "token counts")),
            ("prose", "eight experts", ("not valid JSON at line 1, column 1", "token counts")),
            ("cut", json.dumps([row] * 8)[:-1], ("not valid JSON at line 1", "end of the text")),
        ):
            with self.subTest(name):
                path = self.folder / f"{name}.json"
                path.write_text(text, encoding="utf-8")
                self.check([f"--expertLoad={path.name}"], re.escape(path.name), *patterns)

    def test_planes_are_at_most_the_optical_nics(self):
        self.check(["--planes=7"], "--planes=7", "1 to 6")
        self.check(["--planes=0"], "--planes=0", "1 to 6")

    def test_a_matrix_that_does_not_fit_the_parallelism(self):
        (self.folder / "counts.json").write_text(json.dumps(MEASURED), encoding="utf-8")
        self.check(["--expertLoad=counts.json", "--model=qwen-moe"], "counts.json",
                   "16 source ranks x 64 experts")

    def test_files_that_cannot_be_read(self):
        self.check(["--expertLoad=no such file.json"], "no such file.json", "cannot be read")
        self.check(["--expertLoad=no such load"], "no such load", "synthetic", "routing trace")
        (self.folder / "folder").mkdir()
        self.check(["--expertLoad=folder"], "folder", r"no files \*\.jsonl")

    def test_folders_that_cannot_be_written_to(self):
        (self.folder / "file").write_text("", encoding="utf-8")
        self.check(["--output=file"], "--output=file", "cannot write")
        self.check(["--output=file/results"], "--output=file/results", "cannot write")
        (self.folder / "taken" / "phases.csv").mkdir(parents=True)
        self.check(["--output=taken"], "--output=taken", "cannot write")
        if os.geteuid() != 0:
            (self.folder / "locked").mkdir(mode=0o555)
            self.check(["--output=locked/results"], "--output=locked/results", "cannot write")

    def test_the_first_wrong_option_is_enough(self):
        self.check(["--layers=0", "--model=gpt", "--output=results"], "--(model|layers)=")


if __name__ == "__main__":
    unittest.main()
