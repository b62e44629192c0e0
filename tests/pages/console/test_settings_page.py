"""The school's settings: the administrator's alone, refused beside the field, seen where they are used."""

import io
import json
import re
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from tests.support.papers import words_of

from willing.accounts.models import Invitation
from willing.audit.models import Entry
from willing.core.errors import Refused
from willing.credentials.print_models import PrintRun
from willing.ops.reach import Reach
from willing.pages.console.first_lunch import steps_shown
from willing.pages.ui import reach_labels
from willing.people.calendar import add_entry
from willing.people.calendar_rules import CalendarSpan as CalendarEntry
from willing.people.look import redraw, set_colour
from willing.people.models import School, SchoolLogo
from willing.people.rules import contrast, is_readable_colour

PAGE = "/staff/settings/"


@pytest.fixture
def admin(browser: Any) -> Client:
    """A browser of the administrator."""
    client: Client = browser("administrator")
    return client


def png(width: int = 900, height: int = 300, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(out, kind)
    return out.getvalue()


def save(client: Client, part: str, **said: Any) -> Any:
    return client.post(PAGE, {"part": part, **said})


def fields_of_last_change() -> list[str]:
    last = Entry.objects.filter(event="school.changed").latest("sequence")
    found: list[str] = json.loads(bytes(last.hashed))["facts"]["fields"]
    return found


def test_name_place_and_language_are_changed_and_logged_and_shown_on_every_page(admin: Client) -> None:
    said = {"name": "New Name", "country": "GB", "language": "zh-hans", "time_zone": "Asia/Shanghai"}
    assert save(admin, "name", **said).status_code == 302
    held = School.objects.get()
    assert (held.name, held.language, held.time_zone) == ("New Name", "zh-hans", "Asia/Shanghai")
    assert fields_of_last_change() == ["language", "name", "time_zone"]
    for client in (admin, Client()):
        assert (
            '<span class="brand-name">New Name</span>'
            in client.get("/sign-in/", follow=True).content.decode()
        )


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("name", {"name": "", "country": "GB", "language": "en", "time_zone": "Europe/London"}),
        ("name", {"name": "X", "country": "GB", "language": "en", "time_zone": "Europe/Munich"}),
        ("address", {"address": "https://example.org/page"}),
        ("age", {"years": "99"}),
        ("colour", {"colour": "#eeb02f"}),
        ("colour", {"colour": "red"}),
        ("colour", {"colour": "#0b5a4"}),
        ("logo", {}),
    ],
)
def test_what_can_not_be_is_refused_beside_its_field(admin: Client, part: str, said: dict[str, str]) -> None:
    before = School.objects.values().get()
    answer = save(admin, part, **said)
    assert answer.status_code == 422
    assert 'class="error"' in answer.content.decode()
    assert School.objects.values().get() == before


def test_the_public_address_is_what_letters_carry(admin: Client, office: Client, cast: Any) -> None:
    save(admin, "address", address="lunch.example.org")
    person, guardian = cast.person("Ada"), cast.guardian("Gus")
    text = words_of(office.post(f"/staff/people/{person.pk}/letter/{guardian.pk}/").content)
    assert "https://lunch.example.org/sign-in/code/" in text
    assert "testserver" not in text


@pytest.mark.parametrize(
    ("reach", "said"),
    [(Reach.HERE, "This address leads here"), (Reach.NO_ANSWER, "Nothing answers at this address.")],
)
def test_what_a_test_of_the_address_saw_is_kept_and_said_until_the_address_changes(
    admin: Client, office: Client, monkeypatch: pytest.MonkeyPatch, reach: Reach, said: str
) -> None:
    monkeypatch.setattr(reach_labels, "find_reach", lambda address: reach)
    everyone = "/staff/people/"
    assert "public address is not set" in office.get(everyone).content.decode()
    save(admin, "address", address="lunch.example.org")
    assert "never tested" in admin.get(PAGE).content.decode()
    assert "public address was never tested" in office.get(everyone).content.decode()
    assert said in save(admin, "address", address="lunch.example.org", test="1").content.decode()
    held = School.objects.get()
    assert (held.address_reach, held.address_tested_at is None) == (reach, False)
    assert said in admin.get(PAGE).content.decode()
    listed = office.get(everyone).content.decode()
    assert ("did not lead here at its last test" in listed) is (reach is Reach.NO_ANSWER)
    assert "An administrator can set and test it" in listed or reach is Reach.HERE
    save(admin, "address", address="other.example.org")
    held = School.objects.get()
    assert (held.address_reach, held.address_tested_at) == ("", None)


def panels_with(page: str, text: str) -> set[str]:
    """Return the parts of a person's page in which a text is, by their ids."""
    _before, *parts = re.split(r'<div class="tab-panel[^"]*" id="(\w+)">', page)
    return {name for name, part in zip(parts[::2], parts[1::2], strict=True) if text in part}


def test_beside_a_persons_own_card_and_letters_is_what_speaks_against_printing_the_address(
    admin: Client, office: Client, cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = f"/staff/people/{cast.person('Ada').pk}/"
    printing = {"card", "face", "family"}
    assert panels_with(office.get(one).content.decode(), "public address is not set") == printing
    save(admin, "address", address="lunch.example.org")
    untested = office.get(one).content.decode()
    assert panels_with(untested, "public address was never tested") == printing
    assert panels_with(untested, "An administrator can set and test it") == printing
    sent = {"key": str(uuid4())}
    assert office.post(f"{one}card/", sent).status_code == 200
    again = office.post(f"{one}card/", sent)
    assert (again.status_code, "never tested" in again.content.decode()) == (409, True)
    for reach, named in ((Reach.NO_ANSWER, printing), (Reach.HERE, set())):
        monkeypatch.setattr(reach_labels, "find_reach", lambda address, reach=reach: reach)
        save(admin, "address", address="lunch.example.org", test="1")
        page = office.get(one).content.decode()
        assert panels_with(page, "did not lead here at its last test") == named
    assert panels_with(page, "public address") == set()


def test_a_letter_with_an_address_of_this_computer_alone_is_refused_by_name(
    cast: Any, admin: Client, office: Client
) -> None:
    person, guardian, before = cast.person("Ada"), cast.guardian("Gus"), Invitation.objects.count()
    one = f"/staff/people/{person.pk}/letter/{guardian.pk}/"
    for host in ("localhost:8000", "127.0.0.1"):
        for address, sent in ((one, {}), ("/staff/people/print/letters/", {"person": str(person.pk)})):
            answer = office.post(address, sent, headers={"host": host})
            assert answer.status_code == 409
            assert "address_missing" in answer.content.decode()
    assert Invitation.objects.count() == before
    assert not PrintRun.objects.exists()
    save(admin, "address", address="http://localhost:8000")
    assert office.post(one, headers={"host": "localhost:8000"}).status_code == 200


def test_the_colour_is_one_in_which_text_is_read_and_every_page_has_it(admin: Client) -> None:
    assert save(admin, "colour", colour="#7A1030").status_code == 302
    assert School.objects.get().colour == "#7a1030"
    page = Client().get("/sign-in/").content.decode()
    assert '/look/7a1030.css"' in page
    sheet = Client().get("/look/7a1030.css")
    assert "--brand: #7a1030" in sheet.content.decode()
    for wrong in ("eeb02f", "zzzzzz", "000", "0b5a47;}*{display:none"):
        assert Client().get(f"/look/{wrong}.css").status_code == 404


@pytest.mark.parametrize("colour", ["#eeb02f", "red", "#FFF", "#0b5a47 ; }"])
def test_a_colour_that_is_not_readable_is_refused(cast: Any, colour: str) -> None:
    with pytest.raises(Refused, match="colour_unreadable"):
        set_colour(cast.school, colour)


def test_contrast_is_that_of_the_guidelines() -> None:
    assert round(contrast("#000000", "#ffffff"), 2) == 21
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48  # the guideline's own example of too little
    assert is_readable_colour("#0b5a47")
    assert not is_readable_colour("#777777")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_logo_is_drawn_anew_and_small(admin: Client, kind: str) -> None:
    logo = SimpleUploadedFile("logo", png(kind=kind) + b"<script>alert(1)</script>")
    assert save(admin, "logo", logo=logo).status_code == 302
    held = School.objects.get()
    answer = Client().get(f"/look/{held.logo_sha256[:16]}.png")
    with Image.open(io.BytesIO(answer.content)) as shown:
        assert (shown.format, shown.size) == ("PNG", (288, 96))
    assert b"script" not in answer.content
    assert f"/look/{held.logo_sha256[:16]}.png" in Client().get("/sign-in/").content.decode()
    assert save(admin, "logo", remove="1").status_code == 302
    assert School.objects.get().logo_sha256 == ""
    assert not SchoolLogo.objects.exists()
    assert Client().get(f"/look/{held.logo_sha256[:16]}.png").status_code == 404


@pytest.mark.parametrize(
    "picture",
    [
        lambda: b"",
        lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        lambda: b"GIF89a" + bytes(50),
        lambda: png()[:60],
        lambda: png(5000, 5000),
        lambda: bytes(2 * 1024 * 1024 + 1),
    ],
)
def test_what_is_no_small_picture_is_no_logo(picture: Callable[[], bytes]) -> None:
    with pytest.raises(Refused, match="logo_unreadable"):
        redraw(picture())


def test_another_law_is_chosen_on_a_page_that_says_what_follows(admin: Client) -> None:
    page = admin.get(f"{PAGE}law/").content.decode()
    assert "No face is used at this school" in page
    assert "be brought back" in page
    assert admin.post(f"{PAGE}law/", {"law": "gdpr"}).status_code == 422
    assert School.objects.get().legal_profile == "england_wales"
    assert admin.post(f"{PAGE}law/", {"law": "eu"}).status_code == 302
    assert School.objects.get().legal_profile == "eu"


def test_the_front_page_lists_the_way_to_the_first_lunch_until_it_is_paid(
    cast: Any, office: Client, sell: Any
) -> None:
    page = office.get("/").content.decode()
    assert "Until the first lunch" in page
    assert "A paired till" in page
    steps = {one.url: one for one in steps_shown(cast.school)}
    calendar = steps["/staff/calendar/"]
    assert (calendar.is_done, calendar.is_next) == (False, False), "lunch is sold without it"
    add_entry(cast.school, CalendarEntry("closed", date(2026, 12, 19), date(2027, 1, 3)))
    assert {one.url: one for one in steps_shown(cast.school)}["/staff/calendar/"].is_done
    sell()
    assert "Until the first lunch" not in office.get("/").content.decode()


def test_invented_pupils_are_removed_with_one_press(office: Client, cast: Any) -> None:
    from willing.credentials.trial import add_trial_pupils

    add_trial_pupils(cast.school, by=cast.user("office"))
    for page in ("/", "/staff/people/"):
        assert "10 invented pupils are here" in office.get(page).content.decode()
    text = office.post("/staff/people/invented/remove/", follow=True).content.decode()
    assert "10 invented pupils were removed." in text
    assert "invented pupils are here" not in office.get("/").content.decode()


def test_a_school_may_want_a_cashier_on_every_sale(admin: Client) -> None:
    assert save(admin, "cashier", requires_cashier="on").status_code == 302
    assert School.objects.get().requires_cashier
    assert fields_of_last_change() == ["requires_cashier"]
    assert save(admin, "cashier").status_code == 302
    assert not School.objects.get().requires_cashier
