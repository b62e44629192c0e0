"""One school, made once; each worker serves a copy of it, and each journey finds it as it was."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page
from tests.support import held
from tests.support.browser import DESKTOP, Books, Browsers, Till
from tests.support.migrated import give_tables
from tests.support.server import ROOT, Server, environment

OpenTill = Callable[..., Till]
Be = Callable[..., Page]
Seeded = tuple[Path, dict[str, Any]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every journey as one."""
    for item in items:
        if item.nodeid.startswith("tests/journeys/"):
            item.add_marker(pytest.mark.journey)


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A school with three pupils, two of whom are enrolled, and what the journeys know of it."""
    home = tmp_path_factory.mktemp("school") / "home"
    give_tables(home)
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
def school(seeded: Seeded) -> dict[str, Any]:
    """Codes and numbers of the school."""
    return seeded[1]


@pytest.fixture
def server(seeded: Seeded) -> Iterator[Server]:
    """A running server, as if it had just started on a school in which nothing happened yet."""
    running = held.server(seeded[0])
    yield running
    assert "Traceback" not in running.news()


@pytest.fixture
def books(server: Server) -> Books:
    """The database, read from outside."""
    return Books(server.home)


@pytest.fixture
def browsers() -> Browsers:
    """Chromium, for this worker."""
    return held.browsers()


@pytest.fixture
def open_till(browsers: Browsers, server: Server, school: dict[str, Any]) -> Iterator[OpenTill]:
    """Open a paired till in a browser whose camera plays a clip; checks at the end that no script failed."""
    tills = []

    def open_(
        clip: Path | None = None,
        *,
        allowed: bool = True,
        size: tuple[int, int] = DESKTOP,
        language: str = "en",
        script: bool = True,
        paired: bool = True,
        cameras: int = 0,
    ) -> Till:
        context = browsers.open(
            clip,
            allowed=allowed,
            cameras=cameras,
            viewport={"width": size[0], "height": size[1]},
            locale="en-GB",
            java_script_enabled=script,
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
    browsers.end_test()
    for till in tills:
        assert till.errors == []


@pytest.fixture
def be(browsers: Browsers, server: Server, school: dict[str, Any]) -> Be:
    """Open a page in a browser of somebody's own, or in one that another person used before."""

    def be_(
        who: str, path: str, *, size: tuple[int, int] = DESKTOP, on: BrowserContext | None = None
    ) -> Page:
        viewport = {"width": size[0], "height": size[1]}
        context = on or browsers.open(None, allowed=True, viewport=viewport, locale="en-GB")
        session = {"name": "sessionid", "value": school[f"{who}_session"], "url": server.address}
        context.add_cookies([session])  # type: ignore[list-item]
        page = context.new_page()
        page.goto(server.address + path)
        return page

    return be_
