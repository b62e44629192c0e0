"""In which list of the enrolment desk a person is, and who is in none."""

import pytest

from willing.biometrics.queue_rules import QueueList, decide_list
from willing.consent.rules import Permission

GRANTED = Permission(True, ())


def test_who_may_be_enrolled_is_ready_and_who_is_enrolled_is_in_no_list():
    assert decide_list(GRANTED, has_face=False) is QueueList.READY
    assert decide_list(GRANTED, has_face=True) is None


@pytest.mark.parametrize(
    ("reasons", "waits_for_guardian", "place"),
    [
        (("own_yes_missing",), False, QueueList.PUPIL),
        (("notice_changed",), False, QueueList.PUPIL),
        (("notice_changed",), True, QueueList.GUARDIAN),
        (("guardian_yes_missing",), True, QueueList.GUARDIAN),
        (("own_yes_missing", "guardian_yes_missing"), True, QueueList.GUARDIAN),
        (("guardian_not_notified",), True, QueueList.GUARDIAN),
        (("no_guardian_listed",), True, QueueList.GUARDIAN),
    ],
)
def test_a_person_waits_for_whoever_has_not_answered(reasons, waits_for_guardian, place):
    found = Permission(False, reasons, waits_for_guardian=waits_for_guardian)
    assert decide_list(found, has_face=False) is place


@pytest.mark.parametrize("reason", ["own_no", "guardian_no", "profile_forbids", "left_school"])
def test_a_no_and_what_no_answer_changes_is_waited_for_in_no_list(reason):
    found = Permission(False, (reason, "guardian_yes_missing"), waits_for_guardian=True)
    assert decide_list(found, has_face=False) is None
