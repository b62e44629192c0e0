"""A till over HTTPS by name that trusts the school's own authority through the browser's store."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page, expect, sync_playwright
from tests.support import held
from tests.support.browser import QUIET, program
from tests.support.server import Server, environment, free_port

from willing.config.cli import require_free

NAME = "lunch.school.example"
TOOL = "certutil"  # of libnss3-tools, which `make browser` installs


class Secure(Server):
    """A server that speaks HTTPS itself, by name."""

    @property
    def address(self) -> str:
        return f"https://{NAME}:{self.port}"

    def _answers(self) -> bool:
        try:
            require_free("127.0.0.1", self.port)
        except Exception:  # noqa: BLE001  # somebody listens, which is what is waited for
            return True
        return False


@pytest.fixture
def secure(seeded: tuple[Path, dict[str, Any]], tmp_path: Path) -> Iterator[Secure]:
    home = shutil.copytree(
        seeded[0], tmp_path / "home", ignore=shutil.ignore_patterns("*.log", "server.lock")
    )
    command = [sys.executable, "-m", "willing.cli", "https", "local-authority", "make", NAME]
    subprocess.run(command, env=environment(home), check=True, capture_output=True)
    server = Secure(home, free_port())
    server.renew_pairing_codes()
    server.start()
    yield server
    server.stop()


def store(folder: Path, *trusted: Path) -> Path:
    """Make a user's store of certificates, as `Settings, Manage certificates` fills it; return their home."""
    database = folder / ".pki" / "nssdb"
    database.mkdir(parents=True)
    subprocess.run([TOOL, "-d", f"sql:{database}", "-N", "--empty-password"], check=True, capture_output=True)
    for one in trusted:
        add = [TOOL, "-d", f"sql:{database}", "-A", "-t", "C,,", "-n", one.stem, "-i", str(one)]
        subprocess.run(add, check=True, capture_output=True)
    return folder


@pytest.fixture
def open_browser() -> Iterator[Any]:
    """Start browsers of users with a home of their own; no error of a certificate is ever ignored."""
    opened: list[Browser] = []
    held.let_go()  # one Playwright at a time in a process
    with sync_playwright() as playwright:

        def start(home: Path) -> Page:
            arguments = [
                *QUIET,
                f"--host-resolver-rules=MAP {NAME} 127.0.0.1",
                "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream",
            ]
            browser = playwright.chromium.launch(
                executable_path=program(), args=arguments, env={"HOME": str(home), "PATH": "/usr/bin:/bin"}
            )
            opened.append(browser)
            return browser.new_context(locale="en-GB").new_page()

        yield start
        for browser in opened:
            browser.close()


def test_a_till_is_paired_by_name_and_has_its_camera_where_the_authority_is_trusted(
    secure: Secure, seeded: tuple[Path, dict[str, Any]], open_browser: Any, tmp_path: Path
) -> None:
    trusted = secure.home / "secrets" / "https" / "authority.pem"
    page: Page = open_browser(store(tmp_path / "trusts", trusted))
    page.context.add_cookies(
        [{"name": "__Host-sessionid", "value": seeded[1]["session"], "url": secure.address, "secure": True}]
    )
    page.goto(f"{secure.address}/till/pair/?code={seeded[1]['pairing_code']}")
    page.get_by_role("button", name=re.compile("Pair")).click()
    expect(page.locator("main")).to_contain_text(re.compile("Total|Basket|Nothing", re.IGNORECASE))
    assert page.evaluate("window.isSecureContext")
    frame = """async () => {
        const stream = await navigator.mediaDevices.getUserMedia({video: true});
        const [track] = stream.getVideoTracks();
        const {width} = track.getSettings();
        track.stop();
        return width;
    }"""
    assert page.evaluate(frame) > 0
    page.goto(f"{secure.address}/authority/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Trust the school's certificate")
    expect(page.locator("main li > p")).to_have_count(
        5
    )  # a sentence for each device, not parts of it in columns


def test_where_the_authority_is_not_trusted_the_browser_refuses(
    secure: Secure, open_browser: Any, tmp_path: Path
) -> None:
    page = open_browser(store(tmp_path / "strange"))
    with pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"):
        page.goto(f"{secure.address}/sign-in/")
