# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""
speedscope, a viewer of timelines that runs in a browser, from the npm registry.

It is what opens our timelines without the network; Perfetto's page is in no registry of packages.
"""

import json
import shutil
from pathlib import Path
from typing import Dict

import workspace as workspaces
from commands import HANG_SECONDS, capture, describe_end
from console import Failure, last_lines, step
from viewers.browser import Browser
from workspace import Workspace

VERSION = "1.25.0"
LANES = "[...document.querySelectorAll('tr[title]')]"  # rows of the list of lanes, shown or not
TITLE = f"{LANES}[0].closest('[style]').parentElement"


def install(workspace: Workspace) -> Path:
    """Installs speedscope, if that has not been done; the folder with its page."""
    folder = workspace.state / "speedscope"
    package = folder / "node_modules" / "speedscope"
    page = package / "dist" / "release"
    if installed_version(package) == VERSION:  # then there is nothing to wait for
        return page
    with workspaces.locked(workspace) as lock:
        if installed_version(package) != VERSION:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix",
                       folder, f"speedscope@{VERSION}"]
            with step(f"installing speedscope {VERSION} from the npm registry"):
                outcome = capture(command, HANG_SECONDS, cwd=folder, pass_fds=lock)
            if not outcome.succeeded:
                raise Failure("speedscope could not be installed; npm: "
                              + describe_end(outcome, HANG_SECONDS) + "\n"
                              + last_lines(outcome.output, 6))
    return page


def installed_version(package: Path) -> str:
    """The version that is installed; empty for none."""
    try:
        return json.loads((package / "package.json").read_text(encoding="utf-8"))["version"]
    except (OSError, ValueError, KeyError):
        return ""


def open_timeline(browser: Browser, page: Path, timeline: Path) -> Dict[str, str]:
    """
    Opens a timeline in speedscope, by the button for files that a user has.

    @param browser Where it is opened.
    @param page What install() returned.
    @param timeline The file, compressed or not.
    @return what speedscope made of it: the lanes by name, process and thread, each with the sum of
        its events as speedscope prints it ("75.00ms").
    """
    browser.open((page / "index.html").as_uri())
    document = browser.command("DOM.getDocument")["root"]["nodeId"]
    button = browser.command("DOM.querySelector", nodeId=document, selector="input[type=file]")
    browser.command("DOM.setFileInputFiles", nodeId=button["nodeId"],
                    files=[str(timeline.resolve())])
    browser.wait_for(f"{LANES}.length", f"timeline {timeline}")
    return dict(browser.evaluate(f"{LANES}.map(row => [row.title, row.cells[2].innerText])"))


def click_middle(browser: Browser, element: str) -> None:
    """Clicks in the middle of an element of the page, given as an expression."""
    x, y = browser.evaluate("(box => [box.x + box.width / 2, box.y + box.height / 2])"
                            f"({element}.getBoundingClientRect())")
    browser.click(x, y)


def show_lane(browser: Browser, lane: str, with_list: bool = False) -> None:
    """
    Shows a lane of an open timeline, by the list in the title.

    @param browser Where a timeline is open.
    @param lane Its name.
    @param with_list Whether the list of all lanes is shown in front of it.
    """
    click_middle(browser, TITLE)
    row = f"{LANES}.find(row => row.title === {json.dumps(lane)})"
    browser.wait_for(f"{row}.getBoundingClientRect().height > 0", "list of lanes")
    browser.evaluate(f"{row}.scrollIntoView({{block: 'nearest'}})")
    click_middle(browser, row)
    browser.wait_for(f"document.body.innerText.includes({json.dumps(lane + ' (')})", f"lane {lane}")
    if with_list:
        click_middle(browser, TITLE)
        browser.wait_for(f"{row}.getBoundingClientRect().height > 0", "list of lanes")
