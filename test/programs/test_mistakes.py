# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Mistakes of a newcomer, by class: one line says what to do, and nothing is written."""

import json
import os
import subprocess
import sys
import unittest
from pathlib import Path
from typing import NamedTuple, Sequence, Tuple

sys.path.insert(0, str(Path(__file__).resolve().parent))

import program  # noqa: E402
import program_case  # noqa: E402

TRAINING = "mixnet-training"
FLOWS = "all-to-all"
GRAPH = "training-graph"
TRAFFIC = "training-traffic"
PLANS = "fabric-plans"
OCS = "ocs-reconfiguration"
LEVELS = "fidelity-benchmark"
HOPS = "packet-hop-benchmark"

PNG = bytes([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0x00, 0x00, 0x00, 0x0D])
TABLE = "phase,start,end\nattention,0,1\n"
PROFILE = {"source": "made up", "optimizer": 0.01, "operations": []}


class Mistake(NamedTuple):
    """What is typed, and what the line says."""

    words: Sequence[str]  # a program and its arguments
    says: Tuple[str, ...]  # what is wrong, and what to do


CLASSES = {
    "a unit is missing": (
        Mistake((TRAINING, "--linkRate=400"), ("--linkRate=400", "did you mean 400Gb/s?")),
        Mistake((TRAINING, "--reconfigurationDelay=25"),
                ("--reconfigurationDelay=25", "did you mean 25ms or 25us?")),
        Mistake((OCS, "--swapAt=1"), ("--swapAt=1", "did you mean 1ms or 1us?")),
        Mistake((GRAPH, "--nvswitchRate=900"), ("--nvswitchRate=900", "900Gb/s?")),
        Mistake((FLOWS, "--cut=host0/0@1"), ("--cut=host0/0@1", "with its unit")),
        Mistake((LEVELS, "--spacing=3"), ("--spacing=3", "did you mean 3ms or 3us?")),
    ),
    "a unit is wrong": (
        Mistake((TRAINING, "--linkRate=50GB/s"), ("'GB/s' is of bytes, 'Gb/s' of bits",)),
        Mistake((TRAINING, "--linkDelay=1Gb/s"), ("'Gb/s' is no such unit", "s, ms, us, ns")),
        Mistake((FLOWS, "--bytes=32Mb"), ("'Mb' is of bits, 'MB' of bytes",)),
        Mistake((FLOWS, "--timeLimit=5sec"), ("did you mean 5s?",)),
        Mistake((OCS, "--linkRate=400ms"), ("'ms' is no unit of a rate", "400Gb/s")),
        Mistake((HOPS, "--bytes=1Gb/s"), ("'Gb/s' is no unit of a size",)),
        Mistake((TRAINING, "--gpus=1k"), ("--gpus=1k", "a whole number", "GPUs")),
        Mistake((TRAINING, "--teraflops=137TFLOP/s"), ("a number from", "TFLOP/s")),
    ),
    "a name of an option is misspelt": (
        Mistake((TRAINING, "--modle=mixtral-8x7b"), ("did you mean --model?",)),
        Mistake((TRAINING, "--link-rate=400Gb/s"), ("did you mean --linkRate?",)),
        Mistake((TRAINING, "--reconfiguration_delay=1ms"),
                ("did you mean --reconfigurationDelay?",)),
        Mistake((FLOWS, "--patern=incast"), ("did you mean --pattern?",)),
        Mistake((TRAINING, "--optical=6"),
                ("did you mean --opticalFidelity or --opticalDegree?",)),
        Mistake((TRAINING, "--RngRum=2"), ("did you mean --RngRun?",)),
        Mistake((TRAINING, "--ns3::mixnet::RdmaNic::AckIntervall=2"),
                ("did you mean --ns3::mixnet::RdmaNic::AckInterval?",)),
        Mistake((TRAINING, "--ns3::mixnet::RdmaNik::AckInterval=2"),
                ("there is no class ns3::mixnet::RdmaNik",)),
        Mistake((TRAINING, "--colour=red"), ("unknown option --colour", "--help=all lists")),
    ),
    "a name of a value is misspelt": (
        Mistake((TRAINING, "--model=mixtral"),
                ("did you mean mixtral-8x22b or mixtral-8x7b?",)),
        Mistake((TRAINING, "--model=mixtral_8x7b"), ("did you mean mixtral-8x7b?",)),
        Mistake((TRAINING, "--fabric=fattree"), ("did you mean fat-tree?",)),
        Mistake((TRAINING, "--fabric=rail"), ("did you mean rail-optimized or rail-only?",)),
        Mistake((TRAINING, "--policy=blok"), ("did you mean block?",)),
        Mistake((TRAINING, "--preset=prototpye"), ("did you mean prototype?",)),
        Mistake((TRAINING, "--expertLoad=sinthetic"), ("did you mean synthetic?",)),
        Mistake((TRAINING, "--ocsTechnology=peizo"), ("did you mean piezo?",)),
        Mistake((FLOWS, "--congestionControl=dcqn"), ("did you mean dcqcn?",)),
        Mistake((PLANS, "--fabrics=fat-tree,mixnett"), ("did you mean mixnet?",)),
        Mistake((TRAFFIC, "--models=mixtral-8x7"), ("did you mean mixtral-8x7b?",)),
        Mistake((GRAPH, "--schedule=1f1"), ("did you mean 1f1b?",)),
        Mistake((TRAINING, "--help=circiuts"), ("did you mean circuits?",)),
        Mistake((TRAINING, "--list=presetts"), ("did you mean presets?",)),
    ),
    "upper and lower case are mixed up": (
        Mistake((TRAINING, "--LinkRate=400Gb/s"), ("did you mean --linkRate?",)),
        Mistake((TRAINING, "--linkrate=400Gb/s"), ("did you mean --linkRate?",)),
        Mistake((FLOWS, "--Pattern=incast"), ("did you mean --pattern?",)),
        Mistake((TRAINING, "--QUIET"), ("did you mean --quiet?",)),
    ),
    "the option is of another program": (
        Mistake((TRAINING, "--pattern=incast"), ("it is one of all-to-all",)),
        Mistake((FLOWS, "--gpus=64"), ("it is one of mixnet-training",)),
        Mistake((FLOWS, "--reconfigurationDelay=1ms"), ("needs circuits that change",)),
        Mistake((TRAINING, "--patern=incast"), ("did you mean --pattern, of all-to-all?",)),
        Mistake((PLANS, "--mtu=9000"), ("needs a program that sends something",)),
        Mistake((OCS, "--list"), ("needs options that take names",)),
    ),
    "a value is out of its range": (
        Mistake((TRAINING, "--layers=57"), ("--layers=57", "from 0 to 56 layers")),
        Mistake((TRAINING, "--gpus=-8"), ("--gpus=-8", "from 0 to", "GPUs")),
        Mistake((TRAINING, "--skew=11"), ("--skew=11", "from 0 to")),
        Mistake((TRAINING, "--tensorParallel=3"), ("must divide the 8 GPUs",)),
        Mistake((FLOWS, "--hosts=0"), ("--hosts=0", "from 1 to 65536 servers")),
        Mistake((FLOWS, "--mtu=63"), ("from 64 to 65000 bytes",)),
        Mistake((HOPS, "--rounds=0"), ("from 1 to 1000 rounds",)),
        Mistake((OCS, "--swapAt=5ms"), ("the second must be after the first",)),
    ),
    "a file is missing": (
        Mistake((TRAINING, "--model=my.json"), ("my.json: No such file",)),
        Mistake((TRAINING, "--config=my.json"), ("my.json: No such file",)),
        Mistake((TRAINING, "--preset=presets/my.json"), ("presets/my.json: No such file",)),
        Mistake((TRAINING, "--expertLoad=trace.jsonl"), ("trace.jsonl", "No such file")),
        Mistake((FLOWS, "--flows=flows.txt"), ("flows.txt", "No such file")),
        Mistake((TRAINING, "--computeProfile=times.json"), ("times.json: No such file",)),
    ),
    "a file is of another kind": (
        Mistake((TRAINING, "--model=./table.csv"), ("table.csv: not valid JSON", "a model")),
        Mistake((TRAINING, "--model=table.csv"), ("given as ./table.csv",)),
        Mistake((TRAINING, "--model=./picture.png"), ("picture.png: not valid JSON", "a model")),
        Mistake((TRAINING, "--model=./folder"), ("folder: Is a directory",)),
        Mistake((TRAINING, "--model=./profile.json"), ("profile.json", "field")),
        Mistake((TRAINING, "--expertLoad=./picture.png"), ("picture.png", "token counts")),
        Mistake((TRAINING, "--expertLoad=./folder"), ("folder: has no files *.jsonl",)),
        Mistake((TRAINING, "--config=table.csv"), ("table.csv: not valid JSON", "options")),
        Mistake((TRAINING, "--config=folder"), ("folder: Is a directory",)),
        Mistake((FLOWS, "--flows=table.csv"), ("table.csv", "source destination bytes")),
        Mistake((FLOWS, "--flows=picture.png"), ("picture.png", "source destination bytes")),
        Mistake((FLOWS, "--flows=folder"), ("folder", "Is a directory")),
        Mistake((FLOWS, "--output=table.csv"), ("--output=table.csv", "Not a directory")),
    ),
    "an option is given twice": (
        Mistake((TRAINING, "--layers=1", "--layers=2"), ("given twice, first as 1",)),
        Mistake((FLOWS, "--hosts=4", "--hosts=4"), ("given twice, first as 4",)),
        Mistake((TRAINING, "--quiet", "--quiet=no"), ("given twice, first as yes",)),
        Mistake((TRAINING, "--RngRun=1", "--RngRun=1"), ("given twice, first as 1",)),
    ),
    "yes and no are written otherwise": (
        Mistake((TRAINING, "--backward"), ("--backward=yes or --backward=no",)),
        Mistake((TRAINING, "--no-backward"), ("did you mean --backward=no?",)),
        Mistake((TRAINING, "--nobackward"), ("did you mean --backward=no?",)),
        Mistake((TRAINING, "-backward=no"), ("did you mean --backward=no?",)),
        Mistake((TRAINING, "--backward=off"), ("must be yes or no",)),
        Mistake((FLOWS, "--no-pfc"), ("did you mean --pfc=no?",)),
        Mistake((FLOWS, "--pfc", "--hosts=4"), ("--pfc=yes or --pfc=no",)),
    ),
    "an option has another form": (
        Mistake((TRAINING, "--layers", "1"), ("needs a value: --layers=1",)),
        Mistake((TRAINING, "--layers"), ("--layers=value, as --layers=0",)),
        Mistake((TRAINING, "layers=1"), ("did you mean --layers=1?",)),
        Mistake((TRAINING, "-layers=1"), ("did you mean --layers=1?",)),
        Mistake((TRAINING, "\u2013layers=1"), ("did you mean --layers=1?",)),  # a dash
        Mistake((TRAINING, "\u2014layers=1"), ("did you mean --layers=1?",)),
        Mistake((FLOWS, "help"), ("did you mean --help?",)),
        Mistake((TRAINING, "mixtral-8x7b"), ("is not an option", "--name=value")),
    ),
}


class Mistakes(program_case.FolderTestCase):
    """Each is answered by one line, and leaves nothing behind."""

    def setUp(self):
        super().setUp()
        (self.folder / "table.csv").write_text(TABLE, encoding="utf-8")
        (self.folder / "picture.png").write_bytes(PNG)
        (self.folder / "profile.json").write_text(json.dumps(PROFILE), encoding="utf-8")
        (self.folder / "folder").mkdir()
        self.before = sorted(self.folder.rglob("*"))

    def check(self, mistake: Mistake) -> None:
        """One line on standard error, a code that is not 0, no file."""
        result = program.run_program(*mistake.words, cwd=self.folder)
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stdout, "")
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        self.assertTrue(result.stderr.startswith(f"{mistake.words[0]}: "), result.stderr)
        for words in mistake.says:
            self.assertIn(words, result.stderr)
        self.assertEqual(sorted(self.folder.rglob("*")), self.before)

    def test_every_class(self):
        for kind, mistakes in CLASSES.items():
            self.assertGreaterEqual(len(mistakes), 2)
            for mistake in mistakes:
                with self.subTest(kind, words=" ".join(mistake.words)):
                    self.check(mistake)

    def test_what_is_suggested_works(self):
        """Forms that users try and that are right are not refused."""
        for words in ((TRAINING, "--layers=1", "--fidelity=flow", "--backward=False"),
                      (TRAINING, "--layers=1", "--fidelity=Flow", "--model=Mixtral-8x7B"),
                      (FLOWS, "--hosts=4", "--endpoints=2", "--bytes=1kB", "--linkRate=100G")):
            with self.subTest(words):
                result = program.run_program(*words, "--output=none", cwd=self.folder)
                self.assertEqual((result.returncode, result.stderr), (0, ""))


class OutsideOfQuotes(program_case.FolderTestCase):
    """What is typed behind ./ns3 run NAME, and not in quotes with it, goes to the program too."""

    def test_programs_answer(self):
        environment = {**os.environ, "MIXNET_NO_INSTALL": "1"}
        for words, says in (
                (("--layers", "1"), "needs a value: --layers=1"),
                (("--fabirc=fat-tree",), "did you mean --fabric?"),
                (("--linkRate=400", "--layers=1"), "did you mean 400Gb/s?"),
                (("layers=1",), "did you mean --layers=1?")):
            with self.subTest(words):
                result = subprocess.run(
                    [str(program.ROOT / "ns3"), "run", "--no-build", TRAINING, *words],
                    cwd=self.folder, env=environment, stdin=subprocess.DEVNULL,
                    capture_output=True, text=True, check=False, timeout=program.HANG_SECONDS)
                self.assertEqual((result.returncode, result.stdout), (1, ""), result.stderr)
                # Where something is built beside this, the entry point says that it waits.
                lines = [line for line in result.stderr.splitlines()
                         if not line.startswith("[mixnet] another ")]
                self.assertEqual(len(lines), 1, result.stderr)
                self.assertTrue(lines[0].startswith(f"{TRAINING}: "), result.stderr)
                self.assertIn(says, lines[0])
                self.assertEqual(list(self.folder.iterdir()), [])


if __name__ == "__main__":
    unittest.main()
