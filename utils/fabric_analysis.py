# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""What makes an iteration longer on one fabric than on another, from the summaries of its runs."""

from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence

from fabric_runs import IDEAL, PACKETS, Point, Result

# By how much a fabric may be faster than its ideal: flows that end within 0.1 % of each other end
# together, in every all-to-all.
TOLERANCE = 0.005
# By how much less of the critical path all-to-alls may be than the ideal's, before that is told:
# other parts may take their place on it.
PART_TOLERANCE = 0.02

# Parts of an iteration's critical path, and the kinds of time in summary.json that are in them.
PARTS: Mapping[str, Sequence[str]] = {
    "compute": ("compute",),
    "all-to-all": ("dispatch", "combine"),
    "reconfiguration": ("light",),
    "TP": ("tensorParallel",),
    "PP": ("pipeline",),
    "gradients": ("dataParallel",),
    "waiting": ("imbalance", "bubble")}
# Those of a difference: all-to-alls apart by what lines and what relays make of it.
DIFFERENCES = ("compute", "lines", "relays", *list(PARTS)[2:])

# What crosses servers, and the phases whose bytes it is.
TRAFFIC = {"all-to-all": ("dispatch", "combine"),
           "PP": ("pipelineSend",),
           "gradients": ("sharedReduce", "expertReduce")}


class Row(NamedTuple):
    """A run beside its ideal."""

    point: Point
    summary: Mapping[str, Any]
    ideal: Optional[Mapping[str, Any]]  # its summary; None where that run is missing

    @property
    def seconds(self) -> float:
        """The time of an iteration."""
        return self.summary["iterationTimeSeconds"]

    @property
    def ratio(self) -> Optional[float]:
        """The same over the ideal's."""
        return self.seconds / self.ideal["iterationTimeSeconds"] if self.ideal else None

    @property
    def isIdeal(self) -> bool:
        """Whether others are held against it."""
        return self.point.fabric == IDEAL

    @property
    def isTooFast(self) -> bool:
        """Whether it is faster than physics allows."""
        return self.ratio is not None and self.ratio < 1 - TOLERANCE

    @property
    def check(self) -> str:
        """What is to be said of that."""
        if self.ratio is None:
            return "no ideal to compare with"
        if self.isTooFast:
            return f"FASTER THAN IDEAL by {100 * (1 - self.ratio):.2f} %"
        # Who waits for circuits waits for slower ranks meanwhile.
        mine, ideal = (parts["all-to-all"] + parts["reconfiguration"]
                       for parts in map(parts_of, (self.summary, self.ideal)))
        if mine < (1 - PART_TOLERANCE) * ideal:
            return f"ok, but all-to-alls {100 * (1 - mine / ideal):.1f} % below the ideal's"
        return "ok"

    @property
    def cause(self) -> str:
        """The part that most of the difference to the ideal is of."""
        if self.ideal is None or self.isIdeal:
            return "-"
        parts = differences_of(self.summary, self.ideal)
        name = max(parts, key=lambda part: parts[part])
        whole = self.seconds - self.ideal["iterationTimeSeconds"]
        return f"{name}" if whole > TOLERANCE * self.seconds else "none"


def forwarding_of_ideal(forwarding: str) -> str:
    """The forwarding of the ideal switch that a fabric is held against."""
    return forwarding if forwarding in PACKETS else "spread"


def parts_of(summary: Mapping[str, Any]) -> Dict[str, float]:
    """Seconds of the critical path by part; their sum is the iteration."""
    times = summary["timeSeconds"]
    return {part: sum(times[kind]["criticalPath"] for kind in kinds)
            for part, kinds in PARTS.items()}


def hops_of(summary: Mapping[str, Any], part: str) -> float:
    """Servers whose NICs send a byte that leaves a server, on average; 1 where none leaves."""
    traffic = [summary["traffic"][name] for name in TRAFFIC[part] if name in summary["traffic"]]
    left = sum(one["arrivedBytes"] - one["insideBytes"] for one in traffic)
    crossed = sum(one["opticalBytes"] + one["electricalBytes"] for one in traffic)
    return crossed / left if left > 0 else 1.0


def differences_of(summary: Mapping[str, Any], ideal: Mapping[str, Any]) -> Dict[str, float]:
    """
    What an iteration takes longer than another, in seconds by part; their sum is all of it.

    Of all-to-alls, `relays` is what the bytes that are sent once more by other servers would take
    at the pace of the ideal; `lines` is the rest: fewer or unequal lines between two servers.

    @param summary A run. @param ideal What it is held against.
    """
    mine, other = parts_of(summary), parts_of(ideal)
    parts = {part: mine[part] - other[part] for part in PARTS}
    rest = parts.pop("all-to-all")
    more = hops_of(summary, "all-to-all") / hops_of(ideal, "all-to-all") - 1
    parts["relays"] = max(0.0, more) * other["all-to-all"] if more > 1e-6 else 0.0
    parts["lines"] = rest - parts["relays"]
    return {part: parts[part] for part in DIFFERENCES}


def rows_of(results: Mapping[Point, Result]) -> List[Row]:
    """The complete runs beside their ideals, in their order."""
    rows = []
    for point, result in results.items():
        if result.summary is None:
            continue
        ideal = results.get(point._replace(
            fabric=IDEAL, policy="", forwarding=forwarding_of_ideal(point.forwarding)))
        rows.append(Row(point, result.summary, ideal.summary if ideal else None))
    return rows
