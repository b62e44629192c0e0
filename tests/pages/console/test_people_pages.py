"""The office's pages about people."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from tests.support.meant import meant
from tests.support.papers import words_of

from willing.accounts.sign_ins import invite_guardian, require_invitation
from willing.biometrics.queries import has_face
from willing.consent.links import open_link, sign_link
from willing.consent.models import Decision
from willing.consent.queries import permission
from willing.core.codes import show_code
from willing.core.errors import Refused
from willing.credentials.cards import code_of, find_card_owner
from willing.ledger.models import Transfer
from willing.ledger.queries import available_minor, verify_ledger
from willing.people.persons import mark_left


def at(name: str, cast: Any, who: str, **more: Any) -> str:
    return reverse(f"console:{name}", kwargs={"person_id": cast.person(who).id, **more})


def test_people_are_found_by_name_year_and_number(cast: Any, office: Client) -> None:
    for text in ("Ada", "agrees", "7A", str(cast.person("Ada").till_number)):
        assert "Ada Agrees" in office.get("/staff/people/", {"q": text}).content.decode(), text
    assert "Nobody found" in office.get("/staff/people/", {"q": "Zebedee"}).content.decode()


def test_each_look_at_a_person_is_in_the_log(cast: Any, office: Client, logged: Any) -> None:
    for _ in range(2):
        assert office.get(at("person", cast, "Ada")).status_code == 200
    entries = logged("record.viewed")
    assert [entry.subject for entry in entries] == [cast.person("Ada").id] * 2
    assert f'"by":{cast.user("office").pk}' in bytes(entries[0].hashed).decode()


def test_nobody_with_that_id_is_said_kindly(office: Client) -> None:
    answer = office.get(reverse("console:person", args=[uuid4()]))
    assert answer.status_code == 409
    assert "unknown_person" in answer.content.decode()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Ada", ["Everyone who has to agree has agreed.", "Gus"]),
        ("Nia", ["The person said no. That counts, whatever adults say."]),
        ("Wes", ["A guardian said no.", "Withdrawn"]),
        ("Carl", ["No guardian is listed.", "The person has not said yes yet."]),
    ],
)
def test_the_page_says_whether_a_face_is_allowed_and_why(
    cast: Any, office: Client, name: str, words: list[str]
) -> None:
    text = office.get(at("person", cast, name)).content.decode()
    for sentence in words:
        assert sentence in text


def test_who_was_told_and_who_was_not(cast: Any, office: Client) -> None:
    from willing.people.guardians import add_guardian

    add_guardian(cast.person("Ada"), "Hal")
    text = office.get(at("person", cast, "Ada")).content.decode()
    assert re.search(r"Notified \d+ \w+ \d{4}, \d\d:\d\d", text)
    assert "Not notified yet" in text
    assert "A guardian has not been notified yet." in text


def test_a_double_press_pays_in_once(cast: Any, office: Client) -> None:
    form = {"key": str(uuid4()), "amount": "12.34"}
    for _ in range(2):
        assert office.post(at("pay-in", cast, "Bo"), form).status_code == 302
    assert available_minor(cast.person("Bo")) == 1234
    assert verify_ledger().ok
    page = office.get(at("person", cast, "Bo")).content.decode()
    assert page.count("£12.34 was paid in.") == 1


@pytest.mark.parametrize("amount", ["", "ten", "1.234", "1000000", "NaN"])
def test_an_amount_that_is_none_is_asked_for_again(cast: Any, office: Client, amount: str) -> None:
    answer = office.post(at("pay-in", cast, "Bo"), {"key": str(uuid4()), "amount": amount})
    assert answer.status_code == 422
    assert available_minor(cast.person("Bo")) == 0


@pytest.mark.parametrize("amount", ["0", "-5"])
def test_an_amount_of_nothing_is_refused_in_the_ledgers_words(cast: Any, office: Client, amount: str) -> None:
    answer = office.post(at("pay-in", cast, "Bo"), {"key": str(uuid4()), "amount": amount})
    assert answer.status_code == 409
    assert "The amount must be more than zero." in answer.content.decode()


def test_a_form_sent_again_with_another_amount_pays_nothing_more(cast: Any, office: Client) -> None:
    key = str(uuid4())
    office.post(at("pay-in", cast, "Bo"), {"key": key, "amount": "5.00"})
    answer = office.post(at("pay-in", cast, "Bo"), {"key": key, "amount": "6.00"})
    assert answer.status_code == 409
    assert available_minor(cast.person("Bo")) == 500
    assert Transfer.objects.filter(reference=cast.person("Bo").id, reason="topup").count() == 1


def test_ending_the_cards_ends_all_of_them(cast: Any, office: Client) -> None:
    office.post(at("card", cast, "Ada"), {"key": str(uuid4())})
    office.post(at("revoke-cards", cast, "Ada"))
    assert find_card_owner(cast.school, cast.cards["Ada"]) is None
    assert "2 cards were revoked." in office.get(at("person", cast, "Ada")).content.decode()


def test_a_new_pin_works_and_is_shown_nowhere(cast: Any, office: Client) -> None:
    answer = office.post(at("pin", cast, "Ada"), {"key": str(uuid4()), "pin": "80952"}, follow=True)
    assert "The new PIN works now." in answer.content.decode()
    assert "80952" not in meant(answer.content.decode())


@pytest.mark.parametrize(("pin", "words"), [("1234", "too easy"), ("12a4", "four to six digits")])
def test_a_weak_pin_is_refused_beside_the_field(cast: Any, office: Client, pin: str, words: str) -> None:
    answer = office.post(at("pin", cast, "Ada"), {"key": str(uuid4()), "pin": pin})
    assert answer.status_code == 409
    assert words in answer.content.decode()
    assert f'value="{pin}"' not in answer.content.decode()


def test_a_lost_letter_is_revoked_with_every_link_that_its_code_opened(cast: Any, office: Client) -> None:
    gus = cast.guardian("Gus")
    code, lost = invite_guardian(gus, by=None), sign_link(gus)
    where = at("revoke-letters", cast, "Ada", guardian_id=gus.id)
    text = office.post(where, follow=True).content.decode()
    assert "All earlier letters and links of Gus are revoked." in text
    with pytest.raises(Refused, match="link_not_valid"):
        open_link(lost)
    with pytest.raises(Refused, match="invitation_ended"):
        require_invitation(code)
    assert gus.user.is_active  # a sign-in that they made is theirs


def test_the_page_offers_one_letter_wherever_a_guardian_is_asked(cast: Any, office: Client) -> None:
    text = office.get(at("person", cast, "Ada")).content.decode()
    where = at("guardian-letter", cast, "Ada", guardian_id=cast.guardian("Gus").id)
    assert text.count(f'action="{where}" target="_blank"') == 2


def test_the_pupils_notice_is_read_before_both_equal_answers(cast: Any, office: Client) -> None:
    text = office.get(at("own-decision", cast, "Carl", purpose="canteen")).content.decode()
    assert "You don&#x27;t have to." in text or "You don't have to." in text
    buttons = re.findall(r'<button class="([^"]+)" type="submit" name="answer" value="(\w+)"', text)
    assert [value for _, value in buttons] == ["yes", "no"]
    assert len({style for style, _ in buttons}) == 1


def test_the_pupils_own_word_is_recorded_at_the_desk(cast: Any, office: Client) -> None:
    where = at("own-decision", cast, "Carl", purpose="canteen")
    for _ in range(2):  # a double press says the same once
        office.post(where, {"answer": "yes"})
    (said,) = Decision.objects.filter(person=cast.person("Carl"))
    assert (said.answer, said.channel, said.guardian, said.recorded_by) == (
        "yes",
        "desk",
        None,
        cast.user("office"),
    )
    assert said.notice.reader == "child"


def test_the_pupils_no_at_the_desk_erases_the_face_at_once(cast: Any, office: Client, enrol: Any) -> None:
    enrol("Ada", "person_a_2.jpg")
    answer = office.post(
        at("own-decision", cast, "Ada", purpose="canteen"), {"answer": "withdrawn"}, follow=True
    )
    assert not has_face(cast.person("Ada"))
    assert re.search(r"Receipt: entry \d+ of the log", answer.content.decode())
    assert not permission(cast.person("Ada"), "canteen").granted


def test_ending_takes_one_press_from_the_persons_page(cast: Any, office: Client) -> None:
    text = office.get(at("person", cast, "Ada")).content.decode()
    own = re.escape(at("own-decision", cast, "Ada", purpose="canteen"))
    assert re.search(rf'<form method="post" action="{own}">.*?value="withdrawn"', text, re.DOTALL)


def test_a_purpose_that_nobody_asks_about_is_refused(cast: Any, office: Client) -> None:
    for purpose in ("gate", "nonsense", "shop"):
        answer = office.post(at("own-decision", cast, "Ada", purpose=purpose), {"answer": "yes"})
        assert answer.status_code == 409
        assert "purpose_not_served" in answer.content.decode()


def test_erasing_the_face_twice_says_so_twice(cast: Any, office: Client, enrol: Any) -> None:
    enrol("Ada", "person_a_2.jpg")
    first = office.post(at("erase-face", cast, "Ada"), follow=True).content.decode()
    assert "The face is no longer stored." in first
    assert "Erase the face" not in first
    second = office.post(at("erase-face", cast, "Ada"), follow=True).content.decode()
    assert "No face is stored for this person." in second


def test_who_has_left_is_shown_as_such(cast: Any, office: Client) -> None:
    mark_left([cast.person("Ada").id])
    text = office.get(at("person", cast, "Ada")).content.decode()
    assert "Has left" in text
    assert "Enrol now" not in text


def test_names_are_written_out_as_they_stand(cast: Any, office: Client) -> None:
    from willing.people.models import Person

    Person.objects.filter(given_name="Carl").update(
        given_name="Carl", family_name="<script>alert(1)</script>"
    )
    text = office.get(at("person", cast, "Carl")).content.decode()
    assert "<script>alert(1)" not in text
    assert "&lt;script&gt;" in text


def test_no_name_pin_code_or_token_reaches_the_servers_log(
    cast: Any, office: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    office.get("/staff/people/", {"q": "Ada Agrees"})
    office.post(at("pin", cast, "Ada"), {"key": str(uuid4()), "pin": "1234"})
    key = uuid4()
    assert office.post(at("card", cast, "Ada"), {"key": str(key)}).status_code == 200
    code = code_of(cast.person("Ada"), key)
    letter = office.post(at("guardian-letter", cast, "Ada", guardian_id=cast.guardian("Gus").id)).content
    [letters_code] = re.findall(r"\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}\b", words_of(letter))
    token = sign_link(cast.guardian("Gus"))
    assert Client().get(f"/family/c/{token}/").status_code == 200
    logged = "\n".join(
        record.getMessage() for record in caplog.records if record.name != "django.db.backends"
    )
    for secret in ("Agrees", code, show_code(code), letters_code, token):
        assert secret not in logged
    assert "1234" not in meant(logged)
