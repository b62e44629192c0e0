"""Pictures held up at the enrolment desk: counted, then enrolled once staff have confirmed the person."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from tests.face.liveness.fixed import Fixed

from willing.audit.models import Entry
from willing.biometrics import engine as engines
from willing.biometrics.capture import (
    abandon_capture,
    add_capture_frame,
    begin_sealing,
    find_capture,
    finish_capture,
    start_capture,
)
from willing.biometrics.desk_pictures import confirm_person, desk_picture_sums
from willing.biometrics.picture_models import DeskPictureDay
from willing.biometrics.pictures import PictureSums
from willing.biometrics.queries import has_face
from willing.biometrics.school_policy import decide_pictures
from willing.core.errors import Refused
from willing.people.queries import today

pytestmark = pytest.mark.face
LIVE, DOUBT, PICTURE = 3.0, -1.0, -5.0


@pytest.fixture
def desk(cast: Any, camera: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that captures three good frames of Ada, each with a score of the check."""

    def capture(score: float, *decided: str, by_camera: bool = True) -> UUID:
        monkeypatch.setattr(engines, "_pictures", Fixed(score))
        monkeypatch.setattr(engines, "_pictures_fault", "")
        for step in decided:
            decide_pictures(cast.school, step, reason="Tried at the desk", by=cast.user("dpo"))
        user, shots = cast.user("office"), camera("person_a_2.jpg")
        begun = start_capture(cast.person("Ada"), "canteen", user=user)
        for _ in range(40):  # some frames are too near for the check
            if add_capture_frame(begun, shots.frame(), user=user, by_camera=by_camera).good_frames == 3:
                return begun
        raise AssertionError("no three good frames")

    return capture


def counted() -> list[tuple[bool, int, int, int, int]]:
    rows = DeskPictureDay.objects.order_by("acts")
    return [(row.acts, row.live, row.doubt, row.picture, row.confirmed) for row in rows]


def refusal(deed: Any) -> str:
    with pytest.raises(Refused) as caught:
        deed()
    return caught.value.code


def test_nothing_is_watched_until_the_school_has_decided(cast: Any, desk: Any) -> None:
    finish_capture(desk(PICTURE), user=cast.user("office"))
    assert counted() == []


@pytest.mark.parametrize(("score", "row"), [(LIVE, (1, 0, 0)), (DOUBT, (0, 1, 0)), (PICTURE, (0, 0, 1))])
def test_the_shadow_counts_and_everybody_is_enrolled(cast: Any, desk: Any, score: float, row: Any) -> None:
    finish_capture(desk(score, "shadow"), user=cast.user("office"))
    assert counted() == [(False, *row, 0)]
    assert has_face(cast.person("Ada"))


@pytest.mark.parametrize("score", [LIVE, DOUBT])
def test_where_it_acts_the_living_and_the_doubtful_are_enrolled_at_once(
    cast: Any, desk: Any, score: float
) -> None:
    finish_capture(desk(score, "shadow", "acting"), user=cast.user("office"))
    assert has_face(cast.person("Ada"))


def test_a_picture_is_enrolled_only_once_staff_have_confirmed_the_person(cast: Any, desk: Any) -> None:
    user = cast.user("office")
    capture = desk(PICTURE, "shadow", "acting")
    assert refusal(lambda: begin_sealing(capture, user=user)) == "picture_at_desk"
    assert refusal(lambda: finish_capture(capture, user=user)) == "picture_at_desk"
    assert not has_face(cast.person("Ada"))
    confirm_person(capture, user=user)
    confirm_person(capture, user=user)
    finish_capture(capture, user=user)
    assert counted() == [(True, 0, 0, 1, 1)]
    assert desk_picture_sums(cast.school, today(cast.school)) == PictureSums("", 1, 0, 0, 1)
    [entry] = Entry.objects.filter(event="face.capture_confirmed")
    hashed = json.loads(bytes(entry.hashed))
    assert (hashed["facts"], hashed["subject"]) == ({"by": user.pk}, str(cast.school.pk))


def test_a_picture_that_is_given_up_is_counted_and_enrols_nobody(cast: Any, desk: Any) -> None:
    user = cast.user("office")
    capture = desk(PICTURE, "shadow", "acting")
    found = find_capture(capture, user=user)
    assert found is not None
    assert found.shows_picture
    abandon_capture(capture, user=user)
    assert counted() == [(True, 0, 0, 1, 0)]
    assert refusal(lambda: confirm_person(capture, user=user)) == "capture_gone"


def test_nobody_confirms_what_another_member_of_staff_captures(cast: Any, desk: Any) -> None:
    capture = desk(PICTURE, "shadow", "acting")
    assert refusal(lambda: confirm_person(capture, user=cast.user("dpo"))) == "capture_gone"


def test_photographs_that_are_uploaded_are_not_watched(cast: Any, desk: Any) -> None:
    finish_capture(desk(PICTURE, "shadow", "acting", by_camera=False), user=cast.user("office"))
    assert counted() == []
    assert desk_picture_sums(cast.school, today(cast.school)) is None


def test_the_database_holds_to_the_rules_too(cast: Any) -> None:
    for numbers in ({"acts": False, "picture": 1, "confirmed": 1}, {"acts": True, "confirmed": 1}):
        with pytest.raises(IntegrityError), transaction.atomic():
            DeskPictureDay.objects.create(school=cast.school, day=today(cast.school), **numbers)
