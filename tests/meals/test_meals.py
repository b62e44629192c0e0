"""The kitchen's forecast, England's census days, what the school carries and what families owe."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from tests.support.clocks import stopped_at
from tests.support.money import pay_in
from tests.support.till import pay

from willing.audit.models import Entry
from willing.core.errors import Refused
from willing.credentials.cards import issue_card
from willing.documents.arrears_letter import arrears_letter
from willing.entitlements.actions import NewEntitlement, grant
from willing.mail.models import Mail
from willing.mail.outbox import set_topics
from willing.mail.sending import NewServer, set_mail_server
from willing.mail.texts import text_of
from willing.meals import census
from willing.meals.forecast import forecast
from willing.meals.owed import arrears, carried_meals, mail_about_arrears
from willing.people.calendar import add_entry, set_week
from willing.people.calendar_rules import CalendarSpan as Days
from willing.people.classes import set_infants
from willing.people.guardians import add_guardian
from willing.people.models import Person
from willing.people.persons import NewPerson, add_person
from willing.till.refunds import RefundedBy, refund_sale

THURSDAY = date(2026, 11, 26)


def noon(day):
    """Let it be noon of a day."""
    return stopped_at(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))


@pytest.fixture
def here_since_summer(cast):
    Person.objects.update(joined_at=datetime(2026, 6, 1, tzinfo=UTC))
    set_week(cast.school, dict.fromkeys(range(1, 6), ()), by=cast.user("office").pk)
    return cast


def test_the_next_school_days_are_forecast_from_the_same_weekdays(here_since_summer):
    cast = here_since_summer
    for weeks, names in ((1, ("Bo", "Carl")), (2, ("Carl",)), (3, ("Carl",))):
        with noon(THURSDAY - timedelta(weeks=weeks)):
            for name in names:
                pay(cast, name)
    with noon(THURSDAY):
        days = forecast(cast.school)
    assert [one.day.day.isoformat() for one in days] == [
        "2026-11-26",
        "2026-11-27",
        "2026-11-30",
        "2026-12-01",
        "2026-12-02",
    ]
    thursday = days[0].expected
    assert (thursday.meals, thursday.fewest, thursday.most, thursday.days) == (1, 1, 2, 3)
    assert [one.expected for one in days[1:]] == [None] * 4
    assert days[1].past == ()


def test_without_a_calendar_a_weekend_is_forecast_only_where_something_was_sold_on_one(here_since_summer):
    cast, saturday = here_since_summer, THURSDAY + timedelta(days=2)
    set_week(cast.school, {}, by=cast.user("office").pk)
    with noon(THURSDAY):
        days = forecast(cast.school)
    assert [one.day.weekday for one in days] == [4, 5, 1, 2, 3]
    with noon(saturday - timedelta(weeks=1)):
        pay(cast, "Carl")
    with noon(THURSDAY):
        days = forecast(cast.school)
    assert [one.day.weekday for one in days] == [4, 5, 6, 1, 2]


def test_what_the_calendar_closes_is_not_forecast_and_an_extra_day_follows_its_weekday(here_since_summer):
    cast, by = here_since_summer, here_since_summer.user("office").pk
    for weeks in (1, 2, 3):
        with noon(THURSDAY - timedelta(weeks=weeks)):
            pay(cast, "Carl")
    friday, saturday = THURSDAY + timedelta(days=1), THURSDAY + timedelta(days=2)
    add_entry(cast.school, Days("closed", friday, friday, "Snow"), by=by)
    add_entry(cast.school, Days("opened", saturday, saturday, "Open day", 4), by=by)
    with noon(friday):
        days = forecast(cast.school)
    assert days[0].day.day == saturday
    assert days[0].expected.meals == 1


def test_free_meals_are_forecast_by_their_share(here_since_summer):
    cast = here_since_summer
    new = NewEntitlement("meal", "school", date(2026, 6, 1), family_minor=0)
    grant(cast.person("Bo"), new, by=cast.user("office"))
    for weeks in (1, 2, 3):
        with noon(THURSDAY - timedelta(weeks=weeks)):
            pay(cast, "Bo")
            pay(cast, "Carl")
    with noon(THURSDAY):
        assert (forecast(cast.school)[0].expected.meals, forecast(cast.school)[0].granted) == (2, 1)


def infants(cast, name):
    set_infants(cast.school, cast.person(name).year_group_id, is_infant=True, by=cast.user("office").pk)


def test_the_census_counts_infants_who_ate_and_those_free_by_benefits_apart(cast):
    office = cast.user("office")
    infants(cast, "Ada")
    wes = cast.person("Wes")
    Person.objects.filter(pk=wes.pk).update(year_group=None)
    give = NewEntitlement("meal", "benefits", date(2026, 9, 1), family_minor=0)
    for name in ("Wes", "Bo", "Carl"):
        grant(cast.person(name), give, by=office)
    Person.objects.filter(pk__in=[cast.person(one).pk for one in ("Bo", "Nia")]).update(
        year_group=cast.person("Ada").year_group
    )
    Person.objects.filter(pk=cast.person("Carl").pk).update(kind="staff")
    with noon(THURSDAY):
        for name in ("Wes", "Bo", "Nia", "Carl"):
            pay(cast, name)
        gone = pay(cast, "Ada")
        refund_sale(gone.id, key=uuid4(), by=RefundedBy(user=office))
    found = census.census_meals(cast.school, THURSDAY)
    assert {(one.person.given_name, one.is_infant, one.is_benefits_related) for one in found} == {
        ("Wes", False, True),
        ("Bo", True, True),
        ("Nia", True, False),
    }
    assert census.census_meals(cast.school, THURSDAY + timedelta(days=1)) == []


def test_census_days_are_englands_alone_and_set_once(cast):
    school, office = cast.school, cast.user("office")
    for _ in range(2):
        census.set_census_day(school, THURSDAY, by=office)
    census.set_census_day(school, date(2027, 1, 21), by=office)
    assert census.census_days(school) == [date(2027, 1, 21), THURSDAY]
    assert Entry.objects.filter(event="census_day.set").count() == 2
    for _ in range(2):
        census.delete_census_day(school, THURSDAY, by=office)
    assert census.census_days(school) == [date(2027, 1, 21)]
    assert Entry.objects.filter(event="census_day.deleted").count() == 1
    school.country = "CN"
    school.save()
    with pytest.raises(Refused) as refused:
        census.set_census_day(cast.school, THURSDAY, by=office)
    assert refused.value.code == "no_census"


def until_carried(cast, name):
    sale = pay(cast, name)
    while not sale.carried_minor:
        sale = pay(cast, name)
    return sale


def test_what_the_school_carried_is_listed_without_what_was_refunded(cast):
    with noon(THURSDAY):
        first = until_carried(cast, "Bo")
        pay(cast, "Bo")
        found = carried_meals(cast.school, THURSDAY, THURSDAY)
        assert [(one.person, one.meals, one.carried_minor) for one in found] == [
            (cast.person("Bo"), 2, first.carried_minor + 250)
        ]
        assert found[0].oldest == first.settled_at
        refund_sale(first.id, key=uuid4(), by=RefundedBy(user=cast.user("office")))
        assert carried_meals(cast.school, THURSDAY, THURSDAY)[0].meals == 1
    assert carried_meals(cast.school, date(2026, 1, 1), THURSDAY - timedelta(days=1)) == []


def test_balances_below_zero_are_listed_the_largest_first(cast):
    assert arrears(cast.school) == []
    kim = add_person(cast.school, NewPerson("Kim", "New", year="7A"))
    cast.cards["Kim"] = issue_card(kim)
    pay_in(kim, 100, key=uuid4())
    for name in ("Kim", "Bo", "Bo"):
        pay(cast, name)
    found = arrears(cast.school)
    assert [(one.person.given_name, one.owed_minor) for one in found] == [("Bo", 500), ("Kim", 150)]
    assert found[0].last_paid_in is None
    assert found[1].last_paid_in is not None
    pay_in(cast.person("Bo"), 500, key=uuid4())
    assert [one.person.given_name for one in arrears(cast.school)] == ["Kim"]


def test_the_letter_is_in_the_familys_language_and_says_that_the_child_eats(cast):
    pay(cast, "Bo")
    owed = arrears(cast.school)[0]
    assert "main meal every day, whatever the balance" in repr(arrears_letter(cast.school, owed))
    guardian = add_guardian(cast.person("Bo"), "Lin")
    guardian.language = "zh-hans"
    guardian.save()
    letter = arrears_letter(cast.school, owed)
    assert letter.title == "食堂余额"
    assert "2.50" in repr(letter)
    assert owed.person.full_name in repr(letter)


def test_families_are_written_to_if_they_want_it(cast):
    office, school = cast.user("office"), cast.school
    guardian = add_guardian(cast.person("Bo"), "Lin", email="lin@example.org")
    pay(cast, "Bo")
    owed = arrears(school)
    assert mail_about_arrears(owed, by=office) == 0  # no mail server yet
    school.public_address = "https://lunch.example.org"
    school.save()
    new = NewServer("mail.example.org", 587, "starttls", "office@example.org")
    set_mail_server(cast.school, new, by=cast.user("administrator"))
    owed = arrears(cast.school)
    assert mail_about_arrears(owed, by=office) == 1
    mail = Mail.objects.get()
    assert (mail.guardian, mail.topic) == (guardian, "arrears")
    assert "2.50" not in "".join(text_of(mail))
    assert Entry.objects.get(event="arrears.reminded").subject == cast.person("Bo").id
    set_topics(guardian, ["answer"])
    assert mail_about_arrears(owed, by=office) == 0
