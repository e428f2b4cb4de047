# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""mixnet-training --gpus as a user runs it: whole jobs, scaled down until they take a second."""

import csv
import json
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

import program

PROGRAM = "mixnet-training"
FABRICS = ("ideal-switch", "fat-tree", "oversub-fat-tree", "rail-optimized", "rail-only", "mixnet")
ELECTRICAL = FABRICS[:-1]
TABLES = ("phases.csv", "iterations.csv", "gantt.csv", "ports.csv")

# Two EP groups of two servers, one per stage. 2048 tokens per rank, 4 of 16 experts, 4 KiB each: a
# rank sends up to 2048 * 4 * 4 KiB = 32 MiB per all-to-all.
MODEL = {
    "title": "Small",
    "sources": ["made up for tests"],
    "layers": 2,
    "hidden": 2048,
    "vocabulary": 32000,
    "attention": {"kind": "grouped-query", "heads": 16, "kvHeads": 16, "headSize": 128},
    "experts": {"count": 16, "topK": 4, "ffn": 4096},
    "parallelism": {"tensor": 1, "expert": 16, "pipeline": 2},
    "training": {"sequenceLength": 2048, "microbatchSize": 1, "microbatches": 2},
}


class Job(unittest.TestCase):
    """A folder with a small model, and what runs of it leave."""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        self.model = self.folder / "small.json"
        self.model.write_text(json.dumps(MODEL), encoding="utf-8")

    def run_job(self, *arguments, output="results", code=0, gpus=32):
        """Runs a job; returns its process and the folder of its results."""
        folder = self.folder / output
        result = program.run_program(
            PROGRAM,
            *program.with_defaults(
                (f"--model={self.model}", f"--gpus={gpus}", f"--output={folder}"), arguments
            ),
        )
        self.assertEqual(result.returncode, code, result.stderr)
        return result, folder

    def seconds(self, *arguments, **options):
        """Time of an iteration."""
        return self.summary(*arguments, **options)["iterationTimeSeconds"]

    def summary(self, *arguments, **options):
        """Summary of a run."""
        _, folder = self.run_job(*program.with_defaults(["--fidelity=flow"], arguments), **options)
        return json.loads((folder / "summary.json").read_text(encoding="utf-8"))


def read_rows(path):
    """The rows of a table."""
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


class Results(Job):
    """What a run prints and writes."""

    def test_times_on_the_critical_path_add_up_to_the_iteration(self):
        for fabric in FABRICS:
            with self.subTest(fabric=fabric):
                summary = self.summary(f"--fabric={fabric}")
                times = summary["timeSeconds"]
                path = sum(time["criticalPath"] for time in times.values())
                self.assertAlmostEqual(path, summary["iterationTimeSeconds"], delta=1e-9)
                self.assertEqual(times["bubble"]["criticalPath"], 0)
                self.assertTrue(summary["complete"])
                for kind, traffic in summary["traffic"].items():
                    self.assertEqual(traffic["postedBytes"], traffic["arrivedBytes"], kind)

    def test_the_critical_path_leads_to_those_whose_circuits_others_wait_for(self):
        # Here a combine waits for circuits that a slower rank's all-to-all still needs.
        summary = self.summary("--model=mixtral-8x7b", "--layers=8", "--seed=5", "--skew=2", "--controlLatency=0us",
                               gpus=128)
        times = summary["timeSeconds"]
        path = sum(time["criticalPath"] for time in times.values())
        self.assertAlmostEqual(path, summary["iterationTimeSeconds"], delta=1e-9)
        self.assertLess(times["imbalance"]["criticalPath"], 1e-5)
        self.assertGreater(times["imbalance"]["mean"], 0)

    def test_columns_of_the_tables_add_up(self):
        """To the iteration, for the critical path and all ranks; to all bytes, kind by kind."""
        for fabric in ("mixnet", "fat-tree"):
            with self.subTest(fabric=fabric):
                result, folder = self.run_job(
                    f"--fabric={fabric}", "--fidelity=flow", "--iterations=2"
                )
                summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
                seconds = summary["iterationTimeSeconds"]
                times = summary["timeSeconds"]
                self.assertAlmostEqual(sum(t["mean"] for t in times.values()), seconds, delta=1e-9)
                # The second stage ends before the first, which gets its gradients last.
                drain = summary["pipelineDrainSeconds"]
                self.assertGreater(drain, 0)
                self.assertGreaterEqual(times["bubble"]["mean"], drain)
                rows = {}
                for line in result.stdout.splitlines():
                    rows.setdefault(line[:28].strip(), []).append(line[28:].split())
                whole = [f"{1e3 * seconds:.3f}", "ms", "100.00", "%"]
                self.assertEqual(rows["in all"][0], 2 * whole)
                for kind, traffic in summary["traffic"].items():
                    parts = [traffic[f"{part}Bytes"] for part in ("inside", "optical", "electrical")]
                    self.assertEqual(sum(parts), traffic["postedBytes"], kind)
                    if traffic["messages"]:
                        gigabytes = [f"{value * 1e-9:.3f}"
                                     for value in (traffic["postedBytes"], *parts)]
                        self.assertEqual(rows[kind][-1], [str(traffic["messages"]), *gigabytes])
                for row in read_rows(folder / "ports.csv"):
                    busy = int(row["sentBytes"]) / (400e9 / 8) / summary["simulatedSeconds"]
                    self.assertAlmostEqual(float(row["sendUtilisation"]), busy, delta=1e-12)

    def test_tokens_and_bytes_are_those_of_model_and_plan(self):
        summary = self.summary("--fabric=ideal-switch", "--skew=0")
        # Two layers, one per stage, two microbatches, sixteen ranks of 2048 tokens, 4 experts each.
        self.assertEqual(summary["tokenAssignments"], 2 * 2 * 16 * 2048 * 4)
        # Forward and backward; uniform load: 15 of 16 go to other ranks; 2 bytes an element.
        every = 2 * summary["tokenAssignments"] * 2048 * 2
        self.assertEqual(summary["traffic"]["dispatch"]["postedBytes"], every * 15 // 16)
        self.assertEqual(summary["traffic"]["combine"]["postedBytes"], every * 15 // 16)
        # Activations one way, gradients the other.
        self.assertEqual(
            summary["traffic"]["pipelineSend"]["postedBytes"], 2 * 2 * 16 * 2048 * 2048 * 2
        )
        seconds = summary["iterationTimeSeconds"]
        self.assertAlmostEqual(summary["tokensPerSecond"], 2 * 16 * 2048 / seconds, delta=1e-3)

    def test_the_pipeline_is_that_of_one_forward_one_backward(self):
        _, folder = self.run_job("--fidelity=flow", "--fabric=ideal-switch")
        rows = read_rows(folder / "gantt.csv")
        steps = {
            stage: [
                (row["direction"], int(row["microbatch"]))
                for row in sorted(rows, key=lambda row: float(row["beginSeconds"]))
                if row["stage"] == stage
            ]
            for stage in ("0", "1")
        }
        self.assertEqual(
            steps["0"], [("forward", 0), ("forward", 1), ("backward", 0), ("backward", 1)]
        )
        self.assertEqual(
            steps["1"], [("forward", 0), ("backward", 0), ("forward", 1), ("backward", 1)]
        )

    def test_the_same_seed_gives_the_same_bytes_at_both_levels(self):
        for fidelity in ("flow", "packet"):
            folders = []
            for turn in ("first", "second"):
                folders.append(
                    self.run_job(f"--fidelity={fidelity}", "--microbatches=1", output=turn)[1]
                )
            for name in TABLES:
                with self.subTest(fidelity=fidelity, table=name):
                    texts = [(folder / name).read_bytes() for folder in folders]
                    self.assertEqual(texts[0], texts[1])

    def test_a_saved_run_can_be_repeated(self):
        arguments = ("--fabric=fat-tree", "--fidelity=flow", "--seed=7", "--schedule=gpipe")
        _, first = self.run_job(*arguments, output="first")
        second = self.folder / "second"
        result = program.run_program(
            PROGRAM, f"--config={first / 'summary.json'}", f"--output={second}"
        )
        self.assertEqual(result.returncode, 0, result.stderr)
        for name in TABLES:
            self.assertEqual((first / name).read_bytes(), (second / name).read_bytes(), name)

    def test_ports_can_be_captured(self):
        frames = self.folder / "frames"
        arguments = ("--fabric=ideal-switch", "--microbatches=1", "--mtu=16000")
        _, plain = self.run_job(*arguments, output="plain")
        _, captured = self.run_job(*arguments, f"--pcap={frames}", "--pcapPorts=host0/0,eps0/9",
                                   output="captured")
        self.assertEqual(sorted(path.name for path in frames.iterdir()),
                         ["eps0-port9.pcap", "host0-port0.pcap"])
        # The file has what the port sent and what it received.
        sent = int(read_rows(captured / "ports.csv")[0]["sentBytes"])
        self.assertGreater((frames / "host0-port0.pcap").stat().st_size, sent)
        for name in TABLES:
            self.assertEqual((plain / name).read_bytes(), (captured / name).read_bytes(), name)

    def test_models_and_fabrics_are_listed(self):
        result = program.run_program(PROGRAM, "--list")
        self.assertEqual(result.returncode, 0, result.stderr)
        for name in (*FABRICS, "mixtral-8x7b", "deepseek-r1"):
            self.assertIn(name, result.stdout)

    def interrupt(self, ready, *arguments):
        """Runs a long job until it is ready, and as much again; what it printed."""
        with program.start_program(PROGRAM, *arguments, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True) as process:
            try:
                self.assertTrue(program.wait_until(ready, process), "ready")
                self.assertTrue(program.wait_for_work(process, 2), "it still runs")
                process.send_signal(signal.SIGINT)
                output, errors = process.communicate(timeout=program.HANG_SECONDS)
            finally:
                process.kill()
        self.assertEqual(process.returncode, 130, errors)
        self.assertIn("interrupted", errors)
        self.assertIn("INCOMPLETE", output)
        return output

    def frames(self):
        """Arguments to capture a port, and whether frames have been written."""
        part = self.folder / "captures" / "host0-port0.pcap.part"
        return (lambda: part.exists() and part.stat().st_size > 0,
                (f"--pcap={part.parent}", "--pcapPorts=host0/0"))

    def test_an_interrupted_run_ends_with_marked_partial_results(self):
        folder = self.folder / "results"
        output = self.interrupt(
            lambda: (folder / "gantt.csv").exists() and read_rows(folder / "gantt.csv"),
            "--gpus=1024", "--fidelity=flow", "--iterations=50", f"--output={folder}",
        )
        summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        self.assertFalse(summary["complete"])
        # NICs have sent as long as the run has lasted, not until its last iteration ended.
        seconds = summary["simulatedSeconds"]
        self.assertGreaterEqual(seconds, sum(float(row["seconds"])
                                             for row in read_rows(folder / "iterations.csv")))
        for side in ("optical", "electrical"):
            busiest = max(int(row["sentBytes"]) for row in read_rows(folder / "ports.csv")
                          if row["side"] == side) / (400e9 / 8) / seconds
            self.assertRegex(output, rf"{side} NICs +{100 * busiest:.2f} % busy at most \(host")

    def test_a_run_interrupted_in_its_first_iteration_tells_what_there_is(self):
        # Packets of the first dispatch show that there is something to tell; it would go on for
        # hours.
        ready, capture = self.frames()
        output = self.interrupt(
            ready, f"--model={self.model}", "--gpus=32", "--microbatches=1000",
            "--fabric=ideal-switch", "--output=none", *capture,
        )
        self.assertIn("INCOMPLETE: times are of iterations that ended (0)", output)
        self.assertIn("dispatch", output)
        self.assertNotIn("()", output)
        self.assertNotIn("nan", output)
        self.assertNotIn("inf", output)


class Physics(Job):
    """What must hold whatever the numbers are."""

    def test_better_fabrics_are_not_slower(self):
        """Ideal switch, fat-tree, oversubscribed: each within half a percent of the order."""
        # Little computing, so that communication decides.
        ideal, full, oversubscribed = (
            self.seconds(f"--fabric={fabric}", "--teraflops=2000", gpus=128)
            for fabric in ("ideal-switch", "fat-tree", "oversub-fat-tree")
        )
        self.assertLessEqual(ideal, full * 1.005)
        self.assertLessEqual(full, oversubscribed * 1.005)
        self.assertLess(full, oversubscribed, "oversubscription costs something here")

    def test_more_link_rate_is_not_slower(self):
        for fabric in FABRICS:
            with self.subTest(fabric=fabric):
                times = [
                    self.seconds(*program.on_fabric(fabric, "--reconfigurationDelay=10us"),
                                 f"--linkRate={rate}Gb/s")
                    for rate in (100, 200, 400, 800)
                ]
                for slower, faster in zip(times, times[1:]):
                    self.assertLessEqual(faster, slower * 1.005)

    def test_fabrics_do_not_matter_when_computing_takes_a_hundred_times_as_long(self):
        base = self.summary("--fabric=ideal-switch")["timeSeconds"]
        compute = base["compute"]["criticalPath"]
        communication = sum(time["criticalPath"] for time in base.values()) - compute
        teraflops = 246 * compute / (100 * communication)
        times = [
            self.seconds(*program.on_fabric(fabric, "--reconfigurationDelay=10us"),
                         f"--teraflops={teraflops}")
            for fabric in FABRICS
        ]
        self.assertLess(max(times) / min(times), 1.01)

    def test_an_iteration_takes_its_microbatches_and_the_pipeline_to_fill(self):
        """m + p - 1 times the work of a microbatch, where computing takes far longer than the rest:
        of the lighter stage at least, of the heavier, that of the head, at most."""
        for schedule in ("1f1b", "gpipe"):
            for microbatches in (2, 5):
                summary = self.summary(
                    "--fabric=ideal-switch", f"--schedule={schedule}", "--skew=0",
                    f"--microbatches={microbatches}", "--teraflops=1")
                rows = read_rows(self.folder / "results" / "gantt.csv")
                work = [sum(min(float(row["endSeconds"]) - float(row["beginSeconds"])
                                for row in rows
                                if (row["stage"], row["direction"]) == (stage, direction))
                            for direction in ("forward", "backward")) for stage in ("0", "1")]
                rounds = microbatches + 2 - 1
                seconds = summary["iterationTimeSeconds"]
                with self.subTest(schedule=schedule, microbatches=microbatches):
                    self.assertLess(min(work) * 1.01, max(work), "the head counts")
                    self.assertGreaterEqual(seconds, rounds * min(work))
                    self.assertLessEqual(seconds, rounds * max(work) * 1.02)

    def test_on_an_idle_fabric_collectives_take_their_closed_forms(self):
        """One stage, one microbatch, uniform load: nothing overlaps but messages of a collective."""
        summary = self.summary(
            "--fabric=ideal-switch", "--skew=0", "--pipelineParallel=1", "--microbatches=1", gpus=16
        )
        payload = 400e9 / 8 * 4096 / (4096 + 82)
        # 512 of 8192 assignments to each of 16 ranks, 8 of them in the other server, 4 KiB each.
        exchange = 8 * 512 * 4096 / payload
        times = {kind: time["criticalPath"] for kind, time in summary["timeSeconds"].items()}
        for kind in ("dispatch", "combine"):
            closed = 2 * 2 * exchange  # layers, ways
            self.assertGreaterEqual(times[kind], closed)
            self.assertLess(times[kind], closed * 1.01 + 4 * 10e-6, "propagation and framing")
        # All gradients but those of experts: around a ring of two servers on each of eight NICs, and
        # seven eighths of them in each server to the next GPU, before and after.
        traffic = summary["traffic"]["sharedReduce"]
        ring = traffic["electricalBytes"] / 16 / payload
        inside = (traffic["postedBytes"] - traffic["electricalBytes"]) / 16 / 450e9
        self.assertGreaterEqual(times["dataParallel"], ring + inside)
        self.assertLess(times["dataParallel"], (ring + inside) * 1.01 + 50e-6)
        self.assertAlmostEqual(
            sum(times.values()), summary["iterationTimeSeconds"], delta=1e-9
        )
        for kind in ("tensorParallel", "pipeline", "light", "imbalance", "bubble"):
            self.assertAlmostEqual(times[kind], 0, delta=1e-6)

    def test_an_all_to_all_at_a_part_of_line_rate_takes_longer_by_that(self):
        """One stage, one microbatch, uniform load: nothing overlaps. Payload is the same."""
        summaries = [
            self.summary("--fabric=ideal-switch", "--skew=0", "--pipelineParallel=1",
                         "--microbatches=1", f"--allToAllEfficiency={efficiency}", gpus=16)
            for efficiency in (1, 0.25)
        ]
        self.assertEqual(summaries[0]["traffic"], summaries[1]["traffic"])
        whole, part = (
            {kind: time["criticalPath"] for kind, time in summary["timeSeconds"].items()}
            for summary in summaries
        )
        for kind in ("dispatch", "combine"):
            # Two layers, two ways: four times two fibres, and a frame, are not stretched.
            self.assertAlmostEqual(part[kind], 4 * (whole[kind] - 4 * 2.1e-6) + 4 * 2.1e-6,
                                   delta=0.01 * part[kind])
        for kind in ("compute", "tensorParallel", "dataParallel"):
            self.assertAlmostEqual(part[kind], whole[kind], delta=1e-9)

    def test_tokens_may_cross_once_per_server(self):
        """Fewer bytes between servers; what is passed on instead stays inside."""
        for fabric in ("ideal-switch", "mixnet"):
            with self.subTest(fabric=fabric):
                none, host = (
                    self.summary(*program.on_fabric(fabric, "--reconfigurationDelay=1ms"),
                                 f"--deduplicate={deduplicate}")["traffic"]
                    for deduplicate in ("none", "host")
                )
                for kind in ("dispatch", "combine"):
                    crossed = [part[kind]["opticalBytes"] + part[kind]["electricalBytes"]
                               for part in (none, host)]
                    self.assertLess(crossed[1], crossed[0])
                    forward = host[kind + "Forward"]
                    self.assertEqual(none[kind + "Forward"]["postedBytes"], 0)
                    self.assertGreater(forward["postedBytes"], 0)
                    self.assertEqual(forward["postedBytes"], forward["arrivedBytes"])
                    self.assertEqual(forward["opticalBytes"] + forward["electricalBytes"], 0)

    def test_tensor_parallelism_may_span_servers(self):
        """Of 16 x 1/16 of a buffer each server sends half, and 14 times as much stays inside."""
        arguments = ("--tensorParallel=16", "--expertParallel=2", "--pipelineParallel=1",
                     "--microbatches=1")
        blackout = "--reconfigurationDelay=1ms"
        for fabric in FABRICS:
            with self.subTest(fabric=fabric):
                summary = self.summary(*program.on_fabric(fabric, blackout), *arguments)
                for kind in ("allGather", "reduceScatter", "attentionGather", "attentionScatter"):
                    traffic = summary["traffic"][kind]
                    self.assertEqual(traffic["postedBytes"], traffic["arrivedBytes"])
                    self.assertEqual(traffic["postedBytes"], 15 * traffic["electricalBytes"])
                    self.assertGreater(traffic["electricalBytes"], 0)
                    self.assertEqual(traffic.get("opticalBytes", 0), 0)
        for fabric in ("fat-tree", "mixnet"):
            with self.subTest(fabric=fabric):
                _, folder = self.run_job(*program.on_fabric(fabric, blackout), "--fidelity=packet",
                                         *arguments)
                packet = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
                flow = self.seconds(*program.on_fabric(fabric, blackout), *arguments)
                self.assertAlmostEqual(flow / packet["iterationTimeSeconds"], 1, delta=0.01)

    def test_packets_and_flows_agree_within_one_percent(self):
        for fabric in FABRICS:
            with self.subTest(fabric=fabric):
                # Buffers of oversubscribed leaves are what flows do not see; here it is computing
                # that takes most of the time.
                arguments = (*program.on_fabric(fabric, "--reconfigurationDelay=1ms"),
                             "--skew=1", "--teraflops=137")
                times = []
                for fidelity in ("packet", "flow"):
                    _, folder = self.run_job(*arguments, f"--fidelity={fidelity}")
                    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
                    times.append(summary["iterationTimeSeconds"])
                self.assertAlmostEqual(times[1] / times[0], 1, delta=0.01)

    def test_another_replica_changes_nothing_before_gradients_are_added_up(self):
        rows = []
        for gpus in (32, 64):
            _, folder = self.run_job(
                "--fidelity=flow", "--fabric=ideal-switch", "--endTolerance=0", gpus=gpus
            )
            rows.append([row for row in read_rows(folder / "gantt.csv") if row["replica"] == "0"])
        # The last stage is the first to add up its gradients, beside its last send to the first.
        reduced = max(float(row["endSeconds"]) for row in rows[0] if row["stage"] == "1")
        before = [
            [row for row in part if float(row["endSeconds"]) <= reduced] for part in rows
        ]
        self.assertEqual(len(before[0]), 7)
        self.assertEqual(before[0], before[1])

    def test_a_run_may_begin_with_any_iteration(self):
        """Its demands are those of that iteration in a longer run."""
        runs = {
            name: self.summary("--fabric=fat-tree", *arguments, output=name)
            for name, arguments in (
                ("two", ["--iterations=2"]),
                ("three", ["--iterations=3"]),
                ("late", ["--firstIteration=2"]),
            )
        }
        for kind, traffic in runs["late"]["traffic"].items():
            for value, number in traffic.items():
                more = runs["three"]["traffic"][kind][value] - runs["two"]["traffic"][kind][value]
                self.assertEqual(number, more, f"{kind} {value}")
        self.assertNotEqual(
            runs["two"]["traffic"]["dispatch"]["postedBytes"],
            2 * runs["late"]["traffic"]["dispatch"]["postedBytes"],
            "iterations differ",
        )
        steps = [
            sorted(
                (row["stage"], row["replica"], row["microbatch"], row["direction"])
                for row in read_rows(self.folder / name / "gantt.csv")
                if row["iteration"] == "2"
            )
            for name in ("three", "late")
        ]
        self.assertEqual(steps[0], steps[1])


class Refusals(Job):
    """One line, and nothing written."""

    def refused(self, *arguments, gpus=32):
        """Runs what is wrong; returns the line."""
        folder = self.folder / "refused"
        result = program.run_program(
            PROGRAM, f"--model={self.model}", f"--gpus={gpus}", f"--output={folder}", *arguments
        )
        self.assertNotEqual(result.returncode, 0)
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        self.assertFalse(folder.exists())
        return result.stderr

    def test_options_without_effect_are_refused_by_name(self):
        self.assertIn("--tableRows=5: needs one EP group", self.refused("--tableRows=5"))
        for option, value in (
            ("pipelineParallel", 1), ("schedule", "1f1b"), ("chunks", 1),
            ("overlapGradients", "yes"), ("gradientBytes", 2),
        ):
            with self.subTest(option):
                line = self.refused(f"--{option}={value}", gpus=0)
                self.assertIn(f"--{option}={value}: needs a whole job, --gpus", line)
        for option in ("overlapGradients=yes", "gradientBytes=2"):
            self.assertIn(f"--{option}: needs a whole job, --gpus, with a backward pass",
                          self.refused("--backward=no", f"--{option}"))
        self.assertIn("--seed=3", self.refused("--RngSeed=3"))

    def test_captures_need_packets(self):
        self.assertIn("--pcap=", self.refused(f"--pcap={self.folder / 'frames'}",
                                              "--fidelity=flow"))
        self.assertFalse((self.folder / "frames").exists())

    def test_what_does_not_fit_is_explained(self):
        self.assertIn("100", self.refused(gpus=100))
        self.assertIn("--schedule=fifo", self.refused("--schedule=fifo"))
        self.assertIn("microbatches", self.refused("--schedule=interleaved-1f1b", "--chunks=1",
                                                   "--microbatches=3"))
        self.assertIn("--layers=3", self.refused("--layers=3"))
        self.assertIn("--gradientBytes=3", self.refused("--gradientBytes=3"))
        self.assertIn("EP groups", self.refused("--expertParallel=4"))
        for efficiency in ("0", "-1", "1.5", "fast"):
            argument = f"--allToAllEfficiency={efficiency}"
            self.assertIn(argument, self.refused(argument))
        self.assertIn("none or rank", self.refused("--deduplicate=host", "--tensorParallel=16",
                                                   "--expertParallel=1"))
        self.assertIn("--tensorParallel=12: must divide the 8 GPUs of a server or be a multiple",
                      self.refused("--tensorParallel=12"))
        self.assertIn("--iterations=0", self.refused("--iterations=0"))
        for arguments in (("--iterations=1048577",), ("--firstIteration=1048576",)):
            self.assertIn(arguments[0], self.refused(*arguments))
        line = self.refused("--firstIteration=1048570", "--iterations=7")
        for words in ("--firstIteration=1048570", "--iterations=7", "1048576",
                      "0 to 1048575"):
            self.assertIn(words, line)
        self.assertIn("--config", self.refused("--config=" + str(self.model)))


if __name__ == "__main__":
    unittest.main()
