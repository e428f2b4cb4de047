#!/usr/bin/env python3
# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Compares all fabrics under all forwardings they admit: whole training jobs, model by model and rate
by rate.

usage: examples/fabric-comparison.py [OPTIONS] [-- OPTION...]

  examples/fabric-comparison.py
  examples/fabric-comparison.py --models=mixtral-8x7b --rates=400 --gpus=128 --layers=8

--models:    names, or paths of JSON files, with commas in between; without it mixtral-8x22b,
             mixtral-8x7b, llama-moe, qwen-moe and deepseek-r1
--rates:     line rates in Gb/s: 100,200,400,800 (of deepseek-r1 100,400)
--fabrics:   mixnet,fat-tree,oversub-fat-tree,rail-optimized,rail-only,ideal-switch,topoopt,rotor;
             the ideal switch is always among them, since all are held against it
--policy:    when circuits of mixnet change, a row each: block,reuse. block is the paper's
             simulation; reuse hides blackouts. POLICY+SOURCE adds a --demandSource: block+oracle
--gpus:      GPUs of the job: 1024
--layers:    the first layers only, for quick trials: 0 for all
--preset:    options of all runs, as --preset of mixnet-training: mixnet-sigcomm25, or none
--jobs:      runs at a time: as many as processors
--timeLimit: seconds of a run: 3600
--published: CSV file with columns model, linkRateGbps, mixnet, topoopt: iteration times to compare with
--output:    folder for results: fabric-comparison
--dry-run:   lists the commands of all runs that may be done, and does none
OPTION:      further options of mixnet-training in all runs, as --seed=2

First every forwarding is tried on every fabric with a small job, then all runs are done, each in a
folder of its own in OUTPUT/runs. A run that was complete there with the same options is not done
again, so that the study goes on where it was stopped; after a change of the program itself, take
another folder. Runs that fail or do not end in time are named, and leave the others alone.

Prints tables, and writes them to OUTPUT/comparison.md and all values to OUTPUT/comparison.csv. Exit
code 0 when all is well, 1 when runs are missing or a value cannot be: a fabric faster than its ideal
by more than 0.5 %, or spread unlike own-nic where the load is uniform.
"""

import shlex
import sys
from argparse import SUPPRESS, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Dict, List, NamedTuple, Sequence

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "utils"))

import fabric_runs  # noqa: E402
import fabric_tables  # noqa: E402
import mixnet  # noqa: E402
import text_tables  # noqa: E402
from commands import cores  # noqa: E402
from console import Failure, Parser, guarded  # noqa: E402
from fabric_runs import FABRICS, IDEAL, Study  # noqa: E402
from known_names import did_you_mean  # noqa: E402

NAME = "fabric-comparison.py"
MODELS = ("mixtral-8x22b", "mixtral-8x7b", "llama-moe", "qwen-moe", "deepseek-r1")
RATES = (100.0, 200.0, 400.0, 800.0)
RATES_OF = {"deepseek-r1": (100.0, 400.0)}
OURS = ("--model", "--linkRate", "--fabric", "--forwarding", "--policy", "--demandSource",
        "--fidelity", "--output", "--quiet", "--gpus", "--layers", "--preset", "--skew")


class Arguments(NamedTuple):
    """What the user asks for."""

    study: Study
    jobs: int
    limit: float
    output: Path
    published: Dict
    isDry: bool


def names_in(option: str, text: str) -> List[str]:
    """Names with commas in between."""
    names = text.split(",")
    if "" in names:
        raise Failure(f"option {option}={text}: an empty name")
    if len(set(names)) < len(names):
        raise Failure(f"option {option}={text}: a name is given twice")
    return names


def number_in(option: str, text: str, least: float, most: float, isWhole: bool) -> float:
    """A number in a range."""
    try:
        value = float(int(text)) if isWhole else float(text)
    except ValueError:
        value = least - 1
    if not least <= value <= most:
        kind = "a whole number" if isWhole else "a number"
        raise Failure(f"option {option}={text}: must be {kind} from {least:g} to {most:g}")
    return value


def check_models(text: str) -> List[str]:
    """Models by name, or paths of files."""
    known = sorted(path.stem for path in (ROOT / "contrib/mixnet/models").glob("*.json"))
    names = names_in("--models", text)
    for name in names:
        if name not in known and not (name.endswith(".json") and Path(name).is_file()):
            close = did_you_mean(name, known)
            raise Failure(f"option --models={text}: {name} must be one of {', '.join(known)}, or "
                          "the path of a JSON file"
                          + (f"; did you mean {' or '.join(close)}?" if close else ""))
    return names


def check_fabrics(text: str) -> List[str]:
    """Fabrics by name, in the order of the tables, and the ideal."""
    names = names_in("--fabrics", text)
    for name in names:
        if name not in FABRICS:
            raise Failure(f"option --fabrics={text}: {name} must be one of {', '.join(FABRICS)}")
    return [name for name in FABRICS if name in names or name == IDEAL]


def check_extra(words: Sequence[str]) -> List[str]:
    """Further options of all runs."""
    for word in words:
        name, equals, _ = word.partition("=")
        if not name.startswith("--") or not equals:
            raise Failure(f"argument {word}: must be an option of mixnet-training, --NAME=VALUE")
        if name in OURS:
            raise Failure(f"argument {word}: this program decides about {name}")
    return list(words)


def read_arguments(words: Sequence[str]) -> Arguments:
    """Reads the command line."""
    parser = Parser(prog=f"examples/{NAME}", description=__doc__, usage=SUPPRESS,
                    formatter_class=RawDescriptionHelpFormatter, allow_abbrev=False)
    for name, default in (("models", ",".join(MODELS)), ("rates", ""), ("policy", "block,reuse"),
                          ("fabrics", ",".join(FABRICS)), ("gpus", "1024"), ("layers", "0"),
                          ("preset", "mixnet-sigcomm25"), ("jobs", str(cores())),
                          ("timeLimit", "3600"), ("published", ""),
                          ("output", "fabric-comparison")):
        parser.add_argument(f"--{name}", default=default, help=SUPPRESS)
    parser.add_argument("--dry-run", action="store_true", help=SUPPRESS)
    split = words.index("--") if "--" in words else len(words)
    given = parser.parse_args(words[:split])
    gpus = number_in("--gpus", given.gpus, 8, 1 << 20, True)
    layers = number_in("--layers", given.layers, 0, 1000, True)
    options = [f"--preset={given.preset}"] if given.preset != "none" else []
    options += [f"--gpus={gpus:.0f}", *([f"--layers={layers:.0f}"] if layers else []),
                *check_extra(words[split + 1:])]
    rates = [number_in("--rates", rate, 1, 100000, False)
             for rate in names_in("--rates", given.rates)] if given.rates else RATES
    study = Study(check_models(given.models), rates, check_fabrics(given.fabrics),
                  names_in("--policy", given.policy), options, {} if given.rates else RATES_OF)
    output = Path(given.output).absolute()
    if output.exists() and not output.is_dir():
        raise Failure(f"option --output={given.output}: is a file; expected a folder")
    return Arguments(study, int(number_in("--jobs", given.jobs, 1, 1024, True)),
                     number_in("--timeLimit", given.timeLimit, 1, 1e7, False), output,
                     fabric_tables.read_published(Path(given.published)) if given.published else {},
                     given.dry_run)


def list_commands(arguments: Arguments) -> int:
    """Prints what would be run."""
    study = arguments.study
    for point in fabric_runs.points_of(study, fabric_runs.known_pairs(study.fabrics)):
        words = fabric_runs.words_of(point, study.options)
        output = f"--output={arguments.output / 'runs' / point.name}"
        print(shlex.join(["./ns3", "run", " ".join([*words, output])]))
    return 0


def compare(arguments: Arguments) -> int:
    """Does all runs, prints and writes the tables."""
    mixnet.prepare(fabric_runs.PROGRAM)
    study = arguments.study
    runner = fabric_runs.Runner(arguments.output, arguments.jobs, arguments.limit)
    trials = runner.try_all(study)
    pairs = [(trial.fabric, trial.forwarding) for trial in trials if trial.isCompared]
    results = runner.run_all(fabric_runs.points_of(study, pairs), study.options)
    tables, wrong = fabric_tables.make_tables(trials, results, arguments.published)
    for table in tables:
        print(table.terminal())
    options = " ".join(study.options)
    text_tables.write_markdown(arguments.output / "comparison.md", f"Fabrics, {options}", tables)
    fabric_tables.write_csv(arguments.output / "comparison.csv", results)
    old = sum(result.isOld for result in results.values())
    missing = sum(result.summary is None for result in results.values())
    print(f"{len(results)} runs, {old} of them done before, {missing} without results; written to "
          f"{arguments.output}/comparison.md and comparison.csv")
    for line in wrong:
        print(line)
    return 1 if missing or wrong else 0


def run(words: Sequence[str]) -> int:
    """The program."""
    arguments = read_arguments(words)
    return list_commands(arguments) if arguments.isDry else compare(arguments)


if __name__ == "__main__":
    sys.exit(guarded(NAME, lambda: run(sys.argv[1:])))
