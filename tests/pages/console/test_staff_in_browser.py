"""The enrolment desk and the staff's pages in a real browser, with a real face."""

import re
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.pages.console.site import Site, check, check_sizes, serve_site  # noqa: F401  (a fixture)
from tests.support.browser import PHONE
from tests.support.clips import frame, jpeg, one_person
from tests.support.presses import Hand, note
from tests.support.signing import digits

pytestmark = [pytest.mark.journey, pytest.mark.face]


def camera(page: Page) -> dict[str, Any]:
    script = "({touched, asked, live}) => ({touched, asked, live: live()})"
    return dict(page.evaluate(f"({script})(window.__camera)"))


def expect_camera_off(page: Page) -> None:
    assert camera(page)["live"] == 0
    assert page.evaluate("[...document.querySelectorAll('video')].every((video) => !video.srcObject)")


def begin(site: Site, hand: Hand | None = None, **how: Any) -> Page:
    """Find Ben at the desk and press start."""
    hand = hand or Hand()
    page = site.open("/staff/enrol/", staff=True, **how)
    hand.type(page.get_by_label("Who is at the desk?"), "ben")
    hand.press(page.get_by_role("button", name="Search"))
    hand.press(page.get_by_role("button", name="Start", exact=True))
    expect(page.get_by_role("heading", name="Ben Okafor")).to_be_visible()
    return page


def templates(site: Site) -> int:
    return int(site.books.rows("SELECT count(*) FROM biometrics_template")[0][0])


def test_a_pupil_is_enrolled_by_camera(site: Site, tmp_path: Path) -> None:
    hand, begun = Hand(), time.perf_counter()
    page = begin(site, hand, clip=one_person(tmp_path / "ben.mjpeg", "person_b_1"))
    assert (camera(page)["touched"], camera(page)["asked"]) == (0, 0)
    expect(page.locator("[data-finish]")).to_be_disabled()
    hand.press(page.get_by_role("button", name="Start the camera"))
    expect(page.locator("[data-count]")).to_have_text("5", timeout=20_000)
    expect(page.locator("[data-hint]")).to_have_text("That is plenty. Press Done.")
    expect_camera_off(page)
    expect(page.get_by_role("button", name="Start the camera")).to_be_hidden()
    hand.press(page.get_by_role("button", name="Done"))
    expect(page.get_by_role("heading", name="Done: Ben is enrolled")).to_be_visible()
    note("enrol one pupil with permission", hand.presses, seconds=time.perf_counter() - begun)
    assert hand.presses <= 5
    expect(page.get_by_role("main")).to_contain_text("One template of 5 references")
    check(page, "enrolled")
    expect(page.get_by_role("link", name="The queue")).to_have_attribute("href", "/staff/enrol/")
    assert templates(site) == 2
    assert site.books.key_rows("SELECT count(*) FROM keys_personkey") == [(2,)]


def test_uploading_photographs_enrols_without_script(site: Site, tmp_path: Path) -> None:
    page = begin(site, script=False)
    pictures = []
    for number, height in enumerate((480, 460, 440)):
        pictures.append(tmp_path / f"{number}.jpg")
        pictures[-1].write_bytes(jpeg(frame("person_b_1", height=height)))
    page.get_by_label("JPEG, PNG or WebP, several at once").set_input_files(pictures)
    page.get_by_role("button", name="Look at them").click()
    expect(page.locator(".results li.good")).to_have_count(3)
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("main")).to_contain_text("Deleted. None is stored.")
    assert templates(site) == 2


def test_stop_ends_the_camera_and_start_goes_on(site: Site, tmp_path: Path) -> None:
    page = begin(site, clip=one_person(tmp_path / "ben.mjpeg", "person_b_1"))
    page.get_by_role("button", name="Start the camera").click()
    expect(page.locator("[data-count]")).not_to_have_text("0", timeout=10_000)
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.locator("[data-hint]")).to_have_text("The camera is off. Press start to go on.")
    expect_camera_off(page)
    page.get_by_role("button", name="Start the camera").click()
    expect(page.locator("[data-count]")).to_have_text("5", timeout=20_000)
    expect_camera_off(page)


def test_a_camera_that_is_refused_missing_or_unplugged_is_said_in_words(site: Site, tmp_path: Path) -> None:
    clip = one_person(tmp_path / "ben.mjpeg", "person_b_1")
    refused = begin(site, clip=clip, allowed=False)
    refused.get_by_role("button", name="Start the camera").click()
    expect(refused.locator("[data-hint]")).to_contain_text("may not use the camera")
    expect(refused.get_by_role("button", name="Start the camera")).to_be_visible()
    missing = begin(site)
    missing.get_by_role("button", name="Start the camera").click()
    expect(missing.locator("[data-hint]")).to_contain_text("There is no camera here.")
    unplugged = begin(site, clip=clip)
    unplugged.get_by_role("button", name="Start the camera").click()
    expect(unplugged.locator("[data-count]")).not_to_have_text("0", timeout=10_000)
    unplugged.evaluate("window.__camera.streams[0].getTracks()[0].dispatchEvent(new Event('ended'))")
    expect(unplugged.locator("[data-hint]")).to_contain_text("unplugged")
    expect_camera_off(unplugged)


def test_a_capture_that_ended_elsewhere_stops_the_camera(site: Site, tmp_path: Path) -> None:
    page = begin(site, clip=one_person(tmp_path / "ben.mjpeg", "person_b_1"))
    over = re.sub(r"[0-9a-f-]{36}/$", "12345678-1234-4678-8234-567812345678/frame/", page.url)
    page.evaluate("(url) => { document.querySelector('[data-capture]').dataset.frameUrl = url; }", over)
    page.get_by_role("button", name="Start the camera").click()
    expect(page.locator("[data-hint]")).to_have_text("This session has expired. Please start over.")
    expect_camera_off(page)


def test_signing_in_leads_on_to_the_page_that_was_asked_for(site: Site) -> None:
    page = site.open("/staff/people/")
    check(page, "sign-in")
    page.get_by_label("Username").fill("office")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("Wrong username or password")
    page.get_by_label("Password").fill(site.known["password"])
    page.get_by_role("button", name="Sign in", exact=True).click()
    check(page, "second factor")
    page.get_by_label("Six digits, or a recovery code").fill(digits())
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="People")).to_be_visible()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_staff_page_is_readable_touchable_and_accessible(site: Site, language: str) -> None:
    persons = site.known["persons"]
    page = site.open("/", staff=True, language=language)
    check_sizes(page, "home")
    for where in (
        "/staff/people/",
        "/staff/people/?q=zzz",
        f"/staff/people/{persons['Ana']}/",
        f"/staff/people/{persons['Ben']}/",
        f"/staff/people/{persons['Chen']}/own/canteen/",
        "/staff/enrol/?q=year",
        f"/staff/enrol/{persons['Ana']}/canteen/",
        "/staff/today/",
        "/staff/today/?day=2020-01-01",
        f"/staff/today/refund/{site.known['sale']}/",
        "/staff/terminals/",
        "/staff/data-protection/",
        "/staff/data-protection/assessment/",
        "/staff/log/",
    ):
        page.goto(site.address + where)
        expect(page.locator("html")).to_have_attribute("lang", language)
        check_sizes(page, where)
    page.locator("form[action='/staff/log/'] button").click()
    expect(page.locator("#log-check[data-hx-get]")).to_have_count(
        0
    )  # it asks until it is done, then loads anew
    check_sizes(page, "log checked")
    for where, form in (
        (f"/staff/people/{persons['Ben']}/#face", "/start/"),
        ("/staff/terminals/", "/pair/"),
    ):
        page.goto(site.address + where)
        page.locator(f"form[action*='{form}'] button").first.click()
        check_sizes(page, form)


def let_the_clock_have_run_ahead(site: Site) -> None:
    with sqlite3.connect(site.books.home / "willing.sqlite3") as database:
        database.execute("DROP TRIGGER audit_head_no_update")
        database.execute("UPDATE audit_head SET newest_at = '2031-03-03 12:00:00'")
    database.close()


def test_health_says_that_the_clock_is_wrong_and_one_press_of_the_operator_ends_it(site: Site) -> None:
    let_the_clock_have_run_ahead(site)
    page = site.open("/staff/health/", staff=True, size=PHONE)
    check(page, "health while the clock is behind")
    page.get_by_label("Reason").fill("The battery was empty")
    page.get_by_role("button", name="The clock is correct").click()
    expect(page.get_by_text("It is recorded that the clock is correct.")).to_be_visible()
    expect(page.get_by_text("Everything is in order.")).to_be_visible()
