# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Animations for NetAnim: their form, and that they show what the tables say."""

import csv
import re
import sys
import unittest
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import program  # noqa: E402
import program_case  # noqa: E402

# Attributes that NetAnim 3.108 reads (animxmlparser.cpp); those of an update by what it updates.
ATTRIBUTES = {
    "node": {"id", "sysId", "locX", "locY", "descr"},
    "link": {"fromId", "toId", "fd", "td", "ld"},
    "ncs": {"ncId", "n", "t"},
    "nc": {"c", "i", "t", "v"},
    "p": {"fId", "tId", "fbTx", "lbTx", "fbRx", "lbRx"},
}
UPDATES = {"p": {"x", "y"}, "c": {"r", "g", "b"}, "s": {"w", "h"}, "d": {"descr"}}
LIT, DARK, BROKEN = (238, 153, 34), (17, 17, 17), (204, 0, 0)  # colours of circuits and NICs
PEARLS = 13  # nodes of a string
HOSTS, NICS = 8, 8  # of the group below
OPTICAL = (1, 2, 3, 5, 6, 7)  # NICs of a server

GROUP = ("mixnet-training", "--model=mixtral-8x22b", "--layers=2", "--fidelity=flow")
SHARED = ("mixnet-training", "--model=mixtral-8x7b", "--layers=2", "--fidelity=flow")
HOSTS_OF_SHARED = 4  # each with two ranks


class Animation:
    """A file, as NetAnim would play it."""

    def __init__(self, path, hosts=HOSTS, nics=NICS):
        self.text = path.read_text(encoding="utf-8")
        self.root = ElementTree.fromstring(self.text)
        self.hosts, self.nics = hosts, nics
        self.labels = {}  # number of a text node, by the name that it begins with
        for node in self.root.iter("node"):
            self.labels.setdefault(node.get("descr").split("\n")[0], int(node.get("id")))
        # Nodes of the plan have texts in their order, behind devices and NICs.
        self.first_label = self.labels["host0"]
        self.devices = self.first_label - hosts * nics
        self.counters = {counter.get("n"): counter.get("ncId")
                         for counter in self.root.iter("ncs")}

    def nic_of(self, node):
        """Host and NIC that a node stands for; none of another node."""
        place = node - self.devices
        return divmod(place, self.nics) if 0 <= place < self.hosts * self.nics else None

    def state_at(self, time, inclusive=True):
        """How all nodes look at a time: place, colour and text of each."""
        looks = defaultdict(dict)
        updates = sorted(self.root.iter("nu"), key=lambda update: float(update.get("t")))
        for update in updates:
            at = float(update.get("t"))
            if at > time or (at == time and not inclusive):
                break
            values = tuple(update.get(name) for name in sorted(UPDATES[update.get("p")]))
            looks[int(update.get("id"))][update.get("p")] = values
        return looks

    def strings_at(self, time):
        """Pairs of NICs that strings join, by colour."""
        looks = self.state_at(time)
        nic_at = {looks[node]["p"]: self.nic_of(node) for node in looks if self.nic_of(node)}
        joined = defaultdict(set)
        for link in self.root.iter("link"):
            first, last = int(link.get("fromId")), int(link.get("toId"))
            if last - first == PEARLS - 1 and self.nic_of(first) is None:
                ends = [nic_at.get(looks[end]["p"]) for end in (first, last)]
                colours = {looks[node]["c"] for node in range(first, last + 1)}
                if None not in ends:
                    assert len(colours) == 1, "a string has one colour"
                    blue, green, red = map(int, colours.pop())
                    joined[red, green, blue].add(tuple(sorted(ends)))
        return joined


class Animations(program_case.FolderTestCase):
    """Runs with --animation."""

    def animate(self, *arguments, name="run.xml", **shape):
        """Runs a program; returns the animation and what was printed."""
        result = program.run_program(*arguments, f"--animation={name}", cwd=self.folder)
        self.check_success(result)
        animation = Animation(self.folder / name, **shape)
        self.check_form(animation)
        return animation, result.stdout

    def rows(self, name):
        """The rows of a table."""
        with open(self.folder / name, encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def check_form(self, animation):
        """What NetAnim's parser and scene ask of a file."""
        root = animation.root
        self.assertEqual((root.tag, root.attrib),
                         ("anim", {"ver": "netanim-3.108", "filetype": "animation"}))
        nodes = [int(node.get("id")) for node in root.iter("node")]
        self.assertEqual(sorted(nodes), list(range(len(nodes))), "numbers without a gap")
        links = [frozenset((link.get("fromId"), link.get("toId"))) for link in root.iter("link")]
        self.assertEqual(len(links), len(set(links)), "NetAnim has one link for a pair of nodes")
        counters = set(animation.counters.values())
        first = {node: set() for node in nodes}
        known = set()
        for element in root:
            fields = set(element.attrib)
            if element.tag == "nu":
                self.assertEqual(fields, {"p", "t", "id"} | UPDATES[element.get("p")])
                self.assertIn(int(element.get("id")), known, "no update before its node")
                if element.get("t") == "0":
                    first[int(element.get("id"))].add(element.get("p"))
                self.assertIn(element.get("p"), first[int(element.get("id"))],
                              "what NetAnim does not take back to")
                self.assertNotEqual(element.get("descr", " "), "", "NetAnim would show a number")
            else:
                self.assertEqual(fields, ATTRIBUTES[element.tag])
            if element.tag == "node":
                known.add(int(element.get("id")))
                self.assertTrue(element.get("descr"))
            for name in ("x", "y", "locX", "locY"):
                self.assertLessEqual(float(element.get(name, 0)), 0)
            if element.tag == "nc":
                self.assertIn(element.get("c"), counters)
                self.assertIn(int(element.get("i")), known)
            if element.tag == "p":
                times = [float(element.get(name)) for name in ("fbTx", "lbTx", "lbRx")]
                self.assertEqual(times, sorted(times))
                self.assertLess(times[0], float(element.get("fbRx")))
                self.assertLessEqual({int(element.get("fId")), int(element.get("tId"))}, known)
                self.assertNotEqual(element.get("fId"), element.get("tId"))

    def test_circuits_are_those_of_the_table(self):
        animation, printed = self.animate(*GROUP, "--output=out")
        self.assertRegex(printed, r"(?m)^animation +run\.xml")
        blackouts = [(float(row["beginSeconds"]), float(row["endSeconds"]))
                     for row in self.rows("out/timeline.csv") if row["name"] == "blackout"]
        chosen = defaultdict(lambda: defaultdict(int))
        for row in self.rows("out/circuits.csv"):
            pair = tuple(sorted((int(row["fromHost"]), int(row["toHost"]))))
            chosen[int(row["decision"])][pair] = int(row["circuits"])
        self.assertGreater(len(blackouts), 1)
        shown = []
        for begin, end in blackouts:
            before = animation.strings_at(begin - 1e-9)
            during = animation.strings_at((begin + end) / 2)
            after = animation.strings_at(end)
            self.assertEqual(set(before), {LIT} if before else set())
            self.assertEqual(during[DARK] | during[LIT], before[LIT], "dark at the old places")
            self.assertEqual(set(after), {LIT})
            self.assertEqual(during[LIT], before[LIT] & after[LIT], "those that stay lit stay")
            self.assertEqual(during[DARK], before[LIT] - after[LIT], "those that go are dark")
            used = [nic for pair in after[LIT] for nic in pair]
            self.assertEqual(len(used), len(set(used)), "a NIC has one circuit")
            self.assertLessEqual({nic for _, nic in used}, set(OPTICAL))
            count = defaultdict(int)
            for (one, _), (other, _) in after[LIT]:
                count[tuple(sorted((one, other)))] += 1
            shown.append(dict(count))
        wanted = []
        for number in sorted(chosen):
            count = {pair: circuits for pair, circuits in chosen[number].items() if circuits}
            wanted += [count] if wanted[-1:] != [count] else []  # the same ports do not go dark
        self.assertEqual(shown, wanted)

    def test_servers_tell_their_phases(self):
        self.check_phases(GROUP, HOSTS)
        self.check_phases(SHARED, HOSTS_OF_SHARED)

    def check_phases(self, group, hosts):
        """Texts of servers are the phases of their first ranks."""
        animation, _ = self.animate(*group, "--output=out", hosts=hosts)
        rows = self.rows("out/timeline.csv")
        per_host = len({row["rank"] for row in rows} - {"-1"}) // hosts
        for host in range(hosts):
            told = [(float(update.get("t")), update.get("descr").split("\n")[1:])
                    for update in animation.root.iter("nu") if update.get("p") == "d"
                    and int(update.get("id")) == animation.first_label + host]
            # The first rank of a server decides as long as it does anything: to its end.
            mine = [row for row in rows if row["rank"] == str(host * per_host)]
            phases = [(at, lines) for at, lines in told
                      if lines and not lines[0].startswith("waiting")]
            last = float(mine[-1]["endSeconds"])
            phases = [(at, lines) for at, lines in phases if at < last]
            self.assertEqual(len(phases), len(mine))
            for (at, lines), row in zip(phases, mine):
                back = " back" if row["direction"] == "backward" else ""
                self.assertEqual(lines, [row["name"] + back,
                                         f"L{row['layer']}, mb {row['microbatch']}"])
                self.assertAlmostEqual(at, float(row["beginSeconds"]), delta=2e-12)

    def test_counters_end_at_what_the_tables_say(self):
        self.check_counters(GROUP, HOSTS)
        self.check_counters(SHARED, HOSTS_OF_SHARED)

    def check_counters(self, group, hosts):
        """The last values of counters are those of the tables."""
        animation, _ = self.animate(*group, "--output=out", hosts=hosts)
        last = {}
        for count in animation.root.iter("nc"):
            last[count.get("c"), int(count.get("i"))] = float(count.get("v"))
        sent = defaultdict(float)
        for row in self.rows("out/ports.csv"):
            sent[row["side"], int(row["host"])] += float(row["sentBytes"]) / 1e6
        waited = defaultdict(float)
        rows = self.rows("out/timeline.csv")
        per_host = len({row["rank"] for row in rows} - {"-1"}) // hosts
        dark = 0.0
        for row in rows:
            if row["rank"] == "-1":
                dark += 1e3 * (float(row["endSeconds"]) - float(row["beginSeconds"]))
            else:
                waited[int(row["rank"]) // per_host] += 1e3 * float(row["exposedSeconds"])
        for host in range(hosts):
            for side, name in (("optical", "circuits"), ("electrical", "packet switches")):
                self.assertAlmostEqual(last[animation.counters[f"sent over {name}, MB"], host],
                                       sent[side, host], delta=0.01)
            self.assertAlmostEqual(last[animation.counters["waited for circuits, ms"], host],
                                   waited[host], delta=0.01)
        self.assertAlmostEqual(last[animation.counters["blackouts, ms"], hosts], dark, delta=0.01)

    def test_messages_go_over_circuits_that_are_there(self):
        animation, printed = self.animate(*GROUP)
        self.assertRegex(printed, r"with samples of the frames and messages: \d+ of \d+\n")
        over_circuits = 0
        starts = defaultdict(list)
        for arrow in animation.root.iter("p"):
            ends = [animation.nic_of(int(arrow.get(name))) for name in ("fId", "tId")]
            if None in ends:
                continue  # to or from a packet switch, or to make others go
            starts[tuple(ends)].append(float(arrow.get("fbTx")))
            over_circuits += 1
            if over_circuits % 20 == 1:  # to look takes its time
                middle = (float(arrow.get("fbTx")) + float(arrow.get("lbRx"))) / 2
                self.assertIn(tuple(sorted(ends)), animation.strings_at(middle)[LIT])
        self.assertGreater(over_circuits, 50)
        for times in starts.values():
            intervals = [int(time / 500e-6 + 1e-6) for time in times]
            self.assertEqual(len(intervals), len(set(intervals)), "one in an interval")

    def test_frames_go_over_circuits_and_take_turns(self):
        animation, printed = self.animate(
            "all-to-all", "--fabric=mixnet", "--hosts=4", "--gpusPerHost=8", "--endpoints=0",
            "--bytes=100000", "--animationInterval=1us", "--output=none", hosts=4)
        self.assertRegex(printed, r"with samples of the frames and messages: \d+ of \d+\n")
        turns = defaultdict(set)
        lit = animation.strings_at(1)[LIT]
        count = 0
        for arrow in animation.root.iter("p"):
            ends = [animation.nic_of(int(arrow.get(name))) for name in ("fId", "tId")]
            if None not in ends:
                count += 1
                self.assertIn(tuple(sorted(ends)), lit)
            if ends[0]:
                host, nic = ends[0]
                turn = (host, nic in OPTICAL, int(float(arrow.get("fbTx")) / 1e-6 + 1e-6))
                self.assertNotIn(nic, turns[turn])
                turns[turn].add(nic)
        self.assertGreater(count, 20)
        self.assertEqual({len(nics) for nics in turns.values()}, {1}, "one NIC has its turn")

    def test_a_window_shows_what_the_whole_shows_then(self):
        whole, _ = self.animate(*GROUP, "--output=out")
        blackouts = [row for row in self.rows("out/timeline.csv") if row["name"] == "blackout"]
        begin = float(blackouts[1]["beginSeconds"]) + 1e-3
        end = float(blackouts[1]["endSeconds"]) + 1e-3
        part, _ = self.animate(*GROUP, f"--animationWindow={begin * 1e3:.6f}ms-{end * 1e3:.6f}ms",
                               "--output=none", name="part.xml")
        times = {float(update.get("t")) for update in part.root.iter("nu")} - {0.0}
        self.assertGreaterEqual(min(times), begin - 1e-9)
        self.assertLessEqual(max(times), end + 1e-9)
        self.assertLess(len(part.text), len(whole.text))
        for time in (begin + 1e-8, end):
            self.assertEqual(part.state_at(time), whole.state_at(time))

    def test_a_file_keeps_to_its_size_and_says_what_it_lacks(self):
        _, printed = self.animate("mixnet-training", "--layers=8", "--fidelity=flow",
                                  "--animationSize=150kB")
        self.assertLessEqual((self.folder / "run.xml").stat().st_size, 150_000)
        self.assertRegex(printed, r"without all from [\d.]+ ms on, at the largest size of 150000 B")

    def test_a_size_below_that_of_the_fabric_is_refused(self):
        result = program.run_program(
            "mixnet-training", "--model=mixtral-8x7b", "--gpus=64", "--layers=2",
            "--pipelineParallel=2", "--fidelity=flow", "--animation=run.xml",
            "--animationSize=100kB", cwd=self.folder)
        self.assertNotEqual(result.returncode, 0)
        self.assertRegex(result.stderr, r"^\S+ option --animationSize=100000: must be more than "
                                        r"the \d+ B that nodes and links of this fabric take$")
        self.assertFalse(list(self.folder.glob("run.xml*")))

    def test_the_unit_only_scales_times(self):
        seconds, _ = self.animate(*GROUP, "--output=none")
        units, _ = self.animate(*GROUP, "--output=none", "--animationUnit=1us", name="us.xml")
        self.assertEqual(len(seconds.root), len(units.root))
        for one, other in zip(seconds.root, units.root):
            for name in ("t", "fbTx", "lbRx"):
                if name in one.attrib and one.tag != "ncs":
                    self.assertAlmostEqual(float(one.get(name)) * 1e6, float(other.get(name)),
                                           delta=1e-5)

    def test_a_cut_fibre_is_red_until_it_is_spliced(self):
        animation, _ = self.animate(
            "all-to-all", "--hosts=4", "--endpoints=4", "--bytes=3000000", "--output=none",
            "--cut=host1/0@20us-50us", hosts=4, nics=1)
        nic = animation.devices + 1
        for time, colour in ((19e-6, (68, 119, 170)), (30e-6, BROKEN), (51e-6, (68, 119, 170))):
            look = animation.state_at(time)[nic]
            self.assertEqual(tuple(map(int, look["c"])), colour[::-1])

    def test_the_same_run_gives_the_same_bytes(self):
        one, _ = self.animate(*GROUP, "--output=none")
        again, _ = self.animate(*GROUP, "--output=none", name="again.xml")
        self.assertEqual(one.text, again.text)

    def test_what_cannot_be_is_refused(self):
        for option, message in (
                ("--animation=none/at/all.xml", r"none/at/all\.xml: cannot"),
                ("--animationWindow=2ms", "must be all, or FROM-TO"),
                ("--animationWindow=2ms-1ms", "must be all, or FROM-TO"),
                ("--animationWindow=1-2", "must be all, or FROM-TO"),
                ("--animationSize=1kB", "must be .*100000"),
                ("--animationUnit=1min", "must be .*1ms"),
                ("--animationInterval=5", "unit")):
            with self.subTest(option):
                name = [] if option.startswith("--animation=") else ["--animation=run.xml"]
                result = program.run_program(*GROUP, option, *name, "--output=out",
                                             cwd=self.folder)
                self.assertNotEqual(result.returncode, 0)
                self.assertRegex(result.stderr, message)
                self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
                self.assertFalse((self.folder / "run.xml").exists())


if __name__ == "__main__":
    unittest.main()
