#!/usr/bin/env python3
# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Makes the samples of expert load in this folder, or in another: examples/data/make.py [FOLDER]

trace.jsonl: a short routing trace in the format of Megatron-core for Mixtral 8x7B, 8 EP ranks of 4
             GPUs each, by utils/make-routing-trace.py: one step, with few tokens.
tokens.txt:  token counts of 8 source ranks by 8 experts, as one would measure them: one layer of a
             trace with 8192 tokens per rank, two experts each, counted.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import List

HERE = Path(__file__).resolve().parent
MAKE_TRACE = HERE.parents[1] / "utils" / "make-routing-trace.py"
EXPERTS = 8


def make_trace(path: Path, *options: str) -> None:
    """Writes a routing trace."""
    subprocess.run([sys.executable, str(MAKE_TRACE), str(path), *options], check=True,
                   stdout=subprocess.DEVNULL)


def count_tokens(trace: Path) -> List[List[int]]:
    """Tokens by source rank and expert, in a trace of one step and layer."""
    rows = []
    for line in trace.read_text(encoding="ascii").splitlines():
        row = [0] * EXPERTS
        for experts in json.loads(line)["top_indices"]:
            for expert in experts:
                row[expert] += 1
        rows.append(row)
    return rows


def main() -> int:
    """Writes both files."""
    folder = Path(sys.argv[1]) if len(sys.argv) == 2 else HERE
    if len(sys.argv) > 2 or not folder.is_dir():
        print(f"make.py: {' '.join(sys.argv[1:])}: expected one folder, or nothing",
              file=sys.stderr)
        return 1
    make_trace(folder / "trace.jsonl", "--layers=32", "--steps=1", "--tokens=8")
    with tempfile.TemporaryDirectory() as name:
        trace = Path(name) / "trace.jsonl"
        make_trace(trace, "--ranks=8", "--layers=1", "--steps=1", "--tokens=8192", "--seed=2")
        rows = ",\n ".join(json.dumps(row) for row in count_tokens(trace))
    (folder / "tokens.txt").write_text(f"[{rows}]\n", encoding="ascii")
    return 0


if __name__ == "__main__":
    sys.exit(main())
