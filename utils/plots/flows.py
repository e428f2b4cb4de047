# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""The plot of flows: what they deliver, and what their congestion control allows."""

import argparse
from typing import Any, Dict, List

from plots.figures import LINE_COLOURS, WIDTHS, Drawing, draw_bands, import_pyplot, time_unit
from plots.results import Results
from result_tables import Row

MOST_LINES = len(LINE_COLOURS)  # of more flows the distribution is drawn
# Column of the table -> what its panel shows, and units in one of the column's.
QUANTITIES = {
    "delivered_gbps": ("delivered\npayload, Gb/s", 1.0),
    "rate_gbps": ("allowed on\nthe wire, Gb/s", 1.0),
    "window_bytes": ("window, kB", 1e-3),
}


def steps_of(times: List[float]) -> List[float]:
    """Ends of intervals, and before them the begin of the first."""
    return [times[0] - (times[1] - times[0] if len(times) > 1 else times[0]), *times]


def plot_rates(results: Results, arguments: argparse.Namespace) -> Drawing:
    """Draws rates, and windows where they change, over time: of each flow, or how they differ."""
    flows: Dict[int, List[Row]] = {}
    for row in results.rows("rates.csv"):
        flows.setdefault(row["flow"], []).append(row)
    pyplot = import_pyplot()
    has_windows = any(len({row["window_bytes"] for row in rows}) > 1 for rows in flows.values())
    columns = [name for name in QUANTITIES if name != "window_bytes" or has_windows]
    figure, axes = pyplot.subplots(
        len(columns), 1, figsize=(WIDTHS[arguments.width], 0.95 * len(columns) + 0.35),
        sharex=True, squeeze=False)
    latest = max(rows[-1]["time_s"] for rows in flows.values())
    seconds, unit = time_unit(latest)
    key: Dict[str, Any] = {}
    for axis, column in zip(axes[:, 0], columns):
        label, factor = QUANTITIES[column]
        if len(flows) <= MOST_LINES:
            for colour, (number, rows) in zip(LINE_COLOURS, sorted(flows.items())):
                times = steps_of([row["time_s"] * seconds for row in rows])
                values = [row[column] * factor for row in rows]
                name = (f"flow {number}: NIC {rows[0]['source']} to "
                        f"{rows[0]['destination']}")
                key[name] = axis.plot(times, [values[0], *values], color=colour,
                                      drawstyle="steps-pre")[0]
        else:
            groups: Dict[float, List[float]] = {}
            for rows in flows.values():
                for row in rows:
                    groups.setdefault(row["time_s"] * seconds, []).append(row[column] * factor)
            times = sorted(groups)
            values = [groups[time] for time in times]
            key = draw_bands(axis, steps_of(times), [values[0], *values], "pre")
        axis.set_ylabel(label)
        axis.set_ylim(0, 1.05 * axis.get_ylim()[1])
        axis.grid(True)
    axes[-1, 0].set_xlabel(f"time, {unit}")
    axes[-1, 0].set_xlim(0, latest * seconds)
    remarks = [] if len(flows) <= MOST_LINES else [
        f"distribution over {len(flows)} flows in each interval"]
    return Drawing(figure, "", remarks, key)
