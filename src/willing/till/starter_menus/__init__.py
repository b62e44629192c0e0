"""Menus to begin with, by the country's habits: data, priced in any currency."""

import tomllib
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

from willing.core.money import read_minor
from willing.people.places import small_sum_minor
from willing.till.menu_rules import LUNCHES_A_SMALL_SUM, round_price

MENUS = ("china", "eu", "uk", "us", "world")
ANYWHERE = "world"


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((resources.files(__package__) / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def _countries() -> dict[str, str]:
    return {country: name for name, there in _read("countries").items() for country in there}


def menu_of(country: str) -> str:
    """Return which menu schools of a country begin with; ANYWHERE where it has none of its own."""
    return _countries().get(country, ANYWHERE)


@cache
def read_menu(name: str) -> dict[str, Any]:
    """Return a menu as its file says it. Raises LookupError where there is none of that name."""
    if name not in MENUS:
        raise LookupError(f"no starter menu named {name!r}")
    return _read(name)


def price_in(product: dict[str, Any], currency: str) -> int:
    """Return a product's price in minor units: the one of its file, or so many school lunches."""
    if currency in product["prices"]:
        return read_minor(product["prices"][currency], currency)
    lunch = Decimal(small_sum_minor(currency)) / LUNCHES_A_SMALL_SUM
    return round_price(lunch * Decimal(str(product["lunches"])))


def tax_codes(country: str) -> list[str]:
    """Return the tax codes that schools of a country use most."""
    return list(read_menu(menu_of(country))["tax_codes"])
