# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Reads the folders that programs write: tables, each column of its type, and the summary."""

import csv
import json
import math
from pathlib import Path
from typing import (Any, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Sequence,
                    Tuple)

from console import Failure

Row = Dict[str, Any]

TYPE_NAMES = {int: "a whole number", float: "a number"}


class Table(NamedTuple):
    """What a table has to be like."""

    columns: Mapping[str, type]  # those needed, and what is in them
    added: Mapping[str, Any] = {}  # columns that older files do not have: what they stand for there
    endings: Sequence[str] = ()  # columns of numbers whose names end so, whatever they are


TABLES = {
    "timeline.csv": Table(
        {"rank": int, "name": str, "direction": str, "recompute": str, "layer": int,
         "microbatch": int, "beginSeconds": float, "endSeconds": float},
        {"exposedSeconds": 0.0, "stragglerSeconds": 0.0}),
    "circuits.csv": Table(
        {"decision": int, "layer": int, "microbatch": int, "fromHost": int, "toHost": int,
         "demandBytes": int, "circuits": int}, {"direction": ""}),
    "phases.csv": Table(
        {"name": str, "direction": str, "layer": int, "durationSeconds": float,
         "darkSeconds": float, "exposedSeconds": float, "changedPorts": int, "circuits": int,
         "opticalBytes": int, "electricalBytes": int, "lowerBoundSeconds": float},
        {"iteration": 0, "replica": 0, "stage": 0, "startSeconds": 0.0}),
    "ports.csv": Table(
        {"host": int, "nic": int, "side": str, "sentBytes": int, "receivedBytes": int,
         "sendUtilisation": float, "receiveUtilisation": float}),
    "flows.csv": Table(
        {"source": int, "destination": int, "bytes": int, "startSeconds": float,
         "endSeconds": str, "arrivedBytes": int}),
    "rates.csv": Table(
        {"time_s": float, "flow": int, "source": str, "destination": str, "delivered_gbps": float,
         "rate_gbps": float, "window_bytes": int}),
    "gantt.csv": Table(
        {"iteration": int, "stage": int, "replica": int, "chunk": int, "microbatch": int,
         "direction": str, "beginSeconds": float, "endSeconds": float}),
    "iterations.csv": Table({"iteration": int, "seconds": float},
                            endings=("PathSeconds", "MeanSeconds")),
    "volume.csv": Table({"model": str, "parallelism": str, "sentPart": float,
                         "bufferPart": float}),
    "gpu-matrix.csv": Table({"fromGpu": int, "toGpu": int, "tpBytes": int, "epBytes": int,
                             "dpBytes": int, "ppBytes": int}),
    "load.csv": Table({"iteration": int, "layer": int, "expert": int, "tokens": float}),
    "load-matrix.csv": Table({"iteration": int, "layer": int, "sourceRank": int, "expert": int,
                              "tokens": float}),
    "layers.csv": Table({"layer": int, "expert": int, "tokens": float}),
}


def list_numbers(numbers: Iterable[int]) -> str:
    """Numbers in order, for people: '0 to 3, 7'."""
    runs: List[List[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)


def check_folder(folder: Path) -> None:
    """Refuses what is no folder."""
    if folder.is_file():
        raise Failure(f"{folder}: is a file; expected the folder of a run, as {folder.parent}")
    if not folder.is_dir():
        raise Failure(f"{folder}: there is no such folder; expected the results of a run")


def read_summary(folder: Path) -> Optional[Dict[str, Any]]:
    """The summary of a run; None where there is none, because it has not ended."""
    path = folder / "summary.json"
    try:
        summary = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise Failure(f"{path}: is not JSON: {error}") from error
    if not isinstance(summary, dict):
        raise Failure(f"{path}: is not the summary of a run")
    return summary


def whole_lines(path: Path) -> Iterator[str]:
    """The lines of a file; of one that is being written, those that are whole."""
    try:
        with path.open(encoding="utf-8") as file:
            for line in file:
                if line.endswith("\n"):
                    yield line
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}; expected the results of a run") from error
    except UnicodeDecodeError as error:
        raise Failure(f"{path}: is not text: {error}") from error


def stream_rows(folder: Path, name: str) -> Iterator[Row]:
    """Reads a table row by row, however long it is."""
    path, table = folder / name, TABLES[name]
    lines = csv.reader(whole_lines(path), strict=True)
    try:
        head = next(lines, [])
        for column in table.columns:
            if column not in head:
                raise Failure(f"{path}: has no column {column}; is it another table?")
        endings = tuple(table.endings) or "\n"
        types = {**{column: float for column in head if column.endswith(endings)},
                 **{column: type(value) for column, value in table.added.items()},
                 **table.columns}
        for number, row in enumerate(lines, 2):
            yield {**table.added, **read_row(path, number, head, row, types)}
    except csv.Error as error:
        raise Failure(f"{path}: is not a table: {error}") from error


def read_rows(folder: Path, name: str) -> List[Row]:
    """Reads a table that has to have rows."""
    rows = list(stream_rows(folder, name))
    if not rows:
        raise Failure(f"{folder / name}: has no rows")
    return rows


def read_row(path: Path, number: int, head: Sequence[str], row: Sequence[str],
             types: Mapping[str, type]) -> Row:
    """The values of one line by column."""
    if len(row) != len(head):
        raise Failure(f"{path}, line {number}: has {len(row)} values; expected {len(head)}")
    values: Row = {}
    for column, text in zip(head, row):
        try:
            values[column] = types.get(column, str)(text)
            if isinstance(values[column], float) and not math.isfinite(values[column]):
                raise ValueError
        except ValueError:
            raise Failure(f"{path}, line {number}: {column} is {text!r}; expected "
                          f"{TYPE_NAMES[types[column]]}") from None
    return values


def choose(rows: List[Row], path: Path, wanted: Mapping[str, Optional[int]]) -> List[Row]:
    """
    The rows with the wanted values in some columns; the least there is where none is wanted.

    @param rows All rows.
    @param path Where they are from.
    @param wanted Column -> value, in the order of choice.
    """
    where: List[Tuple[str, int]] = []
    for column, value in wanted.items():
        there = {row[column] for row in rows}
        chosen = min(there) if value is None else value
        if chosen not in there:
            of = "".join(f" of {name} {number}" for name, number in reversed(where))
            raise Failure(f"{path}: has no {column} {chosen}{of} (--{column}); "
                          f"there is {list_numbers(there)}")
        rows = [row for row in rows if row[column] == chosen]
        where.append((column, chosen))
    return rows
