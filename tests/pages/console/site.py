"""The staff's and the families' pages in a real browser, on a server for each worker."""

import atexit
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import Page
from tests.support import held
from tests.support.browser import DESKTOP, PHONE, WATCH, Books, Browsers
from tests.support.migrated import give_tables
from tests.support.server import ROOT, Server, environment

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")


class Site:
    """A running installation, what is known of it, and browsers that look at it."""

    def __init__(self, browsers: Browsers, server: Server, known: dict[str, Any]) -> None:
        self.known, self.server = known, server
        self.books = Books(server.home)
        self.errors: list[str] = []
        self._browsers = browsers

    @property
    def address(self) -> str:
        """Where it answers."""
        return self.server.address

    def open(
        self,
        path: str,
        *,
        staff: bool = False,
        clip: Path | None = None,
        allowed: bool = True,
        size: tuple[int, int] = DESKTOP,
        language: str = "en",
        script: bool = True,
    ) -> Page:
        """Open a page in a new browser context; `staff`: signed in as somebody who has every role."""
        context = self._browsers.open(
            clip,
            allowed=allowed,
            viewport={"width": size[0], "height": size[1]},
            locale="en-GB",
            java_script_enabled=script,
        )
        context.add_init_script(path=WATCH)
        cookies = [{"name": "django_language", "value": language, "url": self.address}]
        if staff:
            cookies.append({"name": "sessionid", "value": self.known["session"], "url": self.address})
        context.add_cookies(cookies)  # type: ignore[arg-type]
        page = context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._note)
        page.goto(self.address + path)
        return page

    def _note(self, message: Any) -> None:
        if "Content Security Policy" in message.text or "Permissions policy" in message.text:
            self.errors.append(message.text)


@cache
def _seeded() -> tuple[Path, dict[str, Any]]:
    """Make the school of these tests, once for all folders that use it."""
    folder = Path(tempfile.mkdtemp(prefix="willing-site-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    give_tables(folder / "home")
    done = subprocess.run(
        [sys.executable, "-m", "tests.pages.console.seed"],
        cwd=ROOT,
        env=environment(folder / "home"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return folder / "home", json.loads(done.stdout)


@pytest.fixture(name="site")
def serve_site() -> Iterator[Site]:
    """The school as if nothing had happened in it yet, served."""
    template, known = _seeded()
    browsers, server = held.browsers(), held.server(template)
    site = Site(browsers, server, known)
    yield site
    browsers.end_test()
    assert "Traceback" not in server.news()
    assert site.errors == []


def check_sizes(page: Page, what: str) -> None:
    """Check a page on a desk and in a hand.

    axe looks once, for it takes most of the time: at a Chinese page on the desk, at an English one in a hand.
    `make screens` lets it look at all of them.
    """
    for width, height in (PHONE, DESKTOP):
        page.set_viewport_size({"width": width, "height": height})
        is_chinese = page.locator("html").get_attribute("lang") == "zh-hans"
        check(page, f"{what} at {width} px", with_axe=is_chinese == (width == DESKTOP[0]))


def violations(page: Page) -> list[tuple[str, list[str]]]:
    """Return what axe finds that is serious or critical; evaluated from outside, past no policy."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    found = page.evaluate(
        "axe.run(document, {resultTypes: ['violations']}).then(({violations}) => violations)"
    )
    return [
        (one["id"], [node["html"][:200] for node in one["nodes"]])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


def check(page: Page, what: str, *, with_axe: bool = True) -> None:
    """Check a page: axe finds nothing serious, it fits the screen, every target is large enough to touch."""
    # Colours on their way from one state to the next are not what anybody reads.
    page.evaluate(
        """Promise.allSettled(document.getAnimations()
          .filter((one) => one instanceof CSSTransition)
          .map((one) => one.finished)).then(() => null)"""
    )
    if with_axe:
        assert violations(page) == [], what
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, f"{what}: {wide} px wider than the screen"
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, select, input:not([type=hidden]), a.button")]
          .filter((one) => one.checkVisibility() && !one.matches("[type=checkbox], [type=radio]"))
          .filter((one) => one.offsetHeight < 44 || one.offsetWidth < 44)
          .map((one) => one.outerHTML.slice(0, 120))"""
    )
    assert small == [], what
