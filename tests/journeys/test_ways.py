"""The ways without a face: equal, tried, locked; by touch, by keyboard, by reader, and without script."""

from playwright.sync_api import expect
from tests.journeys.conftest import OpenTill
from tests.journeys.seed_data import PIN
from tests.support.browser import Books, Till

WRONG = "4826"


def expect_paid(till: Till, books: Books, role: str, way: str) -> None:
    """Check that one sale is paid, by `way`, from the right wallet, and that the screen has its receipt."""
    till.stage("paid")
    (sale,) = books.sales()
    assert (sale[0], sale[1]) == (till.cast[role]["id"], way)
    assert books.charged_minor(till.cast[role]["id"]) == sale[2]
    expect(till.pupil).to_contain_text(f"Receipt {sale[3]}")


def test_the_four_ways_are_equally_large_and_the_face_is_not_the_first(open_till: OpenTill) -> None:
    till = open_till()
    till.add()
    ways = till.pupil.locator(".way")
    expect(ways).to_have_count(4)
    names = ways.evaluate_all("(buttons) => buttons.map((button) => button.value)")
    assert names[0] != "face"
    assert "face" in names
    boxes = ways.evaluate_all("(all) => all.map((way) => [way.offsetWidth, way.offsetHeight])")
    assert len({tuple(box) for box in boxes}) == 1, boxes
    colours = ways.evaluate_all("(all) => all.map((way) => getComputedStyle(way).backgroundColor)")
    assert len(set(colours)) == 1, colours
    till.expect_camera_untouched()


def test_a_pin_pays_and_only_the_cashiers_half_shows_the_full_name(open_till: OpenTill, books: Books) -> None:
    till = open_till()
    till.add()
    till.choose("PIN")
    till.stage("pin")
    till.type_pin(till.cast["pays_by_card"]["number"], PIN)
    till.stage("identified")
    expect(till.pupil).to_contain_text("Hello, Chen")
    expect(till.pupil).not_to_contain_text("Wei")
    expect(till.page.locator(".cashier")).to_contain_text("Chen Wei")
    expect(till.page.locator(".cashier")).to_contain_text("Year 7")
    expect(till.pupil).not_to_contain_text("Stop using my face")  # there is none to stop
    till.press("Yes, pay")
    expect_paid(till, books, "pays_by_card", "pin")
    till.expect_camera_untouched()


def test_five_wrong_pins_lock_that_pin_and_the_card_still_pays(open_till: OpenTill, books: Books) -> None:
    till = open_till()
    till.add()
    chen = till.cast["pays_by_card"]
    till.choose("PIN")
    for attempt in range(1, 6):
        till.stage("pin")
        till.type_pin(chen["number"], WRONG)
        words = "Too many attempts." if attempt == 5 else "Number and PIN don't match."
        if attempt < 5:
            expect(till.page.get_by_label("Number")).to_have_value(
                ""
            )  # the answer is there, the entry is new
        expect(till.pupil.locator(".notice")).to_contain_text(words)
    till.stage("choose")
    query = "SELECT wrong_attempts, locked_until IS NOT NULL FROM credentials_pinattempts"
    assert books.rows(query) == [(5, 1)]

    till.choose("PIN")
    till.type_pin(chen["number"], PIN)  # right, but the PIN rests
    expect(till.pupil.locator(".notice")).to_contain_text("Too many attempts.")
    assert books.sales() == []

    till.choose("Card")
    till.page.get_by_label("Or enter the code on it").fill(chen["card"])
    till.press("Continue")
    till.press("Yes, pay")
    expect_paid(till, books, "pays_by_card", "card")


def test_staff_look_somebody_up_and_the_pupils_half_shows_no_list(open_till: OpenTill, books: Books) -> None:
    till = open_till()
    till.add()
    till.choose("Ask staff")
    till.stage("staff")
    till.page.get_by_label("Name, guardian, year, number or card").press_sequentially("che")
    expect(till.page.locator(".cashier")).to_contain_text("Chen Wei")
    expect(till.page.locator(".cashier")).not_to_contain_text("Ana Silva")
    expect(till.pupil).not_to_contain_text("Chen")
    till.page.locator(".person", has_text="Chen Wei").click()
    till.stage("identified")
    till.press("Yes, pay")
    expect_paid(till, books, "pays_by_card", "staff")


def test_a_reader_fills_the_basket_and_reads_the_card(open_till: OpenTill, books: Books) -> None:
    till = open_till()
    till.scan("5012345678900")
    till.stage("choose")
    till.scan("5012345678917")
    expect(till.page.locator(".basket-lines")).to_contain_text("Apple juice")
    till.choose("PIN")  # a reader that types into the number's field is still a reader
    till.stage("pin")
    expect(till.page.get_by_label("Number")).to_be_focused()
    till.scan_into_field(till.cast["pays_by_card"]["card"])
    till.stage("identified")
    till.press("Yes, pay")
    expect_paid(till, books, "pays_by_card", "card")
    assert books.sales()[0][2] == 330


def test_presses_faster_than_the_network_all_count(open_till: OpenTill, books: Books) -> None:
    till = open_till()
    till.page.evaluate(
        """() => {
          const press = (text) => [...document.querySelectorAll(".product")]
            .find((one) => one.textContent.includes(text)).click();
          for (const name of ["Water", "Water", "Milk", "Water", "Pencil"]) press(name);
        }"""
    )
    expect(till.page.locator(".basket-lines")).to_contain_text("Pencil")
    lines = books.rows("SELECT price_minor, quantity FROM till_basketline ORDER BY price_minor")
    assert lines == [(30, 1), (45, 1), (50, 3)]


def test_keyboard_alone_pays(open_till: OpenTill, books: Books) -> None:
    till = open_till()
    till.page.locator(".product").first.focus()
    till.page.keyboard.press("Enter")
    till.stage("choose")
    till.pupil.get_by_role("button", name="PIN").focus()
    till.page.keyboard.press("Enter")
    till.stage("pin")
    expect(till.page.get_by_label("Number")).to_be_focused()
    till.page.keyboard.type(str(till.cast["pays_by_card"]["number"]), delay=90)
    till.page.keyboard.press("Enter")
    till.page.keyboard.type(PIN, delay=90)
    till.page.keyboard.press("Enter")
    till.stage("identified")
    till.pupil.get_by_role("button", name="Yes, pay").focus()
    till.page.keyboard.press("Enter")
    expect_paid(till, books, "pays_by_card", "pin")


def test_without_script_everything_but_the_camera_works(open_till: OpenTill, books: Books) -> None:
    till = open_till(script=False)
    till.add()
    expect(till.pupil.get_by_role("button", name="Use my face")).to_be_hidden()
    till.choose("PIN")
    till.page.get_by_label("Number").fill(str(till.cast["pays_by_card"]["number"]))
    till.page.get_by_label("PIN", exact=True).fill(WRONG)
    till.press("Continue")
    expect(till.pupil).to_contain_text("Number and PIN don't match.")
    till.press("Other ways to pay")
    till.choose("Ask staff")
    till.page.get_by_label("Name, guardian, year, number or card").fill("chen")
    till.page.get_by_role("button", name="Search").click()
    till.page.locator(".person", has_text="Chen Wei").click()
    till.press("Yes, pay")
    expect_paid(till, books, "pays_by_card", "staff")


def test_not_me_forgets_who_was_shown(open_till: OpenTill, books: Books) -> None:
    till = open_till()
    till.add()
    till.scan(till.cast["pays_by_card"]["card"])
    till.stage("identified")
    till.press("Not me")
    till.stage("choose")
    expect(till.screen).not_to_contain_text("Chen")
    assert books.sales() == []
    assert books.rows("SELECT state, person_id FROM till_basket") == [("open", None)]
