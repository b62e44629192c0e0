"""Lunch is paid, by every way, once."""

from pathlib import Path

from playwright.sync_api import expect
from tests.journeys.browser import Books
from tests.journeys.clips import one_person
from tests.journeys.conftest import OpenTill

CURRY_MINOR = 250


def test_a_pupil_pays_with_a_face_enrolled_years_before(
    open_till: OpenTill, books: Books, tmp_path: Path
) -> None:
    till = open_till(one_person(tmp_path / "a.mjpeg", "person_a_2"))
    ana = till.cast["agrees"]
    till.add()
    till.stage("choose")
    till.expect_camera_untouched()

    till.choose("Use my face")
    till.stage("identified", seconds=15)
    till.expect_camera_off()
    expect(till.pupil).to_contain_text("Hello, Ana")
    expect(till.pupil).to_contain_text("£2.50")
    expect(till.screen).not_to_contain_text("Silva")
    assert books.sales() == []

    till.press("Yes, pay")
    till.stage("paid")
    expect(till.pupil).to_contain_text("Receipt 1")
    assert books.sales() == [(ana["id"], "face", "settled", CURRY_MINOR, 1)]
    assert books.charged_minor(ana["id"]) == CURRY_MINOR
    assert books.face_sessions() == [("matched", ana["id"])]
    till.stage("empty", seconds=10)  # the next customer, by itself
    till.expect_camera_off()
