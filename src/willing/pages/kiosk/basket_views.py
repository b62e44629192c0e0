"""The cashier's presses that fill a basket: a product, one less, cancelled, what a reader typed."""

from django.views.decorators.http import require_POST

from willing.credentials.cards import find_live_card
from willing.pages.kiosk.access import Answer, AtTill, at_till, uuid_in
from willing.people.models import School
from willing.terminals.errors import reader_layout_wrong
from willing.terminals.keyboards import KeyboardReader, Scan, is_other_layout, read_keys, read_scan, readings
from willing.terminals.readers import reader_of
from willing.till import errors
from willing.till.barcodes import is_barcode
from willing.till.baskets import add_product, cancel_basket, remove_product
from willing.till.face_identification import prepare_face
from willing.till.identification import identify_by_card
from willing.till.menu import find_product_by_barcode, require_product


@require_POST
@at_till
def add(till: AtTill) -> Answer:
    """Put a product into the basket."""
    product_id = uuid_in(till.request.POST.get("product", ""), errors.product_unknown())
    add_product(till.terminal, require_product(till.terminal.school, product_id))
    return None


@require_POST
@at_till
def remove(till: AtTill) -> Answer:
    """Take one of a product out of the basket."""
    remove_product(till.terminal, uuid_in(till.request.POST.get("product", ""), errors.product_unknown()))
    return None


@require_POST
@at_till
def cancel(till: AtTill) -> Answer:
    """Close the basket without a payment."""
    if till.basket:
        cancel_basket(till.terminal, till.basket.id)
    till.place.leave()
    return None


@require_POST
@at_till
def scan(till: AtTill) -> Answer:
    """Take what a reader typed: a product, or else a card. The keys say more than the characters."""
    school, reader = till.terminal.school, reader_of(till.terminal)
    scanned = Scan(till.request.POST.get("code", ""), read_keys(till.request.POST.get("keys", "")))
    code = read_scan(scanned, reader)
    product, card = find_product_by_barcode(school, code), find_live_card(school, code)
    if product is not None:
        if card is not None:  # as it may be of a card that came with a number of its own
            raise errors.code_has_two_meanings()
        add_product(till.terminal, product)
        return None
    if card is None:
        _require_understood(school, scanned, reader)
        if till.basket is None or is_barcode(code):
            raise errors.barcode_unknown()
    prepare_face(identify_by_card(till.terminal, till.require_basket().id, code))
    return None


def _require_understood(school: School, scanned: Scan, reader: KeyboardReader) -> None:
    """Raise Refused reader_layout_wrong where the scan is a card that this reader types in another way."""
    meant = (code for _layout, _prefix, code in readings(scanned))
    if is_other_layout(scanned, reader) or any(find_live_card(school, code) for code in meant):
        raise reader_layout_wrong()
