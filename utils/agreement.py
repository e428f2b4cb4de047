#!/usr/bin/env python3
# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Writes the record of agreement: what the paper and its authors' data say, and what our studies say.

usage: utils/agreement.py [--studies=FOLDER] [--claims=FILE] [--causes=FILE] [--output=FILE]

  utils/study.py all && utils/agreement.py

FOLDER:  where the results of the studies are, study-NAME each: the folder you are in
claims:  examples/studies/claims.csv: a row for each claim, with the study, column and rows that answer
         it
definitions: where the studies are described: examples/studies
causes:  examples/studies/causes.csv: why claims differ, by the beginnings of their names
output:  doc/validation.md

Each claim has a range. Ours agrees when it is in the range or within 10 % of it, is near within 25 %,
and differs otherwise. Claims whose study has not been done are listed as such. Exit code 0 also when
claims differ: the record says what is, not what should be.
"""

import csv
import sys
from argparse import SUPPRESS, Namespace, RawDescriptionHelpFormatter
from collections import Counter
from pathlib import Path
from typing import Dict, List, NamedTuple, Optional, Sequence

sys.dont_write_bytecode = True  # nothing changes outside build/

from console import Failure, Parser, make_file  # noqa: E402
from studies.definition import Study  # noqa: E402
from studies.results import TABLE, Row, read_table, relative, select  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
STUDIES = ROOT / "examples" / "studies"
FIELDS = ("id", "section", "figure", "text", "model", "linkRateGbps", "low", "high", "unit", "study",
          "column", "where", "over", "reduce")
REDUCE = {"mean": lambda values: sum(values) / len(values), "max": max, "min": min}
AGREES, NEAR = 0.10, 0.25  # of the nearer end of the range
DIGITS = {"ratio": 3, "part": 3, "s": 4}


class Claim(NamedTuple):
    """What somebody has said, and how it is looked up."""

    fields: Dict[str, str]
    low: float
    high: float

    def __getitem__(self, name: str) -> str:
        return self.fields[name]


class Answer(NamedTuple):
    """What our studies say."""

    value: Optional[float]
    least: float = 0
    most: float = 0
    runs: int = 0
    verdict: str = "not done"


def labels_of(text: str) -> Dict[str, str]:
    """Labels of axes, as fabric=MixNet;model=llama-moe."""
    return dict(part.split("=", 1) for part in text.split(";") if part)


def read_claims(path: Path) -> List[Claim]:
    """All claims."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}") from error
    claims = []
    for number, row in enumerate(rows, 2):
        where = f"{path}: line {number}"
        if tuple(row) != FIELDS or None in row.values():
            raise Failure(f"{where}: has other columns than {', '.join(FIELDS)}")
        try:
            low, high = float(row["low"]), float(row["high"])
        except ValueError:
            raise Failure(f"{where}: low is {row['low']}, high {row['high']}; expected numbers"
                          ) from None
        if not 0 < low <= high:
            raise Failure(f"{where}: low is {low:g}, high {high:g}; expected 0 < low <= high")
        if row["reduce"] not in REDUCE or row["unit"] not in DIGITS:
            raise Failure(f"{where}: reduce is {row['reduce']}, unit {row['unit']}; expected "
                          f"{', '.join(REDUCE)} and {', '.join(DIGITS)}")
        claims.append(Claim(row, low, high))
    return claims


def verdict_of(claim: Claim, value: float) -> str:
    """Whether a value is what is claimed."""
    if claim.low <= value <= claim.high:
        return "agrees"
    end = claim.low if value < claim.low else claim.high
    off = abs(value - end) / end
    return "agrees" if off <= AGREES else "near" if off <= NEAR else "differs"


def answer(claim: Claim, rows: Optional[Sequence[Row]]) -> Answer:
    """What a study says to a claim."""
    if rows is None:
        return Answer(None)
    chosen = list(rows)
    if claim["over"]:
        chosen = relative(chosen, claim["column"], labels_of(claim["over"]))
    values = [row[claim["column"]] for row in select(chosen, labels_of(claim["where"]))
              if isinstance(row.get(claim["column"]), float)]
    if not values:
        return Answer(None)
    value = REDUCE[claim["reduce"]](values)
    return Answer(value, min(values), max(values), len(values), verdict_of(claim, value))


def read_causes(path: Path) -> List[Sequence[str]]:
    """Beginnings of names of claims, and why those differ; the longest first."""
    with path.open(encoding="utf-8", newline="") as file:
        causes = [(row["claim"], row["cause"]) for row in csv.DictReader(file)]
    return sorted(causes, key=lambda cause: -len(cause[0]))


def cause_of(claim: Claim, causes: Sequence[Sequence[str]]) -> str:
    """Why a claim differs, as far as is known."""
    return next((cause for begin, cause in causes if claim["id"].startswith(begin)), "")


def range_of(claim: Claim) -> str:
    """What is claimed."""
    return f"{claim.low:g}" if claim.low == claim.high else f"{claim.low:g} to {claim.high:g}"


def line_of(claim: Claim, ours: Answer, artifact: Answer, causes: Sequence[Sequence[str]]) -> str:
    """A row of the record."""
    def shown(one: Answer) -> str:
        if one.value is None:
            return "-"
        digits = DIGITS[claim["unit"]]
        spread = f" ({one.least:.{digits}f} to {one.most:.{digits}f})" if one.runs > 1 else ""
        return f"{one.value:.{digits}f}{spread}"
    cause = cause_of(claim, causes) if ours.verdict in ("near", "differs") else ""
    cells = (claim["id"], claim["section"], claim["figure"], claim["text"], claim["model"],
             claim["linkRateGbps"], range_of(claim), shown(ours), shown(artifact), ours.verdict,
             cause)
    return "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |"


def record(claims: Sequence[Claim], tables: Dict[str, Optional[List[Row]]],
           causes: Sequence[Sequence[str]]) -> str:
    """The whole record."""
    lines = []
    verdicts: Counter[str] = Counter()
    for claim in claims:
        ours = answer(claim, tables[claim["study"]])
        artifact = answer(claim, tables[claim["study"] + "-artifact"])
        verdicts[ours.verdict] += 1
        lines.append(line_of(claim, ours, artifact, causes))
    told = ", ".join(f"{count} {name}" for name, count in sorted(verdicts.items()))
    return f"""# Record of agreement

Written by `utils/agreement.py` from the results of `utils/study.py all`; not to be changed by hand.

Each row is a claim of the paper MixNet (SIGCOMM 2025), its talk, its authors' site, or the TopoOpt
lecture, by section and figure. *Ours* is under equal terms: every fabric has the same load, computing,
frames and transport, the paper's parameters, and the forwarding its users expect; mean, and in brackets
least and most, over line rates or whatever the claim averages. *Authors' terms* are those of the preset
`mixnet-sigcomm25-artifact`. A claim *agrees* when ours is in its range or within 10 % of it, is *near*
within 25 %, and *differs* otherwise.

{len(claims)} claims: {told}.

| claim | section | figure | what | model | Gb/s | claimed | ours | authors' terms | verdict | cause |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
""" + "\n".join(lines) + "\n"


def read_arguments(words: Sequence[str]) -> Namespace:
    """Reads the command line."""
    parser = Parser(prog="utils/agreement.py", description=__doc__, usage=SUPPRESS,
                    formatter_class=RawDescriptionHelpFormatter, allow_abbrev=False)
    parser.add_argument("--studies", type=Path, default=Path("."))
    parser.add_argument("--claims", type=Path, default=STUDIES / "claims.csv")
    parser.add_argument("--definitions", type=Path, default=STUDIES)
    parser.add_argument("--causes", type=Path, default=STUDIES / "causes.csv")
    parser.add_argument("--output", type=Path, default=ROOT / "doc" / "validation.md")
    return parser.parse_args(words)


def make(arguments: Namespace) -> Path:
    """Writes the record; where it is."""
    claims = read_claims(arguments.claims)
    tables: Dict[str, Optional[List[Row]]] = {}
    for name in {claim["study"] + end for claim in claims for end in ("", "-artifact")}:
        path = arguments.studies / f"study-{name}" / TABLE
        tables[name] = (read_table(path, Study(arguments.definitions / name).axes)
                        if path.is_file() else None)
    if not any(tables.values()):
        raise Failure(f"--studies={arguments.studies}: has no results of a study; utils/study.py all "
                      "makes them")
    output: Path = arguments.output
    part = output.with_suffix(".part")
    try:
        part.write_text(record(claims, tables, read_causes(arguments.causes)), encoding="utf-8")
        part.replace(output)
    except OSError as error:
        raise Failure(f"--output={output}: {error.strerror}") from error
    return output


if __name__ == "__main__":
    sys.exit(make_file("agreement.py", lambda: make(read_arguments(sys.argv[1:]))))
