# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Arrows between the folders of the module: none goes up a layer, or round within one."""

import re
from pathlib import Path
from typing import Dict, List, NamedTuple, Sequence, Set

LAYERS = ("core", "model", "helper")  # each may include those before it
INCLUDE = re.compile(r'^\s*#\s*include\s*"(?:ns3/)?([\w.-]+)"', re.MULTILINE)


class Room(NamedTuple):
    """A folder of a layer."""

    layer: str
    name: str


def rooms_of_headers(module: Path) -> Dict[str, Room]:
    """Where each header of the module is, by its name."""
    return {path.name: Room(layer, path.relative_to(module / layer).parts[0])
            for layer in LAYERS for path in (module / layer).rglob("*.h")}


def circle_through(room: Room, arrows: Dict[Room, Set[Room]],
                   path: Sequence[Room] = ()) -> List[Room]:
    """The rooms that arrows from one lead through, back to one of them; empty without a circle."""
    if room in path:
        return [*path[path.index(room):], room]
    for following in sorted(arrows.get(room, ())):
        found = circle_through(following, arrows, (*path, room))
        if found:
            return found
    return []


def find(root: Path) -> List[str]:
    """What is wrong with the arrows of a checkout."""
    module = root / "contrib" / "mixnet"
    rooms = rooms_of_headers(module)
    problems: List[str] = []
    arrows: Dict[Room, Set[Room]] = {}
    for layer in LAYERS:
        for path in sorted((module / layer).rglob("*.[hc]*")):
            here = Room(layer, path.relative_to(module / layer).parts[0])
            for name in INCLUDE.findall(path.read_text(encoding="utf-8", errors="replace")):
                there = rooms.get(name, here)
                if LAYERS.index(there.layer) > LAYERS.index(layer):
                    problems.append(f"{path.relative_to(root)}: {layer} must not include "
                                    f"{there.layer} ({name})")
                elif there != here and there.layer == layer:
                    arrows.setdefault(here, set()).add(there)
    for room in sorted(arrows):
        circle = circle_through(room, arrows)
        if circle:
            problems.append(f"contrib/mixnet/{room.layer}: folders include each other: "
                            + " -> ".join(each.name for each in circle))
            break
    return problems
