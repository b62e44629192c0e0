"""The one function that turns decisions into a permission, over random histories."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from willing.consent.profiles import require_profile
from willing.consent.rules import Said, Situation, decide_permission

STRICT = require_profile("strict")
START = datetime(2026, 9, 1, tzinfo=UTC)
GUARDIANS = tuple(UUID(int=n) for n in (1, 2, 3))
answers = st.sampled_from(["yes", "no", "withdrawn"])
histories = st.lists(
    st.tuples(st.sampled_from([None, *GUARDIANS]), answers, st.integers(0, 5)), max_size=12
).map(
    lambda rows: tuple(
        Said(n + 1, who, answer, START + timedelta(minutes=minute))
        for n, (who, answer, minute) in enumerate(rows)
    )
)
listed = st.sets(st.sampled_from(GUARDIANS), max_size=3).map(frozenset)


def situation(said, guardians=frozenset(GUARDIANS[:1]), notified=None, *, adult=False, present=True):
    return Situation(adult, present, guardians, guardians if notified is None else notified, tuple(said))


def said(*words):
    return tuple(
        Said(n + 1, who, answer, START + timedelta(minutes=n)) for n, (who, answer) in enumerate(words)
    )


BOTH_YES = said((GUARDIANS[0], "yes"), (None, "yes"))


def test_both_yes_and_everybody_told_is_a_permission():
    found = decide_permission(STRICT, situation(BOTH_YES))
    assert found.granted
    assert (found.own_decision, found.guardian_decision) == (2, 1)


def test_nobody_said_anything_is_no_permission():
    found = decide_permission(STRICT, situation(()))
    assert found.reasons == ("own_yes_missing", "guardian_yes_missing")


def test_a_guardian_who_was_not_notified_blocks_it():
    found = decide_permission(STRICT, situation(BOTH_YES, frozenset(GUARDIANS[:2]), frozenset(GUARDIANS[:1])))
    assert found.reasons == ("guardian_not_notified",)


def test_a_pupil_without_a_listed_guardian_has_no_permission():
    assert "no_guardian_listed" in decide_permission(STRICT, situation(BOTH_YES, frozenset())).reasons


def test_a_guardian_who_is_no_longer_listed_grants_nothing():
    found = decide_permission(STRICT, situation(BOTH_YES, frozenset(GUARDIANS[1:2])))
    assert "guardian_yes_missing" in found.reasons


def test_who_left_has_no_permission():
    assert decide_permission(STRICT, situation(BOTH_YES, present=False)).reasons == ("left_school",)


def test_an_adult_decides_alone():
    assert decide_permission(STRICT, situation(said((None, "yes")), frozenset(), adult=True)).granted
    assert not decide_permission(STRICT, situation((), frozenset(), adult=True)).granted


@given(history=histories, guardians=listed)
def test_a_pupils_own_no_beats_everybodys_yes(history, guardians):
    last = Said(99, None, "no", START + timedelta(days=1))
    found = decide_permission(STRICT, situation((*history, last), guardians))
    assert not found.granted
    assert "own_no" in found.reasons


@given(
    history=histories,
    guardians=listed,
    who=st.sampled_from([None, *GUARDIANS]),
    answer=st.sampled_from(["no", "withdrawn"]),
)
def test_adding_a_no_never_grants(history, guardians, who, answer):
    before = decide_permission(STRICT, situation(history, guardians))
    after = decide_permission(
        STRICT, situation((*history, Said(99, who, answer, START + timedelta(days=1))), guardians)
    )
    assert before.granted or not after.granted


@given(history=histories, guardians=listed)
def test_the_permission_is_a_function_of_the_decisions_whatever_order_they_are_read_in(history, guardians):
    once = decide_permission(STRICT, situation(history, guardians))
    again = decide_permission(STRICT, situation(tuple(reversed(history)), guardians))
    assert once == again


def test_of_two_words_at_the_same_moment_the_protective_one_counts():
    words = [Said(n + 1, None, answer, START) for n, answer in enumerate(("yes", "no", "yes"))]
    guardian = Said(9, GUARDIANS[0], "yes", START)
    for order in permutations(words):
        assert not decide_permission(STRICT, situation((guardian, *order))).granted


@given(history=histories, guardians=listed)
def test_granted_means_what_the_law_asks_for(history, guardians):
    found = decide_permission(STRICT, situation(history, guardians))
    if found.granted:
        by_id = {one.id: one for one in history}
        assert by_id[found.own_decision].answer == "yes"
        assert by_id[found.own_decision].guardian is None
        assert by_id[found.guardian_decision].guardian in guardians
        assert by_id[found.guardian_decision].answer == "yes"
    else:
        assert found.reasons
