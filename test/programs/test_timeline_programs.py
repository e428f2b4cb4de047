# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Timelines of all-to-all, ocs-reconfiguration and training-graph against arithmetic, and against
what these programs print and write."""

import json
import re
import sys
import unittest
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import timeline_case  # noqa: E402
from timeline_case import EXACT, ROUNDED  # noqa: E402

RATE = 400e9  # bits per second
OVERHEAD = 82  # bytes around the payload of a frame
FIRST = 16  # bytes more in the first frame of a chunk
MTU = 4096
CHUNK = 1 << 20  # bytes of a message that travel together
NICS = "electrical NICs sending, % of line rate"
OPTICAL = "optical NICs sending, % of line rate"


def wire_bytes(payload: int) -> int:
    """What so many bytes of whole chunks take of a line."""
    return payload + payload // MTU * OVERHEAD + payload // CHUNK * FIRST


class AllToAll(timeline_case.TimelineTestCase):
    """Flows between GPUs."""

    LINE = ("--hosts=4", "--fabric=ideal-switch", "--gpusPerHost=1", "--output=out")

    def send(self, flows, *arguments, **keywords):
        """Runs all-to-all with flows; returns its events and what it printed."""
        (self.folder / "job.flows").write_text("\n".join(flows), encoding="utf-8")
        events, printed = self.run_it("all-to-all", "--flows=job.flows", *arguments, **keywords)
        self.check_form(events)
        return events, printed

    def check_flows(self, events):
        """Slices of flows are those of flows.csv, in the process of their server."""
        summary = json.loads((self.folder / "out/summary.json").read_text(encoding="utf-8"))
        slices = {event["args"]["flow"]: event for event in events
                  if event["ph"] == "X" and event["cat"] == "flow"}
        rows = self.rows("out/flows.csv")
        self.assertEqual(sorted(slices), list(range(len(rows))))
        # Times there count from the start of the job, when all links are up.
        start = min(slices[number]["ts"] - 1e6 * float(row["startSeconds"])
                    for number, row in enumerate(rows))
        lanes = self.lanes(events)
        servers = {process: name for name, process in self.processes(events).items()}
        per_host = int(summary["options"].get("gpusPerHost") or 0) or 1
        for number, row in enumerate(rows):
            event = slices[number]
            self.assertEqual(event["args"]["bytes"], int(row["bytes"]))
            self.assertEqual(lanes[(event["pid"], event["tid"])], f"GPU {row['source']} sends")
            self.assertEqual(servers[event["pid"]], f"server {int(row['source']) // per_host}")
            self.assertAlmostEqual(event["ts"] - start, 1e6 * float(row["startSeconds"]),
                                   delta=1e-3)
            if row["endSeconds"]:
                self.assertEqual(event["name"], f"to GPU {row['destination']}")
                self.assertAlmostEqual(event["ts"] + event["dur"] - start,
                                       1e6 * float(row["endSeconds"]), delta=1e-3)
            else:
                self.assertEqual(event["name"], f"to GPU {row['destination']}, not whole")
                self.assertEqual(event["args"]["bytesMissing"],
                                 int(row["bytes"]) - int(row["arrivedBytes"]))

    def test_a_flow_alone_keeps_its_nic_busy(self):
        size = 100 * CHUNK
        for fidelity in ("flow", "packet"):
            with self.subTest(fidelity):
                events, _ = self.send([f"0 3 {size}"], *self.LINE, f"--fidelity={fidelity}")
                self.check_flows(events)
                counter = self.counter(events, self.processes(events)["server 0"], NICS)
                self.assertAlmostEqual(self.sent_bytes(counter, 1, RATE), wire_bytes(size),
                                       delta=2)
                # All but the first and last samples are full; a frame more or less at packets.
                frame = 100 * (MTU + OVERHEAD + FIRST) * 8 / (RATE * 10e-6)
                for event in counter[1:-2]:
                    self.assertAlmostEqual(event["args"]["mean"], 100,
                                           delta=1e-3 if fidelity == "flow" else frame)
                    self.assertEqual(event["args"]["mean"], event["args"]["busiest"])
                busy = wire_bytes(size) * 8 / RATE * 1e6
                self.assertAlmostEqual(counter[-1]["ts"] - counter[0]["ts"], busy, delta=20)

    def test_shares_of_a_line_show_while_they_last(self):
        # Two senders share the line into server 3 until the shorter flow has ended: each has half;
        # then the longer one has all. Two thirds of the time are shared.
        size = 60 * CHUNK
        events, _ = self.send([f"0 3 {2 * size}", f"1 3 {size}"], *self.LINE, "--fidelity=flow")
        self.check_flows(events)
        whole = wire_bytes(size) * 8 / RATE * 1e6
        processes = self.processes(events)
        for server, spans in (("server 0", [(0, 2, 50), (2, 3, 100)]), ("server 1", [(0, 2, 50)])):
            counter = self.counter(events, processes[server], NICS)
            begin = counter[0]["ts"]
            for first, last, percent in spans:
                inside = [event for event in counter
                          if begin + first * whole + 20 < event["ts"] < begin + last * whole - 20]
                for event in inside:
                    self.assertAlmostEqual(event["args"]["mean"], percent, delta=0.1)
                middle = begin + (first + last) / 2 * whole
                at = [event for event in counter if event["ts"] <= middle][-1]
                self.assertAlmostEqual(at["args"]["mean"], percent, delta=0.1)
        # Server 1 is idle after its flow.
        end = self.counter(events, processes["server 1"], NICS)[-1]["ts"]
        self.assertAlmostEqual(end - begin, 2 * whole, delta=20)

    def test_flows_are_those_of_the_table(self):
        for fidelity in ("flow", "packet"):
            with self.subTest(fidelity):
                events, _ = self.run_it("all-to-all", "--fabric=mixnet", "--hosts=4",
                                        "--gpusPerHost=8", "--endpoints=0", "--bytes=100000",
                                        f"--fidelity={fidelity}", "--output=out")
                self.check_form(events)
                self.check_flows(events)

    def test_circuits_show_when_they_are_up(self):
        events, printed = self.run_it("all-to-all", "--fabric=mixnet", "--hosts=4",
                                      "--gpusPerHost=8", "--endpoints=0", "--bytes=100000",
                                      "--fidelity=flow", "--output=out")
        region = self.processes(events)["region 0"]
        circuits = [event for event in events if event["ph"] == "X" and event["pid"] == region
                    and " - " in event["name"]]
        count = int(re.search(r"^Circuits: (\d+) ", printed, re.MULTILINE)[1])
        self.assertEqual(len(circuits), count)
        for event in circuits:
            self.assertRegex(event["name"], r"^host\d/\d - host\d/\d$")
        ends = [end for event in circuits for end in event["name"].split(" - ")]
        self.assertEqual(len(set(ends)), 2 * count)  # no NIC is at two circuits
        up = [event for event in events if event["ph"] == "C" and event["pid"] == region]
        self.assertEqual([event["args"]["circuits"] for event in up], [0, count])
        # They are up before the first flow, and carry all of the optical bytes.
        first = min(event["ts"] for event in events if event.get("cat") == "flow")
        self.assertGreater(first, max(event["ts"] for event in circuits))
        self.assertGreater(len(self.named(events, OPTICAL, "C")), 0)

    def test_flows_without_room_are_counted(self):
        # GPU 0 sends to 39 others at once; there are 32 lanes.
        events, printed = self.send([f"0 {gpu} 1000000" for gpu in range(1, 40)], "--hosts=5",
                                    "--gpusPerHost=8", "--fidelity=flow", "--output=out")
        slices = [event for event in events if event["ph"] == "X"]
        self.assertEqual(len(slices), 32)
        self.assertEqual(len({event["tid"] for event in slices}), 32)
        self.assertIn("; 7 flows of 39 are not in the timeline)", printed)

    def test_lanes_are_used_again(self):
        events, _ = self.send([f"0 1 1000000 {number}ms" for number in range(40)], *self.LINE,
                              "--fidelity=flow")
        self.check_flows(events)
        self.assertEqual(len({event["tid"] for event in events if event["ph"] == "X"}), 1)

    def test_cuts_and_failures_are_instants(self):
        # The fibre of server 0 is cut for good: its flow fails after the timeout, that of the others
        # arrives.
        for fidelity in ("flow", "packet"):
            with self.subTest(fidelity):
                events, printed = self.send(
                    [f"0 3 {200 * CHUNK}", f"1 2 {CHUNK}"], *self.LINE, f"--fidelity={fidelity}",
                    "--cut=host0/0@1ms", "--recover=no",
                    "--ns3::mixnet::RdmaNic::LinkDownTimeout=2ms", code=1)
                self.check_flows(events)
                self.assertIn("INCOMPLETE", printed)
                start = min(event["ts"] for event in events if event.get("cat") == "flow")
                cut, = self.named(events, "cut", "i")
                self.assertAlmostEqual(cut["ts"] - start, 1000, delta=EXACT)
                self.assertEqual({cut["args"]["from"], cut["args"]["to"]}, {"host0/0", "eps0/0"})
                failed = self.named(events, "message failed", "i")
                self.assertEqual(len(failed), int(self.rows("out/flows.csv")[0]["failedMessages"]))
                for event in failed:
                    self.assertGreater(event["ts"] - start, 3000)  # cut and timeout
                    self.assertEqual(event["pid"], self.processes(events)["server 0"])
                # What was on the line until then counts, though the message did not arrive whole:
                # a millisecond at line rate and, as nothing is known of the cut for a microsecond,
                # a little more. Frames that are sent in vain, at most a window.
                counter = self.counter(events, self.processes(events)["server 0"], NICS)
                self.assertAlmostEqual(self.sent_bytes(counter, 1, RATE), 1e-3 * RATE / 8,
                                       delta=5e-3 * 1e-3 * RATE / 8)

    def test_splices_are_instants(self):
        events, _ = self.send([f"0 3 {200 * CHUNK}"], *self.LINE, "--fidelity=flow",
                              "--cut=host0/0@1ms-2ms")
        self.check_flows(events)
        (cut,), (splice,) = (self.named(events, name, "i") for name in ("cut", "splice"))
        self.assertAlmostEqual(splice["ts"] - cut["ts"], 1000, delta=EXACT)
        # While it is cut nothing is sent.
        counter = self.counter(events, self.processes(events)["server 0"], NICS)
        at = [event for event in counter if event["ts"] <= cut["ts"] + 500][-1]
        self.assertEqual(at["args"]["mean"], 0)

    def test_results_are_those_without_it(self):
        for arguments, code in ((("--bytes=300000", "--hosts=4", "--endpoints=4"), 0),
                                (("--bytes=3000000", "--fidelity=flow"), 0),
                                (("--bytes=3000000", "--fidelity=flow", "--hosts=4",
                                  "--endpoints=4", "--timeLimit=20us"), 1),
                                (("--bytes=3000000", "--hosts=4", "--endpoints=4",
                                  "--cut=host0/0@10us", "--recover=no",
                                  "--ns3::mixnet::RdmaNic::LinkDownTimeout=2ms"), 1)):
            with self.subTest(arguments=arguments):
                self.check_unchanged("all-to-all", *arguments, code=code)


class OcsReconfiguration(timeline_case.TimelineTestCase):
    """Circuits that are swapped under traffic."""

    # 5 MB take 100 us and their overhead; blackouts take 50 us.
    QUICK = ("--messageBytes=5000000", "--reconfigurationDelay=50us", "--swapAt=100us",
             "--swapBackAt=300us", "--interval=100us")
    NAMES = "ABCD"

    def tell(self, *arguments, **keywords):
        """Runs ocs-reconfiguration; returns its events and what it printed."""
        events, printed = self.run_it("ocs-reconfiguration", *(arguments or self.QUICK),
                                      **keywords)
        self.check_form(events)
        return events, printed

    def spans(self, events, process, name):
        """Begin and end of slices of a process."""
        return [(event["ts"], event["ts"] + event["dur"]) for event in self.named(events, name)
                if event["pid"] == process]

    def check_spans(self, found, expected, delta=EXACT):
        """Times, in microseconds."""
        self.assertEqual(len(found), len(expected), found)
        for times, wanted in zip(found, expected):
            for time, want in zip(times, wanted):
                if want is not None:
                    self.assertAlmostEqual(time, want, delta=delta)

    def test_blackouts_and_circuits_are_where_they_were_asked_for(self):
        events, _ = self.tell()
        ocs = self.processes(events)["optical circuit switch"]
        self.check_spans(self.spans(events, ocs, "blackout"), [(0, 50), (100, 150), (300, 350)])
        for name in ("A - B", "C - D"):
            self.check_spans(self.spans(events, ocs, name), [(50, 100), (350, None)])
        for name in ("A - D", "B - C"):
            self.check_spans(self.spans(events, ocs, name), [(150, 300)])
        counter = [(event["ts"], event["args"]["circuits"])
                   for event in self.counter(events, ocs, "OCS circuits up")]
        self.assertEqual(counter, [(0, 0), (50, 2), (100, 0), (150, 2), (300, 0), (350, 2)])

    def test_nics_see_links_a_fibre_later(self):
        events, printed = self.tell()
        for name in self.NAMES:
            process = self.processes(events)[f"NIC {name}"]
            self.check_spans(self.spans(events, process, "link up"),
                             [(51, 101), (151, 301), (351, None)])
            self.check_spans(self.spans(events, process, "no signal"),
                             [(0, 51), (101, 151), (301, 351)])
            told = [float(time) for time in
                    re.findall(rf"^ *([0-9.]+)  NIC {name} sees a signal$", printed, re.MULTILINE)]
            self.assertEqual(told, [begin for begin, _ in
                                    self.spans(events, process, "link up")])

    def test_messages_are_suspended_without_their_circuit(self):
        events, printed = self.tell()
        expected = {("A", "B"): [(0, 51), (101, 351)], ("C", "D"): [(0, 51), (101, 351)],
                    ("A", "D"): [(0, 151)], ("C", "B"): [(0, 151)]}
        ended = {(a, b): float(time) for time, a, b in
                 re.findall(r"^ *([0-9.]+)  message (.) to (.) ended: ", printed, re.MULTILINE)}
        lanes = self.lanes(events)
        for (a, b), dark in expected.items():
            process = self.processes(events)[f"NIC {a}"]
            message, = self.spans(events, process, f"message to {b}")
            self.check_spans([message], [(0, ended[(a, b)])], delta=1e-3)
            suspended = [(event["ts"], event["ts"] + event["dur"])
                         for event in self.named(events, "suspended")
                         if event["pid"] == process
                         and lanes[(process, event["tid"])] == f"to {b}"]
            self.check_spans(suspended, dark)
        # A to B has a circuit of its own for two spans of 50 us and what is left of its time.
        slices = {event["name"]: event["args"] for event in self.named(events, "message to B")}
        self.assertEqual(slices["message to B"],
                         {"bytes": 5000000, "bytesDelivered": 5000000, "end": "Success"})

    def test_payload_is_that_of_the_table(self):
        events, printed = self.tell()
        rows = re.findall(r"^ +(\d+\.\d) +([0-9.]+) +([0-9.]+) +([0-9.]+) +([0-9.]+)$", printed,
                          re.MULTILINE)
        self.assertGreater(len(rows), 3)
        streams = [("A", "B"), ("C", "D"), ("A", "D"), ("C", "B")]
        for column, (sender, receiver) in enumerate(streams, 1):
            counter = self.counter(events, self.processes(events)[f"NIC {receiver}"],
                                   "payload received, Gb/s")
            for row in rows:
                at = [event for event in counter if event["ts"] <= float(row[0]) + EXACT]
                rate = at[-1]["args"].get(f"from {sender}", 0) if at else 0
                self.assertAlmostEqual(rate, float(row[column]), delta=0.051)

    def test_lost_frames_are_instants_up_to_a_limit(self):
        events, printed = self.tell()
        lost = [event for event in events if event["ph"] == "i"]
        told = re.search(r"^frames sent \d+ = received \d+ \+ (.*) \+ in flight 0$", printed,
                         re.MULTILINE)[1]
        by_reason = defaultdict(int)
        for event in lost:
            by_reason[event["name"][len("lost: "):]] += 1
        self.assertEqual(dict(by_reason), {reason: int(count) for reason, count in
                                           re.findall(r"([a-z ]+?) (\d+)", told)})
        spans = [tuple(map(float, span)) for span in re.findall(
            r"^ *[0-9.]+  \d+ frames were lost, from ([0-9.]+) to ([0-9.]+) us$", printed,
            re.MULTILINE)]
        for event in lost:
            self.assertTrue(any(begin - 0.01 <= event["ts"] <= end + 0.01 for begin, end in spans))

    def test_losses_without_room_are_counted(self):
        # Small frames on a fast link that loses its circuit: more than 10000 are on their way.
        events, printed = self.tell("--mtu=64", "--linkRate=40Tb/s", "--messageBytes=60000000",
                                    "--swapAt=501us", "--swapBackAt=1100us", code=1)
        shown = sum(event["ph"] == "i" for event in events)
        left_out = re.search(r"\((\d+) lost frames of (\d+) are not in the timeline\)", printed)
        self.assertEqual(shown, 10_000)
        self.assertEqual(int(left_out[2]) - int(left_out[1]), shown)

    def test_results_are_those_without_it(self):
        self.check_unchanged("ocs-reconfiguration", *self.QUICK)


class TrainingGraph(timeline_case.TimelineTestCase):
    """The schedule of a task graph."""

    PIPELINE = ("--expertParallel=2", "--tensorParallel=1", "--pipelineParallel=2", "--layers=2",
                "--microbatches=2", "--output=out")

    def schedule(self, *arguments):
        """Runs training-graph; returns its events and summary."""
        events, _ = self.run_it("training-graph", *(arguments or self.PIPELINE))
        self.check_form(events)
        return events, json.loads((self.folder / "out/summary.json").read_text(encoding="utf-8"))

    def path_of(self, events):
        """Slices of the critical path."""
        process = self.processes(events)["critical path"]
        return sorted((event for event in events if event["ph"] == "X" and event["pid"] == process),
                      key=lambda event: event["ts"])

    def test_the_critical_path_has_no_gap_and_is_what_the_summary_says(self):
        events, summary = self.schedule()
        path = self.path_of(events)
        at = 0.0
        for event in path:
            self.assertAlmostEqual(event["ts"], at, delta=EXACT)
            at = event["ts"] + event["dur"]
        linear = summary["linearCommunication"]
        self.assertAlmostEqual(at, linear["makespanSeconds"] * 1e6, delta=1e-3)
        times = defaultdict(float)
        for event in path:
            times["compute" if event["cat"] == "compute" else event["name"].split(" ")[0]] += \
                event["dur"] * 1e-6
        for kind in ("compute", "dispatch", "combine"):
            self.assertAlmostEqual(times[kind], linear["pathSeconds"][kind], delta=1e-9)

    def test_the_path_is_marked_where_it_goes(self):
        events, _ = self.schedule()
        process = self.processes(events)["critical path"]
        marked = [event for event in events if event["ph"] == "X" and event["pid"] != process
                  and event["args"]["onCriticalPath"]]
        lanes = self.lanes(events)
        ranks = {event["tid"]: int(lanes[(event["pid"], event["tid"])].split()[1])
                 for event in marked}
        path = self.path_of(events)
        for step in path:
            around = [event for event in marked if event["name"] == step["name"]
                      and ranks[event["tid"]] == step["args"]["rank"]
                      and event["ts"] - EXACT <= step["ts"]
                      and step["ts"] + step["dur"] <= event["ts"] + event["dur"] + EXACT]
            self.assertGreaterEqual(len(around), 1, step)
        # An all-reduce is marked in the lanes of all that take part.
        alone = [event for event in marked if event["cat"] != "gradients"]
        self.assertLessEqual(len(alone), len(path))
        # From each to the next, unless these are one slice.
        arrows = self.arrows(events)
        names = [step["name"] for step in path]
        self.assertLessEqual(len(arrows), len(path) - 1)
        for begin, end in arrows:
            self.assertIn((begin, end), list(zip(names, names[1:])))

    def test_ranks_do_what_the_graph_says(self):
        events, _ = self.schedule()
        graph = json.loads((self.folder / "out/graph.json").read_text(encoding="utf-8"))
        lanes = self.lanes(events)
        busy = defaultdict(list)
        sent = defaultdict(lambda: [0, 0])
        for event in events:
            if event["ph"] != "X" or not lanes[(event["pid"], event["tid"])].startswith("rank"):
                continue
            _, rank, what = lanes[(event["pid"], event["tid"])].split(" ")
            if what == "busy":
                busy[int(rank)].append(event)
            else:
                phase = (int(rank), event["name"], event["args"]["layer"],
                         event["args"]["microbatch"])
                self.assertEqual(sent[phase], [0, 0])
                sent[phase] = [event["args"]["bytes"], event["args"]["messages"]]
        work = defaultdict(float)
        messages = defaultdict(lambda: [0, 0])
        for task in graph["tasks"]:
            back = " back" if task["direction"] == "backward" else ""
            key = (task["rank"], task["kind"] + back, task["layer"], task["microbatch"])
            if task["type"] == "work":
                work[task["rank"]] += task["picoseconds"] * 1e-6
            elif task["type"] == "message":
                messages[key][0] += task["bytes"]
                messages[key][1] += 1
        for rank, total in work.items():
            self.assertAlmostEqual(sum(event["dur"] for event in busy[rank]), total, delta=1e-3)
        self.assertGreater(len(messages), 0)
        for key, value in messages.items():
            self.assertEqual(sent[key], value)

    def test_stages_and_replicas_are_processes(self):
        events, _ = self.schedule(*self.PIPELINE, "--dataParallel=2")
        self.assertEqual(set(self.processes(events)),
                         {"critical path", *(f"stage {stage}, replica {replica}"
                                             for stage in range(2) for replica in range(2))})
        lanes = set(self.lanes(events).values())
        for rank in range(8):
            self.assertIn(f"rank {rank} busy", lanes)

    def test_results_are_those_without_it(self):
        self.check_unchanged("training-graph", "--expertParallel=2", "--tensorParallel=1",
                             "--pipelineParallel=2", "--layers=2", "--microbatches=2")


if __name__ == "__main__":
    unittest.main()
