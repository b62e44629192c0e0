"""What persons must not eat: entered, confirmed each term, removed, moved, deleted."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from tests.support.clocks import monday_ahead, stopped_at
from tests.support.log import facts_of

from willing.allergens.actions import (
    confirm_allergens,
    move_allergens,
    move_guardian_allergens,
    record_allergen,
    remind,
    remove_allergen,
)
from willing.allergens.events import DecidedAt, DeclaredDish, EventReport, record_block, report
from willing.allergens.models import AllergenEvent, PersonAllergen
from willing.allergens.queries import allergens_of, due_of, needs_of
from willing.allergens.retention import purge_allergen_events, purge_allergens
from willing.core.clock import now
from willing.core.errors import Refused
from willing.people.calendar import add_entry
from willing.people.calendar_rules import CalendarSpan
from willing.people.guardians import add_guardian, unlink_guardians
from willing.people.models import Person
from willing.people.persons import mark_left

TERM = monday_ahead(9)


def code_of(deed):
    with pytest.raises(Refused) as refused:
        deed()
    return refused.value.code


@pytest.fixture
def ada(cast):
    return cast.person("Ada")


def test_what_guardians_and_the_office_entered_stands_beside_each_other(cast, ada):
    record_allergen(ada, "milk", by=cast.guardian("Gus"))
    record_allergen(ada, "milk", by=cast.user("office"), basis="care_plan")
    record_allergen(ada, "=Kiwi", by=cast.user("office"))
    again = record_allergen(ada, "=KIWI", by=cast.user("office"))
    assert [(one.allergen, one.basis) for one in allergens_of(ada)] == [
        ("milk", "guardian"),
        ("milk", "care_plan"),
        ("=Kiwi", "guardian"),
    ]
    assert again.allergen == "=Kiwi"
    assert needs_of(ada.pk) == {"milk", "=kiwi"}
    assert all(
        "milk" not in str(one) and str(ada.pk) not in str(one) for one in facts_of("allergen.recorded")
    )


def test_only_those_who_decide_for_a_child_enter_and_confirm(cast, ada):
    gwen = cast.guardian("Gwen")
    assert code_of(lambda: record_allergen(ada, "milk", by=gwen)) == "not_a_guardian"
    assert code_of(lambda: confirm_allergens(ada, by=gwen)) == "not_a_guardian"
    assert code_of(lambda: record_allergen(ada, "meat", by=cast.user("office"))) == "allergen_unknown"


def test_a_guardian_removes_their_own_entries_and_the_office_any(cast, ada):
    gus, office = cast.guardian("Gus"), cast.user("office")
    own = record_allergen(ada, "milk", by=gus)
    plan = record_allergen(ada, "milk", by=office, basis="care_plan")
    assert code_of(lambda: remove_allergen(ada, plan.id, by=gus)) == "allergen_entry_unknown"
    remove_allergen(ada, own.id, by=gus)
    assert needs_of(ada.pk) == {"milk"}, "the plan goes on protecting"
    remove_allergen(ada, plan.id, by=office)
    assert not needs_of(ada.pk)
    assert code_of(lambda: remove_allergen(ada, plan.id, by=office)) == "allergen_entry_unknown"


def test_a_guardian_who_may_decide_no_more_goes_on_protecting(cast, ada):
    gus = cast.guardian("Gus")
    record_allergen(ada, "milk", by=gus)
    unlink_guardians([gus.links.get(person=ada).pk])
    assert needs_of(ada.pk) == {"milk"}


def test_each_term_the_guardians_are_asked_once_and_nothing_lapses(cast, ada):
    add_entry(cast.school, CalendarSpan("term", TERM.date(), TERM.date() + timedelta(days=74)))
    record_allergen(ada, "milk", by=cast.user("office"), basis="care_plan")
    assert remind(cast.school) == 0
    with stopped_at(TERM):
        assert len(due_of(cast.school, allergens_of(ada))) == 1
        assert (remind(cast.school), remind(cast.school)) == (1, 0)
        assert needs_of(ada.pk) == {"milk"}
        assert confirm_allergens(ada, by=cast.guardian("Gus")) == 1
        assert not due_of(cast.school, allergens_of(ada))
        assert remind(cast.school) == 0


def test_a_report_needs_a_reason_and_a_time_that_has_been(cast, ada):
    by, at = cast.user("office"), now()
    report(cast.school, ada, EventReport("reaction", "Pasta", "Rash on the arm", at, ("milk",)), by=by)
    ahead = EventReport("near_miss", "Pasta", "Noticed", at + timedelta(hours=1))
    assert code_of(lambda: report(cast.school, ada, ahead, by=by)) == "allergen_event_not_valid"
    silent = EventReport("near_miss", "Pasta", " ", at)
    assert code_of(lambda: report(cast.school, ada, silent, by=by)) == "allergen_reason_missing"
    forged = EventReport("block", "Pasta", "Noticed", at)
    assert code_of(lambda: report(cast.school, ada, forged, by=by)) == "allergen_event_not_valid"
    assert AllergenEvent.objects.get().kind == "reaction"


def test_the_database_keeps_no_nameless_check_and_no_override_without_a_reason(cast, ada):
    row = {"school": cast.school, "person": ada, "dish": "Pasta"}
    for wrong in ({"kind": "check"}, {"kind": "override", "user": cast.user("office")}):
        with pytest.raises(IntegrityError), transaction.atomic():
            AllergenEvent.objects.create(**row, **wrong)


def test_two_records_of_one_person_protect_as_one(cast, ada):
    carl, office = cast.person("Carl"), cast.user("office")
    for person, allergen in ((ada, "milk"), (carl, "milk"), (carl, "nuts")):
        record_allergen(person, allergen, by=office)
    assert move_allergens(carl, ada) == 1
    assert needs_of(ada.pk) == {"milk", "nuts"}
    assert not needs_of(carl.pk)


def test_a_basket_that_showed_both_records_of_a_person_keeps_one_block(cast, ada):
    carl, basket, dish = cast.person("Carl"), uuid4(), DeclaredDish(uuid4(), "Pasta", None)
    for person in (ada, carl):
        record_block(DecidedAt(cast.till, basket, person), dish, ["milk"], "contains")
    record_block(DecidedAt(cast.till, uuid4(), carl), dish, ["milk"], "contains")
    move_allergens(carl, ada)
    assert AllergenEvent.objects.filter(person=ada).count() == 2
    assert not AllergenEvent.objects.filter(person=carl).exists()


def test_two_records_of_one_guardian_keep_what_both_entered(cast, ada):
    gus, twin = cast.guardian("Gus"), add_guardian(ada, "Gus Agrees")
    for guardian, allergen in ((gus, "milk"), (twin, "milk"), (twin, "nuts")):
        record_allergen(ada, allergen, by=guardian)
    move_guardian_allergens(twin, gus)
    assert {(one.allergen, one.guardian) for one in allergens_of(ada)} == {("milk", gus), ("nuts", gus)}


def test_entries_end_after_leaving_and_events_after_their_time(cast, ada):
    office = cast.user("office")
    record_allergen(ada, "milk", by=office)
    report(cast.school, ada, EventReport("near_miss", "Pasta", "Noticed", now()), by=office)
    assert purge_allergens(now() + timedelta(days=400), 100) == 0, "who is here stays protected"
    mark_left([ada.id])
    assert purge_allergens(now() + timedelta(minutes=1), 100) == 1
    assert purge_allergen_events(now() - timedelta(days=1), 100) == 0
    Person.objects.filter(pk=ada.pk).update(given_name="", family_name="")
    assert purge_allergen_events(now() - timedelta(days=1), 100) == 1
    assert not PersonAllergen.objects.exists()


def test_who_has_left_gets_no_entry(cast, ada):
    mark_left([ada.id])
    assert code_of(lambda: record_allergen(ada, "milk", by=cast.user("office"))) == "has_left"
    assert code_of(lambda: remove_allergen(ada, uuid4(), by=cast.user("office"))) == "allergen_entry_unknown"
