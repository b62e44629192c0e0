"""What each operation can refuse. A test compares it with what the code can raise."""

from collections.abc import Callable, Mapping
from uuid import UUID

from willing.accounts.errors import too_many_attempts
from willing.api import errors as api
from willing.audit import errors as audit
from willing.biometrics import errors as biometrics
from willing.core import errors as core
from willing.core.errors import Refused
from willing.credentials.errors import card_share_sent, cashier_pin_wrong, code_unknown, pin_locked, pin_wrong
from willing.dpia import errors as dpia
from willing.ledger import errors as ledger
from willing.terminals.errors import (
    look_ups_not_allowed,
    pairing_code_unknown,
    refunds_not_allowed,
    way_not_taken,
)
from willing.till import errors as till
from willing.till import menu_errors as menu
from willing.till.cash_errors import refund_needs_a_drawer

_PRODUCT = UUID("0b6b0f0a-7c51-4f0e-8f0e-2f6f3f9d1c22")
Refusal = Callable[[], Refused]


def _face_locked() -> Refused:
    return dpia.face_locked(("not_signed",))


def _total_changed() -> Refused:
    return till.total_changed(250)


def _refund_too_large() -> Refused:
    return till.refund_too_large(_PRODUCT, 1)


def _meal_check_needed() -> Refused:
    return till.meal_check_needed(3)


def _allergen_blocked() -> Refused:
    return till.allergen_blocked([_PRODUCT])


def _allergen_check_needed() -> Refused:
    return till.allergen_check_needed([_PRODUCT])


def _frame_not_readable() -> Refused:
    return biometrics.frame_not_readable("not_a_picture")


# Every write can be refused for its key, and wait for its turn in vain.
_KEY = (api.idempotency_key_missing, ledger.key_reused)
_BUSY = (core.database_busy,)
_WRITE = (*_KEY, *_BUSY)
# A name is over after 30 seconds, a basket after an hour.
_LATE = (till.basket_expired, till.identification_expired)
_FACES = (biometrics.face_not_available, _face_locked, audit.clock_behind)

REFUSALS: Mapping[str, tuple[Refusal, ...]] = {
    "pair": (*_WRITE, too_many_attempts, pairing_code_unknown),
    "terminal": (),
    "menu": (),
    "hours": (),
    "sold_out": (*_WRITE, till.product_unknown),
    "cashiers": (),
    "cashier": (),
    "sign_on": (*_WRITE, cashier_pin_wrong, pin_locked),
    "sign_off": _WRITE,
    "open_basket": (
        *_WRITE,
        till.product_unknown,
        menu.product_not_today,
        menu.product_sold_out,
        till.quantity_not_valid,
        till.basket_already_open,
    ),
    "current_basket": (*_BUSY, till.basket_unknown),
    "cancel_current_basket": (*_WRITE, till.basket_unknown),
    "basket": (*_BUSY, till.basket_unknown),
    "cancel_basket": (*_WRITE, till.basket_unknown, till.basket_closed),
    "identify": (
        *_WRITE,
        till.basket_unknown,
        till.basket_closed,
        till.basket_parked,
        till.basket_expired,
        till.basket_empty,
        till.already_identified,
        way_not_taken,
        card_share_sent,
        code_unknown,
        pin_wrong,
        pin_locked,
        look_ups_not_allowed,
        till.person_unknown,
    ),
    "look_up": (
        *_WRITE,
        card_share_sent,
        look_ups_not_allowed,
        too_many_attempts,
        till.basket_unknown,
        till.basket_closed,
        till.basket_parked,
        till.basket_expired,
        till.basket_empty,
        till.already_identified,
        way_not_taken,
    ),
    "stop_using_face": (
        *_WRITE,
        till.basket_unknown,
        till.basket_closed,
        till.basket_parked,
        *_LATE,
        till.not_identified,
        biometrics.no_face_to_erase,
    ),
    "set_line": (
        *_WRITE,
        till.basket_unknown,
        till.basket_closed,
        till.basket_parked,
        till.basket_expired,
        till.already_identified,
        till.product_unknown,
        menu.product_not_today,
        menu.product_sold_out,
    ),
    "parked_baskets": _BUSY,
    "park_basket": (
        *_WRITE,
        till.basket_unknown,
        till.basket_closed,
        till.basket_expired,
        till.basket_empty,
    ),
    "take_back": (*_WRITE, till.basket_unknown, till.basket_closed),
    "deny": (
        *_WRITE,
        till.basket_unknown,
        till.basket_closed,
        till.basket_parked,
        till.basket_expired,
        till.not_identified,
    ),
    "confirm": (
        *_WRITE,
        till.basket_unknown,
        till.basket_closed,
        *_LATE,
        till.card_revoked,
        till.person_left,
        till.basket_empty,
        till.not_identified,
        till.basket_parked,
        _total_changed,
        _meal_check_needed,
        till.repeat_check_needed,
        till.cashier_missing,
        _allergen_blocked,
        _allergen_check_needed,
        till.extras_not_covered,
        till.purchase_limit_reached,
        till.daily_limit_reached,
        till.weekly_limit_reached,
        till.face_withdrawn,
        till.face_limit_reached,
        till.face_used_up,
    ),
    "open_session": (
        *_WRITE,
        till.basket_unknown,
        till.basket_closed,
        till.basket_parked,
        till.basket_expired,
        till.basket_empty,
        till.already_identified,
        way_not_taken,
        till.too_many_sessions,
        till.face_limit_reached,
        till.face_used_up,
        *_FACES,
        biometrics.claim_first,
        biometrics.face_not_usable,
        biometrics.session_open,
    ),
    "frame": (
        *_WRITE,
        *_FACES,
        biometrics.session_closed,
        api.frame_too_large,
        _frame_not_readable,
        till.basket_unknown,
        till.basket_closed,
        till.basket_parked,
        *_LATE,
        till.basket_empty,
        till.already_identified,
        till.not_identified,
        way_not_taken,
    ),
    "stop_session": (*_WRITE, biometrics.session_closed),
    "sales": (api.cursor_not_valid,),
    "sale": (till.sale_unknown,),
    "day": (),
    "refund": (
        *_WRITE,
        refunds_not_allowed,
        till.sale_unknown,
        till.already_refunded,
        _refund_too_large,
        refund_needs_a_drawer,
        ledger.correction_too_large,
    ),
}
