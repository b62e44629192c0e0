"""The writers of the menu: what is added to it, changed, sold out, hidden and put in order."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from willing.accounts.models import User
from willing.audit.actions import record
from willing.core.comparison import fold_name
from willing.core.ids import new_id
from willing.core.transactions import atomic, lock
from willing.people.models import School
from willing.people.queries import today
from willing.terminals.models import Terminal
from willing.till import menu_errors as errors
from willing.till.barcodes import BarcodeNotValid, read_barcode, show_barcode
from willing.till.errors import product_unknown
from willing.till.menu_models import Barcode, MenuCycle, Product, SpecialPrice, name_for_reader
from willing.till.menu_rules import MENU_WEEKS_MAX, Priced, SoldWhen, monday_of
from willing.till.rules import QUANTITY_MAX
from willing.till.school_limits import limits_in_force

# So that as many of one product as a line holds still fit into a column of the books.
PRICE_MINOR_MAX = (2**31 - 1) // QUANTITY_MAX


@dataclass(frozen=True)
class ProductDetails:
    """All that is said about a product. Prices in minor units; barcodes as they are printed.

    confirmed_minor: an unusually high price that was confirmed.
    """

    name: str
    price_minor: int
    category: str
    name_zh_hans: str = ""
    is_main_meal: bool = False
    barcodes: tuple[str, ...] = ()
    special: tuple[Priced, ...] = ()
    colour: str = ""
    tax_code: str = ""
    is_pinned: bool = False
    when: SoldWhen = field(default_factory=SoldWhen)
    confirmed_minor: frozenset[int] = frozenset()

    @property
    def label(self) -> str:
        """The name in the reader's language."""
        return name_for_reader(self.name, self.name_zh_hans)


@atomic
def add_to_menu(
    school: School, details: ProductDetails, *, by: User | None = None, product_id: UUID | None = None
) -> Product:
    """Add a product at the end of its category. The same id again returns the first one.

    Raises Refused product_name_missing, product_name_taken, price_not_valid, price_unusual,
    barcode_not_valid, barcode_taken, menu_days_not_valid.
    """
    _lock_menu(school)
    earlier = Product.objects.filter(pk=product_id, school=school).first() if product_id else None
    if earlier is not None:
        return earlier
    product = Product(id=product_id or new_id(), school=school)
    _write(product, details)
    last = Product.objects.filter(school=school, category=details.category).order_by("-position").first()
    product.position = last.position + 1 if last else 0
    product.save(force_insert=True)
    _write_related(product, details)
    _log("product.added", product, by)
    return product


@atomic
def change_product(product: Product, details: ProductDetails, *, by: User | None = None) -> Product:
    """Change what is said about a product. Open baskets keep their prices. Raises Refused as add_to_menu."""
    _lock_menu(product.school)
    locked = _locked(product)
    _write(locked, details)
    locked.save()
    _write_related(locked, details)
    _log("product.changed", locked, by)
    return locked


def _lock_menu(school: School) -> None:
    """Let one person at a time write the menu, so that names and places stay apart."""
    lock(School.objects).get(pk=school.pk)


def _locked(product: Product) -> Product:
    found = lock(Product.objects).select_related("school").filter(pk=product.pk).first()
    if found is None:
        raise product_unknown()
    return found


def _write(product: Product, details: ProductDetails) -> None:
    name = " ".join(details.name.split())
    _require_name(product, name)
    prices = [details.price_minor, *(one.price_minor for one in details.special)]
    unusual_minor = limits_in_force(product.school).unusual_price_minor
    for price in prices:
        _require_price(price, unusual_minor, details.confirmed_minor)
    when = details.when
    if when.first_day and when.last_day and when.last_day < when.first_day:
        raise errors.menu_days_not_valid(when.first_day, when.last_day)
    product.name, product.name_zh_hans = name, " ".join(details.name_zh_hans.split())
    product.price_minor, product.category = details.price_minor, details.category
    product.is_main_meal, product.is_pinned = details.is_main_meal, details.is_pinned
    product.colour, product.tax_code = details.colour, details.tax_code.strip()
    product.weekdays = "".join(sorted(set(when.weekdays)))
    product.menu_weeks = "".join(sorted(set(when.menu_weeks)))
    product.first_day, product.last_day = when.first_day, when.last_day


def _require_name(product: Product, name: str) -> None:
    if not name:
        raise errors.product_name_missing()
    others = Product.objects.filter(school=product.school).exclude(pk=product.pk)
    folded = fold_name(name)
    for other, is_on_sale in others.values_list("name", "is_on_sale"):
        if fold_name(other) == folded:
            raise errors.product_name_taken(is_hidden=not is_on_sale)


def _require_price(price_minor: int, unusual_minor: int, confirmed: frozenset[int]) -> None:
    if not 0 <= price_minor <= PRICE_MINOR_MAX:
        raise errors.price_not_valid()
    if price_minor not in confirmed and price_minor > unusual_minor:
        raise errors.price_unusual(price_minor)


def _write_related(product: Product, details: ProductDetails) -> None:
    """Bring bar codes and special prices to what is said; rows that stay are left alone."""
    wanted = dict.fromkeys(_stored(code) for code in details.barcodes)
    had = set(product.barcodes.values_list("code", flat=True))
    product.barcodes.exclude(code__in=wanted).delete()
    new = [code for code in wanted if code not in had]
    taken = Barcode.objects.filter(school=product.school, code__in=new).select_related("product").first()
    if taken is not None:
        raise errors.barcode_taken(show_barcode(taken.code), taken.product.name)
    Barcode.objects.bulk_create(Barcode(school=product.school, product=product, code=code) for code in new)
    before = {(one.kind, one.year_group_id, one.price_minor) for one in product.special_prices.all()}
    after = {(one.kind, one.year_group_id, one.price_minor) for one in details.special}
    if before != after:
        product.special_prices.all().delete()
        SpecialPrice.objects.bulk_create(
            SpecialPrice(product=product, kind=kind, year_group_id=year, price_minor=price)
            for kind, year, price in sorted(after, key=str)
        )


def _stored(code: str) -> str:
    try:
        return read_barcode(code)
    except BarcodeNotValid as wrong:
        raise errors.barcode_not_valid(code, wrong.reason) from None


def _log(event: str, product: Product, by: User | None) -> None:
    facts = {
        "name": product.name,
        "price": product.price_minor,
        "category": product.category,
        "by": by.pk if by else None,
    }
    record(event, subject=product.id, facts=facts, personal={})


@atomic
def mark_sold_out(product: Product, *, by: User | None = None, terminal: Terminal | None = None) -> Product:
    """Say that a product is sold out for the rest of the day. Twice changes nothing."""
    locked = _locked(product)
    return _set_sold_out(locked, today(locked.school), by, terminal)


@atomic
def put_back_on_sale(
    product: Product, *, by: User | None = None, terminal: Terminal | None = None
) -> Product:
    """Take back that a product is sold out. Twice changes nothing."""
    return _set_sold_out(_locked(product), None, by, terminal)


def _set_sold_out(product: Product, day: date | None, by: User | None, terminal: Terminal | None) -> Product:
    is_change = (product.sold_out_on == today(product.school)) != (day is not None)
    product.sold_out_on = day
    product.save(update_fields=["sold_out_on"])
    if is_change:
        event = "product.sold_out_set" if day else "product.sold_out_undone"
        facts = {"by": by.pk if by else None, "terminal": str(terminal.id) if terminal else None}
        record(event, subject=product.id, facts=facts, personal={})
    return product


@atomic
def take_off_menu(product: Product, *, by: User | None = None) -> Product:
    """Hide a product from the tills. It stays: receipts name it, and it can be put back."""
    return _set_on_sale(_locked(product), False, by)


@atomic
def put_on_menu(product: Product, *, by: User | None = None) -> Product:
    """Put a product that was taken off back on the menu."""
    return _set_on_sale(_locked(product), True, by)


def _set_on_sale(product: Product, is_on_sale: bool, by: User | None) -> Product:
    if product.is_on_sale != is_on_sale:
        product.is_on_sale = is_on_sale
        product.save(update_fields=["is_on_sale"])
        _log("product.menu_returned" if is_on_sale else "product.menu_removed", product, by)
    return product


@atomic
def order_products(school: School, category: str, ids: Sequence[UUID], *, by: User | None = None) -> None:
    """Put the products of a category in this order; those that are not named follow as they were."""
    _lock_menu(school)
    rows = list(Product.objects.filter(school=school, category=category).order_by("position", "name"))
    places = {product_id: place for place, product_id in enumerate(ids)}
    ordered = sorted(rows, key=lambda one: (places.get(one.pk, len(places)), rows.index(one)))
    for place, product in enumerate(ordered):
        product.position = place
    Product.objects.bulk_update(ordered, ["position"])
    facts = {"category": category, "by": by.pk if by else None}
    record("menu.reordered", subject=school.id, facts=facts, personal={})


@atomic
def move_product(product: Product, places: int, *, by: User | None = None) -> None:
    """Move a product up (negative) or down among those of its category that are on the menu."""
    rows = Product.objects.filter(school=product.school, category=product.category, is_on_sale=True)
    ids = list(rows.order_by("position", "name").values_list("pk", flat=True))
    if product.pk not in ids:
        raise product_unknown()
    place = ids.index(product.pk)
    ids.insert(max(0, min(len(ids) - 1, place + places)), ids.pop(place))
    order_products(product.school, product.category, ids, by=by)


@atomic
def set_menu_cycle(school: School, weeks: int, day: date, *, by: User | None = None) -> None:
    """Let the menu begin again after so many weeks; `day` is in a first week. 0 or 1: every week is alike.

    Raises Refused menu_cycle_not_valid.
    """
    if weeks in (0, 1):
        MenuCycle.objects.filter(school=school).delete()
    elif 2 <= weeks <= MENU_WEEKS_MAX:
        MenuCycle.objects.update_or_create(
            school=school, defaults={"weeks": weeks, "first_monday": monday_of(day)}
        )
    else:
        raise errors.menu_cycle_not_valid()
    facts = {"weeks": weeks, "by": by.pk if by else None}
    record("menu.cycle_set", subject=school.id, facts=facts, personal={})
