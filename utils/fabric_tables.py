# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""The tables of a comparison of fabrics."""

import csv
from pathlib import Path
from typing import Dict, Iterable, List, Mapping, Optional, Sequence, Tuple

import fabric_analysis as analysis
from console import Failure
from fabric_analysis import Row
from fabric_runs import Point, Result, Trial
from text_tables import TextTable

# TopoOpt's iteration time over MixNet's, mean of 100 to 800 Gb/s: MixNet (SIGCOMM 2025),
# section 7.3 and figure 12. Of Qwen-MoE the paper has 32 experts with 32-way EP.
PAPER_MEANS = {"mixtral-8x22b": 1.5, "mixtral-8x7b": 1.4, "qwen-moe": 1.5, "qwen-moe-ep32": 1.5,
               "deepseek-r1": 1.3}
# The same at one rate, where there is no mean: the data on the paper's public site, 400 Gb/s.
PAPER_AT = {"llama-moe": (400.0, 2.5)}

UNIFORM_TOLERANCE = 0.01  # of spread over own-nic with a uniform load
EVEN = 1.001  # tokens of the hottest EP rank over the mean, where experts divide by ranks
PUBLISHED_COLUMNS = ("model", "linkRateGbps", "mixnet", "topoopt")

Published = Mapping[Tuple[str, float], float]  # model and rate -> TopoOpt over MixNet


def ms(seconds: float) -> str:
    """Milliseconds, for people."""
    return f"{1e3 * seconds:.1f}"


def change(seconds: float) -> str:
    """A difference in milliseconds, for people; one that does not show is none."""
    text = f"{1e3 * seconds:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text


def trials_table(trials: Sequence[Trial]) -> TextTable:
    """Which forwardings the fabrics admit."""
    rows = [[trial.fabric, trial.forwarding,
             "no" if trial.problem else "not compared" if trial.note else "yes",
             trial.problem or trial.note or "-"] for trial in trials]
    return TextTable("Admissible forwardings", ("fabric", "forwarding", "admissible", "why not"),
                     rows, ("Each was tried with a job of one layer on 4 servers.",), texts=4)


def iteration_table(model: str, rate: float, rows: Sequence[Row]) -> TextTable:
    """All fabrics for a model and a rate."""
    head = ("fabric", "forwarding", "iteration", "over ideal", "all-to-all", "hops",
            *analysis.DIFFERENCES, "most of it", "check")
    lines = [line_of(row) for row in rows]
    before = ["Times in ms. From `compute` to `waiting`: what the critical path has more of than "
              "the ideal's, in sum the difference; `hops` of all-to-alls, PP, gradients."]
    for row in rows:
        if row.isIdeal:
            parts = analysis.parts_of(row.summary)
            before.append(f"{row.point.fabric}, {row.point.forwarding}: " + ", ".join(
                f"{name} {ms(seconds)}" for name, seconds in parts.items()))
    return TextTable(f"{model}, {rate:g} Gb/s", head, lines, before, warnings_of(rows), texts=2)


def line_of(row: Row) -> List[str]:
    """A run in the table of its model and rate."""
    hops = "/".join(f"{analysis.hops_of(row.summary, part):.2f}".rstrip("0").rstrip(".")
                    for part in analysis.TRAFFIC)
    more = analysis.differences_of(row.summary, row.ideal) if row.ideal else {}
    return [f"{row.point.fabric} ({row.point.policy})" if row.point.policy else row.point.fabric,
            row.point.forwarding, ms(row.seconds),
            "-" if row.ratio is None else f"{row.ratio:.4f}",
            ms(analysis.parts_of(row.summary)["all-to-all"]), hops,
            *(change(more[part]) if more else "-" for part in analysis.DIFFERENCES),
            row.cause, row.check]


def warnings_of(rows: Iterable[Row]) -> List[str]:
    """What is faster than physics allows, loudly."""
    return [f"!!! {row.point.label}: {row.check}" for row in rows if row.isTooFast]


def uniform_table(rows: Sequence[Row]) -> Tuple[TextTable, List[str]]:
    """Spread over own-nic where all experts get the same; and what is not as it has to be."""
    by_point = {row.point: row for row in rows}
    lines: List[List[str]] = []
    wrong: List[str] = []
    for row in rows:
        other = by_point.get(row.point._replace(forwarding="spread"))
        if row.point.forwarding != "own-nic" or other is None:
            continue
        ratio = other.seconds / row.seconds
        parts = [analysis.parts_of(one.summary)["all-to-all"] for one in (row, other)]
        hottest = row.summary["expertImbalance"]
        verdict = uniform_verdict(ratio, hottest)
        if verdict.startswith("DIFFERS"):
            wrong.append(f"!!! {other.point.label}: {verdict} from own-nic")
        lines.append([row.point.model, f"{row.point.rate:g}", row.point.fabric, ms(row.seconds),
                      ms(other.seconds), f"{ratio:.4f}", ms(parts[0]), ms(parts[1]),
                      f"{hottest:.3f}", verdict])
    head = ("model", "Gb/s", "fabric", "own-nic", "spread", "ratio", "all-to-all own-nic",
            "all-to-all spread", "hottest rank", "check")
    return TextTable("Uniform load", head, lines,
                     ("Times in ms. Where all ranks get the same, all NICs are equally busy in "
                      "both forwardings: on fabrics that do not block they differ by less than "
                      f"{100 * UNIFORM_TOLERANCE:g} %. Experts that do not divide by ranks leave "
                      "a hottest rank, which spread may gain by.",), wrong, texts=1), wrong


def uniform_verdict(ratio: float, hottest: float) -> str:
    """
    Whether spread over own-nic is as it has to be with a uniform load.

    @param ratio Of iteration times. @param hottest Tokens of the hottest rank over the mean.
    """
    gains = ratio < 1 - UNIFORM_TOLERANCE
    if ratio > 1 + UNIFORM_TOLERANCE or (gains and hottest <= EVEN):
        return f"DIFFERS by {100 * (ratio - 1):+.2f} %"
    return "ok: experts do not divide by ranks" if gains else "ok"


def of_paper(model: str, rate: Optional[float], published: Published) -> str:
    """The published ratio for a rate, or its mean; a dash where there is none."""
    if rate is not None:
        at, ratio = PAPER_AT.get(model, (None, 0.0))
        found = published.get((model, rate), ratio if at == rate else None)
        return "-" if found is None else f"{found:.2f}"
    return f"{PAPER_MEANS[model]:g}" if model in PAPER_MEANS else "-"


def topoopt_table(results: Mapping[Point, Result], published: Published) -> TextTable:
    """TopoOpt over MixNet, and where the difference is on the critical path."""
    head = ("model", "policy", "Gb/s", "TopoOpt", "MixNet", "ratio", "published",
            "without compute", *analysis.DIFFERENCES, "for published ratio")
    lines = []
    pairs: Dict[Tuple[str, str], List[Tuple[float, Row]]] = {}
    for point, result in results.items():
        other = results.get(point._replace(fabric="topoopt", forwarding="relay", policy=""))
        if point.fabric == "mixnet" and result.summary and other and other.summary:
            pairs.setdefault((point.model, point.policy), []).append(
                (point.rate, Row(other.point, other.summary, result.summary)))
    for (model, policy), rows in pairs.items():
        lines += [topoopt_line(model, policy, rate, row, published) for rate, row in rows]
        mean = sum(row.ratio for _, row in rows) / len(rows)
        lines.append([model, policy, "mean", "", "", f"{mean:.3f}", of_paper(model, None, published),
                      "", *("" for _ in analysis.DIFFERENCES), ""])
    before = ["Times in ms. `without compute`: the ratio of what is left of both without computing. "
              "From `compute` to `waiting`: what TopoOpt's critical path has more of than MixNet's; "
              "`for published ratio`: what it would have to have more of in sum.",
              "Published: means of 100 to 800 Gb/s in MixNet (SIGCOMM 2025), section 7.3 (Qwen-MoE "
              "with 32 experts and EP 32 there); single rates from the data of its site."]
    return TextTable("TopoOpt over MixNet", head, lines, before, texts=2)


def topoopt_line(model: str, policy: str, rate: float, row: Row, published: Published) -> List[str]:
    """The ratio at one rate."""
    mixnet = row.ideal or {}
    rests = [one["iterationTimeSeconds"] - analysis.parts_of(one)["compute"]
             for one in (row.summary, mixnet)]
    more = analysis.differences_of(row.summary, mixnet)
    ratio = of_paper(model, rate, published)
    wanted = PAPER_MEANS.get(model, 1.0) if ratio == "-" else float(ratio)
    is_known = ratio != "-" or model in PAPER_MEANS
    return [model, policy, f"{rate:g}", ms(row.seconds), ms(mixnet["iterationTimeSeconds"]),
            f"{row.ratio:.3f}", ratio, f"{rests[0] / rests[1]:.3f}" if rests[1] > 0 else "-",
            *(change(more[part]) for part in analysis.DIFFERENCES),
            change((wanted - 1) * mixnet["iterationTimeSeconds"]) if is_known else "-"]


def failures_table(results: Iterable[Result]) -> TextTable:
    """The runs without results."""
    rows = [[result.point.label, result.problem] for result in results if result.summary is None]
    return TextTable("Runs without results", ("run", "why"), rows, texts=2)


def make_tables(trials: Sequence[Trial], results: Mapping[Point, Result],
                published: Published) -> Tuple[List[TextTable], List[str]]:
    """
    All tables.

    @return the tables, and a line for each value that cannot be.
    """
    rows = analysis.rows_of(results)
    skewed = [row for row in rows if not row.point.uniform]
    tables, wrong = [trials_table(trials)], warnings_of(rows)
    for model, rate in dict.fromkeys((row.point.model, row.point.rate) for row in skewed):
        tables.append(iteration_table(model, rate, [
            row for row in skewed if (row.point.model, row.point.rate) == (model, rate)]))
    uniform, differing = uniform_table([row for row in rows if row.point.uniform])
    topoopt = topoopt_table({point: result for point, result in results.items()
                             if not point.uniform}, published)
    failures = failures_table(results.values())
    tables += [table for table in (uniform, topoopt, failures) if table.rows]
    return tables, wrong + differing


def write_csv(path: Path, results: Mapping[Point, Result]) -> None:
    """Writes a row for every run."""
    rows = {row.point: row for row in analysis.rows_of(results)}
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["model", "linkGbps", "fabric", "forwarding", "policy", "load", "state",
                         "iterationTimeSeconds", "overIdeal", "check", "wallSeconds",
                         "exposedReconfigurationSeconds",
                         *(f"{word}Hops" for word in analysis.TRAFFIC),
                         *(f"{word}PathSeconds" for word in analysis.PARTS),
                         *(f"{word}OverIdealSeconds" for word in analysis.DIFFERENCES)])
        for point, result in results.items():
            about = [point.model, f"{point.rate:g}", point.fabric, point.forwarding, point.policy,
                     "uniform" if point.uniform else "skewed"]
            row = rows.get(point)
            if row is None:
                writer.writerow([*about, result.problem])
                continue
            more = analysis.differences_of(row.summary, row.ideal) if row.ideal else {}
            writer.writerow([
                *about, "complete", row.seconds, row.ratio, row.check, row.summary["wallSeconds"],
                row.summary["exposedReconfigurationSeconds"],
                *(analysis.hops_of(row.summary, part) for part in analysis.TRAFFIC),
                *analysis.parts_of(row.summary).values(),
                *(more.get(part) for part in analysis.DIFFERENCES)])


def read_published(path: Path) -> Dict[Tuple[str, float], float]:
    """Reads published iteration times: TopoOpt over MixNet by model and rate."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            found = list(csv.DictReader(file))
    except OSError as error:
        raise Failure(f"--published={path}: {error.strerror}") from error
    try:
        return {(row["model"], float(row["linkRateGbps"])):
                float(row["topoopt"]) / float(row["mixnet"]) for row in found}
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        raise Failure(f"--published={path}: expected the columns {', '.join(PUBLISHED_COLUMNS)} "
                      "with numbers") from None

