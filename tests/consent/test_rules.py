"""The one function that turns decisions into a permission, over random histories."""

from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willing.consent.profiles import NAMES, require_profile
from willing.consent.rules import (
    ANSWER_AGAIN_DAYS,
    REASONS,
    Permission,
    PermissionSituation,
    RecordedAnswer,
    decide_permission,
    decide_taken_over,
)

STRICT = require_profile("strict")
PROFILES = {name: require_profile(name) for name in NAMES}
profiles = st.sampled_from(sorted(PROFILES)).map(PROFILES.get)
ages = st.one_of(st.none(), st.integers(3, 70))
START = datetime(2026, 9, 1, tzinfo=UTC)
GUARDIANS = tuple(UUID(int=n) for n in (1, 2, 3))
answers = st.sampled_from(["yes", "no", "withdrawn"])
replacements = st.sampled_from([None, None, START + timedelta(hours=1), START + timedelta(hours=2)])
histories = st.lists(st.tuples(st.sampled_from([None, *GUARDIANS]), answers, replacements), max_size=12).map(
    lambda rows: tuple(
        RecordedAnswer(50 - n, who, answer, n + 1, replaced) for n, (who, answer, replaced) in enumerate(rows)
    )
)
listed = st.sets(st.sampled_from(GUARDIANS), max_size=3).map(frozenset)


def situation(said, guardians=frozenset(GUARDIANS[:1]), notified=None, *, age=11, present=True):
    return PermissionSituation(
        age, present, guardians, guardians if notified is None else notified, tuple(said)
    )


def said(*words):
    return tuple(RecordedAnswer(n + 1, who, answer, n + 1) for n, (who, answer) in enumerate(words))


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
def test_pofa_26_childs_refusal_wins_at_any_age(history, guardians, profile, age):
    last = RecordedAnswer(99, None, "no", 99)
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
    no = RecordedAnswer(99, who, answer, 99)
    after = decide_permission(profile, situation((*history, no), guardians, age=age))
    assert before.granted or not after.granted


@given(history=histories, guardians=listed, profile=profiles, age=ages)
def test_the_permission_is_a_function_of_the_decisions_whatever_order_they_are_read_in(
    history, guardians, profile, age
):
    once = decide_permission(profile, situation(history, guardians, age=age))
    again = decide_permission(profile, situation(tuple(reversed(history)), guardians, age=age))
    assert once == again


def test_the_word_that_was_recorded_last_counts_in_whatever_order_they_are_read():
    words = [RecordedAnswer(9 - n, None, answer, n + 1) for n, answer in enumerate(("no", "yes", "no"))]
    guardian = RecordedAnswer(9, GUARDIANS[0], "yes", 4)
    for order in permutations(words):
        assert decide_permission(STRICT, situation((guardian, *order))).reasons == ("own_no",)
        assert decide_permission(
            STRICT, situation((guardian, *order, RecordedAnswer(1, None, "yes", 5)))
        ).granted


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


# --- a notice that changed


def old(history, at=START + timedelta(hours=1)):
    """Return the history with every answer given on a notice that has changed since."""
    return tuple(replace(one, replaced_at=at) for one in history)


@given(history=histories, guardians=listed, profile=profiles, age=ages)
def test_a_yes_to_an_old_notice_never_grants(history, guardians, profile, age):
    assert not decide_permission(profile, situation(old(history), guardians, age=age)).granted
    found = decide_permission(profile, situation(history, guardians, age=age))
    live = {one.id for one in history if one.replaced_at is None}
    assert {found.own_decision, found.guardian_decision} - {None} <= live


@given(history=histories, guardians=listed, profile=profiles, age=ages, which=st.integers(0, 11))
def test_changing_a_notice_never_grants(history, guardians, profile, age, which):
    changed = tuple(
        replace(one, replaced_at=START + timedelta(days=2)) if n == which else one
        for n, one in enumerate(history)
    )
    before = decide_permission(profile, situation(history, guardians, age=age))
    assert before.granted or not decide_permission(profile, situation(changed, guardians, age=age)).granted


@given(history=histories, guardians=listed, profile=profiles, age=ages)
def test_a_no_counts_whatever_becomes_of_its_notice(history, guardians, profile, age):
    noes = {"own_no", "guardian_no"}
    now = decide_permission(profile, situation(history, guardians, age=age))
    then = decide_permission(profile, situation(old(history), guardians, age=age))
    assert noes.intersection(now.reasons) == noes.intersection(then.reasons)


@given(history=histories, guardians=listed, profile=profiles, age=ages)
def test_only_what_was_granted_before_the_notice_changed_is_suspended(history, guardians, profile, age):
    found = decide_permission(profile, situation(history, guardians, age=age))
    assert set(found.reasons) <= set(REASONS)
    assert (found.suspended_since is not None) is (found.reasons == ("notice_changed",))
    if found.suspended_since:
        as_it_was = tuple(replace(one, replaced_at=None) for one in history)
        assert decide_permission(profile, situation(as_it_was, guardians, age=age)).granted
        assert found.suspended_since in {one.replaced_at for one in history}


@given(history=histories, guardians=listed, profile=profiles, age=ages)
def test_the_same_yes_again_to_the_new_notice_lifts_the_suspension(history, guardians, profile, age):
    found = decide_permission(profile, situation(history, guardians, age=age))
    if found.suspended_since is None:
        return
    again = tuple(RecordedAnswer(100 + n, who, "yes", 100 + n) for n, who in enumerate([None, *guardians]))
    assert decide_permission(profile, situation((*history, *again), guardians, age=age)).granted


def test_a_suspended_template_waits_a_stated_time_and_no_longer():
    at = START + timedelta(hours=1)
    found = decide_permission(STRICT, situation(old(BOTH_YES, at)))
    assert found.reasons == ("notice_changed",)
    assert found.suspended_since == at
    assert found.suspended_until == at + timedelta(days=ANSWER_AGAIN_DAYS)
    assert found.keeps_template(at + timedelta(days=ANSWER_AGAIN_DAYS, seconds=-1))
    assert not found.keeps_template(at + timedelta(days=ANSWER_AGAIN_DAYS))


def test_a_second_guardians_yes_to_the_new_notice_is_enough_for_the_guardians():
    guardians = frozenset(GUARDIANS[:2])
    words = (*old(said((GUARDIANS[0], "yes"))), *said((GUARDIANS[1], "yes"), (None, "yes"))[0:2])
    assert decide_permission(STRICT, situation(words, guardians)).granted


# --- guardians who need not be told


@given(history=histories, guardians=listed, profile=profiles, age=ages, excused=listed)
def test_excusing_a_guardian_only_ever_replaces_telling_them(history, guardians, profile, age, excused):
    told = decide_permission(profile, situation(history, guardians, guardians, age=age))
    spared = decide_permission(
        profile, replace(situation(history, guardians, guardians - excused, age=age), excused=excused)
    )
    assert spared == told


def test_pofa_26_an_excused_guardian_is_not_waited_for_and_their_no_still_counts():
    guardians = frozenset(GUARDIANS[:2])
    not_told = situation(BOTH_YES, guardians, frozenset(GUARDIANS[:1]))
    assert decide_permission(STRICT, not_told).reasons == ("guardian_not_notified",)
    excused = replace(not_told, excused=frozenset(GUARDIANS[1:2]))
    assert decide_permission(STRICT, excused).granted
    no = RecordedAnswer(9, GUARDIANS[1], "no", 9)
    assert decide_permission(STRICT, replace(excused, said=(*BOTH_YES, no))).reasons == ("guardian_no",)


# --- by table: every bound and every reason, with values that come from a database and are no constants


FATHER, MOTHER, AUNT = (UUID(int=n) for n in (1, 2, 3))
HOUR_1, HOUR_2, HOUR_3 = (START + timedelta(hours=n) for n in (1, 2, 3))
# Guardians decide below 15, are told below 17, and the pupil's own yes is needed from 13 on.
LAW = replace(
    STRICT, guardians_decide_below_age=15, guardians_told_below_age=17, own_yes_from_age=13, name="law"
)
TWO_YESES = replace(LAW, guardians_yes_at_least=2, own_yes_from_age=99)
GUARDIANS_ALONE = replace(LAW, own_yes_from_age=99)


def words(*rows):
    """Return decisions as a database gives them: equal to the constants, but not the same objects."""
    return tuple(
        RecordedAnswer(
            100 + n,
            UUID(int=row[0].int) if row[0] else None,
            "".join(list(row[1])),
            n,
            row[2] if row[2:] else None,
        )
        for n, row in enumerate(rows)
    )


def of(*guardians):
    return frozenset(UUID(int=guardian.int) for guardian in guardians)


@pytest.mark.parametrize(
    ("answer", "replaced_at", "is_live_yes"),
    [
        ("yes", None, True),
        ("yes", HOUR_1, False),
        ("no", None, False),
        ("no", HOUR_1, False),
        ("withdrawn", None, False),
        ("zzz", None, False),
    ],
)
def test_only_a_yes_to_the_notice_of_today_grants(answer, replaced_at, is_live_yes):
    assert words((None, answer, replaced_at))[0].is_live_yes is is_live_yes


@pytest.mark.parametrize(
    ("age", "rows", "notified", "reasons"),
    [
        (12, [(FATHER, "yes")], True, ()),
        (12, [(FATHER, "yes"), (None, "withdrawn")], True, ("own_no",)),
        (12, [(FATHER, "yes"), (None, "aaa")], True, ("own_no",)),  # whatever is no yes is a no
        (12, [(FATHER, "yes"), (None, "zzz")], True, ("own_no",)),
        (13, [(FATHER, "yes")], True, ("own_yes_missing",)),
        (14, [(FATHER, "yes")], True, ("own_yes_missing",)),
        (None, [(FATHER, "yes")], True, ("own_yes_missing",)),
        (13, [(FATHER, "yes"), (None, "yes")], True, ()),
        (None, [(FATHER, "yes"), (None, "yes")], True, ()),
        (14, [(None, "yes")], True, ("guardian_yes_missing",)),
        (None, [(None, "yes")], True, ("guardian_yes_missing",)),
        (15, [(None, "yes")], True, ()),
        (16, [(None, "yes")], True, ()),
        (15, [(None, "yes"), (FATHER, "no")], True, ()),  # no longer theirs to decide
        (14, [(None, "yes"), (FATHER, "no")], True, ("guardian_no", "guardian_yes_missing")),
        (14, [(None, "yes"), (FATHER, "aaa")], True, ("guardian_no", "guardian_yes_missing")),
        (14, [(None, "yes"), (FATHER, "zzz")], True, ("guardian_no", "guardian_yes_missing")),
        (16, [(None, "yes")], False, ("guardian_not_notified",)),
        (17, [(None, "yes")], False, ()),
        (18, [(None, "yes")], False, ()),
        (None, [(FATHER, "yes"), (None, "yes")], False, ("guardian_not_notified",)),
        (12, [(MOTHER, "yes")], True, ("guardian_yes_missing",)),  # not a guardian of this pupil
        (12, [(MOTHER, "no"), (FATHER, "yes")], True, ()),
        (12, [(FATHER, "yes"), (FATHER, "no")], True, ("guardian_no", "guardian_yes_missing")),
        (12, [(FATHER, "no"), (FATHER, "yes")], True, ()),
        (12, [(FATHER, "yes", HOUR_1)], True, ("notice_changed",)),
        (15, [(None, "yes", HOUR_1)], True, ("notice_changed",)),
        (12, [(FATHER, "no", HOUR_1)], True, ("guardian_no", "guardian_yes_missing")),
        (12, [(FATHER, "yes"), (None, "yes", HOUR_1)], True, ()),  # too young for it to be needed
    ],
)
def test_who_has_to_have_said_what_at_which_age(age, rows, notified, reasons):
    family = of(FATHER)
    found = decide_permission(
        LAW, PermissionSituation(age, True, family, family if notified else frozenset(), words(*rows))
    )
    assert (found.granted, found.reasons) == (not reasons, reasons)


@pytest.mark.parametrize(
    ("notified", "excused", "is_told"),
    [
        ((), (), False),
        ((FATHER,), (), False),
        ((), (MOTHER,), False),
        ((FATHER,), (MOTHER,), True),
        ((FATHER, MOTHER), (), True),
        ((), (FATHER, MOTHER), True),
        ((FATHER, MOTHER), (MOTHER,), True),  # excused, and told nevertheless
        ((FATHER, MOTHER, AUNT), (), True),  # somebody more
        ((FATHER, AUNT), (), False),
    ],
)
def test_every_listed_guardian_is_told_or_excused(notified, excused, is_told):
    one = PermissionSituation(
        16, True, of(FATHER, MOTHER), of(*notified), words((None, "yes")), excused=of(*excused)
    )
    assert decide_permission(LAW, one).granted is is_told


@pytest.mark.parametrize(
    ("profile", "rows", "reasons", "since"),
    [
        (TWO_YESES, [(FATHER, "yes")], ("guardian_yes_missing",), None),
        (TWO_YESES, [(FATHER, "yes"), (MOTHER, "yes")], (), None),
        (TWO_YESES, [(FATHER, "yes"), (MOTHER, "yes"), (AUNT, "yes")], (), None),
        (TWO_YESES, [(FATHER, "yes", HOUR_1)], ("guardian_yes_missing",), None),
        (TWO_YESES, [(FATHER, "yes", HOUR_1), (MOTHER, "yes")], ("notice_changed",), HOUR_1),
        # Two of three would do: too few are left when the second last one goes.
        (
            TWO_YESES,
            [(FATHER, "yes", HOUR_2), (MOTHER, "yes", HOUR_1), (AUNT, "yes", HOUR_3)],
            ("notice_changed",),
            HOUR_2,
        ),
        (
            TWO_YESES,
            [(FATHER, "yes"), (MOTHER, "yes", HOUR_1), (AUNT, "yes", HOUR_3)],
            ("notice_changed",),
            HOUR_3,
        ),
        (
            TWO_YESES,
            [(FATHER, "no"), (MOTHER, "yes", HOUR_1), (AUNT, "yes", HOUR_3)],
            ("guardian_no", "notice_changed"),
            None,
        ),
        (
            replace(TWO_YESES, guardians_yes_at_least=3),
            [(FATHER, "yes"), (MOTHER, "yes", HOUR_1), (AUNT, "yes", HOUR_3)],
            ("notice_changed",),
            HOUR_1,
        ),
        (
            replace(TWO_YESES, guardians_yes_at_least=3),
            [(FATHER, "yes", HOUR_2), (MOTHER, "yes", HOUR_1), (AUNT, "yes", HOUR_3)],
            ("notice_changed",),
            HOUR_1,
        ),
        (replace(TWO_YESES, any_guardian_no_wins=False), [(FATHER, "no")], ("guardian_yes_missing",), None),
        (
            replace(GUARDIANS_ALONE, any_guardian_no_wins=False),
            [(FATHER, "no"), (MOTHER, "yes")],
            (),
            None,
        ),
        # An old answer that is no yes never comes back to life.
        (
            replace(GUARDIANS_ALONE, any_guardian_no_wins=False),
            [(FATHER, "aaa", HOUR_1), (MOTHER, "zzz", HOUR_1)],
            ("guardian_yes_missing",),
            None,
        ),
        (GUARDIANS_ALONE, [(FATHER, "yes", HOUR_1), (MOTHER, "yes")], (), None),
        (replace(GUARDIANS_ALONE, guardians_yes_at_least=0), [], (), None),
        (replace(GUARDIANS_ALONE, guardians_yes_at_least=0), [(FATHER, "yes", HOUR_1)], (), None),
        (LAW, [(FATHER, "yes", HOUR_1), (None, "yes", HOUR_2)], ("notice_changed",), HOUR_1),
        (LAW, [(FATHER, "yes", HOUR_2), (None, "yes", HOUR_1)], ("notice_changed",), HOUR_1),
        (LAW, [(FATHER, "yes"), (None, "yes", HOUR_2)], ("notice_changed",), HOUR_2),
        (LAW, [(FATHER, "yes", HOUR_2), (None, "yes")], ("notice_changed",), HOUR_2),
        (LAW, [(None, "yes", HOUR_2)], ("guardian_yes_missing", "notice_changed"), None),
    ],
)
def test_how_many_guardians_and_since_when_too_few(profile, rows, reasons, since):
    family = of(FATHER, MOTHER, AUNT)
    found = decide_permission(profile, PermissionSituation(13, True, family, family, words(*rows)))
    assert (found.reasons, found.suspended_since) == (reasons, since)


def test_a_permission_names_the_live_decisions_on_which_it_rests():
    def rests_on(*rows, profile=LAW):
        family = of(FATHER, MOTHER)
        found = decide_permission(profile, PermissionSituation(14, True, family, family, words(*rows)))
        return found.own_decision, found.guardian_decision

    assert rests_on() == (None, None)
    assert rests_on((None, "yes")) == (100, None)
    assert rests_on((None, "no"), (FATHER, "no")) == (None, None)
    assert rests_on((None, "yes", HOUR_1), (FATHER, "yes", HOUR_1)) == (None, None)
    assert rests_on((MOTHER, "yes"), (FATHER, "yes"), (None, "yes")) == (102, 101)
    assert rests_on((MOTHER, "yes"), (FATHER, "no"), (None, "yes")) == (102, 100)


def test_all_that_is_missing_is_said_and_in_one_order():
    nobody = PermissionSituation(14, False, frozenset(), frozenset(), words((None, "no")))
    found = decide_permission(replace(LAW, engine_may_load=False), nobody)
    assert found.reasons == (
        "left_school",
        "own_no",
        "guardian_yes_missing",
        "no_guardian_listed",
        "profile_forbids",
    )
    everybody = PermissionSituation(14, True, of(FATHER), frozenset(), words((FATHER, "no")))
    found = decide_permission(LAW, everybody)
    assert found.reasons == (
        "guardian_no",
        "own_yes_missing",
        "guardian_yes_missing",
        "guardian_not_notified",
    )
    assert REASONS == (
        "left_school",
        "own_no",
        "guardian_no",
        "own_yes_missing",
        "guardian_yes_missing",
        "guardian_not_notified",
        "no_guardian_listed",
        "notice_changed",
        "profile_forbids",
    )


def test_a_template_lies_here_with_a_permission_or_suspended_and_in_time():
    assert ANSWER_AGAIN_DAYS == 30
    assert Permission(True, ()).keeps_template(START)
    assert Permission(True, ()).suspended_until is None
    assert not Permission(False, ("own_no",)).keeps_template(START)
    suspended = Permission(False, ("notice_changed",), suspended_since=START)
    assert suspended.suspended_until == START + timedelta(days=30)
    assert suspended.keeps_template(START + timedelta(days=29))
    assert not suspended.keeps_template(START + timedelta(days=30))
    assert not suspended.keeps_template(START + timedelta(days=31))


@pytest.mark.parametrize(
    "value", [BOTH_YES[0], situation(()), Permission(False, ())], ids=["said", "situation", "permission"]
)
def test_what_was_said_and_what_follows_cannot_be_changed(value):
    field = next(iter(value.__dataclass_fields__))
    with pytest.raises(FrozenInstanceError):
        setattr(value, field, True)


@given(histories, listed, profiles, ages)
def test_a_guardian_whom_a_file_removed_less_than_a_day_ago_can_only_prevent(
    history, guardians, profile, age
):
    gone = frozenset(GUARDIANS) - guardians
    before = situation(history, guardians, age=age)
    removed = replace(before, ended_by_list=gone)
    found, without = decide_permission(profile, removed), decide_permission(profile, before)
    last = {one.guardian: one.answer for one in history if one.guardian in gone}
    objects = any(answer != "yes" for answer in last.values())
    decides = age is None or age < profile.guardians_decide_below_age
    if objects and decides and profile.any_guardian_no_wins:
        assert "guardian_no" in found.reasons
    else:
        assert found.reasons == without.reasons
    assert found.guardian_decision == without.guardian_decision, "their yes is bound to nothing"


def test_undoing_a_file_gives_the_permission_that_was_there_before_it():
    removed = replace(
        situation(BOTH_YES, frozenset(), frozenset(GUARDIANS[:1]), present=False),
        ended_by_list=frozenset(GUARDIANS[:1]),
    )
    reasons = ("left_school", "guardian_yes_missing", "no_guardian_listed")
    assert decide_permission(STRICT, removed).reasons == reasons
    assert removed.before_list() == situation(BOTH_YES)
    assert decide_permission(STRICT, removed.before_list()).granted


def word(answer, number=1, replaced_at=None):
    return answer and RecordedAnswer(number, GUARDIANS[0], answer, number, replaced_at)


@pytest.mark.parametrize(
    ("gone", "kept", "afterwards"),
    [
        (None, None, None),
        (None, word("yes"), None),
        (word("no"), None, "no"),
        (word("withdrawn"), word("yes", 2), "no"),
        (word("no", 2), word("no"), None),
        (word("yes", 2), word("no"), None),
        (word("yes", 2), word("withdrawn"), None),
        (word("yes"), None, "yes"),
        (word("yes", replaced_at=START), None, "yes"),
        (word("yes"), word("yes", 2), None),
        (word("yes"), word("yes", 2, START), "yes"),
        (word("yes", replaced_at=START), word("yes", 2, START), None),
    ],
)
def test_of_two_records_of_one_guardian_the_strictest_answer_stays(gone, kept, afterwards):
    assert decide_taken_over(gone, kept) == afterwards
