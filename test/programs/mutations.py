# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""
Runs programs with mutated command lines and files, and tells which do not end as they should: with
exit code 0, 1 or 2, in time, with at most three lines of error, and with whole results or none.

    test/programs/mutations.py --first=0 --count=1000
"""

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Dict, List, NamedTuple, Sequence

sys.path.insert(0, str(Path(__file__).resolve().parent))

import program  # noqa: E402

SECONDS = 120  # of wall time at most; small jobs take a few tenths of one
MOST_LINES = 3  # on standard error
CODES = (0, 1, 2)

MODEL = {
    "title": "Tiny",
    "sources": ["made up for tests"],
    "layers": 2,
    "hidden": 256,
    "vocabulary": 1000,
    "attention": {"kind": "grouped-query", "heads": 8, "kvHeads": 8, "headSize": 32},
    "experts": {"count": 8, "topK": 2, "ffn": 512},
    "parallelism": {"tensor": 2, "expert": 8, "pipeline": 2},
    "training": {"sequenceLength": 128, "microbatchSize": 1, "microbatches": 2},
}
TRACE = "".join(json.dumps({"step": 0, "layer": layer, "rank": rank, "num_tokens": 2, "topk": 2,
                            "top_indices": [[rank % 8, (rank + 1) % 8], [0, 7]]}) + "\n"
                for layer in range(2) for rank in range(16))
FILES = {
    "model.json": json.dumps(MODEL),
    "load.json": json.dumps([[1 + (row * column) % 5 for column in range(8)] for row in range(8)]),
    "next.json": json.dumps([[float(column == (row + 1) % 8) for column in range(8)]
                             for row in range(8)]),
    "profile.json": json.dumps({"source": "made up", "operations": [
        {"operation": "attention", "forward": 0.001, "backward": 0.002, "tokens": 128}]}),
    "options.json": json.dumps({"seed": "3", "linkRate": "200Gb/s"}),
    "preset.json": json.dumps({"title": "Own", "description": "For tests", "source": ["made up"],
                               "options": {"linkRate": "100Gb/s", "mtu": "1024"},
                               "fabrics": {"mixnet": {"opticalDegree": "4"}}}),
    "trace.jsonl": TRACE,
    "job.flows": "0 1 10000\n1 2 20000 5us # late\n",
}

# Small jobs: every option of them is to be tried, one or a few at a time.
TRAINING = ["--model=model.json", "--layers=1", "--output=out"]
FLOWS = ["--hosts=4", "--endpoints=4", "--bytes=20000", "--output=out"]
BASES: List[List[str]] = [
    ["mixnet-training", *TRAINING, "--fidelity=flow"],
    ["mixnet-training", *TRAINING, "--backward=no"],
    ["mixnet-training", "--model=model.json", "--gpus=32", "--fidelity=flow", "--output=out"],
    ["mixnet-training", *TRAINING, "--fidelity=flow", "--expertLoad=load.json"],
    ["mixnet-training", *TRAINING, "--fidelity=flow", "--expertLoad=trace.jsonl"],
    ["mixnet-training", *TRAINING, "--fidelity=flow", "--computeProfile=profile.json"],
    ["mixnet-training", "--model=model.json", "--fidelity=flow", "--layerCorrelation=0.5",
     "--transition=next.json", "--output=out"],
    ["mixnet-training", *TRAINING, "--fidelity=flow", "--config=options.json"],
    ["mixnet-training", *TRAINING, "--fidelity=flow", "--preset=preset.json"],
    ["all-to-all", *FLOWS],
    ["all-to-all", *FLOWS, "--fidelity=flow"],
    ["all-to-all", "--hosts=4", "--flows=job.flows", "--output=out"],
    ["all-to-all", *FLOWS, "--cut=host0/0@1us-20us"],
    ["all-to-all", "--fabric=mixnet", "--hosts=2", "--endpoints=16", "--bytes=1000",
     "--fidelity=flow", "--output=out"],
    ["all-to-all", *FLOWS, "--preset=preset.json"],
    ["training-graph", "--model=model.json", "--output=out"],
    ["training-traffic", "--models=model.json", "--iterations=20", "--output=out"],
    ["fabric-cost", "--servers=16", "--fabrics=mixnet,fat-tree", "--output=out"],
    ["fabric-plans", "--servers=16"],
    ["ocs-reconfiguration", "--messageBytes=100000", "--swapAt=10us", "--swapBackAt=60us",
     "--reconfigurationDelay=20us", "--interval=10us"],
    ["topoopt-mix", "--servers=4", "--degrees=2", "--shares=0.4", "--rates=1",
     "--allReduceBytes=1MB", "--output=out"],
    ["packet-hop-benchmark", "--rounds=1", "--bytes=1000", "--packets=100"],
]

NUMBERS = ["0", "1", "2", "3", "7", "8", "-1", "0.5", "1e3", "1e-3", "1e400", "nan", "inf", "007",
           "18446744073709551615", "18446744073709551616", "4294944442", "4294944443", "0x10",
           "9" * 40]
UNITS = ["", "s", "ms", "us", "ps", "h", "Gb/s", "G", "GB/s", "bps", "B", "kB", "KiB", "MB", "mb",
         "Mb", "%", " Gb/s", "  us", "x"]
WORDS = ["yes", "no", "YES", "none", "all", "auto", "same", "flow", "packet", "mixnet", "fat-tree",
         "rail-only", "ideal-switch", "spray", "ecmp", "dcqcn", "swift", "greedy", "prototype",
         "piezo", "host", "rank", "reuse", "gpipe", "interleaved-1f1b", "skewed", "incast", "",
         "mixtral-8x7b", "h100", "nvlink-pairs", "ring", "production", ".", "..", "/", "/dev/null",
         "nowhere.json", "host0/0", "host0/0@1us", "host0/0@1e-6s-2e-6s,", "1,2,", ",", "a b", "é",
         "\x01", "'", "\"", "=", "--", "ns3::mixnet::Swift", "ns3::Object", *FILES]
SETTINGS = ["RngRun", "RngSeed", "SchedulerType", "SimulatorImplementationType", "ChecksumEnabled",
            "ns3::mixnet::RdmaNic::AckInterval", "ns3::mixnet::RdmaNic::Mtu",
            "ns3::mixnet::RdmaNic::LinkUpDelay", "ns3::mixnet::PacketSwitch::BufferSize",
            "ns3::mixnet::OcsSwitch::ReconfigurationTime", "ns3::mixnet::Dcqcn::AlphaInterval",
            "ns3::mixnet::RegionalController::Policy", "ns3::Colour::Red"]
# What makes a job large, though it is right: limits of what a mutation may ask for.
LARGE = {"hosts": 64, "gpusPerHost": 8, "gpus": 128, "layers": 4, "microbatches": 8, "servers": 64,
         "endpoints": 16, "iterations": 30, "iteration": 50, "firstIteration": 50, "rounds": 2,
         "packets": 1000, "dataParallel": 8, "layer": 4, "interval": 100, "tableRows": 100,
         "bytes": 100_000, "messageBytes": 1_000_000, "expertParallel": 64, "tensorParallel": 64,
         "pipelineParallel": 16, "chunks": 8, "skew": 10, "chunkBytes": 1 << 31,
         "allReduceBytes": 1_000_000}


class Trial(NamedTuple):
    """A mutated run."""

    words: List[str]  # the program and its arguments
    files: Dict[str, bytes]  # beside it


def value(source: random.Random) -> str:
    """Some value of some option."""
    kind = source.randrange(3)
    if kind == 0:
        return source.choice(WORDS)
    return source.choice(NUMBERS) + (source.choice(UNITS) if kind == 1 else "")


def changed_text(source: random.Random, text: str) -> str:
    """A text with a letter changed, inserted, removed or swapped, or one case turned."""
    if not text:
        return text
    at = source.randrange(len(text))
    letter = source.choice("abcxyzABC0123456789-=/,.@: ")
    return source.choice([
        text[:at] + letter + text[at + 1:], text[:at] + letter + text[at:],
        text[:at] + text[at + 1:], text[:at] + text[at + 1:at + 2] + text[at] + text[at + 2:],
        text.swapcase()])


def changed_bytes(source: random.Random, content: bytes) -> bytes:
    """A file with bytes changed, inserted, removed, or cut off, or something else altogether."""
    at = source.randrange(len(content) + 1)
    some = bytes([source.randrange(256)])
    other = source.choice(list(FILES.values())).encode()
    return source.choice([
        content[:at] + some + content[at + 1:], content[:at] + some + content[at:],
        content[:at] + content[at + 1:], content[:at], b"", other, content * 2,
        content.replace(b"1", b"-1"), content.replace(b"2", b"1e99"), content.replace(b"8", b"0"),
        content.replace(b"[", b"[" * 5), content.replace(b'"', b"'"),
        content.replace(b"1", b"18446744073709551616")])


def is_small(word: str) -> bool:
    """Whether an argument asks for no more than a test has time for."""
    name, _, text = word[2:].partition("=")
    if name not in LARGE:
        return True
    numbers = [float(number) for number in re.findall(r"\d+(?:\.\d+)?(?:e\d+)?", text.lower())]
    return not numbers or max(numbers) == 0 or max(numbers) <= LARGE[name] or \
        max(numbers) > 1e12 or "-" in text


def make_trial(seed: int, options: Dict[str, Dict[str, str]]) -> Trial:
    """
    The trial of a seed.

    @param seed Which one.
    @param options Options of every program, and their defaults.
    """
    source = random.Random(seed)
    base = source.choice(BASES)
    words = list(base)
    files = {name: text.encode() for name, text in FILES.items()}
    every = sorted({name for names in options.values() for name in names})
    for _ in range(source.choice([1, 1, 1, 2, 3])):
        kind = source.randrange(7)
        own = sorted(options[words[0]])
        named = [name for name in FILES if any(name in word for word in words[1:])]
        if kind == 0 and named:
            name = source.choice(named)
            files[name] = changed_bytes(source, files[name])
        elif kind == 1 and len(words) > 1:
            at = source.randrange(1, len(words))
            words[at] = changed_text(source, words[at])
        elif kind == 2:
            words.append(f"--{source.choice(every)}={value(source)}")
        elif kind == 3:
            words.append(f"--{source.choice(SETTINGS)}={value(source)}")
        elif kind == 4:
            words.append(source.choice([f"--{source.choice(own)}", value(source), "-h", "--",
                                        f"--{changed_text(source, source.choice(own))}=1"]))
        else:
            name = source.choice(own)
            default = options[words[0]][name]
            text = changed_text(source, default) if source.randrange(3) == 0 else value(source)
            words = [word for word in words if not word.startswith(f"--{name}=")]
            words.append(f"--{name}={text}")
    words = [word for word in words[1:] if is_small(word) and "\0" not in word]
    sizes = [word for word in base[1:] if word[2:].split("=")[0] in (*LARGE, "model", "models")]
    return Trial([base[0], *program.with_defaults(sizes, words)], files)


def faults_of(trial: Trial, folder: Path) -> List[str]:
    """
    What is wrong with how a trial ends; nothing when it ends as it should.

    @param trial The trial.
    @param folder An empty folder in which it runs.
    """
    for name, content in trial.files.items():
        (folder / name).write_bytes(content)
    try:
        result = program.run_program(trial.words[0], *trial.words[1:], cwd=folder,
                                     timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return [f"runs longer than {SECONDS} s"]
    faults = []
    if result.returncode not in CODES:
        faults.append(f"ends with code {result.returncode}")
    lines = result.stderr.splitlines()
    if len(lines) > MOST_LINES:
        faults.append(f"{len(lines)} lines of error")
    if result.returncode != 0 and not lines:
        faults.append("fails without a word")
    if result.stderr and any(len(line) > 2000 for line in lines):
        faults.append("a line of error with more than 2000 letters")
    faults += [f"results without a summary: {path.relative_to(folder)}"
               for path in folder.iterdir() if path.is_dir() and path.name != "frames"
               and any(path.glob("*.csv")) and not (path / "summary.json").is_file()]
    for summary in folder.glob("*/summary.json"):
        try:
            json.loads(summary.read_text(encoding="utf-8"))
        except ValueError as error:
            faults.append(f"{summary.relative_to(folder)}: {error}")
    return [f"{fault}; it said: {result.stderr[:1000]}" for fault in faults]


def options_of_programs() -> Dict[str, Dict[str, str]]:
    """Options of every program of BASES and their defaults, as its help lists them."""
    return {name: program.options_of(name)
            for name in sorted({base[0] for base in BASES})}


def run_trials(seeds: Sequence[int]) -> List[str]:
    """
    Runs trials; tells of each that does not end as it should how to repeat it and what is wrong.

    @param seeds Seeds of the trials.
    """
    options = options_of_programs()
    failures = []
    for seed in seeds:
        trial = make_trial(seed, options)
        with tempfile.TemporaryDirectory() as folder:
            faults = faults_of(trial, Path(folder))
        failures += [f"seed {seed}: {trial.words}: {fault}" for fault in faults]
    return failures


def main() -> int:
    """Runs the trials of a range of seeds."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--count", type=int, default=100, help="how many")
    arguments = parser.parse_args()
    failures = run_trials(range(arguments.first, arguments.first + arguments.count))
    print("\n".join(failures) or f"{arguments.count} trials ended as they should")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
