"""A guardian's phone follows the school's log: seen, grown, restored, rewritten."""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.pages.console.site import Site, check_sizes, serve_site  # noqa: F401  (a fixture)
from tests.pages.portal.log_steps import LOST
from tests.support.browser import PHONE
from tests.support.server import ROOT, environment

pytestmark = [pytest.mark.journey, pytest.mark.face]


@pytest.fixture(autouse=True)
def keys_as_before(site: Site) -> Iterator[None]:
    """A restore takes a key out of use; the next test finds the server's own again."""
    secrets = site.server.home / "secrets"
    kept = {path: path.read_bytes() for path in secrets.glob("log-*")}
    yield
    for path in secrets.glob("log-*"):
        path.unlink()
    for path, data in kept.items():
        path.write_bytes(data)
        path.chmod(0o600)


def at_school(site: Site, step: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "tests.pages.portal.log_steps", step],
        cwd=ROOT,
        env=environment(site.server.home),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def visit(page: Page, outcome: str) -> Locator:
    """Open the page again, and return its part about the log, which says `outcome` and nothing else."""
    page.reload()
    part = page.locator("[data-log]")
    expect(part.locator("[data-outcome]:visible")).to_have_count(1)
    expect(part.locator(f"[data-outcome={outcome}]")).to_be_visible()
    return part


def test_a_phone_follows_the_log_and_says_when_it_was_rewritten(site: Site, tmp_path: Path) -> None:
    page = site.open("/", size=PHONE)
    session = {"name": "sessionid", "value": at_school(site, "session"), "url": site.address}
    page.context.add_cookies([session])  # type: ignore[list-item]
    page.goto(f"{site.address}/family/")
    expect(page.locator("[data-log] [data-outcome=first]")).to_be_visible()  # it remembers before it says so
    expect(visit(page, "continued")).not_to_contain_text("lost")
    copy = tmp_path / "copy.sqlite3"
    put(site.server.home / "willing.sqlite3", copy)
    size = at_school(site, "grow")
    part = visit(page, "continued")
    expect(part).to_contain_text(
        f"Checked on this device: the log continues what it saw before. It has {size}"
    )
    check_sizes(page, "log continued")

    put(copy, site.server.home / "willing.sqlite3")
    at_school(site, "restored")
    part = visit(page, "restored")
    expect(part.locator("[data-restores]")).to_contain_text(f": {LOST:,} entries lost.")
    at_school(site, "grow")
    expect(visit(page, "continued").locator("[data-restores]")).to_contain_text(f": {LOST:,} entries lost.")

    put(site.server.home / "willing.sqlite3", copy)
    at_school(site, "grow")
    visit(page, "continued")
    put(copy, site.server.home / "willing.sqlite3")
    expect(visit(page, "rewritten")).to_contain_text(
        "keep this device as it is, and tell the parents' council"
    )
    assert page.locator("main > *").first.get_attribute("data-log"), "it is the first thing on the page"
    at_school(site, "grow")
    part = visit(page, "rewritten")
    part.locator("[data-evidence] summary").click()
    expect(part.locator("[data-notes]")).to_contain_text("willing/")
    assert part.locator("[data-notes]").inner_text().count("— willing/") == 2
    check_sizes(page, "log rewritten")
    page.context.add_cookies([{"name": "django_language", "value": "zh-hans", "url": site.address}])
    expect(visit(page, "rewritten")).to_contain_text("学校的日志被改写过")
    part.locator("[data-evidence] summary").click()
    check_sizes(page, "log rewritten, in Chinese")
    part.get_by_role("button", name="忘记并重新开始").click()
    expect(part.locator("[data-outcome=first]")).to_be_visible()

    child = page.locator(".family .card a.button").first
    page.goto(f"{site.address}{child.get_attribute('href')}")
    visit(page, "continued")
    page.locator("a[href*='/receipt/']").first.click()
    visit(page, "continued")
    expect(page.locator("[data-receipt] [data-outcome=included]")).to_be_visible()


def put(source: Path, target: Path) -> None:
    """Let one database hold what another holds, as somebody does who copies a file back."""
    if not target.exists():
        shutil.copy(source, target)
    with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(target, timeout=30)) as there:
        here.backup(there)
