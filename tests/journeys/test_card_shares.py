"""A card's share stays on the card: what any page sends, and what the server then holds and has logged.

The share is half of a key. A whole lunch is recorded, with every way in which a card may be read or typed,
and searched for anything of it.
"""

import base64
import json
import random
import re
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus, urldefrag
from uuid import UUID

import pytest
from playwright.sync_api import Page, Request, expect
from tests.journeys.conftest import Be, OpenTill
from tests.journeys.test_gate import set_up as set_up_lane
from tests.journeys.test_reader import sign_in
from tests.support.browser import Books, Till
from tests.support.card_keys import presses_of

from willing.core.codes import CODE_ALPHABET, show_code
from willing.credentials.shares import PrintedCard, card_text, encode_share
from willing.terminals.keyboards import KeyboardLayout, Scan, decode

ADDRESS = "https://school.example/c"
SHARE = secrets.token_bytes(16)


def spelled(share: bytes) -> list[str]:
    """Return how a share may be written, and the parts of it that would be told from chance."""
    printed = encode_share(share)
    parts = [printed[at : at + 8] for at in range(len(printed) - 7)]
    encoded = base64.b64encode(share).decode().rstrip("=")
    return [share.hex(), encoded, encoded.replace("+", "-").replace("/", "_"), *parts]


def said(text: str) -> str:
    """Return a request's text with the names of keys as their letters."""
    keys = re.sub(r"(?<![A-Za-z])\+?(?:Key|Digit|Numpad)([0-9A-Z])(?: |$|(?=&))", r"\1", unquote_plus(text))
    return f"{unquote_plus(text)}\n{keys}"


class Recorder:
    """Every request of a browser, as it was sent."""

    def __init__(self, context: Any) -> None:
        self.sent: list[str] = []
        context.on("request", self._keep)

    def _keep(self, request: Request) -> None:
        body = request.post_data_buffer or b""
        headers = json.dumps(request.headers)
        # A browser sends nothing of what follows "#".
        self.sent.append(f"{urldefrag(request.url).url}\n{headers}\n{body.decode(errors='replace')}")

    def find(self, share: bytes) -> list[str]:
        """Return the requests with anything of a share in them."""
        return [one for one in self.sent if any(part in said(one).upper() for part in spelled(share)[3:])] + [
            one for one in self.sent if any(part in one for part in spelled(share)[:3])
        ]


def files_with(home: Path, share: bytes) -> list[str]:
    """Return the files below a folder that hold a share: databases, their logs, the server's log."""
    forms = [share, *(one.encode() for one in spelled(share))]
    held = [(path.name, path.read_bytes()) for path in home.rglob("*") if path.is_file()]
    return [name for name, content in held if any(form in content for form in forms)]


@pytest.fixture
def till(open_till: OpenTill) -> Till:
    return open_till()


def code_in(page: Page, field: str) -> str:
    return page.locator(field).input_value()


def insert(till: Till, field: str, text: str) -> None:
    """Put a text into a field at once, as a slow reader has done in the end."""
    till.page.locator(field).focus()
    till.page.keyboard.insert_text(text)


def pay_by_card(till: Till, whole: str, code: str) -> None:
    """Read a card with nothing in focus and pay; then read it into the field, fast and slowly."""
    till.add()
    till.stage("choose")
    till.page.locator("body").evaluate("() => document.activeElement.blur()")
    till.scan(whole)
    till.stage("identified")
    till.press("Yes, pay")
    till.stage("paid")
    till.add()
    till.choose("Card")
    till.stage("card")
    till.scan_into_field(whole)
    till.stage("identified")
    till.press("Not me")
    till.choose("Card")
    till.stage("card")
    insert(till, "#card-code", whole)
    assert code_in(till.page, "#card-code") == code
    till.press("Continue")
    till.stage("identified")
    till.press("Not me")


def look_up(till: Till, whole: str) -> None:
    """Let the cashier look a card up, and a reader stop in the middle of the next one."""
    till.choose("Ask staff")
    till.stage("staff")
    insert(till, "#look-up-text", whole)
    till.page.locator(".look-up-answers button").first.wait_for()
    till.page.locator("#look-up-text").fill("")
    with till.page.expect_response(re.compile("people")):
        insert(till, "#look-up-text", whole[:-9])


def search_at_the_office(till: Till, whole: str, code: str) -> None:
    """Find people by a card, on both pages where the office does."""
    sign_in(till, "office_session")
    for path in ("/staff/people/", "/staff/enrol/"):
        till.page.goto(till.server.address + path)
        insert(till, "#search-text", whole)
        till.page.locator("#search-text").press("Enter")
        till.page.wait_for_url(f"**?q={code}")


def read_with_a_new_reader(till: Till, books: Books, whole: str) -> None:
    """Let the office test a reader with a card, and find what it puts before a scan."""
    [(terminal,)] = books.rows("SELECT id FROM terminals_terminal WHERE token_digest <> ''")
    till.page.goto(f"{till.server.address}/staff/terminals/{UUID(terminal)}/reader/")
    till.page.get_by_text("Waiting for a scan").wait_for()
    till.scan("]Q3" + whole)
    till.page.get_by_text("works.").wait_for()
    assert books.rows("SELECT reader_prefix FROM terminals_terminal WHERE id = ?", terminal) == [("]Q3",)]


def open_with_a_phone(till: Till, whole: str, pupil: dict[str, Any]) -> None:
    """Open a card's square as a phone's camera does, and press to sign in."""
    till.context.clear_cookies()
    till.page.goto(f"{till.server.address}/c#{whole.partition('#')[2]}")
    till.page.locator("input[name=pin]:focus").wait_for()
    assert code_in(till.page, "input[name=card]") == pupil["card"]
    assert till.page.evaluate("location.href").endswith("/c")
    till.page.locator("input[name=pin]").fill("2580")
    till.page.get_by_role("button", name="Sign in").click()
    till.page.wait_for_url("**/family/me/")


def test_a_sale_a_sign_in_and_look_ups_send_nothing_of_a_share(till: Till, books: Books) -> None:
    recorder = Recorder(till.context)
    pupil = till.cast["pays_by_card"]
    whole = card_text(ADDRESS, PrintedCard(pupil["card"], SHARE))
    pay_by_card(till, whole, pupil["card"])
    assert [sale[1] for sale in books.sales()] == ["card"]
    look_up(till, whole)
    search_at_the_office(till, whole, pupil["card"])
    read_with_a_new_reader(till, books, whole)
    open_with_a_phone(till, whole, pupil)
    assert any(pupil["card"] in one for one in recorder.sent)
    assert recorder.find(SHARE) == []
    assert files_with(till.server.home, SHARE) == []


def test_a_passage_and_a_look_up_at_a_gate_send_nothing_of_a_share(
    be: Be, books: Books, school: dict
) -> None:
    office = be("office", "/staff/gate/")
    lane = be("pairing", set_up_lane(office))
    recorder = Recorder(lane.context)
    lane.get_by_role("button", name="Pair").click()
    first, second = (school["cast"][name] for name in ("pays_by_card", "sister"))
    share = secrets.token_bytes(16)
    wholes = [card_text(ADDRESS, PrintedCard(one["card"], share)) for one in (first, second)]
    expect(lane.get_by_role("heading", name="Both ways")).to_be_visible()
    lane.wait_for_timeout(200)  # keys of the first tenth of a second may be the end of a scan (scan.js)
    lane.evaluate("() => document.activeElement.blur()")
    lane.keyboard.type(wholes[0])
    lane.keyboard.press("Enter")
    expect(lane.get_by_role("heading", name=f"Welcome, {first['given_name']}")).to_be_visible()
    expect(lane.get_by_role("heading", name="Both ways")).to_be_visible(timeout=8000)
    lane.locator("#lane-code").focus()
    lane.keyboard.insert_text(wholes[1])
    assert code_in(lane, "#lane-code") == second["card"]
    lane.get_by_role("button", name="Go through").click()
    expect(lane.get_by_role("heading", name=f"Welcome, {second['given_name']}")).to_be_visible()
    lane.get_by_role("link", name="Next person").click()
    # Pairing signed its pairer out there: who looks a person up signs in for it.
    signed_in = [one for one in office.context.cookies() if one["name"] == "sessionid"]
    lane.context.add_cookies(signed_in)  # type: ignore[arg-type]
    lane.get_by_role("link", name="Ask a member of staff").click()
    for text in (wholes[0], wholes[0][:-9]):
        lane.locator("#lane-text").fill("")
        lane.keyboard.insert_text(text)
        assert code_in(lane, "#lane-text") == (first["card"] if text == wholes[0] else text)
        with lane.expect_response("**/staff/"):
            lane.locator("#lane-text").press("Enter")
        expect(lane.get_by_role("button", name="Let through")).to_be_visible()
    assert books.rows("SELECT way FROM gate_passage") == [("card",), ("card",)]
    assert any(first["card"] in one for one in recorder.sent)
    assert recorder.find(share) == []
    assert files_with(books.home, share) == []


def test_where_no_script_runs_no_field_for_a_card_has_room_for_a_share(open_till: OpenTill) -> None:
    till = open_till(script=False, paired=False)
    recorder = Recorder(till.context)
    till.context.clear_cookies()
    till.page.goto(f"{till.server.address}/sign-in/card/")
    shortest = card_text("http://a/c", PrintedCard(till.cast["pays_by_card"]["card"], SHARE))
    till.page.locator("input[name=card]").press_sequentially(shortest)
    till.page.locator("input[name=pin]").fill("1234")
    till.page.get_by_role("button", name="Sign in").click()
    expect(till.page.get_by_role("alert")).to_contain_text("Card and PIN don't match")
    assert any("a%2Fc%231." in one for one in recorder.sent)
    assert recorder.find(SHARE) == []


def test_a_page_keeps_the_code_of_any_card_in_any_layout_and_drops_the_share(till: Till) -> None:
    chance = random.Random(14)
    scans, wanted = [], []
    for layout in KeyboardLayout:
        for _ in range(60):
            code = "".join(chance.choices(CODE_ALPHABET, k=12))
            prefix = chance.choice(["", "", "q", "]Q3"])
            address = chance.choice([ADDRESS, "http://a/c", "https://10.0.0.7:8443/c"])
            text = prefix + card_text(address, PrintedCard(code, chance.randbytes(16)))
            text = chance.choice([text, text.upper(), text.lower()])
            scans.append(presses_of(text, layout, chance))
            heard = presses_of(prefix, layout, chance)
            wanted.append((layout, len(heard), code))
    cut = till.page.evaluate(
        "async (scans) => scans.map((await import('/static/ui/card.js')).cutPresses)", scans
    )
    for (layout, prefix_length, code), presses in zip(wanted, cut, strict=True):
        kept = presses[prefix_length:]
        assert len(presses) == prefix_length + 12, (layout, presses)
        typed, keys = "".join(one["key"] for one in kept), [one["name"] for one in kept]
        assert decode(Scan(typed, keys), layout).upper() == code


def test_a_page_sends_codes_products_and_names_as_they_are_and_nothing_of_a_torn_card(till: Till) -> None:
    code, share = "7K2M9QXTB4DF", encode_share(SHARE)
    whole = f"{ADDRESS}#1.{code}.{share}"
    texts = {
        "": "",
        code: code,
        show_code(code): show_code(code),
        "Anna ": "Anna ",
        "María del Carmen Hernández": "María del Carmen Hernández",
        whole: code,
        whole.replace(".", ":").replace("#", ""): code,
        whole[:-9]: code,
        f"read {whole} twice": f"read {code} twice",
        "x" * 40: "x" * 25,
    }
    cut_texts = till.page.evaluate(
        "async (texts) => texts.map((await import('/static/ui/card.js')).cutCardText)", list(texts)
    )
    assert cut_texts == list(texts.values())
    us = random.Random(1)
    scans = {
        "5012345678900": "5012345678900",
        show_code(code): show_code(code),
        f"{code[7:]}.{share}": "",
        f"{whole[:-9]}": "",
        share + ".": "",
        "https://shop.example/products/of/today?": "https://shop.example/prod",
    }
    presses = [presses_of(text, KeyboardLayout.TYPED, us) for text in scans]
    cut = till.page.evaluate(
        "async (scans) => scans.map((await import('/static/ui/card.js')).cutPresses)", presses
    )
    assert ["".join(press["key"] for press in one) for one in cut] == list(scans.values())
