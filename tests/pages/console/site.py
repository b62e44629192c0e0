"""The staff's and the families' pages in a real browser, on a server for each module."""

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
from tests.support.browser import DESKTOP, PHONE, WATCH, Books, Browsers, open_browsers
from tests.support.migrated import give_tables
from tests.support.server import RETURNING, ROOT, Server, environment, free_port

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


@pytest.fixture(name="stage", scope="module")
def open_chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Browsers, Server]]:
    """Chromium, and a server on a copy of the school, for this module."""
    home = Path(shutil.copytree(_seeded()[0], tmp_path_factory.mktemp("served") / "home"))
    with open_browsers() as browsers:
        server = Server(home, free_port(), RETURNING).start()
        yield browsers, server
        server.stop()


@pytest.fixture(name="site")
def serve_site(stage: tuple[Browsers, Server]) -> Iterator[Site]:
    """The school as if nothing had happened in it yet, served."""
    browsers, server = stage
    template, known = _seeded()
    server.return_to(template)
    site = Site(browsers, server, known)
    yield site
    browsers.end_test()
    assert "Traceback" not in server.news()
    assert site.errors == []


def check_sizes(page: Page, what: str) -> None:
    """Check a page on a desk and in a hand."""
    for width, height in (PHONE, DESKTOP):
        page.set_viewport_size({"width": width, "height": height})
        check(page, f"{what} at {width} px")


def check(page: Page, what: str) -> None:
    """Check a page: axe finds nothing serious, it fits the screen, every target is large enough to touch."""
    page.evaluate(AXE.read_text())
    # Colours on their way from one state to the next are not what anybody reads.
    page.evaluate(
        """Promise.allSettled(document.getAnimations()
          .filter((one) => one instanceof CSSTransition)
          .map((one) => one.finished)).then(() => null)"""
    )
    found = page.evaluate(
        "axe.run(document, {resultTypes: ['violations']}).then(({violations}) => violations)"
    )
    serious = [
        (one["id"], [node["html"][:200] for node in one["nodes"]])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
    assert serious == [], what
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, f"{what}: {wide} px wider than the screen"
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, select, input:not([type=hidden]), a.button")]
          .filter((one) => one.checkVisibility() && !one.matches("[type=checkbox], [type=radio]"))
          .filter((one) => one.offsetHeight < 44 || one.offsetWidth < 44)
          .map((one) => one.outerHTML.slice(0, 120))"""
    )
    assert small == [], what
