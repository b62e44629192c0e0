"""An agreed leave: asked by a pupil, confirmed by guardian and teacher, seen by the kitchen, out and back."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from playwright.sync_api import expect
from tests.journeys.conftest import Be
from tests.pages.console.site import check_sizes
from tests.support.browser import PHONE, Books


def test_an_agreed_leave_from_the_asking_to_the_return(be: Be, school: dict[str, Any], books: Books) -> None:
    chen = school["cast"]["pays_by_card"]
    family = f"/family/child/{UUID(chen['id'])}/absence/"
    pupil = be("pupil", "/family/me/absence/", size=PHONE)
    # With a working day among these, whenever this runs: the kitchen's forecast has no other.
    first = date.fromisoformat(pupil.get_by_label("First day away").input_value())
    last = first + timedelta(days=3)
    pupil.get_by_label("Last day away").fill(last.isoformat())
    pupil.get_by_label("Why").select_option(label="Family or another reason")
    check_sizes(pupil, "asking for leave")
    pupil.get_by_role("button", name="Send to the school").click()
    expect(pupil.get_by_text("A parent or guardian has to confirm it, then the school.")).to_be_visible()

    same = be("guardian", family, on=pupil.context)
    expect(same.get_by_text("Your child has signed in on this device.")).to_be_visible()
    expect(same.get_by_role("button", name="Confirm this leave")).to_have_count(0)

    guardian = be("guardian", family, size=PHONE)
    guardian.get_by_role("button", name="Confirm this leave").click()
    expect(guardian.get_by_text("Confirmed. Now the school has to agree.")).to_be_visible()

    desk = be("office", "/staff/leave/desk/")
    expect(desk.get_by_text("Nobody is expected to go.")).to_be_visible()
    teacher = be("teacher", "/staff/leave/")
    teacher.get_by_role("button", name="Agree to it").click()
    expect(teacher.get_by_text("Chen Wei: you have agreed.")).to_be_visible()
    check_sizes(teacher, "leave agreed")

    kitchen = be("canteen", "/staff/meals/")
    expect(kitchen.get_by_text("1 away (leave 1)").first).to_be_visible()
    expect(kitchen.get_by_text("Chen Wei")).to_have_count(0)

    desk.reload()
    desk.get_by_role("button", name="Let them go").click()
    expect(desk.get_by_text("is signed out.")).to_be_visible()
    check_sizes(desk, "at the desk")
    desk.get_by_role("button", name="They are back").click()
    expect(desk.get_by_text("is back.")).to_be_visible()
    guardian.reload()
    expect(guardian.get_by_text("Left the school:")).to_be_visible()
    rows = books.rows("SELECT state, signed_out_at IS NULL, back_at IS NULL FROM leave_leave")
    assert rows == [("agreed", 0, 0)]


def test_at_the_desk_the_answer_stands_in_the_row_that_moved_up(be: Be, school: dict[str, Any]) -> None:
    desk = be("office", "/staff/leave/")
    for one in school["cast"].values():
        desk.goto(f"{desk.url.split('/staff/')[0]}/staff/leave/enter/{UUID(one['id'])}/")
        if desk.get_by_label("How you reached them").count():
            desk.get_by_label("How you reached them").fill("called the number on file")
            desk.get_by_role("button", name="Save").click()
    desk.get_by_role("link", name="The desk").click()
    ill = desk.locator("section", has=desk.get_by_role("heading", name="Off sick all day"))
    names = ill.locator("li strong").all_inner_texts()
    assert len(names) >= 3
    ill.get_by_role("button", name=f"Let them go {names[1]}").click()
    said = desk.locator("li > #notices")
    expect(said).to_have_text(f"{names[1]} is signed out.")
    expect(said).to_be_focused()
    expect(ill.locator("li:has(#notices) strong")).to_have_text(names[2])
    # The last of a list: in the row before it.
    ill.get_by_role("button", name=f"Let them go {names[-1]}").click()
    expect(said).to_have_text(f"{names[-1]} is signed out.")
    # What the browser remembers of a press is gone with its answer.
    desk.reload()
    assert desk.evaluate("sessionStorage.getItem('pressed-row')") is None
    expect(desk.locator("#notices")).to_be_hidden()
