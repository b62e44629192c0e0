"""A person in a register, for tests of other rooms."""

from datetime import time, timedelta

from willing.accounts.models import User
from willing.attendance.family_notes import NewNote, write_note
from willing.attendance.marking import NewMark, record_marks
from willing.attendance.message_models import AbsenceMessage, ContactTry, MessageRun
from willing.attendance.queries import groups_of
from willing.attendance.registers import open_register
from willing.attendance.returns import record_return
from willing.attendance.set_code_queries import Whom
from willing.attendance.set_code_rules import WantedSet
from willing.attendance.set_codes import NewSet, set_code
from willing.attendance.set_up import (
    NewSettings,
    NewTime,
    add_class_groups,
    add_group,
    set_attendance,
    set_members,
)
from willing.core.clock import now
from willing.people.models import Person, School
from willing.people.queries import listed_guardians, local_day, today

HALVES = (NewTime("Morning", time(0)), NewTime("Afternoon", time(13)))
ENGLAND = NewSettings("england_2024", 30, HALVES)


def in_a_register(school: School, person: Person, *, by: User) -> None:
    """Let a person be marked absent through illness this morning, and be in a group of its own."""
    set_attendance(school, ENGLAND, by=by)
    add_class_groups(school, by=by)
    group = next(one for one in groups_of(school) if one.year_group == person.year_group)
    register = open_register(school, group.id, today(school), 1, by=by)
    record_marks(register, [NewMark(person.id, "I")], by=by)
    set_members(school, add_group(school, "Choir", by=by).id, [person], by=by)
    tomorrow = today(school) + timedelta(days=1)
    elsewhere = WantedSet("D", tomorrow, tomorrow, "Hospital school")
    set_code(school, NewSet(elsewhere, Whom(person_ids=frozenset({person.id}))), by=by)
    for guardian in listed_guardians(person.id):
        words = f"{guardian.name} writes of the dentist"
        write_note(person, NewNote("note", today(school), words, guardian=guardian))
    record_return(person, "new", local_day(school, person.joined_at), by=by)
    run = MessageRun.objects.create(
        school=school, day=today(school), number=1, state="sent", staged_by=by, families=1, roll=9,
        seconds_left=0, settled_at=now(),
    )  # fmt: skip
    message = AbsenceMessage.objects.create(run=run, person=person, day=run.day, number=1, state="sent")
    for guardian in listed_guardians(person.id):
        ContactTry.objects.create(message=message, guardian=guardian, channel="mail", state="sent")
