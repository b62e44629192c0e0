"""Menus to begin with, by the country's habits: data, priced in any currency."""

import tomllib
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

from willing.consent.profiles import NAMES
from willing.core.money import read_minor
from willing.people.places import small_sum_minor
from willing.till.menu_rules import LUNCHES_A_SMALL_SUM, round_price

# Which menu a school begins with under each legal profile: the profile says where it is.
BY_PROFILE = {
    "strict": "uk",
    "england_wales": "uk",
    "scotland_ni": "uk",
    "eu": "eu",
    "china": "china",
    "illinois": "us",
    "new_york": "us",
}
assert BY_PROFILE.keys() == set(NAMES), "every legal profile has a menu to begin with"
MENUS = tuple(sorted(set(BY_PROFILE.values())))


@cache
def read_menu(name: str) -> dict[str, Any]:
    """Return a menu as its file says it. Raises LookupError where there is none of that name."""
    if name not in MENUS:
        raise LookupError(f"no starter menu named {name!r}")
    text = (resources.files(__package__) / f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def price_in(product: dict[str, Any], currency: str) -> int:
    """Return a product's price in minor units: the one of its file, or so many school lunches."""
    if currency in product["prices"]:
        return read_minor(product["prices"][currency], currency)
    lunch = Decimal(small_sum_minor(currency)) / LUNCHES_A_SMALL_SUM
    return round_price(lunch * Decimal(str(product["lunches"])))


def tax_codes(profile: str) -> list[str]:
    """Return the tax codes that schools under a legal profile use most."""
    return list(read_menu(BY_PROFILE[profile])["tax_codes"])
