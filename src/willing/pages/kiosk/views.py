"""The till's pages. Each press calls one action of a room and shows the screen; there are no rules here."""

from collections.abc import Sequence
from uuid import UUID, uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from willing.accounts.access import allow_roles
from willing.accounts.attempts import require_few_attempts
from willing.biometrics.rules import PAGE_FRAME_BYTES_MAX
from willing.core.errors import Refused
from willing.core.numbers import read_number
from willing.credentials.cards import find_live_card
from willing.pages.kiosk.access import COOKIE, COOKIE_AGE_SECONDS, Answer, AtTill, at_till
from willing.pages.kiosk.labels import ENDINGS, HINTS, NOT_LOOKED
from willing.pages.kiosk.menu_views import uuid_in
from willing.pages.kiosk.presenters import CLAIM, ScreenRequest, compose, look_up, meals_shown
from willing.pages.kiosk.screen import FoundPerson, ScreenMessage
from willing.pages.kiosk.view_log import record_shown
from willing.pages.ui.decorators import uses_camera
from willing.people.queries import present_persons
from willing.people.rules import TILL_NUMBER_DIGITS_MAX
from willing.terminals.models import Device, Way
from willing.till import errors
from willing.till.barcodes import is_barcode
from willing.till.basket_states import stop_face_session
from willing.till.baskets import add_product, cancel_basket, remove_product
from willing.till.face_identification import (
    face_offer,
    open_face_session,
    stop_session,
    stop_using_face,
    submit_frame,
)
from willing.till.identification import deny_identity, identify_by_card, identify_by_pin, identify_by_staff
from willing.till.menu import find_product_by_barcode, require_product
from willing.till.models import Basket
from willing.till.payment import confirm_basket
from willing.till.rules import FaceOffer, MealNotice
from willing.till.tills import pair_till


@uses_camera
@require_GET
@at_till
def till(till: AtTill) -> Answer:
    """Show the till."""
    asked = ScreenRequest(till.place.take_notice(), till.request.GET.get("text", ""))
    composed = compose(till.terminal, till.place, asked)
    _note_shown(till, composed.people)
    return render(till.request, "kiosk/till.html", {"screen": composed, "house": till.terminal.school})


@require_GET
@at_till
def screen(_till: AtTill) -> Answer:
    """Show both halves as they are now."""
    return None


@require_http_methods(["GET", "POST"])
@never_cache
@allow_roles("cashier", "office")
def pair(request: HttpRequest) -> HttpResponseBase:
    """Make this browser a till with a one-time code."""
    code = request.POST.get("code") or request.GET.get("code", "")
    if request.method != "POST":
        return render(request, "kiosk/pair.html", {"code": code})
    try:
        require_few_attempts(request, "pair")
        pairing = pair_till(code, key=str(uuid4()), device=Device.KIOSK)
    except Refused as refused:
        context = {"code": code, "refusal": refused.message}
        return render(request, "kiosk/pair.html", context, status=409)
    response = redirect("kiosk:till")
    response.set_cookie(
        COOKIE,
        pairing.token,
        max_age=COOKIE_AGE_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


# --- The cashier's half


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
    """Take what a bar-code reader typed: a product, or else a card."""
    code = till.request.POST.get("code", "")
    product = find_product_by_barcode(till.terminal.school, code)
    if product is not None:
        add_product(till.terminal, product)
    elif find_live_card(till.terminal.school, code) is None and (till.basket is None or is_barcode(code)):
        raise errors.barcode_unknown()
    else:
        identify_by_card(till.terminal, _require_basket(till).id, code)
    return None


@require_GET
@at_till
def people(till: AtTill) -> Answer:
    """Answer the staff look-up while the pupil has asked for it."""
    basket = till.basket
    is_asked = basket is not None and till.place.stage_of(basket.id) == Way.STAFF
    text = till.request.GET.get("text", "")
    found = look_up(till.terminal, text) if is_asked else []
    refusal = ""
    try:
        _note_shown(till, found)
    except Refused as refused:
        found, refusal = [], str(refused.message)
    context = {"people": found, "text": text.strip(), "refusal": refusal}
    return render(till.request, "kiosk/_people.html", context)


def _note_shown(till: AtTill, people: Sequence[FoundPerson]) -> None:
    """Write down whom the look-up shows, each once a basket. Raises Refused too_many_attempts."""
    basket = till.basket
    new = till.place.keep_shown(basket.id, [one.id for one in people]) if basket else []
    if new:
        require_few_attempts(till.request, "till_look_up", key=str(till.user.pk))
        record_shown(new, till.terminal, by=till.user)


@require_POST
@at_till
def staff(till: AtTill) -> Answer:
    """Let the cashier say who pays."""
    person_id = uuid_in(till.request.POST.get("person", ""), errors.person_unknown())
    person = present_persons(till.terminal.school).filter(pk=person_id).first()
    if person is None:
        raise errors.person_unknown()
    identify_by_staff(till.terminal, _require_basket(till).id, person, by=till.user)
    return None


# --- The pupil's half


def _require_basket(till: AtTill) -> Basket:
    if till.basket is None:
        raise errors.basket_empty()
    return till.basket


@require_POST
@at_till
def way(till: AtTill) -> Answer:
    """Take the pupil's choice of a way; an empty one leads back to the choice."""
    basket = _require_basket(till)
    chosen, press = till.request.POST.get("way", ""), till.request.POST.get("press", "")
    if chosen != Way.FACE or press != till.place.press_of(basket.id):
        stop_face_session(basket)  # a face session that an earlier screen left open
    if chosen == Way.FACE and face_offer(basket) is FaceOffer.AFTER_CLAIM:
        chosen = CLAIM
    elif chosen == Way.FACE:
        open_face_session(till.terminal, basket.id, key=press)
    till.place.go(basket.id, chosen, press=press)
    return None


@require_POST
@at_till
def card(till: AtTill) -> Answer:
    """Take a card's code that was typed or scanned into the field."""
    identify_by_card(till.terminal, _require_basket(till).id, till.request.POST.get("code", ""))
    return None


@require_POST
@at_till
def pin(till: AtTill) -> Answer:
    """Take number and PIN."""
    typed = read_number(till.request.POST.get("number", ""), digits_max=TILL_NUMBER_DIGITS_MAX)
    number = typed or 0  # nobody has 0: it is answered like any wrong number
    identify_by_pin(till.terminal, _require_basket(till).id, number, till.request.POST.get("pin", ""))
    return None


@require_POST
@at_till
def frame(till: AtTill, session_id: UUID) -> Answer:
    """Look at one frame of an open face session. The answer never says who: the screen does, camera off."""
    if len(till.request.body) > PAGE_FRAME_BYTES_MAX:
        return HttpResponse(status=413)
    try:
        answer = submit_frame(till.terminal, session_id, till.request.body)
    except Refused as refused:
        is_over = refused.code != "frame_not_readable"  # one bad picture among many does not close a session
        return JsonResponse({"state": "decided" if is_over else "looking"})
    if answer.state != "looking":
        return JsonResponse({"state": "decided"})
    return JsonResponse({"state": "looking", "hint": str(HINTS.get(answer.hint, ""))})


@require_POST
@at_till
def close(till: AtTill, session_id: UUID) -> Answer:
    """End a face session that brought no decision, for the reason that the page gives."""
    stop_session(till.terminal, session_id)
    till.place.leave()
    text = ENDINGS.get(till.request.POST.get("reason", ""))
    if text and till.basket and till.basket.state == Basket.State.IDENTIFIED:
        text = NOT_LOOKED
    return ScreenMessage("info", text) if text else None


@require_POST
@at_till
def confirm(till: AtTill) -> Answer:
    """Take "Yes, pay". The basket is named, so that a second press finds the same sale, and the sum shown."""
    basket_id = uuid_in(till.request.POST.get("basket", ""), errors.basket_unknown())
    if till.basket and meals_shown(till.basket, till.place)[1] is MealNotice.ASK:
        return ScreenMessage("info", _("One moment, please: the cashier presses first."))
    shown_minor = read_number(till.request.POST.get("total", ""), digits_max=10)
    sale = confirm_basket(till.terminal, basket_id, -1 if shown_minor is None else shown_minor)
    till.place.show_sale(sale.id)
    return None


@require_POST
@at_till
def serve_meal(till: AtTill) -> Answer:
    """Take the cashier's press that one more main meal of this sitting is served."""
    basket = _require_basket(till)
    till.place.allow_meal(basket.id, meals_shown(basket, till.place)[0])
    return None


@require_POST
@at_till
def deny(till: AtTill) -> Answer:
    """Take "Not me"."""
    deny_identity(till.terminal, _require_basket(till).id)
    till.place.leave()
    return ScreenMessage("info", _("No problem. Please choose how to pay."))


@require_POST
@at_till
def stop(till: AtTill) -> Answer:
    """Answer "Stop using my face": the first press asks once, the second one erases it."""
    basket = _require_basket(till)
    answer = till.request.POST.get("answer", "")
    if basket.person is None or answer == "keep":
        till.place.leave()
        return None
    if answer != "stop":
        till.place.go(basket.id, "stop")
        return None
    till.place.leave()
    erasure = stop_using_face(till.terminal, basket.id, by=till.user)
    text = _("Your face has been deleted. Proof: log entry %(number)s.")
    return ScreenMessage("good", text % {"number": erasure.log_sequence})


@require_POST
@at_till
def next_customer(till: AtTill) -> Answer:
    """Clear the pupil's half for the next customer."""
    till.place.leave()
    return None
