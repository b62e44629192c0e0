"""Two records of one person become one: nothing is lost, no refusal least of all."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from tests.support.money import pay_in
from tests.support.signing import sign_in
from tests.support.spending import grant_sum
from tests.support.till import give_face

from willing.accounts.models import User
from willing.audit.queries import latest_entry
from willing.biometrics.consent_changes import record_refusal
from willing.consent.models import Decision
from willing.consent.queries import latest_decision, permission
from willing.core.errors import Refused
from willing.credentials.cards import find_card_owner, issue_card
from willing.credentials.leavers import record_leavers
from willing.entitlements.models import Entitlement
from willing.ledger.queries import available_minor, verify_ledger
from willing.people.guardians import add_guardian, link_guardian
from willing.people.models import GuardianLink, Person, School
from willing.people.persons import NewPerson, add_person, bring_back
from willing.people.queries import left_persons, listed_guardians
from willing.privacy.merging import Merged, merge_persons
from willing.till.baskets import open_basket
from willing.till.identification import identify_by_card
from willing.till.limit_models import SpendingLimits
from willing.till.limit_rules import NewLimits
from willing.till.limits import set_limits
from willing.till.models import Sale
from willing.till.payment import confirm_basket
from willing.till.refunds import RefundedBy, refund_sale


@pytest.fixture
def twin(cast: Any) -> Person:
    """Carl's second record, entered by hand."""
    return add_person(cast.school, NewPerson("Karl", "Cardholder", year="7A"))


def merge(cast: Any, gone: Person, kept: Person) -> Merged:
    return merge_persons(cast.school, gone.id, kept.id, by=cast.user("office"))


def refusal(action: Callable[[], Any]) -> str:
    with pytest.raises(Refused) as refused:
        action()
    return refused.value.code


def buy(cast: Any, code: str) -> Sale:
    basket = open_basket(cast.till, uuid4(), [(cast.meal, 1)])
    identify_by_card(cast.till, basket.id, code)
    return confirm_basket(cast.till, basket.id)


def test_money_purchases_and_cards_go_on_with_the_kept_record(cast: Any, twin: Person) -> None:
    carl = cast.person("Carl")
    pay_in(twin, 700, key=uuid4())
    code = issue_card(twin)
    sale = buy(cast, code)
    before = available_minor(carl)
    merged = merge(cast, twin, carl)
    assert (merged.balance_minor, merged.sales) == (450, 1)
    assert available_minor(carl) == before + 450
    assert available_minor(twin) == 0
    assert Sale.objects.get(pk=sale.pk).person == carl
    assert find_card_owner(cast.school, code) == carl
    assert find_card_owner(cast.school, cast.cards["Carl"]) == carl
    assert verify_ledger().ok
    assert latest_entry("person.merged", carl.id) is not None


def test_a_sale_of_the_earlier_record_is_refunded_to_the_kept_one(cast: Any, twin: Person) -> None:
    carl = cast.person("Carl")
    pay_in(twin, 700, key=uuid4())
    sale = buy(cast, issue_card(twin))
    merge(cast, twin, carl)
    before = available_minor(carl)
    refund_sale(sale.id, key=uuid4(), by=RefundedBy(user=cast.user("office")))
    assert available_minor(carl) == before + 250
    assert available_minor(twin) == 0
    assert verify_ledger().ok


def test_a_debt_goes_along_and_is_refused_where_it_is_too_much(cast: Any, twin: Person) -> None:
    buy(cast, issue_card(twin))
    assert available_minor(twin) == -250
    carl, before = cast.person("Carl"), available_minor(cast.person("Carl"))
    merge(cast, twin, carl)
    assert available_minor(carl) == before - 250
    other = add_person(cast.school, NewPerson("Bob", "Broke"))
    buy(cast, issue_card(other))
    School.objects.update(grace_minor=0)
    assert refusal(lambda: merge(cast, other, cast.person("Bo"))) == "not_covered"
    assert Person.objects.get(pk=other.pk).merged_into is None
    assert verify_ledger().ok


def test_a_no_of_either_record_stands_and_a_yes_is_asked_for_again(cast: Any, twin: Person) -> None:
    ada, office = cast.person("Ada"), cast.user("office")
    link_guardian(cast.guardian("Gus"), twin)
    record_refusal(twin, cast.guardian("Gus"), by=office)
    record_refusal(twin, None, by=office)
    assert permission(ada, "canteen").granted
    merged = merge(cast, twin, ada)
    assert merged.refusals >= 2
    assert {"own_no", "guardian_no"} <= set(permission(ada, "canteen").reasons)
    for guardian in (None, cast.guardian("Gus").id):
        last = latest_decision(ada, "canteen", guardian)
        assert last is not None
        assert last.answer == "no"
        assert last.channel != "verbal"  # or whoever merged could take it back as a slip


def test_a_no_of_the_kept_record_stands_whatever_the_other_said(cast: Any, twin: Person) -> None:
    ada = cast.person("Ada")
    decisions = Decision.objects.filter(person=ada).count()
    kept = cast.person("Nia")
    merge_first = latest_decision(kept, "canteen", None)
    merge(cast, ada, kept)
    assert latest_decision(kept, "canteen", None) == merge_first
    assert not permission(kept, "canteen").granted
    assert Decision.objects.filter(person=ada).count() == decisions  # on record, where they were said


def test_a_yes_is_never_carried_over(cast: Any, twin: Person) -> None:
    merge(cast, cast.person("Ada"), twin)
    assert not Decision.objects.filter(person=twin).exists()
    assert "own_yes_missing" in permission(twin, "canteen").reasons
    assert [one.name for one in listed_guardians(twin.id)] == ["Gus"]
    assert listed_guardians(cast.person("Ada").id) == []


def test_guardians_keep_what_they_are_called_and_where_they_come_from(cast: Any, twin: Person) -> None:
    add_guardian(twin, "Dora", relationship="Mother")
    GuardianLink.objects.filter(person=twin).update(from_roster=True)
    merge(cast, twin, cast.person("Carl"))
    link = GuardianLink.objects.get(person=cast.person("Carl"))
    assert (link.guardian.name, link.relationship, link.from_roster) == ("Dora", "Mother", True)


@pytest.mark.parametrize(
    ("of_gone", "of_kept", "afterwards"),
    [
        ((500, None), (300, 200), (300, 200)),
        ((200, 100), (None, 150), (200, 100)),
        ((400, 50), None, (400, 50)),
        (None, (600, None), (600, None)),
        ((None, 0), (100, 20), (100, 0)),
    ],
)
def test_the_stricter_limits_hold(
    cast: Any, twin: Person, of_gone: Any, of_kept: Any, afterwards: tuple[int, int]
) -> None:
    carl, office = cast.person("Carl"), cast.user("office")
    for person, limits in ((twin, of_gone), (carl, of_kept)):
        if limits is not None:
            set_limits(person, NewLimits(*limits), by=office)
    merge(cast, twin, carl)
    left = SpendingLimits.objects.get()
    assert (left.person, left.daily_minor, left.face_daily_minor) == (carl, *afterwards)


@pytest.mark.parametrize(("of_kept", "afterwards"), [(None, 300), (200, 200)])
def test_a_grant_goes_along_where_there_is_none_of_its_source(
    cast: Any, twin: Person, of_kept: int | None, afterwards: int
) -> None:
    carl, office = cast.person("Carl"), cast.user("office")
    grant_sum(twin, 300, by=office)
    if of_kept:
        grant_sum(carl, of_kept, by=office)
    merge(cast, twin, carl)
    left = Entitlement.objects.get()
    assert (left.person, left.daily_minor) == (carl, afterwards)


def test_the_registers_id_goes_along_and_two_of_them_are_refused(cast: Any, twin: Person) -> None:
    registered = add_person(cast.school, NewPerson("Karl", "Cardholder", external_id="4711"))
    merge(cast, registered, twin)
    assert Person.objects.get(pk=twin.pk).external_id == "4711"
    another = add_person(cast.school, NewPerson("Karl", "Cardholder", external_id="4712"))
    assert refusal(lambda: merge(cast, another, twin)) == "merge_two_register_ids"


def test_what_must_not_be_merged_is_refused_by_name(cast: Any, twin: Person) -> None:
    carl = cast.person("Carl")
    assert refusal(lambda: merge(cast, carl, carl)) == "merge_with_itself"
    stranger = Person(id=uuid4())
    assert refusal(lambda: merge(cast, stranger, carl)) == "unknown_person"
    merge(cast, twin, carl)
    assert refusal(lambda: merge(cast, twin, cast.person("Bo"))) == "merged_already"
    assert refusal(lambda: bring_back(twin.id, by=None)) == "merged_already"
    assert twin not in left_persons(cast.school)
    record_leavers([carl.id])
    assert refusal(lambda: merge(cast, cast.person("Bo"), carl)) == "has_left"


def test_a_record_with_a_face_goes_nowhere(cast: Any, twin: Person) -> None:
    give_face(cast, "Ada")
    assert refusal(lambda: merge(cast, cast.person("Ada"), twin)) == "merge_has_face"


# --- the pages


def office(cast: Any) -> Client:
    user: User = cast.user("office")
    return sign_in(Client(), user)


def test_the_office_finds_both_looks_and_confirms(cast: Any, twin: Person) -> None:
    client, carl = office(cast), cast.person("Carl")
    where = f"/staff/people/{carl.id}/merge/"
    found = client.get(where, {"q": "cardholder"}).content.decode()
    assert f"{where}{twin.id}/" in found
    assert f"{where}{carl.id}/" not in found
    both = client.get(f"{where}{twin.id}/").content.decode()
    assert "Are these one person?" in both
    assert str(twin.till_number) in both
    done = client.post(f"{where}{twin.id}/", follow=True).content.decode()
    assert "The two records are one now." in done
    assert f"Earlier record, till number {twin.till_number}" in done
    gone = client.get(f"/staff/people/{twin.id}/").content.decode()
    assert "Merged: open the record that is kept" in gone
    assert "Is back at school" not in gone
    again = client.post(f"{where}{twin.id}/")
    assert again.status_code == 409
    assert "merged into another one" in again.content.decode()
