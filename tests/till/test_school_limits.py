"""The school's limits: by the table of currencies until it sets its own, and never a face above the day."""

from typing import Any

import pytest
from django.db import IntegrityError

from willing.core.errors import Refused
from willing.core.transactions import atomic
from willing.pages.console.forms import MoneyForm
from willing.people.models import School
from willing.people.places import currencies, small_sum_minor
from willing.till.limit_models import SchoolLimits, SpendingLimits
from willing.till.limit_rules import NewLimits
from willing.till.limits import limits_of, set_limits
from willing.till.products import ProductDetails, add_to_menu
from willing.till.school_limits import (
    NewSchoolLimits,
    default_limits,
    limits_in_force,
    set_school_face_limit,
    set_school_limits,
)


@pytest.mark.parametrize(
    ("currency", "lunch_minor"),
    [("GBP", 300), ("JPY", 600), ("KRW", 5_000), ("HUF", 120_000), ("BHD", 1_500)],
)
def test_what_a_school_did_not_set_follows_its_currency(currency: str, lunch_minor: int) -> None:
    table = default_limits(currency)
    assert table.grace_minor == table.face_daily_minor == small_sum_minor(currency)
    assert 4 * lunch_minor <= table.face_daily_minor <= 6 * lunch_minor
    assert table.daily_minor is None
    assert table.unusual_price_minor < table.guardian_max_minor < table.large_pay_in_minor


@pytest.mark.parametrize("currency", currencies())
def test_every_sum_of_every_currency_fits_into_the_books(currency: str) -> None:
    table = default_limits(currency)
    form = MoneyForm(currency=currency)
    highest = form.fields["amount"].max_value  # type: ignore[attr-defined]
    assert highest is not None
    assert 0 < table.large_pay_in_minor <= 2**31 - 1
    assert highest.scaleb(form.precision) <= 2**31 - 1


def test_a_limit_for_everyone_holds_for_whoever_set_none_and_lowers_what_is_higher(cast: Any) -> None:
    ada, office = cast.person("Ada"), cast.user("office")
    set_school_limits(cast.school, NewSchoolLimits(daily_minor=800), by=office)
    assert (limits_of(ada).daily_minor, limits_of(ada).face_daily_minor) == (800, 800)
    set_limits(ada, NewLimits(daily_minor=900, face_daily_minor=850), by=cast.guardian("Gus"))
    assert (limits_of(ada).daily_minor, limits_of(ada).face_daily_minor) == (800, 800)
    set_limits(ada, NewLimits(daily_minor=500), by=cast.guardian("Gus"))
    assert (limits_of(ada).daily_minor, limits_of(ada).face_daily_minor) == (500, 500)


def test_a_face_alone_is_never_let_pay_more_than_all_ways_together(cast: Any) -> None:
    office, gus = cast.user("office"), cast.guardian("Gus")
    with pytest.raises(Refused, match="face_limit_above_daily"):
        set_school_limits(cast.school, NewSchoolLimits(face_daily_minor=801, daily_minor=800), by=office)
    assert not SchoolLimits.objects.exists()
    set_school_limits(cast.school, NewSchoolLimits(face_daily_minor=800, daily_minor=800), by=office)
    with pytest.raises(Refused, match="face_limit_above_daily"):
        set_school_face_limit(cast.school, 801, by=office)
    with pytest.raises(Refused, match="face_limit_above_daily"):
        set_limits(cast.person("Ada"), NewLimits(daily_minor=300, face_daily_minor=301), by=gus)
    assert not SpendingLimits.objects.exists()


def test_the_database_refuses_it_too(cast: Any) -> None:
    set_school_limits(cast.school, NewSchoolLimits(daily_minor=800), by=cast.user("office"))
    set_limits(cast.person("Ada"), NewLimits(daily_minor=800), by=cast.guardian("Gus"))
    for rows in (SchoolLimits.objects, SpendingLimits.objects):
        with pytest.raises(IntegrityError):
            atomic(rows.update)(face_daily_minor=801)


def test_setting_the_face_limit_leaves_the_others(cast: Any) -> None:
    new = NewSchoolLimits(700, 800, 900, 1000, 1100, 650, 2000)
    set_school_limits(cast.school, new, by=cast.user("office"))
    set_school_face_limit(cast.school, 600, by=cast.user("office"))
    held = limits_in_force(cast.school)
    assert (held.face_daily_minor, held.daily_minor) == (600, 800)
    assert (held.unusual_price_minor, held.large_pay_in_minor, held.guardian_max_minor) == (900, 1000, 1100)
    assert (held.purchase_minor, held.weekly_minor) == (650, 2000)
    assert held.grace_minor == cast.school.grace_minor


@pytest.mark.parametrize(("price", "is_asked"), [(3000, False), (3001, True)])
def test_a_price_above_ten_lunches_is_asked_about_unless_the_school_says_otherwise(
    cast: Any, price: int, is_asked: bool
) -> None:
    details = ProductDetails("Feast", price, "meal")
    if is_asked:
        with pytest.raises(Refused, match="price_unusual"):
            add_to_menu(cast.school, details)
        new = NewSchoolLimits(unusual_price_minor=price)
        set_school_limits(cast.school, new, by=cast.user("office"))
    assert add_to_menu(cast.school, details).price_minor == price


@pytest.mark.parametrize("currency", ["JPY", "KRW", "HUF", "BHD"])
def test_prices_are_asked_about_by_the_schools_currency(cast: Any, currency: str) -> None:
    School.objects.update(currency=currency)
    highest = 2 * small_sum_minor(currency)
    assert add_to_menu(cast.school, ProductDetails("Dear", highest, "meal")).price_minor == highest
    with pytest.raises(Refused, match="price_unusual"):
        add_to_menu(cast.school, ProductDetails("Slip", highest + 1, "meal"))
