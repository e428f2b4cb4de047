# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""
Runs ns-3's own script `ns3`, as a program: `python3 utils/ns3_script.py /path/to/ns3 ARGUMENTS`.

What the script cannot do it tells in an exception; here that becomes one line. A program that it
runs has the last word when it fails, and comes to its own end: Ctrl-C, which reaches the program
too, and signals to end are for the program, where ns-3's script would kill it a quarter of a second
after Ctrl-C.
"""

import argparse
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, List, NoReturn, Sequence

sys.dont_write_bytecode = True

from console import say  # noqa: E402

PASSED_ON = (signal.SIGTERM, signal.SIGHUP)
real_run = subprocess.run


SHARED = ("--quiet", "--verbose")  # options that programs or their readers know, too


def run_to_its_end(arguments: Any, **options: Any) -> "subprocess.CompletedProcess[Any]":
    """Stands for subprocess.run where a program is run, and waits for its end whatever comes."""
    if set(options) != {"env", "cwd", "shell", "check"}:
        return real_run(arguments, **options)  # cmake and the like
    is_checked = options.pop("check")
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, *PASSED_ON)}
    signal.signal(signal.SIGINT, lambda *_: None)
    try:
        running: List["subprocess.Popen[Any]"] = []
        early: List[int] = []  # what has come before there is a program

        def pass_on(number: int, _frame: Any) -> None:
            if running:
                running[0].send_signal(number)
            else:
                early.append(number)

        for number in PASSED_ON:
            signal.signal(number, pass_on)
        with subprocess.Popen(arguments, **options) as process:
            running.append(process)
            for number in early:
                process.send_signal(number)
            code = process.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if is_checked and code > 0:
        sys.exit(code)  # the program has said why; ns-3's script would repeat the command
    if is_checked and code < 0:
        raise subprocess.CalledProcessError(code, arguments)
    return subprocess.CompletedProcess(arguments, code)


def refuse(_: argparse.ArgumentParser, message: str) -> NoReturn:
    """Stands for what argparse prints about arguments: usage, and below it the message."""
    raise ValueError(f"{message}; see ./ns3 --help")


def tell_swallowed(arguments: Sequence[str]) -> None:
    """Says which options behind a program's name ns-3's script takes for its own."""
    places = [at for at, word in enumerate(arguments) if not word.startswith("-")]
    if len(places) < 2 or arguments[0] != "run" or " " in arguments[places[1]]:
        return
    name, rest = arguments[places[1]], list(arguments[places[1] + 1:])
    for word in rest[:rest.index("--") if "--" in rest else len(rest)]:
        if word in SHARED:
            say(f"note: {word} is one of ./ns3 run; for the program type "
                f"./ns3 run \"{name} {word}\"")


def main(script: str, arguments: Sequence[str]) -> int:
    """Becomes ns-3's script."""
    tell_swallowed(arguments)
    sys.argv = [script, *arguments]
    sys.path[0] = os.path.dirname(script)
    subprocess.run = run_to_its_end  # type: ignore[assignment]
    argparse.ArgumentParser.error = refuse  # type: ignore[assignment]
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])  # blocked since ./ns3
        text = Path(script).read_text(encoding="utf-8")
        exec(compile(text, script, "exec"), {"__name__": "__main__", "__file__": script})
    except KeyboardInterrupt:
        say("interrupted")
        return 130
    except Exception as error:  # pylint: disable=broad-except
        say(f"error: {' '.join(str(error).split()) or type(error).__name__}")
        return 1
    return 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        say("error: ns3_script.py is a part of ./ns3; it needs the path of ns-3's script")
        sys.exit(1)
    sys.exit(main(sys.argv[1], sys.argv[2:]))
