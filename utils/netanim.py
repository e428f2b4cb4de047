#!/usr/bin/env python3
# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Opens an animation in NetAnim, which is built the first time, or takes pictures of it.

usage: utils/netanim.py [--no-install] FILE
       utils/netanim.py [--no-install] FILE --shots=TIME[,TIME...] [--to=FOLDER]
                        [--size=WIDTHxHEIGHT]

FILE is what mixnet-training --animation=FILE has written, or any other animation of NetAnim 3.108.
Without --shots, NetAnim's window opens with the file in it: press its button to play.

--shots:  plays the animation to its end on a display of its own and takes a picture of the window
          at each time, in the file's unit of time, as NetAnim's clock shows it.
--to:     where the pictures FILE-TIME.png go; the folder of FILE unless given.
--size:   of the window, in pixels; 1400x1000 unless given.

NetAnim comes with the source of ns-3 and is built in build/netanim, in a few minutes; it needs
Qt 5 (packages qtbase5-dev, qt5-qmake, libqt5svg5-dev and make) and for pictures a virtual display
(xvfb, xauth). These are installed first; --no-install prints the command instead.
"""

import argparse
import math
import os
import re
import sys
from pathlib import Path
from typing import List, Sequence

sys.dont_write_bytecode = True  # nothing changes outside build/

import system_packages  # noqa: E402
import workspace as workspaces  # noqa: E402
from console import Failure, Parser, guarded  # noqa: E402
from viewers import netanim  # noqa: E402
from viewers.netanim import Size  # noqa: E402

SMALLEST, LARGEST = 300, 8000  # pixels


def read_times(text: str) -> List[str]:
    """The times of --shots, as they were written."""
    times = text.split(",")
    for time in times:
        try:
            value = float(time)
        except ValueError:
            value = math.nan
        if not 0 <= value < math.inf or not re.fullmatch(r"[\d.eE+-]+", time):
            raise Failure(f"--shots={text}: '{time}' is no time; expected numbers from 0, as "
                          "10,32.5")
    return times


def read_size(text: str) -> Size:
    """The size of --size."""
    match = re.fullmatch(r"(\d{1,6})x(\d{1,6})", text)
    if not match or not all(SMALLEST <= int(number) <= LARGEST for number in match.groups()):
        raise Failure(f"--size={text}: must be WIDTHxHEIGHT, each {SMALLEST} to {LARGEST}, "
                      "as 1400x1000")
    return Size(int(match[1]), int(match[2]))


def read_arguments(words: Sequence[str]) -> argparse.Namespace:
    """Reads the command line."""
    parser = Parser(prog="utils/netanim.py", description=__doc__, usage=argparse.SUPPRESS,
                    formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--shots")
    parser.add_argument("--to", type=Path)
    parser.add_argument("--size")
    parser.add_argument("--no-install", action="store_true")
    arguments = parser.parse_args(words)
    if arguments.file is None:
        parser.error("which animation? Expected a file of mixnet-training --animation=FILE")
    for option in ("to", "size"):
        if getattr(arguments, option) is not None and arguments.shots is None:
            parser.error(f"--{option} is for pictures, with --shots=TIMES")
    if arguments.to is not None and not arguments.to.is_dir():
        parser.error(f"--to={arguments.to}: there is no such folder")
    return arguments


def main(words: Sequence[str]) -> int:
    """Does what the command line says."""
    arguments = read_arguments(words)
    times = read_times(arguments.shots) if arguments.shots is not None else []
    size = read_size(arguments.size or "1400x1000")
    netanim.check_animation(arguments.file)
    forbidden = os.environ.get("MIXNET_NO_INSTALL", "") not in ("", "0")
    system_packages.ensure_packages(["netanim"], not (arguments.no_install or forbidden), False)
    program = netanim.build(workspaces.locate())
    if not times:
        return netanim.show(program, arguments.file)
    folder = arguments.to or arguments.file.parent
    for picture in netanim.take_pictures(program, arguments.file, folder, times, size):
        print(picture)
    return 0


if __name__ == "__main__":
    sys.exit(guarded("netanim.py", lambda: main(sys.argv[1:])))
