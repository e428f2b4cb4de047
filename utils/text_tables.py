# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Tables as text: for a terminal, and as Markdown."""

from pathlib import Path
from typing import List, NamedTuple, Sequence


class TextTable(NamedTuple):
    """A table with what stands above and below it."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    before: Sequence[str] = ()  # lines
    after: Sequence[str] = ()
    texts: int = 1  # columns from the left whose cells are words; the others are numbers

    def terminal(self) -> str:
        """For a terminal."""
        widths = [max(len(row[column]) for row in [self.head, *self.rows])
                  for column in range(len(self.head))]
        lines = ["  ".join(cell.ljust(width) if self.is_text(column) else cell.rjust(width)
                           for column, (cell, width) in enumerate(zip(row, widths))).rstrip()
                 for row in [self.head, ["-" * width for width in widths], *self.rows]]
        return "\n".join([self.title, *self.before, *lines, *self.after]) + "\n"

    def is_text(self, column: int) -> bool:
        """Whether a column has words."""
        return column < self.texts or column == len(self.head) - 1

    def markdown(self) -> str:
        """As Markdown."""
        def line(cells: Sequence[str]) -> str:
            return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"

        rule = [":--" if self.is_text(column) else "--:" for column in range(len(self.head))]
        lines = [line(row) for row in [self.head, rule, *self.rows]]
        return "\n".join([f"## {self.title}", "", *paragraphs(self.before), *lines, "",
                          *paragraphs(self.after)])


def paragraphs(lines: Sequence[str]) -> List[str]:
    """Lines as paragraphs of Markdown."""
    return [text for line in lines for text in (line, "")]


def write_markdown(path: Path, title: str, tables: Sequence[TextTable]) -> None:
    """Writes tables into a file."""
    text = "\n".join([f"# {title}", "", *(table.markdown() for table in tables)])
    path.write_text(text.rstrip() + "\n", encoding="utf-8")
