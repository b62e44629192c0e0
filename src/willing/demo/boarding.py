"""A boarding house whose warden takes tonight's list: most with one press, and one pupil is missing."""

from willing.boarding.evening import NewEveningMark, mark_all_here, open_list, record_marks
from willing.boarding.living import move_in
from willing.boarding.models import EveningList, House
from willing.boarding.queries import houses_of, local_now, slots_of, tonight
from willing.boarding.set_up import (
    FIRST_ALERT_MINUTES,
    FIRST_CHECK,
    NewCheck,
    add_house,
    set_checks,
    set_wardens,
)
from willing.demo.school import DemoSchool
from willing.demo.stage import SceneResult, expect

HOUSE, LIVES, IS_MISSING = "Willow House", ("Sam", "Dina", "Chen"), "Chen"


def take_evening_list(demo: DemoSchool) -> SceneResult:
    """Let the warden take tonight's list; it stays as it is where a visitor or an earlier telling took it."""
    house, warden = _house(demo), demo.user("teacher")
    found = _opened(demo, house)
    (slot,) = (one for one in slots_of(demo.school, found.night, [house]) if one.found == found)
    if not any(line.marks for line in slot.lines):
        record_marks(found, [NewEveningMark(demo.person(IS_MISSING).id, "absent")], by=warden)
        mark_all_here(found, by=warden)
        (slot,) = (one for one in slots_of(demo.school, found.night, [house]) if one.found == found)
        missing = [line.person.given_name for line in slot.missing]
        expect(missing == [IS_MISSING], "who is missing tonight is on the front page at once")
    return SceneResult(f"{slot.inside} in {house.name}, {len(slot.missing)} missing", person=", ".join(LIVES))


def _house(demo: DemoSchool) -> House:
    """Return the house, which an earlier demo has not: three live there, and the teacher is its warden."""
    for one in houses_of(demo.school):
        return one
    office = demo.user("office")
    house = add_house(demo.school, HOUSE, check_name="Evening", by=office)
    set_wardens(demo.school, house.id, [demo.user("teacher").pk], by=office)
    pupils = [demo.person(name).id for name in LIVES]
    # From this night on, which before noon is the last one: nobody who tries it out waits for the evening.
    move_in(demo.school, house.id, pupils, by=office, first_night=tonight(demo.school))
    return house


def _opened(demo: DemoSchool, house: House) -> EveningList:
    """Return a list of tonight that can be taken at this hour: the one of nine, or one that is due now."""
    night, warden = tonight(demo.school), demo.user("teacher")
    slots = slots_of(demo.school, night, [house])
    for one in slots:
        if one.found is not None:
            return one.found
    # From nine on, and in the morning after, that one is due by itself.
    if not any(one.is_due for one in slots):
        at = local_now(demo.school).time().replace(second=0, microsecond=0)
        checks = [NewCheck("Evening", FIRST_CHECK), NewCheck("Now, to try it out", at)]
        set_checks(demo.school, checks, FIRST_ALERT_MINUTES, by=demo.user("office"))
        slots = slots_of(demo.school, night, [house])
    due = next(one for one in slots if one.is_due)
    return open_list(demo.school, house.id, night, due.number, by=warden)
