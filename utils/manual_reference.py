# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""
Chapters of the manual that nobody writes: classes, names, options and packages.

Classes and names are what mixnet-reference prints: the TypeIds and registries themselves. Options
are what each program prints as its help. Signatures of trace sources are from the headers.
"""

import json
import re
from pathlib import Path
from typing import Any, Dict, Iterable, List, NamedTuple, Sequence

import system_packages
from commands import HANG_SECONDS, capture
from console import Failure
from ns3_tree import Tree
from simulations import Programs, last_word

REFERENCE = "mixnet-reference"
# Help of our programs, see the class OptionHelp: headings, and options with what is said below them.
HEADING = re.compile(r"^(\S.*) \(--help=\w+\)$")
OPTION = re.compile(r"^  --(\w+)=(.*)$")
MEANING = " " * 6
# Help of ns-3's CommandLine: an option, what it means, and in brackets its default.
PLAIN_OPTION = re.compile(r"^    --(\w+):\s+(\S.*) \[(.*)\]$", re.MULTILINE)
PLAIN_TITLE = "Program Options"
TYPEDEF = re.compile(r"typedef\s+void\s+\(\*(\w+)\)\(([^;]*)\);", re.DOTALL)
CLASS = re.compile(r"^(?:class|struct)\s+(\w+)[^;{]*\{", re.MULTILINE)
ENDLESS = {  # ends of a range that are those of the type
    "uint8_t": (0, 2**8 - 1), "uint16_t": (0, 2**16 - 1), "uint32_t": (0, 2**32 - 1),
    "uint64_t": (0, 2**64 - 1), "int64_t": (-2**63, 2**63 - 1),
    "double": (-1e300, 1e300), "Time": (-9e18, 9e18),  # at least; of Time in ns
}
KINDS = {"Uinteger": "whole number", "Integer": "whole number", "Double": "number",
         "Boolean": "true or false", "String": "text", "Time": "time", "DataRate": "rate",
         "TypeId": "name of a class", "Pointer": "object"}
RATES = (("Gb/s", 10**9), ("Mb/s", 10**6), ("kb/s", 10**3), ("b/s", 1))  # units, in bit/s
TIMES = (("s", 10**9), ("ms", 10**6), ("us", 10**3))  # units, in ns
PURPOSES = {  # of a package, by Package.needed_for
    "build": "required", "test": "required by ``./test.py``", "speed": "builds faster",
    "plots": "plots", "witness": "installed by ``./test.py`` for tests that need it",
    "study": "studies, ``utils/study.py``",
    "notebook": "installed by ``./test.py --full`` to run the notebook",
    "manual": "required by ``utils/manual.py``",
    "netanim": "NetAnim, for ``utils/netanim.py``", "browser": "pictures of the documentation",
}


class Option(NamedTuple):
    """An option of a program."""

    name: str
    meaning: str
    default: str


class Group(NamedTuple):
    """Options under one heading of a help."""

    title: str
    options: List[Option]


def program_names(tree: Tree) -> List[str]:
    """The programs of the module in a tree, without those that need modules it does not have."""
    return sorted({program.name for program in tree.programs()
                   if list(program.folders[:3]) == ["contrib", "mixnet", "examples"]})


def escape(text: str) -> str:
    """A text as reStructuredText shows it."""
    return re.sub(r"([\\*`|_<>@])", r"\\\1", text)


def heading(title: str, character: str) -> List[str]:
    """The lines of a heading."""
    return [title, character * len(title), ""]


def chapter(title: str, words: str) -> List[str]:
    """How a chapter begins."""
    return [*heading(title, "-"), words, ""]


def table(columns: Sequence[str], widths: Sequence[int],
          rows: Iterable[Sequence[str]]) -> List[str]:
    """A table; cells are reStructuredText of one line."""
    lines = [".. list-table::", "   :header-rows: 1",
             f"   :widths: {' '.join(map(str, widths))}", ""]
    for row in [columns, *rows]:
        for number, cell in enumerate(row):
            lines.append(f"   {'*' if number == 0 else ' '} - {cell}".rstrip())
    return [*lines, ""]


def literal(text: str) -> str:
    """A text as code; nothing where there is none."""
    return f"``{text}``" if text else ""


# --- classes ---------------------------------------------------------------------------------


def signatures(folder: Path) -> Dict[str, str]:
    """Parameters of traced callbacks, by the class and name of each, as the headers have them."""
    found: Dict[str, str] = {}
    for path in sorted(folder.rglob("*.h")):
        text = path.read_text(encoding="utf-8")
        classes = [(match.start(), match.group(1)) for match in CLASS.finditer(text)]
        for match in TYPEDEF.finditer(text):
            owner = [name for start, name in classes if start < match.start()]
            if owner:
                found[f"{owner[-1]}::{match.group(1)}"] = " ".join(match.group(2).split())
    return found


def signature_of(callback: str, known: Dict[str, str]) -> str:
    """What a sink of a trace source gets."""
    owner, name = callback.split("::")[-2:]
    if owner == "TracedValueCallback":
        kind = name.lower()
        return literal(f"({kind} before, {kind} now)")
    parameters = known.get(f"{owner}::{name}")
    return literal(f"({parameters})" if parameters is not None else callback)


def readable(text: str) -> str:
    """A value as people write it: +25000ns as 25us, 100000000bps as 100Mb/s."""
    rate = re.match(r"^([1-9]\d*)bps$", text)
    if rate:
        bits = int(rate.group(1))
        return next(f"{bits // factor}{unit}" for unit, factor in RATES if bits % factor == 0)
    match = re.match(r"^\+?(-?\d+(?:\.\d+)?(?:e\+\d+)?)ns$", text)
    if not match:
        return text
    value = int(float(match.group(1)))
    for unit, factor in TIMES:
        if value and value % factor == 0:
            return f"{value // factor}{unit}"
    return f"{value}ns" if value else "0s"


def range_of(attribute: Dict[str, Any]) -> str:
    """The values that an attribute takes; an end that is only that of the type is left out."""
    kind, text = attribute["type"].replace("ns3::", "").replace("Value", ""), attribute["range"]
    kind = KINDS.get(kind, kind)
    match = re.match(r"^(?:ns3::)?(\w+) ([^:]+):([^:]+)$", text)
    if not match or match.group(1) not in ENDLESS:
        return ", ".join(text.split("|")) if "|" in text else kind
    least, most = ENDLESS[match.group(1)]
    low, high = match.group(2), match.group(3)
    has_low = least < float(low.replace("ns", "")) < most
    has_high = float(high.replace("ns", "")) < most
    if has_low and has_high:
        return f"{kind}, {readable(low)} to {readable(high)}"
    if has_low:
        return f"{kind}, from {readable(low)}"
    return kind + (f", to {readable(high)}" if has_high else "")


def describe_class(kind: Dict[str, Any], known: Dict[str, str]) -> List[str]:
    """A section about a class."""
    short = kind["name"].replace("ns3::mixnet::", "")
    lines = [*heading(short, "*"), f"``{kind['name']}``, a kind of ``{kind['parent']}``.", ""]
    if kind["attributes"]:
        rows = [(escape(one["name"]), literal(readable(one["default"])), escape(range_of(one)),
                 escape(one["help"]) + ("" if one["settable"] else " Read only."))
                for one in kind["attributes"]]
        lines += table(("attribute", "default", "values", "meaning"), (22, 18, 18, 42), rows)
    if kind["traceSources"]:
        rows = [(escape(one["name"]), signature_of(one["callback"], known), escape(one["help"]))
                for one in kind["traceSources"]]
        lines += table(("trace source", "a sink gets", "meaning"), (22, 40, 38), rows)
    return lines


def classes_chapter(types: Sequence[Dict[str, Any]], root: Path) -> List[str]:
    """Attributes and trace sources of all classes."""
    known = signatures(root / "contrib" / "mixnet")
    described = [kind for kind in types if kind["attributes"] or kind["traceSources"]]
    plain = [kind["name"] for kind in types if kind not in described]
    lines = chapter("Attributes and trace sources",
                    "From the TypeIds of the module. A class also has what its parent has. To set "
                    "an attribute for all objects of a class: "
                    "``./ns3 run \"PROGRAM --ns3::mixnet::CLASS::ATTRIBUTE=VALUE\"``.")
    for kind in described:
        lines += describe_class(kind, known)
    if plain:
        lines += ["Without attributes and trace sources of their own: "
                  + ", ".join(map(literal, plain)) + ".", ""]
    return lines


# --- names -----------------------------------------------------------------------------------


def names_chapter(families: Sequence[Dict[str, Any]]) -> List[str]:
    """What can be chosen by name."""
    lines = chapter("Names", "Everything that is chosen by name, family by family, from the "
                    "registries. A program of one file adds to each, see "
                    ":doc:`tutorial-allocator`.")
    for family in families:
        title = family["title"][0].upper() + family["title"][1:]
        lines += [*heading(title, "*"), f"Chosen by ``--{family['option']}``; registry "
                  f"``{family['accessor']}()``.", ""]
        lines += table(("name", "what it is"), (25, 75),
                       [(literal(entry["name"]), escape(entry["summary"]))
                        for entry in family["entries"]])
    return lines


# --- options ---------------------------------------------------------------------------------


def parse_help(text: str) -> List[Group]:
    """The options that a help lists, by its headings; those of ns-3 are left out."""
    plain = [Option(name, meaning, default)
             for name, meaning, default in PLAIN_OPTION.findall(text)]
    if plain:
        return [Group(PLAIN_TITLE, plain)]
    groups: List[Group] = []
    for line in text.splitlines():
        head, found = HEADING.match(line), OPTION.match(line)
        if head:
            groups.append(Group(head[1], []))
        elif groups and found:
            groups[-1].options.append(Option(found[1], "", found[2]))
        elif groups and line.startswith(MEANING):
            last = groups[-1].options[-1]
            words = f"{last.meaning} {line.strip()}".strip()
            # What it takes and needs are sentences of their own.
            words = re.sub(r"(?<![.:;]) (?=(?:Takes|Needs): )", ". ", words)
            groups[-1].options[-1] = last._replace(meaning=words)
        elif line.strip():
            if groups:
                break  # what ns-3 has comes last, under a heading of another form
    return groups


def about_of(text: str) -> str:
    """What a program does: the first paragraph of its help, usage apart."""
    paragraphs = (" ".join(part.split()) for part in text.split("\n\n"))
    return next((part for part in paragraphs if not part.startswith("[Program Options]")), "")


def help_of(programs: Programs, name: str) -> str:
    """All that a program's help has."""
    for words in (["--help=all"], ["--help"]):
        outcome = capture([programs.path_of(name), *words], HANG_SECONDS, env=programs.environment,
                          errors_apart=True)
        if outcome.succeeded and (words == ["--help"] or parse_help(outcome.output)):
            return outcome.output
    raise Failure(f"{name} --help: {last_word(outcome)}")


def options_chapter(programs: Programs, names: Sequence[str]) -> List[str]:
    """Options of all programs."""
    lines = chapter("Options of programs", "From ``--help=all`` of each program. How options are "
                    "written, and where values come from, is in :doc:`mixnet-programs`.")
    for name in names:
        text = help_of(programs, name)
        about = about_of(text)
        lines += [*heading(name, "*"), escape(about), ""]
        groups = parse_help(text)
        for group in groups:
            if len(groups) > 1:
                lines += heading(group.title, "=")
            lines += table(("option", "default", "meaning"), (24, 16, 60),
                           [(literal("--" + one.name), literal(one.default), escape(one.meaning))
                            for one in group.options])
    return lines


# --- packages --------------------------------------------------------------------------------


def packages_table() -> List[str]:
    """The Debian packages that entry points install."""
    purposes: Dict[str, List[str]] = {}
    for package in system_packages.PACKAGES:
        purposes.setdefault(package.name, []).append(PURPOSES[package.needed_for])
    return table(("package", "what for"), (30, 70),
                 [(literal(name), words[0]) for name, words in purposes.items()])


def write(root: Path, programs: Programs, folder: Path) -> None:
    """Writes the generated chapters into a folder."""
    outcome = capture([programs.path_of(REFERENCE)], HANG_SECONDS, env=programs.environment,
                      errors_apart=True)
    if not outcome.succeeded:
        raise Failure(f"{REFERENCE}: {last_word(outcome)}")
    reference = json.loads(outcome.output)
    for name, lines in {
        "reference-classes.rst": classes_chapter(reference["types"], root),
        "reference-names.rst": names_chapter(reference["families"]),
        "reference-options.rst": options_chapter(programs, program_names(programs.tree)),
        "packages.txt": packages_table(),
    }.items():
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
