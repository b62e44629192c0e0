"""Cards that a school has already: their numbers, why one is refused, and that they open no face."""

import pytest
from django.test import Client
from tests.support.signing import sign_in
from tests.support.till import fill_basket

from willing.core.codes import show_code
from willing.core.errors import Refused
from willing.credentials.cards import assign_card_number, find_card_owner, find_live_card, revoke_cards
from willing.credentials.models import Card
from willing.credentials.queries import persons_with_printed_card
from willing.pages.console.enrolment_cards import require_card_of
from willing.till.identification import identify_by_card

UID = "04A1B2C3"


def assign(cast, name: str, number: str) -> bool:
    return assign_card_number(cast.person(name), number, by=cast.user("office"))


@pytest.mark.parametrize("typed", [UID, "04:a1:b2:c3", "04 A1 B2 C3", "04-a1-b2-c3", "０４Ａ１Ｂ２Ｃ３"])
def test_a_card_pays_however_its_number_is_written(cast, typed):
    assert assign(cast, "Bo", UID)
    assert not assign(cast, "Bo", typed)  # the same card again is no second one
    assert identify_by_card(cast.till, fill_basket(cast, cast.meal).id, typed).person == cast.person("Bo")
    assert Card.objects.filter(is_foreign=True).count() == 1


def test_leading_zeros_that_a_spreadsheet_dropped_make_no_other_card(cast):
    assign(cast, "Bo", "0077703875")
    assert find_card_owner(cast.school, "77703875") == cast.person("Bo")
    with pytest.raises(Refused) as refused:
        assign(cast, "Carl", "00077703875")
    assert refused.value.code == "card_number_taken"


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("", "card_number_not_valid"),
        ("12345", "card_number_too_short"),
        ("0000012345", "card_number_too_short"),
        ("A1B2C3D", "card_number_too_short"),
        ("ABCD-EFGH-JKMN", "card_number_like_ours"),
        ("123456789012", "card_number_like_ours"),
        ("12345678é", "card_number_not_valid"),
        ("1" * 25, "card_number_not_valid"),
        ("12345678/9", "card_number_not_valid"),
        ("A" * 26, "card_share_sent"),
    ],
)
def test_a_number_that_can_be_no_cards_is_refused_by_its_cause(cast, number, code):
    with pytest.raises(Refused) as refused:
        assign(cast, "Bo", number)
    assert refused.value.code == code


def test_a_number_is_one_card_for_good(cast):
    assign(cast, "Bo", UID)
    with pytest.raises(Refused) as refused:
        assign(cast, "Carl", UID)
    assert refused.value.code == "card_number_taken"
    assert "Bo" not in str(refused.value.message)
    revoke_cards(cast.person("Bo"))
    with pytest.raises(Refused):
        assign(cast, "Bo", UID)
    assert find_card_owner(cast.school, UID) is None


@pytest.mark.parametrize("other", ["C3B2A104", str(0x04A1B2C3), str(0xC3B2A104)])
def test_the_same_chip_as_another_reader_types_it_is_said_and_is_never_taken_for_it(cast, other):
    assign(cast, "Bo", UID)
    assert find_card_owner(cast.school, other) is None
    with pytest.raises(Refused) as refused:
        assign(cast, "Carl", other)
    assert refused.value.code == "card_number_in_other_form"


def test_a_card_of_the_schools_own_is_not_taken_as_a_number(cast):
    with pytest.raises(Refused) as refused:
        assign(cast, "Bo", show_code(cast.cards["Carl"]))
    assert refused.value.code == "card_number_like_ours"


def test_such_a_card_opens_no_face(cast):
    ada = cast.person("Ada")
    revoke_cards(ada)
    assign(cast, "Ada", UID)
    card = find_live_card(cast.school, UID)
    assert card is not None
    assert card.is_foreign
    with pytest.raises(Refused) as refused:
        require_card_of(ada, "canteen", UID)
    assert refused.value.code == "card_of_another"
    assert persons_with_printed_card([ada]) == set()


def test_the_number_is_kept_nowhere(cast):
    assign(cast, "Bo", UID)
    row = Card.objects.get(is_foreign=True)
    assert UID.lower() not in str(vars(row)).lower()


def test_the_office_assigns_a_number_and_reads_why_not(cast):
    office, bo = sign_in(Client(), cast.user("office")), cast.person("Bo")
    address = f"/staff/people/{bo.id}/card/number/"
    assert office.get(address).status_code == 200
    short = office.post(address, {"number": "1234"})
    assert short.status_code == 409
    assert "too short to be safe" in short.content.decode()
    assert office.post(address, {"number": ""}).status_code == 422
    page = f"/staff/people/{bo.id}/"
    done = office.post(address, {"number": UID})
    assert done.headers["Location"] == f"{page}#card", "the part on which it was done"
    assert "The card works now." in office.get(page).content.decode()
    again = office.post(address, {"number": UID}, follow=True).content.decode()
    assert "This card works for this person already." in again
    assert sign_in(Client(), cast.user("cashier")).get(address).status_code == 403
