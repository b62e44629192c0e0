"""The page that leads staff through sixty tries at a till, and the paper of what they found."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from tests.biometrics.test_picture_tests import fill, till_of
from tests.face.liveness.fixed import Fixed

from willing.biometrics import engine as engines
from willing.biometrics.picture_models import PictureTest
from willing.biometrics.picture_results import OUTCOMES
from willing.biometrics.picture_tests import find_open_test, finish_test, start_test
from willing.biometrics.school_policy import decide_pictures
from willing.documents.dpia import dpia_document
from willing.documents.dpia_content import live_dpia
from willing.ops.health_pictures import pictures_detected
from willing.pages.console.labels import TEST_HINTS, TEST_OUTCOMES
from willing.people.models import School

pytestmark = pytest.mark.face


@pytest.fixture
def check(cast: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Install a check that takes every face for a living one; the school lets it count."""
    monkeypatch.setattr(engines, "_pictures", Fixed(3.0))
    monkeypatch.setattr(engines, "_pictures_fault", "")
    decide_pictures(cast.school, "shadow", reason="Tried at the tills", by=cast.user("dpo"))


@pytest.fixture
def administrator(browser: Any) -> Client:
    client: Client = browser("administrator")
    return client


def at(cast: Any, name: str = "", *more: Any) -> str:
    return reverse(f"console:till-test{name}", args=[cast.till.pk, *more])


def test_every_hint_and_outcome_has_words() -> None:
    from willing.face import Hint  # needs the engine, as the mark says

    assert set(TEST_HINTS) >= {hint.value for hint in Hint}
    assert set(TEST_OUTCOMES) == set(OUTCOMES)


def test_the_page_says_why_a_till_cannot_be_tested(
    cast: Any, administrator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "The school has not decided to detect pictures." in administrator.get(at(cast)).content.decode()
    decide_pictures(cast.school, "shadow", reason="Tried at the tills", by=cast.user("dpo"))
    monkeypatch.setattr(engines, "_pictures", None)
    for fault, said in (("not_installed", "No network that detects"), ("model_mismatch", "is damaged")):
        monkeypatch.setattr(engines, "_pictures_fault", fault)
        assert said in administrator.get(at(cast)).content.decode()
    refused = administrator.post(at(cast, "-try"))
    assert (refused.status_code, "test page says why" in refused.json()["refusal"]) == (409, True)


@pytest.mark.usefixtures("check")
def test_staff_agree_first_then_try_by_try_and_may_leave_and_come_back(
    cast: Any, administrator: Client, browser: Any, camera: Any
) -> None:
    assert administrator.post(at(cast, "-start")).status_code == 302
    assert find_open_test(cast.till) is None
    assert "has agreed" in administrator.get(at(cast)).content.decode()
    administrator.post(at(cast, "-start"), {"agreed": "yes"})
    text = administrator.get(at(cast), {"kind": "print"}).content.decode()
    assert "A print, 30 cm from the camera, 1 of 5" in text
    frames = administrator.post(at(cast, "-try"), {"kind": "print"}).json()["frames"]
    shots, answer = camera("person_a_1.jpg"), {"state": "looking"}
    unreadable = administrator.post(frames, b"nothing", content_type="image/jpeg")
    assert unreadable.json() == {"state": "looking", "hint": "", "turn": ""}
    assert administrator.post(frames, bytes(400_001), content_type="image/jpeg").status_code == 413
    while answer["state"] == "looking":
        answer = administrator.post(frames, shots.frame(), content_type="image/jpeg").json()
    assert answer == {"state": "over"}
    assert administrator.post(frames, shots.frame(), content_type="image/jpeg").status_code == 409
    assert "Counted: taken for a living person." in administrator.get(at(cast)).content.decode()
    # The officer goes on where the administrator has left.
    assert "1 of 60 attempts" in browser("dpo").get(at(cast)).content.decode()


@pytest.mark.usefixtures("check")
def test_the_finished_test_is_a_paper_and_is_in_the_assessment(
    cast: Any, administrator: Client, browser: Any
) -> None:
    assert administrator.post(at(cast, "-finish"), follow=True).status_code == 200
    assert not PictureTest.objects.exists()
    fill(start_test(till_of(cast)), passed=2)
    assert "All tries are done" in administrator.get(at(cast)).content.decode()
    shown = administrator.post(at(cast, "-finish"), follow=True).content.decode()
    assert "APCER 13% (2%–40%)" in shown
    assert "BPCER 0% (0%–22%)" in shown
    test = PictureTest.objects.get()
    pdf = administrator.get(at(cast, "-pdf", test.pk))
    assert pdf.content.startswith(b"%PDF")
    assert "2 of 45 pictures accepted, 0 of 15 living" in browser("dpo").get("/staff/faces/").content.decode()
    with translation.override("en"):
        sections = {one.title: one for one in dpia_document(live_dpia(cast.school)).sections}
    section = sections["Pictures held up to the camera"]
    assert section.paragraphs == (f"Not tested with pictures: {cast.other_till.name}.",)
    assert section.table is not None
    day = f"{test.finished_on:%Y-%m-%d}"
    assert (cast.till.name, day, "A phone", "15", "APCER 13% (2%–40%)") in section.table.rows


@pytest.mark.usefixtures("check")
def test_a_paper_of_another_till_or_of_a_test_that_is_not_finished_is_not_shown(
    cast: Any, administrator: Client
) -> None:
    test = start_test(till_of(cast))
    assert administrator.get(at(cast, "-paper", test.pk)).status_code == 409
    fill(test)
    finish_test(till_of(cast), by=cast.user("administrator"))
    elsewhere = reverse("console:till-test-paper", args=[cast.other_till.pk, test.pk])
    assert administrator.get(elsewhere).status_code == 409
    assert administrator.get(at(cast, "-paper", test.pk)).status_code == 200


@pytest.mark.usefixtures("check")
def test_health_names_the_tills_that_refuse_pictures_untried(cast: Any) -> None:
    def untried() -> list[str]:
        found = {one.code: one for one in pictures_detected(School.objects.get())}
        return [found["pictures_tested"].detail] if "pictures_tested" in found else []

    assert untried() == []
    decide_pictures(cast.school, "acting", reason="Tried at the tills", by=cast.user("dpo"))
    [detail] = untried()
    assert f"{cast.till.name}, " in detail or f", {cast.till.name}" in detail
    for till in (cast.till, cast.other_till):
        test = PictureTest.objects.create(terminal=till, network="fixed", started_on="2026-01-01")
        fill(test)
        finish_test(till, by=cast.user("administrator"))
    assert untried() == []
