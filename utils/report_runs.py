# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""
The runs of a report: reads the folders that programs write.

Tables are read row by row and only what is shown is kept, so that memory does not grow with them.
"""

import heapq
import math
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

import result_tables
from console import Failure
from plots.figures import LINE_COLOURS
from plots.group import Bar, bars_of_row
from result_tables import Row, stream_rows

SCHEMA = 2
TRAINING, ALL_TO_ALL = "mixnet-training", "all-to-all"
GRAPH, TRAFFIC = "training-graph", "training-traffic"  # these have no network
BUSIEST = 10  # ports, and flows that end last, that are shown
MOST_FLOWS = len(LINE_COLOURS)  # whose rates are drawn
MOST_POINTS = 300  # of a line
NUMBER = (int, float)

# What a summary has to have, and of which type; None may stand for a number only where it is named.
COMMON_KEYS = {"options": dict, "version": str, "droppedOptions": list, "preset": str}
NETWORK_KEYS = {"fabric": str, "complete": bool, "problems": list, "seed": NUMBER,
                "linkRateBitsPerSecond": NUMBER, "opticalFidelity": str,
                "electricalFidelity": str, "failedMessages": NUMBER, "windowsOverBuffer": NUMBER,
                "wallSeconds": NUMBER}
KEYS = {
    TRAINING: {
        **NETWORK_KEYS,
        "model": str, "gpus": NUMBER, "tensorParallel": NUMBER, "expertParallel": NUMBER,
        "dataParallel": NUMBER, "pipelineParallel": NUMBER, "wholeModel": bool, "forwarding": str,
        "expertLoad": str, "gpuType": str, "simulatedSeconds": NUMBER, "iterations": NUMBER,
        "iterationTimeSeconds": NUMBER, "tokensPerSecond": NUMBER, "timeSeconds": dict,
        "pipelineDrainSeconds": NUMBER, "darkSeconds": NUMBER,
        "exposedReconfigurationSeconds": NUMBER, "hiddenReconfigurationSeconds": NUMBER,
        "timeByPhaseSeconds": dict, "allToAllSeconds": NUMBER, "allToAllShare": NUMBER,
        "opticalBytes": NUMBER, "electricalBytes": NUMBER, "nvswitchBytes": NUMBER,
        "frames": dict, "modelFlopsPerGpuPerSecond": NUMBER, "modelFlopsUtilization": NUMBER,
        "expertImbalance": NUMBER, "worstExpertImbalance": NUMBER, "bubbleShare": NUMBER,
        "balancedBubbleShare": NUMBER, "nicUtilization": dict},
    ALL_TO_ALL: {
        **NETWORK_KEYS,
        "completionTimeSeconds": NUMBER, "idealSeconds": NUMBER, "completionOverIdeal": NUMBER,
        "boundSeconds": NUMBER, "completionOverBound": NUMBER, "flows": NUMBER,
        "unfinishedFlows": NUMBER, "bytesDelivered": NUMBER, "packets": NUMBER,
        "retransmittedPackets": NUMBER, "drops": dict, "markedPackets": NUMBER,
        "pausesSent": NUMBER},
    GRAPH: {
        "model": str, "parallelism": str, "gpu": str, "expertLoad": str, "tasks": NUMBER,
        "dependencies": NUMBER, "freeCommunication": dict, "linearCommunication": dict,
        "bubbleOfEqualStages": NUMBER},
    TRAFFIC: {"parallelism": str, "expertLoad": str},
}
OPTIONAL_KEYS = {"circuitDecisions": NUMBER, "isolatingDecisions": NUMBER}  # of optical fabrics
NULLABLE = {"iterationTimeSeconds", "tokensPerSecond", "completionTimeSeconds",
            "completionOverIdeal", "boundSeconds", "completionOverBound", "idealSeconds",
            "modelFlopsUtilization", "modelFlopsPerGpuPerSecond", "allToAllShare", "bubbleShare",
            "expertImbalance", "worstExpertImbalance"}


class Timeline(NamedTuple):
    """What ranks do in one layer."""

    layer: int
    microbatch: int
    bars: Dict[str, List[Bar]]  # by direction


class Layer(NamedTuple):
    """The all-to-alls of a layer, on average."""

    layer: int
    count: int
    milliseconds: float
    bound: float  # milliseconds
    optical: float  # GB
    electrical: float  # GB
    circuits: float
    changed: int  # ports that went dark, of all of them
    dark: float  # milliseconds, of all of them
    exposed: float


class Decision(NamedTuple):
    """Circuits that the controller chose."""

    number: int
    layer: int
    microbatch: int
    direction: str
    hosts: int
    demand: Dict[Tuple[int, int], float]  # MB
    circuits: Dict[Tuple[int, int], float]


class FlowTimes(NamedTuple):
    """How long flows take."""

    count: int
    unfinished: int
    median: float  # milliseconds
    percentile: float  # the 99th
    last: List[Row]  # those that end last


class RateLine(NamedTuple):
    """What a pair of NICs delivers over time."""

    flow: int
    source: str
    destination: str
    points: List[Tuple[float, float]]  # ms, Gb/s


def check_number(value: Any) -> bool:
    """Whether a value is a number one can draw."""
    return isinstance(value, NUMBER) and not isinstance(value, bool) and math.isfinite(value)


def check_value(path: Path, key: str, value: Any, wanted: Any) -> None:
    """Refuses a value of another type."""
    if value is None and key in NULLABLE:
        return
    if wanted is NUMBER:
        if not check_number(value):
            raise Failure(f"{path}: {key} is {value!r}; expected a number")
    elif not isinstance(value, wanted):
        names = {dict: "an object", list: "a list", str: "a text", bool: "true or false"}
        raise Failure(f"{path}: {key} is {str(value)[:60]!r}; expected {names[wanted]}")


def check_leaves(path: Path, key: str, value: Any) -> None:
    """Refuses an object whose leaves are not numbers."""
    if isinstance(value, dict):
        for name, part in value.items():
            check_leaves(path, f"{key}.{name}", part)
    elif not check_number(value):
        raise Failure(f"{path}: {key} is {value!r}; expected a number")


def check_summary(path: Path, summary: Dict[str, Any]) -> None:
    """Refuses the summary of a program or version that has no report."""
    program, version = summary.get("program"), summary.get("schemaVersion")
    if not isinstance(program, str) or program not in KEYS:
        raise Failure(f"{path}: program is {program!r}; a report is of {' or '.join(KEYS)}")
    if version != SCHEMA:
        raise Failure(f"{path}: schemaVersion is {version!r}; expected {SCHEMA}, as this version "
                      "of the programs writes it")
    for key, wanted in {**COMMON_KEYS, **KEYS[program]}.items():
        if key not in summary:
            raise Failure(f"{path}: has no {key}, which every summary of {program} has")
        check_value(path, key, summary[key], wanted)
    for key, wanted in OPTIONAL_KEYS.items():
        if key in summary:
            check_value(path, key, summary[key], wanted)
    for key in ("timeSeconds", "timeByPhaseSeconds", "frames", "drops", "nicUtilization",
                "freeCommunication", "linearCommunication"):
        check_leaves(path, key, summary.get(key, {}))
    for name, times in summary.get("timeSeconds", {}).items():
        if not isinstance(times, dict) or not {"criticalPath", "mean"} <= set(times):
            raise Failure(f"{path}: timeSeconds.{name} has no criticalPath and mean")
    for key in ("freeCommunication", "linearCommunication") if program == GRAPH else ():
        for part in ("pathSeconds", "lastRankSeconds"):
            if not isinstance(summary[key].get(part), dict):
                raise Failure(f"{path}: {key} has no {part}")


class Run:
    """The folder of a run."""

    def __init__(self, folder: Path) -> None:
        result_tables.check_folder(folder)
        summary = result_tables.read_summary(folder)
        if summary is None:
            raise Failure(f"{folder}: has no summary.json: the run goes on, was stopped, or the "
                          "folder is of something else; expected the results of a run")
        check_summary(folder / "summary.json", summary)
        self.folder = folder
        self.summary = summary
        self.label = folder.resolve().name or str(folder)

    @property
    def program(self) -> str:
        """Who wrote it."""
        return self.summary["program"]

    @property
    def has_network(self) -> bool:
        """Whether it has simulated a network."""
        return self.program in (TRAINING, ALL_TO_ALL)

    @property
    def subject(self) -> str:
        """What it is of, in a few words."""
        words = [self.program, self.summary["fabric"] if self.has_network else "no network"]
        return ", ".join([*words, *([self.summary["model"]] if "model" in self.summary else [])])

    def has(self, name: str) -> bool:
        """Whether a table is there."""
        return (self.folder / name).is_file()

    def gantt(self) -> List[Row]:
        """The steps of all stages of the first replica in the first iteration."""
        found: List[Row] = []
        least: Optional[Tuple[int, int]] = None
        for row in stream_rows(self.folder, "gantt.csv") if self.has("gantt.csv") else ():
            place = (row["iteration"], row["replica"])
            if least is None or place < least:
                least, found = place, []
            if place == least:
                found.append(row)
        return sorted(found, key=lambda row: (row["beginSeconds"], row["stage"]))

    def timeline(self) -> Optional[Timeline]:
        """What ranks do in the first microbatch of the first layer."""
        bars: Dict[str, List[Bar]] = {}
        least: Optional[Tuple[int, int]] = None
        ends: Dict[int, float] = {}
        for row in stream_rows(self.folder, "timeline.csv") if self.has("timeline.csv") else ():
            place = (row["layer"], row["microbatch"])
            of_row = bars_of_row(row, ends)
            if least is None or place < least:
                least, bars = place, {}
            if place == least:
                bars.setdefault(row["direction"], []).extend(
                    bar for bar in of_row if bar.end > bar.begin)
        return Timeline(*least, bars) if least else None

    def layers(self) -> List[Layer]:
        """The all-to-alls of each layer, on average."""
        sums: Dict[int, List[float]] = {}
        for row in stream_rows(self.folder, "phases.csv") if self.has("phases.csv") else ():
            if row["name"] not in ("dispatch", "combine"):
                continue
            values = (1, row["durationSeconds"] * 1e3, row["lowerBoundSeconds"] * 1e3,
                      row["opticalBytes"] * 1e-9, row["electricalBytes"] * 1e-9, row["circuits"],
                      row["changedPorts"], row["darkSeconds"] * 1e3, row["exposedSeconds"] * 1e3)
            before = sums.setdefault(row["layer"], [0.0] * len(values))
            sums[row["layer"]] = [old + new for old, new in zip(before, values)]
        return [Layer(layer, int(of[0]), *(value / of[0] for value in of[1:6]), int(of[6]), *of[7:])
                for layer, of in sorted(sums.items())]

    def decisions(self, most: int) -> Tuple[List[Decision], int]:
        """The first decision for each of the first layers; and how many decisions there are."""
        found: Dict[int, Decision] = {}
        count, last = 0, None
        for row in stream_rows(self.folder, "circuits.csv") if self.has("circuits.csv") else ():
            if row["decision"] != last:
                last = row["decision"]
                count += 1
                if row["layer"] not in found and len(found) < most:
                    found[row["layer"]] = Decision(
                        last, row["layer"], row["microbatch"], row["direction"], 0, {}, {})
            decision = found.get(row["layer"])
            if decision is not None and decision.number == row["decision"]:
                place = (row["fromHost"], row["toHost"])
                decision.demand[place] = row["demandBytes"] * 1e-6
                decision.circuits[place] = row["circuits"]
        sized = [decision._replace(hosts=1 + max(max(place) for place in decision.demand))
                 for decision in found.values()]
        return sorted(sized, key=lambda decision: decision.layer), count

    def ports(self) -> Tuple[List[Row], int]:
        """The busiest NICs, busiest first; and how many there are."""
        count = 0
        heap: List[Tuple[float, int, int, Row]] = []
        for row in stream_rows(self.folder, "ports.csv") if self.has("ports.csv") else ():
            count += 1
            busy = max(row["sendUtilisation"], row["receiveUtilisation"])
            heapq.heappush(heap, (busy, -row["host"], -row["nic"], row))
            if len(heap) > BUSIEST:
                heapq.heappop(heap)
        return [item[3] for item in sorted(heap, reverse=True, key=lambda item: item[:3])], count

    def flow_times(self) -> Optional[FlowTimes]:
        """How long flows take, and which end last."""
        durations: List[float] = []
        heap: List[Tuple[float, int, Row]] = []
        unfinished = 0
        rows = stream_rows(self.folder, "flows.csv") if self.has("flows.csv") else iter(())
        for number, row in enumerate(rows):
            try:
                end = float(row["endSeconds"] or "inf")
            except ValueError:
                raise Failure(f"{self.folder / 'flows.csv'}, line {number + 2}: endSeconds is "
                              f"{row['endSeconds']!r}; expected a number, or nothing") from None
            if math.isfinite(end):
                durations.append((end - row["startSeconds"]) * 1e3)
            else:
                unfinished += 1
            heapq.heappush(heap, (end, -number, {**row, "end": end, "number": number}))
            if len(heap) > BUSIEST:
                heapq.heappop(heap)
        if not heap:
            return None
        durations.sort()

        def quantile(part: float) -> float:
            """The value that this part of the durations does not exceed."""
            if not durations:
                return math.nan
            return durations[max(0, math.ceil(part * len(durations)) - 1)]

        return FlowTimes(len(durations) + unfinished, unfinished, quantile(0.5), quantile(0.99),
                         [item[2] for item in sorted(heap, key=lambda item: item[:2],
                                                     reverse=True)])

    def rates(self) -> Tuple[List[RateLine], int]:
        """What the pairs of NICs that deliver most deliver over time; and how many there are."""
        if not self.has("rates.csv"):
            return [], 0
        delivered: Dict[int, float] = {}
        intervals: Dict[int, int] = {}
        for row in stream_rows(self.folder, "rates.csv"):
            flow = row["flow"]
            delivered[flow] = delivered.get(flow, 0.0) + row["delivered_gbps"]
            intervals[flow] = intervals.get(flow, 0) + 1
        chosen = sorted(sorted(delivered, key=lambda flow: (-delivered[flow], flow))[:MOST_FLOWS])
        lines = {flow: RateLine(flow, "", "", []) for flow in chosen}
        sums: Dict[int, List[float]] = {flow: [] for flow in chosen}
        for row in stream_rows(self.folder, "rates.csv") if chosen else ():
            flow = row["flow"]
            if flow not in lines:
                continue
            if not lines[flow].source:
                lines[flow] = lines[flow]._replace(source=row["source"],
                                                   destination=row["destination"])
            sums[flow].append(row["delivered_gbps"])
            if len(sums[flow]) == -(-intervals[flow] // MOST_POINTS):  # the mean of neighbours
                lines[flow].points.append((row["time_s"] * 1e3, sum(sums[flow]) / len(sums[flow])))
                sums[flow] = []
        return [line for line in lines.values() if line.points], len(delivered)


def label_runs(runs: List[Run]) -> None:
    """Names runs by their folders, by their paths where names are equal."""
    labels = [run.label for run in runs]
    for run in runs:
        if labels.count(run.label) > 1:
            run.label = str(run.folder)
