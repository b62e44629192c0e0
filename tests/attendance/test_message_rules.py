"""Each decision about messages of absence, and what follows for a clock that jumps."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willing.attendance.message_rules import (
    HOLD_SECONDS,
    LOOK_SECONDS_MAX,
    WAIT_LOOK_SECONDS,
    AbsenceEvidence,
    Explanation,
    MessageRunState,
    MessageVerdict,
    UndoFault,
    count_down,
    decide_message,
    decide_number,
    decide_run,
    decide_undo,
    is_above_cap,
    is_confirmation_due,
    is_follow_up_due,
    may_be_chosen,
    way_after,
)

NINE = datetime(2026, 11, 26, 9, 20, tzinfo=UTC)
DAY = NINE.date()


@pytest.mark.parametrize(
    ("evidence", "verdict"),
    [
        (AbsenceEvidence(), MessageVerdict.MESSAGE),
        (AbsenceEvidence(is_here=True), MessageVerdict.HERE),
        (AbsenceEvidence(is_unexplained=False, is_here=True), MessageVerdict.HERE),
        (AbsenceEvidence(is_unexplained=False), MessageVerdict.MARKED),
        (AbsenceEvidence(known=Explanation.LEAVE), MessageVerdict.LEAVE),
        (AbsenceEvidence(known=Explanation.ILLNESS), MessageVerdict.ILLNESS),
        (AbsenceEvidence(known=Explanation.TRIP), MessageVerdict.TRIP),
        (AbsenceEvidence(known=Explanation.SIGNED_OUT), MessageVerdict.SIGNED_OUT),
        (AbsenceEvidence(came_in=True), MessageVerdict.GATE),
        (AbsenceEvidence(is_messaged=True), MessageVerdict.MESSAGED),
        (AbsenceEvidence(was_here=True), MessageVerdict.HERE_EARLIER),
    ],
)
def test_both_things_have_to_be_missing_before_a_family_is_messaged(evidence, verdict):
    assert decide_message(evidence) is verdict


@given(
    st.builds(
        AbsenceEvidence,
        is_unexplained=st.booleans(),
        is_here=st.booleans(),
        was_here=st.booleans(),
        known=st.none() | st.sampled_from(Explanation),
        is_messaged=st.booleans(),
    )
)
def test_a_gate_can_only_stop_a_message(evidence):
    without = decide_message(evidence)
    with_gate = decide_message(AbsenceEvidence(**{**vars(evidence), "came_in": True}))
    assert with_gate is without or with_gate is MessageVerdict.GATE
    assert not may_be_chosen(with_gate)


def test_of_someone_seen_earlier_that_day_only_a_person_has_the_family_messaged():
    assert {one for one in MessageVerdict if may_be_chosen(one)} == {
        MessageVerdict.MESSAGE,
        MessageVerdict.HERE_EARLIER,
    }


def test_more_than_five_per_cent_of_all_pupils_are_stopped():
    assert not is_above_cap(75, 1500)
    assert is_above_cap(76, 1500)
    assert not is_above_cap(0, 0)
    assert is_above_cap(1, 0)


def test_a_clock_that_leaps_ahead_ends_no_hold_and_one_set_back_extends_none_for_long():
    def left(seconds, by):
        return count_down(seconds, NINE, NINE + by, at_most=LOOK_SECONDS_MAX)

    assert left(HOLD_SECONDS, timedelta(seconds=5)) == 595
    assert left(HOLD_SECONDS, timedelta(days=400)) == HOLD_SECONDS - LOOK_SECONDS_MAX
    assert left(HOLD_SECONDS, -timedelta(hours=1)) == HOLD_SECONDS, "and the next look counts from there"
    assert left(3, timedelta(seconds=5)) == 0


def test_what_went_out_is_looked_at_each_minute_and_at_once_after_a_step_back():
    assert not is_follow_up_due(NINE, NINE + timedelta(seconds=WAIT_LOOK_SECONDS - 1))
    assert is_follow_up_due(NINE, NINE + timedelta(seconds=WAIT_LOOK_SECONDS))
    assert is_follow_up_due(NINE, NINE - timedelta(hours=1))


def test_a_hold_ends_in_sending_on_its_own_day_alone():
    assert decide_run(day=DAY, today=DAY, seconds_left=1) is MessageRunState.HELD
    assert decide_run(day=DAY, today=DAY, seconds_left=0) is MessageRunState.SENT
    assert decide_run(day=DAY, today=DAY + timedelta(days=1), seconds_left=0) is MessageRunState.LAPSED


@pytest.mark.parametrize("state", list(MessageRunState))
def test_what_has_not_gone_out_can_be_undone(state):
    faults = {MessageRunState.SENT: UndoFault.SENT, MessageRunState.LAPSED: UndoFault.OVER}
    assert decide_undo(state) is faults.get(state, UndoFault.NONE)
    assert decide_number(state, typed=1500, families=1500) is (state is MessageRunState.STOPPED)
    assert not decide_number(state, typed=150, families=1500)


def test_contacts_are_tried_in_their_order():
    ways = [("Gus", "mail"), ("Gus", "sms"), ("Mia", "mail")]
    assert way_after(ways, []) == 0
    assert way_after(ways, [("Gus", "mail")]) == 1
    assert way_after(ways, ways) is None


def test_a_contact_is_confirmed_once_a_term_and_again_when_it_changes():
    terms = [date(2026, 9, 1), date(2027, 1, 4)]

    def due(confirmed, *, is_same=True, today=DAY, begin=terms):
        return is_confirmation_due(confirmed, is_same=is_same, today=today, terms_begin=begin)

    assert due(None)
    assert due(date(2026, 9, 2), is_same=False)
    assert not due(date(2026, 9, 1))
    assert due(date(2026, 8, 31))
    assert due(date(2026, 9, 2), today=date(2027, 1, 4))
    assert not due(date(2026, 9, 2), begin=[])
    assert due(date(2026, 1, 1), begin=[])
