"""Whether the school's ways to guardians still hold: confirmed once a term, listed where they do not."""

from datetime import date

import pytest
from tests.attendance.conftest import at
from tests.support.clocks import stopped_at
from tests.support.log import facts_of

from willing.attendance.contacts import confirm_contact, contacts_to_check, is_contact_due, move_contacts
from willing.attendance.message_models import AbsenceMessage, ContactCheck, ContactTry, MessageRun
from willing.attendance.retention import purge_messages
from willing.people.calendar import add_entry
from willing.people.calendar_rules import CalendarSpan
from willing.people.guardians import GuardianDetails, add_guardian, edit_guardian, set_contact_order
from willing.people.models import Person
from willing.people.queries import contacts_of


@pytest.fixture
def ada(cast, school):
    add_entry(school, CalendarSpan("term", date(2026, 9, 1), date(2026, 12, 18), "Autumn"))
    add_entry(school, CalendarSpan("term", date(2027, 1, 4), date(2027, 3, 26), "Spring"))
    return cast.person("Ada")


def test_contacts_have_an_order_and_who_has_no_place_comes_last(cast, ada):
    before = contacts_of([ada.id])[ada.id]
    mia, noel = add_guardian(ada, "Mia"), add_guardian(ada, "Noel")
    set_contact_order(ada, [noel.id, mia.id], by=None)
    set_contact_order(ada, [noel.id, mia.id], by=None)
    assert contacts_of([ada.id])[ada.id] == [noel, mia, *before]
    assert len(facts_of("guardian.contact_order_set")) == 1, "the same order is no change"


def test_a_guardian_confirms_once_a_term_and_again_after_a_change(cast, ada):
    mia = add_guardian(ada, "Mia", email="mia@example.org")
    with stopped_at(at(9)):
        assert is_contact_due(mia)
        confirm_contact(mia, by=None)
        assert not is_contact_due(mia)
        mia = edit_guardian(mia.id, GuardianDetails("Mia", "new@example.org"), by=None)
        assert is_contact_due(mia), "what was confirmed is not what the school has"
        confirm_contact(mia, by=cast.user("office"))
        assert not is_contact_due(mia)
    with stopped_at(at(9).replace(year=2027, month=1, day=5)):
        assert is_contact_due(mia), "a new term"
    assert "example.org" not in ContactCheck.objects.get().digest


def test_the_office_reads_who_is_not_confirmed_whom_no_mail_reaches_and_who_has_nobody(cast, ada):
    Person.objects.exclude(pk=ada.pk).update(left_at=at(8, day=2))
    ada.guardian_links.all().delete()
    with stopped_at(at(9)):
        (alone,) = contacts_to_check(cast.school)
        assert (alone.person, alone.guardian) == (ada, None)
        mia = add_guardian(ada, "Mia", email="mia@example.org")
        (found,) = contacts_to_check(cast.school)
        assert (found.guardian, found.place, found.fault, found.is_due) == (mia, 1, "no_server", True)


def test_messages_are_deleted_after_a_year_and_confirmations_too(cast, ada):
    mia = add_guardian(ada, "Mia", email="mia@example.org")
    with stopped_at(at(9)):
        confirm_contact(mia, by=None)
        for state in ("undone", "sent"):
            run = MessageRun.objects.create(
                school=cast.school, day=at(9).date(), number=1, state=state, families=1, roll=9,
                seconds_left=0, staged_at=at(9), settled_at=at(9),
            )  # fmt: skip
            reason = "undone" if state == "undone" else ""
            AbsenceMessage.objects.create(
                run=run, person=ada, day=run.day, number=1, reason=reason,
                state="not_sent" if reason else "sent",
            )  # fmt: skip
        ContactTry.objects.create(
            message=AbsenceMessage.objects.get(state="sent"), guardian=mia, channel="mail"
        )
        assert purge_messages(at(8), 10) == 0
    with stopped_at(at(9).replace(year=2027)):
        assert purge_messages(at(10), 1) == 1
        assert purge_messages(at(10), 9) == 1
    assert not MessageRun.objects.exists()
    assert not ContactTry.objects.exists()
    assert not ContactCheck.objects.exists()


def test_two_records_of_a_guardian_become_one_and_no_message_is_there_twice(cast, ada):
    mia, other = add_guardian(ada, "Mia"), add_guardian(ada, "Mia M.")
    run = MessageRun.objects.create(
        school=cast.school, day=at(9).date(), number=1, state="sent", families=1, roll=9, seconds_left=0,
        settled_at=at(9),
    )  # fmt: skip
    message = AbsenceMessage.objects.create(run=run, person=ada, day=run.day, number=1, state="sent")
    for guardian, channel in ((mia, "mail"), (other, "mail"), (other, "pigeon")):
        ContactTry.objects.create(message=message, guardian=guardian, channel=channel)
    confirm_contact(other, by=None)
    move_contacts(other, mia)
    assert sorted(ContactTry.objects.values_list("guardian__name", "channel")) == [
        ("Mia", "mail"),
        ("Mia", "pigeon"),
    ]
    assert not ContactCheck.objects.exists()
