"""A decision is sure, or it says that it is not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from willing.face import (
    DEFAULT_CALIBRATION,
    Evidence,
    Face,
    FaceOutcome,
    Gallery,
    MixedTemplates,
    Policy,
    Template,
    decide,
    decide_verify,
)

Make = Callable[..., Template]
Find = Callable[[str], Face]


@pytest.fixture
def gallery(face: Find) -> Gallery:
    held = Gallery()
    held.add("a", [face("person_a_1").template])
    held.add("b", [face("person_b_1").template])
    return held


@pytest.mark.parametrize("person", ["a", "b"])
def test_a_portrait_taken_years_later_is_the_same_person(person: str, gallery: Gallery, face: Find) -> None:
    decision = decide([face(f"person_{person}_2").template] * 2, gallery)
    assert (decision.outcome, decision.person, decision.reasons) == (FaceOutcome.MATCH, person, ())
    assert decision.wrong_person_probability < 0.001
    assert decision.score > decision.threshold
    assert decision.frames == 2


@pytest.mark.parametrize("stranger", ["impostor_1", "impostor_2", "biden", "obama", "obama2", "obama3"])
def test_a_stranger_is_unknown(stranger: str, gallery: Gallery, face: Find) -> None:
    decision = decide([face(stranger).template] * 3, gallery)
    assert (decision.outcome, decision.person) == (FaceOutcome.UNKNOWN, None)
    assert decision.reasons == ("below_threshold",)
    assert decision.wrong_person_probability > 0.001


def test_two_people_too_close_to_tell_are_ambiguous_and_unnamed(
    at_cosine: Make, random_template: Make
) -> None:
    probe = random_template(3)
    held = Gallery()
    held.add("twin one", [at_cosine(probe, 0.80, seed=1)])
    held.add("twin two", [at_cosine(probe, 0.78, seed=2)])
    decision = decide([probe, probe], held)
    assert (decision.outcome, decision.person) == (FaceOutcome.AMBIGUOUS, None)
    assert decision.reasons == ("runner_up_too_close",)
    assert decision.margin == pytest.approx(0.02, abs=1e-4)


def test_too_few_frames_and_an_empty_gallery_are_unknown_with_their_reason(random_template: Make) -> None:
    held = Gallery()
    assert decide([random_template(1)] * 2, held).reasons == ("empty_gallery",)
    held.add("one", [random_template(1)])
    assert decide([random_template(1)], held).reasons == ("too_few_frames",)
    assert decide([], held).outcome is FaceOutcome.UNKNOWN
    assert decide([random_template(1)], held, Policy(min_frames=1)).outcome is FaceOutcome.MATCH


def test_verifying_asks_about_one_person_only(gallery: Gallery, face: Find) -> None:
    frames = [face("person_a_2").template] * 2
    assert decide_verify(frames, gallery, "a").person == "a"
    other = decide_verify(frames, gallery, "b")
    assert (other.outcome, other.person, other.reasons) == (FaceOutcome.UNKNOWN, None, ("below_threshold",))
    assert decide_verify(frames, gallery, "nobody").reasons == ("not_enrolled",)
    assert decide_verify(frames[:1], gallery, "a").reasons == ("too_few_frames",)


def test_a_larger_gallery_asks_for_a_higher_score() -> None:
    thresholds = [Policy().threshold(people) for people in (1, 10, 300, 2_000, 100_000)]
    assert thresholds == sorted(thresholds)
    assert thresholds[0] < thresholds[-1]
    assert Policy(fpir=0.01).threshold(300) < Policy(fpir=0.001).threshold(300)


@pytest.mark.parametrize("people", [1, 7, 300, 50_000])
@pytest.mark.parametrize("fpir", [0.1, 0.01, 0.001, 1e-5])
def test_threshold_and_probability_are_each_others_inverse(fpir: float, people: int) -> None:
    score = DEFAULT_CALIBRATION.threshold(fpir, people)
    assert DEFAULT_CALIBRATION.wrong_person_probability(score, people) == pytest.approx(fpir, rel=1e-6)


@pytest.mark.parametrize("fpir", [0, 1, -0.1, 1.5])
def test_a_rate_outside_nought_to_one_is_refused(fpir: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        DEFAULT_CALIBRATION.threshold(fpir, 10)


def test_evidence_decides_as_soon_as_it_is_sure(gallery: Gallery, face: Find) -> None:
    evidence = Evidence(gallery)
    assert evidence.add(face("person_b_2")) is None
    decision = evidence.add(face("person_b_2"))
    assert decision is not None
    assert decision.person == "b"


def test_evidence_gives_up_on_a_clear_stranger_before_the_last_frame(gallery: Gallery, face: Find) -> None:
    evidence = Evidence(gallery)
    answers = [evidence.add(face("biden")) for _ in range(Policy().max_frames)]
    first = next(index for index, answer in enumerate(answers) if answer is not None)
    assert first + 1 < Policy().max_frames
    decided = answers[first]
    assert decided is not None
    assert decided.outcome is FaceOutcome.UNKNOWN


def test_evidence_starts_anew_when_another_face_comes(gallery: Gallery, face: Find) -> None:
    evidence = Evidence(gallery)
    assert evidence.add(face("person_a_2")) is None
    assert evidence.add(face("person_b_2")) is None
    assert evidence.frames == 1
    decision = evidence.add(face("person_b_2"))
    assert decision is not None
    assert (decision.person, decision.frames) == ("b", 2)


def test_evidence_forgets_on_reset_and_concludes_over_what_it_has(gallery: Gallery, face: Find) -> None:
    evidence = Evidence(gallery)
    evidence.add(face("person_a_2"))
    assert evidence.conclude().reasons == ("too_few_frames",)
    evidence.reset()
    assert evidence.frames == 0
    assert evidence.conclude().outcome is FaceOutcome.UNKNOWN


def test_evidence_of_another_model_is_refused(gallery: Gallery, random_template: Make) -> None:
    evidence = Evidence(gallery, Policy(min_frames=1))
    with pytest.raises(MixedTemplates):
        evidence.add(random_template(1, model_id="another"))


def test_nothing_shows_a_vector(gallery: Gallery, face: Find) -> None:
    found = face("person_a_1")
    number = f"{found.template.vector[0]:.4f}"[:6]
    shown = repr(found) + repr(found.template) + repr(gallery) + repr(Evidence(gallery))
    assert "array" not in shown
    assert number not in shown
