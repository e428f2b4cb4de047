# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""What tests of plots share: running utils/plot.py, looking into a figure, a small model."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import program

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PLOT = Path(__file__).resolve().parents[2] / "utils" / "plot.py"
PYTHONS = (sys.executable, "/usr/bin/python3")
PROBE = Path(__file__).resolve().parent / "figure_probe.py"


def run_plot(*arguments, cwd=None):
    """Runs plot.py."""
    return subprocess.run([sys.executable, str(PLOT), *map(str, arguments)], cwd=cwd,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                          timeout=program.HANG_SECONDS)


def probe(what, folder, *options):
    """What is in a figure, as figure_probe.py tells it."""
    result = subprocess.run([sys.executable, str(PROBE), what, str(folder), *options],
                            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                            timeout=program.HANG_SECONDS)
    if result.returncode != 0 or result.stderr:
        raise AssertionError(f"{what}: {result.stderr}")
    return json.loads(result.stdout)


def read_rows(path):
    """The rows of a table."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write_model(folder):
    """Writes a small model whose MoE layers begin at layer 3; its path."""
    model = {"title": "small", "sources": ["ours"], "layers": 5, "hidden": 1024,
             "vocabulary": 32000, "denseLayers": {"count": 3, "ffn": 4096},
             "attention": {"kind": "grouped-query", "heads": 8, "kvHeads": 8, "headSize": 128},
             "experts": {"count": 16, "topK": 2, "ffn": 4096},
             "parallelism": {"tensor": 4, "expert": 16, "pipeline": 1},
             "training": {"sequenceLength": 1024, "microbatchSize": 4, "microbatches": 1}}
    path = folder / "small.json"
    path.write_text(json.dumps(model), encoding="utf-8")
    return path


def has_matplotlib() -> bool:
    """Whether plot.py can find matplotlib: in this Python, or in the system's."""
    return any(
        Path(python).exists()
        and subprocess.run([python, "-c", "import matplotlib"], capture_output=True).returncode == 0
        for python in PYTHONS
    )
