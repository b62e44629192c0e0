"""Printing for many: sheets that count once a person says that they came out of the printer."""

from typing import Any
from uuid import uuid4

import pypdfium2
import pytest
from django.test import Client
from django.urls import reverse
from tests.support.bars import read_bars
from tests.support.papers import pages_of, read_paper

from willing.accounts.models import Invitation
from willing.accounts.sign_ins import invite_guardian
from willing.consent.links import open_link
from willing.core.codes import show_code
from willing.credentials.cards import code_of, find_card_owner
from willing.credentials.models import Card, Pin
from willing.credentials.print_models import PrintRun
from willing.credentials.print_queries import run_state
from willing.credentials.print_rules import GRIDS, LAYOUTS, RUN_MAX, PrintLayout
from willing.documents.card_sheets import bars_of, bars_svg
from willing.people.models import Guardian

PRINT = "/staff/people/print/"
RUNS = "/staff/people/printed/"
ALL = {"all": "1"}
DPI = 300  # as an office's printer draws


def press(office: Client, kind: str, **said: Any) -> Any:
    return office.post(f"{PRINT}{kind}/", {"key": uuid4(), **said})


def latest() -> PrintRun:
    return PrintRun.objects.latest("started_at")


def test_one_press_prints_the_cards_of_a_filter_and_a_second_one_confirms_them(
    cast: Any, office: Client
) -> None:
    key = uuid4()
    answer = office.post(f"{PRINT}cards/", {"key": key, "with": "ready", **ALL})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer["Cache-Control"] == "no-store"
    ada = cast.person("Ada")
    [page] = pages_of(answer.content)
    assert "Ada Agrees" in page
    assert show_code(code_of(ada, key)) in page
    assert "Sheet 1 of 1" in page
    paper = read_paper(answer.content)
    assert paper.is_tagged
    assert {one.alt for one in paper.parts if one.alt} >= {"QR code of the card", "Bar code of the card"}
    waits = office.get("/staff/people/").content.decode()
    assert "Did these sheets come out of the printer?" in waits
    text = office.get(f"{RUNS}{key}/").content.decode()
    assert "1 earlier card of these people stops working" in text
    done = office.post(f"{RUNS}{key}/confirm/", {"which": "all"}, follow=True).content.decode()
    assert "1 confirmed" in done
    assert find_card_owner(cast.school, cast.cards["Ada"]) is None
    assert find_card_owner(cast.school, code_of(ada, key)) == ada
    assert "Did these sheets" not in office.get("/staff/people/").content.decode()


def test_only_the_ticked_are_printed_in_the_order_of_the_classes(cast: Any, office: Client) -> None:
    chosen = [str(cast.person(name).id) for name in ("Wes", "Ada")]
    answer = press(office, "cards", person=[*chosen, "no-id"], layout="labels-99x68")
    [page] = pages_of(answer.content)
    assert page.index("Ada Agrees") < page.index("Wes Withdrew")
    assert "Carl" not in page
    assert latest().layout == "labels-99x68"


def test_the_form_sent_twice_shows_no_second_copy(cast: Any, office: Client) -> None:
    said = {"key": uuid4(), "person": str(cast.person("Ada").id)}
    assert office.post(f"{PRINT}cards/", said).status_code == 200
    answer = office.post(f"{PRINT}cards/", said)
    assert answer.status_code == 409
    assert "sheets_printed_already" in answer.content.decode()
    assert Card.objects.filter(person=cast.person("Ada"), revoked_at=None).count() == 2


def test_what_did_not_come_out_is_printed_anew_from_the_runs_page(cast: Any, office: Client) -> None:
    press(office, "cards", **ALL)
    run = latest()
    assert "public address is not set" in office.get(f"{RUNS}{run.pk}/").content.decode()
    again = office.post(f"{RUNS}{run.pk}/anew/", {"key": uuid4()})
    assert again["Content-Type"] == "application/pdf"
    assert find_card_owner(cast.school, code_of(cast.person("Ada"), run.pk)) is None
    assert "given up or printed anew" in office.get(f"{RUNS}{run.pk}/").content.decode()
    given_up = office.post(f"{RUNS}{latest().pk}/give-up/", follow=True).content.decode()
    assert "What was not printed works no more." in given_up
    assert find_card_owner(cast.school, cast.cards["Ada"]) == cast.person("Ada")


def test_a_wrong_number_of_a_sheet_is_refused_by_name(cast: Any, office: Client) -> None:
    press(office, "cards", person=str(cast.person("Ada").id))
    for said in ("7", "x", ""):
        answer = office.post(f"{RUNS}{latest().pk}/confirm/", {"which": "some", "until": said})
        assert "sheet_unknown" in answer.content.decode(), said
    assert run_state(latest()).waiting == 1
    assert "unknown_print_run" in office.post(f"{RUNS}{uuid4()}/confirm/", {}).content.decode()


def test_how_far_a_run_is_can_be_asked_before_and_after_it_began(office: Client) -> None:
    waiting = office.get(f"{RUNS}{uuid4()}/", {"part": "1"})
    assert waiting.json() == {"waits": True, "made": 0, "total": 0}
    assert waiting["Cache-Control"] == "no-store"
    assert "The sheets are being made." in office.get(f"{RUNS}{uuid4()}/").content.decode()
    press(office, "cards", **ALL)
    run = latest()
    done = {"waits": False, "made": run.total, "total": run.total}
    assert office.get(f"{RUNS}{run.pk}/", {"part": "1"}).json() == done


def test_how_far_a_run_is_can_be_read_while_the_sheets_are_being_made(
    cast: Any, office: Client, browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A colleague's page asks at each number that the process says."""
    monkeypatch.setattr("willing.documents.sheets._run", run_in_steps := Steps(browser("office")))
    run_in_steps.key = key = uuid4()
    office.post(f"{PRINT}cards/", {"key": key, **ALL})
    total = latest().total
    assert total > 2
    assert run_in_steps.seen == [{"waits": True, "made": made, "total": total} for made in (0, 1, total - 1)]


class Steps:
    """Says two numbers on the way, as the process does, and keeps what the page answers each time."""

    key: Any = None

    def __init__(self, client: Client) -> None:
        self.client, self.seen = client, list[Any]()

    def __call__(self, module: str, order: Any, note_made: Any) -> bytes:
        self.ask()
        for made in (1, len(order["pieces"]) - 1):
            note_made(made)
            self.ask()
        return b"%PDF-"

    def ask(self) -> None:
        self.seen.append(self.client.get(f"{RUNS}{self.key}/", {"part": "1"}).json())


def test_a_process_that_fails_leaves_no_card_and_no_run(
    cast: Any, office: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Card.objects.count()
    monkeypatch.setattr("willing.documents.sheets.sys.executable", "/bin/false")
    answer = press(office, "cards", **ALL)
    assert "card_not_printed" in answer.content.decode()
    assert (Card.objects.count(), PrintRun.objects.count()) == (before, 0)


def test_slips_are_for_those_without_a_pin_unless_the_office_says_otherwise(
    cast: Any, office: Client
) -> None:
    assert "nothing_to_print" in press(office, "pins", **ALL).content.decode()
    carl = cast.person("Carl")
    kept = Pin.objects.get(person=cast.person("Ada")).hashed
    Pin.objects.filter(person=carl).delete()
    [page] = pages_of(press(office, "pins", **ALL).content)
    assert "public address" not in office.get(f"{RUNS}{latest().pk}/").content.decode()  # no slip carries it
    assert "Carl" in page
    assert "Ada" not in page
    assert Pin.objects.get(person=cast.person("Ada")).hashed == kept
    [page] = pages_of(press(office, "pins", person=str(cast.person("Ada").id), replace="1").content)
    assert f"Till number: {cast.person('Ada').till_number}" in page
    assert Pin.objects.get(person=cast.person("Ada")).hashed != kept


def test_one_letter_a_guardian_in_their_language_with_a_code_only_where_there_is_no_sign_in(
    cast: Any, office: Client
) -> None:
    Guardian.objects.filter(name="Gwen").update(language="zh-hans")
    pages = pages_of(press(office, "letters", **ALL).content)
    assert len(pages) == 2
    ada, nia = pages
    assert "You have a sign-in already" in ada
    assert "致 Gwen" in nia
    assert "Nia Nay (7A)、Wes Withdrew (7A)" in nia
    [invitation] = Invitation.objects.filter(used_at=None, revoked_at=None)
    assert invitation.guardian is not None
    assert invitation.guardian.name == "Gwen"
    again = office.post(f"{RUNS}{latest().pk}/anew/", {"key": uuid4()})
    assert len(pages_of(again.content)) == 2


def test_forms_are_for_each_guardian_and_the_pupil_class_by_class(cast: Any, office: Client) -> None:
    pages = pages_of(press(office, "forms", person=str(cast.person("Ada").id)).content)
    assert len(pages) == 2
    assert "Test School · 7A · Ada Agrees · Gus" in pages[0]
    assert all("Sign here" in page and "Version 1, mark" in page for page in pages)
    assert "nothing_to_print" in press(office, "forms").content.decode()
    assert office.post(f"{PRINT}posters/", ALL).status_code == 404


def test_more_forms_than_fit_into_memory_are_refused(office: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RUN_MAX, "forms", 1)
    assert "too_many_to_print" in press(office, "forms", **ALL).content.decode()


def test_one_code_opens_the_questions_and_then_makes_a_sign_in(cast: Any) -> None:
    gwen = Guardian.objects.get(name="Gwen")
    code, browser = invite_guardian(gwen, by=None), Client()
    page = browser.post(reverse("invitation"), {"code": code}, follow=True).content.decode()
    assert "Read and answer" in page
    answer = browser.get(reverse("invitation-answer"))
    assert open_link(answer["Location"].rstrip("/").rsplit("/", 1)[1]) == gwen
    assert browser.get(answer["Location"]).status_code == 200
    assert browser.get(reverse("invitation-passkey")).status_code == 200  # the code is not used up
    assert Client().get(reverse("invitation-answer"))["Location"] == reverse("invitation")


@pytest.mark.parametrize("role", ["cashier", "canteen", "dpo"])
def test_nobody_but_the_office_prints_or_confirms(cast: Any, browser: Any, role: str) -> None:
    client = browser(role)
    assert press(client, "cards", **ALL).status_code == 403
    assert client.get(f"{RUNS}{uuid4()}/").status_code == 403
    for deed in ("confirm", "anew", "give-up"):
        assert client.post(f"{RUNS}{uuid4()}/{deed}/").status_code == 403


def drawn(pdf: bytes) -> Any:
    """Return the first page in grey, at DPI."""
    paper = pypdfium2.PdfDocument(pdf)
    try:
        return paper[0].render(scale=DPI / 72, grayscale=True).to_numpy()
    finally:
        paper.close()


@pytest.mark.parametrize("layout", [one.value for one in LAYOUTS["cards"]])
def test_the_bars_and_the_marks_to_cut_by_are_on_the_drawn_page(
    cast: Any, office: Client, layout: str
) -> None:
    key, names, grid = uuid4(), ("Ada", "Wes", "Carl"), GRIDS[PrintLayout(layout)]
    chosen = {name: cast.person(name) for name in names}
    sent = {"key": key, "layout": layout, "person": [str(one.pk) for one in chosen.values()]}
    page = drawn(office.post(f"{PRINT}cards/", sent).content)
    wide, tall = grid.sheet.size_mm
    assert page.shape == pytest.approx((tall / 25.4 * DPI, wide / 25.4 * DPI), abs=2)
    assert read_bars(page) == {code_of(one, key) for one in chosen.values()}

    def is_marked(x_mm: float, y_mm: float) -> bool:
        x, y = (round(one / 25.4 * DPI) for one in (x_mm, y_mm))
        return bool(page[y - 2 : y + 3, x - 2 : x + 3].min() < 200)

    ends = [grid.left + column * grid.pitch_x + side for column in range(2) for side in (0, grid.wide)]
    rows = [grid.top + row * grid.pitch_y for row in range(grid.rows + 1)]
    beside = [(x, y) for x in ends for y in (grid.top - 3, tall - grid.top + 3)]
    beside += [(x, y) for y in rows for x in (grid.left - 3, wide - grid.left + 3)]
    assert {is_marked(x, y) for x, y in beside if x > 0 and y > 0} == {grid.is_cut}


def test_the_bars_are_those_of_code_128(cast: Any) -> None:
    modules = bars_of("EW4GB8WJEB20")
    assert modules.startswith("11010010000")  # start of code set B (ISO/IEC 15417)
    assert modules.endswith("1100011101011")  # stop
    drawn = bars_svg(modules)
    assert drawn.count("M") == len([one for one in modules.split("0") if one])
    assert 'viewBox="0 0 167 10"' in drawn
