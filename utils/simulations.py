# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Runs the built programs and reads their summaries."""

import os
from pathlib import Path
from typing import Any, Dict, Sequence

import ns3_tests
import ns3_tree
import result_tables
import workspace as workspaces
from commands import HANG_SECONDS_OF_ALL, Outcome, capture, describe_end
from console import Failure
from known_names import names_of_tree, unknown_program
from ns3_tree import Tree


class Programs:
    """The programs of the tree, as `./ns3 build` has built them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder  # for results
        workspace = workspaces.locate()
        named = os.environ.get("MIXNET_NS3")
        tree = Tree(Path(named), ours=False) if named else ns3_tree.existing_tree(workspace)
        if tree is None:
            raise Failure("there is no ns-3 tree yet; ./ns3 build prepares one")
        self.tree = tree
        self.environment = ns3_tests.library_environment(workspace, tree)

    def path_of(self, name: str) -> Path:
        """The executable of a program."""
        found = [p.path for p in self.tree.programs() if p.answers_to(name) and p.path.is_file()]
        if not found:
            if not any(program.answers_to(name) for program in self.tree.programs()):
                raise Failure(unknown_program(name, names_of_tree(self.tree)))
            raise Failure(f"{name} is not built; ./ns3 build does it")
        return found[0]

    def execute(self, words: Sequence[str], results: Path,
                timeout: float = HANG_SECONDS_OF_ALL) -> Outcome:
        """Runs a program with options, its results in a folder; it has the caller's folder."""
        return capture([self.path_of(words[0]), *words[1:], f"--output={results}"], timeout,
                       env=self.environment, errors_apart=True)

    def summary_of(self, words: Sequence[str]) -> Dict[str, Any]:
        """Runs a program with options; its summary, complete or not."""
        results = self.folder / "results"
        (results / "summary.json").unlink(missing_ok=True)
        outcome = self.execute(words, results)
        summary = result_tables.read_summary(results)
        if summary is None:
            raise Failure(f"{' '.join(words)}: {last_word(outcome)}")
        return summary


def last_word(outcome: Outcome, timeout: float = HANG_SECONDS_OF_ALL) -> str:
    """Why a program failed: what it said last on standard error, or how it ended."""
    lines = outcome.errors.strip().splitlines()
    said = lines[-1].strip() if lines and outcome.code > 0 and not outcome.timed_out else ""
    return said or describe_end(outcome, timeout)
