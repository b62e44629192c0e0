"""What a day's sales add up to."""

from uuid import uuid4

import pytest
from tests.support.till import fill_basket, pay

from willing.core.errors import Refused
from willing.people.queries import today
from willing.till.identification import identify_by_pin, identify_by_staff
from willing.till.payment import confirm_basket
from willing.till.refunds import RefundedBy, refund_sale
from willing.till.reports import day_summary


def test_the_day_is_summed_by_way_with_failures_and_refunds(cast):
    pay(cast, "Carl")
    pay(cast, "Ada", cast.meal, cast.extra)
    filled = fill_basket(cast)
    with pytest.raises(Refused):
        identify_by_pin(cast.till, filled.id, 1001, "0001")
    identify_by_staff(cast.till, filled.id, cast.person("Bo"), by=cast.user("cashier"))
    sale = confirm_basket(cast.till, filled.id)
    refund_sale(sale.id, key=uuid4(), by=RefundedBy(user=cast.user("office")))
    day = day_summary(cast.school, today(cast.school))
    by_way = {way.way: (way.sales, way.total_minor, way.failures) for way in day.ways}
    assert by_way == {"card": (2, 590, 0), "pin": (0, 0, 1), "face": (0, 0, 0), "staff": (1, 250, 0)}
    assert (day.sales, day.total_minor, day.refunds, day.refunded_minor) == (3, 840, 1, 250)
