# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""The system packages we need: how to tell that they are there, and how to install them."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Dict, FrozenSet, List, NamedTuple, Optional, Sequence

from commands import HANG_SECONDS, Outcome, capture
from console import Failure, last_lines, say, step

APT_LISTS = Path("/var/lib/apt/lists")
PYTHONS = (sys.executable, "/usr/bin/python3")  # ours, and the one that packages are for


class Package(NamedTuple):
    """A system package, by its Debian name, and what tells that it is there."""

    name: str
    command: str = ""  # any of these commands on PATH, separated by blanks ...
    header: str = ""  # ... or this header in the compiler's reach ...
    module: str = ""  # ... or this module of Python, in ours or in the system's
    # "build", "test" (./test.py only), "speed" and "plots" (never required), "witness" (never
    # required either, and for ./test.py only: a program of others that tests ask for its
    # opinion), "notebook" (never required, for ./test.py --full only), "manual" (for
    # utils/manual.py; ./test.py has it like a witness), or "netanim" and "browser" (for ./test.py
    # --full only, and required by the commands that show what we write in programs of others)
    needed_for: str = "build"


PACKAGES = (
    Package("g++", command="g++ clang++ c++"),
    Package("cmake", command="cmake"),
    Package("ninja-build", command="ninja ninja-build make"),
    Package("libboost-dev", header="boost/version.hpp"),
    Package("nlohmann-json3-dev", header="nlohmann/json.hpp"),
    Package("zlib1g-dev", header="zlib.h"),
    Package("libgtest-dev", header="gtest/gtest.h", needed_for="test"),
    Package("ninja-build", command="ninja ninja-build", needed_for="speed"),
    Package("ccache", command="ccache", needed_for="speed"),
    Package("tshark", command="tshark", needed_for="witness"),
    Package("graphviz", command="dot", needed_for="witness"),
    Package("doxygen", command="doxygen", needed_for="witness"),
    Package("python3-pandas", module="pandas", needed_for="witness"),
    Package("python3-jinja2", module="jinja2", needed_for="witness"),
    Package("python3-matplotlib", module="matplotlib", needed_for="plots"),
    Package("snakemake", command="snakemake", needed_for="study"),
    Package("python3-sphinx", module="sphinx", needed_for="manual"),
    Package("python3-nbconvert", module="nbconvert", needed_for="notebook"),
    Package("python3-ipykernel", module="ipykernel", needed_for="notebook"),
    Package("make", command="make", needed_for="netanim"),
    Package("qt5-qmake", command="qmake", needed_for="netanim"),
    Package("qtbase5-dev", header="qt5/QtWidgets/QApplication", needed_for="netanim"),
    Package("libqt5svg5-dev", header="qt5/QtSvg/QSvgRenderer", needed_for="netanim"),
    Package("xvfb", command="xvfb-run", needed_for="netanim"),
    Package("xauth", command="xauth", needed_for="netanim"),
    Package("chromium", command="chromium chromium-browser", needed_for="browser"),
    Package("npm", command="npm", needed_for="browser"),
)
# The purposes for which a need counts, beside the one of its own name; other needs count for every
# build.
WANTED_FOR = {"witness": "test", "study": "test", "manual": "test", "notebook": "full", "netanim": "full",
              "browser": "full"}


def compiler() -> Optional[str]:
    """The C++ compiler that CMake is going to take."""
    candidates = [os.environ.get("CXX", "").split(" ")[0], "c++", "g++", "clang++"]
    return next((found for found in map(shutil.which, filter(None, candidates)) if found), None)


def found_headers(headers: Sequence[str]) -> FrozenSet[str]:
    """Which headers the compiler finds."""
    program = compiler()
    if not program or not headers:
        return frozenset()
    question = "".join(
        f"#if __has_include(<{name}>)\nfound {name}\n#endif\n" for name in headers)
    result = subprocess.run([program, "-E", "-P", "-x", "c++", "-"], input=question, text=True,
                            capture_output=True, timeout=HANG_SECONDS, check=False)
    words = result.stdout.replace(" ", "")
    return frozenset(name for name in headers if f"found{name}" in words)


def found_modules(modules: Sequence[str]) -> FrozenSet[str]:
    """Which modules a Python has, ours or the system's; they are not imported."""
    question = ("import importlib.util, sys; "
                "print(*filter(importlib.util.find_spec, sys.argv[1:]))")
    found: List[str] = []
    for python in dict.fromkeys(filter(os.path.exists, PYTHONS) if modules else ()):
        found += capture([python, "-c", question, *modules], HANG_SECONDS).output.split()
    return frozenset(found) & frozenset(modules)


def missing_packages(packages: Sequence[Package] = PACKAGES) -> List[Package]:
    """The packages of which nothing can be found, in the order of the table."""
    headers = found_headers([package.header for package in packages if package.header])
    modules = found_modules([package.module for package in packages if package.module])

    def is_there(package: Package) -> bool:
        if package.header:
            return package.header in headers
        if package.module:
            return package.module in modules
        if package.name == "g++" and compiler():
            return True
        return any(shutil.which(command) for command in package.command.split())

    return [package for package in packages if not is_there(package)]


def privilege() -> Optional[List[str]]:
    """What goes before a command to run it as root; None when we may not."""
    if os.geteuid() == 0:
        return []
    if not shutil.which("sudo"):
        return None
    if capture(["sudo", "-n", "true"], HANG_SECONDS).succeeded or sys.stdin.isatty():
        return ["sudo"]
    return None


def install_command(names: Sequence[str]) -> List[str]:
    """The command that installs packages."""
    return ["apt-get", "install", "-y", "--no-install-recommends", *names]


def command_to_type(names: Sequence[str]) -> str:
    """The same command, as a user would type it."""
    sudo = [] if os.geteuid() == 0 else ["sudo"]
    return shlex.join(sudo + install_command(names))


def run_as_root(prefix: Sequence[str], command: Sequence[str]) -> Outcome:
    """Runs a package manager's command without questions. sudo asks for a password itself."""
    settings = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    words = [*prefix, "env", *(f"{name}={value}" for name, value in settings.items()), *command]
    result = subprocess.run(words, stdin=None if prefix else subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            errors="replace", check=False)
    return Outcome(result.returncode, result.stdout)


def install(names: Sequence[str], prefix: Sequence[str]) -> Outcome:
    """Installs packages; refreshes the lists of packages when that is the way out."""
    waiting = ["-o", "DPkg::Lock::Timeout=600"]
    command = install_command(names)
    command[1:1] = waiting
    update = ["apt-get", "update", *waiting]
    if not any(APT_LISTS.glob("*_Packages*")):
        run_as_root(prefix, update)
    outcome = run_as_root(prefix, command)
    if not outcome.succeeded:
        if "dpkg --configure -a" in outcome.output:
            run_as_root(prefix, ["dpkg", "--configure", "-a"])
        run_as_root(prefix, update)
        outcome = run_as_root(prefix, command)
    return outcome


def unique_names(packages: Sequence[Package]) -> List[str]:
    """The names of packages, each once."""
    names: Dict[str, None] = dict.fromkeys(package.name for package in packages)
    return list(names)


def ensure_packages(purposes: Sequence[str], may_install: bool, first_time: bool) -> None:
    """
    Sees to it that everything required is there.

    @param purposes What is required: "build", or "build" and "test", or the need of one command
        alone; with "full", what is not required is installed whenever it is missing.
    @param may_install Whether the user lets us install packages.
    @param first_time Whether to install also what is not required but makes us faster or tests
        more thorough.
    """
    wanted = [package for package in PACKAGES if package.needed_for in purposes
              or WANTED_FOR.get(package.needed_for, "build") in purposes]
    missing = missing_packages(wanted)
    required = [package for package in missing if package.needed_for in purposes]
    if not required and not (missing and (first_time or "full" in purposes)):
        return
    prefix = privilege() if may_install and shutil.which("apt-get") else None
    if prefix is None:
        if required:
            refuse(required)
        return
    names = unique_names(missing)
    say(f"missing: {' '.join(names)}; installing with")
    say(f"    {command_to_type(names)}")
    with step("installing system packages"):
        outcome = install(names, prefix)
        if not outcome.succeeded and 0 < len(required) < len(missing):
            install(unique_names(required), prefix)
    still = [package for package in missing_packages(wanted) if package.needed_for in purposes]
    if still:
        raise Failure("the system packages could not be installed. apt said:\n"
                      + last_lines(outcome.output, 12)
                      + f"\nInstall them yourself: {command_to_type(unique_names(still))}")
    if not outcome.succeeded:
        say("not all could be installed; going on without, none of the others is required")


def refuse(required: Sequence[Package]) -> None:
    """Says what is missing and how to get it."""
    if shutil.which("apt-get"):
        raise Failure("system packages are missing, and we may not install them. Type:\n    "
                      + command_to_type(unique_names(required)))
    wanted = "\n".join(f"    {package.name}: {witness_of(package)}" for package in required)
    raise Failure("these are missing (named as in Debian), and there is no apt-get:\n" + wanted)


def witness_of(package: Package) -> str:
    """What tells that a package is there, in words."""
    if package.header:
        return f"header <{package.header}>"
    if package.module:
        return f"Python's module {package.module}"
    return f"command {' or '.join(package.command.split())}"
