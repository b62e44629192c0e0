"""The one function that turns decisions into a permission, over random histories."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willing.consent.profiles import NAMES, require_profile
from willing.consent.rules import Said, Situation, decide_permission

STRICT = require_profile("strict")
PROFILES = {name: require_profile(name) for name in NAMES}
profiles = st.sampled_from(sorted(PROFILES)).map(PROFILES.get)
ages = st.one_of(st.none(), st.integers(3, 70))
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


def situation(said, guardians=frozenset(GUARDIANS[:1]), notified=None, *, age=11, present=True):
    return Situation(age, present, guardians, guardians if notified is None else notified, tuple(said))


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
    assert decide_permission(STRICT, situation(said((None, "yes")), frozenset(), age=30)).granted
    assert not decide_permission(STRICT, situation((), frozenset(), age=30)).granted


@given(history=histories, guardians=listed, profile=profiles, age=ages)
def test_a_pupils_own_no_beats_everybodys_yes_under_every_profile_at_any_age(
    history, guardians, profile, age
):
    last = Said(99, None, "no", START + timedelta(days=1))
    found = decide_permission(profile, situation((*history, last), guardians, age=age))
    assert not found.granted
    assert "own_no" in found.reasons


@given(
    history=histories,
    guardians=listed,
    profile=profiles,
    age=ages,
    who=st.sampled_from([None, *GUARDIANS]),
    answer=st.sampled_from(["no", "withdrawn"]),
)
def test_adding_a_no_never_grants(history, guardians, profile, age, who, answer):
    before = decide_permission(profile, situation(history, guardians, age=age))
    no = Said(99, who, answer, START + timedelta(days=1))
    after = decide_permission(profile, situation((*history, no), guardians, age=age))
    assert before.granted or not after.granted


@given(history=histories, guardians=listed, profile=profiles, age=ages)
def test_the_permission_is_a_function_of_the_decisions_whatever_order_they_are_read_in(
    history, guardians, profile, age
):
    once = decide_permission(profile, situation(history, guardians, age=age))
    again = decide_permission(profile, situation(tuple(reversed(history)), guardians, age=age))
    assert once == again


def test_of_two_words_at_the_same_moment_the_protective_one_counts():
    words = [Said(n + 1, None, answer, START) for n, answer in enumerate(("yes", "no", "yes"))]
    guardian = Said(9, GUARDIANS[0], "yes", START)
    for order in permutations(words):
        assert not decide_permission(STRICT, situation((guardian, *order))).granted


@given(history=histories, guardians=listed, age=ages)
def test_what_strict_grants_every_profile_grants_whose_engine_may_load(history, guardians, age):
    if decide_permission(STRICT, situation(history, guardians, age=age)).granted:
        for profile in PROFILES.values():
            granted = decide_permission(profile, situation(history, guardians, age=age)).granted
            assert granted is profile.engine_may_load


@given(history=histories, guardians=listed, profile=profiles)
def test_an_unknown_age_grants_nothing_that_a_known_one_would_not(history, guardians, profile):
    if decide_permission(profile, situation(history, guardians, age=None)).granted:
        for age in (3, 13, 14, 15, 16, 17):
            assert decide_permission(profile, situation(history, guardians, age=age)).granted


@given(history=histories, guardians=listed, profile=profiles, age=ages)
def test_granted_means_what_the_law_asks_for(history, guardians, profile, age):
    found = decide_permission(profile, situation(history, guardians, age=age))
    if not found.granted:
        assert found.reasons
        return
    assert found.own_decision or found.guardian_decision  # opt-in only
    by_id = {one.id: one for one in history}
    if found.own_decision:
        assert (by_id[found.own_decision].answer, by_id[found.own_decision].guardian) == ("yes", None)
    if age is None or age < profile.guardians_decide_below_age:
        assert by_id[found.guardian_decision].guardian in guardians
        assert by_id[found.guardian_decision].answer == "yes"


CHINA, NEW_YORK = PROFILES["china"], PROFILES["new_york"]
GUARDIAN_YES, OWN_YES = said((GUARDIANS[0], "yes")), said((None, "yes"))


@pytest.mark.parametrize(
    ("profile", "age", "words", "granted"),
    [
        (CHINA, 13, GUARDIAN_YES, True),  # the guardian decides under 14 …
        (CHINA, 13, OWN_YES, False),
        (CHINA, 13, said((GUARDIANS[0], "yes"), (None, "no")), False),  # … but the pupil's no still wins
        (CHINA, 14, OWN_YES, True),  # the pupil from 14 on, and the guardian is told
        (CHINA, 14, GUARDIAN_YES, False),
        (PROFILES["scotland_ni"], 15, OWN_YES, False),
        (PROFILES["scotland_ni"], 16, OWN_YES, True),
        (PROFILES["england_wales"], 17, OWN_YES, False),
        (PROFILES["england_wales"], 18, OWN_YES, True),
        (NEW_YORK, 30, OWN_YES, False),
        (NEW_YORK, 11, BOTH_YES, False),
    ],
)
def test_each_law_asks_who_it_asks(profile, age, words, granted):
    assert decide_permission(profile, situation(words, age=age)).granted is granted


def test_strict_asks_for_everything_that_any_profile_asks_for():
    others = [profile for profile in PROFILES.values() if profile is not STRICT]
    for other in others:
        assert STRICT.guardians_decide_below_age >= other.guardians_decide_below_age
        assert STRICT.guardians_yes_at_least >= other.guardians_yes_at_least
        assert STRICT.any_guardian_no_wins >= other.any_guardian_no_wins
        assert STRICT.own_yes_from_age <= other.own_yes_from_age
        assert STRICT.guardians_told_below_age >= other.guardians_told_below_age
        assert STRICT.keep_days_max <= other.keep_days_max
        assert STRICT.unused_days_max <= other.unused_days_max


def test_only_new_york_keeps_the_engine_from_loading():
    assert [name for name, profile in PROFILES.items() if not profile.engine_may_load] == ["new_york"]
