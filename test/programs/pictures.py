# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""For tests of what others show of our files: reads the pictures (PNG) they took."""

import struct
import zlib
from pathlib import Path
from typing import List, NamedTuple

SIGNATURE = b"\x89PNG\r\n\x1a\n"
BYTES_PER_PIXEL = {2: 3, 6: 4}  # of 8-bit pictures, by their type of colour: RGB, RGBA


class Picture(NamedTuple):
    """A picture."""

    width: int
    height: int
    pixels: List[bytes]  # row by row, from the upper left corner

    def colours(self) -> int:
        """How many different colours there are."""
        return len(set(self.pixels))

    def changed(self, other: "Picture") -> float:
        """The part of the pixels in which another picture of this size differs."""
        assert (self.width, self.height) == (other.width, other.height)
        return sum(a != b for a, b in zip(self.pixels, other.pixels)) / len(self.pixels)


def predict(kind: int, left: int, above: int, corner: int) -> int:
    """What a byte is the difference to, by the kind of its row's filter."""
    if kind < 3:
        return (0, left, above)[kind]
    if kind == 3:
        return (left + above) // 2
    guess = left + above - corner
    return min((left, above, corner), key=lambda each: abs(guess - each))


def read_picture(path: Path) -> Picture:
    """Reads an 8-bit picture in colour that is not interlaced."""
    data = path.read_bytes()
    assert data.startswith(SIGNATURE), path
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", data[16:29])
    assert depth == 8 and not interlaced, path
    packed, place = b"", len(SIGNATURE)
    while place < len(data):
        length, name = struct.unpack(">I4s", data[place:place + 8])
        packed += data[place + 8:place + 8 + length] if name == b"IDAT" else b""
        place += length + 12  # with length, name and checksum
    raw, size = zlib.decompress(packed), BYTES_PER_PIXEL[colour]
    stride = width * size
    above, pixels = bytearray(stride), []
    for row in range(height):
        start = row * (stride + 1)
        kind, line = raw[start], bytearray(raw[start + 1:start + 1 + stride])
        for at in range(stride if kind else 0):
            left, corner = (line[at - size], above[at - size]) if at >= size else (0, 0)
            line[at] = (line[at] + predict(kind, left, above[at], corner)) & 255
        pixels += [bytes(line[at:at + 3]) for at in range(0, stride, size)]
        above = line
    return Picture(width, height, pixels)
