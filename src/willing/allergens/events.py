"""The writers of blocks, checks, overrides, near misses and reactions. The log names the rows only."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from willing.accounts.models import User
from willing.allergens import errors
from willing.allergens.models import DISH_CHARS_MAX, REASON_CHARS_MAX, AllergenEvent
from willing.allergens.queries import as_entered
from willing.allergens.rules import is_past
from willing.allergens.table import join
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.transactions import atomic
from willing.people.models import Person, School
from willing.terminals.models import Terminal


@dataclass(frozen=True)
class DeclaredDish:
    """A dish as an event keeps it: its product's id, its name then, and how it was declared."""

    product_id: UUID
    name: str
    declaration_id: UUID | None


@dataclass(frozen=True)
class DecidedAt:
    """For which basket of which till something was decided about a person."""

    terminal: Terminal
    basket_id: UUID
    person: Person


@atomic
def record_block(at: DecidedAt, dish: DeclaredDish, allergens: Collection[str], why: str) -> bool:
    """Record that a till held a dish back; once a dish, basket and person. Say whether it is new."""
    event, is_new = AllergenEvent.objects.get_or_create(
        kind=AllergenEvent.Kind.BLOCK,
        basket_id=at.basket_id,
        product_id=dish.product_id,
        person=at.person,
        defaults={
            "school_id": at.terminal.school_id,
            "dish": dish.name[:DISH_CHARS_MAX],
            "declaration_id": dish.declaration_id,
            "allergens": join(as_entered(at.person.pk, allergens)),
            "why": why,
            "terminal": at.terminal,
            "happened_at": now(),
        },
    )
    if is_new:
        _log(event)
    return is_new


@atomic
def record_check(
    at: DecidedAt,
    dish: DeclaredDish,
    allergens: Collection[str],
    why: str,
    *,
    by: User,
    override_reason: str = "",
) -> AllergenEvent:
    """Record that a named person has checked a dish, or serves it without certainty for a reason."""
    reason = override_reason.strip()
    event = AllergenEvent.objects.create(
        school_id=at.terminal.school_id,
        person=at.person,
        kind=AllergenEvent.Kind.OVERRIDE if reason else AllergenEvent.Kind.CHECK,
        dish=dish.name[:DISH_CHARS_MAX],
        product_id=dish.product_id,
        declaration_id=dish.declaration_id,
        allergens=join(as_entered(at.person.pk, allergens)),
        why=why,
        reason=reason[:REASON_CHARS_MAX],
        terminal=at.terminal,
        basket_id=at.basket_id,
        user=by,
        happened_at=now(),
    )
    _log(event)
    return event


@dataclass(frozen=True)
class EventReport:
    """A near miss or a reaction, as a member of staff reports it."""

    kind: str
    dish: str
    reason: str
    happened_at: datetime
    allergens: tuple[str, ...] = ()


@atomic
def report(school: School, person: Person, what: EventReport, *, by: User) -> AllergenEvent:
    """Record a near miss or a reaction. Raises Refused allergen_reason_missing, allergen_event_not_valid."""
    if not what.reason.strip():
        raise errors.allergen_reason_missing()
    if what.kind not in (AllergenEvent.Kind.NEAR_MISS, AllergenEvent.Kind.REACTION):
        raise errors.allergen_event_not_valid()
    if person.school_id != school.pk or not is_past(what.happened_at, now()):
        raise errors.allergen_event_not_valid()
    event = AllergenEvent.objects.create(
        school=school,
        person=person,
        kind=what.kind,
        dish=what.dish.strip()[:DISH_CHARS_MAX],
        allergens=join(what.allergens),
        reason=what.reason.strip()[:REASON_CHARS_MAX],
        user=by,
        happened_at=what.happened_at,
    )
    _log(event)
    return event


def _log(event: AllergenEvent) -> None:
    record(
        "allergen_event.recorded",
        subject=event.id,
        facts={"by": event.user_id},
        personal={},
    )
