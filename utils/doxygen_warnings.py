# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""What Doxygen misses in our comments, and finds wrong in them."""

import os
import re
import shutil
from pathlib import Path
from typing import Dict, Iterator, List, Tuple

from commands import HANG_SECONDS, capture, describe_end
from workspace import Workspace

KNOWN = "1.9."  # releases whose warnings are known to be right
INCLUDE = re.compile(r'^\s*#\s*include\s*["<](?:ns3/)?([^">/]+\.h)[">]', re.MULTILINE)
WARNING = re.compile(r"(?:(?P<file>.+?):(?P<line>\d+): )?(?:warning|error): (?P<text>.*)")
MEMBER = re.compile(r"of member (\S+) (?:is|are) not documented")


def read(path: Path) -> str:
    """The text of a file, whatever it holds."""
    return path.read_text(encoding="utf-8", errors="replace")


def sources(root: Path) -> List[Path]:
    """The files Doxygen reads; headers first."""
    files = [path for path in (root / "contrib" / "mixnet").rglob("*")
             if path.suffix in (".cc", ".h")]
    return sorted(files, key=lambda path: (path.suffix != ".h", path))


def included_headers(root: Path, tree: Path) -> List[Path]:
    """The headers of ns-3 that our files include, and those that these include."""
    there = {path.name: path for path in (tree / "src").glob("*/*/*.h")}
    found: Dict[str, Path] = {}
    unread = sources(root)
    while unread:
        for name in INCLUDE.findall(read(unread.pop())):
            if name in there and name not in found:
                found[name] = there[name]
                unread.append(there[name])
    return sorted(found.values())


def is_ours(member: str) -> bool:
    """Whether a member, by its full name, is one of this project's."""
    return not member.startswith("ns3::") or member.startswith("ns3::mixnet::")


def place_of(member: str, root: Path) -> Tuple[str, int]:
    """Where a function is declared, as far as its full name tells: file and line."""
    *scopes, name = member.split("::")
    scope = scopes[-1] if scopes else ""
    anonymous = re.fullmatch(r"anonymous_namespace\{(.*)\}", scope)
    opening = re.compile("^" if anonymous else
                         rf"\b(?:class|struct|namespace) (?:\w+::)*{re.escape(scope)}\b")
    before = r"\s*" if name == scope else r"|[ \t]*(?!return\b)[\w:<>,&*\[\] ]*[\w>][ &*]+"
    declaration = re.compile(rf"^(?:{before}){re.escape(name)}\(", re.MULTILINE)
    for path in sources(root):
        if anonymous and path.name != anonymous[1]:
            continue
        text = read(path)
        start = opening.search(text)
        match = declaration.search(text, start.end()) if start else None
        if match:
            return str(path.relative_to(root)), text.count("\n", 0, match.end()) + 1
    return "contrib/mixnet", 0


def entries(log: str) -> Iterator[List[str]]:
    """The warnings of a log: file, line, text; a text of several lines is made one."""
    entry: List[str] = []
    for line in log.splitlines():
        match = WARNING.match(line)
        if match:
            if entry:
                yield entry
            entry = [match["file"] or "", match["line"] or "0", match["text"]]
        elif entry and line.strip():
            entry[2] += f" {line.strip()}"
    if entry:
        yield entry


def read_log(log: str, root: Path) -> List[str]:
    """The warnings about this project, each once, in the order of files and lines."""
    found = set()
    for file, line, text in entries(log):
        member = MEMBER.search(text)
        if file.startswith("<") and member:  # Doxygen 1.9.4 has lost its place
            if is_ours(member[1]):
                found.add((*place_of(member[1], root), text))
        elif not file:
            found.add(("doc/doxygen.conf", 0, text))
        elif root / "contrib" in Path(file).parents:
            found.add((str(Path(file).relative_to(root)), int(line), text))
    return [f"{file}:{line}: {text}" for file, line, text in sorted(found)]


def why_not() -> str:
    """Why there is no Doxygen to ask; empty where there is one."""
    if not shutil.which("doxygen"):
        return "doxygen is missing; it is in the package doxygen"
    outcome = capture(["doxygen", "--version"], HANG_SECONDS)
    version = outcome.output.strip()
    # What counts as a gap differs from release to release.
    return "" if version.startswith(KNOWN) else f"doxygen is {version or 'broken'}, not {KNOWN}x"


def find(workspace: Workspace, tree: Path) -> List[str]:
    """Runs Doxygen over the project; returns what it warns of."""
    folder = workspace.state / "doxygen"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    headers = included_headers(workspace.root, tree)
    settings = folder / "doxygen.conf"
    settings.write_text(f'@INCLUDE = "{workspace.root / "doc" / "doxygen.conf"}"\n'
                        f'OUTPUT_DIRECTORY = "{folder}"\n'
                        + "".join(f'INPUT += "{path}"\n' for path in headers), encoding="utf-8")
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    outcome = capture(["doxygen", settings], HANG_SECONDS, cwd=workspace.root, env=environment)
    shutil.rmtree(folder, ignore_errors=True)
    if not outcome.succeeded:
        return [f"doxygen: {describe_end(outcome, HANG_SECONDS)}", *outcome.output.splitlines()]
    return read_log(outcome.output, workspace.root)
