#!/usr/bin/env python3
# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Builds the manual as HTML pages.

usage: utils/manual.py [--output=FOLDER] [--no-install]

The pages are in FOLDER, build/manual/html unless given; the first is index.html. Chapters are
contrib/mixnet/doc/*.rst and doc/manual/*.rst; those with attributes, trace sources, names and
options are made from what the programs say about themselves, which `./ns3 build` builds if need be.
A warning of Sphinx is an error. Needs Sphinx (the package python3-sphinx), which is installed when
that is allowed, as by ./ns3; --no-install, or MIXNET_NO_INSTALL=1, forbids it.
"""

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import List, Sequence

sys.dont_write_bytecode = True  # nothing changes outside build/

import manual_reference  # noqa: E402
import ns3_tree  # noqa: E402
import system_packages  # noqa: E402
import workspace as workspaces  # noqa: E402
from commands import HANG_SECONDS, HANG_SECONDS_OF_ALL, capture  # noqa: E402
from console import Failure, Parser, last_lines, make_file  # noqa: E402
from simulations import Programs  # noqa: E402
from workspace import Workspace  # noqa: E402

CHAPTERS = (Path("contrib/mixnet/doc"), Path("doc/manual"))  # .rst, and what they include
LINKED = ("contrib", "examples", "utils")  # for what chapters quote of other files
MARKS = ("WARNING: ", "ERROR: ", "CRITICAL: ", "SEVERE: ")  # of what is wrong
PART = "manual"  # folder in the workspace's


def python_with_sphinx() -> str:
    """The Python that has Sphinx: ours, or the one that packages are for."""
    for python in dict.fromkeys(filter(os.path.exists, system_packages.PYTHONS)):
        if capture([python, "-c", "import sphinx"], HANG_SECONDS).succeeded:
            return python
    raise Failure("Sphinx is missing; install it, on Debian as python3-sphinx")


def build_programs(workspace: Workspace) -> None:
    """Has `./ns3` build what the manual asks, unless MIXNET_NS3 names a tree to take as it is."""
    if os.environ.get("MIXNET_NS3"):
        return
    build(workspace, [manual_reference.REFERENCE])  # prepares the tree where there is none
    tree = ns3_tree.existing_tree(workspace)
    build(workspace, manual_reference.program_names(tree) if tree else [])


def build(workspace: Workspace, names: Sequence[str]) -> None:
    """Has `./ns3` build programs."""
    outcome = capture([sys.executable, workspace.root / "ns3", "build", *names],
                      HANG_SECONDS_OF_ALL)
    if not outcome.succeeded:
        raise Failure("the programs could not be built; ./ns3 build said:\n"
                      + last_lines(outcome.output, 12))


def collect(root: Path, source: Path) -> None:
    """Puts all chapters into one folder, and the generated ones beside them."""
    for folder in CHAPTERS:
        for path in sorted((root / folder).iterdir()):
            if path.is_dir():
                shutil.copytree(path, source / path.name, dirs_exist_ok=True)
            elif path.suffix in (".rst", ".txt", ".py", ".css"):
                shutil.copyfile(path, source / path.name)
    for name in LINKED:
        (source / name).symlink_to(root / name)
    manual_reference.write(root, Programs(source), source)


def run_sphinx(source: Path, output: Path, scratch: Path) -> None:
    """Has Sphinx make the pages; raises Failure with its warnings."""
    command = [python_with_sphinx(), "-m", "sphinx", "-b", "html", "-W", "--keep-going", "-n", "-q",
               "-d", scratch / "doctrees", source, output]
    outcome = capture(command, HANG_SECONDS_OF_ALL)
    if not outcome.succeeded:
        lines = outcome.output.replace(f"{source}/", "").splitlines()
        said = [line for line in lines if any(word in line for word in MARKS)]
        raise Failure("the manual has errors:\n" + last_lines("\n".join(said or lines), 40))


def read_arguments(words: Sequence[str], workspace: Workspace) -> argparse.Namespace:
    """Reads the command line."""
    parser = Parser(prog="utils/manual.py", description=__doc__,
                    formatter_class=argparse.RawDescriptionHelpFormatter,
                    usage=argparse.SUPPRESS, allow_abbrev=False)
    parser.add_argument("--output", type=Path, default=workspace.state / PART / "html")
    parser.add_argument("--no-install", action="store_true",
                        default=os.environ.get("MIXNET_NO_INSTALL", "") not in ("", "0"))
    arguments = parser.parse_args(words)
    output = arguments.output
    if output.exists() and (not output.is_dir() or
                            (any(output.iterdir()) and not (output / "searchindex.js").exists())):
        parser.error(f"--output={output}: is there and is no manual, so it stays")
    return arguments


def make(words: List[str]) -> Path:
    """Builds the manual; its first page."""
    workspace = workspaces.locate()
    arguments = read_arguments(words, workspace)
    system_packages.ensure_packages(["manual"], not arguments.no_install, False)
    build_programs(workspace)
    with tempfile.TemporaryDirectory(prefix="mixnet-manual-") as folder:
        source, pages = Path(folder) / "source", Path(folder) / "html"
        source.mkdir()
        collect(workspace.root, source)
        run_sphinx(source, pages, Path(folder))
        shutil.rmtree(arguments.output, ignore_errors=True)
        arguments.output.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(str(pages), str(arguments.output))
    return arguments.output / "index.html"


if __name__ == "__main__":
    sys.exit(make_file("manual.py", lambda: make(sys.argv[1:])))
