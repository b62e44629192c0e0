"""Visits from announcement to out, who never signed out, and who of the staff is in."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from tests.support.clocks import stopped_at
from tests.support.papers import pages_of

from willing.accounts.actions import NewUser, add_user
from willing.audit.models import Entry
from willing.core.clock import now
from willing.core.codes import new_code, show_code
from willing.core.dates import write_day
from willing.core.errors import Refused
from willing.documents.visitor_badge import print_badge
from willing.people.models import Person
from willing.people.queries import today
from willing.visits.actions import (
    NewVisit,
    VisitorSignIn,
    announce_visit,
    cancel_visit,
    close_visit,
    give_badge,
    receive_unannounced,
    sign_in,
    sign_out,
    undo,
)
from willing.visits.models import StaffDay, Visit
from willing.visits.queries import (
    badges_taken,
    coming_of,
    count_never_out,
    desk_of,
    find_badge,
    is_user_in,
    require_visit,
    staff_on_site,
    staff_persons,
    visitors_on_site,
)
from willing.visits.retention import purge_staff_days, purge_visits
from willing.visits.staff_days import forget_merged, set_person_in, set_user_in

NINE = datetime(2026, 11, 26, 9, tzinfo=UTC)


@pytest.fixture
def school(cast):
    cast.school.time_zone = "Europe/London"
    cast.school.save()
    with stopped_at(NINE):
        yield cast.school


@pytest.fixture
def desk(cast):
    return cast.user("office")


def announced(school, host, name="Vi Guest", **facts):
    return announce_visit(school, NewVisit(name, host, **facts), by=host)


def test_a_visitor_is_announced_signed_in_with_a_badge_and_signed_out(cast, school, desk):
    host = cast.user("teacher")
    visit = announced(school, host, "  Vi   Guest ", organisation="Pipes Ltd", kind="contractor")
    assert (visit.name, visit.day, visit.is_namesake) == ("Vi Guest", today(school), False)
    assert coming_of(school, host) == ([visit], 1)
    assert desk_of(school).expected == [visit]
    sign_in(school, visit.id, VisitorSignIn(is_inducted=True, badge_number=4), by=desk)
    assert visitors_on_site(school) == [visit]
    assert badges_taken(school) == {4}
    assert coming_of(school, host) == ([], 0)
    sign_out(school, visit.id, by=desk)
    found = desk_of(school)
    assert (found.on_site, found.gone, badges_taken(school)) == ([], [visit], set())
    events = Entry.objects.filter(subject=visit.id).order_by("sequence")
    assert [one.event for one in events] == ["visit.announced", "visit.signed_in", "visit.signed_out"]
    assert not any("Guest" in f"{one.hashed!r}{one.personal_json!r}" for one in events)


def test_a_badge_is_made_of_what_the_paper_of_a_card_asks_for(cast, school, desk):
    visit = sign_in(school, announced(school, desk).id, VisitorSignIn(True, 1), by=desk)
    printed = print_badge(visit, new_code())
    assert printed.startswith(b"%PDF")
    assert write_day(visit.day) in pages_of(printed)[0], "who meets the visitor reads of which day a badge is"


def test_a_form_sent_twice_is_one_visit(cast, school, desk):
    new = NewVisit("Vi Guest", desk)
    first = receive_unannounced(school, new, VisitorSignIn(is_inducted=False), by=desk)
    assert receive_unannounced(school, new, VisitorSignIn(is_inducted=False), by=desk) == first
    assert Visit.objects.count() == 1


def test_a_visitor_named_as_a_pupil_is_refused_until_a_person_says_that_it_is_somebody_else(cast, school):
    host, ada = cast.user("teacher"), cast.person("Ada")
    with pytest.raises(Refused, match="visit_named_as_pupil"):
        announced(school, host, ada.full_name.upper())
    other = announced(school, host, ada.full_name, is_namesake=True)
    assert other.is_namesake
    assert not announced(school, host, is_namesake=True).is_namesake


def test_what_cannot_be_is_refused_by_name(cast, school, desk):
    host = cast.user("teacher")
    with pytest.raises(Refused, match="visit_name_missing"):
        announced(school, host, " \u200b\u202e ")
    with pytest.raises(Refused, match="visit_day_over"):
        announced(school, host, day=today(school) - timedelta(days=1))
    with pytest.raises(Refused, match="visit_too_far"):
        announced(school, host, day=today(school) + timedelta(days=400))
    visit, other = announced(school, host), announced(school, host, "Al Other")
    later = announced(school, host, "Lea Ter", day=today(school) + timedelta(days=1))
    with pytest.raises(Refused, match="visit_not_today"):
        sign_in(school, later.id, VisitorSignIn(is_inducted=True), by=desk)
    with pytest.raises(Refused, match="visit_not_in"):
        sign_out(school, visit.id, by=desk)
    with pytest.raises(Refused, match="visit_badge_number"):
        sign_in(school, visit.id, VisitorSignIn(is_inducted=True, badge_number=0), by=desk)
    sign_in(school, visit.id, VisitorSignIn(is_inducted=True, badge_number=4), by=desk)
    with pytest.raises(Refused, match="visit_badge_taken"):
        sign_in(school, other.id, VisitorSignIn(is_inducted=True, badge_number=4), by=desk)
    with pytest.raises(Refused, match="visit_in_already"):
        sign_in(school, visit.id, VisitorSignIn(is_inducted=True), by=desk)
    with pytest.raises(Refused, match="visit_in_already"):
        cancel_visit(school, visit.id, by=host)
    with pytest.raises(Refused, match="visit_day_not_over"):
        close_visit(school, visit.id, by=desk)
    sign_out(school, visit.id, by=desk)
    with pytest.raises(Refused, match="visit_out_already"):
        sign_out(school, visit.id, by=desk)
    cancel_visit(school, other.id, by=host)
    assert cancel_visit(school, other.id, by=host).cancelled_at
    with pytest.raises(Refused, match="visit_cancelled"):
        sign_in(school, other.id, VisitorSignIn(is_inducted=True), by=desk)
    with pytest.raises(Refused, match="visit_unknown"):
        sign_out(school, cast.person("Ada").id, by=desk)
    with pytest.raises(Refused, match="visit_unknown"):
        require_visit(school, cast.person("Ada").id)


def test_the_last_press_is_undone_and_a_badge_given_on_meanwhile_is_not_taken_back(cast, school, desk):
    host = cast.user("teacher")
    visit, other = announced(school, host), announced(school, host, "Al Other")
    sign_in(school, visit.id, VisitorSignIn(is_inducted=True, badge_number=4), by=desk)
    sign_out(school, visit.id, by=desk)
    assert undo(school, visit.id, by=desk).out_at is None
    sign_out(school, visit.id, by=desk)
    sign_in(school, other.id, VisitorSignIn(is_inducted=True, badge_number=4), by=desk)
    with pytest.raises(Refused, match="visit_badge_taken"):
        undo(school, visit.id, by=desk)
    assert undo(school, other.id, by=desk).badge_number is None
    with stopped_at(NINE + timedelta(minutes=11)), pytest.raises(Refused, match="visit_undo_too_late"):
        undo(school, visit.id, by=desk)


def test_a_printed_badge_passes_the_gate_while_its_wearer_is_signed_in_that_day(cast, school, desk):
    visit, code = announced(school, cast.user("teacher")), new_code()
    with pytest.raises(Refused, match="visit_not_in"):
        give_badge(school, visit.id, code, by=desk)
    sign_in(school, visit.id, VisitorSignIn(is_inducted=True), by=desk)
    give_badge(school, visit.id, code, by=desk)
    assert code not in str(vars(Visit.objects.get()))
    assert find_badge(school, show_code(code).lower()) == visit
    assert find_badge(school, "") is None
    assert find_badge(school, new_code()) is None
    with stopped_at(NINE + timedelta(days=1)):
        assert find_badge(school, code) is None
    newer = new_code()
    give_badge(school, visit.id, newer, by=desk)
    assert find_badge(school, code) is None
    sign_out(school, visit.id, by=desk)
    assert find_badge(school, newer) is None


def test_who_never_signed_out_stays_on_the_list_until_a_person_closes_the_visit(cast, school, desk):
    visit = announced(school, cast.user("teacher"))
    sign_in(school, visit.id, VisitorSignIn(is_inducted=True), by=desk)
    with stopped_at(NINE + timedelta(days=1)):
        assert visitors_on_site(school) == [visit]
        assert (desk_of(school).never_out, count_never_out(school)) == ([visit], 1)
        closed = close_visit(school, visit.id, by=desk)
        assert (closed.is_closed, closed.stage) == (True, "closed")
        assert visitors_on_site(school) == []


def test_two_visitors_cannot_wear_one_badge_whatever_writes(cast, school, desk):
    for name in ("Vi Guest", "Al Other"):
        visit = announced(school, cast.user("teacher"), name)
        sign_in(school, visit.id, VisitorSignIn(is_inducted=True), by=desk)
    with pytest.raises(IntegrityError), transaction.atomic():
        Visit.objects.update(badge_number=4)


def test_visits_are_deleted_after_their_time_and_staff_days_the_next_night(cast, school, desk):
    visit = announced(school, cast.user("teacher"))
    set_user_in(school, desk, is_in=True)
    with stopped_at(NINE + timedelta(days=31)):
        assert purge_visits(now() - timedelta(days=32), 10) == 0
        assert purge_visits(now() - timedelta(days=30), 10) == 1
        assert not Visit.objects.filter(pk=visit.pk).exists()
    assert purge_staff_days(now(), 10) == 0
    with stopped_at(NINE + timedelta(days=1)):
        assert purge_staff_days(now(), 10) == 1


def test_staff_say_that_they_are_in_and_no_time_and_no_entry_of_the_log_says_when(cast, school, desk):
    entries = Entry.objects.count()
    cook = Person.objects.create(
        school=school, kind="staff", given_name="Cy", family_name="Cook", till_number=9901
    )
    left = Person.objects.create(
        school=school, kind="staff", given_name="Lu", till_number=9902, left_at=NINE - timedelta(days=1)
    )
    assert cook in staff_persons(school)
    assert left not in staff_persons(school)
    set_user_in(school, desk, is_in=True)
    set_person_in(school, cook.id, is_in=True)
    assert is_user_in(school, desk)
    assert {(one.user_id, one.person_id) for one in staff_on_site(school)} == {
        (desk.pk, None),
        (None, cook.id),
    }
    assert {one.name for one in staff_on_site(school)} == {str(desk.get_short_name()), "Cy Cook"}
    set_user_in(school, desk, is_in=False)
    set_user_in(school, desk, is_in=False)
    assert not is_user_in(school, desk)
    assert [one.name for one in staff_on_site(school)] == ["Cy Cook"]
    for nobody in (left, cast.person("Ada")):
        with pytest.raises(Refused, match="visits_staff_unknown"):
            set_person_in(school, nobody.id, is_in=True)
    assert not {one.get_internal_type() for one in StaffDay._meta.fields} & {"DateTimeField", "TimeField"}
    assert Entry.objects.count() == entries
    forget_merged(cook)
    assert staff_on_site(school) == []
    with stopped_at(NINE + timedelta(days=1)):
        set_user_in(school, desk, is_in=True)
        other = add_user(school, NewUser("second", "correct horse battery", "Se Cond", ("office",)))
        assert not is_user_in(school, other)
