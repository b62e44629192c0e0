"""Meals served: free or for less, paid, to staff; by day, in the school's own time."""

from datetime import UTC, date, datetime
from uuid import uuid4

from tests.support.clocks import stopped_at
from tests.support.money import pay_in
from tests.support.till import pay

from willing.credentials.cards import issue_card
from willing.entitlements.actions import NewEntitlement, grant
from willing.people.models import Person
from willing.till.refunds import RefundedBy, refund_sale
from willing.till.served import MealsServed, meals_by_day, meals_served

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)


def test_meals_are_counted_by_who_paid_and_without_what_was_refunded(cast):
    office = cast.user("office")
    grant(cast.person("Bo"), NewEntitlement("meal", "school", MONDAY, family_minor=40), by=office)
    pay_in(cast.person("Bo"), 1000, key=uuid4())
    Person.objects.filter(pk=cast.person("Wes").pk).update(kind="staff")
    cast.cards["Wes"] = issue_card(cast.person("Wes"))
    with stopped_at(datetime(2026, 11, 23, 12, tzinfo=UTC)):
        pay(cast, "Bo", cast.meal, cast.meal, cast.extra)  # one of the two is granted
        pay(cast, "Carl")
        pay(cast, "Carl", cast.extra)
        pay(cast, "Wes")
        refund_sale(pay(cast, "Carl").id, key=uuid4(), by=RefundedBy(user=office))
    with stopped_at(datetime(2026, 11, 24, 12, tzinfo=UTC)):
        pay(cast, "Carl")
    assert meals_served(cast.school, MONDAY, MONDAY) == MealsServed(1, 2, 1)
    assert meals_served(cast.school, MONDAY, TUESDAY).total == 5
    assert meals_by_day(cast.school, MONDAY, TUESDAY) == {
        MONDAY: MealsServed(1, 2, 1),
        TUESDAY: MealsServed(paid=1),
    }
    assert meals_served(cast.school, date(2026, 11, 25), date(2026, 11, 26)) == MealsServed()
    assert meals_by_day(cast.school, date(2026, 11, 25), date(2026, 11, 26)) == {}


def test_a_meal_just_after_midnight_is_of_the_schools_own_day(cast):
    school = cast.school
    school.time_zone = "Asia/Shanghai"
    school.save()
    with stopped_at(datetime(2026, 11, 23, 16, 30, tzinfo=UTC)):
        pay(cast, "Carl")
    assert list(meals_by_day(cast.school, MONDAY, TUESDAY)) == [TUESDAY]
