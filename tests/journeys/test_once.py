"""One basket is one charge: pressed twice, or cut off in the middle."""

from playwright.sync_api import expect
from tests.journeys.conftest import OpenTill
from tests.support.browser import Books
from tests.support.server import Server


def test_a_double_tap_on_yes_charges_once(open_till: OpenTill, books: Books) -> None:
    till = open_till()
    till.add()
    till.scan(till.cast["pays_by_card"]["card"])
    till.stage("identified")
    till.pupil.get_by_role("button", name="Yes, pay").dblclick()
    till.stage("paid")
    assert [receipt for _, _, _, receipt in books.sales()] == [1]
    assert books.charged_minor(till.cast["pays_by_card"]["id"]) == 250


def test_the_same_yes_sent_three_times_at_once_charges_once(open_till: OpenTill, books: Books) -> None:
    till = open_till()
    till.add()
    till.scan(till.cast["pays_by_card"]["card"])
    till.stage("identified")
    statuses = till.page.evaluate(
        """async () => {
          const form = document.querySelector(".yes").form;
          const post = () => fetch(form.action, { method: "POST", body: new FormData(form) });
          return (await Promise.all([post(), post(), post()])).map((answer) => answer.status);
        }"""
    )
    assert statuses == [200, 200, 200]
    assert [receipt for _, _, _, receipt in books.sales()] == [1]
    assert books.charged_minor(till.cast["pays_by_card"]["id"]) == 250


def test_a_server_killed_in_the_middle_of_a_sale_charges_once(
    open_till: OpenTill, books: Books, server: Server
) -> None:
    till = open_till()
    till.add()
    till.scan(till.cast["pays_by_card"]["card"])
    till.stage("identified")
    server.stop()
    crashing = Server(server.home, server.port, "tests.journeys.crashing:application").start()

    till.press("Yes, pay")
    crashing.wait_until_dead()
    expect(till.page.locator("#offline")).to_be_visible()
    assert books.sales() == []
    assert books.charged_minor(till.cast["pays_by_card"]["id"]) == 0

    server.start()
    till.press("Yes, pay")
    till.stage("paid")
    expect(till.page.locator("#offline")).to_be_hidden()
    assert [receipt for _, _, _, receipt in books.sales()] == [1]
    assert books.charged_minor(till.cast["pays_by_card"]["id"]) == 250
    expect(till.pupil).to_contain_text("Receipt 1")


def test_where_too_many_press_at_once_the_till_asks_to_press_again_and_charges_once(
    open_till: OpenTill, books: Books, server: Server
) -> None:
    server.stop()
    server.application = "tests.journeys.busy:application"
    server.start()
    till = open_till()
    till.add()
    till.scan(till.cast["pays_by_card"]["card"])
    till.stage("identified")
    busy = server.home / "busy"

    busy.touch()
    till.press("Yes, pay")
    expect(till.page.locator("#notices")).to_contain_text("Please try again; nothing is charged twice.")
    expect(till.page.locator("#offline")).to_be_hidden()
    till.stage("identified")
    assert books.sales() == []

    busy.unlink()
    till.press("Yes, pay")
    till.stage("paid")
    assert [receipt for _, _, _, receipt in books.sales()] == [1]
    expect(till.page.locator("#notices")).not_to_contain_text("try again")
