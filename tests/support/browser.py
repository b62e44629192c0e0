"""What a journey does at the till, in words, and what it checks about the camera."""

import hashlib
import re
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, BrowserType, Page, Route, expect, sync_playwright
from tests.support.server import Server

WATCH = Path(__file__).with_name("watch.js")
# The same engine without a window around it takes a third of the processor's time.
PROGRAMS = ("chromium-headless-shell", "chromium")
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
# Waits end as soon as what they wait for is there; the limit only has to outlast a busy machine.
WAIT_SECONDS_MAX = 15.0
expect.set_options(timeout=WAIT_SECONDS_MAX * 1000)
DESKTOP, PHONE = (1280, 800), (390, 844)


def launch(chromium: BrowserType, clip: Path | None, *, allowed: bool = True, cameras: int = 0) -> Browser:
    """Start Chromium with `clip` as its camera, or without one; not `allowed`: every question gets a no.

    cameras: so many of Chromium's own instead, which show a moving figure and nobody's face.
    """
    arguments = [*QUIET]
    if cameras:
        arguments.append(f"--use-fake-device-for-media-stream=device-count={cameras}")
    if clip is not None:
        arguments += ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={clip}"]
    arguments.append("--use-fake-ui-for-media-stream" + ("" if allowed else "=deny"))
    return chromium.launch(executable_path=program(), args=arguments)


def program() -> str:
    """Return where Chromium is: the shell without windows, or the browser, whose window is never shown."""
    for name in PROGRAMS:
        if found := shutil.which(name):
            return found
    raise AssertionError("Chromium is missing: install Debian's package `chromium-headless-shell`")


class Browsers:
    """Chromium for the browser tests of one worker (tests/support/held.py).

    Those without a camera share one browser, each in contexts of its own. A camera's clip is an argument of
    the process, so those who look into the same clip share another, for as long as nobody needs a third.
    """

    def __init__(self, chromium: BrowserType) -> None:
        self._chromium = chromium
        self._shared: dict[bool, Browser] = {}
        self._with_camera: dict[tuple[str, bool, int], Browser] = {}
        self._opened: list[BrowserContext] = []
        self._clips = Path(tempfile.mkdtemp(prefix="willing-clips-"))

    def open(self, clip: Path | None, *, allowed: bool, cameras: int = 0, **how: Any) -> BrowserContext:
        """Return a new context. how: as Playwright's `new_context` takes it."""
        if clip is not None or cameras:
            browser = self._camera(clip, allowed=allowed, cameras=cameras)
        elif allowed in self._shared:
            browser = self._shared[allowed]
        else:
            browser = self._shared[allowed] = launch(self._chromium, None, allowed=allowed)
        context = browser.new_context(**how)
        self._opened.append(context)
        return context

    def _camera(self, clip: Path | None, *, allowed: bool, cameras: int) -> Browser:
        digest = "" if clip is None else hashlib.sha256(clip.read_bytes()).hexdigest()[:16]
        found = self._with_camera.get((digest, allowed, cameras))
        if found is None:
            # One test's browsers stay open beside each other; of earlier tests at most one does.
            while len(self._with_camera) > 1 and not self._opened:
                self._with_camera.pop(next(iter(self._with_camera))).close()
            kept = None if clip is None else Path(shutil.copy(clip, self._clips / f"{digest}.mjpeg"))
            found = launch(self._chromium, kept, allowed=allowed, cameras=cameras)
            self._with_camera[digest, allowed, cameras] = found
        return found

    def end_test(self) -> None:
        """Close what one test has opened."""
        for one in reversed(self._opened):
            one.close()
        self._opened.clear()

    def close(self) -> None:
        """Close the browsers that were shared."""
        for browser in (*self._shared.values(), *self._with_camera.values()):
            browser.close()
        shutil.rmtree(self._clips)


class HeldBack:
    """A page's next request for something, which does not get through until a test lets it."""

    def __init__(self, page: Page, pattern: str | re.Pattern[str]) -> None:
        self.page, self.routes = page, list[Route]()
        page.route(pattern, self._keep, times=1)

    def _keep(self, route: Route) -> None:
        self.routes.append(route)

    def wait_until_asked(self) -> Route:
        """Wait until the page has asked; its request goes on waiting."""
        until = time.monotonic() + WAIT_SECONDS_MAX
        while not self.routes:
            assert time.monotonic() < until, "the page has not asked"
            self.page.wait_for_timeout(50)
        return self.routes[0]

    def let_through(self) -> None:
        """Wait until the page has asked, and let its request through."""
        self.wait_until_asked().continue_()


@contextmanager
def open_browsers() -> Iterator[Browsers]:
    """Start Playwright; its event loop runs in this thread until it is closed."""
    with sync_playwright() as playwright:
        browsers = Browsers(playwright.chromium)
        yield browsers
        browsers.close()


class Books:
    """What the database file says, read beside the server and not through its code."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows of a query on the main database."""
        return self._rows(self.home / "willing.sqlite3", query, values)

    def key_rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows of a query on the database of keys."""
        return self._rows(self.home / "keys" / "keys.sqlite3", query, values)

    @staticmethod
    def _rows(path: Path, query: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(path, timeout=10)) as connection:
            return connection.execute(query, values).fetchall()

    def sales(self) -> list[tuple[Any, ...]]:
        """Return every sale: person, way, sum, receipt number."""
        return self.rows("SELECT person_id, way, total_minor, receipt_number FROM till_sale")

    def charged_minor(self, person_id: str) -> int:
        """Return what was taken from a person's wallet, held money included."""
        query = "SELECT debits_posted + debits_pending FROM ledger_account WHERE person_id = ?"
        return int(self.rows(query, person_id)[0][0])

    def face_sessions(self) -> list[tuple[str, str | None]]:
        """Return every face session: its state, and whom it names."""
        return self.rows("SELECT state, person_id FROM biometrics_facesession ORDER BY opened_at")


class Till:
    """A paired till in a browser, with a cashier signed in."""

    def __init__(self, context: BrowserContext, server: Server, school: dict[str, Any]) -> None:
        self.server, self.school = server, school
        self.cast: dict[str, dict[str, Any]] = school["cast"]
        context.add_init_script(path=WATCH)
        context.add_cookies([{"name": "sessionid", "value": school["session"], "url": server.address}])
        self.context = context
        self.has_script = True
        self.page: Page = context.new_page()
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._note)

    def _note(self, message: Any) -> None:
        # A policy that refused something is a defect of the page, whatever the page looks like.
        if "Content Security Policy" in message.text or "Permissions policy" in message.text:
            self.errors.append(message.text)

    def pair(self) -> "Till":
        """Pair this browser with the code that the office made."""
        answer = self.page.goto(f"{self.server.address}/till/pair/?code={self.school['pairing_code']}")
        pair = self.page.get_by_role("button", name="Pair")
        if not pair.count():
            status, shown = answer.status if answer else None, self.page.locator("main").inner_text()
            raise AssertionError(f"no pairing page at {self.page.url} ({status}): {shown[:300]}")
        pair.click()
        self.stage("empty")
        if self.has_script:
            self.wait_for_script()
        return self

    def wait_for_script(self) -> None:
        """Wait until the page listens."""
        # Waiting for a function would evaluate a string, which the pages' policy forbids.
        expect(self.page.locator("html")).to_have_class(re.compile("has-script"))

    @property
    def screen(self) -> Any:
        """Both halves."""
        return self.page.locator("#screen")

    @property
    def pupil(self) -> Any:
        """The pupil's half."""
        return self.page.locator(".pupil")

    def stage(self, name: str, *, seconds: float = WAIT_SECONDS_MAX) -> None:
        """Wait for a stage of the pupil's half."""
        expect(self.screen).to_have_attribute("data-stage", name, timeout=seconds * 1000)
        # A new screen listens to keys a moment after it is there; no hand is that fast, but a test is.
        expect(self.screen).not_to_have_class(re.compile("htmx-"))

    def add(self, product: str = "Chicken curry with rice") -> None:
        """Press a product."""
        self.page.locator(".product", has_text=product).click()
        expect(self.page.locator(".basket-lines")).to_contain_text(product)

    def choose(self, way: str) -> None:
        """Press a way."""
        self.pupil.get_by_role("button", name=way).click()

    def press(self, name: str) -> None:
        """Press a button on the pupil's half."""
        self.pupil.get_by_role("button", name=name, exact=True).click()

    def type_pin(self, number: int, pin: str) -> None:
        """Type number and PIN on the keypad on the glass; the last digit of each goes on by itself."""
        for digit in f"{number}{pin}":
            self._key(digit)

    def type_code(self, code: str) -> None:
        """Type a card's code on the letters on the glass."""
        for letter in code:
            self._key(letter)

    def _key(self, key: str) -> None:
        self.page.locator(f'[data-key="{key}"]').click()

    def scan(self, code: str) -> None:
        """Let a bar-code reader type: fast, into whatever has the focus, ending with Enter.

        What begins as the page does may be the rest of an earlier scan, and goes nowhere (kiosk/scan.js).
        """
        self.page.wait_for_timeout(150)
        self.page.keyboard.type(code)
        self.page.keyboard.press("Enter")

    def scan_into_field(self, code: str) -> None:
        """Let a reader type into the focused field, at a reader's own speed, however busy we are."""
        self.page.evaluate(
            """(code) => {
              const field = document.activeElement;
              for (const key of [...code, "Enter"]) {
                const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
                if (field.dispatchEvent(event) && key !== "Enter") field.value += key;
              }
            }""",
            code,
        )

    def pair_second(self, context: BrowserContext) -> "SecondScreen":
        """Let a browser be this till's second screen, with the code that the cashier's press shows."""
        self.page.locator("button.second-screen").click()
        link = self.page.locator("#cashier-panel a.address").get_attribute("href")
        assert link
        second = SecondScreen(context, self.server, self.school)
        second.page.goto(link)
        second.page.get_by_role("button", name="Pair").click()
        second.wait_for_script()
        expect(self.page.locator("#cashier-panel .who-panel")).to_have_count(0)  # it waits for it by now
        return second

    # --- the camera

    def camera(self) -> dict[str, Any]:
        """Return what was done with the camera so far."""
        script = "({touched, asked, liveAtSwap, live}) => ({touched, asked, liveAtSwap, live: live()})"
        return dict(self.page.evaluate(f"({script})(window.__camera)"))

    def expect_camera_untouched(self) -> None:
        """Check that nobody so much as looked whether there is a camera."""
        seen = self.camera()
        assert (seen["touched"], seen["asked"]) == (0, 0), seen

    def expect_camera_off(self) -> None:
        """Check that every track is stopped, was so before each new screen, and that no video is fed."""
        seen = self.camera()
        assert seen["live"] == 0, seen
        assert set(seen["liveAtSwap"]) <= {0}, seen
        assert self.page.evaluate(
            "[...document.querySelectorAll('video')].every((video) => !video.srcObject)"
        )


class SecondScreen(Till):
    """A till's second screen, on another device: nobody is signed in there."""

    def __init__(self, context: BrowserContext, server: Server, school: dict[str, Any]) -> None:
        super().__init__(context, server, {**school, "session": "none"})
        context.clear_cookies()
