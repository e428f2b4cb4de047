# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Options of all programs: each changes what is printed or written, or is refused."""

import json
import os
import re
import sys
import unittest
from pathlib import Path
from typing import Dict, List, NamedTuple, Optional, Sequence, Tuple
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parent))

import program  # noqa: E402  (makes utils/ importable)
import program_case  # noqa: E402

# 256 tokens per rank, 2 of 16 experts, TP 2: an EP group of 4 servers, 64 GPUs for two stages.
MODEL = {
    "title": "Small",
    "sources": ["made up for tests"],
    "layers": 4,
    "hidden": 1024,
    "vocabulary": 32000,
    "attention": {"kind": "grouped-query", "heads": 16, "kvHeads": 16, "headSize": 64},
    "experts": {"count": 16, "topK": 2, "ffn": 1024},
    "parallelism": {"tensor": 2, "expert": 16, "pipeline": 2},
    "training": {"sequenceLength": 256, "microbatchSize": 1, "microbatches": 2},
}
KINDS = ("attention", "gating", "expert", "head")
PROFILE = {"source": "made up", "optimizer": 0.01,
           "operations": [{"operation": kind, "forward": 0.01, "backward": 0.02, "tokens": 256}
                          for kind in KINDS]}
EXPERTS = MODEL["experts"]["count"]
FILES = {
    "small.json": MODEL,
    "profile.json": PROFILE,
    "part.json": {**PROFILE, "operations": PROFILE["operations"][:1]},
    "load.json": [[1 + (row + column) % 5 for column in range(EXPERTS)]
                  for row in range(EXPERTS)],
    "prices.json": {
        "title": "made up", "sources": ["nobody"],
        "parts": {**{part: {"usd": [["1Gb/s", price], ["800Gb/s", 9 * price]]}
                     for part, price in (("nic", 7), ("transceiver", 5), ("electricalPort", 3),
                                         ("copperCable", 2), ("opticalCable", 4))},
                  **{part: {"usd": price} for part, price in (("ocsPort", 11), ("panelPort", 1),
                                                              ("fibre", 6))}}},
    "next.json": [[float(column == (row + 3) % EXPERTS) for column in range(EXPERTS)]
                  for row in range(EXPERTS)],
}
FLOWS = "0 3 5000000\n1 2 3000000 10us\n"
VARYING = ("wall", "Wall", "PerSecond", "peakMemory", "setup")
TIMED = re.compile(r"^(simulated in|results|data packet-hops|tables:|results:).*$", re.MULTILINE)

GROUP = ("mixnet-training", "--model=small.json", "--layers=1", "--fidelity=flow")
JOB = ("mixnet-training", "--model=small.json", "--gpus=64", "--fidelity=flow")
FLOWING = ("all-to-all", "--fidelity=flow", "--hosts=4", "--endpoints=4", "--bytes=1000000")
PACKETS = ("all-to-all", "--hosts=4", "--endpoints=4", "--bytes=300000")
OPTICAL = ("all-to-all", "--fabric=mixnet", "--hosts=4", "--gpusPerHost=8", "--endpoints=0",
           "--bytes=3000000", "--fidelity=flow")
PANELS = ("all-to-all", "--fabric=topoopt", "--hosts=6", "--gpusPerHost=4", "--endpoints=0",
          "--bytes=300000", "--fidelity=flow")
ROTOR = ("all-to-all", "--fabric=rotor", "--hosts=4", "--gpusPerHost=8", "--endpoints=0",
         "--bytes=3000000", "--fidelity=flow")
GRAPH = ("training-graph", "--model=small.json")
TRAFFIC = ("training-traffic", "--models=llama-moe", "--iterations=20")
COST = ("fabric-cost", "--servers=16", "--fabrics=fat-tree", "--linkRates=100Gb/s")
PLANS = ("fabric-plans", "--servers=16", "--fabrics=fat-tree")
OCS = ("ocs-reconfiguration", "--messageBytes=500000", "--swapAt=10us", "--swapBackAt=200us",
       "--reconfigurationDelay=20us", "--interval=10us")
MIX = ("topoopt-mix", "--servers=4", "--degrees=2", "--shares=0.4", "--rates=1",
       "--allReduceBytes=1MB")
HOPS = ("packet-hop-benchmark", "--rounds=1", "--bytes=1000", "--packets=10")
LEVELS = ("fidelity-benchmark", "--part=0.000001", "--regions=1", "--packetRegions=0")


class Case(NamedTuple):
    """An option, and where it has an effect and where it has none."""

    base: Optional[Sequence[str]]  # a program, arguments with which it has an effect; None for none
    option: str  # the option and a value that changes something
    without: Optional[Sequence[str]] = None  # arguments with which it has none; None for always
    need: str = ""       # what the refusal says that it needs


SYNTHETIC = "--expertLoad=synthetic"
CIRCUITS = "circuits, as with --fabric=mixnet"
WHOLE = "a whole job, --gpus"
TIMELINE = "a timeline, --timeline=FILE"


def cases_of_loads(base: Sequence[str], several: Sequence[str]) -> List[Case]:
    """
    Options of loads, alike in programs.

    @param base A program with its arguments.
    @param several The same with several iterations.
    """
    measured = (*base, "--expertLoad=load.json")
    uniform = (*base, "--skew=0")
    return [
        Case(base, "--skew=0.3", measured, SYNTHETIC),
        Case(base, "--driftVariation=0.5", uniform, "--skew above 0"),
        Case((*several, "--driftVariation=0.5"), "--driftIterations=3", several,
             "--driftVariation above 0"),
        Case(several, "--convergenceHalfLife=1", (*several, "--skew=0"), "several iterations"),
        Case((*several, "--convergenceHalfLife=1"), "--convergedPart=0.9", several,
             "--convergenceHalfLife above 0"),
        Case(several, "--layerCorrelation=0.9", (*several, "--skew=0"), "several layers"),
        Case((*several, "--layerCorrelation=0.9"), "--transition=next.json", several,
             "--layerCorrelation above 0"),
        # A limit is both; to compare, the base has another one.
        Case((*base, "--groupsPerToken=2", "--expertGroups=8"), "--expertGroups=4", base,
             "--groupsPerToken"),
        Case((*base, "--groupsPerToken=4", "--expertGroups=8"), "--groupsPerToken=2", base,
             "several groups of experts"),
        Case(base, "--seed=2"),
    ]


def cases_of_work(base: Sequence[str]) -> List[Case]:
    """Options of what is trained and what it costs."""
    single = (*base, "--tensorParallel=1")
    return [
        Case(base, "--microbatches=2x"),
        Case(base, "--expertParallel=8"),
        Case(base, "--tensorParallel=1"),
        Case(base, "--pipelineParallel=1"),
        Case((*base, "--pipelineParallel=1"), "--layers=1"),
        Case(base, "--schedule=gpipe"),
        Case((*base, "--schedule=interleaved-1f1b"), "--chunks=2", base,
             "--schedule=interleaved-1f1b"),
        Case(base, "--recompute=yes"),
        Case(base, "--attentionCollectives=no", single, "several GPUs per EP rank"),
        Case(base, "--overlapGradients=yes"),
        Case(base, "--gradientBytes=2"),
        Case((*base, "--expertParallel=8"), "--deduplicate=rank", base,
             "several experts per EP rank"),
        Case(base, "--gpuType=a100"),
        Case(base, "--teraflops=50", (*base, "--computeProfile=profile.json"), "all measured"),
        Case(base, "--computeProfile=part.json"),
        Case(base, "--expertLoad=load.json"),
        Case(base, "--linkRate=100Gb/s"),
        Case(base, "--linkDelay=1ms"),
    ]


CASES = [
    # One EP group
    *cases_of_loads(GROUP, (*JOB, "--iterations=2")),
    *[Case(JOB, option, GROUP, WHOLE) for option in
      ("--pipelineParallel=1", "--schedule=gpipe", "--overlapGradients=yes",
       "--gradientBytes=2")],
    *[Case(GROUP, option) for option in
      ("--iterations=2", "--firstIteration=1", "--microbatches=2x", "--backward=no")],
    Case((*GROUP, "--tensorParallel=4"), "--attentionCollectives=no",
         (*GROUP, "--tensorParallel=1"), "several GPUs per EP rank"),
    Case(("mixnet-training", "--model=small.json", "--fidelity=flow"), "--gpus=64"),
    Case(JOB, "--backward=no"),
    Case(GROUP, "--tableRows=2", JOB, "one EP group"),
    Case(GROUP, "--recompute=yes", (*GROUP, "--backward=no"), "a backward pass"),
    Case(("mixnet-training", "--model=small.json", "--fidelity=flow"), "--layers=1"),
    Case(GROUP, "--deduplicate=host"),
    Case(GROUP, f"--redundantExperts={EXPERTS}"),
    Case(GROUP, "--microbatchSize=3"),
    Case(GROUP, "--prices=mixnet-sigcomm25"),
    *[Case((*GROUP, "--prices=prices.json"), option, GROUP, "prices, --prices=NAME") for option in
      ("--shortLinks=copper", "--ocsPorts=all", "--fanOut=circulator")],
    *[Case((*GROUP, "--fabric=topoopt", "--panels=flat", "--prices=prices.json"), option, GROUP,
           "prices, --prices=NAME") for option in ("--panelsAs=ocs", "--panelPorts=4")],
    Case(GROUP, "--model=llama-moe"),
    Case(GROUP, "--policy=reuse", (*GROUP, "--fabric=fat-tree"), CIRCUITS),
    Case(JOB, "--policy=reuse", (*JOB, "--fabric=rail-only"), CIRCUITS),
    Case(GROUP, "--controlLatency=1ms", (*GROUP, "--fabric=fat-tree"), CIRCUITS),
    Case(GROUP, "--demandSource=oracle", (*GROUP, "--fabric=fat-tree"), CIRCUITS),
    Case((*GROUP, "--tensorParallel=4"), "--tensorAlgorithm=ring", (*GROUP, "--tensorParallel=1"),
         "several GPUs per EP rank"),
    Case(GROUP, "--allToAllEfficiency=0.5"),
    Case(GROUP, "--reconfigurationDelay=1ms", (*GROUP, "--fabric=fat-tree"), "--fabric=mixnet"),
    Case(GROUP, "--reconfigurationDelay=1ms", (*GROUP, "--ocsTechnology=piezo"),
         "no --ocsTechnology"),
    Case(GROUP, "--ocsTechnology=piezo", (*GROUP, "--fabric=ideal-switch"), CIRCUITS),
    *cases_of_work(JOB),
    # Fabrics
    Case(FLOWING, "--fabric=ideal-switch"),
    Case((*FLOWING, "--fabric=rail-optimized"), "--forwarding=spread"),
    Case(OPTICAL, "--opticalDegree=2", FLOWING, CIRCUITS),
    Case((*OPTICAL, "--opticalDegree=1"), "--electricalNics=1", FLOWING, CIRCUITS),
    Case(OPTICAL, "--planes=2", FLOWING, CIRCUITS),
    Case((*OPTICAL, "--numaLinkRate=50G"), "--numaRule=pack", FLOWING, CIRCUITS),
    Case((*OPTICAL, "--pattern=skewed", "--skew=3", "--opticalDegree=2"),
         "--allocator=greedy-literal", FLOWING, CIRCUITS),
    Case(OPTICAL, "--opticalFidelity=packet", FLOWING, CIRCUITS),
    Case(OPTICAL, "--electricalFidelity=packet"),
    Case(PACKETS, "--fidelity=flow", (*PACKETS, "--electricalFidelity=flow"),
         "a side without a level of its own"),
    Case((*FLOWING, "--pattern=skewed"), "--endTolerance=0.05", PACKETS, "flows"),
    Case(FLOWING, "--pauses=yes", PACKETS, "flows over packet switches"),
    Case(FLOWING, "--radix=16", (*FLOWING, "--fabric=ideal-switch"), "not --fabric=ideal-switch"),
    Case(FLOWING, "--tiers=1", (*FLOWING, "--fabric=rail-only"), "--fabric=mixnet, fat-tree"),
    Case(("all-to-all", "--fidelity=flow", "--fabric=oversub-fat-tree", "--radix=8",
          "--endpoints=16", "--bytes=100000"), "--oversubscription=7", FLOWING,
         "--fabric=oversub-fat-tree"),
    Case(PANELS, "--panels=flat", FLOWING, "patch panels"),
    Case(PANELS, "--circuits=duplex", FLOWING, "patch panels"),
    Case(PANELS, "--controlPathDelay=50us", (*PANELS, "--circuits=duplex"), "one-way circuits"),
    Case(ROTOR, "--slotTime=100us", FLOWING, "--fabric=rotor"),
    Case(ROTOR, "--guardTime=100us", FLOWING, "--fabric=rotor"),
    Case(FLOWING, "--nics=2"),
    Case(FLOWING, "--fabricFile=f.json"),
    Case(FLOWING, "--electricalRate=100G"),
    Case(FLOWING, "--uplinkRate=100G", (*FLOWING, "--fabric=ideal-switch"),
         "not --fabric=ideal-switch"),
    Case((*GROUP, "--fabric=fat-tree"), "--gpusPerHost=4"),
    Case(FLOWING, "--linkRate=100G"),
    Case(FLOWING, "--linkDelay=5us"),
    Case(FLOWING, "--mtu=1024"),
    Case(("all-to-all", "--hosts=8", "--endpoints=8", "--bytes=300000", "--radix=4"),
         "--loadBalancing=ecmp"),
    Case((*PACKETS, "--pattern=incast", "--linkDelay=30us"), "--congestionControl=swift", FLOWING,
         "packets"),
    Case((*PACKETS, "--pattern=incast", "--switchBuffer=100000"), "--pfc=no"),
    Case((*PACKETS, "--pattern=incast", "--pfc=no"), "--switchBuffer=100kB"),
    Case(FLOWING, "--chunkBytes=64KiB", (*FLOWING, "--gatherScatter=phased"),
         "--gatherScatter=pipelined"),
    Case((*FLOWING, "--chunkBytes=65536"), "--pipelineDepth=1",
         (*FLOWING, "--gatherScatter=phased"), "--gatherScatter=pipelined"),
    Case(OPTICAL, "--gatherScatter=phased"),
    Case((*FLOWING, "--fabric=rail-only"), "--nvswitchRate=100G"),
    Case((*FLOWING, "--fabric=rail-only"), "--gpuType=a100", (*FLOWING, "--nvswitchRate=100G"),
         "--nvswitchRate=gpuType"),
    Case(None, "--pfcWatchdog=1ms", FLOWING, "packets over packet switches"),
    Case(None, "--deadlockTimeout=1ms", (*PACKETS, "--pfc=no"), "packets over packet switches"),
    Case(None, "--recover=yes", PACKETS, "--cut"),
    Case(None, "--reroute=shortest", PACKETS, "--cut"),
    Case(GROUP, "--gpuInterconnect=nvlink-pairs"),
    Case((*GROUP, "--gpuInterconnect=nvlink-pairs"), "--pcieRate=10G", GROUP,
         "--gpuInterconnect=nvlink-pairs"),
    Case(GROUP, "--numaLinkRate=10G"),
    Case(GROUP, "--nicAttachmentRate=10G"),
    # all-to-all
    Case(("all-to-all", "--fidelity=flow"), "--flows=job.flows"),
    Case(FLOWING, "--pattern=incast", (*FLOWING[:3], "--flows=job.flows"), "a pattern"),
    Case(("all-to-all", "--fidelity=flow", "--bytes=1000"), "--endpoints=3",
         (*FLOWING[:3], "--flows=job.flows"), "a pattern"),
    Case(FLOWING[:4], "--bytes=1MB", (*FLOWING[:3], "--flows=job.flows"), "a pattern"),
    Case((*FLOWING, "--pattern=skewed"), "--skew=3", FLOWING, "--pattern=skewed"),
    Case((*FLOWING, "--pattern=skewed"), "--seed=2"),
    Case(("all-to-all", "--fidelity=flow", "--endpoints=4"), "--hosts=32"),
    Case(FLOWING, "--gpusPerHost=2"),
    Case(PACKETS, "--rateInterval=10us", FLOWING, "packets"),
    Case(FLOWING, "--cut=host0/0@10us-30us"),
    Case((*PACKETS, "--radix=4", "--cut=leaf0/2@5us-900us"), "--convergenceDelay=500us", PACKETS,
         "--cut"),
    Case(PACKETS, "--pcap=frames"),
    Case((*PACKETS, "--pcap=frames"), "--pcapPorts=host0/0", PACKETS, "--pcap"),
    *[Case((*base, "--animation=run.xml"), option, base, "an animation, --animation")
      for base in (PACKETS, OCS)
      for option in ("--animationWindow=10us-20us", "--animationInterval=1us",
                     "--animationUnit=1ms")],
    Case(None, "--reconfigurationDelay=1us", OPTICAL, "circuits that change during a run"),
    Case(None, "--ocsTechnology=piezo", OPTICAL, "circuits that change during a run"),
    # training-graph
    *cases_of_loads(GRAPH, (*GRAPH, "--iteration=1")),
    *cases_of_work(GRAPH),
    Case((*GRAPH, "--layers=4"), "--model=llama-moe"),
    Case(GRAPH, "--dataParallel=2"),
    Case(GRAPH, "--iteration=1"),
    Case(GRAPH, "--nvswitchRate=100G", (*GRAPH, "--tensorParallel=1"), "several GPUs per EP rank"),
    # training-traffic
    *cases_of_loads(TRAFFIC, TRAFFIC),
    Case(TRAFFIC, "--models=small.json"),
    Case(TRAFFIC, "--dataParallel=2"),
    Case(TRAFFIC, "--microbatches=3x"),
    Case(TRAFFIC, "--recompute=yes"),
    Case(("training-traffic", "--models=small.json"), "--gatherAgain=no", TRAFFIC,
         "several GPUs per EP rank"),
    Case(TRAFFIC, "--expertLoad=load.json"),
    Case(("training-traffic",), "--iterations=30"),
    Case(TRAFFIC, "--interval=3"),
    Case(TRAFFIC, "--layer=3"),
    Case(TRAFFIC, "--iteration=3"),
    # fabric-cost
    *[Case(COST, option) for option in
      ("--servers=32", "--linkRates=400G", "--fabrics=rail-only", "--prices=prices.json",
       "--shortLinks=copper", "--radix=64", "--tiers=2", "--uplinkRate=200G", "--nics=4")],
    *[Case((*COST[:2], "--fabrics=mixnet", COST[3]), option, COST, CIRCUITS) for option in
      ("--opticalDegree=3", "--electricalNics=1", "--planes=3")],
    Case((*COST[:2], "--fabrics=mixnet", COST[3]), "--electricalRate=200G"),
    Case((*COST[:2], "--fabrics=mixnet", COST[3]), "--regionServers=4", COST, "mixnet or rotor"),
    Case((*COST[:2], "--fabrics=oversub-fat-tree"), "--oversubscription=7", COST,
         "--fabric=oversub-fat-tree"),
    Case((*COST[:2], "--fabrics=topoopt"), "--panels=flat", COST, "patch panels"),
    Case((*COST[:2], "--fabrics=mixnet"), "--ocsPorts=all"),
    Case((*COST[:2], "--fabrics=mixnet"), "--fanOut=circulator"),
    Case((*COST[:2], "--fabrics=topoopt"), "--panelsAs=ocs"),
    Case((*COST[:2], "--fabrics=topoopt"), "--panelPorts=8"),
    # fabric-plans
    Case(PLANS, "--servers=32"),
    Case(PLANS, "--fabrics=rail-only"),
    Case((*PLANS[:2], "--fabrics=mixnet"), "--regionServers=4", PLANS, "mixnet among"),
    Case(PLANS, "--radix=64"),
    Case(PLANS, "--tiers=2"),
    Case((*PLANS[:2], "--fabrics=oversub-fat-tree"), "--oversubscription=7", PLANS,
         "--fabric=oversub-fat-tree"),
    Case((*PLANS[:2], "--fabrics=mixnet"), "--opticalDegree=3", PLANS, CIRCUITS),
    Case((*PLANS[:2], "--fabrics=mixnet"), "--planes=3", PLANS, CIRCUITS),
    Case((*PLANS[:2], "--fabrics=mixnet"), "--electricalNics=1", PLANS, CIRCUITS),
    Case(None, "--mtu=9000", PLANS, "a program that sends something"),
    Case(None, "--fabric=mixnet", PLANS, "a program that sends something"),
    # ocs-reconfiguration
    *[Case(OCS, option) for option in
      ("--reconfigurationDelay=5us", "--swapBackAt=90us", "--interval=20us", "--linkRate=200G",
       "--messageBytes=1MB", "--mtu=1024")],
    Case(("ocs-reconfiguration", "--messageBytes=500000", "--reconfigurationDelay=20us"),
         "--swapAt=20us"),
    # topoopt-mix
    *[Case(MIX, option, (*MIX[:1], "--diameters"), "a mix, no --diameters") for option in
      ("--servers=5", "--degrees=3", "--shares=0.5", "--rates=0.5", "--allReduceBytes=2MB",
       "--linkRate=50G", "--fidelity=packet")],
    # Timelines
    *[Case(base, "--timeline=run.json") for base in (GROUP, FLOWING, OCS, GRAPH)],
    Case((*GROUP, "--timeline=run.json"), "--timelineInterval=1us", GROUP, TIMELINE),
    Case((*FLOWING, "--timeline=run.json"), "--timelineInterval=1us", FLOWING, TIMELINE),
    Case((*JOB, "--timeline=run.json"), "--timelineServers=yes", JOB, TIMELINE),
    Case((*JOB, "--timeline=run.json"), "--timelineServers=yes", (*GROUP, "--timeline=run.json"),
         WHOLE),
    # Benchmarks, which print speeds
    *[Case(HOPS, option) for option in
      ("--rounds=2", "--endpoints=3", "--bytes=2kB", "--packets=20", "--mtu=1024")],
    *[Case((*LEVELS, "--only=region"), option, (*LEVELS[:2], "--only=EP64 balanced"),
           "regions among the jobs") for option in
      ("--packetRegions=1", "--layers=2", "--spacing=1ms")],
    Case((*LEVELS[:1], "--only=EP64 balanced"), "--part=0.00001", ("fidelity-benchmark",
                                                                   "--only=region"),
         "an all-to-all or EP64"),
    Case(LEVELS[:1], "--regions=2"),
    Case(LEVELS, "--only=region"),
]

# Options that name files, and those of which other tests tell.
APART = {"config", "preset", "output", "animation", "animationSize", "list", "quiet", "timeLimit",
         "reroute", "pfcWatchdog", "deadlockTimeout",  # what deadlocks does so with an error
         "recover",  # as what is cut
         "diameters"}
PRINTS_SPEEDS = {"packet-hop-benchmark", "fidelity-benchmark"}
COSTS = 5  # last columns of fabric-plans: seconds and megabytes
PROGRAMS = ("mixnet-training", "all-to-all", "training-graph", "training-traffic", "fabric-cost",
            "fabric-plans", "ocs-reconfiguration", "packet-hop-benchmark", "fidelity-benchmark", "topoopt-mix")


def name_of(argument: str) -> str:
    """The option of an argument."""
    return argument[2:].split("=")[0]


class OptionsTestCase(program_case.FolderTestCase):
    """A folder with small files, in which programs run."""

    def setUp(self):
        super().setUp()
        for name, content in FILES.items():
            (self.folder / name).write_text(json.dumps(content), encoding="utf-8")
        (self.folder / "job.flows").write_text(FLOWS, encoding="utf-8")

    def run_it(self, words: Sequence[str], code: int = 0):
        """Runs a program."""
        result = program.run_program(words[0], *words[1:], cwd=self.folder)
        self.assertEqual(result.returncode, code, f"{words}: {result.stderr}{result.stdout}")
        return result

    def summary(self, folder: str = "mixnet-output") -> Dict:
        """summary.json of a run."""
        return json.loads((self.folder / folder / "summary.json").read_text(encoding="utf-8"))

    def refusal(self, words: Sequence[str]) -> str:
        """The one line that a run is refused with, before it has printed or written anything."""
        before = sorted(self.folder.rglob("*"))
        result = self.run_it(words, code=1)
        self.assertEqual(result.stdout, "", words)
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        self.assertEqual(sorted(self.folder.rglob("*")), before)
        return result.stderr


class Effects(OptionsTestCase):
    """An option without effect is no option."""

    def trace_of(self, words: Sequence[str]) -> Tuple:
        """What a run prints and writes, without options and what depends on the machine."""
        known = {path: path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}
        result = self.run_it(words)
        files = {}
        for path in sorted(self.folder.rglob("*")):
            if not path.is_file() or path.name in FILES or path.name == "job.flows":
                continue
            content = path.read_bytes()
            if path.name == "summary.json":
                content = {key: value for key, value in json.loads(content).items()
                           if key not in ("options", "seed")
                           and not any(word in key for word in VARYING)}
            files[str(path.relative_to(self.folder))] = content
            if path not in known:
                path.unlink()
        printed = TIMED.sub("", result.stdout)
        if words[0] == "fabric-plans":
            printed = "\n".join(" ".join(line.split()[:-COSTS]) for line in printed.splitlines())
        return printed, files

    def check_effect(self, case: Case) -> None:
        """An option changes something, and is refused where it cannot."""
        if case.base is not None and case.base[0] not in PRINTS_SPEEDS:
            words = program.with_defaults(case.base, [case.option])
            self.assertNotEqual(self.trace_of(case.base), self.trace_of(words))
        if case.without is None:
            return
        line = self.refusal(program.with_defaults(case.without, [case.option]))
        self.assertIn(f"option {case.option}: needs ", line)
        self.assertIn(case.need, line.split(": needs ")[1])

    def check_program(self, name: str) -> None:
        """All cases of a program."""
        for case in CASES:
            base = case.base or case.without
            if base[0] == name:
                with self.subTest(base=" ".join(base), option=case.option):
                    self.check_effect(case)

    def test_of_training(self):
        self.check_program("mixnet-training")

    def test_of_all_to_all(self):
        self.check_program("all-to-all")

    def test_of_graphs(self):
        self.check_program("training-graph")

    def test_of_traffic(self):
        self.check_program("training-traffic")

    def test_of_other_programs(self):
        for name in PROGRAMS[4:]:
            self.check_program(name)

    def test_no_option_is_left_out(self):
        tested = {name: {name_of(case.option) for case in CASES
                         if case.base and case.base[0] == name} for name in PROGRAMS}
        options = {name: set(program.options_of(name)) for name in PROGRAMS}
        # Both have the options of fabrics.
        shared = options["mixnet-training"] & options["all-to-all"]
        both = shared & (tested["mixnet-training"] | tested["all-to-all"])
        for name in PROGRAMS:
            missing = options[name] - tested[name] - APART
            if name in ("mixnet-training", "all-to-all"):
                missing -= both
            if name == "fabric-plans":
                missing -= {"fidelity"}  # what is installed: seconds and megabytes
            with self.subTest(name):
                self.assertEqual(missing, set())

    def test_a_default_that_is_typed_is_refused_as_well(self):
        line = self.refusal((*GROUP, "--fabric=fat-tree", "--opticalDegree=6"))
        self.assertIn(f"option --opticalDegree=6: needs {CIRCUITS}", line)
        self.assertIn("--layers=1: needs to stand without --list",
                      self.refusal(("mixnet-training", "--list", "--layers=1")))


class Elsewhere(OptionsTestCase):
    """Options of other programs."""

    def test_whose_an_option_is(self):
        options = {name: program.options_of(name) for name in PROGRAMS}
        every = sorted({option for names in options.values() for option in names})
        for name in PROGRAMS:
            for option in every:
                if option in options[name]:
                    continue
                owners = [owner for owner in PROGRAMS if option in options[owner]]
                with self.subTest(program=name, option=option):
                    line = program.run_program(name, f"--{option}=1").stderr
                    if "unknown option" in line:
                        said = line.split("it is one of ")[1].split(";")[0].split(", ")
                        self.assertEqual(sorted(said), sorted(owners))
                    else:  # what a group of options has and this program cannot use
                        self.assertIn(f"option --{option}=1: needs ", line)


class Saved(OptionsTestCase):
    """Files of options are for many runs: what has no effect in one is left out, and said."""

    def test_what_has_no_effect_is_left_out(self):
        (self.folder / "options.json").write_text(
            json.dumps({"policy": "reuse", "chunks": "3", "mtu": "1024", "opticalDegree": "6"}),
            encoding="utf-8")
        result = self.run_it((*GROUP, "--fabric=fat-tree", "--config=options.json"))
        # A default is none that could have changed anything.
        self.assertEqual(result.stderr,
                         "note: without effect here and left out: --chunks=3, --policy=reuse\n")
        summary = self.summary()
        self.assertEqual(summary["droppedOptions"], ["--chunks=3", "--policy=reuse"])
        options = summary["options"]
        self.assertEqual((options["policy"], options["chunks"], options["mtu"]),
                         ("block", "1", "1024"))

    def test_a_run_with_options_left_out_is_repeated_in_silence(self):
        (self.folder / "options.json").write_text(json.dumps({"chunks": "3", "seed": "4"}),
                                                  encoding="utf-8")
        self.run_it((*GROUP, "--config=options.json", "--output=one"))
        result = self.run_it(("mixnet-training", "--config=one/summary.json", "--output=two"))
        self.assertEqual(result.stderr, "")
        self.assertEqual(self.summary("two")["droppedOptions"], [])
        self.assertEqual((self.folder / "one" / "phases.csv").read_bytes(),
                         (self.folder / "two" / "phases.csv").read_bytes())

    def test_files_that_are_something_else(self):
        for name, text, words in (
            ("rows.csv", "a,b\n1,2\n", ("line 1, column 1", "found 'a'", "expected options")),
            ("lines.jsonl", "{}\n{}\n", ("line 2, column 1", "expected options")),
            ("cut.json", '{"mtu": ', ("line 1", "end of the text")),
            ("numbers.json", "[1, 2]", ("must hold an object of options",)),
            ("bytes.json", "\x7fELF\x01\x02", ("line 1, column 1",)),
            ("small.json", json.dumps(MODEL), ("no option of this program",)),
        ):
            with self.subTest(name):
                (self.folder / name).write_text(text, encoding="utf-8")
                line = self.refusal(("mixnet-training", f"--config={name}"))
                for word in (name, *words):
                    self.assertIn(word, line)
        for option, words in (("--model=load.json", ("load.json", "an object with the fields")),
                              ("--computeProfile=small.json", ("small.json", "unknown field")),
                              ("--expertLoad=small.json", ("small.json", "token counts")),
                              ("--preset=small.json", ("small.json", "unknown field"))):
            with self.subTest(option):
                line = self.refusal(program.with_defaults(JOB, [option]))
                for word in words:
                    self.assertIn(word, line)


class Environment(OptionsTestCase):
    """Settings of ns-3 in the environment are options like those on the command line."""

    RUN = ("mixnet-training", "--model=small.json", "--layers=1", "--backward=no",
           "--fabric=mixnet", "--ocsTechnology=prototype", "--skew=0")
    VARIABLES = {
        "NS_GLOBAL_VALUE": "RngRun=5",
        "NS_ATTRIBUTE_DEFAULT": "ns3::mixnet::RdmaNic::AckInterval=3",
    }

    def phases(self, name: str, *arguments: str) -> bytes:
        """phases.csv of a run."""
        self.run_it((*self.RUN, *arguments, f"--output={name}"))
        return (self.folder / name / "phases.csv").read_bytes()

    def test_settings_are_recorded_and_repeated(self):
        plain = self.phases("plain")
        for variable, setting in self.VARIABLES.items():
            with self.subTest(variable):
                name, value = setting.split("=")
                with mock.patch.dict(os.environ, {variable: setting}):
                    varied = self.phases("varied")
                self.assertNotEqual(varied, plain)
                self.assertEqual(self.summary("varied")["options"][name], value)
                self.assertEqual(self.phases("typed", f"--{setting}"), varied)
                self.run_it(("mixnet-training", "--config=varied/summary.json",
                             "--output=again"))
                self.assertEqual((self.folder / "again" / "phases.csv").read_bytes(), varied)
                # The command line goes first.
                other = f"{name}={int(value) + 4}"
                with mock.patch.dict(os.environ, {variable: setting}):
                    self.assertEqual(self.phases("other", f"--{other}"),
                                     self.phases("typed", f"--{other}"))

    def test_settings_that_are_wrong_are_refused(self):
        for variable, setting, words in (
            ("NS_GLOBAL_VALUE", "RngSeed=3", "--seed=3"),
            ("NS_GLOBAL_VALUE", "RngRun=2;Colour=red", "NS_GLOBAL_VALUE: Colour=red"),
            ("NS_ATTRIBUTE_DEFAULT", "ns3::mixnet::RdmaNic::AckInterval=0", "AckInterval=0"),
            ("NS_ATTRIBUTE_DEFAULT", "ns3::mixnet::RdmaNic::Colour=red", "Colour=red"),
        ):
            with self.subTest(setting), mock.patch.dict(os.environ, {variable: setting}):
                self.assertIn(words, self.refusal(self.RUN))


class Presets(OptionsTestCase):
    """Values of many options at once."""

    OWN = {"title": "My own", "description": "For tests", "source": ["made up"],
           "options": {"fidelity": "flow", "mtu": {"value": "1024", "source": "a page"},
                       "skew": "0.5", "microbatches": "3x"},
           "fabrics": {"mixnet": {"opticalDegree": "4", "reconfigurationDelay": "1ms"},
                       "fat-tree": {"tiers": "2"}}}

    def write(self, preset: Dict) -> None:
        """Writes my.json."""
        (self.folder / "my.json").write_text(json.dumps(preset), encoding="utf-8")

    def test_values_come_after_the_command_line_and_files_and_before_defaults(self):
        self.write(self.OWN)
        (self.folder / "options.json").write_text(json.dumps({"skew": "0.7"}), encoding="utf-8")
        result = self.run_it(("mixnet-training", "--model=small.json", "--gpus=64",
                              "--preset=my.json", "--config=options.json", "--mtu=2048"))
        self.assertIn("Preset my.json: My own\n", result.stdout)
        summary = self.summary()
        options = summary["options"]
        self.assertEqual([options[name] for name in
                          ("mtu", "skew", "fidelity", "opticalDegree", "tiers")],
                         ["2048", "0.7", "flow", "4", "3"])
        self.assertEqual((summary["preset"], summary["droppedOptions"]), ("my.json", []))
        (self.folder / "my.json").unlink()
        again = self.run_it(("mixnet-training", "--config=mixnet-output/summary.json",
                             "--output=again"))
        self.assertEqual((again.stderr, self.summary("again")["preset"]), ("", "my.json"))
        for name in ("iterations.csv", "gantt.csv"):
            self.assertEqual((self.folder / "again" / name).read_bytes(),
                             (self.folder / "mixnet-output" / name).read_bytes())

    def test_values_of_a_fabric_are_for_that_one(self):
        self.write(self.OWN)
        self.run_it((*GROUP[:1], "--model=small.json", "--gpus=64", "--preset=my.json",
                     "--fabric=fat-tree"))
        options = self.summary()["options"]
        self.assertEqual((options["tiers"], options["opticalDegree"]), ("2", "6"))

    def test_microbatches_may_be_a_number_per_stage(self):
        self.write(self.OWN)
        for arguments, count in ((("--preset=my.json",), 6), (("--microbatches=4x",), 8),
                                 (("--microbatches=4X", "--pipelineParallel=1"), 4)):
            result = self.run_it((*JOB, *arguments)) if "--preset=my.json" not in arguments else \
                self.run_it((*JOB[:3], *arguments))
            self.assertIn(f"microbatches {count} of", result.stdout)
        self.assertIn("must be 1x to 16384x, microbatches for each of 2 stages, or a number",
                      self.refusal((*JOB, "--microbatches=16385x")))
        # One EP group is one stage.
        result = self.run_it(("mixnet-training", "--model=small.json", "--preset=my.json"))
        self.assertIn("microbatches 3 of", result.stdout)

    def test_programs_take_what_they_have(self):
        self.write(self.OWN)
        result = self.run_it(("all-to-all", "--preset=my.json", "--endpoints=2", "--bytes=1000"))
        self.assertIn("Preset my.json: My own", result.stdout)
        self.assertIn("left out: --microbatches=3x, --skew=0.5", result.stderr)
        summary = self.summary("all-to-all-output")
        self.assertEqual((summary["options"]["mtu"], summary["options"]["tiers"]), ("1024", "2"))
        self.assertEqual(summary["droppedOptions"], ["--microbatches=3x", "--skew=0.5"])
        for name in ("training-graph", "training-traffic"):
            result = self.run_it((name, "--preset=production"))
            self.assertIn("Preset production: ", result.stdout)
            self.assertEqual(self.summary(f"{name}-output")["options"]["skew"], "0.115")

    def test_what_is_wrong_is_refused(self):
        def changed(**fields):
            return {**self.OWN, **fields}
        for preset, words in (
            (changed(options={"colour": "red"}), ('"colour" is no option of any program',)),
            (changed(options={"skwe": "1"}), ("did you mean skew",)),
            (changed(options={"mtu": "63"}), ("--mtu=63", "64 to 65000")),
            (changed(options={"mtu": 4096}), ("options.mtu is 4096",)),
            (changed(fabrics={"torus": {}}), ("fabrics.torus", "rail-only")),
            (changed(fabrics={"rail-only": {"colour": "red"}}), ('"colour" is no option',)),
            (changed(options={"preset": "my.json"}), ('"preset" is no option',)),
            (changed(title=""), ("title",)),
        ):
            with self.subTest(words):
                self.write(preset)
                line = self.refusal(("mixnet-training", "--model=small.json", "--preset=my.json"))
                for word in ("my.json", *words):
                    self.assertIn(word, line if word != "my.json" or "--mtu" not in line else
                                  "my.json")
        self.assertIn("did you mean production?",
                      self.refusal(("mixnet-training", "--preset=prodction")))

    def test_ours_are_listed_and_each_runs(self):
        listed = " ".join(self.run_it(("mixnet-training", "--list")).stdout.split())
        for path in sorted((program.ROOT / "contrib" / "mixnet" / "presets").glob("*.json")):
            with self.subTest(path.stem):
                preset = json.loads(path.read_text(encoding="utf-8"))
                title = preset["title"]
                self.assertIn(f" {path.stem} {title} ", listed)
                # A preset may have a model of its own.
                small = () if "model" in preset["options"] else ("--model=small.json", "--gpus=64")
                result = self.run_it(("mixnet-training", f"--preset={path.stem}", *small))
                self.assertIn(f"Preset {path.stem}: {title}", result.stdout)
                self.assertEqual(result.stderr, "")
                copied = self.folder / "copy.json"
                copied.write_bytes(path.read_bytes())
                self.run_it(("mixnet-training", "--preset=copy.json", *small,
                             "--output=copied"))
                self.assertEqual((self.folder / "copied" / "iterations.csv").read_bytes(),
                                 (self.folder / "mixnet-output" / "iterations.csv").read_bytes())


class Forms(OptionsTestCase):
    """Values may be written in several ways."""

    def test_one_value_in_several_forms_is_one_value(self):
        for base, forms in (
            (FLOWING, ("--linkRate=400Gb/s", "--linkRate=400G", "--linkRate=400 gbps",
                       "--linkRate=0.4Tbps")),
            (FLOWING[:4], ("--bytes=32000000", "--bytes=32MB", "--bytes=3.2e7", "--bytes=32 mb")),
            (FLOWING, ("--switchBuffer=33554432", "--switchBuffer=32MiB")),
            (FLOWING, ("--linkDelay=1us", "--linkDelay=1e-6s", "--linkDelay=1 US")),
            (FLOWING, ("--pfc=no", "--pfc=false", "--pfc=0", "--pfc=No")),
            (FLOWING, ("--fabric=rail-only", "--fabric=Rail-Only")),
            (JOB, ("--gpuType=h100", "--gpuType=H100")),
            (("mixnet-training", "--layers=1", "--fidelity=flow"),
             ("--model=mixtral-8x22b", "--model=Mixtral-8x22B")),
        ):
            with self.subTest(forms[0]):
                folder = "all-to-all-output" if base[0] == "all-to-all" else "mixnet-output"
                results = []
                for form in forms:
                    self.run_it((*base, form))
                    results.append({key: value for key, value in self.summary(folder).items()
                                    if key != "options"
                                    and not any(word in key for word in VARYING)})
                for result in results[1:]:
                    self.assertEqual(result, results[0])


if __name__ == "__main__":
    unittest.main()
