# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""For tests of timelines: reads one, and checks each event against the trace-event format."""

import bisect
import csv
import gzip
import json
import re
from collections import defaultdict
from numbers import Real
from pathlib import Path
from typing import Any, Dict, List, Tuple

import program
import program_case

EXACT = 2e-6  # microseconds: the format has all picoseconds, a float nearly
ROUNDED = 1e-6  # percent: what counters of NICs are rounded to

Event = Dict[str, Any]
Lane = Tuple[int, int]

# Fields of each kind of event, and their types (Trace Event Format, Google, 2016).
ALWAYS = {"ph": str, "pid": int, "tid": int, "ts": Real, "name": str}
FIELDS = {
    "X": {"dur": Real, "cat": str},
    "i": {"s": str, "cat": str},
    "C": {"args": dict},
    "s": {"id": int, "cat": str},
    "t": {"id": int, "cat": str},
    "f": {"id": int, "cat": str, "bp": str},
    "M": {"args": dict},
}
METADATA = {"process_name": ("name", str), "process_sort_index": ("sort_index", int),
            "thread_name": ("name", str), "thread_sort_index": ("sort_index", int)}


class TimelineTestCase(program_case.FolderTestCase):
    """Runs with --timeline."""

    def run_it(self, name: str, *arguments: str, file: str = "run.json", code: int = 0):
        """Runs a program; returns its events and what it printed."""
        result = program.run_program(name, *arguments, f"--timeline={file}", cwd=self.folder)
        self.assertEqual(result.returncode, code, result.stderr)
        return self.events(file), result.stdout

    def events(self, file: str) -> List[Event]:
        """The events of a file."""
        data = (self.folder / file).read_bytes()
        text = gzip.decompress(data) if file.endswith(".gz") else data
        whole = json.loads(text)
        self.assertEqual(set(whole), {"displayTimeUnit", "traceEvents"})
        return whole["traceEvents"]

    def rows(self, path: str) -> List[Dict[str, str]]:
        """The rows of a table."""
        with open(self.folder / path, encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def check_form(self, events: List[Event]) -> None:
        """Each event has the fields of its kind, lanes and processes have names, slices nest, and
        arrows bind."""
        processes, lanes = set(), set()
        for event in events:
            needed = {**ALWAYS, **FIELDS[event["ph"]]}
            for field, kind in needed.items():
                self.assertIsInstance(event.get(field), kind, f"{field} of {event}")
            self.assertLessEqual(set(event), set(needed) | {"args"}, event)
            self.assertGreaterEqual(event["ts"], 0)
            if event["ph"] == "M":
                field, kind = METADATA[event["name"]]
                self.assertIsInstance(event["args"][field], kind)
                (processes if event["name"].startswith("process") else lanes).add(
                    (event["pid"], event["tid"]))
            elif event["ph"] == "C":
                self.assertGreater(len(event["args"]), 0)
                for value in event["args"].values():
                    self.assertIsInstance(value, Real)
                    self.assertGreaterEqual(value, 0)
            elif event["ph"] == "i":
                self.assertIn(event["s"], "tpg")
            elif event["ph"] == "f":
                self.assertEqual(event["bp"], "e")
        for event in events:
            self.assertIn((event["pid"], 0), processes)
            if event["ph"] in "Xistf":
                self.assertIn((event["pid"], event["tid"]), lanes, event)
        self.check_nesting(events)
        self.check_arrows(events)

    def check_nesting(self, events: List[Event]) -> None:
        """Slices of a lane lie beside or inside each other; the outer one stands first."""
        for lane, slices in self.slices_by_lane(events).items():
            open_until: List[float] = []
            for event in slices:  # in the order of viewers: by time, and as they are written
                self.assertGreaterEqual(event["dur"], 0)
                end = event["ts"] + event["dur"]
                while open_until and open_until[-1] <= event["ts"] + EXACT:
                    open_until.pop()
                if open_until:
                    self.assertLessEqual(end, open_until[-1] + EXACT, f"{event} in lane {lane}")
                open_until.append(end)

    def check_arrows(self, events: List[Event]) -> None:
        """An arrow has one begin and one end, in order; each part is in a slice of its lane, which
        stands before it in the file if both have the same time."""
        arrows: Dict[int, List[Event]] = defaultdict(list)
        order = {id(event): place for place, event in enumerate(events)}
        lanes = self.slices_by_lane(events)
        times = {lane: [event["ts"] for event in slices] for lane, slices in lanes.items()}
        for event in events:
            if event["ph"] not in "stf":
                continue
            arrows[event["id"]].append(event)
            lane = (event["pid"], event["tid"])
            before = bisect.bisect_right(times[lane], event["ts"] + EXACT)
            around = [other for other in lanes[lane][max(0, before - 3):before]
                      if other["ts"] + other["dur"] >= event["ts"] - EXACT
                      and (abs(other["ts"] - event["ts"]) > EXACT
                           or order[id(other)] < order[id(event)])]
            self.assertGreater(len(around), 0, f"{event} has no slice")
            event["slice"] = around[-1]
        for parts in arrows.values():
            parts.sort(key=lambda event: event["ts"])
            steps = "".join(event["ph"] for event in parts)
            self.assertRegex(steps, "^st*f$")
            self.assertEqual(len({event["name"] for event in parts}), 1)

    @staticmethod
    def slices_by_lane(events: List[Event]) -> Dict[Lane, List[Event]]:
        """Slices of each lane, by time, else in the order of the file."""
        lanes: Dict[Lane, List[Event]] = defaultdict(list)
        for event in events:
            if event["ph"] == "X":
                lanes[(event["pid"], event["tid"])].append(event)
        for slices in lanes.values():
            slices.sort(key=lambda event: event["ts"])
        return lanes

    @staticmethod
    def arrows(events: List[Event]) -> List[List[str]]:
        """The names of the slices that each arrow joins. After check_form()."""
        parts: Dict[int, List[Event]] = defaultdict(list)
        for event in events:
            if event["ph"] in "stf":
                parts[event["id"]].append(event)
        return [[event["slice"]["name"] for event in sorted(steps, key=lambda event: event["ts"])]
                for steps in parts.values()]

    @staticmethod
    def processes(events: List[Event]) -> Dict[str, int]:
        """Numbers of processes, by name."""
        return {event["args"]["name"]: event["pid"]
                for event in events if event["name"] == "process_name"}

    @staticmethod
    def lanes(events: List[Event]) -> Dict[Lane, str]:
        """Names of lanes."""
        return {(event["pid"], event["tid"]): event["args"]["name"]
                for event in events if event["name"] == "thread_name"}

    @staticmethod
    def named(events: List[Event], name: str, kind: str = "X") -> List[Event]:
        """Events of a name, by time."""
        return sorted((event for event in events if event["name"] == name and event["ph"] == kind),
                      key=lambda event: event["ts"])

    def counter(self, events: List[Event], process: int, name: str) -> List[Event]:
        """A counter, by time: each value is in force until the next."""
        return [event for event in self.named(events, name, "C") if event["pid"] == process]

    def sent_bytes(self, counter: List[Event], nics: int, rate: float) -> float:
        """What the mean of a counter of NICs adds up to."""
        if not counter:
            return 0.0
        self.assertEqual(counter[-1]["args"], {"mean": 0, "busiest": 0})
        for event in counter:
            self.assertLessEqual(event["args"]["mean"], event["args"]["busiest"] + ROUNDED)
        return sum(event["args"]["mean"] / 100 * nics * rate / 8 * (after["ts"] - event["ts"]) * 1e-6
                   for event, after in zip(counter, counter[1:]))

    def check_refused(self, name: str, arguments, *words: str) -> None:
        """One line on standard error that has these words; nothing has changed in the folder."""
        before = {path: path.is_file() and path.read_bytes()
                  for path in sorted(self.folder.rglob("*"))}
        result = program.run_program(name, *arguments, cwd=self.folder)
        self.assertEqual(result.returncode, 1, result.stdout)
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        for word in words:
            self.assertIn(word, result.stderr)
        after = {path: path.is_file() and path.read_bytes()
                 for path in sorted(self.folder.rglob("*"))}
        self.assertEqual(before, after)

    def check_unchanged(self, name: str, *arguments: str, code: int = 0) -> None:
        """A run prints and writes the same with a timeline as without, but for what depends on the
        machine."""
        outcomes = []
        for words in ([], ["--timeline=run.json"]):
            result = program.run_program(name, *arguments, *words, cwd=self.folder)
            self.assertEqual(result.returncode, code, result.stderr)
            printed = re.sub(r"^(simulated in|timeline).*\n", "", result.stdout, flags=re.MULTILINE)
            printed = re.sub(r"[0-9.]+ M per second of wall time", "", printed)
            files = {}
            for path in sorted(Path(self.folder).glob("*-output/*")):
                content: Any = path.read_bytes()
                if path.name == "summary.json":
                    content = {key: value for key, value in json.loads(content).items()
                               if key != "options" and not re.search(
                                   "[wW]all|PerSecond|peakMemory", key)}
                files[path.name] = content
            outcomes.append((printed, files, result.stderr))
        self.assertEqual(*outcomes)
