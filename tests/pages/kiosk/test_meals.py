"""Several main meals in a sitting: a quiet line, then a press, and a list for the office; none refused."""

from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from tests.pages.kiosk.test_access import at
from tests.pages.kiosk.test_screen import press, pupils_half
from tests.support.clocks import stopped_at
from tests.support.signing import sign_in
from tests.support.till import pay

from willing.audit.models import Entry
from willing.core.clock import now
from willing.people.calendar import add_entry, read_hours, set_week
from willing.people.calendar_rules import CalendarSpan as CalendarEntry
from willing.people.queries import today
from willing.till.meals import RepeatedMeals, meals_so_far, repeated_meals
from willing.till.models import Basket, Sale
from willing.till.refunds import RefundedBy, refund_sale
from willing.till.rules import MealNotice, decide_meal_notice

LINE, PRESS = "Main meals today", "Serve this meal too"


@pytest.mark.parametrize(
    ("had", "here", "notice"),
    [
        (0, 0, MealNotice.NONE),
        (0, 1, MealNotice.NONE),
        (1, 0, MealNotice.NONE),
        (1, 1, MealNotice.AGAIN),
        (0, 2, MealNotice.AGAIN),
        (2, 0, MealNotice.NONE),
        (2, 1, MealNotice.ASK),
        (0, 3, MealNotice.ASK),
        (11, 1, MealNotice.ASK),
    ],
)
def test_the_second_is_a_line_and_the_third_a_press(had: int, here: int, notice: MealNotice) -> None:
    assert decide_meal_notice(had, here) is notice


@pytest.fixture
def till(cast: Any) -> Client:
    return at(cast.till, cast)


def shown(till: Client, cast: Any, name: str = "Carl") -> str:
    press(till, "add", product=cast.meal.id)
    return press(till, "card", code=cast.cards[name])


def confirm(till: Client) -> str:
    basket = Basket.objects.get(state="identified")
    screen = press(till, "confirm", basket=basket.pk, total=250)
    return press(till, "repeat") if "Sell it again" in screen else screen


def test_each_meal_is_sold_with_a_line_from_the_second_and_a_press_from_the_third(
    till: Client, cast: Any
) -> None:
    assert LINE not in shown(till, cast)
    assert "Receipt" in confirm(till)
    second = shown(till, cast)
    assert f"{LINE}, with this one: 2" in second
    assert PRESS not in second
    assert LINE not in pupils_half(second), "on the cashier's half only"
    assert "Receipt" in confirm(till)
    for number in (3, 4):
        assert PRESS in shown(till, cast)
        assert "the cashier presses first" in pupils_half(confirm(till))
        assert Sale.objects.count() == number - 1
        assert PRESS not in press(till, "serve-meal")
        assert "Receipt" in confirm(till)
    assert meals_so_far(cast.person("Carl")) == (4, None)


def test_a_press_is_for_the_meals_that_were_there_and_not_for_more(till: Client, cast: Any) -> None:
    for _ in range(3):
        press(till, "add", product=cast.meal.id)
    press(till, "card", code=cast.cards["Carl"])
    press(till, "serve-meal")
    press(till, "deny")
    press(till, "add", product=cast.meal.id)
    assert PRESS in press(till, "card", code=cast.cards["Carl"])


def test_what_was_refunded_and_what_is_no_meal_counts_for_nothing(till: Client, cast: Any) -> None:
    from uuid import uuid4

    shown(till, cast)
    confirm(till)
    refund_sale(Sale.objects.get().id, key=uuid4(), by=RefundedBy(user=cast.user("canteen")))
    assert LINE not in shown(till, cast)
    confirm(till)
    press(till, "add", product=cast.extra.id)
    assert LINE not in press(till, "card", code=cast.cards["Carl"])


def test_the_office_reads_who_had_several_and_the_log_says_that_it_did(till: Client, cast: Any) -> None:
    assert (
        "More than one main meal"
        not in sign_in(Client(), cast.user("office")).get("/staff/today/").content.decode()
    )
    for _ in range(2):
        shown(till, cast)
        confirm(till)
    shown(till, cast, "Ada")
    confirm(till)
    assert repeated_meals(cast.school, today(cast.school)) == [RepeatedMeals(cast.person("Carl"), 2, None)]
    page = sign_in(Client(), cast.user("office")).get("/staff/today/").content.decode()
    assert "Carl Cardholder" in page
    assert "2 main meals" in page
    assert "Ada Agrees" not in page
    seen = Entry.objects.filter(event="record.viewed")
    assert [one.subject for one in seen] == [cast.person("Carl").id]
    assert "Carl" not in sign_in(Client(), cast.user("canteen")).get("/staff/today/").content.decode()


# --- with the calendar


def at_noon(hour: int, minute: int = 0) -> AbstractContextManager[None]:
    return stopped_at(datetime(2026, 11, 26, hour, minute, tzinfo=UTC))


def test_with_sittings_a_meal_counts_in_its_own_and_outside_all_of_them_the_day_counts(cast: Any) -> None:
    first, second = read_hours("11:30-12:15, 12:15-13:00")
    set_week(cast.school, {4: (first, second)})
    for hour, minute in ((11, 40), (12, 0), (12, 15)):
        with at_noon(hour, minute):
            pay(cast, "Carl", cast.meal)
    for hour, minute, meals in ((12, 14, 2), (12, 59, 1), (13, 0, 3)):
        with at_noon(hour, minute):
            assert meals_so_far(cast.person("Carl"))[0] == meals
    day = date(2026, 11, 26)
    assert repeated_meals(cast.school, day) == [RepeatedMeals(cast.person("Carl"), 2, first)]
    with at_noon(14):
        pay(cast, "Carl", cast.meal)
    assert repeated_meals(cast.school, day) == [RepeatedMeals(cast.person("Carl"), 4, None)]


def test_on_a_closed_day_the_till_says_so_quietly_and_sells(till: Client, cast: Any) -> None:
    assert "Selling goes on" not in press(till, "add", product=cast.meal.id)
    day = today(cast.school)
    add_entry(cast.school, CalendarEntry("closed", day, day, "Snow <day>"))
    screen = press(till, "card", code=cast.cards["Carl"])
    assert "Closed today by the calendar (Snow &lt;day&gt;). Selling goes on." in screen
    assert "Selling goes on" not in pupils_half(screen), "on the cashier's half only"
    assert "Receipt" in confirm(till)


def test_outside_the_hours_the_till_names_them_and_sells(till: Client, cast: Any) -> None:
    at = now().astimezone(ZoneInfo(cast.school.time_zone))
    hours = "02:00-03:00" if at.hour >= 12 else "20:00-21:00"
    set_week(cast.school, dict.fromkeys(range(1, 8), read_hours(hours)))
    assert f"Outside today&#x27;s opening hours ({hours.replace('-', '–')})" in shown(till, cast).replace(
        "today's", "today&#x27;s"
    )
    assert "Receipt" in confirm(till)


def test_a_weekday_without_hours_among_those_that_have_some_is_named_so(till: Client, cast: Any) -> None:
    day = today(cast.school).isoweekday()
    set_week(cast.school, {day: (), day % 7 + 1: read_hours("11:30-12:15")})
    assert "The calendar has no opening hours today" in shown(till, cast)
