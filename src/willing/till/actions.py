"""The only writers of the till. A face is one of the ways; everything here works without it."""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import F

from willing.audit.actions import NewEntry, record, record_many
from willing.audit.journal import note, note_many
from willing.biometrics import actions as biometrics
from willing.biometrics.erasure import Erasure
from willing.biometrics.errors import session_closed
from willing.biometrics.models import FaceSession, Template
from willing.biometrics.queries import find_session
from willing.consent.errors import not_a_guardian
from willing.consent.queries import permission
from willing.core.clock import now, still_runs
from willing.core.codes import code_from_digest, new_code, normalise_code
from willing.core.errors import Refused
from willing.core.ids import derive_id, new_id
from willing.core.transactions import atomic, lock
from willing.keys.master import keyed_digest
from willing.ledger import actions as ledger
from willing.ledger.errors import key_reused
from willing.ledger.models import Account, Transfer
from willing.people import actions as people
from willing.people.models import Guardian, Person, School, User
from willing.people.queries import listed_guardians
from willing.till import errors
from willing.till.basket_states import (
    LIVE,
    back_to_open,
    close_unpaid,
    expire_if_left,
    stop_face_session,
    touch,
)
from willing.till.models import (
    Basket,
    BasketLine,
    Card,
    Device,
    FailedTry,
    Limits,
    MealAllowance,
    Pin,
    PlaceKind,
    Product,
    ReceiptCounter,
    Refund,
    RequestKey,
    Sale,
    SchoolLimits,
    Terminal,
    Way,
)
from willing.till.pin_tries import (
    clear_old_tries,
    count_try,
    finish_wrong_try,
    forget_tries,
    hash_pin,
    is_right_pin,
    key_of_card,
    note_lock,
)
from willing.till.queries import (
    allowance_left_minor,
    basket_total_minor,
    bought_by_face_alone_today_minor,
    key_of_number,
    limits_of,
    school_face_daily_minor,
    spent_today_minor,
)
from willing.till.rules import (
    FACE_SESSIONS_A_BASKET,
    PAIRING_MINUTES,
    PLACES_WITHOUT_FACE,
    Funding,
    Item,
    PinTry,
    decide_funding,
    is_pin,
    is_simple_pin,
    is_within_day,
    total_minor,
)

NOBODY = UUID(int=0)  # asked for in place of an owner, so that no question is left out

log = logging.getLogger("willing.till")


@dataclass(frozen=True)
class NewTerminal:
    """A till to be set up: its name, what for, which ways it takes, and where it stands."""

    name: str
    purpose: str = "canteen"
    ways: tuple[str, ...] = (Way.CARD.value, Way.PIN.value, Way.STAFF.value)
    place_kind: str = PlaceKind.CANTEEN.value


@atomic
def add_terminal(school: School, new: NewTerminal) -> Terminal:
    """Set up a till.

    Raises Refused terminal_needs_another_way without a card or a PIN (promise 2), place_not_for_faces,
    terminal_name_taken.
    """
    if not {Way.CARD, Way.PIN} & set(new.ways):
        raise errors.terminal_needs_another_way()
    if Way.FACE in new.ways and new.place_kind in PLACES_WITHOUT_FACE:
        raise errors.place_not_for_faces()
    lock(School.objects).get(pk=school.pk)  # two at once must not take one name
    if Terminal.objects.filter(school=school, name=new.name).exists():
        raise errors.terminal_name_taken()
    terminal = Terminal.objects.create(
        school=school,
        name=new.name,
        purpose=new.purpose,
        place_kind=PlaceKind(new.place_kind),
        takes_card=Way.CARD in new.ways,
        takes_pin=Way.PIN in new.ways,
        takes_staff=Way.STAFF in new.ways,
        takes_face=Way.FACE in new.ways,
    )
    facts = {"ways": sorted(new.ways), "place": terminal.place_kind}
    record("terminal.added", subject=terminal.id, facts=facts, personal={})
    return terminal


@atomic
def start_pairing(terminal: Terminal) -> str:
    """Return a fresh one-time code with which a device becomes this till; earlier codes end."""
    code = new_code(8)
    Terminal.objects.filter(pk=terminal.pk).update(
        pairing_digest=keyed_digest("pairing", code),
        pairing_ends_at=now() + timedelta(minutes=PAIRING_MINUTES),
    )
    record("terminal.pairing_started", subject=terminal.id, facts={}, personal={})
    return code


@dataclass(frozen=True)
class Pairing:
    """A paired till and the token with which it acts."""

    terminal: Terminal
    token: str


@atomic
def pair_terminal(code: str, *, key: str, device: str = Device.API) -> Pairing:
    """Use up a pairing code. The same code and key again return the same token: a lost answer is no loss.

    The token opens what `device` needs and nothing else. A new pairing begins with nothing of an earlier one:
    its basket is closed, its keys are forgotten, and so is its right to refund.
    """
    digest = keyed_digest("pairing", normalise_code(code))
    terminal = lock(Terminal.objects).filter(pairing_digest=digest, retired_at=None).first()
    if terminal is None:
        raise errors.pairing_code_unknown()
    token = keyed_digest("token", f"{terminal.id}:{digest}:{key}")
    token_digest = keyed_digest("token-digest", token)
    if terminal.pairing_ends_at is None:
        if terminal.token_digest != token_digest or terminal.device != device:
            raise errors.pairing_code_unknown()
        return Pairing(terminal, token)
    if not still_runs(terminal.pairing_ends_at, timedelta(minutes=PAIRING_MINUTES)):
        raise errors.pairing_code_unknown()
    terminal.token_digest, terminal.paired_at, terminal.pairing_ends_at = token_digest, now(), None
    terminal.device, terminal.session_key, terminal.may_refund = device, "", False
    terminal.save(
        update_fields=[
            "token_digest",
            "paired_at",
            "pairing_ends_at",
            "device",
            "session_key",
            "may_refund",
        ]
    )
    RequestKey.objects.filter(terminal=terminal).delete()
    _close_left_basket(terminal)
    record("terminal.paired", subject=terminal.id, facts={"device": str(device)}, personal={})
    return Pairing(terminal, token)


def _close_left_basket(terminal: Terminal) -> None:
    """Close what an earlier device left open; what a pupil has confirmed is settled instead."""
    for sale in Sale.objects.filter(terminal=terminal, state=Sale.State.HELD):
        settle_sale(sale.id)
    basket = lock(Basket.objects).filter(terminal=terminal, state__in=LIVE).first()
    if basket is not None:
        close_unpaid(basket)


@atomic
def unpair_terminal(terminal: Terminal) -> None:
    """End a till's token at once (a lost or replaced device), and its right to refund with it."""
    Terminal.objects.filter(pk=terminal.pk).update(
        token_digest="", pairing_digest="", pairing_ends_at=None, device="", session_key="", may_refund=False
    )
    record("terminal.unpaired", subject=terminal.id, facts={}, personal={})
    note("terminal.unpaired", {"terminal": str(terminal.id)})


def require_terminal(token: str, *, device: str) -> Terminal:
    """Return the till that acts with `token` as a device of that kind. Raises Refused terminal_not_paired."""
    digest = keyed_digest("token-digest", token)
    paired = Terminal.objects.select_related("school").filter(retired_at=None, device=device)
    terminal = paired.filter(token_digest=digest).first() if token else None
    if terminal is None:
        raise errors.terminal_not_paired()
    return terminal


@atomic
def issue_card(person: Person, *, by: User | None = None, key: UUID | None = None) -> str:
    """Give a person a new card and return its code, which is shown once. Costs nothing; older cards stay.

    key: the form's own, so that a double press makes one card and both answers show its code.
    """
    key = key or new_id()
    # Derived under the master key, so that the code itself need not be kept to be told again.
    code = code_from_digest(keyed_digest("card-code", f"{person.id}:{key}"))
    card, is_new = Card.objects.get_or_create(
        id=derive_id(person.id, "card", str(key)),
        defaults={"person": person, "digest": keyed_digest("card", code)},
    )
    if not is_new:
        return code
    facts = {"card": str(card.id), "by": by.pk if by else None}
    record("card.issued", subject=person.id, facts=facts, personal={})
    return code


@atomic
def revoke_cards(person: Person, *, by: User | None = None) -> int:
    """End every card of a person at once. Return how many."""
    live = list(Card.objects.filter(person=person, revoked_at=None).values_list("id", flat=True))
    ended = Card.objects.filter(pk__in=live, revoked_at=None).update(revoked_at=now())
    if ended:
        facts = {"cards": ended, "by": by.pk if by else None}
        record("card.revoked", subject=person.id, facts=facts, personal={})
        note("card.revoked", {"cards": [str(card) for card in live]})
    return ended


@atomic
def replay_revoked_cards(card_ids: Sequence[UUID]) -> int:
    """Revoke cards again that were revoked after a restored copy. Return how many were alive in it."""
    live = Card.objects.filter(pk__in=card_ids, revoked_at=None)
    cards = Counter(live.values_list("person_id", flat=True))
    live.update(revoked_at=now())
    record_many(
        [NewEntry("card.revoked", one, {"cards": count, "by": None}, {}) for one, count in cards.items()]
    )
    return cards.total()


@atomic
def replay_unpaired(terminal_id: UUID) -> bool:
    """End a till's token again that was ended after a restored copy. Return whether it was alive in it."""
    terminal = Terminal.objects.filter(pk=terminal_id).exclude(token_digest="", pairing_digest="").first()
    if terminal is not None:
        unpair_terminal(terminal)
    return terminal is not None


@atomic
def skip_receipts(school: School, known: int) -> int:
    """Let receipt numbers go on above `known`, given out after a restored copy. Return the gap."""
    ReceiptCounter.objects.get_or_create(school=school)
    counter = lock(ReceiptCounter.objects).get(school=school)
    skipped = max(0, known - counter.last)
    if skipped:
        facts = {"first": counter.last + 1, "last": known}
        counter.last = known
        counter.save(update_fields=["last"])
        record("receipts.skipped", subject=school.id, facts=facts, personal={})
    return skipped


@dataclass(frozen=True)
class Left:
    """What ended with persons who left. Their money stays on their accounts until it is settled."""

    persons: int
    cards: int
    faces: int


@atomic
def end_persons(person_ids: Sequence[UUID], *, by: User | None = None) -> Left:
    """Record that persons have left: their cards end, and their faces are erased, at once. Twice is once."""
    leaving = people.end_persons(person_ids)
    live = Card.objects.filter(person_id__in=leaving, revoked_at=None)
    held = dict(live.values_list("id", "person_id"))
    cards = Counter(held.values())
    live.update(revoked_at=now())
    user = by.pk if by else None
    record_many(
        [NewEntry("card.revoked", one, {"cards": count, "by": user}, {}) for one, count in cards.items()]
    )
    note_many([("card.revoked", {"cards": [str(card)]}) for card in held])
    # Last, for keys are gone for good even where what stands above is undone.
    faces = biometrics.erase_faces_of(leaving, cause="left")
    return Left(len(leaving), cards.total(), faces)


def set_pin(person: Person, pin: str, *, by: User | None = None) -> None:
    """Give a person a PIN of 4 to 6 digits. Raises Refused pin_not_valid, pin_too_simple."""
    if not is_pin(pin):
        raise errors.pin_not_valid()
    if is_simple_pin(pin):
        raise errors.pin_too_simple()
    _store_pin(person, hash_pin(person.id, pin), by)


@atomic
def _store_pin(person: Person, hashed: str, by: User | None) -> None:
    Pin.objects.update_or_create(person=person, defaults={"hashed": hashed})
    forget_tries(key_of_number(person.school, person.till_number))
    record("pin.set", subject=person.id, facts={"by": by.pk if by else None}, personal={})


@dataclass(frozen=True)
class NewLimits:
    """What a person may spend in a day, in minor units. None: nothing of its own.

    daily_minor: by all ways together; a main meal is always sold. face_daily_minor: by the face alone, never
    more than the school's.
    """

    daily_minor: int | None = None
    face_daily_minor: int | None = None


@atomic
def set_limits(person: Person, new: NewLimits, *, by: Guardian | User) -> Limits:
    """Set what a person may spend in a day, from now on. Raises Refused not_a_guardian."""
    guardian, user = (by, None) if isinstance(by, Guardian) else (None, by)
    if guardian and guardian not in listed_guardians(person.id):
        raise not_a_guardian()
    limits, _ = Limits.objects.update_or_create(
        person=person,
        defaults={
            "daily_minor": new.daily_minor,
            "face_daily_minor": new.face_daily_minor,
            "guardian": guardian,
            "user": user,
            "set_at": now(),
        },
    )
    facts = {
        "daily": new.daily_minor,
        "face_daily": new.face_daily_minor,
        "by": user.pk if user else None,
        "guardian": str(guardian.id) if guardian else None,
    }
    record("limits.set", subject=person.id, facts=facts, personal={})
    return limits


@atomic
def set_meal_allowance(
    person: Person, daily_minor: int, *, by: User, ends_on: date | None = None
) -> MealAllowance | None:
    """Let the school pay for a person's food up to a sum a day, or end that with 0.

    The log says that it was set, not how much: who gets free meals is nobody else's business.
    """
    if daily_minor <= 0:
        ended, _ = MealAllowance.objects.filter(person=person).delete()
        if ended:
            record("allowance.ended", subject=person.id, facts={"by": by.pk}, personal={})
        return None
    allowance, _ = MealAllowance.objects.update_or_create(
        person=person,
        defaults={"daily_minor": daily_minor, "ends_on": ends_on, "user": by, "set_at": now()},
    )
    record("allowance.set", subject=person.id, facts={"by": by.pk}, personal={})
    return allowance


@atomic
def set_school_face_limit(school: School, face_daily_minor: int, *, by: User) -> SchoolLimits:
    """Set how much a face alone may pay in a day at a school. 0: only together with a card or PIN."""
    limits, _ = SchoolLimits.objects.update_or_create(
        school=school, defaults={"face_daily_minor": face_daily_minor, "user": by, "set_at": now()}
    )
    facts = {"face_daily": face_daily_minor, "by": by.pk}
    record("limits.set_for_school", subject=school.id, facts=facts, personal={})
    return limits


@atomic
def open_basket(terminal: Terminal, basket_id: UUID, lines: Sequence[tuple[Product, int]]) -> Basket:
    """Open a basket with all its lines. The same id with the same lines again returns the same basket."""
    _lock_terminal(terminal)
    earlier = Basket.objects.filter(pk=basket_id, terminal=terminal).first()
    if earlier is not None:
        had = sorted(earlier.lines.values_list("product_id", "quantity"))
        if had != sorted((product.id, quantity) for product, quantity in lines):
            raise key_reused()
        return earlier
    if _find_live_basket(terminal) is not None:
        raise errors.basket_already_open()
    basket = _new_basket(terminal, basket_id)
    for product, quantity in lines:
        _set_line(basket, product, quantity)
    return basket


def _new_basket(terminal: Terminal, basket_id: UUID) -> Basket:
    at = now()
    return Basket.objects.create(id=basket_id, terminal=terminal, opened_at=at, touched_at=at)


def _find_live_basket(terminal: Terminal) -> Basket | None:
    """Return the till's basket, locked, unless it was left for so long that it has just expired."""
    basket = lock(Basket.objects).filter(terminal=terminal, state__in=LIVE).first()
    return basket if basket is not None and expire_if_left(basket).state in LIVE else None


def _lock_terminal(terminal: Terminal) -> Terminal:
    return lock(Terminal.objects).get(pk=terminal.pk)


@atomic
def add_product(terminal: Terminal, product: Product) -> Basket:
    """Put one of a product into the till's basket, opening a basket where none is open."""
    _lock_terminal(terminal)
    basket = _find_live_basket(terminal) or _new_basket(terminal, new_id())
    _require_state(basket, Basket.State.OPEN)
    line = basket.lines.filter(product=product).first()
    _set_line(basket, product, (line.quantity if line else 0) + 1)
    touch(basket)
    return basket


def _set_line(basket: Basket, product: Product, quantity: int) -> None:
    if product.school_id != basket.terminal.school_id or not product.is_on_sale:
        raise errors.product_unknown()
    if not 1 <= quantity <= 20:
        raise errors.quantity_not_valid()
    BasketLine.objects.update_or_create(
        basket=basket, product=product, defaults={"quantity": quantity, "price_minor": product.price_minor}
    )


@atomic
def remove_product(terminal: Terminal, product_id: UUID) -> Basket:
    """Take one of a product out of the till's basket; the last one takes the line with it.

    Also while somebody is shown: the sum they saw only falls, and extras that are not covered can be put back
    without asking who they are a second time.
    """
    basket = require_live_basket(terminal)
    _refuse_if_held(basket)
    line = basket.lines.filter(product_id=product_id).first()
    if line is None:
        raise errors.product_unknown()
    if line.quantity > 1:
        line.quantity -= 1
        line.save(update_fields=["quantity"])
    else:
        line.delete()
    touch(basket)
    if basket.state == Basket.State.IDENTIFIED and not basket.lines.exists():
        back_to_open(basket)
    return basket


@atomic
def cancel_basket(terminal: Terminal, basket_id: UUID) -> Basket:
    """Close a basket without a payment. Cancelling twice changes nothing; a confirmed one is refused."""
    basket = require_basket(terminal, basket_id)
    if basket.state == Basket.State.CANCELLED:
        return basket
    if basket.state == Basket.State.PAID:
        raise errors.basket_closed()
    _refuse_if_held(basket)
    return close_unpaid(basket)


@atomic
def cancel_current_basket(terminal: Terminal) -> Basket:
    """Close the till's basket without knowing its id. Raises Refused basket_unknown, already_confirmed."""
    basket = lock(Basket.objects).filter(terminal=terminal, state__in=LIVE).first()
    if basket is None:
        raise errors.basket_unknown()
    _refuse_if_held(basket)
    return close_unpaid(basket)


def require_live_basket(terminal: Terminal) -> Basket:
    """Return the till's open basket, locked. Raises Refused basket_empty. Call inside a transaction."""
    basket = _find_live_basket(terminal)
    if basket is None:
        raise errors.basket_empty()
    return basket


def require_basket(terminal: Terminal, basket_id: UUID) -> Basket:
    """Return a basket of this till, locked. Raises Refused basket_unknown. Call inside a transaction."""
    basket = lock(Basket.objects).filter(pk=basket_id, terminal=terminal).first()
    if basket is None:
        raise errors.basket_unknown()
    return expire_if_left(basket)


def _require_state(basket: Basket, state: str) -> None:
    if basket.state in (Basket.State.PAID, Basket.State.CANCELLED):
        raise errors.basket_closed()
    if basket.state != state:
        raise errors.already_identified() if state == Basket.State.OPEN else errors.not_identified()


def _refuse_if_held(basket: Basket) -> None:
    if basket.sales.filter(state=Sale.State.HELD).exists():
        raise errors.already_confirmed()


def _require_way(basket: Basket, way: str) -> None:
    if way not in basket.terminal.ways:
        raise errors.way_not_taken()
    _require_state(basket, Basket.State.OPEN)
    if not basket.lines.exists():
        raise errors.basket_empty()


def _is_shown(basket: Basket, way: str, person: Person | None) -> bool:
    """Say whether a repeated request finds what the first one did."""
    shown = basket.state == Basket.State.IDENTIFIED and basket.way == way
    return shown and person is not None and basket.person_id == person.id


def _identify(basket: Basket, person: Person, way: str, by: User | None = None) -> Basket:
    basket.state, basket.person, basket.way, basket.identified_by = Basket.State.IDENTIFIED, person, way, by
    basket.touched_at = now()
    basket.save(update_fields=["state", "person", "way", "identified_by", "touched_at"])
    return basket


def identify_by_card(terminal: Terminal, basket_id: UUID, code: str) -> Basket:
    """Say who pays by a card's code. Raises Refused code_unknown."""
    basket = _identify_by_card(terminal, basket_id, code)
    if basket is None:
        raise errors.code_unknown()
    return basket


@atomic
def _identify_by_card(terminal: Terminal, basket_id: UUID, code: str) -> Basket | None:
    """Return the basket, identified, or None once the failed try is written down."""
    basket = require_basket(terminal, basket_id)
    person = find_card_owner(terminal.school, code)
    if _is_shown(basket, Way.CARD, person):
        return basket
    _require_way(basket, Way.CARD)
    if person is None:
        FailedTry.objects.create(terminal=terminal, way=Way.CARD, code="code_unknown", at=now())
        return None
    stop_face_session(basket)
    return _identify(basket, person, Way.CARD)


def find_card_owner(school: School, code: str) -> Person | None:
    """Return who carries a card, or None where no live card of this school has that code."""
    card = (
        Card.objects.filter(digest=keyed_digest("card", normalise_code(code)), revoked_at=None)
        .filter(person__school=school, person__left_at=None)
        .select_related("person")
        .first()
    )
    return card.person if card else None


def identify_by_pin(terminal: Terminal, basket_id: UUID, number: int, pin: str) -> Basket:
    """Say who pays by number and PIN. Raises Refused pin_wrong, pin_locked.

    The try is counted and committed before the PIN is compared, so that nothing undoes the count. A number
    that nobody has is counted, locked and compared like any other.
    """
    clear_old_tries()
    begun = _begin_pin(terminal, basket_id, number)
    if isinstance(begun, Basket):
        return begun
    row, tried = begun
    key = key_of_number(terminal.school, number)
    if tried.is_locked:
        _note_failed_pin(terminal, "pin_locked")
        raise errors.pin_locked()
    if not is_right_pin(pin, row) or row is None:
        _finish_wrong_pin(terminal, key)
        raise errors.pin_locked() if tried.locked_until else errors.pin_wrong()
    return _identify_by_right_pin(terminal, basket_id, row, key)


@atomic
def _begin_pin(terminal: Terminal, basket_id: UUID, number: int) -> Basket | tuple[Pin | None, PinTry]:
    """Return the basket where the answer to this try is there already, else the PIN and the counted try."""
    basket = require_basket(terminal, basket_id)
    if basket.state == Basket.State.IDENTIFIED:
        shown = _find_pin(terminal.school, number)
        if shown is not None and _is_shown(basket, Way.PIN, shown.person):
            return basket
    _require_way(basket, Way.PIN)
    tried = count_try(key_of_number(terminal.school, number))
    # Whether there is such a number is not asked while it is locked: then nothing can take longer for it.
    row = None if tried.is_locked else _find_pin(terminal.school, number)
    note_lock(tried, row.person_id if row else None)
    return row, tried


@atomic
def _finish_wrong_pin(terminal: Terminal, key: str) -> None:
    finish_wrong_try(key)
    _note_failed_pin(terminal, "pin_wrong")


@atomic
def _identify_by_right_pin(terminal: Terminal, basket_id: UUID, row: Pin, key: str) -> Basket:
    forget_tries(key)
    basket = require_basket(terminal, basket_id)
    _require_way(basket, Way.PIN)
    stop_face_session(basket)
    return _identify(basket, row.person, Way.PIN)


def prove_by_card_and_pin(school: School, code: str, pin: str) -> Person:
    """Return who carries this card and knows its PIN, for signing in away from a till.

    Wrong tries count together with those at the tills, before the PIN is compared, and lock it for both.
    Raises Refused card_or_pin_wrong, pin_locked.
    """
    clear_old_tries()
    key, row, tried = _begin_pin_of_card(school, code)
    if tried.is_locked:
        raise errors.pin_locked()
    if not is_right_pin(pin, row) or row is None:
        finish_wrong_try(key)
        raise errors.pin_locked() if tried.locked_until else errors.card_or_pin_wrong()
    forget_tries(key)
    return row.person


@atomic
def _begin_pin_of_card(school: School, code: str) -> tuple[str, Pin | None, PinTry]:
    owner = find_card_owner(school, code)
    rows = Pin.objects.select_related("person__school")
    row = rows.filter(person_id=owner.id if owner else NOBODY).first()
    key = key_of_card(school, keyed_digest("card", normalise_code(code)), owner)
    tried = count_try(key)
    note_lock(tried, row.person_id if row else None)
    return key, row, tried


def _find_pin(school: School, number: int) -> Pin | None:
    rows = Pin.objects.select_related("person")
    return rows.filter(person__school=school, person__till_number=number, person__left_at=None).first()


def _note_failed_pin(terminal: Terminal, code: str) -> None:
    FailedTry.objects.create(terminal=terminal, way=Way.PIN, code=code, at=now())


@atomic
def identify_by_staff(terminal: Terminal, basket_id: UUID, person: Person, *, by: User) -> Basket:
    """Let a member of staff say who pays. The look at the record is in the log."""
    basket = require_basket(terminal, basket_id)
    _require_way(basket, Way.STAFF)
    if person.school_id != terminal.school_id or person.left_at is not None:
        raise errors.person_unknown()
    stop_face_session(basket)
    facts = {"by": by.pk, "terminal": str(terminal.id)}
    record("till.looked_up", subject=person.id, facts=facts, personal={})
    return _identify(basket, person, Way.STAFF, by)


@atomic
def open_face_session(terminal: Terminal, basket_id: UUID, *, key: str) -> FaceSession:
    """Open a face session for a basket, on the pupil's press. The same key again returns the same session.

    Before a card or PIN it looks among all (1:N), where the school does that and the sum is small; after one
    it compares with that one person only (1:1).
    Raises Refused claim_first, face_limit_reached, face_not_usable, too_many_sessions.
    """
    basket = require_basket(terminal, basket_id)
    claimed = _claimed(basket)
    session_id = derive_id(basket.id, "session", key)
    earlier = FaceSession.objects.filter(deed=basket.id)
    is_new = not earlier.filter(pk=session_id).exists()
    if is_new and earlier.count() >= FACE_SESSIONS_A_BASKET:
        raise errors.too_many_sessions()
    if claimed is None and basket_total_minor(basket) > school_face_daily_minor(terminal.school):
        raise errors.face_limit_reached()
    request = biometrics.SessionRequest(session_id, terminal.id, basket.id, terminal.purpose, claimed)
    return biometrics.open_session(terminal.school, request)


def _claimed(basket: Basket) -> Person | None:
    """Return whom a card or PIN has named for a basket; None for one that is open.

    Raises Refused way_not_taken, basket_empty, basket_closed, already_identified, already_confirmed.
    """
    if not _is_claimed(basket):
        _require_way(basket, Way.FACE)
        return None
    if Way.FACE not in basket.terminal.ways:
        raise errors.way_not_taken()
    _refuse_if_held(basket)
    return basket.person


def _is_claimed(basket: Basket) -> bool:
    return basket.state == Basket.State.IDENTIFIED and basket.way in (Way.CARD, Way.PIN)


@dataclass(frozen=True)
class FrameAnswer:
    """What a till shows after a frame. state: looking, matched, ambiguous or unknown."""

    state: str
    hint: str


def submit_frame(terminal: Terminal, session_id: UUID, picture: bytes) -> FrameAnswer:
    """Look at one frame of a session; on a match, say who pays. Raises Refused session_closed."""
    looked = biometrics.look_at_frame(session_id, picture, place=terminal.id)
    if looked.decision is None:
        return FrameAnswer("looking", looked.hint)
    session = _conclude(terminal, session_id, looked)
    return FrameAnswer(session.state, looked.hint)


@atomic
def _conclude(terminal: Terminal, session_id: UUID, looked: biometrics.Looked) -> FaceSession:
    assert looked.decision is not None, "only a decision closes a session"
    # The basket first: closing the session writes into the log, whose end is locked last by everybody.
    found = find_session(session_id, place=terminal.id)
    if found is None:
        raise session_closed()
    basket = require_basket(terminal, found.deed)
    session = biometrics.conclude_session(session_id, looked.decision, place=terminal.id)
    if session.state == FaceSession.State.MATCHED and session.person is not None:
        if session.mode == Template.Mode.VERIFY:
            _confirm_claim(basket, session.person)
        else:
            _require_way(basket, Way.FACE)
            _identify(basket, session.person, Way.FACE)
    return session


def _confirm_claim(basket: Basket, person: Person) -> None:
    """Note that a face has confirmed whom a card or PIN named."""
    if not _is_claimed(basket) or basket.person_id != person.id:
        raise errors.not_identified()
    basket.claim, basket.way, basket.touched_at = basket.way, Way.FACE, now()
    basket.save(update_fields=["claim", "way", "touched_at"])


@atomic
def stop_session(terminal: Terminal, session_id: UUID) -> FaceSession:
    """Close a face session of this till without an answer. Stopping twice changes nothing."""
    return biometrics.stop_session(session_id, place=terminal.id)


@atomic
def deny_identity(terminal: Terminal, basket_id: UUID) -> Basket:
    """The pupil pressed "Not me": forget who was shown; after a face, count it as a wrong recognition."""
    basket = require_basket(terminal, basket_id)
    if basket.state == Basket.State.OPEN:
        return basket
    _require_state(basket, Basket.State.IDENTIFIED)
    _refuse_if_held(basket)
    stop_face_session(basket)
    facts = {"way": basket.way, "terminal": str(terminal.id)}
    record("till.not_me", subject=basket.person_id, facts=facts, personal={})
    FailedTry.objects.create(terminal=terminal, way=basket.way, code="not_me", at=now())
    return back_to_open(basket)


@atomic
def stop_using_face(terminal: Terminal, basket_id: UUID, *, by: User) -> Erasure:
    """Take "Stop using my face" from whoever is shown. Raises Refused not_identified, no_face_to_erase.

    Whom the face itself had identified says anew how they pay: what is gone identifies nobody.
    """
    basket = require_basket(terminal, basket_id)
    _require_state(basket, Basket.State.IDENTIFIED)
    assert basket.person is not None
    erasure = biometrics.stop_using_face(basket.person, channel="till", recorded_by=by)
    if basket.way == Way.FACE and not basket.sales.filter(state=Sale.State.HELD).exists():
        _forget_face(basket)
    return erasure


def _forget_face(basket: Basket) -> None:
    """Take the face out of how somebody said who they are: a card or PIN before it still says it."""
    if not basket.claim:
        back_to_open(basket)
        return
    basket.way, basket.claim = basket.claim, ""
    basket.save(update_fields=["way", "claim"])


def confirm_basket(terminal: Terminal, basket_id: UUID) -> Sale:
    """Take the pupil's "Yes, pay": hold the money, then settle. However often it comes, it charges once.

    A crash between the two leaves a hold; the next confirmation, or the next start, settles it.
    Raises Refused not_identified, basket_closed, extras_not_covered, daily_limit_reached, face_ended,
    face_limit_reached.
    """
    held = _hold_once(terminal, basket_id)
    if isinstance(held, Refused):
        raise held
    return settle_sale(held.id)


@atomic
def _hold_once(terminal: Terminal, basket_id: UUID) -> Sale | Refused:
    """Return the basket's sale, held, or the refusal once the face that it came from is forgotten.

    Locked in the order basket, accounts, end of the log, as everywhere; and the accounts before any limit is
    asked for, so that two tills never pass a day's limit together.
    """
    basket = require_basket(terminal, basket_id)
    sale = basket.sales.exclude(state=Sale.State.VOIDED).first()
    if sale is not None:
        return sale
    wallet = _lock_money(basket.person) if basket.person else None
    stop_face_session(basket)
    if not _face_still_permitted(basket):
        is_claimed = bool(basket.claim)
        _forget_face(basket)
        if not is_claimed:
            return errors.face_ended()
    elif _is_beyond_face_limit(basket):
        back_to_open(basket)
        return errors.face_limit_reached()
    _require_state(basket, Basket.State.IDENTIFIED)
    assert wallet is not None, "somebody is identified"
    return _hold(basket, wallet)


def _face_still_permitted(basket: Basket) -> bool:
    if basket.state != Basket.State.IDENTIFIED or basket.way != Way.FACE or basket.person is None:
        return True
    return permission(basket.person, basket.terminal.purpose).granted


def _is_beyond_face_limit(basket: Basket) -> bool:
    if basket.state != Basket.State.IDENTIFIED or basket.way != Way.FACE or basket.claim:
        return False
    assert basket.person is not None
    spent = bought_by_face_alone_today_minor(basket.person)
    return spent + basket_total_minor(basket) > limits_of(basket.person).face_daily_minor


def _hold(basket: Basket, wallet: Account) -> Sale:
    assert basket.person is not None
    school = basket.terminal.school
    items = [
        Item(line.price_minor, line.quantity, line.product.is_main_meal)
        for line in basket.lines.select_related("product")
    ]
    if not items:
        raise errors.basket_empty()
    allowance = allowance_left_minor(basket.person)
    funding = decide_funding(items, wallet.available_minor, wallet.overdraft_minor, allowance)
    if funding is None:
        raise errors.extras_not_covered()
    if not is_within_day(
        items, funding, spent_today_minor(basket.person), limits_of(basket.person).daily_minor
    ):
        raise errors.daily_limit_reached()
    sale_id = derive_id(basket.id, "sale", str(basket.sales.count()))
    holds = _hold_money(school, wallet, funding, sale_id)
    sale = Sale.objects.create(
        id=sale_id,
        school=school,
        terminal_id=basket.terminal_id,
        basket=basket,
        person=basket.person,
        way=basket.way,
        total_minor=total_minor(items),
        wallet_hold=holds[0],
        meals_hold=holds[1],
        held_at=now(),
    )
    facts = {
        "sale": str(sale_id),
        "total": sale.total_minor,
        "way": sale.way,
        "terminal": str(basket.terminal_id),
    }
    record("sale.held", subject=basket.person_id, facts=facts, personal={})
    return sale


def _lock_money(person: Person) -> Account:
    """Lock every account that a sale may move, and return the wallet."""
    wallet = ledger.open_wallet(person)
    kinds = (Account.Kind.SALES, Account.Kind.MEALS)
    schools = [ledger.open_school_account(person.school, kind) for kind in kinds]
    return ledger.lock_accounts([wallet.id, *(account.id for account in schools)])[wallet.id]


def _hold_money(
    school: School, wallet: Account, funding: Funding, sale_id: UUID
) -> tuple[Transfer | None, Transfer | None]:
    sales = ledger.open_school_account(school, Account.Kind.SALES)
    meals = ledger.open_school_account(school, Account.Kind.MEALS)
    parts = (("wallet", wallet, funding.wallet_minor), ("meals", meals, funding.meals_minor))
    holds = [
        ledger.hold(
            ledger.Order(
                derive_id(sale_id, label), account.id, sales.id, amount, Transfer.Reason.SALE, sale_id
            )
        )
        if amount
        else None
        for label, account, amount in parts
    ]
    return holds[0], holds[1]


@atomic
def settle_sale(sale_id: UUID) -> Sale:
    """Turn a held sale into a paid one with the next receipt number. Doing it again returns the same sale."""
    sale = lock(Sale.objects).select_related("basket", "school").get(pk=sale_id)
    if sale.state == Sale.State.SETTLED:
        return sale
    for held in _lock_holds(sale):
        ledger.settle(held)
    ReceiptCounter.objects.get_or_create(school=sale.school)
    ReceiptCounter.objects.filter(school=sale.school).update(last=F("last") + 1)
    sale.receipt_number = ReceiptCounter.objects.get(school=sale.school).last
    sale.state, sale.settled_at = Sale.State.SETTLED, now()
    sale.save(update_fields=["state", "receipt_number", "settled_at"])
    basket = sale.basket
    basket.state, basket.closed_at = Basket.State.PAID, now()
    basket.save(update_fields=["state", "closed_at"])
    facts = {"sale": str(sale.id), "total": sale.total_minor, "way": sale.way, "receipt": sale.receipt_number}
    record("sale.settled", subject=sale.person_id, facts=facts, personal={})
    return sale


def _lock_holds(sale: Sale) -> list[Transfer]:
    """Return what a sale holds or moved, with every account of it locked."""
    holds = [held for held in (sale.wallet_hold, sale.meals_hold) if held is not None]
    ledger.lock_accounts({side for held in holds for side in (held.debit_id, held.credit_id)})
    return holds


@dataclass(frozen=True)
class HeldSales:
    """What became of the sales that were held: how many are settled, and which could not be."""

    settled: int
    failed: tuple[UUID, ...] = ()


def settle_held_sales() -> HeldSales:
    """Settle what a crash left between hold and settle: the pupil had confirmed.

    Each by itself: one that can't be settled stops no other, stays held, and is noted in the log.
    """
    settled, failed = 0, []
    held = list(Sale.objects.filter(state=Sale.State.HELD).order_by("id").values_list("id", "person_id"))
    for sale_id, person_id in held:
        try:
            settle_sale(sale_id)
            settled += 1
        except Exception as error:
            log.exception("a held sale could not be settled")
            failed.append(sale_id)
            _note_not_settled(sale_id, person_id, type(error).__name__)
    return HeldSales(settled, tuple(failed))


@atomic
def _note_not_settled(sale_id: UUID, person_id: UUID, fault: str) -> None:
    facts = {"sale": str(sale_id), "fault": fault}
    record("sale.settlement_failed", subject=person_id, facts=facts, personal={})


@dataclass(frozen=True)
class RefundedBy:
    """Who gives money back: a member of staff, or a paired terminal through the API."""

    user: User | None = None
    terminal: Terminal | None = None
    reason: str = ""


@atomic
def refund_sale(sale_id: UUID, *, key: UUID, by: RefundedBy) -> Refund:
    """Give the whole of a sale back to where it came from. The same key again returns the same refund.

    Raises Refused refunds_not_allowed, sale_unknown, already_refunded, sale_not_settled.
    """
    if by.terminal and not Terminal.objects.filter(pk=by.terminal.pk, may_refund=True).exists():
        raise errors.refunds_not_allowed()
    sale = lock(Sale.objects).filter(pk=sale_id).first()
    if sale is None or (by.terminal and sale.terminal_id != by.terminal.id):
        raise errors.sale_unknown()
    refund_id = derive_id(sale.id, "refund", str(key))
    earlier = Refund.objects.filter(sale=sale).first()
    if earlier is not None:
        if earlier.id != refund_id:
            raise errors.already_refunded()
        return earlier
    if sale.state != Sale.State.SETTLED:
        raise errors.sale_not_settled()
    for held in _lock_holds(sale):
        ledger.post(
            ledger.Order(
                derive_id(refund_id, str(held.id)),
                held.credit_id,
                held.debit_id,
                held.amount_minor,
                Transfer.Reason.REFUND,
                sale.id,
            )
        )
    refund = Refund.objects.create(
        id=refund_id,
        sale=sale,
        reason=by.reason,
        refunded_by=by.user,
        refunded_at_terminal=by.terminal,
        at=now(),
    )
    facts = {
        "sale": str(sale.id),
        "total": sale.total_minor,
        "by": by.user.pk if by.user else None,
        "terminal": str(by.terminal.id) if by.terminal else None,
    }
    record("sale.refunded", subject=sale.person_id, facts=facts, personal={"reason": by.reason})
    return refund
