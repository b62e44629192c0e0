"""A card is reported on a phone that opened its QR code, and from then on no longer pays at the till."""

import secrets

from tests.journeys.conftest import OpenTill
from tests.journeys.test_card_shares import ADDRESS, Recorder
from tests.support.browser import Books

from willing.credentials.shares import PrintedCard, card_text


def test_a_card_that_is_reported_on_a_phone_no_longer_pays(open_till: OpenTill, books: Books) -> None:
    till = open_till()
    code, share = till.cast["pays_by_card"]["card"], secrets.token_bytes(16)
    whole = card_text(ADDRESS, PrintedCard(code, share))
    till.add()
    till.stage("choose")
    till.scan(whole)
    till.stage("identified")
    browser = till.context.browser
    assert browser is not None
    phone = browser.new_context(viewport={"width": 390, "height": 844})
    recorder = Recorder(phone)
    page = phone.new_page()
    page.goto(f"{till.server.address}/c#{whole.partition('#')[2]}")
    page.get_by_role("button", name="Report this card").click()
    page.get_by_role("heading", name="Cancel this card?").wait_for()
    page.get_by_role("button", name="Yes, cancel it").click()
    page.get_by_text("it no longer pays from now on").wait_for()
    phone.close()
    assert recorder.find(share) == []
    till.press("Yes, pay")  # the name is still on the screen: what was true when it was read is asked again
    till.stage("choose")
    till.scan(whole)
    till.page.get_by_text("This card or code is not recognised.").first.wait_for()
    assert books.sales() == []
    [(lost,)] = books.rows("SELECT COUNT(*) FROM credentials_card WHERE lost_at IS NOT NULL")
    assert lost == 1
