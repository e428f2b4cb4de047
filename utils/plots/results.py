# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""The folder of a run, as plots need it."""

import re
from pathlib import Path
from typing import Any, Dict, List

import result_tables
from result_tables import Row, read_rows


class Results:
    """The folder of a run."""

    def __init__(self, folder: Path) -> None:
        result_tables.check_folder(folder)
        self.folder = folder
        self.summary = result_tables.read_summary(folder)

    def rows(self, name: str) -> List[Row]:
        """The rows of a table, of which there is at least one."""
        return read_rows(self.folder, name)

    def has(self, name: str) -> bool:
        """Whether there is a file."""
        return (self.folder / name).is_file()

    def get(self, key: str, default: Any = None) -> Any:
        """A value of the summary."""
        return (self.summary or {}).get(key, default)

    def option(self, name: str) -> str:
        """An option of the run; empty where that is not known."""
        options = self.get("options", {})
        return str(options.get(name, "")) if isinstance(options, dict) else ""

    @property
    def model(self) -> str:
        """The model that is looked at; empty where there is none."""
        return str(self.get("model", "")) or self.option("models").split(",")[0]

    @property
    def fabric(self) -> str:
        """The fabric and its NICs; empty where there is none."""
        fabric = str(self.get("fabric", ""))
        optical, electrical = self.option("opticalDegree"), self.option("electricalNics")
        if fabric == "mixnet" and optical and electrical:
            return f"{fabric} ({optical} optical + {electrical} electrical NICs)"
        return fabric

    @property
    def rate(self) -> str:
        """The rate of NICs, for people; empty where there is none."""
        rate = self.get("linkRateBitsPerSecond")
        if rate is None:
            return self.option("linkRate").replace("Gb/s", " Gb/s")
        return f"{rate * 1e-9:g} Gb/s"

    @property
    def parallelism(self) -> str:
        """GPUs and degrees above 1, for people; empty where there are none."""
        text = str(self.get("parallelism", "")).split(";")[0]
        degrees = {"DP": "dataParallel", "PP": "pipelineParallel", "EP": "expertParallel",
                   "TP": "tensorParallel"}
        if not text and self.get("gpus"):
            parts = [f"{short} {self.get(key)}" for short, key in degrees.items() if self.get(key)]
            text = f"{self.get('gpus')} GPUs = " + " x ".join(parts)
        found = re.match(r"(\d+ GPUs) = (.*)", text)
        if not found:
            return text
        parts = [part for part in found[2].split(" x ") if not part.endswith(" 1")]
        return f"{found[1]} ({' x '.join(parts)})" if parts else found[1]

    @property
    def has_circuits(self) -> bool:
        """Whether circuits were chosen: all-to-all has them set up before, without a policy."""
        return self.get("circuitDecisions") is not None or self.get("fabric") == "mixnet"

    def context(self) -> str:
        """Model, fabric and rate, for people; empty where nothing is known."""
        if not self.summary:
            return ""
        rate = "" if self.get("program") == "training-graph" else self.rate
        parts: Dict[str, None] = dict.fromkeys(
            part for part in (self.model, self.parallelism, self.fabric, rate) if part)
        if self.has_circuits:
            parts.update({f"{name} {self.option(name)}": None for name in ("policy", "allocator")
                          if self.option(name)})
        if self.get("program") == "all-to-all":
            flows = self.option("flows")
            parts[f"{self.get('flows', '')} flows of " + (
                f"{self.option('pattern')} pattern" if flows in ("", "none")
                else Path(flows).name)] = None
            parts[f"congestion control: {self.option('congestionControl')}"] = None
        if self.get("program") in ("training-traffic", "training-graph"):
            parts["no network"] = None
        return ", ".join(parts)
