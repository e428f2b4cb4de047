#!/usr/bin/env python3
# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Prints a fabric file: a torus of servers, joined NIC to NIC.

Usage: make-torus.py WIDTH HEIGHT > torus.json
"""

import sys

RIGHT, LEFT, DOWN, UP = range(4)  # NICs


def torus(width: int, height: int) -> str:
    """The text of the file."""
    def link(x: int, y: int, nic: int, x_there: int, y_there: int, nic_there: int) -> str:
        there = y_there % height * width + x_there % width
        return f'["host{y * width + x}/{nic}", "host{there}/{nic_there}"]'

    pairs = [f"    {link(x, y, RIGHT, x + 1, y, LEFT)}, {link(x, y, DOWN, x, y + 1, UP)}"
             for y in range(height) for x in range(width)]
    links = ",\n".join(pairs)
    return f"""{{
  "name": "torus-{width}x{height}",
  "description": "NIC 0 of a server leads to NIC 1 of the one on its right, NIC 2 to NIC 3 below",
  "host": {{"gpus": 8, "opticalNics": 4}},
  "hosts": {width * height},
  "links": [
{links}
  ]
}}"""


if __name__ == "__main__":
    if len(sys.argv) != 3 or not all(word.isdigit() and int(word) > 1 for word in sys.argv[1:]):
        sys.exit(__doc__)
    print(torus(int(sys.argv[1]), int(sys.argv[2])))
