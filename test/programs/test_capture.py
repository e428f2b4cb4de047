# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Packet captures of mixnet-training (--pcap): every byte by the standards, without ns-3."""

import csv
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import zlib
from pathlib import Path
from typing import Dict, List, NamedTuple, Tuple

sys.path.insert(0, str(Path(__file__).resolve().parent))

import program  # noqa: E402

HOSTS, NICS = 2, 8  # LLaMA-MoE, EP 16 x TP 1, with all NICs on one packet switch
RANKS, ASSIGNMENTS = 16, 8 * 4096 * 4  # of a microbatch, each 4096 * 2 bytes
MTU, CHUNK, RATE, DELAY_NS = 1024, 3701, 400e9, 1000
WIRE_ONLY = 24  # preamble 8, gap 12, FCS 4: bytes of a frame on the wire that files do not have
FIRST_SEQUENCE = (1 << 24) - 3  # so that the numbers of every queue pair wrap
FEW_BYTES = ("--model=llama-moe", "--layers=1", "--backward=no", "--fabric=ideal-switch",
             "--expertLoad=load.txt", f"--mtu={MTU}", f"--chunkBytes={CHUNK}",
             f"--linkRate={RATE / 1e9:.0f}Gb/s", f"--linkDelay={DELAY_NS}ns",
             f"--ns3::mixnet::RdmaNic::FirstSequence={FIRST_SEQUENCE}")
FIRST, MIDDLE, LAST, ONLY, ACKNOWLEDGE = 6, 7, 8, 10, 17
OPCODES = {FIRST, MIDDLE, LAST, ONLY, ACKNOWLEDGE}
TSHARK = shutil.which("tshark")


class Frame(NamedTuple):
    """A frame of a file: RoCEv2 over IPv4, as nothing else is on these lines."""

    time: int  # ns
    data: bytes

    @property
    def source(self) -> Tuple[int, int]:
        """Host and NIC it comes from: the number in its IPv4 address."""
        return divmod(int.from_bytes(self.data[27:30], "big"), NICS)

    @property
    def destination(self) -> Tuple[int, int]:
        """Host and NIC it is for."""
        return divmod(int.from_bytes(self.data[31:34], "big"), NICS)

    @property
    def opcode(self) -> int:
        """Operation code of the BTH."""
        return self.data[42]

    @property
    def queue_pair(self) -> int:
        """Number of the queue pair at the destination."""
        return int.from_bytes(self.data[47:50], "big")

    @property
    def sequence(self) -> int:
        """PSN."""
        return int.from_bytes(self.data[51:54], "big")

    @property
    def payload(self) -> bytes:
        """What is between headers and pad bytes of an RDMA WRITE."""
        begin = 54 + (16 if self.opcode in (FIRST, ONLY) else 0)
        return self.data[begin:len(self.data) - 4 - (self.data[43] >> 4 & 3)]


def read_pcap(path: Path) -> List[Frame]:
    """The frames of a file."""
    content = path.read_bytes()
    magic, major, minor, _zone, _digits, longest, link = struct.unpack_from("<IHHiIII", content)
    assert (magic, major, minor, link) == (0xa1b23c4d, 2, 4, 1), "nanoseconds, 2.4, Ethernet"
    frames, offset = [], 24
    while offset < len(content):
        seconds, nanoseconds, size, whole = struct.unpack_from("<IIII", content, offset)
        assert size == whole <= longest, "frames are whole"
        offset += 16
        frames.append(Frame(seconds * 10**9 + nanoseconds, content[offset:offset + size]))
        offset += size
    assert offset == len(content), "the file ends with a frame"
    return frames


def ipv4_checksum(header: bytes) -> int:
    """The checksum that an IPv4 header should have (RFC 791)."""
    words = struct.unpack(">10H", header)
    total = sum(words) - words[5]
    while total > 0xffff:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def invariant_crc(data: bytes) -> bytes:
    """The ICRC that a RoCEv2 frame should end with (InfiniBand specification, annex A17)."""
    covered = bytearray(8 * b"\xff" + data[14:-4])
    for changes_on_the_way in (1, 8, 10, 11, 26, 27, 32):
        covered[8 + changes_on_the_way] = 0xff
    return struct.pack("<I", zlib.crc32(covered))


def tshark(path: Path, *fields: str) -> List[List[str]]:
    """What tshark reads in a file: the fields of each frame."""
    options = [word for field in fields for word in ("-e", field)]
    result = subprocess.run([TSHARK, "-n", "-r", str(path), "-T", "fields", *options],
                            capture_output=True, text=True, timeout=program.HANG_SECONDS,
                            check=True)
    return [line.split("\t") for line in result.stdout.splitlines()]


class CaptureTestCase(unittest.TestCase):
    """A test with a folder in which programs run, and expert loads of a few tokens."""

    @classmethod
    def setUpClass(cls):
        holder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(holder.cleanup)
        cls.folder = Path(holder.name)
        # Every rank keeps its assignments but one for each of the others.
        load = [[ASSIGNMENTS - (RANKS - 1) if rank == expert else 1 for expert in range(RANKS)]
                for rank in range(RANKS)]
        (cls.folder / "load.txt").write_text(str(load).replace(" ", ""), encoding="utf-8")

    @classmethod
    def train(cls, *arguments):
        """Runs the program."""
        return program.run_program("mixnet-training",
                                   *program.with_defaults(FEW_BYTES, arguments), cwd=cls.folder)


class Capture(CaptureTestCase):
    """What the files of a run say."""

    files: Dict[str, List[Frame]]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        result = cls.train("--pcap=captures", "--output=results")
        assert (result.returncode, result.stderr) == (0, ""), result.stderr
        cls.files = {path.name: read_pcap(path)
                     for path in sorted((cls.folder / "captures").iterdir())}

    def sent(self, host: int, nic: int) -> List[Frame]:
        """The frames that a NIC has sent, from its own file."""
        return [frame for frame in self.files[f"host{host}-port{nic}.pcap"]
                if frame.source == (host, nic)]

    def connections(self) -> Dict[Tuple, List[Frame]]:
        """Frames by where they come from and which queue pair they are for, as they were sent."""
        found: Dict[Tuple, List[Frame]] = {}
        for host in range(HOSTS):
            for nic in range(NICS):
                for frame in self.sent(host, nic):
                    key = (frame.source, frame.destination, frame.queue_pair)
                    found.setdefault(key, []).append(frame)
        return found

    def test_every_ethernet_port_has_a_file(self):
        hosts = [f"host{host}-port{nic}.pcap" for host in range(HOSTS) for nic in range(NICS)]
        switch = [f"eps0-port{port}.pcap" for port in range(HOSTS * NICS)]
        self.assertEqual(sorted(self.files), sorted(hosts + switch))

    def test_payloads_are_the_tokens_that_go_to_the_other_server(self):
        for host in range(HOSTS):
            sent = sum(len(frame.payload) for nic in range(NICS) for frame in self.sent(host, nic)
                       if frame.opcode != ACKNOWLEDGE)
            # A token of 8 KiB from each of 8 ranks to each of 8 others, in dispatch and combine.
            self.assertEqual(sent, 2 * 8 * 8 * 4096 * 2)

    def test_every_frame_is_rocev2_with_right_lengths_and_checks(self):
        for name, frames in self.files.items():
            for frame in frames:
                data = frame.data
                self.assertEqual(data[12:15], b"\x08\x00\x45", name)
                self.assertEqual(struct.unpack_from(">H", data, 16)[0], len(data) - 14)
                self.assertEqual(struct.unpack_from(">H", data, 24)[0], ipv4_checksum(data[14:34]))
                self.assertEqual(struct.unpack_from(">HHH", data, 36), (4791, len(data) - 34, 0))
                self.assertIn(frame.opcode, OPCODES)
                self.assertEqual(data[-4:], invariant_crc(data), name)

    def test_files_have_the_bytes_that_ports_have_counted(self):
        with open(self.folder / "results" / "ports.csv", newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual(len(rows), HOSTS * NICS)
        for row in rows:
            host, nic = int(row["host"]), int(row["nic"])
            frames = self.files[f"host{host}-port{nic}.pcap"]
            sent = [frame for frame in frames if frame.source == (host, nic)]
            taken = [frame for frame in frames if frame.destination == (host, nic)]
            self.assertEqual(len(sent) + len(taken), len(frames))
            for column, part in (("sentBytes", sent), ("receivedBytes", taken)):
                self.assertEqual(sum(len(frame.data) + WIRE_ONLY for frame in part),
                                 int(row[column]))

    def test_messages_are_first_middle_last_or_only_and_as_long_as_they_say(self):
        pads, kinds = set(), set()
        for connection, frames in self.connections().items():
            length = got = None  # of the message that has begun
            for frame in frames:
                if frame.opcode == ACKNOWLEDGE:
                    continue
                kinds.add(frame.opcode)
                pads.add(frame.data[43] >> 4 & 3)
                if frame.opcode in (FIRST, ONLY):
                    self.assertIsNone(length, connection)
                    length, got = struct.unpack_from(">I", frame.data, 66)[0], 0
                self.assertIsNotNone(length, connection)
                got += len(frame.payload)
                self.assertFalse(any(frame.payload), "zeros")
                if frame.opcode in (FIRST, MIDDLE):
                    self.assertEqual(len(frame.payload), MTU)
                    self.assertLess(got, length)
                else:
                    self.assertEqual(got, length, connection)
                    self.assertLessEqual(length, CHUNK)
                    length = None
            self.assertIsNone(length, "the last message is whole")
        # 8192 bytes go in chunks of 3701, 3701 and 790; the ends of those have 629 and 790.
        self.assertEqual(kinds, {FIRST, MIDDLE, LAST, ONLY})
        self.assertEqual(pads, {0, 3, 2})

    def test_numbers_go_on_across_the_wrap_and_are_acknowledged(self):
        acknowledged = {}
        for (source, destination, _), frames in self.connections().items():
            acks = [frame for frame in frames if frame.opcode == ACKNOWLEDGE]
            if acks:
                acknowledged[destination, source] = acks
        wraps = 0
        for (source, destination, _), frames in self.connections().items():
            data = [frame for frame in frames if frame.opcode != ACKNOWLEDGE]
            if not data:
                continue
            numbers = [frame.sequence for frame in data]
            self.assertEqual(numbers, [(FIRST_SEQUENCE + i) % (1 << 24) for i in range(len(data))])
            wraps += 0 in numbers
            last = acknowledged[source, destination][-1]
            self.assertEqual(last.sequence, numbers[-1], "the last one is acknowledged")
            messages = sum(frame.opcode in (LAST, ONLY) for frame in data)
            self.assertEqual(int.from_bytes(last.data[55:58], "big"), messages, "MSN")
            self.assertEqual(last.data[54], 0x1f, "ACK without credits")
        self.assertGreater(wraps, 0)

    def test_both_ends_of_a_fibre_show_the_same_frames(self):
        # The sender's time is that of the first bit, the receiver's that of the last; both are
        # rounded down.
        frames_compared = 0
        for port in range(HOSTS * NICS):
            host, nic = divmod(port, NICS)
            out = self.sent(host, nic)
            seen = [frame for frame in self.files[f"eps0-port{port}.pcap"]
                    if frame.source == (host, nic)]
            self.assertEqual([frame.data for frame in seen], [frame.data for frame in out])
            for before, after in zip(out, seen):
                line = (len(before.data) + WIRE_ONLY) * 8 / RATE * 1e9
                self.assertAlmostEqual(after.time - before.time, DELAY_NS + line, delta=1.001)
            frames_compared += len(out)
        self.assertGreater(frames_compared, 0)

    def test_frames_are_in_the_order_of_time(self):
        for name, frames in self.files.items():
            times = [frame.time for frame in frames]
            self.assertEqual(times, sorted(times), name)

    @unittest.skipUnless(TSHARK, "tshark (Debian package tshark) is not installed")
    def test_tshark_reads_every_frame_as_we_do(self):
        for name, frames in program.a_part_of(list(self.files.items()), 15):
            rows = tshark(self.folder / "captures" / name, "frame.protocols", "_ws.malformed",
                          "infiniband.bth.opcode", "infiniband.bth.psn",
                          "infiniband.bth.destqp", "infiniband.bth.padcnt")
            self.assertEqual(len(rows), len(frames), name)
            for frame, (protocols, malformed, opcode, sequence, pair, pad) in zip(frames, rows):
                self.assertTrue(protocols.startswith("eth:ethertype:ip:udp:infiniband"), protocols)
                self.assertEqual(malformed, "")
                self.assertEqual((int(opcode, 0), int(sequence, 0), int(pair, 0), int(pad, 0)),
                                 (frame.opcode, frame.sequence, frame.queue_pair,
                                  frame.data[43] >> 4 & 3))


class Options(CaptureTestCase):
    """Which ports, which folder; and what is refused."""

    def refusal(self, *arguments):
        """The one line that a run is refused with, before it has printed anything."""
        result = self.train("--output=none", *arguments)
        self.assertNotEqual(result.returncode, 0)
        self.assertEqual(result.stdout, "")
        self.assertRegex(result.stderr, r"\A[^\n]+\n\Z")
        return result.stderr

    def test_only_the_ports_named_are_captured(self):
        result = self.train("--output=none", "--pcap=some/where", "--pcapPorts=eps0/9,host1/7")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertEqual(sorted(path.name for path in (self.folder / "some/where").iterdir()),
                         ["eps0-port9.pcap", "host1-port7.pcap"])
        for name, nic in (("eps0-port9.pcap", (1, 1)), ("host1-port7.pcap", (1, 7))):
            frames = read_pcap(self.folder / "some/where" / name)
            self.assertEqual({frame.source for frame in frames} & {(1, 1), (1, 7)}, {nic})
            self.assertTrue(all(nic in (frame.source, frame.destination) for frame in frames))

    def test_a_capture_changes_nothing_and_none_is_the_default(self):
        outputs = []
        for arguments in ((), ("--pcap=changes", "--pcapPorts=all"), ("--pcap=none",)):
            result = self.train("--output=results", *arguments)
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            outputs.append((self.folder / "results" / "phases.csv").read_bytes())
        self.assertTrue(read_pcap(self.folder / "changes" / "host0-port0.pcap"))
        self.assertEqual(outputs[0], outputs[1])
        self.assertEqual(outputs[0], outputs[2])
        self.assertFalse((self.folder / "none").exists())

    def test_ports_that_do_not_exist_are_refused_with_those_that_do(self):
        for ports in ("host4/0", "host0/8", "ocs0/0", "host0", "host0/0,", "nowhere/1"):
            with self.subTest(ports):
                message = self.refusal("--fabric=mixnet", "--tiers=1", "--pcap=refused",
                                       f"--pcapPorts={ports}")
                self.assertIn(f"option --pcapPorts={ports}: there is no port '", message)
                self.assertIn("the ports are host0/0 to host1/7, leaf0/0 to leaf0/3", message)
        self.assertFalse((self.folder / "refused").exists())

    def test_a_folder_that_cannot_be_written_is_refused(self):
        (self.folder / "file").write_text("in the way", encoding="utf-8")
        self.assertIn("option --pcap=file/folder: cannot write", self.refusal("--pcap=file/folder"))
        (self.folder / "taken" / "host0-port0.pcap").mkdir(parents=True)
        self.assertIn("taken/host0-port0.pcap: cannot write", self.refusal("--pcap=taken"))


if __name__ == "__main__":
    unittest.main()
