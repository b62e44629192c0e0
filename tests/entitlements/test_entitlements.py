"""Who is granted free meals, from when to when; what the database refuses; what a merge keeps."""

from datetime import date, time, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from willing.audit.models import Entry
from willing.audit.queries import facts_of
from willing.core.errors import Refused
from willing.entitlements import actions
from willing.entitlements.actions import NewEntitlement
from willing.entitlements.models import Entitlement, UnspentRules
from willing.entitlements.queries import due_entitlements, entitlements_of, held_on, sources_for
from willing.people.persons import mark_left
from willing.people.queries import today

DAY = date(2026, 9, 1)


def meal(source="school", first=DAY, last=None, **more):
    return NewEntitlement("meal", source, first, last, family_minor=0, **more)


def give(cast, name, new):
    return actions.grant(cast.person(name), new, by=cast.user("office"))


def test_two_of_one_source_never_share_a_day_and_two_sources_may(cast):
    give(cast, "Bo", meal("infant", last=date(2026, 12, 31)))
    give(cast, "Bo", meal("benefits"))
    give(cast, "Bo", meal("infant", date(2027, 1, 1)))
    give(cast, "Bo", meal("other", source_name="Parish"))
    give(cast, "Bo", meal("other", source_name="Rotary"))
    for first, last in ((date(2026, 12, 31), None), (date(2026, 1, 1), DAY), (date(2027, 5, 1), None)):
        with pytest.raises(Refused) as refused:
            give(cast, "Bo", meal("infant", first, last))
        assert refused.value.code == "entitlement_overlaps"
    assert Entitlement.objects.count() == 5
    give(cast, "Carl", meal("infant"))


@pytest.mark.parametrize(
    ("new", "code"),
    [
        (NewEntitlement("meal", "school", DAY), "entitlement_not_valid"),
        (NewEntitlement("sum", "school", DAY, daily_minor=0), "entitlement_not_valid"),
        (NewEntitlement("sum", "school", DAY, family_minor=0, daily_minor=200), "entitlement_not_valid"),
        (NewEntitlement("feast", "school", DAY, family_minor=0), "entitlement_not_valid"),
        (meal("sponsor"), "entitlement_not_valid"),
        (meal("other"), "entitlement_not_valid"),
        (meal("fund", source_name="Parish"), "entitlement_not_valid"),
        (meal("other", source_name="x" * 61), "entitlement_not_valid"),
        (NewEntitlement("meal", "school", DAY, family_minor=-1), "entitlement_not_valid"),
        (meal(last=date(2026, 8, 31)), "entitlement_without_a_day"),
        (meal(check_on=date(2026, 8, 31)), "entitlement_without_a_day"),
    ],
)
def test_what_makes_no_sense_is_refused(cast, new, code):
    with pytest.raises(Refused) as refused:
        give(cast, "Bo", new)
    assert refused.value.code == code
    assert not Entitlement.objects.exists()


def test_whoever_has_left_is_granted_nothing(cast):
    mark_left([cast.person("Bo").id])
    with pytest.raises(Refused) as refused:
        give(cast, "Bo", meal())
    assert refused.value.code == "has_left"


def row(cast, **changes):
    values = {
        "person": cast.person("Bo"),
        "kind": "meal",
        "source": "school",
        "family_minor": 0,
        "first_day": DAY,
        "user": cast.user("office"),
    }
    return Entitlement(**{**values, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "sum"},
        {"kind": "sum", "family_minor": None, "daily_minor": 0},
        {"daily_minor": 100},
        {"family_minor": None},
        {"last_day": date(2026, 8, 31)},
        {"source": "other"},
        {"source": "school", "source_name": "Parish"},
        {"source": "sponsor"},
    ],
    ids=str,
)
def test_the_database_refuses_what_makes_no_sense_too(cast, changes):
    with pytest.raises(IntegrityError), transaction.atomic():
        row(cast, **changes).save(force_insert=True)


def test_the_database_refuses_a_second_one_that_begins_alike(cast):
    row(cast).save(force_insert=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        row(cast).save(force_insert=True)


def test_the_log_says_that_it_was_granted_and_not_what(cast):
    give(cast, "Bo", NewEntitlement("sum", "benefits", DAY, daily_minor=261))
    entry = Entry.objects.get(event="entitlement.granted", subject=cast.person("Bo").id)
    assert facts_of(entry) == {"by": cast.user("office").pk}


def test_one_ends_with_a_day_and_one_that_never_began_is_gone(cast):
    bo, office = cast.person("Bo"), cast.user("office")
    held = give(cast, "Bo", meal(check_on=date(2027, 9, 1)))
    actions.revoke_entitlement(bo, held.id, date(2026, 12, 1), by=office)
    held.refresh_from_db()
    assert (held.last_day, held.check_on) == (date(2026, 12, 1), None)
    actions.revoke_entitlement(bo, held.id, date(2027, 1, 1), by=office)  # ends earlier already
    held.refresh_from_db()
    assert held.last_day == date(2026, 12, 1)
    actions.revoke_entitlement(bo, held.id, date(2026, 8, 1), by=office)
    assert not Entitlement.objects.exists()
    with pytest.raises(Refused) as refused:
        actions.revoke_entitlement(bo, uuid4(), DAY, by=office)
    assert refused.value.code == "entitlement_unknown"


def test_a_check_sets_the_next_one_and_no_overlap(cast):
    bo, office = cast.person("Bo"), cast.user("office")
    held = give(cast, "Bo", meal(last=date(2026, 12, 31)))
    give(cast, "Bo", meal(first=date(2027, 9, 1)))
    actions.confirm_entitlement(bo, held.id, check_on=date(2027, 6, 1), last_day=date(2027, 8, 31), by=office)
    held.refresh_from_db()
    assert (held.check_on, held.last_day) == (date(2027, 6, 1), date(2027, 8, 31))
    for last_day, code in ((None, "entitlement_overlaps"), (date(2026, 8, 1), "entitlement_without_a_day")):
        with pytest.raises(Refused) as refused:
            actions.confirm_entitlement(bo, held.id, check_on=None, last_day=last_day, by=office)
        assert refused.value.code == code


def test_what_is_due_soon_is_listed_the_most_pressing_first(cast):
    day = today(cast.school)
    give(cast, "Bo", meal(first=day, check_on=day + timedelta(days=30)))
    give(cast, "Carl", meal(first=day, last=day + timedelta(days=3), check_on=day + timedelta(days=9)))
    give(cast, "Ada", meal(first=day, check_on=day + timedelta(days=31)))
    assert [one.person.given_name for one in due_entitlements(cast.school)] == ["Carl", "Bo"]
    mark_left([cast.person("Carl").id])
    assert [one.person.given_name for one in due_entitlements(cast.school)] == ["Bo"]


def test_a_whole_class_is_granted_the_same_once(cast):
    office, ada = cast.user("office"), cast.person("Ada")
    members = list(ada.year_group.person_set.filter(kind="pupil", left_at=None))
    give(cast, "Ada", meal("infant"))
    done = actions.grant_all(cast.school, [ada.year_group_id], meal("infant", last=DAY), by=office)
    assert done == (len(members) - 1, 1)
    assert {one.person_id for one in held_on(cast.school, DAY)} == {one.pk for one in members}
    assert actions.grant_all(cast.school, [], meal("fund"), by=office) == (0, 0)


def test_those_that_are_over_are_listed_last(cast):
    give(cast, "Bo", meal("fund", date(2025, 1, 1), date(2025, 2, 1)))
    give(cast, "Bo", meal("school", date(2025, 1, 1), date(2025, 3, 1)))
    give(cast, "Bo", meal("benefits", date(2026, 1, 1)))
    assert [one.source for one in entitlements_of(cast.person("Bo"))] == ["benefits", "school", "fund"]


def test_a_merge_keeps_what_the_kept_record_has(cast):
    bo, carl = cast.person("Bo"), cast.person("Carl")
    give(cast, "Bo", meal("fund"))
    give(cast, "Bo", meal("benefits"))
    kept = give(cast, "Carl", meal("benefits", last=date(2027, 7, 31)))
    actions.move_entitlements(bo, carl)
    assert {one.source: one.person for one in Entitlement.objects.all()} == {"fund": carl, "benefits": carl}
    assert Entitlement.objects.get(source="benefits") == kept


def test_the_school_decides_what_happens_to_the_unspent(cast):
    office = cast.user("office")
    actions.set_unspent_rules(cast.school, "return", by=office, days_max=3, breakfast_until=time(8, 30))
    rules = UnspentRules.objects.get()
    assert (rules.rule, rules.days_max, rules.breakfast_until) == ("return", 3, time(8, 30))
    for days in (0, 61):
        with pytest.raises(Refused) as refused:
            actions.set_unspent_rules(cast.school, "keep", by=office, days_max=days, breakfast_until=time(9))
        assert refused.value.code == "unspent_days_not_valid"
    for changes in ({"rule": "burn"}, {"days_max": 61}):
        with pytest.raises(IntegrityError), transaction.atomic():
            UnspentRules.objects.update(**changes)


def test_englands_sources_are_offered_in_england_only(cast):
    school = cast.school
    english = {name for name, _label in sources_for(school)}
    assert {"infant", "transitional"} <= english
    school.country = "CN"
    assert {name for name, _label in sources_for(school)} == english - {"infant", "transitional"}
