# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Tests of utils/report.py: its page says what the results say, and loads nothing."""

import html.parser
import json
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parent))

import program  # noqa: E402
from pictures import read_picture  # noqa: E402
from plot_case import read_rows, write_model  # noqa: E402
from program import run_program  # noqa: E402

import python_modules  # noqa: E402
import report  # noqa: E402
import report_plans  # noqa: E402
import report_runs  # noqa: E402
import report_sections as sections  # noqa: E402
import svg_charts  # noqa: E402
import system_packages  # noqa: E402
from console import Failure  # noqa: E402
from viewers.browser import Browser, find_browser  # noqa: E402

REPORT = Path(__file__).resolve().parents[2] / "utils" / "report.py"
VOID = {"meta", "br", "img", "link", "input", "hr"}
MOST_BYTES = 2_000_000
MOST_MEMORY = 400_000_000
HAS_JINJA = "jinja2" in system_packages.found_modules(["jinja2"])
NO_JINJA = "jinja2 (python3-jinja2) is not installed"
SPACE = "\u202f"


def run_report(*arguments, cwd=None, limit=None):
    """Runs report.py, in a folder, with so many bytes of memory."""
    def prepare():
        if limit:
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    return subprocess.run([sys.executable, str(REPORT), *map(str, arguments)], cwd=cwd,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                          timeout=program.HANG_SECONDS, preexec_fn=prepare)


class Page(html.parser.HTMLParser):
    """What is on a page: elements with their attributes, texts, and whether tags match."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.open, self.unmatched = [], [], []
        self.text = text
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        element = {"tag": tag, "text": "", **dict(attrs)}
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag, attrs):
        self.elements.append({"tag": tag, "text": "", **dict(attrs)})

    def handle_endtag(self, tag):
        if not self.open or self.open[-1]["tag"] != tag:
            self.unmatched.append(tag)
        else:
            self.open.pop()

    def handle_data(self, data):
        for element in self.open:
            element["text"] += data

    def all(self, tag):
        """All elements of a kind."""
        return [element for element in self.elements if element["tag"] == tag]

    def texts(self, tag):
        """The texts of all elements of a kind."""
        return [element["text"].strip() for element in self.all(tag)]


class PageTestCase(unittest.TestCase):
    """Tests with runs of their own, and what holds for every page."""

    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = Path(temporary.name)

    @classmethod
    def train(cls, name, *arguments):
        """A run of a small model; its folder."""
        path = cls.folder / "small.json"
        if not path.exists():
            write_model(cls.folder)
        result = run_program("mixnet-training", f"--model={path}", f"--output={cls.folder / name}",
                             *arguments)
        assert result.returncode == 0, result.stderr
        return cls.folder / name

    def copy(self, folder, **summary):
        """A copy of results, with changes to the summary."""
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        target = Path(holder.name) / "copy"
        shutil.copytree(folder, target, ignore=shutil.ignore_patterns("report.html"))
        path = target / "summary.json"
        old = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps({**old, **summary}), encoding="utf-8")
        return target

    def page(self, *arguments):
        """The page of a run."""
        out = self.folder / "page.html"
        result = run_report(*arguments, f"--output={out}")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertEqual(result.stdout, f"{out}\n")
        text = out.read_text(encoding="utf-8")
        out.unlink()
        page = Page(text)
        self.check_page(page)
        return page

    def check_page(self, page):
        """It is whole, loads nothing, and can be read by those who do not see it."""
        self.assertEqual((page.unmatched, page.open), ([], []))
        self.assertTrue(page.text.startswith("<!DOCTYPE html>"), page.text[:80])
        self.assertEqual(page.all("html")[0]["lang"], "en")
        self.assertEqual(len(page.all("h1")), 1)
        for tag in ("script", "img", "link", "iframe", "object", "embed", "image", "use", "form"):
            self.assertEqual(page.all(tag), [], tag)
        identities = [element["id"] for element in page.elements if "id" in element]
        self.assertEqual(len(identities), len(set(identities)))
        for element in page.elements:
            self.assertFalse({"src", "srcset", "action"} & set(element), element)
            self.assertFalse([name for name in element if name.startswith("on")], element)
            if "href" in element:
                self.assertIn(element["href"][1:], identities)
                self.assertEqual(element["href"][0], "#")
            for name in element.get("aria-labelledby", "").split():
                self.assertIn(name, identities)
        for style in page.texts("style"):
            self.assertNotRegex(style, r"@import|url\(")
        self.assertEqual([place for place in re.findall(r"url\(([^)]*)\)", page.text)
                          if not place.startswith("#")], [])
        levels = [int(element["tag"][1]) for element in page.elements
                  if re.fullmatch(r"h\d", element["tag"])]
        for before, after in zip(levels, levels[1:]):
            self.assertLessEqual(after, before + 1)
        self.assertEqual(len(page.all("caption")), len(page.all("table")))
        for chart in page.all("svg"):
            self.assertEqual(chart["role"], "img")
            self.assertTrue(chart["aria-labelledby"])
        self.assertLess(len(page.text.encode()), MOST_BYTES)

    def check_numbers(self, page, folders):
        """Every number of the page is that of the summary, rounded to the digits shown."""
        summaries = [json.loads((folder / "summary.json").read_text(encoding="utf-8"))
                     for folder in folders]
        fields = {field.key: field for part in sections.RESULTS.values() for field in part}
        seen = set()
        for element in page.all("data"):
            run, key = int(element["data-run"]), element["data-key"]
            value = summaries[run]
            for name in key.split("."):
                value = value[name]
            self.assertEqual(json.loads(element["value"]), value, key)
            text = element["text"].strip().replace(SPACE, "").replace("−", "-")
            digits = len(text.partition(".")[2])
            factor = fields[key].factor if key in fields else 1e3  # all others are times, in ms
            self.assertAlmostEqual(float(text), value * factor, delta=0.5001 * 10 ** -digits,
                                   msg=key)
            seen.add((run, key))
        return seen

    def check_refused(self, result, *words):
        """One line on standard error that has these words, and exit code 1."""
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        for word in words:
            self.assertIn(word, result.stderr)


@unittest.skipUnless(HAS_JINJA, NO_JINJA)
class Pages(PageTestCase):
    """Pages of runs of every kind say what their results say."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.group = cls.train("group", "--layers=2", "--mtu=16000", "--reconfigurationDelay=1ms")
        cls.electrical = cls.train("electrical", "--layers=2", "--mtu=16000", "--fabric=fat-tree",
                                   "--seed=7")
        cls.job = cls.train("job", "--gpus=128", "--iterations=2", "--pipelineParallel=2",
                            "--microbatches=4", "--fidelity=flow", "--reconfigurationDelay=1ms")
        cls.flows = cls.folder / "flows"
        result = run_program("all-to-all", "--endpoints=4", "--bytes=20000000", "--mtu=9000",
                             "--rateInterval=100us", f"--output={cls.flows}")
        assert result.returncode == 0, result.stderr

    def test_numbers_are_those_of_the_summary(self):
        for folder, keys in (
                (self.group, {"iterationTimeSeconds", "tokensPerSecond", "opticalBytes",
                              "timeSeconds.compute.criticalPath", "timeSeconds.light.mean",
                              "timeByPhaseSeconds.forward.dispatch"}),
                (self.job, {"iterationTimeSeconds", "bubbleShare", "timeSeconds.bubble.mean"}),
                (self.flows, {"completionTimeSeconds", "completionOverBound", "packets"})):
            with self.subTest(folder=folder.name):
                seen = self.check_numbers(self.page(folder), [folder])
                self.assertLessEqual({(0, key) for key in keys}, seen)

    def test_a_page_of_a_group_has_its_sections(self):
        page = self.page(self.group)
        for heading in ("Warnings", "Results", "What was run", "Where the time goes",
                        "Who does what when", "All-to-alls by layer", "Demand and circuits",
                        "Busiest ports", "How to repeat it"):
            self.assertIn(heading, page.texts("h2"))
        labels = " ".join(page.texts("text"))
        for unit in ("time of an iteration, ms", "time, ms", "demand, MB", "from host", "to host"):
            self.assertIn(unit, labels)
        self.assertIn("rank 0", labels)

    def test_demand_and_circuits_are_those_of_the_table(self):
        text = self.page(self.group).text
        rows = [row for row in read_rows(self.group / "circuits.csv") if row["decision"] == "0"]
        highest = max(int(row["demandBytes"]) for row in rows) * 1e-6
        self.assertIn(f">{svg_charts.tick_text(float(f'{highest:.3g}'))}</text>", text)
        decisions, count = report_runs.Run(self.group).decisions(8)
        self.assertEqual(count, len({row["decision"] for row in
                                     read_rows(self.group / "circuits.csv")}))
        self.assertEqual(sum(decisions[0].circuits.values()),
                         sum(int(row["circuits"]) for row in rows))

    def test_a_job_has_a_row_for_each_stage_and_a_flow_job_its_rates(self):
        tips = self.page(self.job).texts("title")
        rows = [row for row in read_rows(self.job / "gantt.csv")
                if row["iteration"] == "0" and row["replica"] == "0"]
        for row in rows:
            self.assertIn(f"stage {row['stage']}, microbatch {row['microbatch']}, chunk "
                          f"{row['chunk']}, {row['direction']}", tips)
        page = self.page(self.flows)
        self.assertIn("delivered payload, Gb/s", page.texts("text"))
        self.assertIn("Flows", page.texts("h2"))

    def test_layers_are_the_means_of_their_phases(self):
        rows = [row for row in read_rows(self.job / "phases.csv")
                if row["name"] in ("dispatch", "combine")]
        for layer in report_runs.Run(self.job).layers():
            own = [row for row in rows if int(row["layer"]) == layer.layer]
            self.assertEqual(layer.count, len(own))
            self.assertAlmostEqual(layer.milliseconds, 1e3 * sum(
                float(row["durationSeconds"]) for row in own) / len(own))

    def test_bars_of_layers_have_one_axis_in_all_runs(self):
        runs = [report_runs.Run(folder) for folder in (self.job, self.group)]
        longest = [max(layer.milliseconds for layer in run.layers()) for run in runs]
        self.assertNotAlmostEqual(*longest)
        alone = [sections.layers_of([run])[0]["chart"] for run in runs]
        together = [found["chart"] for found in sections.layers_of(runs)]
        axes, own = ([re.findall(r'text-anchor="middle">([0-9.]+)</text>', chart)
                      for chart in charts] for charts in (together, alone))
        self.assertEqual(axes[0], axes[1])
        self.assertEqual(axes[0], own[longest.index(max(longest))])

    def test_exposed_reconfiguration_is_the_critical_path_s_wherever_it_is_called_so(self):
        path = json.loads((self.job / "summary.json").read_text(encoding="utf-8"))[
            "timeSeconds"]["light"]["criticalPath"]
        for found in sections.results_of([report_runs.Run(self.job)]):
            for row in found["rows"] + found["headlines"]:
                if "exposed" in row["field"].name:
                    self.assertEqual(float(row["values"][0].raw), path)
        self.assertIn("exposed reconfiguration, on the critical path",
                      [row["field"].name for row in found["headlines"]])

    def test_the_busiest_ports_are_named_busiest_first(self):
        rows = sorted(read_rows(self.group / "ports.csv"), reverse=True, key=lambda row: max(
            float(row["sendUtilisation"]), float(row["receiveUtilisation"])))
        names = [text for text in self.page(self.group).texts("th")
                 if re.match(r"host\d+/\d", text)]
        self.assertEqual(names[0], f"host{rows[0]['host']}/{rows[0]['nic']}")
        self.assertEqual(len(names), min(len(rows), report_runs.BUSIEST))

    def test_runs_stand_side_by_side(self):
        folders = [self.group, self.electrical, self.job, self.flows]
        page = self.page(*folders)
        seen = self.check_numbers(page, folders)
        for run in range(3):
            self.assertIn((run, "iterationTimeSeconds"), seen)
        self.assertIn((3, "completionTimeSeconds"), seen)
        page = self.page(self.group, self.electrical)
        differing = page.text.split("Options that differ.")[1].split("</table>")[0]
        found = re.findall(r"<code>--(\w+)</code>", differing)
        options = [json.loads((folder / "summary.json").read_text(encoding="utf-8"))["options"]
                   for folder in (self.group, self.electrical)]
        self.assertEqual(found, sorted(name for name in options[0] if name != "output"
                                       and options[0][name] != options[1][name]))
        times = [json.loads((folder / "summary.json").read_text(encoding="utf-8"))
                 ["iterationTimeSeconds"] for folder in (self.group, self.electrical)]
        change = f"{100 * (times[1] / times[0] - 1):+.1f} %".replace("-", "−")
        self.assertIn(f"<small>{change}</small>", page.text)

    def test_a_program_of_ones_own_is_repeated_by_its_name(self):
        self.assertIn("./ns3 run mine --config=", self.page(self.copy(self.group,
                                                                      executable="mine")).text)

    def test_the_command_repeats_the_run(self):
        page = self.page(self.group)
        shown = next(text for text in page.texts("code") if "summary.json" in text)
        self.assertEqual(shown, sections.command(
            ["./ns3", "run", "mixnet-training", f"--config={self.group}/summary.json",
             f"--output={self.group}-again"]))
        options = next(text for text in page.texts("code") if text.startswith("{"))
        path = self.folder / "options.json"
        path.write_text(options, encoding="utf-8")
        again = self.folder / "again"
        result = run_program("mixnet-training", f"--config={path}", f"--output={again}")
        self.assertEqual(result.returncode, 0, result.stderr)
        for table in ("phases.csv", "timeline.csv", "circuits.csv"):
            self.assertEqual((again / table).read_bytes(), (self.group / table).read_bytes())

    def test_equal_results_give_equal_bytes(self):
        pages = []
        for _ in range(2):
            result = run_report(self.group)
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            pages.append((self.group / "report.html").read_bytes())
            self.assertEqual(sorted(path.name for path in self.group.glob("*.part")), [])
        self.assertEqual(pages[0], pages[1])

    def test_several_folders_have_their_page_where_one_is(self):
        with tempfile.TemporaryDirectory() as folder:
            result = run_report(self.group, self.job, "--title=Two <of them>", cwd=folder)
            self.assertEqual((result.returncode, result.stdout), (0, "report.html\n"))
            page = Page((Path(folder) / "report.html").read_text(encoding="utf-8"))
            self.assertEqual(page.texts("h1"), ["Two <of them>"])

    def test_what_spoils_a_run_is_a_warning(self):
        page = self.page(self.copy(self.group, complete=False, problems=["rank 3 waits"],
                                   isolatingDecisions=2, failedMessages=5, windowsOverBuffer=3.4,
                                   droppedOptions=["--skew=2"]))
        warnings = page.text.split('id="warnings"')[1].split("</section>")[0]
        for words in ("not complete", "rank 3 waits", "2 of ", "5 messages", "3.4 times",
                      "--skew=2"):
            self.assertIn(words, warnings)
        self.assertIn("None:", self.page(self.group).text)

    def test_runs_that_differ_in_forwarding_do_not_compare_fabrics_alone(self):
        for forwarding, warns in (("spread", True), ("delegate", False)):
            page = self.page(self.group, self.copy(self.group, forwarding=forwarding))
            warnings = page.text.split('id="warnings"')[1].split("</section>")[0]
            self.assertEqual("--forwarding" in warnings, warns, warnings)

    def test_a_run_that_has_not_come_to_its_end_has_a_page(self):
        page = self.page(self.copy(self.group, complete=False, problems=["SIGINT"], iterations=0,
                                   iterationTimeSeconds=None, tokensPerSecond=None,
                                   modelFlopsUtilization=None))
        self.assertNotIn("iterationTimeSeconds",
                         [element["data-key"] for element in page.all("data")])

    def test_text_is_text(self):
        hostile = "</td><script>alert(1)</script><img src=x onerror=\"a()\">&amp;'"
        options = json.loads((self.group / "summary.json").read_text(encoding="utf-8"))["options"]
        folder = self.copy(self.group, model=hostile, problems=[hostile], complete=False,
                           fabric=hostile, preset=hostile, options={**options, "mtu": hostile,
                                                                    hostile: hostile})
        path = folder / "timeline.csv"
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("expert,", "<b onclick=x>,").replace("forward", "\"<i>\"\"\""),
                        encoding="utf-8")
        other = folder.parent / "<b id=results>&\"'"
        folder.rename(other)
        page = self.page(other)
        self.assertEqual([page.all(tag) for tag in ("i", "img", "script")], [[], [], []])
        self.assertIn(hostile, page.texts("h1")[0])
        self.assertIn(other.name, page.texts("th"))
        self.page(other, self.group)

    def test_tables_that_are_not_there_are_left_out(self):
        folder = self.copy(self.group)
        for path in folder.glob("*.csv"):
            path.unlink()
        page = self.page(folder)
        self.assertNotIn("Busiest ports", page.texts("h2"))
        self.check_numbers(page, [folder])

    def test_long_tables_make_no_long_page_and_take_no_memory(self):
        folder = self.copy(self.group)
        self.lengthen(folder / "phases.csv", 20_000, "layer", 80)
        self.lengthen(folder / "timeline.csv", 20_000, "rank", 512)
        self.lengthen(folder / "ports.csv", 5_000, "host", 2500)
        self.lengthen(folder / "gantt.csv", 20_000, "stage", 64)
        hosts = 70
        with (folder / "circuits.csv").open("w", encoding="utf-8") as file:
            file.write("decision,layer,microbatch,direction,fromHost,toHost,demandBytes,circuits\n")
            for decision in range(12):
                for pair in range(hosts * hosts):
                    source, target = divmod(pair, hosts)
                    file.write(f"{decision},{decision},0,forward,{source},{target},"
                               f"{(source * 7919 + target * 104729) % 10 ** 7},1\n")
        many = [self.copy(folder) for _ in range(report.MOST_RUNS if program.FULL else 3)]
        for folders in ([folder], [folder, self.job], many):
            out = self.folder / "long.html"
            result = run_report(*folders, f"--output={out}", limit=MOST_MEMORY)
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            self.assertLess(out.stat().st_size, MOST_BYTES)

    def lengthen(self, path, rows, column, values):
        """Repeats the rows of a table, with other values in a column."""
        head, *lines = path.read_text(encoding="utf-8").splitlines()
        place = head.split(",").index(column)
        with path.open("w", encoding="utf-8") as file:
            file.write(head + "\n")
            for number in range(rows):
                cells = lines[number % len(lines)].split(",")
                cells[place] = str(number % values)
                file.write(",".join(cells) + "\n")

    @unittest.skipUnless(program.FULL, "with ./test.py --full")
    @unittest.skipUnless(find_browser(), "chromium is not installed")
    def test_a_browser_draws_and_prints_it(self):
        page = self.folder / "browser.html"
        result = run_report(self.group, self.job, self.flows, f"--output={page}")
        self.assertEqual(result.returncode, 0, result.stderr)
        with Browser(1180, 900) as browser:
            browser.open(page.as_uri())
            self.assertEqual(browser.requests(), [page.as_uri()], "it loads nothing else")
            self.assertEqual(browser.complaints(), [])
            self.assertLessEqual(browser.evaluate("document.documentElement.scrollWidth"), 1180)
            picture = read_picture(browser.picture(self.folder / "page.png"))
            self.assertGreater(picture.colours(), 30)
            content = browser.print(self.folder / "page.pdf").read_bytes()
        self.assertTrue(content.startswith(b"%PDF"))
        self.assertGreater(len(content), 50_000, "more than blank pages")


@unittest.skipUnless(HAS_JINJA, NO_JINJA)
class Plans(PageTestCase):
    """Pages of programs without a network."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.graph, cls.traffic = cls.folder / "graph", cls.folder / "traffic"
        for program_name, folder, *arguments in (
                ("training-graph", cls.graph, "--expertParallel=2", "--tensorParallel=1",
                 "--pipelineParallel=2", "--layers=2", "--microbatches=2"),
                ("training-traffic", cls.traffic, "--models=mixtral-8x7b,qwen-moe",
                 "--iterations=20", "--interval=5")):
            result = run_program(program_name, f"--output={folder}", *arguments)
            assert result.returncode == 0, result.stderr

    def test_a_graph_has_its_times_and_tasks(self):
        page = self.page(self.graph)
        self.assertTrue(self.check_numbers(page, [self.graph]))
        self.assertEqual(page.texts("h1"), ["Task graph of mixtral-8x7b"])
        self.assertIn("Task graph", page.texts("h2"))
        summary = json.loads((self.graph / "summary.json").read_text(encoding="utf-8"))
        (group,) = report_plans.graphs_of([report_runs.Run(self.graph)])
        wholes = [1e3 * summary[name]["makespanSeconds"]
                  for name in ("freeCommunication", "linearCommunication") for _ in (0, 1)]
        for column, whole in enumerate(wholes):  # the kinds of time are all of it
            self.assertAlmostEqual(sum(values[column] for _, values in group["rows"]), whole)
        on_path = summary["freeCommunication"]["tasksOnPath"]
        self.assertIn(f"{on_path} of {summary['tasks']} tasks", group["schedule"]["note"])

    def test_traffic_has_its_parts_and_charts(self):
        page = self.page(self.traffic)
        self.assertEqual(page.texts("h1"), ["Traffic of training"])
        (group,) = report_plans.traffic_of([report_runs.Run(self.traffic)])
        self.assertEqual(sorted({model for model, _, _ in group["rows"]}),
                         ["mixtral-8x7b", "qwen-moe"])
        for _, _, percents in group["rows"]:
            self.assertAlmostEqual(sum(percents), 100, delta=1e-3)  # six digits in the table
        self.assertEqual([chart["title"] for chart in group["charts"]],
                         ["Bytes between GPUs, neighbours summed", "Shares of 8 experts"])

    def test_runs_with_and_without_a_network_stand_on_one_page(self):
        group = self.train("group", "--layers=1", "--fidelity=flow")
        page = self.page(group, self.graph, self.traffic)
        self.assertEqual({run for run, _ in self.check_numbers(page, [group, self.graph])}, {0, 1})
        self.assertEqual(page.texts("h1"), ["3 runs side by side"])

    def test_a_graph_without_its_times_is_refused(self):
        free = {"makespanSeconds": 1.0}
        self.check_refused(run_report(self.copy(self.graph, freeCommunication=free)),
                           "freeCommunication has no pathSeconds")


class Refusals(PageTestCase):
    """What cannot be reported on is named in one line, and nothing is written."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.group = cls.train("group", "--layers=1", "--mtu=32000")

    def check_none(self, folder, *words):
        """A folder is refused, and has no page then."""
        self.check_refused(run_report(folder), *words)
        if folder.is_dir():
            self.assertEqual([path.name for path in folder.iterdir()
                              if "report" in path.name], [])

    def test_folders_without_results_are_refused(self):
        self.check_refused(run_report(), "which folder")
        self.check_none(self.folder / "nowhere", "nowhere", "no such folder")
        self.check_none(self.group / "phases.csv", "is a file", str(self.group))
        folder = self.copy(self.group)
        (folder / "summary.json").unlink()
        self.check_none(folder, str(folder), "no summary.json")
        self.check_refused(run_report(self.group, folder), "no summary.json")
        self.check_refused(run_report(self.group, f"{self.group}/"), "given twice")
        self.check_refused(run_report(*[self.group / str(n) for n in range(13)]), "at most 12")

    def test_broken_summaries_are_refused(self):
        folder = self.copy(self.group)
        for text, words in (("{", ["not JSON"]), ("", ["not JSON"]), ("[]", ["not the summary"]),
                            ("{}", ["program is None", "mixnet-training or all-to-all"]),
                            ("\x00", ["not JSON"])):
            with self.subTest(text=text):
                (folder / "summary.json").write_text(text, encoding="utf-8")
                self.check_none(folder, "summary.json", *words)

    def test_other_programs_versions_and_types_are_refused(self):
        for summary, *words in (
                ({"schemaVersion": 1}, "schemaVersion is 1", "expected 2"),
                ({"schemaVersion": None}, "schemaVersion is None", "expected 2"),
                ({"program": "fabric-plans"}, "'fabric-plans'", "all-to-all"),
                ({"program": "training-traffic"}, "has no parallelism"),
                ({"program": ["x"]}, "program is ['x']"),
                ({"tokensPerSecond": "many"}, "tokensPerSecond is 'many'", "a number"),
                ({"gpus": float("nan")}, "gpus is nan", "a number"),
                ({"options": []}, "options is '[]'", "an object"),
                ({"timeSeconds": {"compute": 1}}, "timeSeconds.compute", "criticalPath"),
                ({"timeSeconds": {"compute": {"criticalPath": "x", "mean": 1}}},
                 "timeSeconds.compute.criticalPath", "a number"),
                ({"complete": "yes"}, "complete", "true or false")):
            with self.subTest(summary=summary):
                self.check_none(self.copy(self.group, **summary), "summary.json", *words)

    @unittest.skipUnless(HAS_JINJA, NO_JINJA)
    def test_broken_tables_are_refused_with_the_place(self):
        for name, old, new, *words in (
                ("timeline.csv", "0,", "zero,", "line 2", "rank is 'zero'", "a whole number"),
                ("phases.csv", ",0.0,0.0,0,0,", ",nan,0.0,0,0,", "line 2", "darkSeconds is 'nan'"),
                ("ports.csv", "0,0,", "0;0,", "line 2", "values"),
                ("circuits.csv", "decision", "choice", "no column decision")):
            with self.subTest(name=name):
                folder = self.copy(self.group)
                path = folder / name
                text = path.read_text(encoding="utf-8")
                head, rest = text.split("\n", 1)
                changed = (f"{head.replace(old, new, 1)}\n{rest}" if old in head
                           else f"{head}\n{rest.replace(old, new, 1)}")
                path.write_text(changed, encoding="utf-8")
                self.check_none(folder, name, *words)

    @unittest.skipUnless(HAS_JINJA, NO_JINJA)
    def test_other_files_are_not_overwritten(self):
        for name in ("notes.html", "summary.json", "page.txt"):
            with self.subTest(name=name):
                folder = self.copy(self.group)
                path = folder / name
                before = path.read_bytes() if path.exists() else b"<html>mine</html>"
                path.write_bytes(before)
                self.check_refused(run_report(folder, f"--output={path}"), str(path))
                self.assertEqual(path.read_bytes(), before)
        folder = self.copy(self.group)
        (folder / "report.html").write_text("mine", encoding="utf-8")
        self.check_refused(run_report(folder), "report.html", "--output=FILE")
        for output, words in ((folder, "ending"), ("/nonexistent/a.html", "no folder")):
            self.check_refused(run_report(self.group, f"--output={output}"), words)
        (folder / "a.html").mkdir()
        self.check_refused(run_report(folder, f"--output={folder / 'a.html'}"), "is a folder")

    def test_slips_are_answered_in_one_line(self):
        for arguments, word in (([self.group, "--depth=1"], "--depth=1"),
                                ([self.group, "--out=a.html"], "--out=a.html")):
            self.check_refused(run_report(*arguments), word)

    def test_a_missing_jinja_is_named_with_its_package(self):
        system = python_modules.SYSTEM_PYTHON
        with mock.patch.object(python_modules.importlib, "import_module",
                               side_effect=ImportError), \
                mock.patch.object(python_modules.sys, "executable", system):
            with self.assertRaisesRegex(Failure, "jinja2 is missing; .*python3-jinja2"):
                report.page_of([], None)

    @unittest.skipUnless(HAS_JINJA, NO_JINJA)
    def test_a_page_is_written_whole_or_not_at_all(self):
        target = self.folder / "whole.html"
        target.write_text("before", encoding="utf-8")
        with mock.patch.object(report.os, "replace", side_effect=OSError("no")):
            with self.assertRaises(OSError):
                report.write_whole(target, "after")
        self.assertEqual(target.read_text(encoding="utf-8"), "before")
        self.assertEqual(list(self.folder.glob(".whole*")), [])
        report.write_whole(target, "after")
        self.assertEqual(target.read_text(encoding="utf-8"), "after")


class Charts(unittest.TestCase):
    """Axes and shades by hand."""

    def test_ticks_are_round_and_in_the_range(self):
        self.assertEqual(svg_charts.ticks_of(0, 80), [0, 10, 20, 30, 40, 50, 60, 70, 80])
        self.assertEqual(svg_charts.ticks_of(0, 1.7, 4), [0, 0.5, 1, 1.5])
        self.assertEqual(svg_charts.ticks_of(74, 171, 4), [100, 150])
        self.assertEqual(svg_charts.ticks_of(3, 3), [3])

    def test_text_has_the_better_contrast(self):
        self.assertTrue(svg_charts.light_text_on("#222222"))
        self.assertFalse(svg_charts.light_text_on("#ccbb44"))

    def test_shades_go_from_light_to_dark(self):
        shades = [svg_charts.shade(level) for level in range(1, svg_charts.LEVELS + 1)]
        self.assertEqual(len(set(shades)), svg_charts.LEVELS)
        self.assertEqual(sorted(shades, reverse=True), shades)

    def test_cells_of_large_matrices_are_added_up(self):
        cells, count, together = svg_charts.binned({(0, 0): 1.0, (1, 1): 2.0, (63, 0): 4.0}, 64, 32)
        self.assertEqual((cells, count, together), ({(0, 0): 3.0, (31, 0): 4.0}, 32, 2))

    def test_numbers_are_grouped_and_changes_signed(self):
        self.assertEqual(sections.shown(1234567.891, 1), f"1{SPACE}234{SPACE}567.9")
        self.assertEqual(sections.change_of(90, 100), "−10.0 %")
        self.assertEqual(sections.change_of(100, 100), "same")
        self.assertEqual(sections.change_of(2500, 100), "× 25")
        self.assertEqual(sections.change_of(5, 0), "")


if __name__ == "__main__":
    unittest.main()
