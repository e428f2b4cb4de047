# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Makes a figure as utils/plot.py does, and prints what is in it as JSON; for tests.

usage: figure_probe.py KIND FOLDER [OPTIONS], as for utils/plot.py
"""

import json
import sys
from pathlib import Path
from typing import Any, Dict, List

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "utils"))

import plot  # noqa: E402
from plots.figures import compose  # noqa: E402
from plots.kinds import PLOTS, context_of, warning_of  # noqa: E402
from plots.results import Results  # noqa: E402


def describe_axes(axis: Any) -> Dict[str, Any]:
    """What is in a panel."""
    from matplotlib.colors import to_hex

    images = [image for image in axis.images]
    return {
        "title": axis.get_title(loc="left"), "xlabel": axis.get_xlabel(),
        "ylabel": axis.get_ylabel(), "xlim": axis.get_xlim(), "ylim": axis.get_ylim(),
        "xticks": [label.get_text() for label in axis.get_xticklabels()],
        "yticks": [label.get_text() for label in axis.get_yticklabels()],
        "yplaces": [float(place) for place in axis.get_yticks()],
        "texts": [text.get_text() for text in axis.texts],
        "bars": [{"colour": to_hex(bar.get_facecolor()), "hatch": bar.get_hatch(),
                  "x": bar.get_x(), "y": bar.get_y(), "width": bar.get_width(),
                  "height": bar.get_height()}
                 for bar in axis.patches if hasattr(bar, "get_width")],
        "lines": [{"colour": to_hex(line.get_color()), "gid": line.get_gid(),
                   "steps": line.get_drawstyle(), "x": list(map(float, line.get_xdata())),
                   "y": list(map(float, line.get_ydata()))} for line in axis.lines],
        "collections": [{"gid": each.get_gid(),
                         "colours": sorted({to_hex(colour) for colour in each.get_facecolor()})}
                        for each in axis.collections],
        "images": [{"limits": image.get_clim(), "colours": image.cmap.N,
                    "values": [[None if value != value else float(value) for value in line]
                               for line in image.get_array().filled(float("nan")).tolist()]}
                   for image in images],
    }


def describe(figure: Any) -> Dict[str, Any]:
    """What is in a figure."""
    from matplotlib.colors import to_hex
    from matplotlib.text import Text

    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()
    legends = []
    for legend in figure.legends:
        handles = getattr(legend, "legend_handles", None) or legend.legendHandles
        for text, handle in zip(legend.get_texts(), handles):
            colour = handle.get_facecolor() if hasattr(handle, "get_facecolor") else (
                handle.get_color())
            colour = colour[0] if getattr(colour, "ndim", 1) > 1 else colour
            legends.append([text.get_text(), to_hex(colour)])
    shown: List[Any] = [text for text in figure.findobj(Text)
                        if text.get_visible() and text.get_text().strip()]
    width, height = figure.canvas.get_width_height()
    boxes = [text.get_window_extent(renderer)
             for text in [*figure.texts, *(t for one in figure.legends for t in one.get_texts())]]
    return {"inches": list(map(float, figure.get_size_inches())),
            "above": " ".join(text.get_text() for text in figure.texts), "legend": dict(legends),
            "smallest": min(text.get_fontsize() for text in shown),
            "inside": all(box.x0 >= -1 and box.x1 <= width + 1 and box.y1 <= height + 1
                          for box in boxes),
            "axes": [describe_axes(axis) for axis in figure.axes]}


def main() -> int:
    """Makes the figure."""
    arguments = plot.read_arguments(sys.argv[1:])
    results, kind = Results(arguments.folder), PLOTS[arguments.what]
    drawing = kind.draw(results, arguments)
    figure = compose(drawing, context_of(results, kind), warning_of(results, kind))
    print(json.dumps(describe(figure)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
