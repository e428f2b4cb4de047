# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""What runs of a study have come to: one tidy table, and statistics over it."""

import csv
import json
import math
from pathlib import Path
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence, Tuple

import result_tables
from console import Failure

from studies.definition import Study
from studies.points import State

TABLE = "results.csv"
# Of summaries: what is no result, and what differs from run to run.
LEFT_OUT = ("options", "arguments", "problems", "schemaVersion", "executable", "preset",
            "wallSeconds", "eventsPerWallSecond", "peakMemoryBytes")
# Two-sided 95 % quantiles of Student's t by degrees of freedom; from 30 on the normal one is near.
T_95 = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
        2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056,
        2.052, 2.048, 2.045)
T_MANY = 1.96

Row = Dict[str, Any]


class Mean(NamedTuple):
    """A mean and how far off it may be."""

    value: float
    half: float  # of the 95 % confidence interval; 0 for a single value
    count: int


def flat(value: Any, name: str = "") -> Dict[str, Any]:
    """All numbers and flags of a summary, those within others with dots in their names."""
    if isinstance(value, bool):
        return {name: int(value)}
    if isinstance(value, (int, float)):
        return {name: value}
    if isinstance(value, dict):
        found: Dict[str, Any] = {}
        for key, inner in value.items():
            if name or key not in LEFT_OUT:
                found.update(flat(inner, f"{name}.{key}" if name else key))
        return found
    return {}


def derived(row: Mapping[str, Any]) -> Dict[str, float]:
    """What follows from other columns: what a dollar and a watt do."""
    rate = row.get("tokensPerSecond")
    found = {}
    for name, column in (("tokensPerSecondPerDollar", "network.usd"),
                         ("tokensPerSecondPerDollarAsAuthorsCount", "network.usdAsAuthorsCount"),
                         ("tokensPerSecondPerWatt", "network.watts")):
        if rate and row.get(column):
            found[name] = rate / row[column]
    forward = "timeByPhaseSeconds.forward."
    layer = math.fsum(value for column, value in row.items() if column.startswith(forward))
    if layer:
        found["forwardAllToAllShare"] = (row.get(f"{forward}dispatch", 0)
                                         + row.get(f"{forward}combine", 0)) / layer
    return found


def rows_of(states: Sequence[State]) -> List[Row]:
    """A row for each complete point: where it is on each axis, and what it has come to."""
    rows = []
    for state in states:
        if state.note is None:
            continue
        summary = result_tables.read_summary(state.results)
        if summary is None:
            raise Failure(f"{state.results}: has no summary.json any more")
        row: Row = {**state.point.labels, **flat(summary)}
        rows.append({**row, **derived(row)})
    return rows


def write_table(study: Study, states: Sequence[State], path: Path) -> List[Row]:
    """Writes all rows as CSV; the rows."""
    rows = rows_of(states)
    columns: Dict[str, None] = dict.fromkeys(study.axes)
    for row in rows:
        columns.update(dict.fromkeys(row))
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(columns), restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    part.replace(path)
    return rows


def read_table(path: Path, axes: Iterable[str]) -> List[Row]:
    """Reads such a table; what is a number is one, but for labels of axes."""
    labels = set(axes)
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return [{name: value if name in labels else number_or_text(value)
                     for name, value in row.items() if value != ""}
                    for row in csv.DictReader(file)]
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}; expected the results of a study") from error


def number_or_text(text: str) -> Any:
    """A number where it is one."""
    try:
        number = float(text)
    except ValueError:
        return text
    return number if math.isfinite(number) else text


def select(rows: Iterable[Row], where: Mapping[str, Any]) -> List[Row]:
    """The rows at given labels of axes; a list of labels is any of them."""
    def fits(row: Row) -> bool:
        return all(str(row.get(axis)) in ([str(one) for one in label]
                                          if isinstance(label, list) else [str(label)])
                   for axis, label in where.items())
    return [row for row in rows if fits(row)]


def mean_of(values: Sequence[float]) -> Mean:
    """Mean and 95 % confidence interval by Student's t."""
    count = len(values)
    value = math.fsum(values) / count
    if count < 2:
        return Mean(value, 0, count)
    deviation = math.sqrt(math.fsum((one - value) ** 2 for one in values) / (count - 1))
    quantile = T_95[count - 2] if count - 2 < len(T_95) else T_MANY
    return Mean(value, quantile * deviation / math.sqrt(count), count)


def values_by(rows: Iterable[Row], axes: Sequence[str], column: str) -> Dict[Tuple[str, ...],
                                                                           List[float]]:
    """The values of a column, by labels of axes, in the order of rows; those without are left out."""
    found: Dict[Tuple[str, ...], List[float]] = {}
    for row in rows:
        value = row.get(column)
        if isinstance(value, (int, float)):
            found.setdefault(tuple(str(row.get(axis, "")) for axis in axes), []).append(value)
    return found


def relative(rows: Sequence[Row], column: str, reference: Mapping[str, str],
             isInverse: bool = False) -> List[Row]:
    """
    Rows whose value is that over the reference's of the same place on all other axes.

    @param rows Rows with all axes. @param column The value.
    @param reference Label of an axis or several: what others are divided by.
    @param isInverse Whether the reference is divided by others: a speed-up of times.
    @return copies of the rows that have a reference.
    """
    texts = [name for row in rows for name, value in row.items() if isinstance(value, str)]
    axes = [axis for axis in dict.fromkeys(texts) if axis not in reference]
    base = {tuple(str(row.get(axis)) for axis in axes): row.get(column)
            for row in select(rows, reference)}
    result = []
    for row in rows:
        other = base.get(tuple(str(row.get(axis)) for axis in axes))
        value = row.get(column)
        if isinstance(value, (int, float)) and isinstance(other, (int, float)) and value and other:
            result.append({**row, column: other / value if isInverse else value / other})
    return result


def provenance(states: Sequence[State]) -> Dict[str, Optional[str]]:
    """What builds, commits and machines the points are from."""
    notes = [state.note for state in states if state.note]
    return {name: "; ".join(sorted({str(note.get(name, "")) for note in notes})) or None
            for name in ("build", "commit", "machine")}


def write_provenance(states: Sequence[State], path: Path) -> None:
    """Writes the same beside the table, with what each point took."""
    text = {**provenance(states),
            "points": {state.point.name: {"command": state.note["command"],
                                          "seconds": state.note["seconds"]}
                       for state in states if state.note}}
    path.write_text(json.dumps(text, indent=1) + "\n", encoding="utf-8")
