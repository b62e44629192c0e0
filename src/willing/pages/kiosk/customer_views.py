"""The presses on the pupil's half: which way to pay, who it is, yes, not me, stop using my face."""

from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from willing.core.errors import Refused
from willing.core.numbers import read_number
from willing.pages.kiosk.access import Answer, AtTill, at_till, uuid_in
from willing.pages.kiosk.presenters import CLAIM, meals_shown
from willing.pages.kiosk.screen import ScreenMessage
from willing.people.rules import TILL_NUMBER_DIGITS_MAX
from willing.terminals.models import Way
from willing.till import errors
from willing.till.basket_states import stop_face_session
from willing.till.face_identification import face_offer, open_face, prepare_face, stop_using_face
from willing.till.identification import deny_identity, identify_by_card, identify_by_pin
from willing.till.meals import record_further_meal
from willing.till.payment import confirm_basket
from willing.till.rules import FaceOffer, MealNotice


@require_POST
@at_till
def way(till: AtTill) -> Answer:
    """Take the pupil's choice of a way; an empty one leads back to the choice."""
    basket = till.require_basket()
    chosen, press = till.request.POST.get("way", ""), till.request.POST.get("press", "")
    if chosen != Way.FACE or press != till.place.press_of(basket.id):
        stop_face_session(basket)  # a face session that an earlier screen left open
    if chosen == Way.FACE and face_offer(basket) is FaceOffer.AFTER_CLAIM:
        chosen = CLAIM
    elif chosen == Way.FACE:
        open_face(till.terminal, basket.id, key=press)
    till.place.go(basket.id, chosen, press=press)
    return None


@require_POST
@at_till
def card(till: AtTill) -> Answer:
    """Take a card's code that was typed or scanned into the field."""
    code = till.request.POST.get("code", "")
    prepare_face(identify_by_card(till.terminal, till.require_basket().id, code))
    return None


@require_POST
@at_till
def pin(till: AtTill) -> Answer:
    """Take number and PIN."""
    typed = read_number(till.request.POST.get("number", ""), digits_max=TILL_NUMBER_DIGITS_MAX)
    number = typed or 0  # nobody has 0: it is answered like any wrong number
    identify_by_pin(till.terminal, till.require_basket().id, number, till.request.POST.get("pin", ""))
    return None


@require_POST
@at_till
def confirm(till: AtTill) -> Answer:
    """Take "Yes, pay". The basket is named, so that a second press finds the same sale, and the sum shown."""
    basket_id = uuid_in(till.request.POST.get("basket", ""), errors.basket_unknown())
    if till.basket and meals_shown(till.basket, till.place)[1] is MealNotice.ASK:
        return ScreenMessage("info", _("One moment, please: the cashier presses first."))
    shown_minor = read_number(till.request.POST.get("total", ""), digits_max=10)
    try:
        sale = confirm_basket(
            till.terminal,
            basket_id,
            -1 if shown_minor is None else shown_minor,
            is_repeat_checked=till.place.has_served_meal(basket_id),
            shown=till.shown,
        )
    except Refused as refused:
        if refused.code in ("allergen_blocked", "allergen_check_needed"):
            return ScreenMessage("info", _("One moment, please: the cashier presses first."))
        if refused.code != "repeat_check_needed":
            raise
        till.place.ask_about_repeat(basket_id)
        return ScreenMessage("info", _("One moment, please: the cashier presses first."))
    till.place.show_sale(sale)
    return None


@require_POST
@at_till
def repeat(till: AtTill) -> Answer:
    """Take the cashier's press that the same sum once more is another purchase: the pupil has said yes."""
    if till.basket is None or not till.place.asks_about_repeat(till.basket.id):
        return None  # pressed twice
    sale = confirm_basket(till.terminal, till.basket.id, is_repeat_checked=True)
    till.place.show_sale(sale)
    return None


@require_POST
@at_till
def serve_meal(till: AtTill) -> Answer:
    """Take the cashier's press that one more main meal of this sitting is served."""
    basket = till.require_basket()
    meals, notice, _is_of_sitting = meals_shown(basket, till.place)
    if notice is MealNotice.ASK:
        record_further_meal(basket, meals, by=till.cashier)
    till.place.allow_meal(basket.id, meals)
    return None


@require_POST
@at_till
def deny(till: AtTill) -> Answer:
    """Take "Not me"."""
    deny_identity(till.terminal, till.require_basket().id, shown=till.shown)
    till.place.leave()
    return ScreenMessage("info", _("No problem. Please choose how to pay."))


@require_POST
@at_till
def stop(till: AtTill) -> Answer:
    """Answer "Stop using my face": the first press asks once, the second one erases it."""
    basket = till.require_basket()
    answer = till.request.POST.get("answer", "")
    if basket.person is None or answer == "keep":
        till.place.leave()
        return None
    if answer != "stop":
        till.place.go(basket.id, "stop")
        return None
    till.place.leave()
    erasure = stop_using_face(till.terminal, basket.id, by=till.cashier, shown=till.shown)
    text = _("Your face has been deleted. Proof: log entry %(number)s.")
    return ScreenMessage("good", text % {"number": erasure.log_sequence})


@require_POST
@at_till
def next_customer(till: AtTill) -> Answer:
    """Clear the pupil's half for the next customer, unless the sale is no longer the one that is shown."""
    if till.request.POST.get("sale", till.place.sale_id) == till.place.sale_id:
        till.place.leave()
    return None
