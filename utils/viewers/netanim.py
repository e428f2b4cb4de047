# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""
NetAnim: built from the source that comes with ns-3, and told to play an animation.

NetAnim's sources stay as they are; our netanim-player.cc takes the place of their main.cpp.
"""

import os
import shutil
import tarfile
from pathlib import Path
from typing import List, NamedTuple, Optional, Sequence, Set
from xml.etree import ElementTree

import ns3_source
import ns3_tree
import workspace as workspaces
from commands import HANG_SECONDS, HANG_SECONDS_OF_ALL, Outcome, capture, cores, describe_end
from console import Failure, last_lines, step
from ns3_source import parse_version, safe_members
from workspace import Workspace

PLAYER = Path(__file__).resolve().parent / "netanim-player.cc"
PROJECT = """\
include(NetAnim.pro)
SOURCES -= main.cpp
SOURCES += {player}
TARGET = netanim-player
CONFIG += c++17 release warn_off
"""
OLDEST_FORMAT = (3, 108)  # of files; NetAnim 3.108 refuses older ones
NODES_OF = {"nu": ("id",), "link": ("fromId", "toId"), "p": ("fId", "tId")}  # element -> attributes


class Size(NamedTuple):
    """Width and height of a window, in pixels."""

    width: int
    height: int


def netanim_prefix(names: Sequence[str]) -> Optional[str]:
    """The folder of NetAnim inside an archive: the one with its project file."""
    found = [name[: -len("NetAnim.pro")] for name in names if name.endswith("/NetAnim.pro")]
    return min(found, key=len, default=None)


def unpack(archive_path: Path, target: Path) -> None:
    """Unpacks NetAnim's folder of an all-in-one archive, as a whole or not at all."""
    temporary = target.with_name(target.name + ".new")
    shutil.rmtree(temporary, ignore_errors=True)
    with step("unpacking NetAnim"), tarfile.open(archive_path) as archive:
        prefix = netanim_prefix(archive.getnames())
        if prefix is None:
            raise Failure(f"{archive_path.name} holds no NetAnim")
        temporary.mkdir(parents=True)
        archive.extractall(temporary, safe_members(archive, prefix))
    os.replace(temporary, target)


def fetch_source(workspace: Workspace, target: Path, lock: Sequence[int]) -> None:
    """Gets NetAnim's source: beside the user's own ns-3, or from the archive of ours."""
    tree = ns3_tree.existing_tree(workspace)
    if tree is None or tree.ours:
        unpack(ns3_source.download(workspace.state, lock), target)
        return
    beside = sorted(tree.path.parent.glob("netanim-*/NetAnim.pro"))
    if not beside:
        raise Failure(f"NS3_DIR={tree.path}: there is no NetAnim beside it. Expected: "
                      f"{tree.path.parent}/netanim-3.108, as in an all-in-one archive")
    temporary = target.with_name(target.name + ".new")
    shutil.rmtree(temporary, ignore_errors=True)
    shutil.copytree(beside[-1].parent, temporary)
    os.replace(temporary, target)


def run_build(command: Sequence[str], folder: Path, lock: Sequence[int]) -> None:
    """Runs a command of the build, which must succeed."""
    outcome = capture(command, HANG_SECONDS, cwd=folder, pass_fds=lock)
    if not outcome.succeeded:
        raise Failure(f"NetAnim could not be built; {command[0]}: "
                      + describe_end(outcome, HANG_SECONDS) + "\n" + last_lines(outcome.output, 8))


def build(workspace: Workspace) -> Path:
    """Builds NetAnim with our player, if that has not been done; the program."""
    folder = workspace.state / "netanim"
    source, program = folder / "source", folder / "netanim-player"

    def is_built() -> bool:
        return program.is_file() and program.stat().st_mtime >= PLAYER.stat().st_mtime

    if is_built():  # then there is nothing to wait for
        return program
    with workspaces.locked(workspace, HANG_SECONDS_OF_ALL) as lock:
        if is_built():
            return program
        folder.mkdir(exist_ok=True)
        if not source.is_dir():
            fetch_source(workspace, source, lock)
        (source / "player.pro").write_text(PROJECT.format(player=PLAYER), encoding="utf-8")
        with step("building NetAnim"):
            run_build(["qmake", "source/player.pro"], folder, lock)
            run_build(["make", f"-j{cores()}"], folder, lock)
    return program


def check_animation(path: Path) -> None:
    """
    Refuses what is no animation.

    NetAnim itself would wait for a user to close a message, play what it could read of a broken
    file without a word, or crash on a node that is not there.
    """
    nodes: Set[str] = set()
    try:
        for event, element in ElementTree.iterparse(path, ("start", "end")):
            if event == "end":
                element.clear()
            elif element.tag == "node":
                nodes.add(element.get("id", ""))
            elif element.tag == "anim":
                check_head(path, element)
            elif not nodes:
                raise Failure(f"{path}: no animation of NetAnim, it has no nodes before "
                              f"<{element.tag}>")
            for attribute in NODES_OF.get(element.tag, ()) if event == "start" else ():
                if element.get(attribute) not in nodes:
                    raise Failure(f"{path}: <{element.tag} {attribute}="
                                  f"\"{element.get(attribute)}\"> is of a node that is not there")
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}") from error
    except ElementTree.ParseError as error:
        raise Failure(f"{path}: no animation of NetAnim, {error}") from error
    if not nodes:
        raise Failure(f"{path}: no animation of NetAnim, it has no nodes")


def check_head(path: Path, element: ElementTree.Element) -> None:
    """Refuses a version or a kind of file that NetAnim refuses."""
    version = element.get("ver", "").replace("netanim-", "")
    if element.get("filetype") != "animation" or (parse_version(version) or (0, 0)) < OLDEST_FORMAT:
        raise Failure(f"{path}: no animation of NetAnim 3.108 or newer; its head says ver="
                      f"\"{element.get('ver', '')}\" "
                      f"filetype=\"{element.get('filetype', '')}\"")


def show(program: Path, path: Path) -> int:
    """Opens an animation in a window and leaves it to the user; NetAnim's exit code."""
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise Failure("there is no display to open a window on (DISPLAY is not set); "
                      "--shots=TIMES takes pictures without one")
    return os.spawnv(os.P_WAIT, program, [str(program), str(path.resolve())])


def play(program: Path, path: Path, prefix: Path, times: Sequence[str], size: Size) -> Outcome:
    """Plays an animation to its end on a virtual display, with pictures at some times."""
    screen = f"-screen 0 {size.width}x{size.height}x24"
    env = dict(os.environ, QT_QPA_PLATFORM="xcb", QT_SCALE_FACTOR="1", LC_ALL="C.UTF-8")
    return capture(["xvfb-run", "-a", "-s", screen, program, path.resolve(), prefix,
                    str(size.width), str(size.height), *times],
                   HANG_SECONDS, env=env, errors_apart=True)


def take_pictures(program: Path, path: Path, folder: Path, times: Sequence[str],
                  size: Size) -> List[Path]:
    """
    Plays an animation to its end and takes pictures of NetAnim's window.

    @param program What build() returned.
    @param path The animation.
    @param folder Where the pictures go; it is there.
    @param times Of the pictures, as in the file; each names its picture.
    @param size Of the window.
    @return the pictures, in the order of their times.
    """
    check_animation(path)
    ordered = sorted(dict.fromkeys(times), key=float)
    outcome = play(program, path, folder.resolve() / f"{path.stem}-", ordered, size)
    pictures = [folder / f"{path.stem}-{time}.png" for time in ordered]
    if not outcome.succeeded or "ended at" not in outcome.output:
        said = [line for line in outcome.errors.splitlines() if "netanim-player:" in line]
        raise Failure(f"NetAnim did not play {path} to its end; "
                      + (said[-1] if said else describe_end(outcome, HANG_SECONDS) + "\n"
                         + last_lines(outcome.errors + outcome.output, 6)))
    return pictures
