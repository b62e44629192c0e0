"""How a basket goes back, is closed, or expires. Each needs the basket's row locked, inside a transaction."""

from uuid import UUID

from django.db.models import QuerySet

from willing.biometrics.face_sessions import stop_session
from willing.biometrics.models import FaceSession
from willing.core.clock import now
from willing.core.prepared import Parameter, prepared
from willing.core.transactions import atomic, lock
from willing.terminals.models import Terminal, Way
from willing.till import errors
from willing.till.models import Basket
from willing.till.prices import drop_prices_of_person
from willing.till.rules import Expiry, decide_expiry

LIVE = (Basket.State.OPEN, Basket.State.IDENTIFIED)
# What is not over yet: one of LIVE at a till, and any number that were put aside.
UNPAID = (*LIVE, Basket.State.PARKED)


def require_state(basket: Basket, state: str) -> None:
    """Raise Refused unless a basket is in `state`.

    Refused: basket_closed, basket_parked, already_identified, not_identified; where time was the cause,
    basket_expired and identification_expired.
    """
    if basket.state != state and basket.expired is Expiry.BASKET:
        raise errors.basket_expired()
    if basket.state != state and basket.expired is Expiry.SHOWN:
        raise errors.identification_expired()
    if basket.state in (Basket.State.PAID, Basket.State.CANCELLED):
        raise errors.basket_closed()
    if basket.state == Basket.State.PARKED:
        raise errors.basket_parked()
    if basket.state != state:
        raise errors.already_identified() if state == Basket.State.OPEN else errors.not_identified()


def require_shown(basket: Basket, shown: Basket | None) -> None:
    """Raise Refused screen_changed where a press was for another person than a basket, locked, has now.

    shown: the basket as the screen that was pressed showed it; None where no screen says.
    """
    if shown is not None and (shown.pk, shown.person_id) != (basket.pk, basket.person_id):
        raise errors.screen_changed()


def require_live(basket: Basket) -> None:
    """Raise Refused unless a basket is open or identified: basket_closed, basket_parked, basket_expired."""
    if basket.state not in LIVE:
        require_state(basket, Basket.State.OPEN)


@prepared
def _sessions_of(basket: Parameter) -> QuerySet[FaceSession, tuple[UUID, str]]:
    return FaceSession.objects.filter(occasion_id=basket).values_list("id", "state")


def stop_face_session(basket: Basket) -> None:
    """Close the face session of a basket, if one is open; the camera has no business any more."""
    if basket.state == Basket.State.IDENTIFIED and basket.way == Way.FACE and not basket.claim:
        return  # the look that identified it is over, and none is opened for it
    sessions = _sessions_of.all(basket=basket.id)
    basket.looks_read = len(sessions)
    for session_id, state in sessions:
        if state == FaceSession.State.OPEN:
            stop_session(session_id, terminal_id=basket.terminal_id)


def touch(basket: Basket) -> None:
    """Note that a person did something with a basket, so that it does not expire now."""
    basket.touched_at = now()
    basket.save(update_fields=["touched_at"])


def back_to_open(basket: Basket) -> Basket:
    """Forget who was shown, and their prices; what is in the basket stays."""
    basket.state, basket.person, basket.way, basket.identified_by = Basket.State.OPEN, None, "", None
    basket.claim, basket.card, basket.touched_at = "", None, now()
    basket.save(update_fields=["state", "person", "way", "claim", "card", "identified_by", "touched_at"])
    drop_prices_of_person(basket)
    return basket


def close_unpaid(basket: Basket) -> Basket:
    """Close a basket without a payment, its camera first."""
    stop_face_session(basket)
    basket.state, basket.person, basket.way, basket.closed_at = Basket.State.CANCELLED, None, "", now()
    basket.claim, basket.card = "", None
    basket.save(update_fields=["state", "person", "way", "claim", "card", "closed_at"])
    return basket


def expire_if_left(basket: Basket) -> Basket:
    """Close a basket that nobody touched for too long, or forget who has been shown for too long."""
    basket.expired = due = _due(basket)
    if due is Expiry.NONE:
        return basket
    if due is Expiry.BASKET:
        return close_unpaid(basket)
    stop_face_session(basket)
    touched_at = basket.touched_at
    back_to_open(basket)
    basket.touched_at = touched_at  # nobody has touched it: the basket's own time goes on
    basket.save(update_fields=["touched_at"])
    return basket


def _due(basket: Basket) -> Expiry:
    if basket.state not in UNPAID:
        return Expiry.NONE
    return decide_expiry(basket.touched_at, now(), is_shown=basket.state == Basket.State.IDENTIFIED)


def expire_left_basket(terminal: Terminal) -> Basket | None:
    """Expire what was left at a till, before it is shown again; return a basket that has just expired.

    Reads only, where nothing is due.
    """
    unpaid = Basket.objects.filter(terminal=terminal, state__in=UNPAID)
    expired = [basket for basket in unpaid if expire_if_due(basket)]
    live = [basket for basket in expired if basket.state in LIVE]  # the one on the screen, before parked ones
    return next(iter([*live, *expired]), None)


def expire_if_due(basket: Basket) -> bool:
    """Expire a basket that was read and not locked, where it is due; say whether it was, to read it anew."""
    basket.expired = _due(basket)
    if basket.expired is not Expiry.NONE:
        _expire(basket)
    return basket.expired is not Expiry.NONE


@atomic
def _expire(basket: Basket) -> None:
    locked = lock(Basket.objects).filter(pk=basket.pk).first()
    if locked is not None:
        expire_if_left(locked)


def expire_left_baskets(limit: int) -> int:
    """Expire what was left at any till (every night). Return how many baskets were closed."""
    live = Basket.objects.filter(state__in=UNPAID).select_related("terminal").order_by("touched_at")
    closed = 0
    for basket in live[:limit]:
        if _due(basket) is not Expiry.NONE:
            _expire(basket)
            basket.refresh_from_db(fields=["state"])
            closed += basket.state == Basket.State.CANCELLED
    return closed
