#!/usr/bin/env python3
# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""
Checks the style of the sources: with ns-3's own script, with Doxygen, whose every warning counts,
and by a few rules of this project.

Exit code: 0 when all is well, 1 when something is not, 2 when ns-3's script or Doxygen cannot run,
because clang-format (14 to 16) or doxygen (1.9) is missing or there is no ns-3 tree; all other
checks have passed then.
"""

import os
import re
import shutil
import sys
from argparse import RawDescriptionHelpFormatter
from pathlib import Path
from typing import List, Optional

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import doxygen_warnings  # noqa: E402
import layers  # noqa: E402
import ns3_tree  # noqa: E402
import workspace as workspaces  # noqa: E402
from commands import HANG_SECONDS, capture  # noqa: E402
from console import Failure, Parser, say  # noqa: E402
from workspace import Workspace  # noqa: E402

CODE_FOLDERS = ("contrib", "examples", "scratch", "test")
TEXT_FOLDERS = ("doc", "utils")
PERSONAL_PATH = re.compile(r"(?<![\w.])/(home|Users|root|work)/\w")
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<(ns3/[^>]+)>)', re.MULTILINE)


def sources(root: Path) -> List[Path]:
    """All C++ files of the project."""
    return sorted(path for folder in CODE_FOLDERS for path in (root / folder).rglob("*")
                  if path.suffix in (".cc", ".h") and path.is_file())


def read(path: Path) -> str:
    """The text of a file, whatever it holds."""
    return path.read_text(encoding="utf-8", errors="replace")


def check_licences(root: Path) -> List[str]:
    """Every C++ file names its licence."""
    return [f"{path.relative_to(root)}: no SPDX-License-Identifier in its first lines"
            for path in sources(root)
            if "SPDX-License-Identifier: GPL-2.0-only" not in read(path)[:1000]]


def check_guards(root: Path) -> List[str]:
    """Every header is guarded by its own name."""
    problems = []
    for path in sources(root):
        guard = re.sub(r"\W", "_", path.name).upper()
        wanted = rf"^#ifndef {guard}\n#define {guard}\n"
        if path.suffix == ".h" and not re.search(wanted, read(path), re.MULTILINE):
            problems.append(f"{path.relative_to(root)}: its include guard should be {guard}")
    return problems


def check_core_includes(root: Path) -> List[str]:
    """Core includes nothing of ns-3, nor of the module's other folders."""
    core = root / "contrib" / "mixnet" / "core"
    files = [path for path in sources(root) if core in path.parents]
    own = {path.name for path in files if path.suffix == ".h"}
    return [f"{path.relative_to(root)}: core must not include {match[1] or match[2]}"
            for path in files for match in INCLUDE.finditer(read(path))
            if (match[1] or match[2]).rsplit("/", 1)[-1] not in own]


def tracked_files(root: Path) -> List[Path]:
    """The files under version control; all but build/ where that cannot be told."""
    listed = capture(["git", "-C", root, "ls-files", "-z"], HANG_SECONDS)
    if listed.succeeded and listed.output:
        return [root / name for name in listed.output.split("\0") if name]
    return [path for path in root.rglob("*")
            if not {".git", "build"} & set(path.relative_to(root).parts)]


def check_personal_paths(root: Path) -> List[str]:
    """No file names a place that is only on somebody's machine."""
    problems = []
    for path in tracked_files(root):
        if path.is_symlink() or not path.is_file():
            continue
        for number, line in enumerate(read(path).splitlines(), 1):
            match = PERSONAL_PATH.search(line)
            if match:
                problems.append(f"{path.relative_to(root)}:{number}: a personal path, "
                                f"{match[0]}...")
    return problems


def link_for_style(workspace: Workspace, tree: Path) -> Path:
    """
    A folder with links to our sources and to ns-3's .clang-format.

    clang-format looks for its settings above the file it reads, by the path it is given.
    """
    folder = workspace.state / "style"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / ".clang-format").symlink_to(tree / ".clang-format")
    for name in (*CODE_FOLDERS, *TEXT_FOLDERS):
        if (workspace.root / name).is_dir():
            (folder / name).symlink_to(workspace.root / name)
    return folder


def run_ns3_check(workspace: Workspace, tree: Path, fix: bool) -> Optional[List[str]]:
    """Runs ns-3's script; returns what it found, or None when it could not run."""
    if not any(shutil.which(name) for name in
               ("clang-format", "clang-format-14", "clang-format-15", "clang-format-16")):
        say("clang-format is missing; it is in the package clang-format (14 to 16)")
        return None
    folder = link_for_style(workspace, tree)
    script = tree / "utils" / "check-style-clang-format.py"
    problems: List[str] = []
    for name in (*CODE_FOLDERS, *TEXT_FOLDERS):
        if not (folder / name).exists():
            continue
        command = [sys.executable, script, f"{folder / name}/", *(["--fix"] if fix else [])]
        outcome = capture(command, timeout=HANG_SECONDS, env=workspace.environment(os.environ))
        if "Could not find any supported version" in outcome.output:
            say(outcome.output.strip())
            return None
        if not outcome.succeeded:
            problems += [line.replace(f"{folder}/", "").replace("//", "/")
                         for line in outcome.output.splitlines()
                         if line and not re.match(r"(All files|No files)", line)]
        elif fix:
            print(outcome.output.replace(f"{folder}/", "").strip())
    return problems


def run_doxygen(workspace: Workspace, tree: Path) -> Optional[List[str]]:
    """Runs Doxygen; returns what it warned of, or None when it could not run."""
    reason = doxygen_warnings.why_not()
    if reason:
        say(reason)
        return None
    return doxygen_warnings.find(workspace, tree)


def main() -> int:
    """Runs all checks."""
    parser = Parser(prog="utils/check-style.py", description=__doc__,
                    formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--fix", action="store_true", help="mend what ns-3's script can mend")
    arguments = parser.parse_args()
    workspace = workspaces.locate()
    problems: List[str] = []
    for check in (check_licences, check_guards, check_core_includes, layers.find,
                  check_personal_paths):
        problems += check(workspace.root)
    tree = ns3_tree.existing_tree(workspace)
    found: List[Optional[List[str]]] = [None]
    if tree is None:
        say("there is no ns-3 tree yet; ./ns3 build prepares one")
    else:
        found = [run_ns3_check(workspace, tree.path, arguments.fix),
                 run_doxygen(workspace, tree.path)]
    problems += [problem for result in found for problem in result or []]
    for problem in problems:
        print(problem)
    if problems:
        return 1
    return 2 if None in found else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        say(f"error: {failure}")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
