"""A no that somebody was told, answers on paper, guardians who can't be told: the staff's pages."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from willing.consent.models import Decision, Excuse
from willing.consent.queries import permission, require_notice
from willing.consent_forms.models import ConsentForm
from willing.people.guardians import add_guardian
from willing.people.persons import NewPerson, add_person

PDF = b"%PDF-1.4 signed"


@pytest.mark.parametrize("role", ["cashier", "office", "canteen", "teacher", "dpo", "administrator"])
def test_pofa_26_anybody_who_works_here_takes_a_childs_no_in_two_presses(
    cast: Any, browser: Any, role: str
) -> None:
    ada, client = cast.person("Ada"), browser(role)
    found = client.get("/staff/no/?q=ada+agrees").content.decode()
    (where,) = re.findall(rf'href="(/staff/no/{ada.id}/)"', found)  # the first press
    page = client.get(where).content.decode()
    assert "Ada said no" in page
    assert "Undo" not in page
    answer = client.post(f"{where}record/", {"by": "self"}, follow=True).content.decode()  # the second
    assert "The no is recorded. No face is used for Ada." in answer
    assert "Undo" in answer
    assert "own_no" in permission(ada, "canteen").reasons
    assert set(Decision.objects.filter(channel="verbal").values_list("recorded_by", flat=True)) == {
        cast.user(role).pk
    }


def test_a_slip_is_undone_with_one_press_and_by_nobody_else(cast: Any, browser: Any) -> None:
    ada, cashier = cast.person("Ada"), browser("cashier")
    cashier.post(f"/staff/no/{ada.id}/record/", {"by": "self"})
    other = browser("canteen")
    assert "Undo" not in other.get(f"/staff/no/{ada.id}/").content.decode()
    assert other.post(f"/staff/no/{ada.id}/undo/").status_code == 409
    answer = cashier.post(f"/staff/no/{ada.id}/undo/", follow=True).content.decode()
    assert "Undone." in answer
    assert permission(ada, "canteen").granted


def test_a_guardians_no_by_telephone(cast: Any, browser: Any) -> None:
    ada, gus = cast.person("Ada"), cast.guardian("Gus")
    browser("cashier").post(f"/staff/no/{ada.id}/record/", {"by": str(gus.id)})
    assert "guardian_no" in permission(ada, "canteen").reasons
    stranger = cast.guardian("Gwen")
    answer = browser("cashier").post(f"/staff/no/{ada.id}/record/", {"by": str(stranger.id)})
    assert answer.status_code == 409


def test_the_page_tells_nothing_of_earlier_decisions_and_lists_nobody_unasked(
    cast: Any, browser: Any
) -> None:
    client = browser("cashier")
    texts = [client.get(f"/staff/no/{cast.person(name).id}/").content.decode() for name in ("Ada", "Wes")]
    for text in texts:
        for word in ("Withdrawn", "Enrolled", "Allowed", "canteen</"):
            assert word not in text.split("<main")[1]
    for query in ("", "?q=a"):
        assert "Agrees" not in client.get(f"/staff/no/{query}").content.decode()


def test_what_staff_read_says_what_the_other_way_is(browser: Any) -> None:
    assert "a card, a code or a PIN does the same" in browser("cashier").get("/staff/no/").content.decode()


# --- paper


def enter(client: Client, person: Any, **changes: Any) -> Any:
    notice = require_notice("canteen", "adult", "en")
    form = {"text": str(notice.id), "answer": "yes", "scan": SimpleUploadedFile("form.pdf", PDF), **changes}
    return client.post(f"/staff/people/{person.id}/paper/canteen/", form)


def test_the_office_enters_an_answer_on_paper_with_its_scan(cast: Any, office: Client) -> None:
    carl = cast.person("Carl")
    cora = add_guardian(carl, "Cora")
    page = office.get(f"/staff/people/{carl.id}/paper/canteen/").content.decode()
    assert "checked" not in page.split("<main")[1]
    assert enter(office, carl, who=str(cora.id)).status_code == 302
    decision = Decision.objects.get(guardian=cora)
    assert (decision.answer, decision.channel) == ("yes", "paper")
    text = office.get(f"/staff/people/{carl.id}/").content.decode()
    assert "Look at the PDF" in text
    answer = office.get(f"/staff/people/{carl.id}/scan/{ConsentForm.objects.get().id}/")
    assert answer.content == PDF
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"scan": ""}, "Please add a scan"),
        ({"scan": SimpleUploadedFile("form.pdf", b"<html>")}, "Please choose a PDF"),
        ({"answer": ""}, "This field is required"),
        ({"text": ""}, "This field is required"),
        ({"who": "self"}, "This notice is not for the person who signed."),
    ],
    ids=["no scan", "no form", "no answer", "no text", "the other's text"],
)
def test_what_is_missing_on_a_form_is_said_and_nothing_recorded(
    cast: Any, office: Client, changes: Any, words: str
) -> None:
    cora = add_guardian(cast.person("Carl"), "Cora")
    answer = enter(office, cast.person("Carl"), **{"who": str(cora.id), **changes})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Decision.objects.filter(person=cast.person("Carl")).exists()


def test_the_form_to_sign_is_the_notice_in_the_guardians_language_with_equal_boxes(
    cast: Any, office: Client
) -> None:
    ada, gus = cast.person("Ada"), cast.guardian("Gus")
    gus.language = "zh-hans"
    gus.save()
    text = office.get(f"/staff/people/{ada.id}/form/canteen/?guardian={gus.id}").content.decode()
    assert "您的孩子用餐无需刷脸" in text
    assert text.count('class="tick"') == 2
    assert require_notice("canteen", "adult", "zh-hans").sha256[:8] in text
    own = office.get(f"/staff/people/{ada.id}/form/canteen/").content.decode()
    assert "You don&#x27;t have to." in own or "You don't have to." in own


# --- guardians who can't be told


def test_pofa_26_the_office_records_why_a_guardian_is_not_told_and_sees_it(cast: Any, office: Client) -> None:
    ada = cast.person("Ada")
    gil = add_guardian(ada, "Gil")
    where = f"/staff/people/{ada.id}/excuse/{gil.id}/"
    office.post(where, {"reason": ""})
    assert not Excuse.objects.exists()
    office.post(where, {"reason": "welfare"})
    assert permission(ada, "canteen").granted
    assert "Need not be notified: The child" in office.get(f"/staff/people/{ada.id}/").content.decode()
    office.post(where, {"end": "1"})
    assert not permission(ada, "canteen").granted


# --- staff who eat here


def test_an_adult_reads_about_themselves_at_the_desk_and_decides_alone(cast: Any, office: Client) -> None:
    cook = add_person(cast.school, NewPerson("Cook", kind="staff"))
    where = f"/staff/people/{cook.id}/own/canteen/"
    text = office.get(where).content.decode().split("<main")[1]
    assert "You do not need to use your face to eat." in text
    assert "child" not in text.lower()
    office.post(where, {"answer": "yes"})
    assert permission(cook, "canteen").granted
    assert Decision.objects.get(person=cook).notice.reader == "self"
