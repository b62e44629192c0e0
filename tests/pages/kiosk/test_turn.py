"""Where a till asks for a turn of the head: the words and the side of the arrow, never who or why."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from tests.pages.kiosk.test_access import at

from willing.pages.kiosk import face_views
from willing.pages.ui.camera_words import HINTS, TURNS
from willing.till.face_identification import FrameAnswer

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.face


@pytest.fixture
def till(cast: Any) -> Client:
    return at(cast.till, cast)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


def test_every_hint_of_the_engine_has_words_in_both_languages() -> None:
    from willing.face import Hint  # needs the engine, as the mark says

    assert set(HINTS) == {hint.value for hint in Hint}
    listed = (ROOT / "docs" / "reference" / "api.md").read_text(encoding="utf-8")
    assert [hint for hint in HINTS if f"`{hint}`" not in listed] == []
    with translation.override("zh-hans"):
        assert str(HINTS["turn_left"]) == "请向左转头，然后再看屏幕"


@pytest.mark.parametrize("side", ["left", "right"])
def test_the_answer_to_a_frame_says_to_which_side(
    till: Client, monkeypatch: pytest.MonkeyPatch, side: str
) -> None:
    monkeypatch.setattr(face_views, "submit_frame", lambda *_: FrameAnswer("looking", f"turn_{side}"))
    answer = till.post(reverse("kiosk:frame", args=[uuid4()]), b"x", content_type="image/jpeg")
    assert answer.json() == {
        "state": "looking",
        "hint": f"Turn your head to the {side}, then look at the screen again",
        "turn": side,
    }


def test_any_other_hint_shows_no_arrow(till: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(face_views, "submit_frame", lambda *_: FrameAnswer("looking", "closer"))
    answer = till.post(reverse("kiosk:frame", args=[uuid4()]), b"x", content_type="image/jpeg")
    assert answer.json()["turn"] == ""
    assert set(TURNS) < set(HINTS)
