#!/usr/bin/env python3
# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Writes a routing trace in the format of Megatron-core (--moe-routing-trace-path), for trials.

usage: utils/make-routing-trace.py FILE [--ranks=32] [--experts=8] [--topK=2] [--layers=32]
                                   [--steps=10] [--tokens=1024] [--skew=0.65] [--seed=1]

A line per step, layer and rank, each with that many tokens; every GPU of an EP group is a rank here
and records its part of the tokens of the group. The experts of a layer differ in
popularity: by a log-normal factor of this skew, drawn for each step and layer. The defaults fit
Mixtral 8x7B and make 10,485,760 tokens, 63 MB, in some seconds:

    utils/make-routing-trace.py trace.jsonl
    ./ns3 run "training-traffic --models=mixtral-8x7b --expertLoad=trace.jsonl"
"""

import argparse
import math
import os
import random
import sys
from pathlib import Path
from typing import List, Sequence, TextIO

sys.dont_write_bytecode = True

from console import Failure, Parser  # noqa: E402

TOKENS_DRAWN = 4096  # different tokens of a layer; a rank's tokens are drawn from them


def token_texts(source: random.Random, experts: int, top_k: int, skew: float) -> List[str]:
    """Tokens of one layer as text: each some experts, in the order of their random keys."""
    sigma = math.sqrt(math.log(1 + skew * skew))
    rates = [math.exp(source.gauss(0, sigma)) for _ in range(experts)]
    texts = []
    for _ in range(TOKENS_DRAWN):
        # Without replacement, in proportion to the rates (Efraimidis and Spirakis, 2006).
        keys = [(math.log(1 - source.random()) / rate, expert)
                for expert, rate in enumerate(rates)]
        chosen = sorted(keys, reverse=True)[:top_k]
        texts.append("[" + ",".join(str(expert) for _, expert in chosen) + "]")
    return texts


def write_trace(file: TextIO, arguments: argparse.Namespace) -> int:
    """Writes all records and returns the number of tokens."""
    source = random.Random(arguments.seed)
    for step in range(arguments.steps):
        for layer in range(arguments.layers):
            texts = token_texts(source, arguments.experts, arguments.topK, arguments.skew)
            for rank in range(arguments.ranks):
                tokens = source.choices(texts, k=arguments.tokens)
                file.write(f'{{"step":{step},"layer":{layer},"rank":{rank},'
                           f'"num_tokens":{arguments.tokens},"topk":{arguments.topK},'
                           f'"top_indices":[{",".join(tokens)}]}}\n')
    return arguments.steps * arguments.layers * arguments.ranks * arguments.tokens


def write_whole(arguments: argparse.Namespace) -> int:
    """Writes the trace as a whole or not at all, and returns the number of tokens."""
    if arguments.file.is_dir():
        raise Failure(f"{arguments.file}: is a folder; expected a file")
    is_special = arguments.file.exists() and not arguments.file.is_file()
    path = arguments.file if is_special else arguments.file.with_name(arguments.file.name + ".part")
    try:
        with path.open("w", encoding="ascii") as file:
            tokens = write_trace(file, arguments)
        if not is_special:
            os.replace(path, arguments.file)
    except BaseException:
        if not is_special:
            path.unlink(missing_ok=True)
        raise
    return tokens


def read_arguments(words: Sequence[str]) -> argparse.Namespace:
    """Reads the command line."""
    parser = Parser(prog="utils/make-routing-trace.py", description=__doc__,
                    formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
    parser.add_argument("file", type=Path)
    for name, value in (("ranks", 32), ("experts", 8), ("topK", 2), ("layers", 32), ("steps", 10),
                        ("tokens", 1024)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--skew", type=float, default=0.65)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args(words)
    for name in ("ranks", "experts", "topK", "layers", "steps", "tokens"):
        if getattr(arguments, name) < 1:
            parser.error(f"--{name} is {getattr(arguments, name)}; expected 1 or more")
    if arguments.topK > arguments.experts:
        parser.error(f"--topK is {arguments.topK}; expected at most --experts={arguments.experts}")
    if not 0 <= arguments.skew <= 10:
        parser.error(f"--skew is {arguments.skew}; expected 0 to 10")
    return arguments


def main() -> int:
    """Reads the arguments and writes the trace."""
    try:
        arguments = read_arguments(sys.argv[1:])
        tokens = write_whole(arguments)
    except Failure as failure:
        print(f"make-routing-trace.py: {failure}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"make-routing-trace.py: {arguments.file}: {error.strerror}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("make-routing-trace.py: interrupted", file=sys.stderr)
        return 130
    print(f"{arguments.file}: {tokens} tokens, {arguments.file.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
