# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""The folder in which everything is prepared, and the lock that keeps two preparations apart."""

import contextlib
import fcntl
import hashlib
import os
import re
import time
from pathlib import Path
from typing import Dict, Iterator, List, Mapping, NamedTuple

from commands import HANG_SECONDS_OF_ALL
from console import Failure, say

ROOT = Path(__file__).resolve().parent.parent

# ns-3's scripts hand paths to a shell without quotes ...
UNQUOTABLE = re.compile(r"""[\s'"`$;&|()<>*?\[\]#~!{}\\]""")
# ... and its script `ns3` loses its way below folders with the names of ns-3's own.
CONFUSING = ("contrib", "examples", "scratch")


class Workspace(NamedTuple):
    """A repository and the folder where its tree, caches and stamps are."""

    root: Path
    state: Path

    @property
    def lock_path(self) -> Path:
        """The file that a preparation locks."""
        return self.state / "lock"

    def environment(self, base: Mapping[str, str]) -> Dict[str, str]:
        """
        The environment for ns-3's scripts and its build.

        ns-3 edits the configuration of ccache, so ccache gets one of ours, next to its files.
        The script refuses to work for a user called root, who often is all there is in a
        container. It asks for colours, which are a compiler flag: CMake must see the same wish
        when it runs without the script, or everything is compiled again.
        """
        env = dict(base)
        if env.get("USER") == "root":
            del env["USER"]
        if "CCACHE_CONFIGPATH" not in env:
            env["CCACHE_CONFIGPATH"] = str(self.state / "ccache.conf")
        env["CLICOLOR"] = "1"
        env.setdefault("CCACHE_DIR", str(self.state / "ccache"))
        return env


def is_awkward(path: Path) -> bool:
    """Whether ns-3's scripts would stumble over a path."""
    return bool(UNQUOTABLE.search(str(path))) or any(part in CONFUSING for part in path.parts)


def cache_folder(root: Path, env: Mapping[str, str]) -> Path:
    """The folder in the user's cache that belongs to a repository."""
    home = env.get("HOME") or "/tmp"
    base = Path(env.get("XDG_CACHE_HOME") or Path(home) / ".cache")
    return base / "mixnet" / hashlib.sha256(str(root).encode()).hexdigest()[:10]


def locate(root: Path = ROOT, env: Mapping[str, str] = os.environ) -> Workspace:
    """Chooses the folder: build/ in the repository, or one in the cache for awkward paths."""
    if not is_awkward(root):
        return Workspace(root, root / "build")
    state = cache_folder(root, env)
    if UNQUOTABLE.search(str(state)):
        raise Failure(
            f"the path {root} has characters that ns-3's scripts do not quote, and so has the\n"
            f"cache folder {state}.\nMove the repository, or set XDG_CACHE_HOME to a plain path.")
    return Workspace(root, state)


def create(workspace: Workspace) -> None:
    """Creates the folder; says where it is when that is not in the repository."""
    if workspace.state.is_dir():
        return
    try:
        workspace.state.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Failure(f"cannot create {workspace.state}: {error.strerror}") from error
    if workspace.root not in workspace.state.parents:
        say(f"ns-3's scripts cannot work below {workspace.root}; building in {workspace.state}")


def seed_ccache_settings(workspace: Workspace) -> None:
    """Starts ccache's configuration from the one in the user's CCACHE_DIR, if he has set it."""
    target = workspace.state / "ccache.conf"
    if target.exists():
        return
    theirs = Path(os.environ.get("CCACHE_DIR", "/nowhere")) / "ccache.conf"
    text = theirs.read_text(encoding="utf-8") if theirs.is_file() else ""
    target.write_text(text, encoding="utf-8")


@contextlib.contextmanager
def locked(workspace: Workspace, timeout: float = HANG_SECONDS_OF_ALL) -> Iterator[List[int]]:
    """
    Holds the lock of a workspace.

    Yields the file descriptor, in a list, for children to inherit: the lock then stays until
    the last of them has ended, even when this process is killed.
    """
    create(workspace)
    try:
        descriptor = os.open(workspace.lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise Failure(f"cannot write to {workspace.state}: {error.strerror}") from error
    try:
        wait_for_lock(descriptor, timeout)
        yield [descriptor]
    finally:
        os.close(descriptor)


def wait_for_lock(descriptor: int, timeout: float) -> None:
    """Takes the lock, waiting for another preparation to end."""
    deadline = time.monotonic() + timeout
    announced = False
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            pass
        if not announced:
            say("another preparation is running, waiting ...")
            announced = True
        if time.monotonic() >= deadline:
            raise Failure(f"another preparation has been running for {timeout / 60:.0f} min; "
                          "end it, then try again")
        time.sleep(0.2)
