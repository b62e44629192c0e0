"""Only a living person is a match: pictures end as strangers do, the doubtful are asked to turn once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from tests.face.liveness.fixed import Fixed
from tests.face.liveness.test_turn import HEAD, seen

from willing.face import Alive, AliveFinding, AliveWatch, Evidence, FaceOutcome, Gallery, Hint, Template
from willing.face.pipeline.detect import Detection
from willing.face.types import Quality

STRAIGHT = Quality(80, 0.5, 120, 40, 0, 0, 0, 60, 0, 0.95)
FRAME = np.full((480, 640, 3), 120, np.uint8)
BOX = np.array([280, 200, 80, 100], np.float32)
Make = Callable[..., Template]


class Session:
    """One session before a camera: `look` shows a face, turned by yaw degrees, of a template."""

    def __init__(
        self, gallery: Gallery, *scores: float, acts: bool = True, person: str | None = None
    ) -> None:
        self.now = 10.0
        self.watch = AliveWatch(Fixed(*scores))
        self.evidence = Evidence(gallery, person=person)
        self.alive = Alive(self.watch, acts=acts, choose=lambda: "left", clock=lambda: self.now)

    def look(self, template: Template, yaw: float = 0.0) -> tuple[str, Hint]:
        self.now += 0.1
        face = Detection(BOX, seen(HEAD, yaw=yaw), 0.95)
        assert self.watch.see(FRAME, face, replace(STRAIGHT, yaw_deg=yaw)) is Hint.OK
        step = self.alive.add(self.evidence, template)
        return (step.decision.outcome.value if step.decision else "", step.hint)

    def asked(self, template: Template) -> None:
        assert [self.look(template)[0] for _ in range(2)] == ["", ""]
        assert self.look(template) == ("", Hint.TURN_LEFT)


@pytest.fixture
def ann(random_template: Make) -> Template:
    return random_template(1)


@pytest.fixture
def gallery(ann: Template, random_template: Make) -> Gallery:
    gallery = Gallery()
    gallery.add("ann", [ann])
    gallery.add("ben", [random_template(2)])
    return gallery


def test_a_living_person_is_a_match_after_three_frames(gallery: Gallery, ann: Template) -> None:
    session = Session(gallery, 3.0)
    assert [session.look(ann)[0] for _ in range(3)] == ["", "", "match"]
    assert session.alive.finding is AliveFinding.LIVE


@pytest.mark.parametrize("person", [None, "ann"])
def test_a_picture_ends_as_anybody_who_is_not_recognised(
    gallery: Gallery, ann: Template, person: str | None
) -> None:
    session = Session(gallery, -5.0, person=person)
    assert [session.look(ann) for _ in range(4)] == [("", Hint.OK)] * 3 + [("unknown", Hint.OK)]
    assert session.alive.finding is AliveFinding.PICTURE


def frames_until_the_answer(session: Session, looks: list[Template]) -> int:
    return next(count for count, template in enumerate(looks, 1) if session.look(template)[0])


def test_a_picture_is_refused_after_as_many_frames_as_its_owner_would_be_who_is_not_enrolled(
    random_template: Make, at_cosine: Make
) -> None:
    others = [random_template(seed) for seed in range(100, 400)]
    waits = set()
    for seed in range(40):
        shown = random_template(seed)
        looks = [at_cosine(shown, 0.8, seed=one) for one in range(8)]
        unenrolled, enrolled = Gallery(), Gallery()
        for number, other in enumerate(others):
            unenrolled.add(str(number), [other])
            enrolled.add(str(number), [other])
        enrolled.add("shown", [shown])
        stranger = frames_until_the_answer(Session(unenrolled, -5.0), looks)
        assert frames_until_the_answer(Session(enrolled, -5.0), looks) == stranger
        waits.add(stranger)
    assert {4, 8} <= waits


def test_two_people_at_once_begin_the_wait_of_a_picture_anew(gallery: Gallery, ann: Template) -> None:
    session = Session(gallery, -5.0)
    for _ in range(3):
        session.look(ann)
    assert session.alive.no_face(session.evidence, Hint.SEVERAL_FACES).decision is None
    assert [session.look(ann)[0] for _ in range(4)] == ["", "", "", "unknown"]


def test_a_living_person_is_no_match_in_a_session_that_began_with_a_picture(
    gallery: Gallery, ann: Template, random_template: Make
) -> None:
    session = Session(gallery, -5.0, -5.0, -5.0, 9.0)
    for _ in range(3):
        session.look(ann)
    assert [session.look(random_template(2))[0] for _ in range(4)] == ["", "", "", "unknown"]
    assert session.alive.finding is AliveFinding.PICTURE


def test_the_refusal_names_nobody(gallery: Gallery, ann: Template) -> None:
    session = Session(gallery, -5.0)
    for _ in range(3):
        session.look(ann)
    session.watch.see(FRAME, Detection(BOX, seen(HEAD), 0.95), STRAIGHT)
    decision = session.alive.add(session.evidence, ann).decision
    assert decision is not None
    assert (decision.outcome, decision.person, decision.reasons) == (
        FaceOutcome.UNKNOWN,
        None,
        ("not_living",),
    )


def test_nothing_is_found_about_somebody_who_is_not_recognised(
    gallery: Gallery, random_template: Make
) -> None:
    session = Session(gallery, -5.0)
    stranger = random_template(99)
    assert [session.look(stranger)[0] for _ in range(4)][-1] == "unknown"
    assert session.alive.finding is None


def test_in_doubt_one_turn_and_a_look_back_make_a_match(gallery: Gallery, ann: Template) -> None:
    session = Session(gallery, -1.0)
    session.asked(ann)
    assert session.look(ann, yaw=12) == ("", Hint.TURN_LEFT)
    assert session.look(ann, yaw=38) == ("", Hint.LOOK_STRAIGHT)
    assert session.look(ann, yaw=25) == ("", Hint.LOOK_STRAIGHT)
    assert [session.look(ann)[0] for _ in range(2)] == ["", "match"]
    assert session.alive.finding is AliveFinding.TURNED


def test_a_turn_to_the_other_side_answers_nothing_and_time_ends_it(gallery: Gallery, ann: Template) -> None:
    session = Session(gallery, -1.0)
    session.asked(ann)
    assert session.look(ann, yaw=-38) == ("", Hint.TURN_LEFT)
    session.now += 4
    assert session.look(ann, yaw=38)[0] == "unknown"
    assert session.alive.finding is AliveFinding.NOT_TURNED


def test_time_ends_a_turn_that_no_usable_face_answers(gallery: Gallery, ann: Template) -> None:
    session = Session(gallery, -1.0)
    session.asked(ann)
    assert session.alive.no_face(session.evidence, Hint.NO_FACE).hint is Hint.TURN_LEFT
    session.now += 4.1
    step = session.alive.no_face(session.evidence, Hint.NO_FACE)
    assert step.decision is not None
    assert step.decision.outcome is FaceOutcome.UNKNOWN


def test_another_person_who_turns_for_a_picture_ends_it(
    gallery: Gallery, ann: Template, random_template: Make
) -> None:
    session = Session(gallery, -1.0)
    session.asked(ann)
    assert session.look(random_template(2), yaw=38)[0] == "unknown"
    assert session.alive.finding is AliveFinding.NOT_TURNED


def test_another_person_after_the_turn_ends_it(
    gallery: Gallery, ann: Template, random_template: Make
) -> None:
    session = Session(gallery, -1.0)
    session.asked(ann)
    assert session.look(ann, yaw=38)[0] == ""
    assert [session.look(random_template(2))[0] for _ in range(2)] == ["", "unknown"]


def test_who_looks_like_themselves_and_is_not_recognised_after_the_turn_is_refused(
    gallery: Gallery, ann: Template, at_cosine: Make
) -> None:
    session = Session(gallery, -1.0)
    session.asked(ann)
    assert session.look(ann, yaw=38)[0] == ""
    faint = at_cosine(ann, 0.22)
    assert [session.look(faint)[0] for _ in range(4)][-1] == "unknown"


def test_two_people_at_once_end_a_turn_and_before_one_begin_anew(gallery: Gallery, ann: Template) -> None:
    session = Session(gallery, -1.0)
    session.look(ann)
    assert session.alive.no_face(session.evidence, Hint.SEVERAL_FACES).decision is None
    assert session.evidence.frames == 0
    session.asked(ann)
    step = session.alive.no_face(session.evidence, Hint.SEVERAL_FACES)
    assert step.decision is not None
    assert session.alive.finding is AliveFinding.NOT_TURNED


def test_a_living_face_lends_no_score_to_the_picture_after_it(
    gallery: Gallery, ann: Template, random_template: Make
) -> None:
    session = Session(gallery, 9.0, 9.0, -5.0)
    for _ in range(2):
        assert session.look(random_template(50))[0] == ""
    assert [session.look(ann)[0] for _ in range(4)] == ["", "", "", "unknown"]
    assert session.alive.finding is AliveFinding.PICTURE


def test_a_match_waits_for_straight_looks(gallery: Gallery, ann: Template) -> None:
    session = Session(gallery, 3.0)
    assert [session.look(ann, yaw=30)[0] for _ in range(4)] == [""] * 4
    assert [session.look(ann)[0] for _ in range(3)] == ["", "", "match"]


@pytest.mark.parametrize(
    ("score", "finding"), [(3.0, AliveFinding.LIVE), (-1.0, AliveFinding.DOUBT), (-5.0, AliveFinding.PICTURE)]
)
def test_the_shadow_counts_and_decides_nothing(
    gallery: Gallery, ann: Template, score: float, finding: AliveFinding
) -> None:
    session = Session(gallery, score, acts=False)
    assert [session.look(ann)[0] for _ in range(3)] == ["", "", "match"]
    assert session.alive.finding is finding


def test_the_shadow_keeps_nobody_waiting_for_straight_looks(gallery: Gallery, ann: Template) -> None:
    session = Session(gallery, -5.0, acts=False)
    assert [session.look(ann, yaw=30)[0] for _ in range(3)] == ["", "", "match"]
    assert session.alive.finding is None
