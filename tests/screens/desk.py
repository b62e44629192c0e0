"""The enrolment desk as staff go through it: its camera, photographs, and cards that open a face."""

import re
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, Route, expect
from tests.screens.pages import LANGUAGES
from tests.support.clips import frame, jpeg, one_person
from tests.support.server import Server

from willing.core.codes import CODE_ALPHABET
from willing.credentials.shares import SHARE_BYTES, PrintedCard, card_text

if TYPE_CHECKING:
    from tests.screens.__main__ import Studio

PURPOSE = {"purpose": "canteen"}
NO_LIST = ("notes.txt", "text/plain", b"no picture")


class Looks:
    """Answers to the desk's frames: what the server says, and from the first good one on always that."""

    def __init__(self, page: Page, **changed: Any) -> None:
        self.page, self.changed = page, changed
        self._good: dict[str, Any] | None = None
        page.route("**/frame/", self._answer)

    def _answer(self, route: Route) -> None:
        if self._good is None:
            answer = route.fetch()
            said = answer.json()
            if not said.get("is_good"):
                route.fulfill(response=answer)
                return
            self._good = {**said, **self.changed}
        route.fulfill(json=self._good)

    def end(self) -> None:
        """Let the server answer again."""
        self.page.unroute("**/frame/")


class Desk:
    """Takes the pictures of one pupil's enrolment."""

    def __init__(self, studio: "Studio", server: Server, seeded: dict[str, Any]) -> None:
        self.studio, self.server, self.seeded = studio, server, seeded

    def _open(self, language: str, *, allowed: bool = True) -> BrowserContext:
        clip = one_person(self.server.home / "desk.mjpeg", "obama")
        session = self.seeded["sessions"]["staff"]
        return self.studio.context(self.server.address, language, session, clip=clip, allowed=allowed)

    def _begin(self, context: BrowserContext, person: str = "Ben") -> Page:
        """Find a pupil at the desk and press start."""
        page = context.new_page()
        page.on("pageerror", lambda error: self.studio.faults.append(f"console:capture: {error}"))
        page.goto(f"{self.server.address}{reverse('console:enrol')}?q={person}")
        known = {**PURPOSE, "person_id": self.seeded["persons"][person]}
        page.locator(f'form[action="{reverse("console:start-capture", kwargs=known)}"] button').click()
        expect(page.locator("[data-finish]").first).to_be_visible()
        return page

    def _take(self, page: Page, state: str, language: str) -> None:
        self.studio.take(page, f"console:capture {state}", language)

    def visit(self) -> None:
        """Take a capture where the school alone opens a face: at work, done, and in trouble."""
        for language in LANGUAGES:
            context = self._open(language)
            page = self._begin(context)
            looks = Looks(page)
            page.locator("[data-start]").click()
            expect(page.locator("[data-count]")).not_to_have_text("0")
            self._take(page, "looking", language)
            looks.end()
            expect(page.locator("[data-start]")).to_be_hidden()
            expect(page.locator("[data-stop]")).to_be_hidden(timeout=60_000)
            expect(page.locator("[data-count]")).to_have_text("5")
            self._take(page, "enough", language)
            self._upload(page)
            self._take(page, "photographs", language)
            self._take_picture(context, language)
            context.close()
            self._take_blocked(language)

    @staticmethod
    def _upload(page: Page) -> None:
        """Send a good photograph, one without a face, and what is none."""
        good, wall = frame("person_b_1", height=470), frame("person_b_1", height=2)
        names = [(f"{number}.jpg", "image/jpeg", jpeg(one)) for number, one in enumerate((good, wall))]
        files = [
            {"name": name, "mimeType": kind, "buffer": content} for name, kind, content in (*names, NO_LIST)
        ]
        page.locator("#pictures").set_input_files(files)  # type: ignore[arg-type]
        page.locator("form[enctype] button").click()
        expect(page.locator(".results li")).to_have_count(len(files))

    def _take_picture(self, context: BrowserContext, language: str) -> None:
        """Take what is asked where the camera may have seen a photograph."""
        page = self._begin(context)
        looks = Looks(page, good=5, is_picture=True)
        page.locator("[data-start]").click()
        expect(page.locator("[data-picture]")).to_be_visible()
        expect(page.locator("[data-stop]")).to_be_hidden()
        self._take(page, "is the person here", language)
        looks.end()

    def _take_blocked(self, language: str) -> None:
        context = self._open(language, allowed=False)
        page = self._begin(context)
        page.locator("[data-start]").click()
        expect(page.locator("[data-start]")).to_be_visible()
        expect(page.locator("[data-hint]")).to_have_text(re.compile("address bar|地址栏"))
        self._take(page, "camera blocked", language)
        context.close()

    def visit_with_cards(self) -> None:
        """Take the desk where a card opens the face: read by camera, by a reader; and a face sealed anew."""
        code = self.seeded["card_codes"]["Ben"]
        address = f"{self.server.address}/c"
        printed = card_text(address, PrintedCard(code, bytes(SHARE_BYTES)))
        for language in LANGUAGES:
            context = self._open(language)
            page = self._begin(context)
            self._take(page, "with a card", language)
            page.locator("[data-open-code-camera]").click()
            expect(page.locator("[data-code-hint]")).to_have_text(re.compile("Hold|对准"))
            self._take(page, "card by camera", language)
            page.locator("[data-stop-code-camera]").click()
            for text, state in ((CODE_ALPHABET[:12], "card of another"), (code, "card without a secret")):
                before = page.locator("[data-card-state]").inner_text()
                scan(page, text)
                expect(page.locator("[data-card-state]")).not_to_have_text(before)
                self._take(page, state, language)
            scan(page, printed)
            expect(page.locator("[data-card-state]")).to_have_class(re.compile("good"))
            page.locator('[name=siblings][value="yes"]').check()
            expect(page.locator("[data-sibling-state]")).to_be_visible()
            self._take(page, "card read", language)
            page = self._begin(context, "Ana")
            self._take(page, "sealed anew", language)
            context.close()


def scan(page: Page, text: str) -> None:
    """Let a reader type what a card says."""
    page.locator("h1").click()  # into no field
    page.wait_for_timeout(200)  # what comes as quickly may be the rest of an earlier scan (kiosk/scan.js)
    page.keyboard.type(text)
    page.keyboard.press("Enter")
