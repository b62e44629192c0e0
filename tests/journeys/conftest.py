"""One school, made once; each journey gets its own copy of it, its own server and its own browser."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserType, sync_playwright
from tests.support.browser import DESKTOP, Books, Till, launch
from tests.support.server import ROOT, Server, environment, free_port

OpenTill = Callable[..., Till]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every journey as one."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.journey)


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A school with three pupils, two of whom are enrolled, and what the journeys know of it."""
    home = tmp_path_factory.mktemp("school") / "home"
    done = subprocess.run(
        [sys.executable, "-m", "tests.journeys.seed"],
        cwd=ROOT,
        env=environment(home),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return home, json.loads(done.stdout)


@pytest.fixture
def home(seeded: tuple[Path, dict[str, Any]], tmp_path: Path) -> Path:
    """This journey's own copy of the school."""
    return Path(shutil.copytree(seeded[0], tmp_path / "home"))


@pytest.fixture
def school(seeded: tuple[Path, dict[str, Any]]) -> dict[str, Any]:
    """Codes and numbers of the school."""
    return seeded[1]


@pytest.fixture
def books(home: Path) -> Books:
    """The database, read from outside."""
    return Books(home)


@pytest.fixture
def server(home: Path) -> Iterator[Server]:
    """A running server."""
    running = Server(home, free_port()).start()
    yield running
    running.stop()
    assert "Traceback" not in running.log.read_text()


@pytest.fixture(scope="module")
def chromium() -> Iterator[BrowserType]:
    """Playwright's Chromium. Ends with the module: its event loop must not outlive the journeys."""
    assert Path("/usr/bin/chromium").exists(), "Chromium is missing: install Debian's package `chromium`"
    with sync_playwright() as playwright:
        yield playwright.chromium


@pytest.fixture
def open_till(chromium: BrowserType, server: Server, school: dict[str, Any]) -> Iterator[OpenTill]:
    """Open a paired till in a browser whose camera plays a clip; checks at the end that no script failed."""
    browsers, tills = [], []

    def open_(
        clip: Path | None = None,
        *,
        allowed: bool = True,
        size: tuple[int, int] = DESKTOP,
        language: str = "en",
        script: bool = True,
        paired: bool = True,
    ) -> Till:
        browser = launch(chromium, clip, allowed=allowed)
        browsers.append(browser)
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, locale="en-GB", java_script_enabled=script
        )
        till = Till(context, server, school)
        tills.append(till)
        till.has_script = script
        if paired:
            till.pair()
        if language != "en":
            till.page.locator(f'button[name="language"][value="{language}"]').click()
        return till

    yield open_
    for browser in browsers:
        browser.close()
    for till in tills:
        assert till.errors == []
