"""No page of money reads a whole table of sales, transfers or the log: the plans of its statements say so."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from tests.support.signing import sign_in

from willing.books.counting import count_days
from willing.people.queries import today

# What grows with every sale. A scan of another table is of a few rows, or of one school's people.
GROWS = (
    "till_sale",
    "till_basket",
    "till_basketline",
    "till_refund",
    "till_refundline",
    "ledger_transfer",
    "audit_entry",
    "books_daytotal",
    "books_daymovement",
)
PAGES = (
    "/staff/today/",
    "/staff/money/",
    "/staff/money/month/",
    *(f"/staff/money/sales/?by={by}" for by in ("product", "class", "tax", "refunded")),
)
pytestmark = pytest.mark.sqlite  # its planner needs no rows to choose an index


def scanned(client: Client, path: str) -> set[str]:
    """Return which growing tables the statements of a page read from end to end."""
    seen: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        assert client.get(path).status_code == 200
    found = set()
    with connection.cursor() as cursor:
        for sql, params in seen:
            if sql.lstrip().upper().startswith("SELECT"):
                cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
                plans = [row[3] for row in cursor.fetchall()]
                found |= {name for plan in plans if (name := _scanned(plan))}
    return found


def _scanned(plan: str) -> str:
    """Return the growing table that a line of a plan scans; a scan of an index alone is of its rows too."""
    named = re.match(r"SCAN (\w+)", plan)
    return named[1] if named and named[1] in GROWS else ""


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_the_office_reads_no_whole_table(cast: Any, sell: Any, path: str) -> None:
    sell("Carl")
    office = sign_in(Client(), cast.user("office"))
    assert scanned(office, path) == set()
    count_days(cast.school)
    day = today(cast.school)
    assert (
        scanned(office, f"{path}{'&' if '?' in path else '?'}first={day - timedelta(days=300)}&last={day}")
        == set()
    )


def test_it_would_see_a_scan(cast: Any) -> None:
    assert _scanned("SCAN till_sale USING INDEX till_sale_terminal_id") == "till_sale"
    assert _scanned("SEARCH till_sale USING INDEX sales_of_a_school (school_id=?)") == ""
