# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""
Turns the package sources a machine is set up with into a list of source-code archives.

Debian keeps its sources in two formats: one entry per line (`*.list`), and paragraphs of fields
(`*.sources`, "deb822"). Both come out in the format they had, with their options, as `deb-src`.
Entries that are not the distribution's own main archive are left out where that can be told.
"""

import re
from pathlib import Path
from typing import Callable, Dict, List, NamedTuple, Optional

MAIN_COMPONENTS = ("main", "universe")
SUITE_ALIASES = ("stable", "testing", "unstable", "sid", "oldstable")
POCKETS = ("", "-updates", "-security", "/updates", "-backports", "-proposed-updates")

ONE_LINE = re.compile(
    r"^\s*(?P<type>deb|deb-src)\s+(?P<options>\[[^\]]*\]\s+)?(?P<uri>\S+)\s+(?P<suite>\S+)"
    r"(?P<components>(\s+[^#\s]\S*)*)\s*(#.*)?$"
)

Wanted = Callable[[str, str], bool]  # (suite, component) -> bool


class SourceFile(NamedTuple):
    """A file of package sources: its name decides its format."""

    name: str
    text: str


def distribution_codenames(os_release: str) -> List[str]:
    """The codenames by which /etc/os-release knows the distribution and what it derives from."""
    values = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', os_release, re.MULTILINE))
    names = [values.get(key, "") for key in ("VERSION_CODENAME", "UBUNTU_CODENAME")]
    names.append(values.get("DEBIAN_CODENAME", ""))
    return [name for name in names if name]


def is_main_component(_suite: str, component: str) -> bool:
    """Whether a component is one that main archives have."""
    return component in MAIN_COMPONENTS


def own_archive_of(codenames: List[str]) -> Wanted:
    """A test for suites of the distribution itself, such as 'bookworm' or 'bookworm-updates'."""
    suites = {name + pocket for name in (*codenames, *SUITE_ALIASES) for pocket in POCKETS}

    def wanted(suite: str, component: str) -> bool:
        return suite in suites and is_main_component(suite, component)

    return wanted


def convert_lines(text: str, wanted: Wanted) -> str:
    """Converts the one-line format."""
    result: List[str] = []
    for line in text.splitlines():
        match = ONE_LINE.match(line)
        if not match:
            continue
        components = match["components"].split()
        if not any(wanted(match["suite"], component) for component in components):
            continue
        options = (match["options"] or "").strip()
        words = ["deb-src", options, match["uri"], match["suite"], *components]
        entry = " ".join(word for word in words if word)
        if entry not in result:
            result.append(entry)
    return "".join(entry + "\n" for entry in result)


def parse_paragraph(paragraph: str) -> Dict[str, List[str]]:
    """The fields of one deb822 paragraph in their order: name -> lines, comments left out."""
    fields: Dict[str, List[str]] = {}
    current: Optional[List[str]] = None
    for line in paragraph.splitlines():
        if line.startswith("#"):
            continue
        if line[:1] in (" ", "\t"):
            if current is not None:
                current.append(line.rstrip())
            continue
        name, colon, value = line.partition(":")
        if colon:
            current = fields.setdefault(name.strip(), [])
            current.append(value.strip())
    return fields


def convert_paragraph(paragraph: str, wanted: Wanted) -> str:
    """Converts one deb822 paragraph; empty when nothing of it is wanted."""
    fields = parse_paragraph(paragraph)
    lower = {name.lower(): " ".join(lines).split() for name, lines in fields.items()}
    if lower.get("enabled", ["yes"])[:1] in (["no"], ["false"], ["0"], ["off"]):
        return ""
    if not {"deb", "deb-src"} & set(lower.get("types", [])):
        return ""
    pairs = [(suite, part) for suite in lower.get("suites", []) for part in
             lower.get("components", [])]
    suites = [suite for suite in lower.get("suites", [])
              if any(wanted(*pair) for pair in pairs if pair[0] == suite)]
    if not suites:
        return ""
    replaced = {"types": ["deb-src"], "suites": [" ".join(suites)]}
    lines: List[str] = []
    for name, values in fields.items():
        values = replaced.get(name.lower(), values)
        lines.append(f"{name}: {values[0]}".rstrip())
        lines.extend(values[1:])
    return "\n".join(lines) + "\n"


def convert_paragraphs(text: str, wanted: Wanted) -> str:
    """Converts the deb822 format."""
    paragraphs = re.split(r"\n[ \t]*(?:\n[ \t]*)*\n", "\n" + text)
    return "\n".join(filter(None, (convert_paragraph(part, wanted) for part in paragraphs)))


def convert(source: SourceFile, wanted: Wanted) -> SourceFile:
    """Converts one file of sources."""
    deb822 = source.name.endswith(".sources")
    converter = convert_paragraphs if deb822 else convert_lines
    return SourceFile(source.name, converter(source.text, wanted))


def convert_all(sources: List[SourceFile], codenames: List[str]) -> List[SourceFile]:
    """
    Converts all files of sources.

    Only the distribution's own suites are kept; where none can be told by its codename, every
    suite that has a main component.
    """
    for wanted in (own_archive_of(codenames), is_main_component):
        converted = [convert(source, wanted) for source in sources]
        converted = [source for source in converted if source.text]
        if converted:
            return converted
    return []


def read_sources(source_list: Path, source_parts: Path) -> List[SourceFile]:
    """Reads the files apt would read; those that cannot be read are left out."""
    paths = [source_list]
    if source_parts.is_dir():
        paths += sorted(path for path in source_parts.iterdir()
                        if path.suffix in (".list", ".sources"))
    result = []
    for path in paths:
        try:
            name = path.name if path.suffix in (".list", ".sources") else path.name + ".list"
            result.append(SourceFile(name, path.read_text(encoding="utf-8", errors="replace")))
        except OSError:
            continue
    return result
