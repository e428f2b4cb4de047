# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""What programs write: whole or an error, of one run; and what there is when they are ended."""

import itertools
import json
import os
import pty
import re
import resource
import select
import signal
import subprocess
import sys
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import program  # noqa: E402
import program_case  # noqa: E402

MODEL = {
    "title": "Tiny", "sources": ["made up"], "layers": 2, "hidden": 256, "vocabulary": 1000,
    "attention": {"kind": "grouped-query", "heads": 8, "kvHeads": 8, "headSize": 32},
    "experts": {"count": 16, "topK": 2, "ffn": 512},
    "parallelism": {"tensor": 1, "expert": 16, "pipeline": 1},
    "training": {"sequenceLength": 256, "microbatchSize": 1, "microbatches": 1},
}
SECONDS = program.HANG_SECONDS


class Run:
    """A program with arguments that let it end soon."""

    def __init__(self, name, program_name, *arguments, long=(), ready=""):
        self.name = name
        self.program = program_name
        self.arguments = arguments
        self.long = long  # arguments that let it go on for hours
        self.ready = ready  # a line that it prints then, once signals are waited for


RUNS = (
    Run("group", "mixnet-training", "--model={model}", "--layers=2", "--fabric=ideal-switch",
        "--mtu=4096", long=("--model=mixtral-8x22b", "--layers=56", "--microbatches=1000"),
        ready="^Expert load"),
    Run("job", "mixnet-training", "--model={model}", "--gpus=16", "--fidelity=flow",
        "--iterations=2", long=("--gpus=1024", "--fidelity=flow", "--iterations=2000"),
        ready="^Expert load"),
    Run("flows", "all-to-all", "--endpoints=4", "--bytes=300000", "--rateInterval=1us",
        long=("--endpoints=8", "--bytes=1000000000000"), ready="^Fabric "),
    Run("graph", "training-graph", "--expertParallel=2", "--tensorParallel=1",
        "--pipelineParallel=2", "--layers=2", "--microbatches=2"),
    Run("traffic", "training-traffic", "--iterations=20"),
)
BENCHMARK = Run("benchmark", "fidelity-benchmark", "--part=0.00001", "--only=N=8")  # seconds
CIRCUITS = Run("circuits", "ocs-reconfiguration", long=("--messageBytes=1000000000000",),
               ready="time, us  event")
ENDLESS = [run for run in (*RUNS, CIRCUITS) if run.long]


class ResultsTestCase(program_case.FolderTestCase):
    """Programs in a folder of their own."""

    def setUp(self):
        super().setUp()
        self.model = self.folder / "tiny.json"
        self.model.write_text(json.dumps(MODEL), encoding="utf-8")

    def arguments(self, run, output):
        """Arguments of a run into a folder."""
        return [*(argument.format(model=self.model) for argument in run.arguments),
                f"--output={output}"]

    def execute(self, run, output, *more, **keywords):
        """Runs a program to its end; exit code, standard output and error."""
        keywords = {"stdout": subprocess.PIPE, **keywords}
        with program.start_program(run.program, *self.arguments(run, output), *more,
                                   cwd=self.folder, stderr=subprocess.PIPE, text=True,
                                   errors="replace", **keywords) as process:
            try:
                output, errors = process.communicate(timeout=SECONDS)
            finally:
                process.kill()
        return process.returncode, output, errors

    def reference(self, run):
        """Files that a run writes into an empty folder, and what is in them."""
        folder = self.folder / f"{run.name} reference"
        code, _, errors = self.execute(run, folder)
        self.assertEqual((code, errors), (0, ""), run.name)
        return {path.name: path.read_bytes() for path in folder.iterdir()}

    def check_line(self, errors, *words):
        """One line on standard error with these words."""
        self.assertEqual(len(errors.splitlines()), 1, errors)
        for word in words:
            self.assertIn(word, errors)


class FullDisks(ResultsTestCase):
    """What the file system does not take ends a run with an error. Files that must not grow beyond
    a size are like a disk that is full, at any place."""

    STREAMED = {"phases.csv", "timeline.csv", "circuits.csv", "iterations.csv", "gantt.csv",
                "rates.csv", "benchmark.csv"}

    def check_failure(self, run, limit, whole, *more, folder=None):
        """A run whose files may have so many bytes: an error that names one that is longer."""
        folder = folder or self.folder / "limited"
        code, output, errors = self.execute(run, self.folder / "limited", *more,
                                            limits={resource.RLIMIT_FSIZE: limit})
        self.assertEqual(code, 1, output + errors)
        self.check_line(errors, "cannot write: File too large")
        self.assertNotRegex(output, "(?m)^(results|tables)", "it does not say that there are any")
        named = re.search(r"([^/ ]+): cannot write", errors)[1]
        self.assertGreater(len(whole[named]), limit)
        for path in folder.iterdir() if folder.exists() else ():
            content = path.read_bytes()
            self.assertLessEqual(len(content), limit, path.name)
            self.assertIn(path.name, whole)
            self.assertNotEqual(path.name, "summary.json")
            if path.name in self.STREAMED:
                self.assertTrue(content == b"" or content.endswith(b"\n"), path.name)
            else:
                self.assertEqual(len(content), len(whole[path.name]), "it is whole")
        return named

    def test_a_file_that_cannot_be_written_ends_any_program(self):
        for run in RUNS:
            whole = self.reference(run)
            # What varies in a summary is wall time, some bytes; it has a test of its own.
            sizes = {len(content) for name, content in whole.items() if name != "summary.json"}
            for limit in sorted({0, *(size - 1 for size in sizes)}):
                with self.subTest(run=run.name, limit=limit):
                    self.check_failure(run, limit, whole)
        self.check_failure(BENCHMARK, 0, {"benchmark.csv": b"job,level"})

    def test_a_summary_that_cannot_be_written_is_no_summary(self):
        # The summary of one iteration is the longest file of a job of several EP groups.
        run = Run("one", "mixnet-training", "--model={model}", "--gpus=32", "--fidelity=flow")
        whole = self.reference(run)
        others = max(len(content) for name, content in whole.items() if name != "summary.json")
        self.assertGreater(len(whole["summary.json"]), others + 100)
        self.assertEqual(self.check_failure(run, others + 50, whole), "summary.json")
        self.assertEqual({path.name for path in (self.folder / "limited").iterdir()},
                         set(whole) - {"summary.json"})

    def test_captures_are_whole_or_an_error(self):
        run = Run("captures", "mixnet-training", "--model={model}", "--layers=1",
                  "--fabric=ideal-switch")
        code, _, errors = self.execute(run, "none", "--pcap=whole")
        self.assertEqual((code, errors), (0, ""))
        whole = {path.name: path.read_bytes() for path in (self.folder / "whole").iterdir()}
        sizes = sorted(map(len, whole.values()))
        for limit in (0, sizes[0] - 1, sizes[-1] - 1):
            with self.subTest(limit=limit):
                captures = self.folder / f"captures {limit}"
                code, output, errors = self.execute(run, "none", f"--pcap={captures}",
                                                    limits={resource.RLIMIT_FSIZE: limit})
                self.assertEqual(code, 1)
                self.check_line(errors, ".pcap: cannot write: File too large")
                for path in captures.iterdir():
                    self.assertEqual(path.read_bytes(), whole[path.name])

    def test_standard_output_counts_too(self):
        for run in (*RUNS, CIRCUITS):
            if run is CIRCUITS:
                arguments = ("--messageBytes=100000", "--reconfigurationDelay=10us",
                             "--swapAt=10us", "--swapBackAt=60us")
            else:
                arguments = self.arguments(run, self.folder / "out")
            with self.subTest(run=run.name), open("/dev/full", "w", encoding="utf-8") as full:
                with program.start_program(run.program, *arguments, cwd=self.folder, stdout=full,
                                           stderr=subprocess.PIPE, text=True) as process:
                    _, errors = process.communicate(timeout=SECONDS)
                self.assertEqual(process.returncode, 1)
                self.check_line(errors, "standard output: cannot write: No space left on device")

    def test_nothing_is_written_but_by_the_class_that_checks(self):
        module = program.ROOT / "contrib" / "mixnet"
        unchecked = re.compile(r"\b(ofstream|fopen|freopen|OpenTable)\b")
        for layer in ("core", "model", "helper", "examples"):
            for path in sorted((module / layer).rglob("*.[ch]*")):
                if path.suffix in (".cc", ".h"):
                    found = unchecked.search(path.read_text(encoding="utf-8"))
                    self.assertIsNone(found, f"{path}: {found}")


class Folders(ResultsTestCase):
    """A folder of results belongs to one run; what does not fit is refused before it."""

    def test_results_of_any_earlier_run_are_gone(self):
        names = {run.name: set(self.reference(run)) for run in RUNS}
        names[BENCHMARK.name] = {"benchmark.csv"}
        folder = self.folder / "one after another"
        folder.mkdir()
        (folder / "notes.txt").write_text("mine", encoding="utf-8")
        order = [run for pair in itertools.combinations(RUNS, 2) for run in pair]
        order += [RUNS[0], BENCHMARK, RUNS[0]]
        pairs = list(zip(order, order[1:]))
        self.assertLessEqual(set(itertools.permutations(RUNS, 2)), set(pairs))
        for before, after in [(order[-1], order[0]), *pairs]:
            with self.subTest(before=before.name, after=after.name):
                code, _, errors = self.execute(after, folder)
                self.assertEqual((code, errors), (0, ""))
                self.assertEqual({path.name for path in folder.iterdir()},
                                 names[after.name] | {"notes.txt"})

    def test_captures_of_an_earlier_run_are_gone(self):
        run = RUNS[0]
        for ports in ("all", "host0/0"):
            code, _, errors = self.execute(run, "none", "--pcap=out", f"--pcapPorts={ports}")
            self.assertEqual((code, errors), (0, ""))
        self.assertEqual([path.name for path in (self.folder / "out").iterdir()],
                         ["host0-port0.pcap"])
        # Where results and captures share a folder, both are there.
        code, _, errors = self.execute(run, "out", "--pcap=out", "--pcapPorts=host1/0")
        self.assertEqual((code, errors), (0, ""))
        self.assertEqual({path.name for path in (self.folder / "out").iterdir()},
                         {"host1-port0.pcap", *self.reference(run)})
        self.assertEqual(self.execute(run, "out")[0], 0)
        self.assertFalse(list((self.folder / "out").glob("*.pcap")))

    def test_files_of_others_stay_and_are_in_the_way_where_they_are_needed(self):
        own_names = {run.name: set(self.reference(run)) for run in RUNS}
        names = set().union(*own_names.values(), {"benchmark.csv"})
        for run in RUNS:
            own = own_names[run.name]
            folder = self.folder / f"{run.name} among others"
            folder.mkdir()
            others = {name: f"{name} of somebody" for name in names - own - {"summary.json"}}
            others["host0-port0.pcap"] = "not a capture"
            for name, text in others.items():
                (folder / name).write_text(text, encoding="utf-8")
            with self.subTest(run=run.name):
                code, _, errors = self.execute(run, folder)
                self.assertEqual((code, errors), (0, ""))
                for name, text in others.items():
                    self.assertEqual((folder / name).read_text(encoding="utf-8"), text)
            for name in sorted(own):
                with self.subTest(run=run.name, name=name):
                    needed = self.folder / f"{run.name} needs {name}"
                    needed.mkdir()
                    (needed / name).write_text("1,2,3\n", encoding="utf-8")
                    code, output, errors = self.execute(run, needed)
                    self.assertEqual((code, output), (1, ""))
                    self.check_line(errors, f"--output={needed}", name, "no result of an earlier")
                    self.assertEqual((needed / name).read_text(encoding="utf-8"), "1,2,3\n")
                    self.assertEqual([path.name for path in needed.iterdir()], [name])

    def test_what_is_no_file_is_in_the_way(self):
        own_names = {BENCHMARK: {"benchmark.csv"}, **{run: self.reference(run) for run in RUNS}}
        for run, own in own_names.items():
            for name in sorted(own):
                for kind, make in (("folder", Path.mkdir), ("pipe", os.mkfifo)):
                    with self.subTest(run=run.name, name=name, kind=kind):
                        folder = self.folder / f"{run.name} {name} {kind}"
                        folder.mkdir()
                        make(folder / name)
                        code, output, errors = self.execute(run, folder)
                        self.assertEqual((code, output), (1, ""))
                        self.check_line(errors, f"--output={folder}", name, "no file")

    @unittest.skipIf(os.geteuid() == 0, "root may write everywhere")
    def test_a_folder_that_is_not_writable_is_refused(self):
        folder = self.folder / "locked"
        folder.mkdir(mode=0o555)
        for run in (*RUNS, BENCHMARK):
            with self.subTest(run=run.name):
                code, output, errors = self.execute(run, folder)
                self.assertEqual((code, output), (1, ""))
                self.check_line(errors, f"--output={folder}", "Permission denied")

    def test_a_path_that_is_not_utf_8_is_refused(self):
        for run in (*RUNS, BENCHMARK):
            with self.subTest(run=run.name):
                code, output, errors = self.execute(run, os.fsdecode(b"caf\xe9"))
                self.assertEqual((code, output), (1, ""))
                self.check_line(errors, r"--output=caf\xe9", "UTF-8")
                names = os.listdir(os.fsencode(self.folder))
                self.assertFalse(any(b"caf" in name for name in names))

    def test_a_summary_has_any_other_text_as_it_is(self):
        name = 'quotes " and \\, a\nnew line, a\ttab, \x01 and \x7f, Universität, 漢字 🙂'
        for run in RUNS:
            with self.subTest(run=run.name):
                code, _, errors = self.execute(run, name)
                self.assertEqual((code, errors), (0, ""))
                text = (self.folder / name / "summary.json").read_text(encoding="utf-8")
                self.assertEqual(json.loads(text)["options"]["output"], name)


class Ends(ResultsTestCase):
    """Runs that are ended from outside tell what there is. Programs wait for signals before they
    print what they simulate; nothing here depends on how fast they are."""

    def start(self, run, **keywords):
        """Starts a run that goes on for hours; its folder has results if it writes any."""
        output = () if run is CIRCUITS else (f"--output={self.folder / run.name}",)
        return program.start_program(run.program, *run.long, *output, cwd=self.folder, **keywords)

    def wait_for(self, run, process):
        """Reads what it prints until it is ready."""
        head = ""
        guard = threading.Timer(SECONDS, process.kill)  # one that never says so ends, too
        guard.start()
        try:
            for line in process.stdout:
                head += line
                if re.search(run.ready, line):
                    return head
        finally:
            guard.cancel()
        self.fail(f"{run.name} ended: {head}{process.stderr.read()}")

    def end(self, run, number, code):
        """Ends a run by a signal, and checks what it says; what it printed then."""
        with self.start(run, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            try:
                self.wait_for(run, process)
                process.send_signal(number)
                output, errors = process.communicate(timeout=SECONDS)
            finally:
                process.kill()
        self.assertEqual(process.returncode, code, errors)
        self.assertIn("not complete", errors)
        self.assertIn("INCOMPLETE", output)
        self.assertNotRegex(output, r"\b(nan|inf)\b")
        return errors

    def test_signals_end_a_run_with_what_there_is(self):
        for number, code, reason in ((signal.SIGINT, 130, "interrupted by the user after "),
                                     (signal.SIGTERM, 143, "ended by a signal (SIGTERM) after ")):
            for run in ENDLESS:
                with self.subTest(run=run.name, signal=number):
                    errors = self.end(run, number, code)
                    self.assertIn(reason, errors)
                    if run is CIRCUITS:
                        continue
                    folder = self.folder / run.name
                    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
                    self.assertFalse(summary["complete"])
                    self.assertTrue(summary["problems"][0].startswith(reason))
                    self.assertFalse(list(folder.glob("*.part")))
                    tables = list(folder.glob("*.csv"))
                    self.assertTrue(tables)
                    for table in tables:
                        self.assertTrue(table.read_bytes().endswith(b"\n"), table.name)

    def test_captures_of_an_interrupted_run_are_whole(self):
        run = Run("captured", "all-to-all", long=("--endpoints=8", "--bytes=1000000000000",
                                                  "--pcap=captures", "--pcapPorts=host0/0"))
        capture = self.folder / "captures" / "host0-port0.pcap"
        part = capture.with_name(capture.name + ".part")
        with self.start(run, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
            try:
                while not part.exists() or part.stat().st_size < 1_000_000:
                    self.assertIsNone(process.poll(), "it still runs")
                process.send_signal(signal.SIGINT)
                process.communicate(timeout=SECONDS)
            finally:
                process.kill()
        self.assertEqual(process.returncode, 130)
        self.assertFalse(part.exists())
        content = capture.read_bytes()
        at = 24
        while at < len(content):
            at += 16 + int.from_bytes(content[at + 8:at + 12], sys.byteorder)
        self.assertEqual(at, len(content), "it ends with a frame")

    def test_a_second_signal_ends_at_once(self):
        for run in ENDLESS:
            with self.subTest(run=run.name):
                with self.start(run, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                text=True) as process:
                    try:
                        self.wait_for(run, process)
                        # Both have come before it can do anything.
                        for number in (signal.SIGSTOP, signal.SIGINT, signal.SIGTERM,
                                       signal.SIGCONT):
                            process.send_signal(number)
                        process.communicate(timeout=SECONDS)
                    finally:
                        process.kill()
                self.assertIn(process.returncode, (-signal.SIGINT, -signal.SIGTERM))
                self.assertFalse((self.folder / run.name / "summary.json").exists())

    def test_a_terminal_shows_progress_and_the_time_left(self):
        for run in ENDLESS:
            with self.subTest(run=run.name):
                ours, theirs = pty.openpty()
                try:
                    with self.start(run, stdout=subprocess.DEVNULL, stderr=theirs) as process:
                        try:
                            shown = b""
                            while not re.search(rb"\d\.\d %, .*\d+ (s|min) left", shown):
                                self.assertTrue(select.select([ours], [], [], SECONDS)[0], shown)
                                shown += os.read(ours, 4096)
                            process.send_signal(signal.SIGINT)
                            process.wait(timeout=SECONDS)
                        finally:
                            process.kill()
                finally:
                    os.close(ours)
                    os.close(theirs)
                self.assertEqual(process.returncode, 130)


class Estimates(ResultsTestCase):
    """Long packet-level runs say so before they begin."""

    LINE = re.compile(r"^[a-z-]+: packet by packet this will be some \S+ data packet-hops, .* "
                      r"(minutes|hours|days) at 2\.5 million per second.*--fidelity=flow",
                      re.MULTILINE)

    def head(self, name, *arguments):
        """Standard error of a program until it simulates, which it then ends."""
        with program.start_program(name, *arguments, "--output=none", cwd=self.folder,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True) as process:
            try:
                for line in process.stdout:
                    if re.match("Expert load|Fabric ", line):
                        break
                process.send_signal(signal.SIGINT)
                _, errors = process.communicate(timeout=SECONDS)
            finally:
                process.kill()
        self.assertEqual(process.returncode, 130, errors)
        return errors

    def test_long_runs_of_packets_say_so_and_others_do_not(self):
        for name, arguments, isLong in (
            ("mixnet-training", ("--gpus=1024", "--fidelity=packet"), True),
            ("mixnet-training", ("--gpus=1024", "--fidelity=flow", "--iterations=2000"), False),
            ("mixnet-training", ("--layers=56", "--microbatches=1000"), True),
            ("mixnet-training", ("--layers=56", "--microbatches=1000", "--fidelity=flow"), False),
            ("all-to-all", ("--bytes=1000000000000",), True),
            ("all-to-all", ("--bytes=2000000000",), False),
        ):
            with self.subTest(name=name, arguments=arguments):
                errors = self.head(name, *arguments)
                (self.assertRegex if isLong else self.assertNotRegex)(errors, self.LINE)


if __name__ == "__main__":
    unittest.main()
