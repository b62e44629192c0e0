"""Enrolment keeps the best frames, and finds who cannot be told apart and whose face has grown."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from willing.face import (
    EmptyTemplates,
    Face,
    Gallery,
    PairLikeness,
    Policy,
    Template,
    assess_renewal,
    choose_references,
    find_lookalike_pairs,
    find_lookalikes,
)

Make = Callable[..., Template]
Find = Callable[[str], Face]
DAY = date(2026, 9, 1)


def with_quality(face: Face, score: float, template: Template) -> Face:
    return dataclasses.replace(
        face, quality=dataclasses.replace(face.quality, score=score), template=template
    )


def test_the_best_frame_comes_first_and_copies_of_it_last(face: Find, at_cosine: Make) -> None:
    base = face("obama")
    copy = with_quality(base, 99, at_cosine(base.template, 0.999))
    other = with_quality(base, 60, at_cosine(base.template, 0.7, seed=2))
    best = with_quality(base, 100, base.template)
    assert choose_references([copy, other, best], count=2) == [best, other]
    assert len(choose_references([copy, other, best], count=9)) == 3


def test_a_stranger_among_the_frames_is_left_out(face: Find) -> None:
    frames = [face("obama"), face("obama2"), face("obama3"), face("biden")]
    chosen = choose_references(frames)
    assert len(chosen) == 3
    assert face("biden") not in chosen


def test_nothing_to_choose_from_is_an_error() -> None:
    with pytest.raises(EmptyTemplates):
        choose_references([])


def test_lookalikes_and_doubles_are_found_and_nobody_else(random_template: Make, at_cosine: Make) -> None:
    newcomer = random_template(1)
    gallery = Gallery()
    for number in range(2, 300):
        gallery.add(f"other {number}", [random_template(number)])
    gallery.add("twin", [at_cosine(newcomer, 0.5, seed=1)])
    gallery.add("same person", [at_cosine(newcomer, 0.8, seed=2)])
    gallery.add("newcomer", [newcomer])
    found = find_lookalikes(gallery, [newcomer], person="newcomer")
    assert [(alike.other, alike.likeness) for alike in found] == [
        ("same person", PairLikeness.DUPLICATE),
        ("twin", PairLikeness.LOOKALIKE),
    ]
    assert {alike.person for alike in found} == {"newcomer"}


def test_one_person_under_two_names_is_found_on_real_portraits(face: Find) -> None:
    gallery = Gallery()
    gallery.add("Barack", [face("obama").template])
    gallery.add("Rishi", [face("impostor_2").template])
    gallery.add("Emmanuel", [face("person_a_1").template])
    found = find_lookalikes(gallery, [face("impostor_1").template], person="B. Obama")
    assert [(alike.other, alike.likeness) for alike in found] == [("Barack", PairLikeness.DUPLICATE)]
    with pytest.raises(EmptyTemplates):
        find_lookalikes(gallery, [])


def test_every_pair_of_a_school_is_compared_once(random_template: Make, at_cosine: Make) -> None:
    gallery = Gallery()
    for number in range(1500):
        gallery.add(str(number), [random_template(number)])
    gallery.add("double of 3", [at_cosine(random_template(3), 0.9, seed=9)])
    gallery.add("twin of 1400", [at_cosine(random_template(1400), 0.58, seed=8)])
    found = find_lookalike_pairs(gallery)
    assert [({pair.person, pair.other}, pair.likeness) for pair in found] == [
        ({"3", "double of 3"}, PairLikeness.DUPLICATE),
        ({"1400", "twin of 1400"}, PairLikeness.LOOKALIKE),
    ]


def test_a_stricter_school_flags_fewer_pairs_only_where_its_threshold_is_higher(
    random_template: Make, at_cosine: Make
) -> None:
    newcomer = random_template(1)
    gallery = Gallery()
    gallery.add("alike", [at_cosine(newcomer, 0.3, seed=1)])
    assert find_lookalikes(gallery, [newcomer], policy=Policy(fpir=0.01))
    assert not find_lookalikes(gallery, [newcomer], policy=Policy(fpir=0.0001))


def test_references_serve_for_a_school_year() -> None:
    assert not assess_renewal(DAY, DAY + timedelta(days=365)).due
    late = assess_renewal(DAY, DAY + timedelta(days=366))
    assert late.due
    assert late.reasons == ("age",)
    assert late.months == pytest.approx(12.02, abs=0.01)
    assert late.drift is None


def sessions(first: float, last: float, days: int, count: int = 20) -> list[tuple[date, float]]:
    return [
        (DAY + timedelta(days=round(days * i / (count - 1))), first + (last - first) * i / (count - 1))
        for i in range(count)
    ]


def test_a_face_that_grows_away_from_its_references_is_due() -> None:
    grown = assess_renewal(DAY, DAY + timedelta(days=200), sessions(0.7, 0.5, 200))
    assert grown.reasons == ("drift",)
    assert grown.drift == pytest.approx(-0.2, abs=0.01)
    steady = assess_renewal(DAY, DAY + timedelta(days=200), sessions(0.7, 0.68, 200))
    assert not steady.due


def test_drift_is_not_guessed_from_few_or_close_sessions() -> None:
    assert assess_renewal(DAY, DAY + timedelta(days=200), sessions(0.7, 0.2, 200, count=5)).drift is None
    assert assess_renewal(DAY, DAY + timedelta(days=200), sessions(0.7, 0.2, 10)).drift is None
