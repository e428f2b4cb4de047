# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""The program all-to-all as a user runs it: times, counts, results and refusals."""

import csv
import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import program  # noqa: E402
import program_case  # noqa: E402

RATE = 400e9  # bits per second
OVERHEAD = 82  # bytes around the payload of a frame
FIRST = 16  # bytes more in the first frame of a message
CHUNK = 1 << 20  # bytes of a message that travel together

FABRICS = ("mixnet", "fat-tree", "oversub-fat-tree", "rail-optimized", "rail-only", "ideal-switch")


class AllToAll(program_case.FolderTestCase):
    """Runs into a folder of its own."""

    def run_it(self, *arguments, code=0):
        """Runs the program and returns what it printed."""
        result = program.run_program("all-to-all", *arguments, cwd=self.folder)
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        return result

    def summary(self, folder="all-to-all-output"):
        """What it wrote in summary.json."""
        return json.loads((self.folder / folder / "summary.json").read_text(encoding="utf-8"))

    def flows(self, folder="all-to-all-output"):
        """What it wrote in flows.csv, a dictionary per flow."""
        with open(self.folder / folder / "flows.csv", encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def write_flows(self, text):
        """A file of flows; its path."""
        path = self.folder / "job.flows"
        path.write_text(text, encoding="utf-8")
        return path


class Results(AllToAll):
    """Times and counts against arithmetic."""

    def test_one_flow_takes_its_bytes_over_rate_plus_its_path(self):
        # One flow between pods: six links of 1 us; at each of five switches the largest frame, the
        # first of a chunk, is stored before it goes on, and holds up those behind it.
        mtu, size = 4096, 10 * CHUNK
        self.run_it(f"--flows={self.write_flows(f'0 15 {size}')}", f"--mtu={mtu}")
        wire = size + size // mtu * OVERHEAD + size // CHUNK * FIRST
        largest = (mtu + OVERHEAD + FIRST) * 8 / RATE
        expected = wire * 8 / RATE + 6e-6 + 5 * largest
        self.assertAlmostEqual(self.summary()["completionTimeSeconds"], expected, delta=2e-11)
        self.assertAlmostEqual(self.summary()["idealSeconds"], size * 8 / RATE, delta=1e-12)

    def test_counts_follow_from_the_flows(self):
        mtu, size = 4096, 3 * CHUNK
        job = "0 1 {0}\n0 2 {0}\n0 4 {0}\n".format(size)
        self.run_it(f"--flows={self.write_flows(job)}", f"--mtu={mtu}")
        frames = size // mtu
        summary = self.summary()
        # Same leaf, same pod, another pod of a fat-tree of radix 4: 2, 4 and 6 lines.
        self.assertEqual(summary["packets"], 3 * frames)
        self.assertEqual(summary["dataPacketHops"], frames * (2 + 4 + 6))
        self.assertEqual(summary["bytesDelivered"], 3 * size)
        self.assertEqual(sum(summary["drops"].values()), 0)
        self.assertEqual(summary["options"]["mtu"], str(mtu))

    def test_every_fabric_delivers_every_byte(self):
        for fabric in FABRICS:
            with self.subTest(fabric=fabric):
                self.run_it(f"--fabric={fabric}", "--hosts=8", "--endpoints=8",
                            "--gpusPerHost=8", "--pattern=uniform", "--bytes=1000000")
                summary = self.summary()
                self.assertTrue(summary["complete"])
                self.assertEqual(summary["fabric"], fabric)
                self.assertEqual(summary["bytesDelivered"], 8 * 7 * 1000000)
                self.assertGreaterEqual(summary["completionOverIdeal"], 1)
                self.assertEqual(sum(summary["drops"].values()), 0)

    def test_spraying_comes_near_the_ideal_and_ecmp_does_not(self):
        ratio = {}
        for balancing in ("spray", "ecmp"):
            self.run_it("--endpoints=16", "--bytes=5000000", "--mtu=9000",
                        f"--loadBalancing={balancing}")
            ratio[balancing] = self.summary()["completionOverIdeal"]
        self.assertLess(ratio["spray"], 1.05)
        self.assertGreater(ratio["ecmp"], ratio["spray"])

    def test_incast_loses_nothing_with_pfc_and_arrives_without(self):
        for pfc in ("yes", "no"):
            with self.subTest(pfc=pfc):
                self.run_it("--pattern=incast", "--endpoints=16", "--bytes=2000000",
                            "--switchBuffer=500000", f"--pfc={pfc}")
                summary = self.summary()
                self.assertEqual(summary["bytesDelivered"], 15 * 2000000)
                lost = sum(summary["drops"].values())
                (self.assertEqual if pfc == "yes" else self.assertGreater)(lost, 0)

    def test_flows_start_when_they_are_told_to(self):
        path = self.write_flows("# from to bytes start\n0 1 1000000\n2 3 1000000 2ms\n")
        self.run_it(f"--flows={path}")
        first, second = self.flows()
        self.assertEqual(float(second["startSeconds"]), 0.002)
        self.assertAlmostEqual(float(second["endSeconds"]) - 0.002, float(first["endSeconds"]),
                               delta=1e-12)

    def test_the_same_seed_gives_the_same_bytes(self):
        for fidelity in ("packet", "flow"):
            with self.subTest(fidelity=fidelity):
                for name in ("a", "b"):
                    self.run_it("--pattern=skewed", "--bytes=1000000", "--seed=7",
                                f"--output={name}", f"--fidelity={fidelity}",
                                *(["--congestionControl=dcqcn"] if fidelity == "packet" else []))
                self.assertEqual((self.folder / "a/flows.csv").read_bytes(),
                                 (self.folder / "b/flows.csv").read_bytes())
                first, second = self.summary("a"), self.summary("b")
                for summary in (first, second):
                    for key in ("wallSeconds", "setupWallSeconds", "peakMemoryBytes",
                                "dataPacketHopsPerSecond"):
                        del summary[key]
                    del summary["options"]["output"]
                self.assertEqual(first, second)

    def test_without_output_nothing_is_written(self):
        self.run_it("--bytes=100000", "--output=none")
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_a_time_limit_ends_a_run_that_says_so(self):
        result = self.run_it("--bytes=10000000", "--timeLimit=100us", code=1)
        self.assertIn("56 of 56 flows did not arrive whole", result.stderr)
        self.assertIsNone(self.summary()["completionTimeSeconds"])


class Least(AllToAll):
    """The least that a job could take: on any routes, and on those that its bytes were given."""

    FABRIC = ("--fabric=ideal-switch", "--hosts=2", "--gpusPerHost=4")

    def test_the_ideal_shares_all_nics_of_a_server_and_the_bound_does_not(self):
        # GPU 0 of one server sends all: over its own NIC, though the server has four.
        size = 10 * CHUNK
        path = self.write_flows(f"0 4 {size}\n")
        for fidelity in ("packet", "flow"):
            with self.subTest(fidelity=fidelity):
                result = self.run_it(f"--flows={path}", *self.FABRIC, f"--fidelity={fidelity}")
                summary = self.summary()
                bound = size * (4096 + OVERHEAD) / 4096 * 8 / RATE
                self.assertAlmostEqual(summary["idealSeconds"], size * 8 / RATE / 4, delta=1e-12)
                self.assertAlmostEqual(summary["boundSeconds"], bound, delta=2e-12)
                self.assertGreater(summary["completionOverBound"], 1)
                self.assertLess(summary["completionOverBound"], 1.02)
                self.assertAlmostEqual(summary["completionOverBound"],
                                       summary["completionTimeSeconds"] / bound, delta=1e-9)
                self.assertIn("any routes", result.stdout)
                self.assertIn("bound of these routes", result.stdout)

    def test_what_starts_later_is_bounded_from_its_start(self):
        size = 10 * CHUNK
        path = self.write_flows(f"0 4 {size}\n1 5 {size} 5ms\n")
        self.run_it(f"--flows={path}", *self.FABRIC, "--fidelity=flow")
        bound = 5e-3 + size * (4096 + OVERHEAD) / 4096 * 8 / RATE
        self.assertAlmostEqual(self.summary()["boundSeconds"], bound, delta=2e-12)

    def test_nothing_is_faster_than_its_bound(self):
        for fabric in FABRICS:
            for pattern in ("uniform", "skewed", "incast", "permutation"):
                for more in (("--fidelity=flow",), ("--fidelity=flow", "--endTolerance=0.05"),
                             ("--fidelity=flow", "--pauses=yes"), ("--fidelity=packet",)):
                    with self.subTest(fabric=fabric, pattern=pattern, more=more):
                        self.run_it(f"--fabric={fabric}", f"--pattern={pattern}", "--hosts=4",
                                    "--gpusPerHost=4", "--endpoints=16", "--bytes=900000",
                                    *more,
                                    *(("--opticalDegree=2", "--electricalNics=2")
                                      if fabric == "mixnet" else ()))
                        self.assertGreaterEqual(self.summary()["completionOverBound"], 1 - 1e-9)


class Many(AllToAll):
    """What many messages on the same NICs cost."""

    def cost(self, lines, *arguments):
        """Events and most bytes of memory of a job."""
        self.run_it(f"--flows={self.write_flows(lines)}", "--hosts=4", *arguments)
        summary = self.summary()
        return summary["events"], summary["peakMemoryBytes"]

    def test_events_and_memory_grow_with_the_messages_and_not_with_their_neighbours(self):
        # 4,000 and 16,000 messages; what the program itself takes goes out of the difference.
        def instant(n):
            return "".join(f"0 1 {1000 + i % 97}\n" for i in range(n))

        def spread(n):
            return "".join(f"0 1 {100000 + i % 97} {i}ns\n" for i in range(n))

        def fan_in(n):
            return "".join(f"{1 + i % 3} 0 {1000 + i % 97}\n" for i in range(n))

        def fan_out(n):
            return "".join(f"0 {1 + i % 3} {1000 + i % 97} {i}ns\n" for i in range(n))

        few, many = 4000, 16000
        for job in (instant, spread, fan_in, fan_out):
            for more in (("--fidelity=flow",), ("--fidelity=packet",),
                         ("--fidelity=flow", "--pauses=yes")):
                with self.subTest(job=job.__name__, more=more):
                    events, memory = {}, {}
                    for count in (few, many):
                        events[count], memory[count] = self.cost(job(count), *more)
                    self.assertLess(events[many], 1.3 * many / few * events[few])
                    self.assertLess(memory[many] - memory[few], 4000 * (many - few))


class Beyond(AllToAll):
    """Times and sizes that cannot be told are refused, with the limit."""

    def test_bytes_that_take_too_long(self):
        result = self.run_it("--bytes=100000000000000", "--linkRate=10Mbps", "--fidelity=flow",
                             code=1)
        # 7 flows of 100 TB into a server of one NIC: 7 * 8e14 bits / 1e7 bits per second.
        self.assertIn(f"{7 * 8e14 / 1e7 / 86400:.6g} days", result.stderr)
        self.assertIn("106.75 days", result.stderr)
        self.assertEqual(result.stderr.count("\n"), 1)
        self.assertEqual(result.stdout, "")
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_the_longest_that_can_be_told_runs(self):
        # 100 TB at 100 Mb/s are 8e6 s, 92.6 days; at 80 Mb/s 1e7 s, 115.7 days.
        path = self.write_flows("0 1 100000000000000\n")
        arguments = (f"--flows={path}", "--hosts=2", "--fidelity=flow")
        self.run_it(*arguments, "--linkRate=100Mbps")
        wire = 8e14 * (4096 + OVERHEAD) / 4096 / 1e8
        self.assertAlmostEqual(self.summary()["boundSeconds"] / wire, 1, delta=1e-9)
        self.assertAlmostEqual(self.summary()["completionTimeSeconds"] / wire, 1, delta=1e-3)
        result = self.run_it(*arguments, "--linkRate=80Mbps", "--output=other", code=1)
        self.assertIn("115.741 days", result.stderr)

    def test_time_that_passes_the_last_picosecond_ends_with_a_message(self):
        # At 87 Mb/s the bytes take 9.195e6 s, less than 2^63 ps = 9.223e6 s; with the overhead of
        # frames it is more.
        path = self.write_flows("0 1 100000000000000\n")
        result = self.run_it(f"--flows={path}", "--hosts=2", "--fidelity=flow", "--linkRate=87Mbps",
                             code=1)
        self.assertIn("2^63 ps", result.stderr)
        self.assertNotIn("completion", result.stdout)


class Flows(AllToAll):
    """The same without packets."""

    def test_flows_take_the_time_of_packets(self):
        # Where uplinks are short, flows are farther from packets: the manual says how far.
        for fabric in sorted(set(FABRICS) - {"oversub-fat-tree"}):
            with self.subTest(fabric=fabric):
                time = {}
                for fidelity in ("packet", "flow"):
                    self.run_it(f"--fabric={fabric}", "--hosts=4", "--endpoints=32",
                                "--gpusPerHost=8", "--bytes=2000000", f"--fidelity={fidelity}",
                                *(["--endTolerance=0"] if fidelity == "flow" else []))
                    summary = self.summary()
                    self.assertEqual(summary["electricalFidelity"], fidelity)
                    self.assertEqual(summary["bytesDelivered"], 32 * 31 * 2000000)
                    time[fidelity] = summary["completionTimeSeconds"]
                self.assertLess(abs(time["flow"] / time["packet"] - 1), 0.02)

    def test_what_needs_packets_is_refused(self):
        for option in ("--pcap=captures", "--rateInterval=10us"):
            with self.subTest(option=option):
                result = self.run_it("--fidelity=flow", option, code=1)
                self.assertEqual(result.stderr.count("\n"), 1)
                self.assertIn(f"{option}: needs packets", result.stderr)
                self.assertEqual(list(self.folder.iterdir()), [])


class Sides(AllToAll):
    """Each side of a fabric at a level of its own."""

    JOB = ("--fabric=mixnet", "--hosts=4", "--gpusPerHost=8", "--endpoints=32",
           "--opticalDegree=2", "--electricalNics=6", "--bytes=1000000")

    def test_each_side_has_the_level_it_is_given_and_says_so(self):
        seconds, packets = {}, {}
        for sides in (("packet", "packet"), ("packet", "flow"), ("flow", "packet"),
                      ("flow", "flow")):
            optical, electrical = sides
            with self.subTest(optical=optical, electrical=electrical):
                exact = ["--endTolerance=0"] if "flow" in sides else []
                result = self.run_it(*self.JOB, f"--opticalFidelity={optical}",
                                     f"--electricalFidelity={electrical}", *exact)
                summary = self.summary()
                self.assertEqual(summary["opticalFidelity"], optical)
                self.assertEqual(summary["electricalFidelity"], electrical)
                self.assertEqual(summary["bytesDelivered"], 32 * 31 * 1000000)
                seconds[sides] = summary["completionTimeSeconds"]
                packets[sides] = summary["packets"]
                head = result.stdout.splitlines()[1]
                self.assertIn("packet by packet" if "packet" in sides else "as flows", head)
                if optical != electrical:
                    flows = "optical" if optical == "flow" else "electrical"
                    self.assertIn(f"{flows} side as flows", head)
        for sides, time in seconds.items():
            self.assertLess(abs(time / seconds["packet", "packet"] - 1), 0.02, sides)
        self.assertGreater(min(packets["packet", "flow"], packets["flow", "packet"]), 1000)
        # Every packet is on one of the sides.
        self.assertEqual(packets["packet", "packet"],
                         packets["packet", "flow"] + packets["flow", "packet"])
        self.assertEqual(packets["flow", "flow"], 0)

    def test_packets_over_circuits_move_inside_of_servers_without_any_flow(self):
        flows = self.folder / "one.flows"
        flows.write_text("0 9 1000000\n", encoding="utf-8")
        self.run_it("--fabric=mixnet", "--hosts=2", "--gpusPerHost=8", f"--flows={flows}",
                    "--opticalFidelity=packet", "--electricalFidelity=flow")
        self.assertTrue(self.summary()["complete"])

    def test_the_option_of_a_side_wins_over_that_of_both(self):
        self.run_it(*self.JOB, "--electricalFidelity=packet", "--fidelity=flow")
        self.assertEqual(self.summary()["opticalFidelity"], "flow")
        self.assertEqual(self.summary()["electricalFidelity"], "packet")

    def test_without_optics_the_electrical_side_is_all(self):
        self.run_it("--electricalFidelity=flow", "--bytes=1000000")
        self.assertEqual(self.summary()["opticalFidelity"], "flow")

    def test_refusals(self):
        for options, words in (
                (("--opticalFidelity=flow",), ["--opticalFidelity=flow: needs circuits"]),
                (("--opticalFidelity=packet", "--fidelity=flow"),
                 ["--opticalFidelity=packet: needs circuits"]),
                (("--electricalFidelity=burst",), ["--electricalFidelity=burst", "packet, flow"]),
                ((*self.JOB, "--opticalFidelity=flow", "--rateInterval=1us"),
                 ["--rateInterval=1us: needs packets"]),
                ((*self.JOB, "--opticalFidelity=flow", "--pcap=c", "--pcapPorts=host0/0,host0/1"),
                 ["--pcap=c: needs packets", "host0/1"])):
            with self.subTest(options=options):
                result = self.run_it(*options, code=1)
                self.assertEqual(result.stderr.count("\n"), 1)
                for word in words:
                    self.assertIn(word, result.stderr)
                self.assertEqual(list(self.folder.iterdir()), [])

    def test_captures_of_the_side_that_has_packets(self):
        self.run_it(*self.JOB, "--opticalFidelity=flow", "--pcap=captures",
                    "--pcapPorts=host0/0")
        capture = self.folder / "captures" / "host0-port0.pcap"
        self.assertGreater(capture.stat().st_size, 1000)


class Cuts(AllToAll):
    """Fibres that are cut in mid-message."""

    JOB = "0 15 50000000\n1 14 50000000\n"

    def test_a_fibre_cut_and_spliced_loses_no_byte(self):
        for port in ("host0/0", "leaf0/2", "spine0/2"):
            for balancing in ("spray", "ecmp"):
                with self.subTest(port=port, balancing=balancing):
                    self.run_it(f"--flows={self.write_flows(self.JOB)}",
                                f"--cut={port}@300us-500us", f"--loadBalancing={balancing}")
                    self.assertEqual(self.summary()["bytesDelivered"], 100000000)
                    self.assertEqual(self.summary()["failedMessages"], 0)

    def test_times_may_have_exponents(self):
        seconds = []
        for times in ("300us-500us", "3e-4s-0.5ms", "3e-4s-5e-4s", "300E-6 s-500 us"):
            self.run_it(f"--flows={self.write_flows(self.JOB)}", f"--cut=host0/0@{times}")
            seconds.append(self.summary()["completionTimeSeconds"])
        self.assertEqual(seconds, 4 * seconds[:1])

    def test_messages_over_a_fibre_cut_for_good_end_with_an_error(self):
        result = self.run_it(f"--flows={self.write_flows(self.JOB)}", "--cut=host15/0@300us",
                             code=1)
        self.assertIn("1 of 2 flows did not arrive whole", result.stderr)
        summary = self.summary()
        self.assertFalse(summary["complete"])
        self.assertGreater(summary["failedMessages"], 0)
        self.assertGreaterEqual(summary["bytesDelivered"], 50000000)

    def test_what_a_cut_fibre_did_not_carry_arrives_once_on_another_route(self):
        for fidelity in ("packet", "flow"):
            with self.subTest(fidelity=fidelity):
                self.run_it("--hosts=3", "--gpusPerHost=2", "--endpoints=0", "--bytes=10000000",
                            f"--fidelity={fidelity}", "--cut=host0/0@100us", "--recover=yes")
                summary = self.summary()
                self.assertTrue(summary["complete"])
                self.assertGreater(summary["failedMessages"], 0)
                # 6 GPUs, each with 10 MB for each of the 5 others.
                self.assertEqual(summary["bytesDelivered"], 6 * 5 * 10000000)

    def test_without_another_route_flows_stay_incomplete(self):
        for fidelity in ("packet", "flow"):
            with self.subTest(fidelity=fidelity):
                result = self.run_it("--hosts=2", "--gpusPerHost=1", "--endpoints=0",
                                     "--bytes=10000000", f"--fidelity={fidelity}",
                                     "--cut=host0/0@100us", "--recover=yes", code=1)
                self.assertIn("2 of 2 flows did not arrive whole", result.stderr)

    def test_spraying_finds_a_way_around_a_fibre_cut_for_good(self):
        self.run_it(f"--flows={self.write_flows(self.JOB)}", "--cut=leaf0/2@300us")
        self.assertEqual(self.summary()["bytesDelivered"], 100000000)
        for seed in range(1, 9):
            with self.subTest(seed=seed):
                self.run_it("--pattern=permutation", "--bytes=2000000", "--cut=leaf0/2@20us",
                            f"--seed={seed}")
                self.assertEqual(self.summary()["bytesDelivered"], 8 * 2000000)

    def test_an_incomplete_run_tells_no_completion(self):
        result = self.run_it("--timeLimit=1us", code=1)
        self.assertIn("INCOMPLETE            56 of 56 flows did not arrive whole", result.stdout)
        self.assertNotIn("completion", result.stdout.split("INCOMPLETE")[1])

    def test_rates_are_told_of_flows_that_start_late(self):
        path = self.write_flows("0 1 1000000 1ms\n1 2 1000000 3ms\n")
        self.run_it(f"--flows={path}", "--rateInterval=500us")
        with open(self.folder / "all-to-all-output" / "rates.csv", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        for number in ("0", "1"):
            delivered = sum(float(row["delivered_gbps"]) * 500e-6 / 8 * 1e9
                            for row in rows if row["flow"] == number)
            self.assertAlmostEqual(delivered, 1000000, delta=1)

    def test_refusals(self):
        for text, words in (("host0/0", ["PORT@TIME"]), ("host99/0@1ms", ["host99/0"]),
                            ("host0/0@1ms,", ["part 2 is empty"]), ("host0/0@1e-3", ["1e-3"]),
                            ("host0/0@1e-3s-1e-4s", ["after"]), ("host0/0@-1ms", ["a time"]),
                            ("host0/0@soon", ["soon"]), ("host0/0@2ms-1ms", ["after"]),
                            ("host0/0@20us,host0/0@50us-60us", ["spliced"]),
                            ("host0/0@20us-90us,host0/0@50us-60us", ["spliced"]),
                            ("host0/0@50us-60us,host0/0@20us-50us", ["spliced"])):
            with self.subTest(text=text):
                result = self.run_it(f"--cut={text}", code=1)
                self.assertEqual(result.stderr.count("\n"), 1)
                for word in ["--cut", *words]:
                    self.assertIn(word, result.stderr)
                self.assertEqual(list(self.folder.iterdir()), [])


class Refusals(AllToAll):
    """One line that says what, where, the value and what is allowed; nothing is written."""

    def refuse(self, *arguments, words):
        """Runs the program, expects one line with all the words."""
        before = set(self.folder.iterdir())
        result = self.run_it(*arguments, code=1)
        # Since 3.38, ns-3 adds a line of its own to what it aborts for, and where it can a stack.
        said = result.stderr.partition("NS_FATAL, terminating\n")[0]
        self.assertEqual(said.count("\n"), 1, result.stderr)
        for word in words:
            self.assertIn(word, result.stderr)
        self.assertEqual(set(self.folder.iterdir()), before)

    def test_fabrics(self):
        self.refuse("--fabric=torus", words=["--fabric=torus", "fat-tree", "rail-only"])
        self.refuse("--radix=5", words=["radix", "5", "even"])
        self.refuse("--hosts=17", "--radix=4", words=["radix", "4"])
        self.refuse("--hosts=0", words=["--hosts=0", "1"])
        self.refuse("--linkRate=0Gb/s", words=["linkRate", "0Gb/s"])
        self.refuse("--fabric=oversub-fat-tree", "--oversubscription=1",
                    words=["--oversubscription=1", "2"])
        self.refuse("--fabric=oversub-fat-tree", "--radix=4", "--oversubscription=9",
                    words=["oversubscription", "9"])

    def test_traffic(self):
        self.refuse("--flows=missing.flows", words=["missing.flows", "No such file"])
        for text, words in (("0 16 5", ["16", "15"]), ("3 3 5", ["3"]), ("0 1", ["0 1"]),
                            ("0 1 x", ["x"]), ("0 1 0", ["0"]), ("0 1 5 soon", ["soon"]),
                            ("# nothing", ["flows = 0", "at least 1"])):
            with self.subTest(text=text):
                path = self.write_flows("0 1 5\n" * (text[0] != "#") + text + "\n")
                self.refuse(f"--flows={path}", words=["job.flows"] + words)
        self.refuse("--pattern=ring", words=["--pattern=ring", "uniform"])
        self.refuse("--endpoints=1", words=["--endpoints=1", "2"])
        self.refuse("--endpoints=99", words=["--endpoints=99", "16"])

    def test_transport(self):
        self.refuse("--congestionControl=cubic", words=["cubic", "dcqcn"])
        self.refuse("--loadBalancing=luck", words=["luck", "spray"])
        self.refuse("--fidelity=flow", "--endTolerance=0.1", words=["--endTolerance=0.1", "0.05"])
        self.refuse("--pauses=yes", words=["--pauses=yes", "--fidelity=flow"])
        self.refuse("--pauses=yes", "--fidelity=flow", "--loadBalancing=ecmp",
                    words=["--pauses=yes", "--loadBalancing=spray", "ecmp"])
        self.refuse("--pauses=yes", "--fidelity=flow", "--pfc=no",
                    words=["--pauses=yes", "--pfc=yes"])
        self.refuse("--pauses=maybe", words=["--pauses=maybe"])
        self.refuse("--pauses=yes", "--fidelity=flow", "--linkRate=999Mb/s",
                    words=["--pauses=yes", "1 Gb/s", "999Mb/s"])
        self.refuse("--mtu=10", words=["--mtu=10", "64"])
        self.refuse("--output=/proc/nowhere", "--bytes=1000", words=["/proc/nowhere"])
        self.refuse("--pcap=/proc/nowhere", "--bytes=1000", words=["/proc/nowhere"])
        self.refuse("--rateInterval=1ns", words=["--rateInterval=1ns", "1us"])
        self.refuse("--hosts=65536", "--gpusPerHost=1024", words=["65536", "1024", "262144"])
        self.refuse("--ns3::mixnet::Dcqcn::AlphaInterval=0s", "--congestionControl=dcqcn",
                    words=["AlphaInterval", "above zero"])


if __name__ == "__main__":
    unittest.main()
