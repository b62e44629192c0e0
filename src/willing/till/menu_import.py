"""Import a list of products: row by row, the same as by hand; a preview is the import, undone.

A row changes the product that has one of its bar codes, else the one of its name, else it adds one. A column
that is not there changes nothing. What is refused changes nothing either, and the other rows go on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from uuid import UUID

from willing.accounts.models import User
from willing.audit.actions import record
from willing.core.comparison import fold_name
from willing.core.errors import Refused
from willing.core.transactions import atomic
from willing.people.models import Person, School
from willing.people.queries import classes_of
from willing.till import menu_errors as errors
from willing.till.barcodes import scanned_as, show_barcode
from willing.till.declarations import NewDeclaration, declare, declared_in
from willing.till.menu import sold_when
from willing.till.menu_cells import CLASS_FIELD, MenuTable, read_cells
from willing.till.menu_models import Barcode, Product
from willing.till.menu_rules import Priced
from willing.till.paid_by import CashBuyer
from willing.till.products import ProductDetails, add_to_menu, change_product

KINDS = {
    "price_pupil": Person.Kind.PUPIL.value,
    "price_staff": Person.Kind.STAFF.value,
    "price_visitor": CashBuyer.VISITOR.value,
}


class RowOutcome(StrEnum):
    """What a row of the list leads to."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


@dataclass(frozen=True)
class RowResult:
    """One row: its line in the file, the product's name, and the refusal where there is one."""

    line: int
    name: str
    outcome: RowOutcome
    price_minor: int | None = None
    price_before_minor: int | None = None
    refusal: Refused | None = None


@dataclass(frozen=True)
class ImportResult:
    """What an import did, or would do."""

    rows: tuple[RowResult, ...]
    ignored: tuple[str, ...]

    def count(self, outcome: RowOutcome) -> int:
        """Return how many rows came out like this."""
        return sum(row.outcome is outcome for row in self.rows)

    @property
    def has_unusual(self) -> bool:
        """Whether a row is refused only because its price is unusually high."""
        return any(row.refusal is not None and row.refusal.code == "price_unusual" for row in self.rows)


class _Undo(Exception):
    def __init__(self, result: ImportResult) -> None:
        super().__init__()
        self.result = result


def preview_import(school: School, table: MenuTable, *, takes_high_prices: bool = False) -> ImportResult:
    """Return what an import would do, and leave everything as it is."""
    try:
        _import_and_undo(school, table, takes_high_prices)
    except _Undo as undone:
        return undone.result
    raise AssertionError("it is always undone")


@atomic
def _import_and_undo(school: School, table: MenuTable, takes_high_prices: bool) -> None:
    raise _Undo(_import(school, table, None, takes_high_prices))


@atomic
def import_menu(
    school: School, table: MenuTable, *, by: User | None = None, takes_high_prices: bool = False
) -> ImportResult:
    """Import a list. takes_high_prices: unusual ones were checked."""
    result = _import(school, table, by, takes_high_prices)
    facts = {"by": by.pk if by else None, **{one.value: result.count(one) for one in RowOutcome}}
    record("menu.imported", subject=school.id, facts=facts, personal={})
    return result


def _import(school: School, table: MenuTable, by: User | None, takes_high_prices: bool) -> ImportResult:
    run = _Run(school, by, takes_high_prices, set())
    table = table.with_classes({one.pk: one.name for one in classes_of(school)})
    rows = []
    for line, cells in table.cells():
        try:
            product, result = _import_row(run, line, cells)
            run.seen.add(product.pk)
        except Refused as refused:
            result = RowResult(line, cells["name"], RowOutcome.REFUSED, refusal=refused)
        rows.append(result)
    return ImportResult(tuple(rows), table.ignored)


@dataclass(frozen=True)
class _Run:
    """An import that is under way, and the products that its rows have been about."""

    school: School
    by: User | None
    takes_high_prices: bool
    seen: set[UUID]


@atomic
def _import_row(run: _Run, line: int, cells: Mapping[str, str]) -> tuple[Product, RowResult]:
    school, by = run.school, run.by
    said = read_cells(cells, school.currency)
    found = _find(school, said)
    if found is not None and found.pk in run.seen:
        raise errors.menu_row_twice()
    before = details_of(found) if found else None
    details = _changed(before, said)
    if run.takes_high_prices:
        prices = [details.price_minor, *(one.price_minor for one in details.special)]
        details = replace(details, confirmed_minor=frozenset(prices))
    new = declared_in(said, found.declaration if found else None)
    if found is None or before is None:
        added = add_to_menu(school, details, by=by)
        _declare(added, new, by)
        return added, RowResult(line, added.name, RowOutcome.NEW, added.price_minor)
    is_declared = _declare(found, new, by)
    if replace(details, confirmed_minor=before.confirmed_minor) == before:
        outcome = RowOutcome.CHANGED if is_declared else RowOutcome.SAME
        return found, RowResult(line, found.name, outcome, found.price_minor, found.price_minor)
    changed = change_product(found, replace(details, confirmed_minor=_kept(before, details)), by=by)
    return changed, RowResult(line, changed.name, RowOutcome.CHANGED, changed.price_minor, before.price_minor)


def _declare(product: Product, new: NewDeclaration | None, by: User | None) -> bool:
    """Declare what a row says of its allergens; return whether that is anything new."""
    return new is not None and declare(product, new, by=by).pk != product.declaration_id


def _kept(before: ProductDetails, details: ProductDetails) -> frozenset[int]:
    """Return the high prices that need no second look: those of this import, and those that were there."""
    return details.confirmed_minor | {before.price_minor, *(one.price_minor for one in before.special)}


def _find(school: School, row: Mapping[str, Any]) -> Product | None:
    codes = [code for text in row.get("barcodes", ()) for code in scanned_as(text)]
    by_code = Barcode.objects.filter(school=school, code__in=codes).select_related("product").first()
    if by_code is not None:
        return by_code.product
    wanted = fold_name(row["name"])
    products = Product.objects.filter(school=school)
    return next((one for one in products if wanted and fold_name(one.name) == wanted), None)


def details_of(product: Product) -> ProductDetails:
    """Return what is known of a product, as a form or a row says it."""
    special = tuple(
        Priced(one.price_minor, one.kind, one.year_group_id) for one in product.special_prices.all()
    )
    return ProductDetails(
        name=product.name,
        price_minor=product.price_minor,
        category=product.category,
        name_zh_hans=product.name_zh_hans,
        is_main_meal=product.is_main_meal,
        barcodes=tuple(show_barcode(one.code) for one in product.barcodes.all()),
        special=special,
        colour=product.colour,
        tax_code=product.tax_code,
        is_pinned=product.is_pinned,
        when=sold_when(product),
    )


def _changed(before: ProductDetails | None, row: Mapping[str, Any]) -> ProductDetails:
    """Return what a row says of a product; what it does not speak of stays. Raises menu_cell_not_valid."""
    price = row.get("price")
    if price is None:
        price = before.price_minor if before else None
    category = row.get("category") or (before.category if before else "")
    if price is None or not category:
        raise errors.menu_cell_not_valid("price" if price is None else "category", "")
    details = before or ProductDetails(row["name"], price, category)
    plain = {
        field: row[field]
        for field in ("name", "name_zh_hans", "is_main_meal", "colour", "tax_code")
        if field in row
    }
    details = replace(details, price_minor=price, category=category, **plain)
    if "barcodes" in row:
        details = replace(details, barcodes=_same_codes(details.barcodes, row["barcodes"]))
    fields = ("weekdays", "menu_weeks", "first_day", "last_day")
    when = {field: row[field] for field in fields if field in row}
    details = replace(details, when=replace(details.when, **when))
    return replace(details, special=_special(details.special, row))


def _special(before: tuple[Priced, ...], row: Mapping[str, Any]) -> tuple[Priced, ...]:
    """Return the prices for some: a row's where it has the column, an empty cell takes one away."""
    prices = {(one.kind, one.year_group_id): one for one in before}
    for field, price in row.items():
        if field.startswith(CLASS_FIELD):
            whose: tuple[str, int | None] = ("", int(field.removeprefix(CLASS_FIELD)))
        elif field in KINDS:
            whose = (KINDS[field], None)
        else:
            continue
        prices.pop(whose, None)
        if price is not None:
            prices[whose] = Priced(price, *whose)
    # In one order, so that the same list twice changes nothing.
    same = {(one.kind, one.year_group_id): one for one in before} == prices
    return before if same else tuple(prices.values())


def _same_codes(before: tuple[str, ...], row_codes: tuple[str, ...]) -> tuple[str, ...]:
    """Return the codes of a row, written as they were where they are the same ones."""
    had, now = ({(scanned_as(one) or [one])[0] for one in codes} for codes in (before, row_codes))
    return before if had == now else row_codes
