"""What a device brings that had no connection: once, under its owner's name, and never winning by itself."""

from datetime import timedelta
from uuid import uuid4

import pytest
from tests.attendance.conftest import at
from tests.support.clocks import stopped_at

from willing.attendance.devices import DeviceMark, RegisterSlot, record_from_device
from willing.attendance.marking import NewMark, record_marks
from willing.attendance.models import Mark, Register
from willing.attendance.queries import disputes, groups_of, history, lines_of
from willing.attendance.registers import close_register, open_register
from willing.attendance.rules import MarkMerge
from willing.attendance.set_up import add_class_groups
from willing.core.errors import Refused
from willing.people.models import Person, YearGroup

DAY = at(8).date()


@pytest.fixture
def slot(school):
    """The class's register of this morning, which nobody has opened."""
    return RegisterSlot(groups_of(school)[0].id, DAY, 1)


@pytest.fixture
def bring(cast, school):
    """Bring marks to the class's register, as the office or as someone else; return what became of them."""

    def bring_(slot, *marks, who="office", made_by=None):
        by = cast.user(who)
        made_by = made_by or by.pk
        received = record_from_device(school, slot, marks, made_by=made_by, by=by)
        return [one.refused.code if one.refused else one.merge for one in received.done]

    return bring_


def marked(cast, name, symbol, **how):
    return DeviceMark(uuid4(), cast.person(name).id, symbol, **how)


def held():
    """Return what holds in the one register, by the given name."""
    lines = lines_of(Register.objects.get())
    return {one.person.given_name: one.mark.symbol for one in lines if one.mark}


def test_a_message_that_comes_again_is_recorded_once(cast, slot, bring):
    marks = [marked(cast, "Ada", "/"), marked(cast, "Bo", "I", made_at=at(8, 51))]
    with stopped_at(at(8, 55)):
        assert bring(slot, *marks) == [MarkMerge.CURRENT, MarkMerge.CURRENT]
        assert bring(slot, *marks) == [MarkMerge.SAME, MarkMerge.SAME]
        assert bring(slot, *marks, marked(cast, "Wes", "/")) == [
            MarkMerge.SAME,
            MarkMerge.SAME,
            MarkMerge.CURRENT,
        ]
    assert held() == {"Ada": "/", "Bo": "I", "Wes": "/"}
    assert Mark.objects.count() == 3
    assert dict(Mark.objects.values_list("person__given_name", "source"))["Bo"] == "device"


def test_marks_of_one_person_are_never_recorded_under_anothers_name(cast, slot, bring):
    teacher = cast.user("teacher").pk
    with stopped_at(at(8, 55)), pytest.raises(Refused, match="marks_of_another_person"):
        bring(slot, marked(cast, "Ada", "/"), made_by=teacher)
    assert not Register.objects.exists()


def test_a_scanned_card_is_present_and_only_late_where_its_owner_was_marked_away(cast, slot, bring):
    with stopped_at(at(8, 58)):
        marks = [
            marked(cast, "Ada", ""),
            marked(cast, "Bo", "N"),
            marked(cast, "Bo", ""),
            marked(cast, "Ada", ""),
        ]
        assert bring(slot, *marks) == [
            MarkMerge.CURRENT,
            MarkMerge.CURRENT,
            MarkMerge.CURRENT,
            MarkMerge.SAME,
        ]
        assert bring(slot, DeviceMark(uuid4(), None, "")) == ["scan_unknown"]
        assert bring(slot, marked(cast, "Carl", "")) == ["mark_not_in_register"]
    assert held() == {"Ada": "/", "Bo": "L"}
    assert Mark.objects.get(symbol="L").minutes_late == 8


def test_late_has_the_minutes_of_when_the_device_was_pressed(cast, slot, bring):
    with stopped_at(at(11)):
        marks = [
            marked(cast, "Ada", "L", made_at=at(8, 55)),
            marked(cast, "Bo", "L", minutes_late=3, made_at=at(8, 55)),
            marked(cast, "Wes", "L", made_at=at(8, 45)),  # its clock was behind
        ]
        assert bring(slot, *marks) == [MarkMerge.CURRENT] * 3
    assert dict(Mark.objects.values_list("person__given_name", "minutes_late")) == {
        "Ada": 5,
        "Bo": 3,
        "Wes": None,
    }


def test_what_was_pressed_after_the_close_is_a_correction_and_needs_a_reason(cast, slot, bring):
    ada = marked(cast, "Ada", "U", minutes_late=40, made_at=at(9, 30))
    with stopped_at(at(8, 55)):
        bring(slot, marked(cast, "Wes", "/"))
    with stopped_at(at(9, 40)):
        close_register(Register.objects.get())
        assert bring(slot, ada, marked(cast, "Bo", "/", made_at=at(8, 56))) == [
            "mark_reason_missing",
            MarkMerge.CURRENT,
        ]
        again = DeviceMark(ada.id, ada.person_id, "U", 40, "Bus was late", made_at=ada.made_at)
        assert bring(slot, again) == [MarkMerge.CURRENT]
        assert bring(slot, marked(cast, "Bo", "U")) == ["mark_reason_missing"]
    assert held() == {"Ada": "U", "Bo": "/", "Wes": "/"}
    kept = Mark.objects.get(pk=ada.id)
    assert (kept.source, kept.reason, kept.device_at) == ("correction", "Bus was late", at(9, 30))


def test_a_clock_that_runs_ahead_is_written_down_as_now_and_one_behind_changes_no_order(cast, slot, bring):
    ahead = marked(cast, "Ada", "/", made_at=at(8) + timedelta(days=900))
    with stopped_at(at(8, 55)):
        bring(slot, ahead)
        bring(slot, marked(cast, "Bo", "N"))
        # Pressed last, by a clock that was set back to last year.
        back = marked(cast, "Bo", "/", seen=1, made_at=at(8).replace(year=2025))
        assert bring(slot, back) == [MarkMerge.CURRENT]
    assert Mark.objects.get(pk=ahead.id).device_at == at(8, 55)
    assert held()["Bo"] == "/"


def test_a_pupil_who_moved_at_noon_keeps_the_mark_of_the_morning(cast, school, slot, bring):
    ada, by = cast.person("Ada"), cast.user("office")
    other = YearGroup.objects.create(school=school, name="4B")
    add_class_groups(school, by=by)
    Person.objects.filter(pk=ada.pk).update(year_group=other)
    with stopped_at(at(13)):
        assert bring(slot, marked(cast, "Ada", "/", made_at=at(8, 55))) == [MarkMerge.CURRENT]
        assert bring(slot, marked(cast, "Carl", "/")) == ["mark_not_in_register"], (
            "not without a device's list"
        )
    assert held() == {"Ada": "/"}


def test_where_the_new_group_marked_them_otherwise_both_are_kept_and_a_person_decides(
    cast, school, slot, bring
):
    ada, by = cast.person("Ada"), cast.user("administrator")
    other = YearGroup.objects.create(school=school, name="4B")
    add_class_groups(school, by=by)
    Person.objects.filter(pk=ada.pk).update(year_group=other)
    with stopped_at(at(13)):
        new = open_register(school, groups_of(school)[1].id, DAY, 1, by=by)
        record_marks(new, [NewMark(ada.id, "I")], by=by)
        assert bring(slot, marked(cast, "Ada", "/", made_at=at(8, 55))) == [MarkMerge.DISPUTED]
        (disputed,) = disputes(school)
        lines = {one.person: one.mark.symbol for one in lines_of(disputed.register) if one.mark}
        assert lines == {ada: "I"}, "it can be answered where it was made"
        record_marks(disputed.register, [NewMark(ada.id, "/", seen=1)], by=cast.user("office"))
        assert disputes(school) == []
        assert {one.mark.symbol for one in lines_of(disputed.register) if one.mark} == {"/"}
        assert lines_of(new) == []
    assert len(history(disputed.register, ada)) == 2


def test_a_week_later_a_device_is_asked_about(cast, slot, bring):
    with stopped_at(at(9, 20)):
        bring(slot, marked(cast, "Wes", "/"), who="administrator")
        close_register(Register.objects.get())
    with stopped_at(at(9) + timedelta(days=7)):
        late = [marked(cast, "Ada", "/", made_at=at(8, 55)), marked(cast, "Wes", "/", made_at=at(8, 55))]
        assert bring(slot, *late) == [MarkMerge.DISPUTED, MarkMerge.SAME]
    assert held() == {"Ada": "N", "Bo": "N", "Wes": "/"}
