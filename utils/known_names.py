# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""The names of programs, and what somebody may have meant who wrote another."""

import difflib
import re
from pathlib import Path
from typing import List, Sequence

from ns3_tree import Tree


def program_names(folder: Path) -> List[str]:
    """The names of the programs in this repository."""
    places = ("contrib/mixnet/examples", "examples", "scratch")
    return sorted({path.stem for place in places for path in (folder / place).rglob("*.cc")})


def plain_name(word: str) -> str:
    """A program's name without what people like to put around it."""
    name = Path(word.strip()).name.lower().replace("_", "-")
    return re.sub(r"\.(cc|cpp|cxx|h|exe)$", "", name)


def did_you_mean(word: str, names: Sequence[str]) -> List[str]:
    """The names that somebody may have meant; one alone where there is no doubt."""
    plain = {plain_name(name): name for name in names}
    if plain_name(word) in plain:
        return [plain[plain_name(word)]]
    return [plain[name] for name in difflib.get_close_matches(plain_name(word), list(plain))]


def unknown_program(wanted: str, names: Sequence[str]) -> str:
    """The message for a program that is not among those there are."""
    close = did_you_mean(wanted, sorted(set(names)))
    hint = f" Did you mean {' or '.join(close)}?" if close else ""
    return f"there is no program called {wanted}.{hint} `./ns3 show targets` lists all."


def names_of_tree(tree: Tree) -> List[str]:
    """The names of the programs that a tree is configured with."""
    return [program.name for program in tree.programs()]
