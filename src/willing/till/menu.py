"""What is on the menu, and what of it is sold now."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from willing.people.models import School
from willing.people.queries import today
from willing.people.school_days import calendar_day
from willing.till.barcodes import scanned_as
from willing.till.errors import product_unknown
from willing.till.menu_models import Barcode, MenuCycle, Product
from willing.till.menu_rules import Availability, SoldWhen, decide_availability, is_sold_on, menu_week


def menu(school: School) -> list[Product]:
    """Return what is sold today, in the order of the menu; what is sold out today is among it."""
    return menu_of(school, today(school))


def menu_of(school: School, day: date) -> list[Product]:
    """Return likewise what is sold on a day."""
    return sold_on(school, Product.objects.filter(school=school, is_on_sale=True), day)


def menu_with_details(school: School) -> list[Product]:
    """Return the same, with bar codes and prices for some at hand."""
    return sold_today(school, [one for one in whole_menu(school) if one.is_on_sale])


def whole_menu(school: School) -> list[Product]:
    """Return every product, whenever it is sold, those taken off the menu last; with bar codes and prices."""
    rows = Product.objects.filter(school=school).select_related("declaration")
    rows = rows.prefetch_related("barcodes", "special_prices__year_group")
    return list(rows.order_by("-is_on_sale", "position", "name"))


def sold_today(school: School, products: Iterable[Product]) -> list[Product]:
    """Return which of some products are sold today."""
    return sold_on(school, products, today(school))


def sold_on(school: School, products: Iterable[Product], day: date) -> list[Product]:
    """Return which of some products are sold on a day; cycle and calendar are read only where needed.

    A day that the calendar opens in place of another weekday has that one's menu.
    """
    found = list(products)
    week = week_of_menu(school, day) if any(one.menu_weeks for one in found) else None
    weekday = calendar_day(school, day).weekday if any(one.weekdays for one in found) else None
    return [one for one in found if is_sold_on(sold_when(one), day, week, weekday)]


def sold_when(product: Product) -> SoldWhen:
    """Return when a product is sold."""
    return SoldWhen(product.weekdays, product.menu_weeks, product.first_day, product.last_day)


def availability(school: School, product: Product) -> Availability:
    """Say whether a product may go into a basket now."""
    return decide_availability(
        is_on_sale=product.is_on_sale,
        is_sold_today=bool(sold_today(school, [product])),
        sold_out_on=product.sold_out_on,
        day=today(school),
    )


def is_sold_out(school: School, product: Product) -> bool:
    """Say whether a product is sold out today."""
    return product.sold_out_on == today(school)


def sold_out_today(school: School) -> list[Product]:
    """Return what is marked as sold out today, in the order of the menu."""
    return list(Product.objects.filter(school=school, is_on_sale=True, sold_out_on=today(school)))


def find_cycle(school: School) -> MenuCycle | None:
    """Return after how many weeks a school's menu begins again, or None where it does not."""
    return MenuCycle.objects.filter(school=school).first()


def week_of_menu(school: School, day: date) -> int | None:
    """Return which week of a school's menu a day is in, counted from 1; None where it has no cycle."""
    cycle = find_cycle(school)
    return menu_week(day, cycle.first_monday, cycle.weeks) if cycle else None


def find_product_by_barcode(school: School, barcode: str) -> Product | None:
    """Return the product with this bar code that is on the menu, today or another day, or None."""
    codes = scanned_as(barcode)
    found = Barcode.objects.filter(school=school, code__in=codes, product__is_on_sale=True)
    by_code = {one.code: one.product for one in found.select_related("product")}
    return next((by_code[code] for code in codes if code in by_code), None)


def require_product(school: School, product_id: UUID) -> Product:
    """Return a product of this school, on the menu or not. Raises Refused product_unknown."""
    found = Product.objects.filter(school=school, pk=product_id).first()
    if found is None:
        raise product_unknown()
    return found
