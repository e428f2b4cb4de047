#!/usr/bin/env python3
# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Runs all tests of mixnet; or, with arguments for it, ns-3's own test.py in the same tree."""

import difflib
import os
import re
import sys
import time
from pathlib import Path
from typing import List, NamedTuple, Optional, Sequence

sys.dont_write_bytecode = True  # nothing changes outside build/
sys.path.insert(0, str(Path(__file__).resolve().parent / "utils"))

import google_tests  # noqa: E402
import ns3_tests  # noqa: E402
import ns3_tree  # noqa: E402
import program_tests  # noqa: E402
import system_packages  # noqa: E402
import workspace as workspaces  # noqa: E402
from commands import HANG_SECONDS_OF_ALL, capture, describe_end  # noqa: E402
from console import Failure, last_lines, say, seconds_since  # noqa: E402
from ns3_tree import Tree  # noqa: E402
from tally import Tally  # noqa: E402
from workspace import Workspace  # noqa: E402

HELP = """\
usage: ./test.py [--no-install] [--full]           all tests
       ./test.py [--no-install] [--full] PART...   some of them
       ./test.py [--no-install] ARGUMENTS...       ns-3's own test.py, in the prepared tree

Parts:
  --core       GoogleTests of core, built without ns-3
  --style      the style check (utils/check-style.py)
  --suites     the suites mixnet-* and the examples, by ns-3's test.py
  --programs   the whole-program tests, test/programs/test_*.py

With --full each does all it can: also the long sweeps of random instances and large jobs that the
default run takes a part of. On 2 cores and a prepared tree the default run takes about 8 minutes,
the full one about 15.

The last line is `N passed, M failed`, with `, K skipped` if there are any; the reason for each is
printed. All other arguments go to ns-3's test.py, for example --suite=mixnet-ocs-switch, --list,
--text=FILE; its own help comes with ./test.py --no-build --help.

NS3_DIR and MIXNET_NO_INSTALL have the same meaning as for ./ns3.
"""

PARTS = ("core", "style", "suites", "programs")
# Options of ns-3's test.py that take the next word as their value.
VALUE_OPTIONS = ("-b", "--buildpath", "-c", "--constrain", "-e", "--example", "-f", "--fullness",
                 "-p", "--pyexample", "-s", "--suite", "-t", "--text", "-w", "--web", "--html",
                 "-x", "--xml", "--jobs")
FILE_OPTIONS = ("-t", "--text", "-w", "--web", "--html", "-x", "--xml")


class Request(NamedTuple):
    """What is asked for."""

    parts: List[str]
    for_ns3: List[str]  # arguments of ns-3's test.py; empty when it is our tests that are wanted
    may_install: bool


def read_request(arguments: Sequence[str]) -> Request:
    """Reads the arguments."""
    forbidden = os.environ.get("MIXNET_NO_INSTALL", "") not in ("", "0")
    may_install = "--no-install" not in arguments and not forbidden
    if "--full" in arguments:
        os.environ["MIXNET_FULL"] = "1"  # for the tests themselves
    rest = [word for word in arguments if word not in ("--no-install", "--full")]
    parts = [part for part in PARTS if f"--{part}" in rest]
    others = [word for word in rest if word[2:] not in PARTS or not word.startswith("--")]
    check_words(others)
    if parts and others:
        raise Failure(f"--{parts[0]} is for our own tests, {others[0]} is not; "
                      "see ./test.py --help")
    return Request(parts or list(PARTS), others, may_install)


def check_words(words: Sequence[str]) -> None:
    """Refuses what cannot be meant for ns-3's test.py, which passes over it and runs everything."""
    suites = workspaces.ROOT / "contrib" / "mixnet" / "test"
    is_value = False  # of the option before
    for word in words:
        name, equals, value = word.partition("=")
        if name == "--suite" and any(suites.glob(f"*/{value}-test-suite.cc")):
            raise Failure(f"there is no suite {value}; do you mean --suite=mixnet-{value}?")
        if is_value or name in VALUE_OPTIONS or re.match(r"-\w", word):
            last = name if name in VALUE_OPTIONS else f"-{word[-1]}"  # of several, as -vs NAME
            is_value = not is_value and not equals and last in VALUE_OPTIONS
            continue
        close = difflib.get_close_matches(name.lower().lstrip("-"), PARTS, cutoff=0.8)
        if close:
            part = f"suite={value}" if close[0] == "suites" and equals else close[0]
            raise Failure(f"there is no {word}; do you mean ./test.py --{part}?")
        if not word.startswith("-"):
            raise Failure(f"{word} is no option, and {hint_for(word)}")


def hint_for(word: str) -> str:
    """What to write instead of a word that is no option."""
    if any((workspaces.ROOT / "test" / "core").glob(f"*/{Path(word).stem}.cc")):
        return "tests of core run together: ./test.py --core"
    if re.match(r"test_\w+(\.py)?$", Path(word).name):
        return "whole-program tests run together: ./test.py --programs"
    name = re.sub(r"(-test-suite)?(\.cc)?$", "", Path(word).name)
    name = name if name.startswith("mixnet-") else f"mixnet-{name}"
    return f"a suite is named as in ./test.py --suite={name}; ./test.py --list has them all"


def check_options(options: Sequence[str], script: Path) -> None:
    """Refuses an option that ns-3's test.py does not have, before anything is built for it."""
    known = set(re.findall(r"""["'](--[a-z][a-z-]*)["']""", script.read_text(encoding="utf-8")))
    known |= {"--help", *(f"--{part}" for part in PARTS), "--no-install", "--full"}
    for word in options:
        name = word.partition("=")[0]
        if name.startswith("--") and not any(option.startswith(name) for option in known):
            close = difflib.get_close_matches(name, sorted(known), n=1)
            raise Failure(f"there is no option {name}" + (f"; do you mean {close[0]}?" if close else
                          "") + " ./test.py --help lists ours")


def prepare(workspace: Workspace, request: Request, lock: Sequence[int]) -> Tree:
    """Gets the tree ready to be built."""
    tree = ns3_tree.existing_tree(workspace)
    tried = workspace.state / "tests-prepared"  # who comes from ./ns3 has not what only tests ask for
    first_time = tree is None or not tree.is_configured()
    first_time = first_time or not (request.for_ns3 or tried.exists())
    purposes = ["build"] if request.for_ns3 else ["build", "test"]
    if not request.for_ns3 and os.environ.get("MIXNET_FULL", "") not in ("", "0"):
        purposes.append("full")
    system_packages.ensure_packages(purposes, request.may_install, first_time)
    if not request.for_ns3:
        tried.touch()
    if tree is None:
        tree = ns3_tree.fetch_tree(workspace, lock)
    workspaces.seed_ccache_settings(workspace)
    links_changed = ns3_tree.update_links(tree, workspace.root)
    ns3_tree.ensure_configured(workspace, tree, links_changed, lock)
    return tree


def test_core(workspace: Workspace, request: Request, tally: Tally) -> None:
    """Builds core alone and runs its GoogleTests; needs no ns-3."""
    with workspaces.locked(workspace) as lock:
        system_packages.ensure_packages(["build", "test"], request.may_install, False)
        workspaces.seed_ccache_settings(workspace)
        built = google_tests.build(workspace, tally, lock)
    if built:
        google_tests.run(workspace, tally)


def test_style(workspace: Workspace, tally: Tally) -> None:
    """Runs the style check as one test."""
    before = tally.counts()
    script = workspace.root / "utils" / "check-style.py"
    outcome = capture([sys.executable, script], HANG_SECONDS_OF_ALL)
    if outcome.code == 2:
        tally.add_skip("style", last_lines(outcome.output, 1).strip())
    elif outcome.succeeded:
        tally.add_pass()
    else:
        tally.add_failure("style", outcome.output if outcome.code == 1
                          else describe_end(outcome, HANG_SECONDS_OF_ALL) + "\n" + outcome.output)
    tally.report_since(before, "style", outcome.seconds)


def prepare_and_build(workspace: Workspace, request: Request, tally: Tally) -> Optional[Tree]:
    """Prepares the tree and builds what the tests need; None when that fails."""
    try:
        with workspaces.locked(workspace) as lock:
            tree = prepare(workspace, request, lock)
            if not set(request.parts) & {"suites", "programs"}:
                return tree
            if ns3_tests.build(workspace, tree, lock):
                return tree
        tally.add_failure("building ns-3's tests and our programs",
                          "the compiler's messages are above")
    except Failure as failure:
        tally.add_failure("preparing ns-3", str(failure))
    return None


def run_all(workspace: Workspace, request: Request) -> int:
    """Runs the wanted parts of our tests."""
    start = time.monotonic()
    tally = Tally()
    if "core" in request.parts:
        test_core(workspace, request, tally)
    if set(request.parts) != {"core"}:
        tree = prepare_and_build(workspace, request, tally)
        if "style" in request.parts:
            test_style(workspace, tally)
        if tree and "suites" in request.parts:
            ns3_tests.run_suites(workspace, tree, tally)
            ns3_tests.run_examples(workspace, tree, tally)
        if tree and "programs" in request.parts:
            program_tests.run(workspace, tree.path, tally)
    say(f"tests took {seconds_since(start)}")
    return tally.close()


def with_absolute_files(arguments: Sequence[str]) -> List[str]:
    """Makes the names of result files absolute, because ns-3's test.py runs in its tree."""
    result: List[str] = []
    for word in arguments:
        option, equals, value = word.partition("=")
        if equals and option in FILE_OPTIONS:
            word = f"{option}={os.path.abspath(value)}"
        elif result and result[-1] in FILE_OPTIONS:
            word = os.path.abspath(word)
        result.append(word)
    return result


def hand_over(workspace: Workspace, request: Request) -> int:
    """Builds, then becomes ns-3's test.py."""
    arguments = with_absolute_files(request.for_ns3)
    with workspaces.locked(workspace) as lock:
        tree = prepare(workspace, request, lock)
        check_options(arguments, tree.path / "test.py")
        if not {"-n", "--no-build"} & set(arguments):
            if not ns3_tests.build(workspace, tree, lock):
                raise Failure("the tests could not be built, see above")
            arguments.insert(0, "--no-build")
    os.chdir(tree.path)
    command = [sys.executable, "test.py", *arguments]
    sys.stdout.flush()
    os.execve(command[0], command, workspace.environment(os.environ))
    return 1


def main() -> int:
    """Reads the arguments and does what they say."""
    if sys.argv[1:] in (["--help"], ["-h"]):
        print(HELP, end="")
        return 0
    request = read_request(sys.argv[1:])
    workspace = workspaces.locate()
    return hand_over(workspace, request) if request.for_ns3 else run_all(workspace, request)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        say(f"error: {failure}")
        sys.exit(1)
    except KeyboardInterrupt:
        say("interrupted")
        sys.exit(130)
