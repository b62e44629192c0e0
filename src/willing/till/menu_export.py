"""What is on the menu as a list, which `menu_import` reads again: the same list changes nothing."""

import csv
import io
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from willing.allergens.table import split
from willing.core.comparison import fold_name
from willing.core.money import write_minor
from willing.core.spreadsheets import as_text
from willing.people.models import School
from willing.people.queries import classes_of
from willing.till.menu import whole_menu
from willing.till.menu_cells import ALLERGENS, CLASS_FIELD, CLASS_HEADINGS, HEADINGS, write_cell, write_word
from willing.till.menu_import import KINDS, details_of
from willing.till.menu_models import Product
from willing.till.menu_rules import Priced
from willing.till.products import ProductDetails

_KNOWN = {fold_name(one) for names in HEADINGS.values() for one in names}


def write_menu(school: School) -> str:
    """Return what is on the menu as CSV, with headings and words in the reader's language.

    A class has a column where some product has a price for it. The order, favourites, what is sold out and
    what was taken off the menu are not in it.
    """
    on_sale = [one for one in whole_menu(school) if one.is_on_sale]
    products = [details_of(one) for one in on_sale]
    priced = {price.year_group_id for one in products for price in one.special}
    classes = {f"{CLASS_FIELD}{one.pk}": one.name for one in classes_of(school) if one.pk in priced}
    headings = {field: write_word(names) for field, names in HEADINGS.items()}
    headings |= {field: _heading(name) for field, name in classes.items()}
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(as_text(one) for one in headings.values())
    for row, product in zip(on_sale, products, strict=True):
        cells = {**_cells(product, school.currency), **_allergens(row)}
        writer.writerow(as_text(cells.get(field, "")) for field in headings)
    return text.getvalue()


def _heading(name: str) -> str:
    """Return the heading of a class's price; not one that is everyone's, whatever the class is called."""
    written = [one.format(name=name) for one in CLASS_HEADINGS]
    return next((one for one in written if fold_name(one) not in _KNOWN), written[0])


def _cells(product: ProductDetails, currency: str) -> Mapping[str, str]:
    values: dict[str, Any] = {**asdict(product), **asdict(product.when)}
    cells = {field: write_cell(field, values[field]) for field in HEADINGS if field in values}
    cells["price"] = write_minor(product.price_minor, currency)
    for price in product.special:
        cells[_field(price)] = write_minor(price.price_minor, currency)
    return cells


def _allergens(product: Product) -> Mapping[str, str]:
    held = product.declaration
    said = {one: split(getattr(held, one)) if held else None for one in ALLERGENS}
    return {field: write_cell(field, value) for field, value in said.items()}


def _field(price: Priced) -> str:
    kinds = {kind: field for field, kind in KINDS.items()}
    return f"{CLASS_FIELD}{price.year_group_id}" if price.year_group_id else kinds[price.kind]
