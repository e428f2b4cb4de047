#!/usr/bin/env python3
# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Makes one page of a run of mixnet-training, all-to-all, training-graph or training-traffic, or of
several runs side by side.

usage: utils/report.py FOLDER... [--output=FILE] [--title=TEXT]

The page is one file of HTML that loads nothing: what was run, what came out, where the time goes,
who does what when, demand and circuits, the busiest ports, warnings, and how to repeat it. It can
be sent and printed. Of several runs, values stand side by side, with the change since the first.

FILE is FOLDER/report.html unless given, of several folders report.html; only an earlier report is
overwritten. TEXT is the title of the page.
Needs Jinja2 (the package python3-jinja2).
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import Dict, Optional, Sequence

sys.dont_write_bytecode = True  # nothing changes outside build/

import report_runs  # noqa: E402
import report_sections as sections  # noqa: E402
from console import Failure, Parser, make_file  # noqa: E402
from python_modules import find_module  # noqa: E402
from report_runs import Run  # noqa: E402

TEMPLATE = "report.html.j2"
MARK = '<meta name="generator" content="mixnet report">'
MARK_BYTES = 2000  # of a file, in which the mark of a report is
MOST_RUNS = 12


def page_of(runs: Sequence[Run], title: Optional[str]) -> str:
    """The page."""
    jinja2 = find_module("jinja2", "python3-jinja2")
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(str(Path(__file__).resolve().parent)), autoescape=True,
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["shown"] = sections.shown
    return environment.get_template(TEMPLATE).render(
        mark=MARK, title=title or sections.title_of(runs), runs=runs,
        **sections.sections_of(runs)) + "\n"


def check_output(output: Path) -> None:
    """Refuses a file that cannot be written, or that is no report, before anything is read."""
    if output.suffix.lower() not in (".html", ".htm"):
        raise Failure(f"--output={output}: its ending must be .html or .htm")
    if not output.absolute().parent.is_dir():
        raise Failure(f"--output={output}: there is no folder {output.parent}")
    if output.is_dir():
        raise Failure(f"--output={output}: is a folder; expected a file, as "
                      f"{output / 'report.html'}")
    if not output.exists() and not output.is_symlink():
        return
    if not output.is_file():
        raise Failure(f"--output={output}: is no file that could be written")
    with output.open("rb") as file:
        if MARK.encode() not in file.read(MARK_BYTES):
            raise Failure(f"{output}: is there and is no report, so it stays; choose another with "
                          "--output=FILE")


def write_whole(output: Path, page: str) -> None:
    """Writes a file as a whole, or not at all."""
    target = output.resolve()
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part",
                                        dir=target.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(page)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask)
        os.replace(name, target)
    except BaseException:
        os.unlink(name)
        raise


def read_arguments(words: Sequence[str]) -> argparse.Namespace:
    """Reads the command line."""
    parser = Parser(prog="utils/report.py", description=__doc__,
                    formatter_class=argparse.RawDescriptionHelpFormatter,
                    usage=argparse.SUPPRESS, allow_abbrev=False)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--output", type=Path)
    parser.add_argument("--title")
    arguments = parser.parse_args(words)
    if not arguments.folders:
        parser.error("of which folder? Expected that of a run, as mixnet-output")
    if len(arguments.folders) > MOST_RUNS:
        parser.error(f"{len(arguments.folders)} folders; a report has at most {MOST_RUNS}")
    seen: Dict[Path, Path] = {}
    for folder in arguments.folders:
        if seen.setdefault(folder.resolve(), folder) is not folder:
            parser.error(f"{folder}: is given twice")
    return arguments


def default_output(folders: Sequence[Path]) -> Path:
    """Where a report goes unless told otherwise."""
    return folders[0] / "report.html" if len(folders) == 1 else Path("report.html")


def make(arguments: argparse.Namespace) -> Path:
    """Makes a report; where it is."""
    runs = [Run(folder) for folder in arguments.folders]
    report_runs.label_runs(runs)
    output = arguments.output or default_output(arguments.folders)
    check_output(output)
    write_whole(output, page_of(runs, arguments.title))
    return output


if __name__ == "__main__":
    sys.exit(make_file("report.py", lambda: make(read_arguments(sys.argv[1:]))))
