"""Take the pictures: `make screens`, or `python -m tests.screens --only console:person --only till`.

They lie below .cache/screens, with an index.html that shows one state in a row. What a tired eye misses is
counted: an answer that is none, a page wider than its screen, what axe calls serious, a fault in a script,
and English on a Chinese page.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

import axe_playwright_python  # noqa: E402  (Django must be set up before addresses are looked up)
from django.urls import reverse  # noqa: E402
from playwright.sync_api import BrowserContext, Error, Page, Route, expect  # noqa: E402
from playwright.sync_api import TimeoutError as PlaywrightTimeout  # noqa: E402
from tests.screens.desk import Desk  # noqa: E402
from tests.screens.pages import EMPTY, LANGUAGES, LATER, OWN, SCREENS, Screen, Wrong  # noqa: E402
from tests.screens.wrong import OLD_WORKBOOK, OWN_WRONG, WRONG  # noqa: E402
from tests.support.browser import Browsers, Till, open_browsers  # noqa: E402
from tests.support.clips import one_person  # noqa: E402
from tests.support.migrated import give_tables  # noqa: E402
from tests.support.server import ROOT, START_SECONDS_MAX, Server, environment, free_port  # noqa: E402
from tests.support.signing import digits  # noqa: E402

WIDTHS = (390, 768, 1280)
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text()
SERIOUS = """axe.run(document, {resultTypes: ['violations']}).then(({violations}) => violations
  .filter(({impact}) => impact === 'serious' || impact === 'critical')
  .map(({id, nodes}) => id + ': ' + nodes[0].html.slice(0, 120)))"""
# Three words of English in a row; names, addresses and code stand in elements that say so, or are shorter.
ENGLISH = """[...document.querySelectorAll('main *')].flatMap((one) => [...one.childNodes])
  .filter((one) => one.nodeType === 3 && one.parentElement.checkVisibility()
    && !one.parentElement.closest('[lang=en], code, pre, textarea, option'))
  .map((one) => one.textContent.trim().replace(/\\s+/g, ' '))
  .filter((text) => /[A-Za-z]{2,} [A-Za-z]{2,} [A-Za-z]{2,}/.test(text)).map((text) => text.slice(0, 100))"""
NAMES = ("Willow Brook School", "Hohenstein-Lichtenfels", "I had a sandwich.")
# A form as somebody leaves it who presses at once: what they would have typed is not there.
LEAVE_EMPTY = """() => {
  const typed = 'input:not([type=hidden]):not([type=checkbox]):not([type=radio]), textarea';
  const form = [...document.querySelectorAll('main form[method=post]')].find((one) =>
    [...one.querySelectorAll(typed)].some((field) => field.checkVisibility() && !field.readOnly));
  if (!form) return false;
  form.noValidate = true;
  document.documentElement.dataset.left = '';
  for (const field of form.querySelectorAll(typed)) field.value = '';
  form.requestSubmit(form.querySelector('button.primary:not([type=button]), button:not([type=button])'));
  return true;
}"""

# The form that has the first of the fields, filled in and sent as a person who mistypes would.
SEND_WRONG = """([fields, file]) => {
  const first = Object.keys(fields)[0];
  const form = [...document.querySelectorAll('main form[method=post]')].find((one) =>
    (!first || (one.elements[first] && one.elements[first].type !== 'hidden'))
    && (!file || one.querySelector('[type=file]')));
  if (!form) return false;
  form.noValidate = true;
  for (const fold of form.querySelectorAll('details')) fold.open = true;
  for (const [name, value] of Object.entries(fields)) {
    if (!form.elements[name]) return false;
    form.elements[name].value = value;
  }
  if (file) {
    const one = new DataTransfer();
    one.items.add(new File([Uint8Array.from(file[1])], file[0]));
    form.querySelector('[type=file]').files = one.files;
  }
  form.requestSubmit(form.querySelector('button.primary:not([type=button]), button:not([type=button])'));
  return true;
}"""


# Until an answer has taken the place of its form; one that never does is waited for otherwise.
LEFT_MS = 1_500
# What only a press shows, and changes the school by.
PRESSED = ("console:evening-list refused", "console:roll-call alarm")
CALLED_WRONG = ".error, .notice.bad, .notice.warn, .badge.warn, [aria-invalid=true]"
SET_UP_WRONG = {
    "address": {"address": "https//lunch.example.org"},
    "administrator": {"display_name": "Sam", "username": "a b", "password": "lunchlunch", "code": "000000"},
}


def _unfold(page: Page, screen: Screen) -> None:
    """Wait until an app shows what it holds, and open the fold that is to be seen."""
    if screen.app:
        page.locator(f"{screen.app}[data-ready]").wait_for()
    if screen.opens:
        page.locator(screen.opens).first.evaluate("(one) => {one.open = true}")


class Studio:
    """Takes pictures of one school and notes what is wrong with them."""

    def __init__(self, browsers: Browsers, folder: Path, only: list[str]) -> None:
        self.browsers, self.folder, self.only = browsers, folder, only
        self.faults: list[str] = []
        self.rows: dict[str, list[str]] = {}

    def wants(self, name: str) -> bool:
        """Say whether the pictures of a page were asked for."""
        return not self.only or any(name.startswith(one) for one in self.only)

    def wants_any(self, screens: tuple[Screen, ...]) -> bool:
        """Say whether a picture of any of them was asked for."""
        return any(self.wants(f"{screen.name} {screen.state}") for screen in screens)

    def context(
        self, address: str, language: str, session: str | None = None, **camera: Any
    ) -> BrowserContext:
        """Open a browser with somebody's session, or nobody's. camera: as `Browsers.open` takes one."""
        # Without motion: a colour on its way from one to another is no fault of the page.
        how = {"locale": LANGUAGES[language], "reduced_motion": "reduce"}
        context = self.browsers.open(**{"clip": None, "allowed": True, **camera, **how})
        choose(context, address, language)
        if session:
            context.add_cookies([{"name": "sessionid", "value": session, "url": address}])
        return context

    def _note(self, name: str, error: Error) -> None:
        self.faults.append(f"{name}: {error}")

    def take(self, page: Page, name: str, language: str) -> None:
        """Take a page as it is now, at each width."""
        said = f"{name} ({language})"
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            file = f"{name.replace(':', '-').replace(' ', '-')}.{language}.{width}.png"
            page.screenshot(path=str(self.folder / file), full_page=True)
            self.rows.setdefault(name, []).append(file)
            wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            if wide > 0:
                self.faults.append(f"{said} at {width} px: {wide} px wider than the screen")
        page.evaluate(AXE)
        self.faults += [f"{said}: {one}" for one in page.evaluate(SERIOUS)]
        if language == "zh-hans":
            english = set(page.evaluate(ENGLISH))
            self.faults += [
                f"{said}: English: {one}" for one in english if not any(name in one for name in NAMES)
            ]

    def visit_all(self) -> None:
        """Take everything that is wanted: set-up, an empty school, and a full one."""
        if self.wants("set-up"):
            self.visit_set_up()
        if self.wants_any(EMPTY):
            with school("empty") as (server, seeded):
                self.visit(server, seeded, EMPTY)
        is_till = self.wants("till") or self.wants("second screen")
        later = tuple(screen for screens in LATER.values() for screen in screens)
        walks = ("console:capture", "lane", "sign-in", "answer", *PRESSED)
        pages = (*OWN, *OWN_WRONG, *SCREENS, *WRONG, *later)
        if is_till or any(map(self.wants, walks)) or self.wants_any(pages):
            with school("full") as (server, seeded):
                self._visit_full(server, seeded, is_till=is_till)

    def _visit_full(self, server: Server, seeded: dict[str, Any], *, is_till: bool) -> None:
        """Take a school of which there is everything; then what it is like after each later change."""
        desk = Desk(self, server, seeded)
        self.visit(server, seeded, (*OWN, *OWN_WRONG))
        if self.wants("sign-in"):
            self.visit_sign_in(server, seeded)
        self.visit(server, seeded, (*SCREENS, *WRONG))
        if self.wants("answer"):
            self.visit_answers(server)
        if any(map(self.wants, PRESSED)):
            self.press(server, seeded)
        if self.wants("console:capture"):
            desk.visit()
        if self.wants("lane"):
            self.visit_lanes(server, seeded)
        if is_till:  # who is signed in there signs out in the end
            self.visit_tills(server, seeded)
        for change, screens in LATER.items():
            is_desk = change == "settled" and self.wants("console:capture")
            if is_desk or self.wants_any(screens):
                seeded["sessions"] |= seed("tests.screens.later", change, server.home)
                self.visit(server, seeded, screens)
            if is_desk:
                desk.visit_with_cards()

    def visit(self, server: Server, seeded: dict[str, Any], screens: tuple[Screen, ...]) -> None:
        """Take every page of a school, and every form of it that is sent with nothing in it."""
        for language in LANGUAGES:
            contexts: dict[str, BrowserContext] = {}
            for screen in screens:
                name = f"{screen.name} {screen.state}"
                if not self.wants(name):
                    continue
                if screen.who not in contexts:
                    session = seeded["sessions"].get(screen.who)
                    contexts[screen.who] = self.context(server.address, language, session)
                page = contexts[screen.who].new_page()
                page.on("pageerror", partial(self._note, name))
                self._open(page, server.address, screen, seeded, f"{name} ({language})")
                try:
                    _unfold(page, screen)
                except PlaywrightTimeout:
                    self.faults.append(f"{name} ({language}): nothing to unfold at {page.url}")
                if screen.wrong:
                    self._send(page, screen.wrong, f"{name} ({language})")
                self.take(page, name, language)
                if screen.state == "full" and self._send_empty(page):
                    self.take(page, f"{screen.name} sent empty", language)
                page.close()
            for context in contexts.values():
                context.close()

    def press(self, server: Server, seeded: dict[str, Any]) -> None:
        """Take a change of a closed evening list without a reason, and an alarm while no roll call runs."""
        closed = reverse("console:evening-list", args=[seeded["closed_list"]])
        for language in LANGUAGES:
            context = self.context(server.address, language, seeded["sessions"]["staff"])
            page = context.new_page()
            page.goto(server.address + closed)
            page.locator("fieldset").first.locator('[value="absent"]').check(force=True)
            page.locator("main form button.primary").first.click()
            expect(page.locator("#evening-reason-error")).to_be_visible()
            self.take(page, PRESSED[0], language)
            page.goto(server.address + reverse("console:roll-call"))
            over = page.locator(
                f'form[action="{reverse("console:roll-call-close", args=[seeded["roll_call_id"]])}"]'
            )
            if over.count():
                page.locator("details", has=over).evaluate("(one) => {one.open = true}")
                over.locator("button").click()
                page.goto(server.address + reverse("console:roll-call"))
            expect(page.locator(".roll-live button")).to_be_visible()
            self.take(page, PRESSED[1], language)
            context.close()

    def _open(self, page: Page, server: str, screen: Screen, seeded: dict[str, Any], said: str) -> None:
        """Go to a page. One that leads to another one, or answers otherwise than it should, is a fault."""
        wanted = server + screen.address(seeded)
        answer = page.goto(wanted)
        if answer is None or answer.status != screen.status:
            self.faults.append(f"{said}: {answer and answer.status}")
        if urlsplit(page.url).path != urlsplit(wanted).path:
            self.faults.append(f"{said}: it is another page, {page.url}")
        if screen.pressed:
            with page.expect_navigation():
                page.locator(screen.pressed[1]).first.click()

    @staticmethod
    def _send_empty(page: Page) -> bool:
        """Send the first form with nothing in it, and wait for the answer; say whether there is one."""
        if not page.evaluate(LEAVE_EMPTY):
            return False
        try:
            page.locator("html[data-left]").wait_for(state="detached", timeout=LEFT_MS)
            page.wait_for_load_state()
        except PlaywrightTimeout:  # a script has sent it, or the answer is a file
            page.wait_for_load_state("networkidle")
        return True

    def _send(self, page: Page, wrong: Wrong, said: str) -> None:
        """Send a form with what is wrong. A page that takes it, or has no such form, is a fault."""
        file = [wrong.file[0], list(wrong.file[1])] if wrong.file else None
        before = page.url
        try:
            with page.expect_navigation(timeout=10_000):
                is_sent = page.evaluate(SEND_WRONG, [dict(wrong.fields), file])
        except PlaywrightTimeout:
            is_sent = False
        if not is_sent:
            self.faults.append(f"{said}: no form with {', '.join(wrong.fields) or 'a file'}")
        try:
            page.locator("main").locator(CALLED_WRONG).first.wait_for(state="attached", timeout=10_000)
        except PlaywrightTimeout:
            self.faults.append(f"{said}: nothing is called wrong at {page.url}, sent from {before}")

    def visit_sign_in(self, server: Server, seeded: dict[str, Any]) -> None:
        """Take what follows a letter's code, a password and a card that was found."""
        for language in LANGUAGES:
            context = self.context(server.address, language)
            page = context.new_page()
            page.on("pageerror", partial(self._note, "sign-in"))

            def go_on(button: str, page: Page = page, **fields: str) -> None:
                for name, value in fields.items():
                    page.locator(f"main [name={name}]").fill(value)
                with page.expect_navigation():
                    page.locator(button).first.click()

            page.goto(server.address + reverse("invitation"))
            go_on("main form button.primary", code=seeded["invitation"])
            expect(page).to_have_url(server.address + reverse("invitation-passkey"))
            self.take(page, "sign-in by a letter", language)
            page.goto(server.address + reverse("invitation-password"))
            self.take(page, "sign-in with a password", language)
            self._send(page, Wrong({"username": "a b", "password": "lunch"}), f"sign-in ({language})")
            self.take(page, "sign-in with a password in error", language)
            page.goto(server.address + reverse("invitation-answer"))
            expect(page).to_have_url(re.compile(re.escape(server.address) + "/family/c/"))
            self.take(page, "sign-in questions", language)
            page.goto(server.address + reverse("account_login"))
            go_on("main form:has([name=password]) button", login="office", password=seeded["password"])
            expect(page).to_have_url(server.address + reverse("mfa_authenticate"))
            self.take(page, "sign-in second factor", language)
            self._send(page, Wrong({"code": "000000"}), f"sign-in second factor ({language})")
            self.take(page, "sign-in second factor in error", language)
            for help_, name in (("card-pin", "PIN forgotten"), ("card-lost", "card lost")):
                page.goto(server.address + reverse("card"))
                page.locator("main [name=card]").fill("7K3M9QXA2BCD")
                page.locator("main details").evaluate_all("(all) => all.forEach((one) => {one.open = true})")
                go_on(f"main button[formaction='{reverse(help_)}']")
                self.take(page, f"sign-in {name}", language)
            go_on("main button[name=answer]")
            self.take(page, "sign-in card reported", language)
            context.close()

    def visit_tills(self, server: Server, seeded: dict[str, Any]) -> None:
        """Take the till and its second screen at each of their stages."""
        known = {"session": seeded["sessions"]["staff"], "pairing_code": seeded["pairing_code"], "cast": {}}
        clip = one_person(server.home / "till.mjpeg", "person_b_1")
        server.renew_pairing_codes()
        till = Till(self.context(server.address, "en", clip=clip), server, known).pair()
        if self.wants("till"):
            for language in LANGUAGES:
                choose(till.context, server.address, language)
                till.page.goto(f"{server.address}/till/")
                self._walk_till(till, seeded, language)
                self._walk_face(till, seeded, language)
                self._walk_cash(till, seeded, language)
        if self.wants("second screen"):
            self._visit_second_screen(till, seeded)
        till.context.close()

    def _walk_till(self, till: Till, seeded: dict[str, Any], language: str) -> None:
        till.stage("empty")
        self.take(till.page, "till empty", language)
        till.page.locator(".product").first.click()
        till.stage("choose")
        self.take(till.page, "till choose", language)
        for way in ("card", "pin", "staff"):
            till.pupil.locator(f'.way[value="{way}"]').click()
            till.stage(way)
            self.take(till.page, f"till {way}", language)
            till.pupil.locator("[data-escape]").click()
            till.stage("choose")
        till.scan("1A0B-NOTTHERE")
        expect(till.pupil).to_contain_text(re.compile("not recognised|无法识别"))
        self.take(till.page, "till refused", language)
        till.scan(seeded["allergic_card"])
        till.stage("identified")
        self.take(till.page, "till allergy", language)
        till.page.locator(f'form[action="{reverse("kiosk:deny")}"] button').first.click()
        till.stage("choose")
        till.scan(seeded["card"])
        till.stage("identified")
        self.take(till.page, "till one more meal", language)
        till.page.locator(f'form[action="{reverse("kiosk:serve-meal")}"] button').first.click()
        expect(till.page.locator(f'form[action="{reverse("kiosk:serve-meal")}"]')).to_have_count(0)
        self.take(till.page, "till identified", language)
        till.pupil.locator(f'form[action="{reverse("kiosk:confirm")}"] button').first.click()
        till.stage("paid")
        self.take(till.page, "till paid", language)
        till.page.locator(f'form[action="{reverse("kiosk:next")}"] button').first.click()

    def _walk_face(self, till: Till, seeded: dict[str, Any], language: str) -> None:
        """Take a sale that a card begins and a face confirms, and what may be pressed after it."""
        page, again = till.page, till.pupil.locator('button[value="face"]')
        page.locator(".product").nth(list(LANGUAGES).index(language)).click()
        till.stage("choose")
        till.scan(seeded["face_card"])
        till.stage("identified")
        self.take(page, "till card of a face", language)
        page.route("**/till/way/", _hold)
        page.route("**/frame/", _hold)
        again.click()
        expect(page.locator(".face-stage.looking")).to_be_visible()
        self.take(page, "till face", language)
        page.unroute("**/till/way/")
        page.unroute("**/frame/")
        page.route("**/till/confirm/", _hold)
        page.locator("[data-cancel-face] button").click()
        till.stage("identified")
        for _look in range(2):  # on a busy machine the time for a look may be over first
            again.click()
            till.stage("face")
            expect(till.screen).not_to_have_attribute("data-stage", "face")
            if till.screen.get_attribute("data-stage") == "choose":
                till.scan(seeded["face_card"])
                till.stage("identified")
            if not again.count():
                break
        expect(again).to_have_count(0)
        self.take(page, "till face matched", language)
        till.pupil.locator(".yes").click()
        till.stage("paid")
        self.take(page, "till picture may be refreshed", language)
        page.unroute("**/till/confirm/")
        if language != "en":  # once, so that there is something to press in each language
            page.locator(f'form[action="{reverse("kiosk:refresh-face")}"] button').click()
            expect(till.pupil.locator(".notice")).to_be_visible()
            self.take(page, "till picture refreshed", language)
        page.locator(f'form[action="{reverse("kiosk:next")}"] button').first.click()
        till.stage("empty")

    def _visit_second_screen(self, till: Till, seeded: dict[str, Any]) -> None:
        """Take a till's second screen at each of its stages, and what the till says of it."""
        address = till.server.address
        device = self.context(address, "en")
        choose(till.context, address, "en")
        till.page.goto(f"{address}/till/")
        till.page.locator("button.second-screen").click()
        expect(till.page.locator("#cashier-panel .code")).to_be_visible()
        self.take(till.page, "second screen code", "en")
        till.page.locator("#cashier-panel [data-close-panel]").click()
        second = till.pair_second(device)
        for language in LANGUAGES:
            for one, path in ((till, "/till/"), (second, "/pupil/")):
                choose(one.context, address, language)
                one.page.goto(f"{address}{path}")
            self._walk_second(till, second, seeded, language)
            self._cut_second(second, language)
        till.page.locator(f'form[action="{reverse("account_logout")}"] button').click()
        for language in LANGUAGES:
            choose(device, address, language)
            second.page.goto(f"{address}/pupil/")
            second.stage("closed")
            self.take(second.page, "second screen closed", language)
        device.close()

    def _walk_second(self, till: Till, second: Till, seeded: dict[str, Any], language: str) -> None:
        second.stage("empty")
        self.take(second.page, "second screen empty", language)
        for product in range(min(5, till.page.locator(".product:visible").count())):
            till.page.locator(".product:visible").nth(product).click()
            expect(second.page.locator(".bought-lines li")).to_have_count(product + 1)
        self.take(second.page, "second screen choose", language)
        for way in ("card", "pin", "staff"):
            second.pupil.locator(f'.way[value="{way}"]').click()
            till.stage(way)
            self.take(second.page, f"second screen {way}", language)
            second.pupil.locator("[data-escape]").click()
            till.stage("choose")
        # One meal alone is always paid for.
        till.page.locator(f'form[action="{reverse("kiosk:cancel")}"] button').click()
        till.page.locator(".product:visible").first.click()
        second.stage("choose")
        till.scan(seeded["card"])
        second.stage("identified")
        till.stage("identified")
        self.take(second.page, "second screen identified", language)
        serve = till.page.locator(f'form[action="{reverse("kiosk:serve-meal")}"] button')
        if serve.count():
            serve.first.click()
            expect(serve).to_have_count(0)
        second.pupil.locator(".yes").click()
        till.stage("paid")
        self.take(second.page, "second screen paid", language)
        till.page.locator(f'form[action="{reverse("kiosk:next")}"] button').first.click()
        second.stage("empty")
        till.page.locator("button.second-screen").click()
        expect(till.page.locator("#cashier-panel .button.danger")).to_be_visible()
        self.take(till.page, "second screen at the till", language)
        till.page.locator("#cashier-panel [data-close-panel]").click()

    def _cut_second(self, second: Till, language: str) -> None:
        """Take what a screen says that is cut off, and one that is paired with nothing."""
        second.context.set_offline(True)
        expect(second.page.locator("#offline")).to_be_visible()
        self.take(second.page, "second screen offline", language)
        second.context.set_offline(False)
        other = self.context(second.server.address, language)
        page = other.new_page()
        page.goto(f"{second.server.address}/pupil/?code=WRONG234")
        page.locator("main form button").click()
        expect(page.locator(".notice")).to_be_visible()
        self.take(page, "second screen refused", language)
        other.close()

    def _walk_cash(self, till: Till, seeded: dict[str, Any], language: str) -> None:
        """Take what only a till with a drawer shows: cash, change, a receipt, a void, the cashier's count."""
        page, panel = till.page, till.page.locator("#cashier-panel")
        self._sign_on(till, seeded["pin"], language)
        page.locator(".product").first.click()
        till.stage("choose")
        page.locator(f'a[href="{reverse("kiosk:cash")}"]').click()
        expect(panel.locator("#cash-amount")).to_be_visible()
        self.take(page, "till cash", language)
        panel.locator("#cash-amount").fill("0.10")
        panel.locator("#cash-amount").press("Enter")
        expect(panel.locator(".notice")).to_be_visible()
        self.take(page, "till cash refused", language)
        panel.locator(".tender-keys button").last.click()
        till.stage("paid")
        self.take(page, "till cash paid", language)
        page.locator('a[href*="/till/receipt/"]').click()
        expect(panel.locator("table")).to_be_visible()
        self.take(page, "till cash receipt", language)
        panel.locator("[data-close-panel]").click()
        page.locator('a[href*="/void-sale/"]').click()
        expect(panel.locator("form")).to_be_visible()
        self.take(page, "till void", language)
        panel.locator("form button").click()
        till.stage("empty")
        self.take(page, "till voided", language)
        self._count(till, language)

    def _sign_on(self, till: Till, pin: str, language: str) -> None:
        page, panel = till.page, till.page.locator("#cashier-panel")
        page.locator("#who").click()
        expect(panel.locator("#cashier-pin")).to_be_visible()
        self.take(page, "till cashier", language)
        self._type_pin(till, "0000")
        expect(panel.locator(".notice")).to_be_visible()
        self.take(page, "till cashier refused", language)
        self._type_pin(till, pin)
        expect(panel.locator("#cashier-pin")).to_have_count(0)

    @staticmethod
    def _type_pin(till: Till, pin: str) -> None:
        for digit in pin:
            till.page.locator(f'#cashier-panel [data-key="{digit}"]').click()

    def _count(self, till: Till, language: str) -> None:
        page, panel = till.page, till.page.locator("#cashier-panel")
        page.locator("#who").click()
        panel.locator(f'a[href="{reverse("kiosk:count")}"]').click()
        field = panel.locator("#count-amount")
        expect(field).to_be_visible()
        self.take(page, "till count", language)
        field.fill("ten")
        field.press("Enter")
        expect(panel.locator(".notice")).to_be_visible()
        self.take(page, "till count refused", language)
        field.fill("50")
        field.press("Enter")
        expect(field).to_have_count(0)
        self.take(page, "till counted", language)
        panel.locator("[data-close-panel]").click()
        page.locator("#who").click()
        panel.locator(f'a[href="{reverse("kiosk:report")}"]').click()
        expect(panel.locator("table, dl").first).to_be_visible()
        self.take(page, "till report", language)
        panel.locator("[data-close-panel]").click()

    def visit_lanes(self, server: Server, seeded: dict[str, Any]) -> None:
        """Take a lane of the gate at each of its stages; one with a broken door, and a closed one."""
        cookies: dict[str, Any] = {}
        for language in LANGUAGES:
            for kind in seeded["lanes"]:
                context = self.context(server.address, language, cameras=1)
                session = {"name": "sessionid", "value": seeded["sessions"]["staff"], "url": server.address}
                pairing = {**session, "value": seeded["pairing_sessions"][kind]}
                context.add_cookies([cookies.get(kind, pairing)])
                page = context.new_page()
                page.on("pageerror", partial(self._note, f"lane {kind}"))
                page.route("**/gate/**", _hold)
                if kind not in cookies:
                    self._pair_lane(page, server, seeded["lanes"][kind], language, is_first=not cookies)
                    (cookies[kind],) = (
                        one for one in context.cookies() if one["name"].endswith("willing_lane")
                    )
                page.goto(f"{server.address}/gate/")
                expect(page.locator("html")).to_have_class(re.compile("has-script"))
                if kind == "ready":
                    self._walk_lane(page, seeded, language)
                elif kind == "fault":
                    self._walk_broken_lane(page, seeded, language)
                else:
                    self.take(page, "lane closed", language)
                    context.add_cookies([session])  # type: ignore[list-item]
                    self._walk_staff_at_lane(page, server, language)
                context.close()

    def _pair_lane(self, page: Page, server: Server, code: str, language: str, *, is_first: bool) -> None:
        if is_first:
            page.goto(f"{server.address}/gate/pair/")
            self.take(page, "lane pair", language)
            page.goto(f"{server.address}/gate/pair/?code=WRONG234")
            page.locator("main form button").click()
            expect(page.locator(".notice")).to_be_visible()
            self.take(page, "lane pair refused", language)
        server.renew_pairing_codes()
        page.goto(f"{server.address}/gate/pair/?code={code}")
        page.locator("main form button").click()
        expect(page.locator("#screen")).to_be_visible()

    def _walk_lane(self, page: Page, seeded: dict[str, Any], language: str) -> None:
        self.take(page, "lane ready", language)
        self._show_card(page, "1A0BNOTTHERE")
        expect(page.locator("#screen .notice")).to_be_visible()
        self.take(page, "lane refused", language)
        page.locator('a[href$="?way=pin"]').click()
        expect(page.locator("#lane-pin")).to_be_visible()
        self.take(page, "lane pin", language)
        page.locator("#lane-number").fill("1")
        page.locator("#lane-pin").fill("0000")
        page.locator("#lane-pin").press("Enter")
        expect(page.locator("#screen .notice")).to_be_visible()
        self.take(page, "lane pin refused", language)
        page.keyboard.press("Escape")
        page.locator("[data-open-code-camera]").click()
        expect(page.locator("[data-code-panel] [data-code-hint]")).to_have_text(re.compile("Hold|对准"))
        self.take(page, "lane card by camera", language)
        page.keyboard.press("Escape")
        page.locator("[data-starts-face] button").click()
        expect(page.locator(".face-stage.looking")).to_be_visible()
        self.take(page, "lane face", language)
        page.locator("[data-cancel-face] button").click()
        expect(page.locator("#lane-code")).to_be_visible()
        self._show_card(page, seeded["card"])
        expect(page.locator(".lane-passed.is-green")).to_be_visible()
        self.take(page, "lane passed", language)
        page.unroute("**/gate/**")
        page.context.set_offline(True)
        page.locator("#screen [data-escape]").click()
        expect(page.locator("#offline")).to_be_visible()
        self.take(page, "lane offline", language)
        page.context.set_offline(False)

    def _walk_broken_lane(self, page: Page, seeded: dict[str, Any], language: str) -> None:
        page.locator("[data-starts-face] button").click()
        expect(page.locator("#screen")).to_have_attribute("data-stage", "face_card")
        self.take(page, "lane card before the face", language)
        page.keyboard.press("Escape")
        expect(page.locator("#screen")).to_have_attribute("data-stage", "choose")
        self._show_card(page, seeded["card"])
        expect(page.locator(".lane-passed.is-amber")).to_be_visible()
        self.take(page, "lane door does not answer", language)

    def _walk_staff_at_lane(self, page: Page, server: Server, language: str) -> None:
        page.goto(f"{server.address}/gate/staff/")
        self.take(page, "lane staff", language)
        for text, name in (("Q", "lane nobody found"), ("Ana", "lane look-up")):
            page.locator("#lane-text").fill(text)
            page.locator("#lane-text").press("Enter")
            expect(page.locator("#lane-text")).to_have_attribute("value", text)  # as the answer has it
            self.take(page, name, language)

    @staticmethod
    def _show_card(page: Page, code: str) -> None:
        page.locator("#lane-code").fill(code)
        page.locator("#lane-code").press("Enter")

    def visit_answers(self, server: Server) -> None:
        """Take what no press leads to: answers to faults, and what a device reads that trusts nothing yet."""
        for name, by_language in seed("tests.screens.answers", "all", server.home).items():
            for language, (status, text) in by_language.items():
                context = self.context(server.address, language)
                page, here = context.new_page(), f"{server.address}/answer/"
                page.on("pageerror", partial(self._note, name))
                page.route(here, partial(_answer, status=status, text=text))
                page.goto(here)
                self.take(page, name, language)
                context.close()

    def visit_set_up(self) -> None:
        """Take the pages that a new installation begins with, each also as it answers to nothing typed."""
        with opening() as (address, link):
            context = self.context(address, "en")
            page = context.new_page()
            page.on("pageerror", partial(self._note, "set-up"))
            page.goto(address + "/set-up/")
            self._see_step(page, "code", Wrong({"code": "AAAA-BBBB-CCCC"}))
            page.goto(link)
            page.locator("main form button.primary").first.click()
            for step in ("school", "law", "language-and-money", "address", "administrator"):
                expect(page).to_have_url(f"{address}/set-up/{step}/")
                wrong = Wrong(SET_UP_WRONG[step]) if step in SET_UP_WRONG else None
                self._see_step(page, step, wrong, is_emptied=True)
                if step == "school":
                    page.locator("main input[type=text]").first.fill("Willow Brook School")
                if step != "administrator":
                    page.locator("main form button.primary").first.click()
            secret = page.locator("#secret").inner_text()
            page.locator("[name=display_name]").fill("Sam Park")
            page.locator("[name=password]").fill("four words of lunch")
            page.locator("[name=code]").fill(digits(secret))
            page.locator("main form button.primary").last.click()
            for step in ("people", "menu", "till"):
                expect(page).to_have_url(f"{address}/set-up/{step}/")
                self._see_step(page, step, Wrong({}, OLD_WORKBOOK) if step == "people" else None)
                if step != "till":
                    page.locator("main form button.primary").first.click()
            context.close()

    def _see_step(self, page: Page, step: str, wrong: Wrong | None, *, is_emptied: bool = False) -> None:
        """Take a step of set-up in both languages; it is shown in English again afterwards."""
        here, name = page.url, f"set-up {step}"
        for language in reversed(LANGUAGES):
            choose(page.context, here, language)
            page.goto(here)
            self.take(page, name, language)
            if is_emptied and self._send_empty(page):
                self.take(page, f"{name} sent empty", language)
                page.goto(here)
            if wrong:
                self._send(page, wrong, f"{name} ({language})")
                self.take(page, f"{name} in error", language)
                page.goto(here)


def choose(context: BrowserContext, address: str, language: str) -> None:
    """Let a browser ask for a language from its next page on."""
    context.add_cookies([{"name": "django_language", "value": language, "url": urljoin(address, "/")}])


def _answer(route: Route, *, status: int, text: str) -> None:
    route.fulfill(status=status, content_type="text/html; charset=utf-8", body=text)


_LONG = r'data-\1seconds="600"'


def _hold(route: Route) -> None:
    """Let a screen stay for as long as its pictures take, and a look at a camera as well."""
    if route.request.url.endswith("/frame/"):
        route.fulfill(json={"state": "looking", "hint": "", "turn": ""})
        return
    answer = route.fetch(max_redirects=0)
    text = re.sub(r'data-((home|submit)-after-)?seconds="\d+"', _LONG, answer.text())
    route.fulfill(response=answer, body=text)


@contextmanager
def school(kind: str) -> Iterator[tuple[Server, dict[str, Any]]]:
    """Set up and serve a school; it is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="willing-screens-"))
    try:
        give_tables(folder / "home")
        seeded = seed("tests.screens.seed", kind, folder / "home")
        server = Server(folder / "home", free_port()).start()
        try:
            yield server, seeded
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


def seed(module: str, kind: str, home: Path) -> dict[str, Any]:
    """Write to a school in a process of its own; return what that says of it."""
    command = [sys.executable, "-m", module, kind]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(home), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr[-3000:])
    said: dict[str, Any] = json.loads(done.stdout)
    return said


@contextmanager
def opening() -> Iterator[tuple[str, str]]:
    """Serve an empty folder; return where, and the link with the one-time code that is printed."""
    folder, port = Path(tempfile.mkdtemp(prefix="willing-screens-")), free_port()
    command = [sys.executable, "-m", "willing.cli", "serve", "--port", str(port)]
    log = folder / "server.log"
    (folder / "home").mkdir(mode=0o700)
    with log.open("ab") as out:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment(folder / "home"), stdout=out, stderr=out
        )
    try:
        deadline = time.monotonic() + START_SECONDS_MAX
        while "Uvicorn running" not in log.read_text():
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(log.read_text()[-3000:])
            time.sleep(0.2)
        link = re.search(r"(http://localhost:\d+)(/set-up/\?code=[0-9A-Z-]+)", log.read_text())
        assert link, log.read_text()[-3000:]
        yield link[1], link[1] + link[2]
    finally:
        process.terminate()
        process.wait(timeout=20)
        shutil.rmtree(folder)


def write_index(folder: Path, rows: dict[str, list[str]]) -> Path:
    """Write the page that shows all pictures, one state in a row."""
    parts = ["<!doctype html><meta charset=utf-8><title>Screens</title>"]
    for name, files in sorted(rows.items()):
        pictures = "".join(f'<a href="{one}"><img src="{one}" height=420 loading=lazy></a> ' for one in files)
        parts.append(f"<h2>{escape(name)}</h2><p>{pictures}</p>")
    index = folder / "index.html"
    index.write_text("\n".join(parts))
    return index


def main() -> int:
    """Take the pictures, and print what was found wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", default=[], help="pages whose name begins so")
    options = parser.parse_args()
    folder = ROOT / ".cache" / "screens"
    folder.mkdir(parents=True, exist_ok=True)
    with open_browsers() as browsers:
        studio = Studio(browsers, folder, options.only)
        studio.visit_all()
        browsers.end_test()
    index = write_index(folder, studio.rows)
    taken = sum(map(len, studio.rows.values()))
    lines = [*studio.faults, f"{taken} pictures, {len(studio.faults)} faults: {index}"]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if studio.faults else 0


if __name__ == "__main__":
    sys.exit(main())
