"""What the camera may and may not do: strangers, two faces, a refusal, an unplugged cable, a hidden page."""

from pathlib import Path

import pytest
from playwright.sync_api import Route, expect
from tests.journeys.conftest import OpenTill
from tests.support.browser import Books, Till
from tests.support.clips import one_person, two_people

NOT_SURE = "The camera could not be sure. Please pay another way."


def expect_no_names(till: Till) -> None:
    """Check that the screen names nobody of the school."""
    for pupil in till.cast.values():
        expect(till.screen).not_to_contain_text(pupil["given_name"])


def test_a_stranger_is_shown_the_other_ways_and_no_name(
    open_till: OpenTill, books: Books, tmp_path: Path
) -> None:
    till = open_till(one_person(tmp_path / "stranger.mjpeg", "impostor_1"))
    till.add()
    till.choose("Use my face")
    till.stage("face")
    till.stage("choose")
    till.expect_camera_off()
    expect(till.pupil).to_contain_text(NOT_SURE)
    for way in ("Card", "PIN", "Ask staff"):
        expect(till.pupil.get_by_role("button", name=way)).to_be_visible()
    expect_no_names(till)
    assert books.face_sessions() == [("unknown", None)]
    assert books.sales() == []
    # Nothing in the log tells who was not recognised: the only subject is the session itself.
    closed = books.rows("SELECT subject FROM audit_entry WHERE event = 'face.session_closed'")
    assert closed == books.rows("SELECT id FROM biometrics_facesession")


def test_two_faces_are_asked_to_come_one_at_a_time_and_nobody_is_recognised(
    open_till: OpenTill, books: Books, tmp_path: Path
) -> None:
    till = open_till(two_people(tmp_path / "two.mjpeg", "person_a_2", "person_b_2"))
    till.add()
    till.choose("Use my face")
    expect(till.page.locator("[data-hint]")).to_have_text("One at a time, please")
    till.stage("choose")  # the eight seconds are over
    till.expect_camera_off()
    expect(till.pupil).to_contain_text(NOT_SURE)
    expect_no_names(till)
    assert books.face_sessions() == [("stopped", None)]
    assert books.sales() == []


def test_a_refused_camera_leads_to_the_other_ways(open_till: OpenTill, books: Books, tmp_path: Path) -> None:
    till = open_till(one_person(tmp_path / "a.mjpeg", "person_a_2"), allowed=False)
    till.add()
    till.expect_camera_untouched()
    till.choose("Use my face")
    expect(till.pupil).to_contain_text("The camera is blocked in this browser.")
    till.stage("choose")
    till.expect_camera_off()
    assert books.face_sessions() == [("stopped", None)]
    till.choose("Card")
    till.stage("card")


def test_a_till_without_a_camera_says_so(open_till: OpenTill, books: Books) -> None:
    till = open_till(None)
    till.add()
    till.choose("Use my face")
    expect(till.pupil).to_contain_text("There is no camera here.")
    till.stage("choose")
    assert books.face_sessions() == [("stopped", None)]


def test_an_unplugged_camera_ends_the_session_and_the_card_still_pays(
    open_till: OpenTill, books: Books, tmp_path: Path
) -> None:
    till = open_till(two_people(tmp_path / "two.mjpeg", "person_a_2", "person_b_2"))
    till.add()
    till.choose("Use my face")
    expect(till.page.locator("[data-hint]")).to_have_text("One at a time, please")
    # What a browser does when the cable is pulled: the track ends by itself and says so.
    till.page.evaluate(
        """() => {
          const [track] = window.__camera.streams.at(-1).getVideoTracks();
          track.stop();
          track.dispatchEvent(new Event("ended"));
        }"""
    )
    expect(till.pupil).to_contain_text("The camera was unplugged.")
    till.stage("choose")
    till.expect_camera_off()
    assert books.face_sessions() == [("stopped", None)]

    till.scan(till.cast["pays_by_card"]["card"])
    till.stage("identified")
    till.press("Yes, pay")
    till.stage("paid")
    assert [way for _, way, _, _ in books.sales()] == ["card"]


def test_a_frame_that_the_network_lost_is_replaced_by_a_newer_one(
    open_till: OpenTill, books: Books, tmp_path: Path
) -> None:
    till = open_till(one_person(tmp_path / "a.mjpeg", "person_a_2"))
    lost: list[Route] = []

    def lose_two(route: Route) -> None:
        if len(lost) < 2:
            lost.append(route)
            route.abort()
        else:
            route.continue_()

    till.page.route("**/frame/", lose_two)
    till.add()
    till.choose("Use my face")
    till.stage("identified")
    till.expect_camera_off()
    assert len(lost) == 2
    assert [state for state, _ in books.face_sessions()] == ["matched"]


def test_without_a_network_the_camera_goes_dark_and_the_screen_says_why(
    open_till: OpenTill, books: Books, tmp_path: Path
) -> None:
    till = open_till(one_person(tmp_path / "a.mjpeg", "person_a_2"))
    till.page.route("**/frame/", lambda route: route.abort())
    till.add()
    till.choose("Use my face")
    expect(till.pupil).to_contain_text("because the server did not answer")
    till.stage("choose")
    till.expect_camera_off()
    assert books.face_sessions() == [("stopped", None)]


@pytest.mark.parametrize("ending", ["cancel", "escape", "hide", "cashier"])
def test_whoever_ends_a_look_the_camera_goes_dark(
    open_till: OpenTill, books: Books, tmp_path: Path, ending: str
) -> None:
    till = open_till(two_people(tmp_path / "two.mjpeg", "person_a_2", "person_b_2"))
    till.add()
    till.choose("Use my face")
    expect(till.page.locator("[data-hint]")).to_have_text("One at a time, please")
    assert till.camera()["live"] == 1
    if ending == "cancel":
        till.press("Cancel")
    elif ending == "escape":
        till.page.keyboard.press("Escape")
    elif ending == "hide":
        till.page.evaluate(
            """() => {
              Object.defineProperty(document, "hidden", { value: true });
              document.dispatchEvent(new Event("visibilitychange"));
            }"""
        )
    else:
        till.page.get_by_role("button", name="Cancel sale").click()
    till.stage("empty" if ending == "cashier" else "choose")
    till.expect_camera_off()
    assert books.face_sessions() == [("stopped", None)]


def test_reloading_the_page_during_a_look_does_not_start_the_camera_again(
    open_till: OpenTill, books: Books, tmp_path: Path
) -> None:
    till = open_till(two_people(tmp_path / "two.mjpeg", "person_a_2", "person_b_2"))
    till.add()
    till.choose("Use my face")
    expect(till.page.locator("[data-hint]")).to_have_text("One at a time, please")
    till.page.reload()
    till.stage("choose")
    till.expect_camera_untouched()
    assert books.face_sessions() == [("stopped", None)]
