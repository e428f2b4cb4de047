# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""
Gets the source code of ns-3: as a source package, with the machine's own apt and its settings.

apt keeps its lists, caches and downloads in a folder of ours, so that nothing else changes. Only
the original archive is used; the distribution's patches are not.
"""

import json
import os
import re
import shutil
import shlex
import tarfile
from pathlib import Path
from typing import List, NamedTuple, Optional, Sequence, Tuple

import apt_sources
from commands import HANG_SECONDS, Outcome, capture
from console import Failure, last_lines, step

OLDEST_VERSION = (3, 37)
NEWEST_VERSION = (1 << 30, 0)

BY_HAND = (
    "What to do: unpack an upstream ns-3 release, 3.37 or newer (the all-in-one archive\n"
    '"ns-allinone-3.37" from the ns-3 project, for example), anywhere, and name its ns-3 folder:\n'
    "    NS3_DIR=/path/to/ns-allinone-3.37/ns-3.37 ./ns3 ..."
)


class AptFolder(NamedTuple):
    """A private place for apt: its settings, lists and caches."""

    path: Path

    @property
    def settings(self) -> Path:
        """The file that APT_CONFIG names."""
        return self.path / "apt.conf"

    @property
    def parts(self) -> Path:
        """The folder of converted package sources."""
        return self.path / "sources"


def parse_version(text: str) -> Optional[Tuple[int, int]]:
    """Reads ns-3's VERSION: '3.37', '3.36.1', '3-dev' (newer than all); None when it is none."""
    text = text.strip()
    if re.match(r"3-dev", text):
        return NEWEST_VERSION
    match = re.match(r"(\d+)\.(\d+)", text)
    return (int(match[1]), int(match[2])) if match else None


def private_settings(dump: str, folder: AptFolder, as_root: bool) -> str:
    """
    The machine's apt settings (`apt-config dump`) with the places replaced by ours.

    Commands that apt would run after an update are left out: they tidy up the machine's caches.
    """
    kept = [line for line in dump.splitlines() if not re.match(r"\S*(Pre|Post)-Invoke", line)]
    ours = {
        "Dir::Etc::main": "/dev/null",
        "Dir::Etc::parts": "/dev/null",
        "Dir::Etc::sourcelist": "/dev/null",
        "Dir::Etc::sourceparts": f"{folder.parts}/",
        "Dir::State::lists": f"{folder.path}/lists/",
        "Dir::Cache": f"{folder.path}/cache/",
        "Acquire::Languages": "none",
        "Acquire::Retries": "1",
        "Acquire::http::Timeout": "20",
        "Acquire::https::Timeout": "20",
    }
    if as_root:
        ours["APT::Sandbox::User"] = "root"
    return "\n".join([*kept, *(f'{name} "{value}";' for name, value in ours.items())]) + "\n"


def apt_places() -> Tuple[Path, Path]:
    """The file and the folder of package sources that apt is set to."""
    outcome = capture(
        ["apt-config", "shell", "LIST", "Dir::Etc::sourcelist/f", "PARTS",
         "Dir::Etc::sourceparts/d"], timeout=HANG_SECONDS)
    places = dict(word.split("=", 1) for word in shlex.split(outcome.output) if "=" in word)
    return (Path(places.get("LIST", "/etc/apt/sources.list")),
            Path(places.get("PARTS", "/etc/apt/sources.list.d")))


def make_apt_folder(path: Path) -> AptFolder:
    """Writes the private settings and sources of apt."""
    shutil.rmtree(path, ignore_errors=True)
    folder = AptFolder(path)
    for part in ("lists/partial", "cache/archives/partial"):
        (path / part).mkdir(parents=True)
    folder.parts.mkdir()
    dump = capture(["apt-config", "dump"], timeout=HANG_SECONDS)
    folder.settings.write_text(private_settings(dump.output, folder, os.geteuid() == 0))
    try:
        os_release = Path("/etc/os-release").read_text(encoding="utf-8")
    except OSError:
        os_release = ""
    codenames = apt_sources.distribution_codenames(os_release)
    sources = apt_sources.convert_all(apt_sources.read_sources(*apt_places()), codenames)
    if not sources:
        raise Failure("apt has no package sources of the distribution from which the source "
                      "package of ns-3 could come.\n" + BY_HAND)
    for source in sources:
        (folder.parts / source.name).write_text(source.text, encoding="utf-8")
    return folder


def run_apt(folder: AptFolder, words: Sequence[str], cwd: Path, timeout: float,
            pass_fds: Sequence[int]) -> Outcome:
    """Runs apt-get with the private settings."""
    env = dict(os.environ, APT_CONFIG=str(folder.settings), LC_ALL="C")
    return capture(["apt-get", *words], timeout=timeout, cwd=cwd, env=env, pass_fds=pass_fds)


def find_archive(folder: Path) -> Optional[Path]:
    """The original archive among the files of a source package."""
    archives = sorted(folder.glob("ns3_*.orig.tar.*"))
    archives = [path for path in archives if path.suffix != ".asc"]
    return archives[-1] if archives else None


def finished_download(folder: Path) -> Optional[Path]:
    """The archive of an earlier download that came to its end."""
    try:
        stamp = json.loads((folder / "complete.json").read_text(encoding="utf-8"))
        archive = folder / stamp["file"]
        return archive if archive.stat().st_size == stamp["bytes"] else None
    except (OSError, ValueError, KeyError):
        return None


def download(state: Path, pass_fds: Sequence[int]) -> Path:
    """Downloads the source package of ns-3 and returns its original archive; apt checks it."""
    folder = state / "download"
    archive = finished_download(folder)
    if archive:
        return archive
    if not shutil.which("apt-get"):
        raise Failure("there is no ns-3 here yet, and no apt-get to fetch it with.\n" + BY_HAND)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with step("fetching the source package of ns-3"):
        apt = make_apt_folder(state / "apt")
        update = run_apt(apt, ["update"], folder, 300, pass_fds)
        fetched = run_apt(apt, ["source", "--download-only", "ns3"], folder, 900, pass_fds)
    archive = find_archive(folder)
    if not fetched.succeeded or not archive:
        raise Failure("the source package of ns-3 could not be fetched. apt said:\n"
                      + last_lines(update.output, 4) + "\n" + last_lines(fetched.output, 6)
                      + "\n" + BY_HAND)
    write_atomically(folder / "complete.json",
                     json.dumps({"file": archive.name, "bytes": archive.stat().st_size}))
    shutil.rmtree(apt.path, ignore_errors=True)
    return archive


def write_atomically(path: Path, text: str) -> None:
    """Writes a file so that it is there as a whole or not at all."""
    temporary = path.with_name(path.name + ".new")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)


def tree_prefix(names: List[str]) -> Optional[str]:
    """The folder of ns-3 itself inside an archive: where VERSION and the script `ns3` meet."""
    known = set(names)
    folders = [name[: -len("VERSION")] for name in names if re.search(r"(^|/)VERSION$", name)]
    folders = [folder for folder in folders
               if folder + "ns3" in known and re.search(r"(^|/)ns-3[^/]*/$", folder)]
    return min(folders, key=len) if folders else None


def safe_members(archive: tarfile.TarFile, prefix: str) -> List[tarfile.TarInfo]:
    """The members below `prefix`, made relative to it and owned by us; odd ones are left out."""
    members = []
    for member in archive.getmembers():
        if not member.name.startswith(prefix):
            continue
        inner = member.name[len(prefix):]
        if not inner or inner.startswith("/") or ".." in inner.split("/"):
            continue
        if member.islnk():
            member.linkname = member.linkname[len(prefix):]
        elif not (member.isfile() or member.isdir() or member.issym()):
            continue
        member.name = inner
        member.uid, member.gid, member.uname, member.gname = os.geteuid(), os.getegid(), "", ""
        member.mode |= 0o600 if member.isfile() else 0o700
        members.append(member)
    return members


def unpack(archive_path: Path, state: Path) -> Path:
    """Unpacks the ns-3 folder of an all-in-one archive into `state`, as a whole or not at all."""
    temporary = state / "unpacking"
    shutil.rmtree(temporary, ignore_errors=True)
    with step("unpacking ns-3"), tarfile.open(archive_path) as archive:
        prefix = tree_prefix(archive.getnames())
        if prefix is None:
            raise Failure(f"{archive_path.name} holds no ns-3 with its script `ns3`.\n" + BY_HAND)
        temporary.mkdir(parents=True)
        archive.extractall(temporary, safe_members(archive, prefix))
    version = (temporary / "VERSION").read_text(encoding="utf-8").strip()
    if (parse_version(version) or (0, 0)) < OLDEST_VERSION:
        shutil.rmtree(temporary, ignore_errors=True)
        raise Failure(f"the package source offers ns-3 {version}, but 3.37 or newer is needed.\n"
                      + BY_HAND)
    target = state / Path(prefix.rstrip("/")).name
    os.replace(temporary, target)
    return target


def unpacked_tree(state: Path) -> Optional[Path]:
    """The tree of an earlier preparation; the newest when there are several."""
    trees = [path.parent for path in state.glob("ns-3*/VERSION")]
    return max(trees, default=None, key=lambda tree: parse_version(
        (tree / "VERSION").read_text(encoding="utf-8")) or (0, 0))
