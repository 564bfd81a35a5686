"""A real browser without a window, driven by the DevTools protocol through a pair of pipes: no port, no driver."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# A browser starts in a second; a machine that is busy may need many.
PATIENCE = 60.0
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")

# The browser reads commands from descriptor 3 and writes to 4; either may be the other's number here.
START = """
import fcntl, os, sys
read, write = (fcntl.fcntl(int(number), fcntl.F_DUPFD, 10) for number in sys.argv[1:3])
os.dup2(read, 3)
os.dup2(write, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""

# The ratio of WCAG 2.2, 1.4.3 (AA), for text that is not large.
CONTRAST = 4.5

# The least contrast of any text with what is behind it, by WCAG's definition of relative luminance; an element's own
# opacity and its parents' count.
LEAST_CONTRAST = """
(() => {
  const read = (text) => {
    const context = Object.assign(document.createElement("canvas"), {width: 1, height: 1}).getContext("2d");
    context.fillStyle = text;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data];
  };
  const linear = (part) => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  const shine = ([r, g, b]) => 0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255);
  const paper = read(getComputedStyle(document.body).backgroundColor).slice(0, 3);
  let least = 21;
  for (const element of document.querySelectorAll("body *")) {
    if (![...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
    let opacity = 1;
    for (let at = element; at; at = at.parentElement) opacity *= Number(getComputedStyle(at).opacity);
    const style = getComputedStyle(element);
    const ink = read(element instanceof SVGElement ? style.fill : style.color).slice(0, 3);
    const seen = ink.map((part, at) => opacity * part + (1 - opacity) * paper[at]);
    const [low, high] = [shine(seen), shine(paper)].sort((a, b) => a - b);
    least = Math.min(least, (high + 0.05) / (low + 0.05));
  }
  return least;
})()
"""


class Browser:
    """One page of a browser, and what it said and asked for."""

    def __init__(self, write: int, read: int) -> None:
        self._write, self._read = write, read
        self._rest = b""
        self._last = 0
        self._session: str | None = None
        self.events: list[dict[str, Any]] = []
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **params: object) -> dict[str, Any]:
        """Send a command and wait for its answer; events on the way are kept."""
        self._last += 1
        message: dict[str, Any] = {"id": self._last, "method": method, "params": params}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        return self._wait(lambda seen: seen.get("id") == self._last)["result"]  # type: ignore[no-any-return]

    def open(self, url: str, width: int, *, dark: bool = False, media: str = "") -> None:
        """Open an address at a width in CSS pixels and wait until it is loaded."""
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 500)
        feature = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", media=media, features=[feature])
        self.events.clear()
        self.ask("Page.navigate", url=url)
        self._wait(lambda seen: seen.get("method") == "Page.loadEventFired")

    def run(self, expression: str) -> Any:
        """Evaluate an expression in the page, and await it where it is a promise; an error in it is one here."""
        ran = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in ran, ran["exceptionDetails"]["exception"].get("description", ran)
        return ran["result"].get("value")

    def wait_until(self, expression: str) -> Any:
        """Wait until an expression in the page is true of anything, and tell of what."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            found = self.run(expression)
            if found not in (None, False, 0, ""):  # an element comes as an empty object
                return found
            time.sleep(0.02)
        raise AssertionError(f"the page never came to {expression}")

    def wait_for(self, method: str, **params: object) -> dict[str, Any]:
        """Wait for an event with these parameters, and forget those that came before it."""
        wanted = params.items()
        found = self._wait(lambda seen: seen.get("method") == method and wanted <= seen["params"].items())
        self.events = [event for event in self.events if event.get("method") != method]
        return found

    def press(self, key: str, *, shift: bool = False) -> None:
        """Press and release a key that writes nothing, such as Tab."""
        codes = {"Tab": 9, "Enter": 13, "End": 35, "ArrowLeft": 37, "ArrowRight": 39}
        event = {"key": key, "code": key, "windowsVirtualKeyCode": codes[key], "modifiers": 8 if shift else 0}
        text = {"text": "\r"} if key == "Enter" else {}
        self.ask("Input.dispatchKeyEvent", type="keyDown", **event, **text)
        self.ask("Input.dispatchKeyEvent", type="keyUp", **event)

    def write(self, text: str) -> None:
        """Write a text where the focus is, in place of what is selected there."""
        self.ask("Input.insertText", text=text)

    def choose_file(self, selector: str, path: Path) -> None:
        """Choose a file in an input, as its dialog would."""
        root = self.ask("DOM.getDocument")["root"]["nodeId"]
        node = self.ask("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.ask("DOM.setFileInputFiles", nodeId=node, files=[str(path)])

    def shoot(self, path: Path) -> None:
        """Write a picture of the whole page."""
        shot = self.ask("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))

    def find(self, *methods: str) -> list[dict[str, Any]]:
        """Find the events of some kinds since the page was opened."""
        return [event["params"] for event in self.events if event.get("method") in methods]

    def _wait(self, is_it: Any) -> dict[str, Any]:
        for event in self.events:
            if is_it(event):
                return event
        until = time.monotonic() + PATIENCE
        while True:
            message = self._receive(until)
            if "error" in message:
                raise AssertionError(message["error"])
            if "id" not in message:
                self.events.append(message)
            if is_it(message):
                return message

    def _receive(self, until: float) -> dict[str, Any]:
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._read], [], [], max(until - time.monotonic(), 0.0))
            assert ready, "the browser did not answer in time"
            part = os.read(self._read, 1 << 20)
            assert part, "the browser went away"
            self._rest += part
        message, _, self._rest = self._rest.partition(b"\0")
        found: dict[str, Any] = json.loads(message)
        return found


@contextlib.contextmanager
def start_browser(folder: Path) -> Iterator[Browser]:
    """Start a browser with a profile in a folder, and end it."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("no browser: install chromium")
    to_browser, from_us = os.pipe()
    to_us, from_browser = os.pipe()
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
    command = [found, "--remote-debugging-pipe", f"--user-data-dir={folder}", *options]
    arguments = [sys.executable, "-c", START, str(to_browser), str(from_browser), *command]
    with subprocess.Popen(
        arguments, pass_fds=(to_browser, from_browser), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        os.close(to_browser)
        os.close(from_browser)
        try:
            yield Browser(from_us, to_us)
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=10)
            process.kill()
            os.close(from_us)
            os.close(to_us)
