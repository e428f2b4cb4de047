# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Runs the built programs and reads their summaries."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any, Dict, Sequence

import ns3_tests
import ns3_tree
import workspace as workspaces
from console import Failure
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
            raise Failure(f"{name} is not built; ./ns3 build does it")
        return found[0]

    def summary_of(self, words: Sequence[str]) -> Dict[str, Any]:
        """Runs a program with options; its summary, complete or not."""
        results = self.folder / "results"
        (results / "summary.json").unlink(missing_ok=True)
        done = subprocess.run([self.path_of(words[0]), *words[1:], f"--output={results}"],
                              env=self.environment, stdin=subprocess.DEVNULL, text=True,
                              errors="replace", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              check=False)
        if not (results / "summary.json").is_file():
            line = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
            raise Failure(f"{' '.join(words)}: {line}")
        return dict(json.loads((results / "summary.json").read_text(encoding="utf-8")))
