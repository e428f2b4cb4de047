# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""
Chromium without a window, told what to do through its debugging pipe.

It loads what it is told to and nothing else: its own traffic is switched off.
"""

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Dict, List, Optional, Type

from commands import end_group
from console import Failure

COMMANDS = ("chromium", "chromium-browser")
SWITCHES = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--disable-extensions", "--disable-dev-shm-usage", "--hide-scrollbars",
            "--force-device-scale-factor=1", "--remote-debugging-pipe")
ANSWER_SECONDS = 120.0  # of any one command, however busy the machine
LOOK_SECONDS = 0.05  # between two looks at what is waited for
FIRST_FREE = 10  # descriptors from here on do not clash with Chromium's 3 and 4


def find_browser() -> Optional[str]:
    """The program, where there is one."""
    return next(filter(None, map(shutil.which, COMMANDS)), None)


class Browser:
    """A page in a browser of its own. Use it in a with statement, which ends the browser."""

    def __init__(self, width: int = 1400, height: int = 1000) -> None:
        program = find_browser()
        if program is None:
            raise Failure("there is no Chromium (package chromium)")
        self._profile = tempfile.TemporaryDirectory(prefix="mixnet-browser-")
        self._number = 0
        self._waiting = b""
        self._session: Optional[str] = None
        self.events: List[Dict[str, Any]] = []  # what the browser has told unasked
        self._size = {"width": width, "height": height}
        self._process = self._start(program)

    def _start(self, program: str) -> "subprocess.Popen[bytes]":
        """Starts the browser, which reads commands from descriptor 3 and answers on 4."""
        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()
        self._out, self._in = ours_out, ours_in
        high = [fcntl.fcntl(each, fcntl.F_DUPFD, FIRST_FREE) for each in (theirs_in, theirs_out)]

        def place_descriptors() -> None:
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)

        process = subprocess.Popen(
            [program, *SWITCHES, f"--user-data-dir={self._profile.name}",
             "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True, pass_fds=(3, 4), preexec_fn=place_descriptors,
            env=dict(os.environ, LC_ALL="C.UTF-8", TZ="UTC"))
        for each in (theirs_in, theirs_out, *high):
            os.close(each)
        return process

    def __enter__(self) -> "Browser":
        try:
            target = next(each for each in self.command("Target.getTargets")["targetInfos"]
                          if each["type"] == "page")
            self._session = self.command("Target.attachToTarget", targetId=target["targetId"],
                                         flatten=True)["sessionId"]
            for domain in ("Page", "Runtime", "Network", "Log"):
                self.command(f"{domain}.enable")
            self.command("Emulation.setDeviceMetricsOverride", deviceScaleFactor=1, mobile=False,
                         **self._size)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException],
                 trace: Optional[TracebackType]) -> None:
        self.close()

    def close(self) -> None:
        """Ends the browser and removes what it has written."""
        end_group(self._process)  # type: ignore[arg-type]
        self._process.wait()
        os.close(self._out)
        os.close(self._in)
        self._profile.cleanup()

    def _read(self, deadline: float) -> Dict[str, Any]:
        """The next message of the browser."""
        while b"\0" not in self._waiting:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._in], [], [], left)[0]:
                raise Failure(f"Chromium has not answered in {ANSWER_SECONDS:g} s")
            some = os.read(self._in, 1 << 20)
            if not some:
                raise Failure("Chromium has ended by itself")
            self._waiting += some
        message, self._waiting = self._waiting.split(b"\0", 1)
        return json.loads(message)

    def command(self, method: str, **parameters: Any) -> Dict[str, Any]:
        """Gives a command of Chromium's DevTools protocol; its result."""
        number = self._send(method, parameters)
        deadline = time.monotonic() + ANSWER_SECONDS
        while True:
            answer = self._read(deadline)
            if answer.get("method") == "Page.javascriptDialogOpening":  # it would wait for a user
                self._send("Page.handleJavaScriptDialog", {"accept": True})
                raise Failure(f"the page says: {answer['params']['message']}")
            if answer.get("id") != number:
                self.events.append(answer)
            elif "error" in answer:
                raise Failure(f"Chromium: {method}: {answer['error']['message']}")
            else:
                return answer["result"]

    def _send(self, method: str, parameters: Dict[str, Any]) -> int:
        """Sends a command; its number, which the answer has as well."""
        self._number += 1
        message: Dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        data = json.dumps(message).encode() + b"\0"
        try:
            while data:
                data = data[os.write(self._out, data):]
        except BrokenPipeError as error:
            raise Failure("Chromium has ended by itself") from error
        return self._number

    def evaluate(self, script: str) -> Any:
        """The value of an expression in the page; of a promise, what it promises."""
        result = self.command("Runtime.evaluate", expression=script, returnByValue=True,
                              awaitPromise=True)
        if "exceptionDetails" in result:
            details = result["exceptionDetails"]
            raise Failure("in the page: " + details.get("exception", details).get(
                "description", details["text"]))
        return result["result"].get("value")

    def wait_for(self, script: str, what: str) -> Any:
        """Waits until an expression in the page is true; its value."""
        deadline = time.monotonic() + ANSWER_SECONDS
        while True:
            value = self.evaluate(script)
            if value:
                return value
            if time.monotonic() > deadline:
                raise Failure(f"the page shows no {what} after {ANSWER_SECONDS:g} s")
            time.sleep(LOOK_SECONDS)

    def open(self, address: str) -> None:
        """Opens a page and waits until all that it names is loaded."""
        result = self.command("Page.navigate", url=address)
        if result.get("errorText"):
            raise Failure(f"Chromium cannot open {address}: {result['errorText']}")
        self.wait_for(f"location.href === {json.dumps(address)} "
                      "&& document.readyState === 'complete'", f"page {address}")

    def requests(self) -> List[str]:
        """The addresses that have been asked for up to now."""
        self.evaluate("0")  # takes in what has been told until now
        return [event["params"]["request"]["url"] for event in self.events
                if event.get("method") == "Network.requestWillBeSent"]

    def complaints(self) -> List[str]:
        """Errors that the page has made up to now, as its console shows them."""
        self.evaluate("0")
        said = [event["params"]["exceptionDetails"]["text"] for event in self.events
                if event.get("method") == "Runtime.exceptionThrown"]
        return said + [event["params"]["entry"]["text"] for event in self.events
                       if event.get("method") == "Log.entryAdded"
                       and event["params"]["entry"]["level"] == "error"]

    def click(self, x: float, y: float) -> None:
        """Clicks at a place of the page, in pixels from its upper left corner."""
        for kind in ("mousePressed", "mouseReleased"):
            self.command("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left",
                         clickCount=1)

    def picture(self, path: Path, whole: bool = False) -> Path:
        """Writes a picture (PNG) of what the window shows, or of the whole page."""
        data = self.command("Page.captureScreenshot", format="png",
                            captureBeyondViewport=whole)["data"]
        path.write_bytes(base64.b64decode(data))
        return path

    def print(self, path: Path) -> Path:
        """Writes the page as it is printed (PDF, A4)."""
        data = self.command("Page.printToPDF", preferCSSPageSize=True, paperWidth=8.27,
                            paperHeight=11.69, printBackground=False)["data"]
        path.write_bytes(base64.b64decode(data))
        return path
