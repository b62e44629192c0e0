"""The writers of what is declared of the allergens of products, and of who signed it for the day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from willing.accounts.models import User
from willing.allergens.table import folded, join, require_allergen, split
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.transactions import atomic, inside, lock
from willing.people.models import School
from willing.people.queries import today
from willing.people.school_days import next_school_day
from willing.till.declaration_models import CHANGE_CHARS_MAX, Declaration, MenuSignature
from willing.till.errors import product_unknown
from willing.till.menu import menu_of
from willing.till.menu_errors import menu_cell_not_valid, menu_day_not_near, menu_not_signed
from willing.till.menu_models import Product


@dataclass(frozen=True)
class NewDeclaration:
    """What is declared of a product: keys of the table, or "=" and words (allergens.table).

    change: which ingredient changed; "" where nothing did.
    """

    contains: tuple[str, ...] = ()
    may_contain: tuple[str, ...] = ()
    change: str = ""


@atomic
def declare(product: Product, new: NewDeclaration, *, by: User | None) -> Declaration:
    """Declare what a product contains and may contain, from the next sale on. The same again changes nothing.

    What it contains it need not also "may contain". A new version is unsigned. Raises Refused
    allergen_unknown, product_unknown.
    """
    locked = lock(Product.objects).select_related("school").filter(pk=product.pk).first()
    if locked is None:
        raise product_unknown()
    contains = join(_once(map(require_allergen, new.contains)))
    has = {folded(one) for one in split(contains)}
    may = join(_once(one for one in map(require_allergen, new.may_contain) if folded(one) not in has))
    held = locked.declaration
    if held is not None and (held.contains, held.may_contain) == (contains, may):
        return held
    made = Declaration.objects.create(
        product=locked,
        contains=contains,
        may_contain=may,
        change=" ".join(new.change.split())[:CHANGE_CHARS_MAX],
        user=by,
        declared_at=now(),
    )
    locked.declaration = made
    locked.save(update_fields=["declaration"])
    facts = {
        "declaration": str(made.id),
        "contains": contains,
        "may_contain": may,
        "by": by.pk if by else None,
    }
    record("product.allergens_declared", subject=locked.id, facts=facts, personal={})
    return made


def _once(found: Iterable[str]) -> list[str]:
    """Return each allergen once, however its words are spelt."""
    return list({folded(one): one for one in found}.values())


def declared_in(row: Mapping[str, Any], held: Declaration | None) -> NewDeclaration | None:
    """Return what a row of a list declares, None where it says nothing.

    A column that is not there leaves what was declared. An empty cell beside a filled one is refused: it
    might be a forgotten one, and "none" is a word. Raises menu_cell_not_valid.
    """
    if row.get("contains") is None and row.get("may_contain") is None:
        return None
    found = {}
    for field in ("contains", "may_contain"):
        if field in row and row[field] is None:
            raise menu_cell_not_valid(field, "")
        found[field] = row[field] if field in row else split(getattr(held, field)) if held else ()
    return NewDeclaration(found["contains"], found["may_contain"])


@atomic
def change_ingredient(
    school: School, product_ids: Sequence[UUID], new: NewDeclaration, *, by: User
) -> list[Declaration]:
    """Add allergens to what several products declare: an ingredient of them is another one from now on.

    A product of which nothing is declared stays so: a version would say that it is free of everything else,
    of which nothing is known. Return the new versions.
    """
    rows = Product.objects.filter(
        school=school, pk__in=product_ids, declaration__isnull=False
    ).select_related("declaration")
    made = []
    for product in rows.order_by("position", "name"):
        held = product.declaration
        assert held is not None
        contains = (*split(held.contains), *new.contains)
        may_contain = (*split(held.may_contain), *new.may_contain)
        after = inside(declare)(product, NewDeclaration(contains, may_contain, new.change), by=by)
        if after.pk != held.pk:
            made.append(after)
    return made


@atomic
def sign_menu(school: School, *, by: User, day: date | None = None) -> int:
    """Sign what is declared of everything on a day's menu. Return how many were not signed for it yet.

    day: today, unless it is the next day with school. Raises Refused menu_day_not_near for any other, and
    menu_not_signed where nothing on its menu declares anything.
    """
    now_day = today(school)
    if day not in (None, now_day, next_school_day(school, now_day)):
        raise menu_day_not_near()
    day = day or now_day
    ids = [one.declaration_id for one in menu_of(school, day) if one.declaration_id is not None]
    if not ids:
        raise menu_not_signed()
    held = lock(Declaration.objects).filter(pk__in=ids).order_by("id")
    rows = [one for one in held if not one.is_signed_for(day)]
    signed = Declaration.objects.filter(pk__in=[one.pk for one in rows])
    if day == now_day:
        signed.update(signed_on=day)
    else:
        signed.filter(signed_ahead_for=now_day).update(signed_on=now_day)  # what was signed ahead for today
        signed.update(signed_ahead_for=day)
    MenuSignature.objects.bulk_create(
        MenuSignature(declaration=one, day=day, user=by, signed_at=now()) for one in rows
    )
    if rows:
        facts = {"declarations": len(rows), "day": day.isoformat(), "by": by.pk}
        record("menu.signed", subject=school.id, facts=facts, personal={})
    return len(rows)
