"""Where a school is: countries, currencies and time zones that exist, and what goes with a country.

Countries are those of ISO 3166 that have a currency of today, currencies those of ISO 4217 that are legal
tender somewhere today, time zones those of the IANA's table.
"""

import re
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources
from zoneinfo import available_timezones

from babel.core import Locale, get_global
from babel.numbers import get_currency_precision, get_territory_currencies

from willing.people import errors

# Not of ISO 3166: groups, and islands that another code of the list stands for.
NO_COUNTRIES = frozenset({"AC", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"})
# Where several zones exist, the one in which most of its people live.
MOST_LIVED_IN = {
    "AR": "America/Argentina/Buenos_Aires",
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "CL": "America/Santiago",
    "CD": "Africa/Kinshasa",
    "CN": "Asia/Shanghai",
    "CY": "Asia/Nicosia",
    "DE": "Europe/Berlin",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "FM": "Pacific/Chuuk",
    "GL": "America/Nuuk",
    "ID": "Asia/Jakarta",
    "KI": "Pacific/Tarawa",
    "KZ": "Asia/Almaty",
    "MH": "Pacific/Majuro",
    "MN": "Asia/Ulaanbaatar",
    "MX": "America/Mexico_City",
    "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland",
    "PF": "Pacific/Tahiti",
    "PG": "Pacific/Port_Moresby",
    "PS": "Asia/Hebron",
    "PT": "Europe/Lisbon",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
    "UM": "Pacific/Midway",
    "US": "America/New_York",
    "UZ": "Asia/Tashkent",
    "VN": "Asia/Ho_Chi_Minh",
}
CHINESE = frozenset({"CN", "HK", "MO", "SG", "TW"})
LANGUAGES = ("en", "zh-hans")


@dataclass(frozen=True)
class Place:
    """What a school in a country most likely uses."""

    country: str
    currency: str
    time_zone: str
    language: str


@cache
def _small_sums() -> dict[str, Decimal]:
    text = (resources.files(__package__) / "currencies.toml").read_text(encoding="utf-8")
    return {code: Decimal(str(units)) for code, units in tomllib.loads(text).items()}


@cache
def currencies() -> tuple[str, ...]:
    """Return the currencies that a school may use, by their codes."""
    return tuple(sorted(_small_sums()))


@cache
def countries() -> tuple[str, ...]:
    """Return the countries that a school may be in, by their codes of two letters."""
    names = map(str, Locale("en").territories)
    codes = {one for one in names if re.fullmatch("[A-Z]{2}", one)} - NO_COUNTRIES
    return tuple(sorted(one for one in codes if get_territory_currencies(one) and _zones_of(one)))


@cache
def time_zones() -> tuple[str, ...]:
    """Return the time zones that exist, by name."""
    zones = available_timezones()
    return tuple(sorted(one for one in zones if one == "UTC" or _is_a_place(one)))


def _is_a_place(zone: str) -> bool:
    return "/" in zone and not zone.startswith(("Etc/", "SystemV/"))


@cache
def _zones_of(country: str) -> tuple[str, ...]:
    found = {zone for zone, place in get_global("zone_territories").items() if place == country}
    return tuple(sorted(found & set(time_zones())))


def place_of(country: str) -> Place:
    """Return what a school in a country most likely uses. Raises Refused country_unknown."""
    require_country(country)
    used = [code for code in get_territory_currencies(country) if code in _small_sums()]
    zone = MOST_LIVED_IN.get(country) or _zones_of(country)[0]
    language = "zh-hans" if country in CHINESE else "en"
    return Place(country, used[0] if used else "USD", zone, language)


def require_country(code: str) -> str:
    """Return a country's code. Raises Refused country_unknown, which names those that exist."""
    return _require(code, countries(), errors.country_unknown)


def require_currency(code: str) -> str:
    """Return a currency's code. Raises Refused currency_unknown, which names those that exist."""
    return _require(code, currencies(), errors.currency_unknown)


def require_time_zone(name: str) -> str:
    """Return a time zone's name. Raises Refused time_zone_unknown, which names those near it."""
    region = f"{name.partition('/')[0]}/"
    near = [one for one in time_zones() if one.startswith(region)]
    if name not in time_zones():
        raise errors.time_zone_unknown(name, near or [f"{one}/…" for one in _regions()])
    return name


def require_language(code: str) -> str:
    """Return a language's code. Raises Refused language_unknown, which names those that exist."""
    return _require(code, LANGUAGES, errors.language_unknown)


def check_place(place: Place) -> Place:
    """Return a place of which every part exists. Raises Refused, which names those that do."""
    require_country(place.country)
    require_currency(place.currency)
    require_time_zone(place.time_zone)
    require_language(place.language)
    return place


def _regions() -> list[str]:
    return sorted({one.partition("/")[0] for one in time_zones() if "/" in one})


def _require(given: str, known: Collection[str], refusal: "errors.Unknown") -> str:
    if given not in known:
        raise refusal(given, known)
    return given


def small_sum_minor(currency: str) -> int:
    """Return what counts as a small sum in the currency of a school, in minor units.

    Such a currency was checked when it was set (check_place), so here none is unknown.
    """
    return int(_small_sums()[currency].scaleb(get_currency_precision(currency)))
