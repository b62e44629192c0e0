"""The room's rules, by table: sessions, frames, filing, keeping."""

from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from willing.biometrics import rules
from willing.biometrics.rules import Filing, RetentionLimits

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def test_a_camera_is_waited_for_half_a_minute_and_looks_for_eight_seconds():
    assert rules.session_end(NOW, None) == NOW + seconds(30)
    assert rules.session_end(NOW, NOW + seconds(5)) == NOW + seconds(13)


def test_a_session_that_ends_later_than_any_can_is_over():
    assert rules.session_bounds(NOW) == (NOW, NOW + seconds(35))


@pytest.mark.parametrize(
    ("cosines", "why"),
    [
        ([], "too_few_frames"),
        ([[1.0, 0.9], [0.9, 1.0]], "too_few_frames"),
        ([[1.0] * 3] * 3, None),
        ([[1.0] * 4] * 4, None),
        ([[1.0, 0.5, 0.5]] * 3, None),
        ([[1.0, 0.5, 0.49]] * 3, "several_people"),
        ([[1.0, 1.0, 1.0], [1.0, 1.0, 0.2], [1.0, 0.2, 1.0]], "several_people"),
    ],
)
def test_a_reference_takes_three_frames_of_one_person(cosines, why):
    assert rules.enough_of_one_person(cosines) == why


@pytest.mark.parametrize(
    ("cosine", "is_same"), [(1.0, True), (0.9995, True), (0.9994, False), (0.9954, False)]
)
def test_the_same_picture_is_no_second_frame(cosine, is_same):
    assert rules.is_same_picture(cosine) is is_same


@pytest.mark.parametrize(
    ("people", "warn", "stop", "is_filed", "state"),
    [
        (99, 100, 200, False, Filing.NOT_ASKED),
        (99, 100, 200, True, Filing.NOT_ASKED),
        (100, 100, 200, False, Filing.SOON),
        (199, 100, 200, False, Filing.SOON),
        (200, 100, 200, False, Filing.STOPPED),
        (201, 100, 200, False, Filing.STOPPED),
        (200, 100, 200, True, Filing.FILED),
        (500, None, 200, False, Filing.NOT_ASKED),
        (500, 100, None, False, Filing.NOT_ASKED),
    ],
)
def test_a_school_files_before_it_stores_too_many(people, warn, stop, is_filed, state):
    assert rules.decide_filing(people, warn, stop, is_filed=is_filed) == state


def test_a_month_is_as_many_points_in_its_middle_as_there_were_looks():
    months = [(date(2026, 9, 1), 2, 151), (date(2026, 10, 1), 0, 0), (date(2026, 11, 1), 1, 88)]
    middle, later = date(2026, 9, 15), date(2026, 11, 15)
    assert rules.monthly_points(months) == [(middle, 0.755), (middle, 0.755), (later, 0.88)]


@pytest.mark.parametrize(
    ("days", "is_used", "is_over"),
    [
        (0, False, False),
        (90, False, False),
        (90.001, False, True),
        (90.001, True, False),
        (365, True, False),
        (365.001, True, True),
        (365.001, False, True),
    ],
)
def test_a_template_is_kept_for_its_time_and_not_unused(days, is_used, is_over):
    keeping = RetentionLimits(days_max=365, unused_days_max=90)
    assert rules.is_overdue(timedelta(days=days), keeping, is_used=is_used) is is_over
    with pytest.raises(FrozenInstanceError):
        keeping.days_max = 1  # type: ignore[misc]  # frozen for mypy as well


def test_the_bounds_that_the_documents_name():
    assert (rules.FRAMES_AT_LEAST, rules.SESSION_SECONDS, rules.START_SECONDS, rules.APART_SECONDS) == (
        3,
        8,
        30,
        5,
    )
    assert (rules.SAME_PERSON_COSINE, rules.SAME_PICTURE_COSINE, rules.REASON_LENGTH_MAX) == (
        0.5,
        0.9995,
        500,
    )
    assert (rules.FRAME_BYTES_MAX, rules.PAGE_FRAME_BYTES_MAX) == (2_000_000, 400_000)


@pytest.mark.parametrize(
    ("decided", "may_store_centrally", "kinds"),
    [
        ("", True, {"central"}),
        ("central", True, {"central"}),
        ("card", True, {"card"}),
        ("both", True, {"central", "card"}),
        ("", False, {"card"}),
        ("central", False, {"card"}),
        ("both", False, {"card"}),
    ],
)
def test_which_faces_are_enrolled_follows_from_the_law_and_then_from_the_school(
    decided, may_store_centrally, kinds
):
    assert rules.kinds_enrolled(decided, may_store_centrally=may_store_centrally) == kinds


@pytest.mark.parametrize(
    ("one", "other", "is_same_year", "expected"),
    [
        (None, None, True, True),
        (None, None, False, False),
        (date(2014, 5, 1), None, False, False),
        (date(2014, 5, 1), None, True, True),
        (date(2014, 5, 1), date(2014, 5, 1), False, True),
        (date(2014, 5, 1), date(2015, 5, 2), False, True),
        (date(2015, 5, 3), date(2014, 5, 1), True, False),
    ],
)
def test_siblings_are_of_one_age_by_their_dates_of_birth_or_else_by_their_year(
    one, other, is_same_year, expected
):
    assert rules.is_same_age(one, other, is_same_year=is_same_year) is expected


def months(people, age, hundredths, *, uses=2):
    """Return a month of each of `people` templates, so many months after the enrolment."""
    enrolled = date(2026, 1, 31)
    month = date(2026 + age // 12, 1 + age % 12, 1)
    return [
        rules.MonthOfScores(UUID(int=number), enrolled, month, uses, uses * hundredths)
        for number in range(people)
    ]


@pytest.mark.parametrize(
    ("age", "row"), [(0, (0, 3)), (2, (0, 3)), (3, (3, 6)), (11, (9, 12)), (23, (18, 24)), (90, (24, None))]
)
def test_scores_are_added_up_by_the_months_since_the_enrolment(age, row):
    (found,) = rules.scores_by_age(months(10, age, 60))
    assert (found.begin, found.end, found.people, found.uses, found.mean) == (*row, 10, 20, 0.6)


def test_a_mean_counts_looks_and_a_person_of_two_months_is_one():
    (found,) = rules.scores_by_age([*months(10, 0, 70, uses=3), *months(10, 1, 50, uses=1)])
    assert (found.people, found.uses) == (10, 40)
    assert found.mean == pytest.approx(0.65)


def test_scores_of_fewer_than_ten_people_are_not_said():
    found = rules.scores_by_age([*months(10, 0, 70), *months(9, 4, 50)])
    assert [(one.begin, one.people, one.uses, one.mean) for one in found][1] == (3, None, None, None)
    assert found[0].people == 10
    assert rules.scores_by_age([]) == []


def test_a_look_before_the_enrolment_by_another_clock_counts_as_new():
    row = rules.MonthOfScores(UUID(int=1), date(2026, 3, 1), date(2026, 2, 1), 1, 60)
    assert [one.begin for one in rules.scores_by_age([row])] == [0]


@pytest.mark.parametrize(("days", "is_due"), [(0, False), (59, False), (60, True), (400, True)])
def test_a_later_reference_is_due_sixty_days_after_the_one_before(days, is_due):
    assert rules.is_refresh_due(timedelta(days=days)) is is_due
