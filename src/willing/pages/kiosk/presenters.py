"""Compose the till's screen from what the rooms answer and the stage of the pupil's half."""

from dataclasses import dataclass, replace

from willing.biometrics.card_sessions import key_for_share
from willing.biometrics.models import FaceSession
from willing.biometrics.queries import has_face
from willing.biometrics.rules import SESSION_SECONDS
from willing.core.clock import now
from willing.credentials.queries import entry_lengths, ways_here
from willing.keys.master import keyed_digest
from willing.pages.kiosk.held import HeldShown, held_shown, safe_meals_for
from willing.pages.kiosk.labels import CONFIRMED, EXPIRED, NO_ANSWER, NOT_CONFIRMED, NOT_SURE
from willing.pages.kiosk.screen import (
    BUTTONS,
    FACE_AFTER_CLAIM,
    NO_ENTRY,
    WITHOUT_TABS_MAX,
    CashierSees,
    FoundPerson,
    HoursNotice,
    Screen,
    ScreenMessage,
    WayButton,
    group_menu,
)
from willing.pages.kiosk.stage import TillStage
from willing.people.calendar_rules import SellingHours
from willing.people.models import School
from willing.people.queries import alike
from willing.people.school_days import selling_hours_now
from willing.terminals.models import Terminal, Way
from willing.terminals.printers import find_printer
from willing.terminals.second_screens import pairing_of, second_screen_of
from willing.terminals.sign_ons import cashier_of
from willing.till.baskets import basket_total_minor, read_lines, show_basket
from willing.till.cash import takes_cash
from willing.till.face_identification import (
    face_offer,
    last_session_of,
    needs_share,
    open_session_of,
    was_not_confirmed,
    ways_for,
)
from willing.till.face_refresh import can_refresh
from willing.till.favourites import favourites
from willing.till.look_ups import find_people
from willing.till.meals import meals_with
from willing.till.menu import menu
from willing.till.models import Basket, BasketLine, Sale
from willing.till.paid_by import PaidBy
from willing.till.parking import closing_list
from willing.till.prices import total_before_minor
from willing.till.rules import FaceOffer, MealNotice, expires_in_seconds

CLAIM = "claim"
ENTERED = (Way.CARD.value, Way.PIN.value, Way.STAFF.value, Way.FACE.value, CLAIM)


@dataclass(frozen=True)
class ScreenRequest:
    """What one request adds to the screen: a line for the pupil, and the text of a look-up."""

    notice: ScreenMessage | None = None
    look_up_text: str = ""


def compose(terminal: Terminal, place: TillStage, asked: ScreenRequest) -> Screen:
    """Return the screen of a till at this moment."""
    half, held = _compose_half(terminal, place, asked.notice)
    basket, lines, sale = half.basket, half.lines, half.sale
    products = menu(terminal.school)
    has_tabs = len(products) > WITHOUT_TABS_MAX
    # The receipt of the sale before, asked for when its screen has gone.
    printable = "" if lines or sale else place.printable_sale
    at_hand = favourites(terminal, products) if has_tabs else []
    return replace(
        half,
        is_whole=True,
        menu=group_menu(terminal.school, products, at_hand),
        has_tabs=has_tabs,
        is_marking=place.is_marking,
        put_aside=closing_list(terminal),
        cashier=cashier_of(terminal),
        cashier_sees=_cashier_sees(basket),
        look_up_text=asked.look_up_text,
        people=look_up(terminal, asked.look_up_text) if half.stage == Way.STAFF else (),
        held=held,
        safe_meals=safe_meals_for(basket) if basket and held else (),
        asks_about_repeat=half.stage == "identified"
        and basket is not None
        and place.asks_about_repeat(basket.id),
        hours_notice=hours_notice(terminal.school),
        takes_cash=half.stage == "choose" and takes_cash(terminal),
        last_sale="" if lines else place.last_sale_of(cashier_of(terminal), now()),
        printer=half.printer or (find_printer(terminal) if printable else None),
        printable_sale=printable,
        second_screen=second_screen_of(terminal),
        pairing=pairing_of(terminal),
    )


def compose_for_pupil(terminal: Terminal, place: TillStage, notice: ScreenMessage | None = None) -> Screen:
    """Return what a second screen shows: the pupil's half, and nothing that is for the cashier alone."""
    half, _held = _compose_half(terminal, place, notice)
    return half


def _compose_half(
    terminal: Terminal, place: TillStage, notice: ScreenMessage | None
) -> tuple[Screen, list[HeldShown]]:
    """Return the pupil's half, and what of the basket is held back, which only the other half names."""
    basket = show_basket(terminal)
    lines = read_lines(basket) if basket else []
    offer = face_offer(basket) if basket else FaceOffer.NONE
    session = open_session_of(basket) if basket else None
    sale = None if lines else _find_sale(terminal, place)
    stage = decide_stage(
        basket if lines else None, place, is_camera_on=session is not None, is_paid=sale is not None
    )
    person = basket.person if basket else None
    meals, meal_notice, is_in_sitting = meals_shown(basket, place)
    key, info = (key_for_share(session) if session else None) or ("", "")
    may_confirm = stage == "identified" and offer is FaceOffer.CONFIRM
    held = held_shown(basket) if stage == "identified" and basket else []
    half = Screen(
        stage=stage,
        terminal=terminal,
        currency=terminal.school.currency,
        menu=(),
        version=place.version,
        basket=basket,
        shown=shown_mark(basket),
        lines=lines,
        total_minor=_total(basket, lines, sale),
        total_before_minor=total_before_minor(lines),
        ways=_ways(terminal, basket, stage, offer),
        may_confirm_by_face=may_confirm,
        face_needs_share=may_confirm and basket is not None and needs_share(basket),
        share_key=key,
        share_info=info,
        first_name=person.given_name if person else "",
        may_stop_face=has_face(person) if person else False,
        entry=entry_lengths(terminal.school) if stage == Way.PIN else NO_ENTRY,
        meals=meals,
        meal_notice=meal_notice,
        waits_for_cashier=bool(held) or meal_notice is MealNotice.ASK,
        is_in_sitting=is_in_sitting,
        is_camera_elsewhere=stage == "face" and place.is_camera_elsewhere,
        reload_seconds=_reload_seconds(basket),
        session=session,
        session_left_seconds=_left_seconds(session),
        session_press=place.press_of(basket.id) if basket else "",
        session_seconds=SESSION_SECONDS,
        sale=sale,
        cash=sale.cash if sale is not None and sale.way == PaidBy.CASH else None,
        can_refresh=sale is not None and can_refresh(sale),
        printer=find_printer(terminal) if sale else None,
        notice=notice or _outcome(basket, place, session),
    )
    return half, held


def shown_mark(basket: Basket | None) -> str:
    """Return what stands for the basket and the person that a screen shows; a press from it says it again."""
    if basket is None:
        return ""
    return keyed_digest("shown", f"{basket.id}:{basket.person_id or ''}")[:16]


def decide_stage(basket: Basket | None, place: TillStage, *, is_camera_on: bool, is_paid: bool) -> str:
    """Return the stage of the pupil's half. `basket` is None where there is nothing to pay."""
    if basket is None:
        return "paid" if is_paid else "empty"
    entered = place.stage_of(basket.id)
    if basket.state == Basket.State.IDENTIFIED:
        if entered == Way.FACE and is_camera_on:
            return "face"
        return "stop" if entered == "stop" else "identified"
    if entered == Way.FACE:
        return "face" if is_camera_on else "choose"
    return entered if entered in ENTERED else "choose"


def _ways(terminal: Terminal, basket: Basket | None, stage: str, offer: FaceOffer) -> list[WayButton]:
    names = ways_for(basket, offer) if basket else ways_here(terminal)
    if stage == CLAIM:
        names = [name for name in names if name in (Way.CARD, Way.PIN)]
    buttons = {**BUTTONS}
    if offer is FaceOffer.AFTER_CLAIM:
        buttons[Way.FACE] = FACE_AFTER_CLAIM
    return [buttons[Way(name)] for name in names]


def look_up(terminal: Terminal, text: str) -> list[FoundPerson]:
    """Return whom the staff look-up finds, as the cashier reads it."""
    found = find_people(terminal.school, text)
    same = alike(found)
    return [
        FoundPerson(
            id=one.id,
            name=one.full_name,
            year=one.year_group.name if one.year_group else "",
            number=one.till_number if one.id in same else None,
        )
        for one in found
    ]


def meals_shown(basket: Basket | None, place: TillStage) -> tuple[int, MealNotice, bool]:
    """Return how many main meals the person shown has with this basket, and what the till says of it.

    The last says whether they are those of a sitting, and not of the day.
    """
    if basket is None or basket.person is None:
        return 0, MealNotice.NONE, False
    meals, notice, sitting = meals_with(basket)
    if notice is MealNotice.ASK and place.allows_meal(basket.id, meals):
        notice = MealNotice.AGAIN
    return meals, notice, sitting is not None


def hours_notice(school: School) -> HoursNotice | None:
    """Return what the till says where the calendar has no school or no meals now. It sells all the same."""
    found, day, hours = selling_hours_now(school)
    if found is SellingHours.NOTHING:
        return None
    times = ", ".join(f"{one.opens:%H:%M}–{one.closes:%H:%M}" for one in hours)
    return HoursNotice(found is SellingHours.CLOSED, day.name, times)


def _reload_seconds(basket: Basket | None) -> int:
    """Return after how many seconds the screen asks again: by then what was left alone is over."""
    if basket is None:
        return 0
    return expires_in_seconds(basket.touched_at, now(), is_shown=basket.state == Basket.State.IDENTIFIED)


def _left_seconds(session: FaceSession | None) -> int:
    """Return after how many seconds a face session is over, whatever became of the screen with the camera."""
    return max(1, int((session.expires_at - now()).total_seconds()) + 1) if session else 0


def _find_sale(terminal: Terminal, place: TillStage) -> Sale | None:
    if not place.sale_id:
        return None
    return (
        Sale.objects.select_related("cash", "terminal", "basket")
        .filter(pk=place.sale_id, terminal=terminal)
        .first()
    )


def _total(basket: Basket | None, lines: list[BasketLine], sale: Sale | None) -> int:
    if sale is not None:
        return sale.cash.due_minor if sale.way == PaidBy.CASH else sale.total_minor
    return basket_total_minor(basket) if basket and lines else 0


def _cashier_sees(basket: Basket | None) -> CashierSees | None:
    # After a PIN, because pupils use each other's; after a look-up, because the cashier chose the name; and
    # after a card that the face did not confirm, because a person can see what the camera could not.
    if basket is None or basket.person is None:
        return None
    if basket.way not in (Way.PIN, Way.STAFF) and not was_not_confirmed(basket):
        return None
    year = basket.person.year_group
    return CashierSees(basket.person.full_name, year.name if year else "")


def _outcome(basket: Basket | None, place: TillStage, session: FaceSession | None) -> ScreenMessage | None:
    """Return what expired, or the outcome of a face session, as long as nobody has chosen anything else."""
    expired = place.expired_of(basket.id if basket else None)
    if expired:
        return ScreenMessage("info", EXPIRED[expired])
    if basket is None or session is not None or place.stage_of(basket.id) != Way.FACE:
        return None
    if basket.claim:
        return ScreenMessage("good", CONFIRMED)
    last = last_session_of(basket)
    is_claimed = basket.state == Basket.State.IDENTIFIED
    text = (NOT_CONFIRMED if is_claimed else NOT_SURE) if last and last.state in NO_ANSWER else None
    return ScreenMessage("info", text) if text else None
