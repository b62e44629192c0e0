"""A till with several cameras: one is chosen on the device, remembered there, and missed aloud."""

import pytest
from playwright.sync_api import expect
from tests.journeys.conftest import OpenTill
from tests.support.browser import Till

RUNNING = """() => document.querySelector("video").srcObject.getVideoTracks()[0].label"""
GONE = """() => localStorage.setItem("willing-camera", JSON.stringify({ id: "gone", label: "Gone" }))"""


def press_for_the_face(till: Till) -> str:
    """Press, wait until the camera runs, and return its name."""
    till.choose("Use my face")
    till.stage("face")
    expect(till.page.locator(".face-stage.looking")).to_be_visible()
    return str(till.page.evaluate(RUNNING))


@pytest.mark.face
def test_a_camera_is_chosen_once_on_the_device_and_stays_chosen(open_till: OpenTill) -> None:
    till = open_till(cameras=2)
    till.add()
    first = press_for_the_face(till)
    choice = till.page.get_by_label("Camera", exact=True)
    names = choice.locator("option").all_inner_texts()
    assert len(names) == 2
    [other] = [name for name in names if name != first]
    choice.select_option(label=other)
    till.stage("choose")
    till.expect_camera_off()
    expect(till.pupil).to_contain_text("That camera is used here from now on.")
    till.page.reload()
    till.wait_for_script()
    assert press_for_the_face(till) == other
    till.press("Cancel")
    till.stage("choose")
    till.page.evaluate(GONE)
    assert press_for_the_face(till) in names
    expect(till.pupil).to_contain_text("The chosen camera is not there. This is another one.")
    till.press("Cancel")
    till.stage("choose")
    till.expect_camera_off()


@pytest.mark.face
def test_a_till_with_one_camera_offers_no_choice(open_till: OpenTill) -> None:
    till = open_till(cameras=1)
    till.add()
    press_for_the_face(till)
    expect(till.page.get_by_label("Camera", exact=True)).to_be_hidden()
    till.press("Cancel")
