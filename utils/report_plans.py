# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""The sections of a report on runs without a network: task graphs, and the traffic of training."""

from typing import Any, Dict, List, Sequence, Tuple

import svg_charts
from plots import figures, graph, job
from plots.traffic import MOST_LINES, PARALLELISM_COLOURS
from report_runs import GRAPH, TRAFFIC, Run
from result_tables import Row, stream_rows
from svg_charts import Line, Segment

COMMUNICATION = (("freeCommunication", "communication free"),
                 ("linearCommunication", "latency + bytes / rate"))
PATHS = (("pathSeconds", "critical path"), ("lastRankSeconds", "rank that ends last"))
COUNTINGS = (("bufferPart", "collectives, each counted once"), ("sentPart", "what GPUs send"))
MOST_RANKS = 64  # of a task graph
MOST_TASKS = 4000


def graphs_of(runs: Sequence[Run]) -> List[Dict[str, Any]]:
    """What the makespan of each task graph goes into, and who does what when."""
    found = []
    for index, run in enumerate(runs):
        if run.program != GRAPH:
            continue
        heads, columns = [], []
        for communication, title in COMMUNICATION:
            for path, name in PATHS:
                heads.append(f"{name}, {title}")
                columns.append(run.summary[communication][path])
        kinds = [kind for kind in columns[0] if any(column.get(kind) for column in columns)]
        names = [job.TIMES.get(kind, kind) for kind in kinds]
        colours = [figures.COLOURS.get(name, figures.OTHER[1]) for name in names]
        segments = []
        for row, column in enumerate(columns):
            begin = 0.0
            for kind, name, colour in zip(kinds, names, colours):
                end = begin + 1e3 * column.get(kind, 0.0)
                if end > begin:
                    segments.append(Segment(row, begin, end, colour, "",
                                            f"{heads[row]}: {name} {end - begin:.3f} ms"))
                begin = end
        chart = svg_charts.rows_chart(
            f"plan{index}", f"Time of the task graph of {run.label}",
            "Stacked bars: the kinds of time on the critical path and of the rank that ends last, "
            "with free communication and with that of a line; the table has the numbers.",
            ["path, free", "last, free", "path, line", "last, line"], segments,
            "time of an iteration, ms")
        found.append({
            "run": run, "chart": chart, "legend": list(zip(names, colours)), "heads": heads,
            "rows": [(name, [1e3 * column.get(kind, 0.0) for column in columns])
                     for kind, name in zip(kinds, names)],
            "schedule": schedule_chart(run, index)})
    return found


def schedule_chart(run: Run, index: int) -> Dict[str, Any]:
    """The tasks of each rank, each as early as it can begin when communication is free."""
    if not run.has("graph.json"):
        return {}
    plan = graph.read_graph(run.folder / "graph.json")
    tasks = plan["tasks"]
    schedule = graph.schedule_of(tasks)
    on_path = set(schedule.path)
    ranks = min(plan["ranks"], MOST_RANKS)
    drawn = [number for number, task in enumerate(tasks)
             if task["rank"] < ranks and graph.takes_time(schedule, number)]
    segments = [Segment(
        tasks[number]["rank"], 1e3 * schedule.begins[number], 1e3 * schedule.ends[number],
        graph.KINDS[graph.kind_of(tasks[number])], "",
        f"rank {tasks[number]['rank']}: {tasks[number]['kind']} {tasks[number]['direction']}"
        + (", on the critical path" if number in on_path else ""), number in on_path)
        for number in drawn[:MOST_TASKS]]
    note = (f"Each task as early as it can begin, communication being free. Hatched: the critical "
            f"path, {len(schedule.path)} of {len(tasks)} tasks.")
    if ranks < plan["ranks"]:
        note += f" The first {ranks} of {plan['ranks']} ranks."
    if len(drawn) > MOST_TASKS:
        note += f" The first {MOST_TASKS} of {len(drawn)} tasks."
    return {"note": note, "legend": list(graph.KINDS.items()), "chart": svg_charts.rows_chart(
        f"schedule{index}", f"Tasks of {run.label}",
        "A row for each rank: what it computes when.", [f"rank {rank}" for rank in range(ranks)],
        segments, "time, ms", height=22.0 if ranks <= 20 else 14.0)}


def traffic_of(runs: Sequence[Run]) -> List[Dict[str, Any]]:
    """The bytes of each parallelism, between GPUs, and the loads of experts."""
    found = []
    for index, run in enumerate(runs):
        if run.program == TRAFFIC:
            found.append({"run": run, **volume_chart(run, index), "charts": [
                *gpu_chart(run, index), *load_chart(run, index)]})
    return found


def volume_chart(run: Run, index: int) -> Dict[str, Any]:
    """The parts of parallelisms in the bytes of an iteration, in both countings."""
    rows: List[Row] = list(stream_rows(run.folder, "volume.csv")) if run.has("volume.csv") else []
    models = list(dict.fromkeys(row["model"] for row in rows))
    parts = list(dict.fromkeys(row["parallelism"] for row in rows))
    colours = {part: PARALLELISM_COLOURS.get(part, figures.OTHER[1]) for part in parts}
    charts, table = [], []
    for column, title in COUNTINGS if rows else ():
        segments = []
        for place, model in enumerate(models):
            percents = [sum(100 * row[column] for row in rows
                            if (row["model"], row["parallelism"]) == (model, part))
                        for part in parts]
            left = 0.0
            for part, percent in zip(parts, percents):
                segments.append(Segment(place, left, left + percent, colours[part],
                                        f"{percent:.0f}", f"{model}: {part} {percent:.1f} %"))
                left += percent
            table.append((model, title, percents))
        charts.append((title[0].upper() + title[1:], svg_charts.rows_chart(
            f"{column}{index}", f"Bytes of {run.label}: {title}",
            "Stacked bars: the part of each parallelism in the bytes of an iteration; the table "
            "has the numbers.", models, segments, "bytes of an iteration, %", end=100.0)))
    return {"volumes": charts, "parts": parts, "legend": list(colours.items()), "rows": table}


def gpu_chart(run: Run, index: int) -> List[Dict[str, Any]]:
    """The bytes between GPUs."""
    cells: Dict[Tuple[int, int], float] = {}
    for row in stream_rows(run.folder, "gpu-matrix.csv") if run.has("gpu-matrix.csv") else ():
        cells[row["fromGpu"], row["toGpu"]] = 1e-9 * sum(
            row[f"{part}Bytes"] for part in ("tp", "ep", "dp", "pp"))
    if not cells:
        return []
    size = 1 + max(max(place) for place in cells)
    title = "Bytes between GPUs" + (", neighbours summed" if size > 32 else "")
    return [{"title": title, "legend": [], "chart": svg_charts.matrix_chart(
        f"gpus{index}", "all parallelisms", "Bytes of an iteration from GPU to GPU.", cells, size,
        ("from GPU", "to GPU", "GB per iteration"))}]


def load_chart(run: Run, index: int) -> List[Dict[str, Any]]:
    """The share of each expert over iterations; nothing of many experts."""
    tokens: Dict[int, Dict[int, float]] = {}
    for row in stream_rows(run.folder, "load.csv") if run.has("load.csv") else ():
        tokens.setdefault(row["expert"], {})[row["iteration"]] = row["tokens"]
    if not 0 < len(tokens) <= MOST_LINES:
        return []
    sums: Dict[int, float] = {}
    for of_expert in tokens.values():
        for iteration, count in of_expert.items():
            sums[iteration] = sums.get(iteration, 0.0) + count
    colours = [*figures.LINE_COLOURS, *(figures.OTHER[1] for _ in tokens)]
    lines = [Line(f"expert {expert}", colour, [
        (iteration, 100 * count / (sums[iteration] or 1)) for iteration, count
        in sorted(of_expert.items())]) for (expert, of_expert), colour
        in zip(sorted(tokens.items()), colours)]
    title = f"Shares of {len(lines)} experts"
    return [{"title": title, "legend": [(line.name, line.colour) for line in lines],
             "chart": svg_charts.lines_chart(
                 f"load{index}", title, "A line for each expert: its share of the tokens over "
                 "iterations.", lines, ("iteration", "share of tokens, %"))}]
