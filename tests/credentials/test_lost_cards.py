"""A card that is reported lost ends at once; a forgotten PIN has a way back, which the card alone is not."""

import re

import pytest
from django.test import Client
from tests.support.signing import sign_in
from tests.support.till import fill_basket

from willing.audit.models import Entry
from willing.core.errors import Refused
from willing.credentials.cards import assign_card_number, find_card_owner, issue_card
from willing.credentials.lost_cards import (
    FINDER,
    OWNER,
    ask_for_new_pin,
    report_card_found,
    report_cards_lost,
)
from willing.credentials.models import Card, Pin, PinAttempts
from willing.credentials.pins import identify_by_card_and_pin, set_pin
from willing.credentials.queries import asks_for_pin, needs_card_after_loss
from willing.mail.models import Mail, Topic
from willing.mail.texts import text_of
from willing.till.identification import identify_by_card
from willing.till.payment import confirm_basket

LOST, ASK = "/sign-in/card/lost/", "/sign-in/card/pin/"


def reports(_school):
    rows = Entry.objects.filter(event="card.reported_lost").order_by("sequence")
    return [one.hashed for one in rows]


def main(answer) -> str:
    """Return what a page says; its head has a token of each visit."""
    return str(answer.content.decode().split("<main", 1)[1])


@pytest.fixture
def mailed(monkeypatch):
    """Collect to whom a card's loss is written."""
    written = []
    monkeypatch.setattr(
        "willing.credentials.lost_cards.write_to",
        lambda guardians, topic, person: written.append(
            (sorted(one.name for one in guardians), topic, person)
        ),
    )
    return written


def test_a_lost_card_pays_no_more_and_the_office_sees_who_needs_one(cast, mailed):
    carl, ada = cast.person("Carl"), cast.person("Ada")
    assert report_cards_lost(ada, by=cast.user("guardian"), how=OWNER) == 1
    with pytest.raises(Refused, match="code_unknown"):
        identify_by_card(cast.till, fill_basket(cast, cast.meal).id, cast.cards["Ada"])
    assert list(needs_card_after_loss(cast.school)) == [ada.id]
    assert mailed == [(["Gus"], Topic.CARD, ada)]
    issue_card(ada)
    assert list(needs_card_after_loss(cast.school)) == []
    assert report_cards_lost(carl, by=cast.user("pupil"), how=OWNER) == 1
    assert report_cards_lost(carl, by=cast.user("pupil"), how=OWNER) == 0
    assert len(reports(cast.school)) == 2


def test_a_basket_that_was_identified_by_the_card_before_it_was_lost_is_not_paid(cast):
    basket = fill_basket(cast, cast.meal)
    identify_by_card(cast.till, basket.id, cast.cards["Carl"])
    report_card_found(cast.school, cast.cards["Carl"])
    with pytest.raises(Refused) as refused:
        confirm_basket(cast.till, basket.id)
    assert refused.value.code == "card_revoked"


def test_a_finder_ends_that_one_card_and_nothing_else(cast, mailed):
    carl = cast.person("Carl")
    other = issue_card(carl)
    report_card_found(cast.school, cast.cards["Carl"].lower())
    assert find_card_owner(cast.school, cast.cards["Carl"]) is None
    assert find_card_owner(cast.school, other) == carl
    assert Pin.objects.filter(person=carl).exists()
    assert f'"how":"{FINDER}"'.encode() in bytes(reports(cast.school)[0])
    assert [topic for _who, topic, _person in mailed] == [Topic.CARD]


@pytest.mark.parametrize("code", ["", "0000-0000-0000", "4711", "x" * 20, "' OR 1=1 --"])
def test_a_code_of_no_card_changes_nothing_and_is_answered_alike(cast, code):
    client = Client()
    known = client.post(LOST, {"card": cast.cards["Bo"], "answer": "end"})
    unknown = client.post(LOST, {"card": code, "answer": "end"})
    assert (known.status_code, unknown.status_code) == (200, 200)
    assert main(known) == main(unknown)
    assert "Bo Broke" not in main(known)
    assert not re.search(r">[^<]*\bBo\b", main(known))
    assert Card.objects.exclude(lost_at=None).count() == 1


def test_a_number_that_can_be_guessed_is_ended_by_nobody_from_outside(cast):
    assign_card_number(cast.person("Bo"), "0077703875", by=cast.user("office"))
    report_card_found(cast.school, "77703875")
    ask_for_new_pin(cast.school, "77703875")
    assert find_card_owner(cast.school, "77703875") == cast.person("Bo")
    assert not asks_for_pin(cast.school).exists()


def test_the_first_press_asks_and_ends_nothing(cast):
    answer = Client().post(LOST, {"card": cast.cards["Bo"]})
    assert "Cancel this card?" in answer.content.decode()
    assert answer.headers["Cache-Control"].startswith("max-age=0")
    assert find_card_owner(cast.school, cast.cards["Bo"]) is not None


def test_no_share_goes_along_with_a_report(cast):
    share = f"https://school.example/c#1.{cast.cards['Bo']}.{'A' * 26}"
    for address in (LOST, ASK):
        answer = Client().post(address, {"card": share, "answer": "end"})
        assert answer.status_code == 409
    assert find_card_owner(cast.school, cast.cards["Bo"]) is not None


def test_a_classmate_with_the_card_gets_no_pin_by_asking(cast):
    carl = cast.person("Carl")
    before = Pin.objects.get(person=carl).hashed
    for _ in range(3):
        answer = Client().post(ASK, {"card": cast.cards["Carl"], "pin": "1597"})
        assert answer.status_code == 200
        assert b"Carl" not in answer.content
    assert Pin.objects.get(person=carl).hashed == before
    assert list(asks_for_pin(cast.school)) == [carl.id]
    assert Entry.objects.filter(event="pin.requested").count() == 1
    assert identify_by_card_and_pin(cast.school, cast.cards["Carl"], cast.pins["Carl"]) == carl
    assert not PinAttempts.objects.exists()  # asking counts as no try: nobody locks a PIN by it
    set_pin(carl, "1597", by=cast.user("office"))
    assert not asks_for_pin(cast.school).exists()


def test_nobody_signs_in_with_a_lost_card_and_the_answer_says_no_more_than_for_a_wrong_pin(cast):
    report_card_found(cast.school, cast.cards["Carl"])
    lost = Client().post("/sign-in/card/", {"card": cast.cards["Carl"], "pin": cast.pins["Carl"]})
    wrong = Client().post("/sign-in/card/", {"card": cast.cards["Nia"], "pin": "0000"})
    assert (lost.status_code, wrong.status_code) == (422, 422)
    assert "Card and PIN don&#x27;t match" in lost.content.decode()
    assert "Card and PIN don&#x27;t match" in wrong.content.decode()


def test_a_pupil_reports_their_card_on_their_page_and_stays_signed_in(cast):
    client = sign_in(Client(), cast.user("pupil"))
    assert "Yes, cancel the card" in client.get("/family/me/lost/").content.decode()
    after = client.post("/family/me/lost/", follow=True).content.decode()
    assert "1 card is stopped and pays no more." in after
    assert "No card works." in after
    again = client.post("/family/me/lost/", follow=True).content.decode()
    assert "There is no card that works." in again


def test_a_pupil_changes_no_pin_on_their_page(cast):
    client = sign_in(Client(), cast.user("pupil"))
    assert client.get("/family/me/pin/").status_code == 404
    page = client.get("/family/me/").content.decode()
    assert "PIN forgotten? A parent or guardian sets a new one" in page


def test_a_guardian_sets_a_new_pin_of_their_own_child_only(cast):
    client, ada = sign_in(Client(), cast.user("guardian")), cast.person("Ada")
    address = f"/family/child/{ada.id}/pin/"
    assert client.post(address, {"pin": "1111"}).status_code == 422
    assert client.post(address, {"pin": ""}).status_code == 422
    assert client.post(address, {"pin": "1597"}).status_code == 302
    assert identify_by_card_and_pin(cast.school, cast.cards["Ada"], "1597") == ada
    other = f"/family/child/{cast.person('Nia').id}/pin/"
    assert client.post(other, {"pin": "1597"}).status_code == 409
    assert sign_in(Client(), cast.user("pupil")).post(address, {"pin": "2468"}).status_code == 403


def test_a_guardian_reports_a_childs_card(cast, mailed):
    client, ada = sign_in(Client(), cast.user("guardian")), cast.person("Ada")
    client.post(f"/family/child/{ada.id}/lost/")
    assert find_card_owner(cast.school, cast.cards["Ada"]) is None
    assert mailed[0][0] == ["Gus"]
    assert client.post(f"/family/child/{cast.person('Nia').id}/lost/").status_code == 409


def test_the_mail_names_the_child_and_no_code(cast):
    mail = Mail(guardian=cast.guardian("Gus"), person=cast.person("Ada"), topic=Topic.CARD)
    subject, text = text_of(mail)
    assert subject == "Test School: a card was reported lost"
    assert "Ada's card was reported lost and no longer pays." in text
    assert cast.cards["Ada"] not in text
