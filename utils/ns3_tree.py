# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""An ns-3 tree with mixnet in it: found or fetched, linked, configured, built."""

import ast
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence

import ns3_source
import workspace as workspaces
from commands import HANG_SECONDS, capture
from console import Failure, last_lines, say, seconds_since, step
from workspace import Workspace

PROGRESS = re.compile(r"^\[\s*(\d+)(?:/(\d+)|%)\]")
NOISE = re.compile(r"^(ninja: (no work to do|Entering directory)|-- |make(\[\d+\])?: "
                   r"|Re-checking|gmake|Consolidate compiler|Scanning dependencies|$)")


class Program(NamedTuple):
    """A program of a configured tree."""

    path: Path  # the executable, built or not
    folders: Sequence[str]  # where it stands below the tree's output folder
    name: str  # without ns-3's version and profile
    target: str  # what to build

    def answers_to(self, wanted: str) -> bool:
        """Whether ns-3 knows it by this name: 'x', 'x.cc', 'examples/x', 'contrib/m/examples/x'."""
        words = wanted[:-3].split("/") if wanted.endswith(".cc") else wanted.split("/")
        full = [*self.folders, self.name]
        return full[-len(words):] == words


class Tree(NamedTuple):
    """An ns-3 tree."""

    path: Path
    ours: bool  # prepared by us, not the user's NS3_DIR

    @property
    def script(self) -> Path:
        """ns-3's own script."""
        return self.path / "ns3"

    @property
    def lock_file(self) -> Path:
        """The file in which ns-3 writes down how it is configured."""
        return self.path / f".lock-ns3_{sys.platform}_build"

    @property
    def cmake_cache(self) -> Path:
        """The folder CMake works in."""
        return self.path / "cmake-cache"

    def build_info(self) -> Dict[str, Any]:
        """What ns-3 wrote down about its configuration; empty when not configured."""
        try:
            text = self.lock_file.read_text(encoding="utf-8")
            nodes = ast.parse(text).body
            return {node.targets[0].id: ast.literal_eval(node.value)  # type: ignore[attr-defined]
                    for node in nodes if isinstance(node, ast.Assign)}
        except (OSError, SyntaxError, ValueError):
            return {}

    def is_configured(self) -> bool:
        """Whether a configuration came to its end, and can be built."""
        makefiles = ("build.ninja", "Makefile")
        return (self.lock_file.is_file() and (self.cmake_cache / "CMakeCache.txt").is_file()
                and any((self.cmake_cache / name).is_file() for name in makefiles))

    def output_folder(self) -> Path:
        """The folder of libraries and programs."""
        return Path(self.build_info().get("out_dir", self.path / "build"))

    def programs(self) -> List[Program]:
        """All programs of the configuration."""
        info = self.build_info()
        output = Path(info.get("out_dir", self.path / "build"))
        profile = info.get("BUILD_PROFILE", "")
        suffix = "" if profile == "release" else f"-{profile}"
        prefix = f"ns{info.get('VERSION', '')}-"
        return [describe_program(Path(path.strip()), output, prefix, suffix)
                for path in info.get("ns3_runnable_programs", []) if "pch_exec" not in path]


def describe_program(path: Path, output: Path, prefix: str, suffix: str) -> Program:
    """Tells a program's names from its path, by the rules of ns-3's script."""
    stem = path.name
    if stem.startswith(prefix):
        stem = stem[len(prefix):]
    if suffix and stem.endswith(suffix):
        stem = stem[: -len(suffix)]
    try:
        folders = list(path.parent.relative_to(output).parts)
    except ValueError:
        folders = list(path.parent.parts)
    if folders[:1] != ["scratch"]:
        return Program(path, folders, stem, stem)
    subfolders = "_".join([*folders[1:], ""])
    name = stem[len(subfolders):] if subfolders and stem.startswith(subfolders) else stem
    return Program(path, folders, name, "_".join([*folders, stem]))


# --- finding or fetching ---------------------------------------------------------------------


def tree_of_user(value: str) -> Tree:
    """The tree that NS3_DIR names."""
    path = Path(os.path.abspath(os.path.expanduser(value)))
    expected = ("Expected: the folder of ns-3 itself, 3.37 or newer, with its script `ns3`, its\n"
                "VERSION and src/core (in an all-in-one archive, the folder ns-3.NN).")
    if not path.is_dir():
        raise Failure(f"NS3_DIR={value}: no such folder.\n{expected}")
    for name in ("ns3", "VERSION", "src/core"):
        if not (path / name).exists():
            raise Failure(f"NS3_DIR={value}: it has no {name}.\n{expected}")
    version = (path / "VERSION").read_text(encoding="utf-8", errors="replace").strip()
    if (ns3_source.parse_version(version) or (0, 0)) < ns3_source.OLDEST_VERSION:
        raise Failure(f"NS3_DIR={value}: its version is {version}.\n{expected}")
    if workspaces.UNQUOTABLE.search(str(path)):
        raise Failure(f"NS3_DIR={value}: ns-3's scripts do not quote blanks and other special "
                      "characters in paths; move the tree.")
    return Tree(path, ours=False)


def existing_tree(workspace: Workspace, env: Mapping[str, str] = os.environ) -> Optional[Tree]:
    """The tree there is without fetching anything."""
    if env.get("NS3_DIR"):
        return tree_of_user(env["NS3_DIR"])
    path = ns3_source.unpacked_tree(workspace.state)
    return Tree(path, ours=True) if path else None


def fetch_tree(workspace: Workspace, pass_fds: Sequence[int]) -> Tree:
    """Fetches and unpacks ns-3."""
    archive = ns3_source.download(workspace.state, pass_fds)
    return Tree(ns3_source.unpack(archive, workspace.state), ours=True)


# --- links -----------------------------------------------------------------------------------


def wanted_links(root: Path) -> Dict[str, Path]:
    """The links a tree needs: place in the tree -> what it leads to in the repository."""
    links = {"contrib/mixnet": root / "contrib" / "mixnet"}
    if (root / "examples" / "CMakeLists.txt").is_file():
        links["examples/mixnet"] = root / "examples"
    scratch = root / "scratch"
    entries = sorted(scratch.iterdir()) if scratch.is_dir() else []
    for entry in entries:
        if entry.suffix == ".cc" or (entry.is_dir() and any(entry.rglob("*.cc"))):
            links[f"scratch/{entry.name}"] = entry
    return links


def is_ours(link: Path, root: Path, tree: Tree) -> bool:
    """Whether something in a tree is a link made by us; in our own tree every link is."""
    if not link.is_symlink():
        return False
    return tree.ours or root in Path(os.readlink(link)).parents


def update_links(tree: Tree, root: Path) -> bool:
    """Makes the links of a tree as they should be; returns whether anything changed."""
    wanted = wanted_links(root)
    changed = False
    for folder in ("contrib", "examples", "scratch"):
        (tree.path / folder).mkdir(exist_ok=True)
        for entry in list((tree.path / folder).iterdir()):
            if f"{folder}/{entry.name}" not in wanted and is_ours(entry, root, tree):
                entry.unlink()
                changed = True
    for place, target in wanted.items():
        changed |= update_link(tree, root, tree.path / place, target)
    return changed


def update_link(tree: Tree, root: Path, link: Path, target: Path) -> bool:
    """Makes one link; returns whether that changed anything."""
    if link.is_symlink() and os.readlink(link) == str(target):
        return False
    if os.path.lexists(link):
        if link.exists() and link.samefile(target):
            return False
        if not is_ours(link, root, tree):
            what = f"a link to {os.readlink(link)}" if link.is_symlink() else "something else"
            raise Failure(f"{link} should become a link to {target}, but {what} stands there. "
                          "Move it away, then try again.")
    temporary = link.with_name(f".{link.name}.new")
    if os.path.lexists(temporary):
        temporary.unlink()
    temporary.symlink_to(target)
    os.replace(temporary, link)
    return True


def listing(root: Path) -> List[str]:
    """The CMake lists of the repository that are part of a tree; a new one needs a new look."""
    places = [root / "contrib" / "mixnet", root / "examples", root / "scratch"]
    return sorted(str(path.relative_to(root)) for place in places
                  for path in place.rglob("CMakeLists.txt"))


# --- configuring -----------------------------------------------------------------------------


def configure_arguments(tree: Tree) -> List[str]:
    """How we configure: fast code, our module and what it needs, its examples and tests."""
    arguments = ["-d", "optimized", "--enable-modules=mixnet,point-to-point", "--enable-examples",
                 "--enable-tests", "--filter-module-examples-and-tests=mixnet"]
    if shutil.which("ninja") or shutil.which("ninja-build"):
        arguments += ["-G", "Ninja"]
    return arguments + (["--", "-DMIXNET_UNITY_NS3=ON"] if tree.ours else [])


class Stamp:
    """What is written down about the last configuration of a tree."""

    def __init__(self, workspace: Workspace, tree: Tree) -> None:
        digest = hashlib.sha256(str(tree.path).encode()).hexdigest()[:8]
        self.path = workspace.state / f"configured-{digest}.json"

    def read(self) -> Dict[str, Any]:
        """The content; empty when there is none."""
        try:
            return dict(json.loads(self.path.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return {}

    def write(self, **content: Any) -> None:
        """Replaces the content."""
        ns3_source.write_atomically(self.path, json.dumps(content))

    def remove(self) -> None:
        """Says that a configuration is under way."""
        self.path.unlink(missing_ok=True)


def remove_configuration(tree: Tree) -> None:
    """Takes an unfinished or foreign configuration out of a tree of ours."""
    tree.lock_file.unlink(missing_ok=True)
    for folder in (tree.cmake_cache, tree.path / "build"):
        shutil.rmtree(folder, ignore_errors=True)


def belongs_elsewhere(tree: Tree) -> bool:
    """Whether a configuration was made before the tree moved to its place."""
    try:
        text = (tree.cmake_cache / "CMakeCache.txt").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    home = re.search(r"^CMAKE_HOME_DIRECTORY:INTERNAL=(.*)$", text, re.MULTILINE)
    return bool(home) and os.path.realpath(home[1]) != os.path.realpath(tree.path)


def drop_moved_headers(tree: Tree) -> bool:
    """
    Removes the forwarding headers of headers that are no longer where they were.

    ns-3 writes build/include/ns3/NAME.h with the path of the real file once and never again.
    Returns whether there were any: then CMake has to look again.
    """
    dropped = False
    for header in (tree.output_folder() / "include" / "ns3").glob("*.h"):
        forward = re.match(r'#include "(/[^"]+)"', header.read_text(encoding="utf-8",
                                                                  errors="replace"))
        if forward and not Path(forward[1]).exists():
            header.unlink()
            dropped = True
    return dropped


def ensure_configured(workspace: Workspace, tree: Tree, links_changed: bool,
                      pass_fds: Sequence[int]) -> None:
    """Configures a tree that is not configured as it should be."""
    stamp = Stamp(workspace, tree)
    before = stamp.read()
    now = {"arguments": configure_arguments(tree), "lists": listing(workspace.root)}
    configured = tree.is_configured()
    moved = configured and drop_moved_headers(tree)
    if not before and configured and not tree.ours:
        before = {"by": "user", "arguments": [], "lists": []}  # as we found the user's tree
    by_user = before.get("by") == "user"
    if configured and before:
        same_lists = before.get("lists") == now["lists"] and not links_changed and not moved
        if same_lists and (by_user or before.get("arguments") == now["arguments"]):
            return
        if by_user:
            refresh(tree, workspace, pass_fds)
            if tree.ours or "ns3-mixnet" in enabled_modules(tree):
                stamp.write(by="user", **now)
                return
    stamp.remove()
    configure(workspace, tree, pass_fds)
    stamp.write(by="mixnet", **now)


def enabled_modules(tree: Tree) -> List[str]:
    """The modules that a tree is configured to build."""
    info = tree.build_info()
    return [*info.get("NS3_ENABLED_MODULES", []), *info.get("NS3_ENABLED_CONTRIBUTED_MODULES", [])]


def refresh(tree: Tree, workspace: Workspace, pass_fds: Sequence[int]) -> None:
    """Lets CMake look at the tree again, with the settings it has."""
    drop_moved_headers(tree)
    with step("configuring again, as you had configured it"):
        outcome = capture(["cmake", "."], HANG_SECONDS, cwd=tree.cmake_cache,
                          env=workspace.environment(os.environ), pass_fds=pass_fds)
    if not outcome.succeeded:
        raise Failure("CMake failed:\n" + last_lines(outcome.output, 25))


def configure(workspace: Workspace, tree: Tree, pass_fds: Sequence[int]) -> None:
    """Configures a tree with ns-3's own script."""
    if tree.ours and belongs_elsewhere(tree):
        remove_configuration(tree)
    command = [sys.executable, str(tree.script), "configure", *configure_arguments(tree)]
    drop_moved_headers(tree)
    env = workspace.environment(os.environ)
    with step(f"configuring {tree.path.name}"):
        outcome = capture(command, HANG_SECONDS, cwd=tree.path, env=env, pass_fds=pass_fds)
        if not outcome.succeeded and tree.ours and tree.cmake_cache.is_dir():
            remove_configuration(tree)  # left by something else: once more, from nothing
            outcome = capture(command, HANG_SECONDS, cwd=tree.path, env=env,
                              pass_fds=pass_fds)
    if not outcome.succeeded or not tree.is_configured():
        raise Failure("ns-3 could not be configured:\n" + last_lines(outcome.output, 25))


# --- building --------------------------------------------------------------------------------


def build(workspace: Workspace, folder: Path, targets: Sequence[str], what: str, jobs: int,
          pass_fds: Sequence[int]) -> bool:
    """
    Builds targets of a CMake folder, or everything; returns whether it succeeded.

    Prints nothing when there is nothing to do, the compiler's messages when there are any.
    """
    command = ["cmake", "--build", str(folder), "-j", str(jobs)]
    if targets:
        command += ["--target", *targets]
    env = workspace.environment(os.environ)
    if sys.stderr.isatty():
        env.setdefault("CLICOLOR_FORCE", "1")
    env.pop("NINJA_STATUS", None)
    process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, text=True,
                               errors="replace", stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, pass_fds=pass_fds)
    progress = BuildProgress(what)
    assert process.stdout is not None
    try:
        for line in process.stdout:
            progress.handle(line.rstrip("\n"))
        succeeded = process.wait() == 0
    except BaseException:
        process.terminate()
        process.wait()
        raise
    progress.close(succeeded)
    return succeeded


class BuildProgress:
    """Shows a build: one line that changes on a terminal, now and then a line elsewhere."""

    PAUSE_SECONDS = 20.0

    def __init__(self, what: str) -> None:
        self.what = what
        self.start = time.monotonic()
        self.last = self.start
        self.terminal = sys.stderr.isatty()
        self.started = False
        self.unfinished_line = False
        self.from_cmake: Optional[List[str]] = None  # while CMake looks again: what it prints

    def handle(self, line: str) -> None:
        """Takes one line of the build."""
        match = PROGRESS.match(line)
        if match:
            self.from_cmake = [] if "Re-running CMake" in line else None
            if not re.search(r"Re-checking|Re-running|Built target", line):
                self.show(f"{match[1]} of {match[2]}" if match[2] else f"{match[1]} %")
        elif self.from_cmake is not None:
            self.from_cmake.append(line)
        elif not NOISE.match(line):
            self.end_line()
            print(line, file=sys.stderr, flush=True)

    def show(self, position: str) -> None:
        """Shows how far the build has come."""
        now = time.monotonic()
        if self.terminal:
            print(f"\r\033[K[mixnet] building {self.what}: {position} "
                  f"({seconds_since(self.start)})", end="", file=sys.stderr, flush=True)
            self.unfinished_line = True
        elif not self.started:
            say(f"building {self.what} ...")
        elif now - self.last > self.PAUSE_SECONDS:
            say(f"building {self.what}: {position} ({seconds_since(self.start)})")
        else:
            return
        self.started = True
        self.last = now

    def end_line(self) -> None:
        """Makes room for a line of another kind."""
        if self.unfinished_line:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
            self.unfinished_line = False

    def close(self, succeeded: bool) -> None:
        """Closes the display."""
        self.end_line()
        if not succeeded and self.from_cmake:
            print(last_lines("\n".join(self.from_cmake), 30), file=sys.stderr, flush=True)
        if not succeeded:
            say(f"building {self.what} failed ({seconds_since(self.start)})")
        elif self.started:
            say(f"built {self.what} ({seconds_since(self.start)})")


def module_target(tree: Tree, word: str) -> Optional[str]:
    """What CMake calls a module ('mixnet') or its tests ('mixnet-test'); None for other words."""
    module = word[:-len("-test")] if word.endswith("-test") else word
    if f"ns3-{module}" not in enabled_modules(tree):
        return None
    version = ns3_source.parse_version(str(tree.build_info().get("VERSION", "")))
    return word if version and version >= (3, 43) else f"lib{word}"


def find_programs(workspace: Workspace, tree: Tree, wanted: str,
                  pass_fds: Sequence[int]) -> List[Program]:
    """The programs that answer to a name; CMake looks again before there is none."""
    found = [program for program in tree.programs() if program.answers_to(wanted)]
    if not found:
        target = ["--target", "build.ninja"] if (tree.cmake_cache / "build.ninja").exists() else []
        command = ["cmake", "--build", ".", *target] if target else ["cmake", "."]
        outcome = capture(command, HANG_SECONDS, cwd=tree.cmake_cache,
                          env=workspace.environment(os.environ), pass_fds=pass_fds)
        if not outcome.succeeded:
            raise Failure("CMake failed:\n" + last_lines(outcome.output, 30))
        found = [program for program in tree.programs() if program.answers_to(wanted)]
    return found
