"""Paying in cash: to which coins a sum is rounded, what is handed back, what the keys offer. Pure."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from babel.core import get_global

# So many notes and coins beside the exact sum are on the keys.
KEYS = 4
_SERIES = (1, 2, 5)


@dataclass(frozen=True)
class Rounding:
    """To which multiple of minor units a sum in cash is rounded, and whether one in the middle goes up.

    is_never_nothing: a sum above nothing is at least one step.
    """

    step: int = 1
    is_half_up: bool = True
    is_never_nothing: bool = False


EXACT = Rounding()


def rounding_of(country: str, currency: str) -> Rounding:
    """Return how cash is rounded where a currency is paid in a country: by cash_steps.toml, else by CLDR."""
    table = _table()
    return table.get((country, currency)) or table.get(("", currency)) or _by_cldr(currency)


def _by_cldr(currency: str) -> Rounding:
    """Return what Unicode's CLDR has for cash; it doesn't say where the middle goes: up, as most do."""
    known = get_global("currency_fractions")
    digits, _step, cash_digits, cash_step = known.get(currency, known["DEFAULT"])
    return Rounding(max(1, cash_step) * 10 ** (digits - cash_digits))


@cache
def _table() -> Mapping[tuple[str, str], Rounding]:
    text = (resources.files(__package__) / "cash_steps.toml").read_text(encoding="utf-8")
    read = tomllib.loads(text)
    places = {**read["country"], "": read["currency"]}
    return {
        (country, currency): Rounding(found["step"], found["half"] == "up", found.get("least", False))
        for country, steps in places.items()
        for currency, found in steps.items()
    }


def round_cash(amount_minor: int, rounding: Rounding) -> int:
    """Return what is paid in cash for a sum of nothing or more, in minor units."""
    whole, rest = divmod(amount_minor, rounding.step)
    is_up = 2 * rest > rounding.step or (2 * rest == rounding.step and rounding.is_half_up)
    least = rounding.step if rounding.is_never_nothing and amount_minor else 0
    return max(least, (whole + is_up) * rounding.step)


def cash_back_minor(paid_minor: int, handed_minor: int, left_minor: int, rounding: Rounding) -> int:
    """Return what a refund hands back, in minor units.

    paid_minor: what was paid in coins, handed_minor: what earlier refunds have handed back of it, left_minor:
    of the sale's sum, what is not refunded after this one. All refunds together hand back what was paid.
    """
    return max(0, paid_minor - handed_minor - round_cash(left_minor, rounding))


def tender_keys(due_minor: int) -> list[int]:
    """Return what people are likely to hand over: exactly the sum, then single coins and notes above it."""
    if not due_minor:
        return [0]
    keys, power = [due_minor], 1
    while len(keys) <= KEYS:
        keys += [one * power for one in _SERIES if one * power > due_minor]
        power *= 10
    return keys[: KEYS + 1]
