# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""The sections of a report: what report.html.j2 shows of runs, as tables and charts."""

import json
import shlex
from typing import Any, Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple

import report_plans
import report_runs
import svg_charts
from plots import figures, job
from plots.figures import EXPOSED, STRAGGLER
from plots.group import BLACKOUT, PHASES
from report_runs import ALL_TO_ALL, GRAPH, TRAFFIC, TRAINING, Run, Timeline
from result_tables import Row
from svg_charts import Line, Segment

MOST_RANKS = 64  # of all runs together, in their timelines
MOST_STEPS = 4000  # of all runs together: bars in their pipelines and timelines
MOST_MATRICES = 8  # of all runs together; at least two of each
OF_CIRCUITS = ("policy", "allocator", "reconfigurationDelay")  # options
NOT_COMPARED = {"output", "config"}  # options
ABSENT = "–"
OTHER = "#bb5566"  # the colour of what has none of its own

# Colours are those of plots; a report is drawn for a screen, with fewer of them.
WAIT_COLOURS = {EXPOSED: figures.COLOURS[EXPOSED], STRAGGLER: figures.COLOURS[STRAGGLER],
                BLACKOUT: figures.COLOURS[EXPOSED]}
COLOURS = {phase: figures.COLOURS[name] for phase, name in PHASES.items()
           if name not in WAIT_COLOURS}
TIMES = {kind: (name, figures.COLOURS[name]) for kind, name in job.TIMES.items()}
GANTT_COLOURS = {direction == "backward": pair for direction, pair in job.GANTT_COLOURS.items()}


class Field(NamedTuple):
    """A number of the summary: where it is, and how it is shown."""

    key: str
    name: str
    unit: str = ""
    factor: float = 1.0
    digits: int = 0
    is_compared: bool = True


class Value(NamedTuple):
    """A number as it is shown, and as it is in the summary."""

    key: str
    raw: str
    text: str
    change: str = ""


RESULTS = {
    TRAINING: (
        Field("iterationTimeSeconds", "iteration time", "ms", 1e3, 3),
        Field("tokensPerSecond", "tokens per second", "1/s"),
        Field("modelFlopsPerGpuPerSecond", "operations of the model per GPU", "TFLOP/s", 1e-12, 1),
        Field("modelFlopsUtilization", "of the GPU's peak (MFU)", "%", 100, 1),
        Field("allToAllSeconds", "all-to-alls", "ms", 1e3, 3),
        Field("allToAllShare", "all-to-alls over iteration time", "%", 100, 2),
        Field("timeSeconds.light.criticalPath", "exposed reconfiguration, on the critical path",
              "ms", 1e3, 3),
        Field("darkSeconds", "blackouts, mean of regions", "ms", 1e3, 3),
        Field("exposedReconfigurationSeconds",
              "of these waited for: longest of each phase's ranks, summed", "ms", 1e3, 3),
        Field("hiddenReconfigurationSeconds", "of these not waited for", "ms", 1e3, 3),
        Field("bubbleShare", "pipeline bubble, of ranks' time", "%", 100, 1),
        Field("balancedBubbleShare", "pipeline bubble with stages of equal work", "%", 100, 1),
        Field("expertImbalance", "hottest EP rank over mean, mean of gatings", "", 1, 2),
        Field("worstExpertImbalance", "hottest EP rank over mean, most uneven gating", "", 1, 2),
        Field("opticalBytes", "payload over circuits", "GB", 1e-9, 3),
        Field("electricalBytes", "payload over packet switches", "GB", 1e-9, 3),
        Field("nvswitchBytes", "payload over NVSwitches", "GB", 1e-9, 3),
        Field("circuitDecisions", "allocations of circuits"),
        Field("nicUtilization.optical.busiest", "busiest optical NIC, sending", "%", 100, 2),
        Field("nicUtilization.optical.mean", "optical NICs on average, sending", "%", 100, 2),
        Field("nicUtilization.electrical.busiest", "busiest electrical NIC, sending", "%", 100, 2),
        Field("nicUtilization.electrical.mean", "electrical NICs on average, sending", "%", 100, 2),
        Field("frames.sent", "frames sent"),
        Field("frames.retransmitted", "frames retransmitted"),
        Field("wallSeconds", "simulated in", "s", 1, 2, False),
    ),
    ALL_TO_ALL: (
        Field("completionTimeSeconds", "completion", "ms", 1e3, 6),
        Field("idealSeconds", "ideal (any routes)", "ms", 1e3, 6),
        Field("boundSeconds", "bound of these routes", "ms", 1e3, 6),
        Field("completionOverIdeal", "completion / ideal", "", 1, 4),
        Field("completionOverBound", "completion / bound", "", 1, 4),
        Field("bytesDelivered", "delivered", "MB", 1e-6, 3),
        Field("flows", "flows"),
        Field("unfinishedFlows", "unfinished flows"),
        Field("packets", "packets of data"),
        Field("retransmittedPackets", "packets retransmitted"),
        Field("markedPackets", "packets marked (ECN)"),
        Field("pausesSent", "PFC frames"),
        Field("wallSeconds", "simulated in", "s", 1, 2, False),
    ),
    GRAPH: (
        Field("freeCommunication.makespanSeconds", "iteration, communication free", "ms", 1e3, 3),
        Field("linearCommunication.makespanSeconds", "iteration, latency + bytes / rate", "ms", 1e3,
              3),
        Field("freeCommunication.bubbleOverOther", "bubble over all other time", "%", 100, 1),
        Field("linearCommunication.bubbleOverOther", "the same, with communication", "%", 100, 1),
        Field("bubbleOfEqualStages", "the same, with stages of equal times", "%", 100, 1),
        Field("freeCommunication.tasksOnPath", "tasks on the critical path"),
        Field("tasks", "tasks"),
        Field("dependencies", "dependencies"),
    ),
    TRAFFIC: (),
}
# The numbers that stand first, large.
HEADLINES = {
    TRAINING: ("iterationTimeSeconds", "tokensPerSecond", "modelFlopsUtilization",
               "allToAllShare", "timeSeconds.light.criticalPath", "bubbleShare"),
    ALL_TO_ALL: ("completionTimeSeconds", "completionOverIdeal", "completionOverBound",
                 "bytesDelivered", "retransmittedPackets"),
    GRAPH: ("freeCommunication.makespanSeconds", "linearCommunication.makespanSeconds",
            "freeCommunication.bubbleOverOther"),
    TRAFFIC: (),
}


def find(summary: Dict[str, Any], key: str) -> Any:
    """The value at a dotted key; None where there is none."""
    value: Any = summary
    for name in key.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def shown(value: float, digits: int) -> str:
    """A number for people, thousands apart."""
    return f"{value:,.{digits}f}".replace(",", "\u202f").replace("-", "−")


def change_of(value: Any, first: Any) -> str:
    """How much more than the first: percent, or times; empty where that says nothing."""
    if not report_runs.check_number(value) or not report_runs.check_number(first) or first == 0:
        return ""
    ratio = value / first
    if ratio >= 10:
        return f"× {ratio:,.0f}".replace(",", "\u202f")
    return "same" if value == first else f"{100 * (ratio - 1):+.1f} %".replace("-", "−")


def value_of(run: Run, field: Field, first: Optional[Run] = None) -> Optional[Value]:
    """A number of a run; None where it has none."""
    value = find(run.summary, field.key)
    if value is None:
        return None
    change = ""
    if first is not None and first is not run and field.is_compared:
        change = change_of(value, find(first.summary, field.key))
    return Value(field.key, json.dumps(value), shown(value * field.factor, field.digits), change)


def yes(value: bool) -> str:
    """A truth for people."""
    return "yes" if value else "no"


def setup_of(run: Run) -> Dict[str, str]:
    """What was run, as pairs of a name and a text."""
    summary, options = run.summary, run.summary["options"]
    setup = {"program": f"{run.program} {summary['version']}"}
    if not run.has_network:
        setup["model"] = summary.get("model") or str(options.get("models", ABSENT))
        setup["parallelism"] = summary["parallelism"]
        setup["fabric"] = "none: no network is simulated"
        setup["expert load"] = summary["expertLoad"]
        setup["preset"] = summary["preset"]
        return setup
    if run.program == TRAINING:
        setup["model"] = summary["model"] + ("" if summary["wholeModel"] else ", some layers alone")
        setup["GPUs"] = (f"{summary['gpus']} = DP {summary['dataParallel']} x PP "
                         f"{summary['pipelineParallel']} x EP {summary['expertParallel']} x TP "
                         f"{summary['tensorParallel']}, {summary['gpuType']}")
        setup["iterations"] = str(summary["iterations"])
    else:
        pattern = options.get("flows", "none")
        setup["flows"] = (f"of {pattern}" if pattern != "none" else
                          f"of pattern {options.get('pattern', ABSENT)}")
    setup["fabric"] = summary["fabric"]
    setup["line rate of a NIC"] = f"{summary['linkRateBitsPerSecond'] / 1e9:g} Gb/s"
    if run.program == TRAINING:
        setup["forwarding"] = summary["forwarding"]
        setup["expert load"] = summary["expertLoad"]
    for name, option in (("MTU", "mtu"), ("load balancing", "loadBalancing"),
                         ("congestion control", "congestionControl"),
                         ("policy of circuits", "policy"), ("allocator", "allocator"),
                         ("blackout", "reconfigurationDelay"), ("layers", "layers"),
                         ("microbatches", "microbatches"), ("schedule", "schedule")):
        if option in options:
            if summary["fabric"] != "mixnet" and option in OF_CIRCUITS:
                continue
            zero = "the model's own" if option in ("layers", "microbatches") else "0"
            text = str(options[option])
            setup[name] = zero if text == "0" else text + (" B" if option == "mtu" else "")
    setup["circuits simulated as"] = summary["opticalFidelity"]
    setup["packet switches simulated as"] = summary["electricalFidelity"]
    setup["preset"] = summary["preset"]
    setup["seed"] = str(summary["seed"])
    setup["complete"] = yes(summary["complete"])
    return setup


def table_of(columns: Sequence[Dict[str, str]], names: Iterable[str]) -> List[Dict[str, Any]]:
    """Rows of texts side by side, and whether the columns that have one differ."""
    rows = []
    for name in names:
        texts = [column.get(name, ABSENT) for column in columns]
        there = {column[name] for column in columns if name in column}
        rows.append({"name": name, "texts": texts, "differs": len(there) > 1})
    return rows


def names_of(columns: Sequence[Dict[str, str]]) -> List[str]:
    """The names of all columns, each once, in order."""
    return list(dict.fromkeys(name for column in columns for name in column))


def options_of(run: Run) -> Dict[str, str]:
    """The options of a run that may be compared."""
    return {name: str(value) for name, value in run.summary["options"].items()
            if name not in NOT_COMPARED}


def warnings_of(run: Run) -> List[str]:
    """What a reader has to know before believing the numbers."""
    summary = run.summary
    warnings: List[str] = []
    if run.has_network:
        warnings += network_warnings(run)
    if summary["droppedOptions"]:
        warnings.append("Options of a file or preset that had no effect: "
                        + ", ".join(map(str, summary["droppedOptions"])) + ".")
    return warnings


def difference_warnings(run: Run, first: Run) -> List[str]:
    """Why a run is no comparison of fabrics alone with the first one."""
    there, here = [find(one.summary, "forwarding") for one in (first, run)]
    if None in (there, here) or there == here:
        return []
    return [f"Forwarding differs from that of {first.label} ({here}, there {there}; --forwarding): "
            "the runs differ by what servers do as well as by the fabric."]


def network_warnings(run: Run) -> List[str]:
    """The warnings of a run that has simulated a network."""
    summary = run.summary
    warnings = []
    if not summary["complete"]:
        warnings.append("The run is not complete.")
    warnings += [f"Problem: {problem}" for problem in summary["problems"]]
    isolating = summary.get("isolatingDecisions", 0)
    if isolating:
        warnings.append(f"{isolating} of {summary['circuitDecisions']} allocations left a server "
                        "with demand without any circuit.")
    if summary["failedMessages"]:
        warnings.append(f"{summary['failedMessages']} messages ended with an error.")
    drops = summary["drops"] if run.program == ALL_TO_ALL else summary["frames"].get("dropped", {})
    lost = ", ".join(f"{reason} {count}" for reason, count in drops.items() if count)
    if lost:
        warnings.append(f"Frames were lost: {lost}.")
    again = (summary["retransmittedPackets"] if run.program == ALL_TO_ALL
             else summary["frames"].get("retransmitted", 0))
    if again:
        warnings.append(f"{again} frames were retransmitted.")
    if summary["windowsOverBuffer"] > 1:
        warnings.append(f"Windows that may meet in a switch are {summary['windowsOverBuffer']:.1f} "
                        "times its buffer: as packets, messages may take longer than these flows.")
    return warnings


def breakdown_of(runs: Sequence[Run]) -> Optional[Dict[str, Any]]:
    """Where the time of an iteration goes."""
    indices = [index for index, run in enumerate(runs)
               if run.program == TRAINING and run.summary["timeSeconds"]]
    runs = [runs[index] for index in indices]
    if not runs:
        return None
    kinds = [kind for kind in names_of([run.summary["timeSeconds"] for run in runs])
             if any(find(run.summary, f"timeSeconds.{kind}.{part}")
                    for run in runs for part in ("criticalPath", "mean"))]
    names: List[str] = []
    segments: List[Segment] = []
    for run in runs:
        for part, title in (("criticalPath", "critical path"), ("mean", "mean of ranks")):
            begin = 0.0
            for kind in kinds:
                seconds = find(run.summary, f"timeSeconds.{kind}.{part}") or 0.0
                name, colour = TIMES.get(kind, (kind, OTHER))
                end = begin + seconds * 1e3
                if seconds > 0:
                    segments.append(Segment(
                        len(names), begin, end, colour, shown(seconds * 1e3, 1),
                        f"{run.label}, {title}: {name} {seconds * 1e3:.3f} ms"))
                begin = end
            names.append(title if len(runs) == 1 else
                         f"{run.label}, {'path' if part == 'criticalPath' else 'mean'}")
    legend = [TIMES.get(kind, (kind, OTHER)) for kind in kinds]
    rows = []
    for kind in kinds:
        cells = []
        for run in runs:
            for part in ("criticalPath", "mean"):
                field = Field(f"timeSeconds.{kind}.{part}", "", "ms", 1e3, 3)
                whole = run.summary["iterationTimeSeconds"]
                value = value_of(run, field)
                share = (100 * find(run.summary, field.key) / whole) if whole and value else None
                cells.append((value, "" if share is None else f"{share:.2f}"))
        rows.append({"name": TIMES.get(kind, (kind, ""))[0], "cells": cells,
                     "indices": [index for index in indices for _ in (0, 1)]})
    chart = svg_charts.rows_chart(
        "breakdown", "Where the time of an iteration goes",
        "Stacked bars: the kinds of time on the critical path and of all ranks on average; the "
        "table below has the numbers.", names, segments, "time of an iteration, ms")
    return {"chart": chart, "legend": legend, "rows": rows, "labels": [run.label for run in runs]}


def phases_of(runs: Sequence[Run]) -> Optional[Dict[str, Any]]:
    """Durations of phases: a row for each, a column for each run and direction."""
    indices = [index for index, run in enumerate(runs)
               if run.program == TRAINING and run.summary["timeByPhaseSeconds"]]
    times = [runs[index].summary["timeByPhaseSeconds"] for index in indices]
    columns = [(index, direction) for direction in names_of(times) for index in indices]
    rows = []
    for name in names_of([part for of_run in times for part in of_run.values()]):
        cells = []
        for index, direction in columns:
            field = Field(f"timeByPhaseSeconds.{direction}.{name}", "", "ms", 1e3, 3)
            cells.append((value_of(runs[index], field, runs[indices[0]]), index))
        if any(value is not None and float(value.raw) for value, _ in cells):
            rows.append({"name": name, "cells": cells})
    heads = [direction if len(indices) == 1 else f"{direction}, {runs[index].label}"
             for index, direction in columns]
    return {"rows": rows, "heads": heads, "first": indices[0]} if rows else None


def length_of(rows: Sequence[Any], begin: str, end: str) -> float:
    """Milliseconds from the first begin to the last end, of rows or bars."""
    times = [row if isinstance(row, dict) else row._asdict() for row in rows]
    return 1e3 * (max((row[end] for row in times), default=0.0)
                  - min((row[begin] for row in times), default=0.0))


def gantt_chart(run: Run, rows: Sequence[Row], length: float, place: Tuple[int, int]
                ) -> Dict[str, Any]:
    """
    Which microbatch each stage works on when.

    @param run The run.
    @param rows Its steps.
    @param length Of the axis.
    @param place Number of the run, and of how many.
    """
    index, count = place
    most = MOST_STEPS // count
    begin = min(row["beginSeconds"] for row in rows)
    stages = sorted({row["stage"] for row in rows})
    segments = []
    for row in rows[:most]:
        is_backward = row["direction"] == "backward"
        colour = GANTT_COLOURS[is_backward][row["chunk"] % 2]
        segments.append(Segment(
            stages.index(row["stage"]), (row["beginSeconds"] - begin) * 1e3,
            (row["endSeconds"] - begin) * 1e3, colour, str(row["microbatch"]),
            f"stage {row['stage']}, microbatch {row['microbatch']}, chunk {row['chunk']}, "
            f"{row['direction']}"))
    first = rows[0]
    note = f"Iteration {first['iteration']}, replica {first['replica']}; numbers are microbatches."
    if len(rows) > most:
        note += f" The first {most} of {len(rows)} steps."
    legend = [(name, GANTT_COLOURS[back][0])
              for back, name in ((False, "forward"), (True, "backward"))]
    if any(row["chunk"] % 2 for row in rows):
        legend = [(f"{name}, {'odd' if chunk else 'even'} chunks", GANTT_COLOURS[back][chunk])
                  for back, name in ((False, "forward"), (True, "backward")) for chunk in (0, 1)]
    chart = svg_charts.rows_chart(
        f"gantt{index}", f"Pipeline of {run.label}",
        "A row for each pipeline stage: which microbatch it works on when, forward and backward.",
        [f"stage {stage}" for stage in stages], segments,
        "time from the begin of the iteration, ms", end=length)
    return {"run": run, "charts": [("Pipeline stages", chart)], "legend": legend, "note": note,
            "command": command(["utils/plot.py", "gantt", str(run.folder)])}


def timeline_chart(run: Run, timeline: Timeline, length: float, place: Tuple[int, int]
                   ) -> Dict[str, Any]:
    """
    Who does what when in one layer.

    @param run The run.
    @param timeline What its ranks do.
    @param length Of the axis.
    @param place Number of the run, and of how many.
    """
    index, count = place
    every = sorted({bar.rank for bars in timeline.bars.values() for bar in bars})
    ranks = every[:max(8, MOST_RANKS // count) + (1 if every[0] < 0 else 0)]
    colours = {**COLOURS, **WAIT_COLOURS}
    charts, used, is_again, is_cut = [], set(), False, False
    most = MOST_STEPS // count // len(timeline.bars)
    for panel, (direction, bars) in enumerate(timeline.bars.items()):
        bars = sorted((bar for bar in bars if bar.rank in ranks),
                      key=lambda bar: (bar.begin, bar.rank, bar.end))
        is_cut, bars = is_cut or len(bars) > most, bars[:most]
        there = sorted({bar.rank for bar in bars})
        rows = {rank: row for row, rank in enumerate(there)}
        begin = min((bar.begin for bar in bars), default=0.0) * 1e3
        segments = [Segment(rows[bar.rank], bar.begin * 1e3, bar.end * 1e3,
                            colours.get(bar.name, OTHER),
                            f"{(bar.end - bar.begin) * 1e3:g} ms" if bar.name == BLACKOUT else "",
                            f"{'OCS' if bar.rank < 0 else f'rank {bar.rank}'}: {bar.name}, "
                            f"{(bar.end - bar.begin) * 1e3:.3f} ms", bar.again) for bar in bars]
        used |= {bar.name for bar in bars}
        is_again = is_again or any(bar.again for bar in bars)
        bands = [(bar.begin * 1e3, bar.end * 1e3) for bar in bars if bar.name == BLACKOUT]
        chart = svg_charts.rows_chart(
            f"timeline{index}-{panel}", f"{direction} of {run.label}",
            "A row for each rank, and one for the optical circuit switch: phases, waiting for "
            "circuits or for slower ranks, and blackouts.",
            ["OCS" if rank < 0 else f"rank {rank}" for rank in there], segments, "time, ms",
            begin=begin, end=begin + length, height=22.0 if len(ranks) <= 20 else 14.0, bands=bands)
        charts.append((direction.capitalize(), chart))
    note = f"Layer {timeline.layer}, microbatch {timeline.microbatch}."
    if len(ranks) < len(every):
        note += f" The first {len([r for r in ranks if r >= 0])} ranks of " \
                f"{len([r for r in every if r >= 0])}."
    if is_cut:
        note += f" The first {most} bars of each part."
    if is_again:
        note += " Hatched: done again before backward (recomputation)."
    names = {**PHASES, BLACKOUT: f"{BLACKOUT}, in the row of the OCS"}
    legend = list(dict.fromkeys((names.get(name, name), colour)
                                for name, colour in colours.items() if name in used))
    others = sorted(used - set(colours))
    if others:
        legend.append((", ".join(others), OTHER))
    return {"run": run, "charts": charts, "legend": legend, "note": note,
            "command": command(["utils/plot.py", "timeline", str(run.folder), "--layer=N"])}


def timelines_of(runs: Sequence[Run]) -> List[Dict[str, Any]]:
    """The timeline of each run: ranks of an EP group, stages of a job, rates of flows."""
    layers = [run.timeline() for run in runs]
    steps = [[] if layer else run.gantt() for run, layer in zip(runs, layers)]
    layer_length = max((length_of(bars, "begin", "end") for layer in layers if layer
                        for bars in layer.bars.values()), default=0.0)
    step_length = max(length_of(rows, "beginSeconds", "endSeconds") for rows in steps)
    found = []
    for index, run in enumerate(runs):
        layer, place = layers[index], (index, len(runs))
        if layer is not None:
            found.append(timeline_chart(run, layer, layer_length, place))
        elif steps[index]:
            found.append(gantt_chart(run, steps[index], step_length, place))
        else:
            found += rates_chart(run, index)
    return found


def rates_chart(run: Run, index: int) -> List[Dict[str, Any]]:
    """What pairs of NICs deliver over time; nothing where that is not recorded."""
    lines, count = run.rates()
    if not lines:
        return []
    drawn = [Line(f"flow {line.flow}, NIC {line.source} to {line.destination}", colour, line.points)
             for line, colour in zip(lines, figures.LINE_COLOURS)]
    chart = svg_charts.lines_chart(
        f"rates{index}", f"Rates of {run.label}",
        "A line for each pair of NICs: the payload it delivers over time.", drawn,
        ("time, ms", "delivered payload, Gb/s"))
    note = "" if len(lines) == count else f"The {len(lines)} of {count} pairs that deliver most."
    return [{"run": run, "charts": [("Rates", chart)], "note": note,
             "legend": [(line.name, line.colour) for line in drawn],
             "command": command(["utils/plot.py", "rates", str(run.folder)])}]


def matrices_of(runs: Sequence[Run]) -> List[Dict[str, Any]]:
    """Demand and circuits, layer by layer."""
    found = []
    for index, run in enumerate(runs):
        decisions, count = run.decisions(max(2, MOST_MATRICES // len(runs)))
        if not decisions:
            continue
        pairs = []
        for decision in decisions:
            title = (f"Decision {decision.number}: layer {decision.layer}, microbatch "
                     f"{decision.microbatch}, {decision.direction}")
            key = f"matrix{index}-{decision.number}"
            labels = ("from host", "to host")
            pairs.append({"title": title, "charts": [
                svg_charts.matrix_chart(
                    f"{key}-demand", "demand, MB", f"{title}: bytes from host to host.",
                    decision.demand, decision.hosts, (*labels, "demand, MB")),
                svg_charts.matrix_chart(
                    f"{key}-circuits", "circuits", f"{title}: circuits from host to host.",
                    decision.circuits, decision.hosts, (*labels, "circuits"))]})
        note = f"The first decision of each layer shown; {count} in all."
        if decisions[0].hosts > 32:
            note += " Neighbouring hosts are summed."
        found.append({"run": run, "pairs": pairs, "note": note,
                      "command": command(["utils/plot.py", "matrices", str(run.folder),
                                          "--decision=N"])})
    return found


def layers_of(runs: Sequence[Run]) -> List[Dict[str, Any]]:
    """The all-to-alls of each layer, with bars against their bound."""
    found = []
    every = [run.layers() if run.program == TRAINING else [] for run in runs]
    longest = max((layer.milliseconds for layers in every for layer in layers), default=0.0)
    for index, (run, layers) in enumerate(zip(runs, every)):
        if not layers:
            continue
        segments = []
        for row, layer in enumerate(layers):
            tip = f"layer {layer.layer}: {layer.milliseconds:.3f} ms, bound {layer.bound:.3f} ms"
            bound = min(layer.bound, layer.milliseconds)
            segments += [Segment(row, 0, bound, COLOURS["attention"], "", tip),
                         Segment(row, bound, layer.milliseconds, COLOURS["dispatch"], "", tip)]
        chart = svg_charts.rows_chart(
            f"layers{index}", f"All-to-alls of {run.label}",
            "A bar for each layer: the mean duration of its dispatches and combines, and how much "
            "of it is their lower bound; the table has the numbers.",
            [f"layer {layer.layer}" if len(layers) <= 24 or row % 4 == 0 else ""
             for row, layer in enumerate(layers)],
            segments, "mean duration of a dispatch or combine, ms", end=longest,
            height=22.0 if len(layers) <= 12 else 13.0 if len(layers) <= 24 else 6.0)
        found.append({"run": run, "chart": chart, "layers": layers,
                      "optical": any(layer.circuits for layer in layers),
                      "legend": [("lower bound", COLOURS["attention"]),
                                 ("above the bound", COLOURS["dispatch"])]})
    return found


def ports_of(runs: Sequence[Run]) -> List[Dict[str, Any]]:
    """The busiest NICs of each run."""
    found = []
    for run in runs:
        ports, count = run.ports()
        if ports:
            top = max(max(port["sendUtilisation"], port["receiveUtilisation"]) for port in ports)
            found.append({"run": run, "ports": ports, "count": count, "top": top or 1.0})
    return found


def flows_of(runs: Sequence[Run]) -> List[Dict[str, Any]]:
    """How long the flows of each run take."""
    found = []
    for run in runs:
        times = run.flow_times() if run.program == ALL_TO_ALL else None
        if times is not None:
            found.append({"run": run, "times": times})
    return found


def command(words: Sequence[str]) -> str:
    """A command as one types it."""
    return " ".join(shlex.quote(word) for word in words)


def repeats_of(runs: Sequence[Run]) -> List[Dict[str, Any]]:
    """How to run each again, with and without its folder."""
    found = []
    for run in runs:
        options = {"options": {name: value for name, value in run.summary["options"].items()
                               if name not in NOT_COMPARED}}
        output = f"--output={run.folder}-again"
        name = run.summary.get("executable", run.program)  # of one's own, perhaps
        found.append({
            "run": run,
            "command": command(["./ns3", "run", name,
                                f"--config={run.folder / 'summary.json'}", output]),
            "other": command(["./ns3", "run", name, "--config=options.json", output]),
            "options": json.dumps(options, indent=1, ensure_ascii=False)})
    return found


def title_of(runs: Sequence[Run]) -> str:
    """What a page is called unless told otherwise."""
    if len(runs) > 1:
        return f"{len(runs)} runs side by side"
    summary = runs[0].summary
    if runs[0].program == ALL_TO_ALL:
        return f"{ALL_TO_ALL} on {summary['fabric']}"
    if runs[0].program == GRAPH:
        return f"Task graph of {summary['model']}"
    if runs[0].program == TRAFFIC:
        return "Traffic of training"
    what = "" if summary["wholeModel"] else "layers of "
    return f"Training {what}{summary['model']} on {summary['fabric']}, {summary['gpus']} GPUs"


def results_of(runs: Sequence[Run]) -> List[Dict[str, Any]]:
    """The results of the runs of each program."""
    found = []
    for program, fields in RESULTS.items():
        indices = [index for index, run in enumerate(runs) if run.program == program]
        if not indices or not fields:
            continue
        first = runs[indices[0]]
        rows = []
        for field in fields:
            values = [value_of(runs[index], field, first) for index in indices]
            if field.key.startswith("frames.") and not any(
                    find(runs[index].summary, "frames.sent") for index in indices):
                continue  # as flows, there are none
            if any(value is not None for value in values):
                rows.append({"field": field, "values": values})
        heads = [row for key in HEADLINES[program] for row in rows if row["field"].key == key]
        found.append({"program": program, "indices": indices, "rows": rows, "headlines": heads,
                      "labels": [runs[index].label for index in indices]})
    return found


def sections_of(runs: Sequence[Run]) -> Dict[str, Any]:
    """All sections, by the names they have in the template."""
    setups, options = [setup_of(run) for run in runs], [options_of(run) for run in runs]
    compared = table_of(options, sorted(names_of(options)))
    return {
        "absent": ABSENT,
        "results": results_of(runs),
        "setup": table_of(setups, names_of(setups)),
        "options": compared,
        "differing": [row for row in compared if row["differs"]],
        "warnings": [(run, warnings_of(run) + difference_warnings(run, runs[0])) for run in runs],
        "breakdown": breakdown_of(runs),
        "phases": phases_of(runs),
        "timelines": timelines_of(runs),
        "matrices": matrices_of(runs),
        "layers": layers_of(runs),
        "ports": ports_of(runs),
        "flows": flows_of(runs),
        "graphs": report_plans.graphs_of(runs),
        "traffic": report_plans.traffic_of(runs),
        "repeats": repeats_of(runs),
    }
