"""A visitor from the announcement to out: the host, the desk, a printed badge, the evening after."""

from playwright.sync_api import expect
from tests.journeys.conftest import Be
from tests.pages.console.site import check_sizes
from tests.support.browser import PHONE, Books


def test_a_visitor_from_the_announcement_to_out(be: Be, books: Books) -> None:
    host = be("teacher", "/staff/visits/", size=PHONE)
    host.get_by_role("link", name="Announce a visitor").click()
    check_sizes(host, "announcing a visitor")
    # Announced by a pupil's name first: a pupil is no visitor, and nothing is kept of the attempt.
    host.get_by_label("Name of the visitor").fill("Chen Wei")
    host.get_by_label("Contractor").check()
    host.get_by_role("button", name="Announce").click()
    expect(host.get_by_text("a pupil is never a visitor")).to_be_visible()
    assert books.rows("SELECT count(*) FROM visits_visit") == [(0,)]
    host.get_by_label("Name of the visitor").fill("Piet Plumber")
    host.get_by_label("Firm or office").fill("Pipes Ltd")
    host.get_by_role("button", name="Announce").click()
    expect(host.get_by_text("Announced. The desk expects Piet Plumber.")).to_be_visible()

    desk = be("office", "/staff/visits/")
    check_sizes(desk, "the desk expects a visitor")
    desk.get_by_label("Shown what to do in a fire").check()
    desk.get_by_role("button", name="Sign them in Piet Plumber").click()
    expect(desk.get_by_text("Piet Plumber is signed in.")).to_be_visible()
    with desk.expect_response(lambda one: one.url.endswith("/badge/")) as printed:
        desk.get_by_role("button", name="Print a badge Piet Plumber").click()
    assert printed.value.headers["content-type"] == "application/pdf"
    assert printed.value.headers["cache-control"] == "no-store"
    query = "SELECT is_inducted, badge_number, length(badge_digest) FROM visits_visit"
    assert books.rows(query) == [(1, 1, 64)]

    desk.goto(desk.url.split("/staff/")[0] + "/staff/visits/")
    desk.get_by_role("button", name="I am in").click()
    expect(desk.get_by_text("You are on the list for a roll call.")).to_be_visible()
    desk.get_by_role("link", name="Piet Plumber").click()
    expect(desk.get_by_text("This is all that is kept of the visit.")).to_be_visible()
    check_sizes(desk, "all that is kept of a visit")
    desk.go_back()
    desk.get_by_role("button", name="Sign them out Piet Plumber").click()
    expect(desk.get_by_text("Piet Plumber is signed out.")).to_be_visible()
    expect(desk.get_by_text("Left today")).to_be_visible()
    # Out: the printed badge opens nothing any more, and the log names nobody.
    assert books.rows("SELECT out_at IS NULL, badge_digest FROM visits_visit") == [(0, "")]
    assert books.rows("SELECT count(*) FROM audit_entry WHERE hashed LIKE '%Plumber%'") == [(0,)]
