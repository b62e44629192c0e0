"""SQLite knows its tables, so that a day is found by its time and not by way of everything a school has."""

from typing import Any

import pytest
from django.db import connection
from tests.support.till import pay

from willing.core.sqlite.planner import refresh_planner
from willing.ledger.models import Transfer
from willing.people.queries import day_bounds, today

pytestmark = pytest.mark.sqlite


def plan_of_a_day(cast: Any) -> str:
    begin, end = day_bounds(cast.school, today(cast.school))
    return Transfer.objects.filter(debit__school=cast.school, at__gte=begin, at__lt=end).explain()


def test_a_days_transfers_are_found_by_their_time_once_the_tables_were_looked_at(cast: Any) -> None:
    for _ in range(6):
        pay(cast, "Carl")
    assert "ledger_transfer_at" not in plan_of_a_day(cast)
    refresh_planner()
    connection.close()  # a connection that was open learns of it with its next statement
    assert "ledger_transfer_at" in plan_of_a_day(cast)
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM sqlite_stat1 WHERE tbl = 'till_sale'")
        assert cursor.fetchone()[0] > 1
