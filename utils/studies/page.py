# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""The page of a study: figures, table, what has failed, and how to repeat it."""

import base64
from pathlib import Path
from typing import Any, Dict, List, Sequence

from console import Failure
from python_modules import find_module

from studies.definition import Study
from studies.points import State
from studies.results import Row, provenance

TEMPLATE = "study.html.j2"
# Columns that the page shows, if any run has them: heading, factor, digits.
SHOWN = {"iterationTimeSeconds": ("iteration, s", 1, 4), "tokensPerSecond": ("tokens/s", 1, 0),
         "completionTimeSeconds": ("completion, s", 1, 6),
         "network.usd": ("network, million dollars", 1e-6, 3),
         "network.watts": ("network, kW", 1e-3, 1),
         "tokensPerSecondPerDollar": ("tokens/s per dollar", 1, 4)}


def image_of(path: Path) -> str:
    """A figure as part of the page."""
    return "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode()


def table_of(study: Study, rows: Sequence[Row]) -> Dict[str, Any]:
    """Headings and cells of the table."""
    columns = [name for name in SHOWN if any(name in row for row in rows)]
    cells: List[List[str]] = []
    for row in rows:
        cells.append([str(row.get(axis, "")) for axis in study.axes])
        for name in columns:
            _, factor, digits = SHOWN[name]
            cells[-1].append(f"{row[name] * factor:.{digits}f}" if name in row else "")
    return {"heads": [*study.axes, *(SHOWN[name][0] for name in columns)], "cells": cells}


def write(study: Study, states: Sequence[State], rows: Sequence[Row], figures: Sequence[Path],
          path: Path) -> None:
    """Writes the page as a whole."""
    jinja2 = find_module("jinja2", "python3-jinja2")
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(str(Path(__file__).resolve().parent)), autoescape=True,
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    text = environment.get_template(TEMPLATE).render(
        study=study, rows=rows, table=table_of(study, rows), states=states,
        failed=[state for state in states if state.note is None],
        images=[(one.stem, image_of(one)) for one in figures if one.suffix == ".png"],
        provenance=provenance(states),
        command=f"utils/study.py {study.name}")
    part = path.with_suffix(".part")
    try:
        part.write_text(text + "\n", encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}") from error
