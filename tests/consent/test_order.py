"""What was said last is what was recorded last, whatever the clock said at either time."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from willing.biometrics.consent_changes import record_consent, record_refusal
from willing.biometrics.models import FaceSession
from willing.consent.models import Decision
from willing.consent.queries import latest_decision, permission
from willing.core import clock
from willing.core.ids import new_id
from willing.keys.actions import create_gallery_secret, newest_gallery_secret
from willing.roster.queries import count_objections
from willing.till.baskets import add_product
from willing.till.face_identification import last_session_of


def set_by(**change):
    """Return a clock that is wrong by so much."""
    return clock.running(lambda: datetime.now(UTC) + timedelta(**change))


@pytest.mark.parametrize("guardian", ["Gus", None])
def test_a_no_counts_though_the_clock_was_set_back_two_hours_before_it(cast, guardian):
    ada = cast.person("Ada")
    assert permission(ada, "canteen").granted
    with set_by(hours=-2):
        record_consent(cast.says("Ada", "no", guardian=guardian))
        assert not permission(ada, "canteen").granted
    found = permission(ada, "canteen")
    assert ("guardian_no" if guardian else "own_no") in found.reasons
    last = latest_decision(ada, "canteen", cast.guardian("Gus").id if guardian else None)
    assert last.answer == "no"


def test_a_yes_after_a_clock_that_ran_ahead_counts_too(cast):
    with set_by(days=2000):
        record_consent(cast.says("Ada", "no"))
    record_consent(cast.says("Ada", "yes"))
    assert permission(cast.person("Ada"), "canteen").granted


def test_a_telephone_no_under_a_clock_set_back_is_not_recorded_twice(cast):
    ada, office = cast.person("Ada"), cast.user("office")
    with set_by(hours=-2):
        assert record_refusal(ada, cast.guardian("Gus"), by=office).decisions == 3
        assert record_refusal(ada, cast.guardian("Gus"), by=office).decisions == 0


def test_a_roster_that_ends_a_guardians_no_counts_it_under_a_clock_set_back(cast):
    link = cast.person("Ada").guardian_links.get()
    assert count_objections([link.id]) == 0
    with set_by(hours=-2):
        record_consent(cast.says("Ada", "no", guardian="Gus"))
    assert count_objections([link.id]) == 1


def test_each_person_counts_their_own_decisions_without_a_gap(cast):
    for name in ("Ada", "Nia", "Wes"):
        numbers = list(Decision.objects.filter(person=cast.person(name)).values_list("number", flat=True))
        assert sorted(numbers) == list(range(1, len(numbers) + 1))


def test_the_database_gives_no_number_twice(cast):
    first = Decision.objects.filter(person=cast.person("Ada")).order_by("number")[0]
    for number in (first.number, 0):
        again = Decision(
            person=first.person,
            number=number,
            purpose="canteen",
            answer="no",
            notice=first.notice,
            channel="desk",
        )
        with pytest.raises(IntegrityError), transaction.atomic():
            again.save()


def test_the_newest_secret_of_a_gallery_is_the_one_made_last(cast):
    school_id = new_id()
    first = newest_gallery_secret(school_id)
    with set_by(hours=-2):
        second = create_gallery_secret(school_id)
    assert first != second
    assert newest_gallery_secret(school_id) == second


def test_the_last_use_of_the_camera_for_a_basket_is_the_one_opened_last(cast):
    basket = add_product(cast.till, cast.meal)
    at = clock.now()
    for number, opened_at in ((1, at), (2, at - timedelta(hours=2))):
        FaceSession.objects.create(
            id=new_id(),
            school=cast.school,
            purpose="canteen",
            terminal=cast.till,
            occasion_id=basket.id,
            number=number,
            state="unknown",
            opened_at=opened_at,
            expires_at=opened_at,
            closed_at=opened_at,
        )
    assert last_session_of(basket).number == 2


def test_decisions_never_change_for_any_writer(cast):
    record_consent(cast.says("Ada", "no"))
    for statement in ("DELETE FROM consent_decision", "UPDATE consent_decision SET number = number + 50"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
