"""Where a school is: names that do not exist are refused with those that do."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from babel.numbers import get_currency_precision

from willing.audit.models import Entry
from willing.core.errors import Refused
from willing.core.money import format_minor
from willing.people.addresses import is_own_alone, read_address
from willing.people.models import School
from willing.people.places import (
    Place,
    countries,
    currencies,
    place_of,
    require_country,
    require_currency,
    require_language,
    require_time_zone,
    small_sum_minor,
    time_zones,
)
from willing.people.queries import require_school
from willing.people.school import change_school, create_school, finish_set_up

GERMAN = Place("DE", "EUR", "Europe/Berlin", "en")


@pytest.mark.parametrize("given", ["Europe/Munich", "europe/london", "Europe/London ", "Munich", "", "GMT+1"])
def test_a_time_zone_that_does_not_exist_is_refused_with_those_that_do(given):
    with pytest.raises(Refused, match="time_zone_unknown") as refused:
        require_time_zone(given)
    known = refused.value.data["known"]
    assert known
    if given.startswith("Europe/"):
        assert "Europe/Berlin" in known
        assert "Europe/Berlin" in str(refused.value.message)


@pytest.mark.parametrize("given", ["eur", "EURO", "€", "DEM", "XXX", "EU", "", "GBP "])
def test_a_currency_that_is_none_of_today_is_refused_with_those_that_are(given):
    with pytest.raises(Refused, match="currency_unknown") as refused:
        require_currency(given)
    assert {"EUR", "CNY", "KRW"} <= set(refused.value.data["known"])


@pytest.mark.parametrize("given", ["UK", "gb", "EU", "ZZ", "GBR", ""])
def test_a_country_without_a_code_is_refused_with_those_that_have_one(given):
    with pytest.raises(Refused, match="country_unknown") as refused:
        require_country(given)
    assert {"GB", "CN", "DE"} <= set(refused.value.data["known"])


def test_a_language_in_which_no_page_is_written_is_refused():
    with pytest.raises(Refused, match="language_unknown"):
        require_language("fr")


def test_a_long_wrong_name_is_not_repeated_in_full():
    with pytest.raises(Refused, match="currency_unknown") as refused:
        require_currency("x" * 10_000)
    assert len(str(refused.value.message)) < 2000


@pytest.mark.parametrize("country", countries())
def test_every_country_has_a_currency_a_clock_and_a_language(country):
    place = place_of(country)
    assert place.currency in currencies()
    assert place.time_zone in time_zones()
    assert datetime(2026, 11, 26, tzinfo=UTC).astimezone(ZoneInfo(place.time_zone)).utcoffset() is not None


def test_the_usual_places_are_what_their_people_expect():
    assert place_of("GB") == Place("GB", "GBP", "Europe/London", "en")
    assert place_of("CN") == Place("CN", "CNY", "Asia/Shanghai", "zh-hans")
    assert place_of("DE") == GERMAN
    assert place_of("US").time_zone == "America/New_York"


@pytest.mark.parametrize("currency", currencies())
def test_a_small_sum_is_one_in_every_currency(currency):
    units = small_sum_minor(currency) / 10 ** get_currency_precision(currency)
    assert 5 < units < 2_000_000
    assert format_minor(small_sum_minor(currency), currency)


def test_a_small_sum_is_never_the_same_number_of_minor_units_everywhere():
    assert small_sum_minor("GBP") == 1500
    assert small_sum_minor("KRW") == 25_000  # no decimals: 1500 won buy no apple
    assert small_sum_minor("HUF") == 600_000
    assert small_sum_minor("KWD") == 6_000  # three decimals


def test_a_school_begins_with_a_grace_that_fits_its_currency(db):
    assert create_school("Hangang", place_of("KR")).grace_minor == 25_000


def test_a_school_that_is_nowhere_is_not_made(db):
    before = School.objects.count()
    for wrong in (
        Place("UK", "GBP", "Europe/London", "en"),
        Place("GB", "gbp", "Europe/London", "en"),
        Place("GB", "GBP", "Europe/Munich", "en"),
        Place("GB", "GBP", "Europe/London", "de"),
    ):
        with pytest.raises(Refused, match="_unknown"):
            create_school("Nowhere", wrong)
    assert School.objects.count() == before


def test_a_currency_changes_with_its_grace_only_until_the_school_is_set_up(cast):
    school = create_school("New School", in_set_up=True)
    change_school(school, name="Neue Schule", place=GERMAN)
    held = School.objects.get(pk=school.pk)
    assert (held.name, held.currency, held.grace_minor) == ("Neue Schule", "EUR", 1500)
    finish_set_up(school, by=cast.user("office").pk)
    finish_set_up(school, by=cast.user("office").pk)
    with pytest.raises(Refused, match="currency_settled"):
        change_school(school, name="Neue Schule", place=place_of("GB"))
    assert School.objects.get(pk=school.pk).currency == "EUR"
    assert Entry.objects.filter(event="school.set_up_finished").count() == 1


def test_what_is_so_already_is_no_change_and_no_entry(cast):
    school = require_school()
    entries = Entry.objects.count()
    held = Place(school.country, school.currency, school.time_zone, school.language)
    change_school(school, name=school.name, place=held)
    assert Entry.objects.count() == entries


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("lunch.example.org", "https://lunch.example.org"),
        ("https://lunch.example.org/", "https://lunch.example.org"),
        ("HTTP://Lunch.Example.org:8443", "http://lunch.example.org:8443"),
        (" school.local ", "https://school.local"),
        ("https://schüle.example", "https://xn--schle-mva.example"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("", ""),
    ],
)
def test_a_public_address_is_read_as_people_type_it(typed, address):
    assert read_address(typed) == address


@pytest.mark.parametrize(
    "typed",
    [
        "https://lunch.example.org/family/",
        "https://user:secret@lunch.example.org",
        "https://lunch.example.org?x=1",
        "ftp://lunch.example.org",
        "javascript://x",
        "https://",
        "https://lunch example.org",
        "https://lunch.example.org:port",
        "https://lunch.example.org:99999",
        "https://lunch\u200b.exam\nple.org",
        "https://" + "a" * 64 + ".org",
        "https://" + ".".join(["a" * 50] * 6) + ".org",
    ],
)
def test_what_no_browser_opens_is_no_public_address(typed):
    with pytest.raises(Refused, match="address_unreadable"):
        read_address(typed)


@pytest.mark.parametrize(
    ("host", "is_alone"),
    [
        ("localhost", True),
        ("localhost:8000", True),
        ("willing.localhost", True),
        ("127.0.0.1:80", True),
        ("[::1]:8000", True),
        ("10.0.0.7", False),
        ("lunch.example.org", False),
        ("localhost.example.org", False),
    ],
)
def test_what_only_this_computer_calls_itself_is_no_address_for_a_letter(host, is_alone):
    assert is_own_alone(host) is is_alone
