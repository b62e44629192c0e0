"""Which dishes of a basket the person shown must not eat: held back, checked by a named person, served.

It blocks dishes and never the person: whatever is safe in the basket is sold. Only the cashier's half of a
till says what it is about.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from willing.accounts.models import User
from willing.allergens.errors import allergen_reason_missing
from willing.allergens.events import DecidedAt, DeclaredDish, record_block, record_check
from willing.allergens.queries import checks_of, needs_as_read, needs_of
from willing.allergens.rules import Check, DishDecision, DishVerdict, decide_dish, is_checked
from willing.core.errors import Refused
from willing.core.transactions import atomic
from willing.people.models import Person
from willing.people.queries import today
from willing.terminals.models import Terminal
from willing.terminals.sign_ons import cashier_of
from willing.till import errors
from willing.till.basket_states import require_state, touch
from willing.till.baskets import read_lines, require_basket
from willing.till.dishes import declared
from willing.till.models import Basket, BasketLine

NO_NEEDS: frozenset[str] = frozenset()


@dataclass(frozen=True)
class HeldDish:
    """A line of a basket that is not served to the person shown, or not yet.

    allergens: those that it is about, as `table.label` takes them.
    """

    line: BasketLine
    decision: DishDecision

    @property
    def is_blocked(self) -> bool:
        """Whether it contains what the person must not eat: no check serves it."""
        return self.decision.verdict is DishVerdict.BLOCK


def needs_read_with(basket: Basket) -> frozenset[str]:
    """Return what the person shown must not eat, as it was read with the basket."""
    return needs_as_read(vars(basket)["need_rows"]) if basket.person_id is not None else NO_NEEDS


def held_dishes(basket: Basket) -> list[HeldDish]:
    """Return what of a basket is held back for the person shown; one statement more where something may be.

    basket: read with its person's allergens (`baskets.require_basket`, `baskets.show_basket`).
    """
    needs = needs_read_with(basket)
    held = _held(basket, needs)
    if basket.person_id is None or all(one.is_blocked for one in held):
        return held
    checks = checks_of(basket.pk, basket.person_id)
    return [one for one in held if one.is_blocked or not is_checked(_check(one), checks)]


def _held(basket: Basket, needs: frozenset[str]) -> list[HeldDish]:
    if not needs:
        return []
    day = today(basket.terminal.school)
    decided = [
        HeldDish(line, decide_dish(needs, declared(line.product.declaration, day)))
        for line in read_lines(basket)
    ]
    return [one for one in decided if one.decision.verdict is not DishVerdict.SERVE]


def _check(held: HeldDish) -> Check:
    return Check(held.line.product_id, held.line.product.declaration_id, held.decision.allergens)


def record_blocks(basket: Basket, person: Person, needs: frozenset[str] | None = None) -> None:
    """Record what is blocked for the person who has just been shown for a basket; once a dish and person."""
    found = needs_of(person.pk) if needs is None else needs
    _record(basket, person, [one for one in _held(basket, found) if one.is_blocked])


def _record(basket: Basket, person: Person, blocked: Sequence[HeldDish]) -> None:
    at = DecidedAt(basket.terminal, basket.pk, person)
    for one in blocked:
        record_block(at, _dish(one), one.decision.allergens, one.decision.why)


def _dish(held: HeldDish) -> DeclaredDish:
    return DeclaredDish(held.line.product_id, held.line.name, held.line.product.declaration_id)


def find_hold(basket: Basket, person: Person, checked: Collection[UUID] = ()) -> Refused | None:
    """Return why a basket is not sold as it is, with its blocks recorded; None where all of it is safe.

    Asked when they pay, after the basket is locked: what was entered or declared since counts.
    checked: the products of which a till of another maker says that its cashier has checked them.
    """
    held = held_dishes(basket)
    blocked = [one for one in held if one.is_blocked]
    if blocked:
        _record(basket, person, blocked)
        return errors.allergen_blocked([one.line.product_id for one in blocked])
    unsure = [one.line.product_id for one in held if one.line.product_id not in checked]
    if unsure:
        return errors.allergen_check_needed(unsure)
    for one in held:
        _record_check(basket, person, one, _require_cashier(basket))
    return None


def _require_cashier(basket: Basket) -> User:
    by = cashier_of(basket.terminal)
    if by is None:
        raise errors.cashier_missing()
    return by


def _record_check(
    basket: Basket, person: Person, held: HeldDish, by: User, override_reason: str = ""
) -> None:
    at, found = DecidedAt(basket.terminal, basket.pk, person), held.decision
    record_check(at, _dish(held), found.allergens, found.why, by=by, override_reason=override_reason)


@atomic
def check_dish(terminal: Terminal, basket_id: UUID, product_id: UUID, *, override_reason: str = "") -> User:
    """Take the cashier's word that a dish was checked and is safe, or why it is served without certainty.

    Who says so is signed on at the till. A dish that contains what the person must not eat is never served.
    Raises Refused not_identified, cashier_missing, allergen_blocked, product_unknown.
    """
    basket = require_basket(terminal, basket_id)
    require_state(basket, Basket.State.IDENTIFIED)
    assert basket.person is not None
    by = _require_cashier(basket)
    held = next((one for one in held_dishes(basket) if one.line.product_id == product_id), None)
    if held is None:
        if all(line.product_id != product_id for line in read_lines(basket)):
            raise errors.product_unknown()
        return by  # pressed twice
    if held.is_blocked:
        raise errors.allergen_blocked([product_id])
    _record_check(basket, basket.person, held, by, override_reason)
    touch(basket)
    return by


def require_reason(text: str) -> str:
    """Return why a dish is served without certainty. Raises Refused allergen_reason_missing."""
    reason = " ".join(text.split())
    if not reason:
        raise allergen_reason_missing()
    return reason
