"""No page reads a growing table from end to end: at 20,000 sales the plans of all its statements say so.

The rows are a year's, written at once by the database; a page finds its day, its month or its person's rows
by an index. PostgreSQL is told to do without what is cheap while a table is small (sequential scans, joins by
hashing or merging whole tables): what is read whole all the same has no index to go by. The rows that it has
really read are counted too. SQLite says only how it looks for them.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from tests.support.books import build_books
from tests.support.school import PASSWORD
from tests.support.signing import give_factors, sign_in
from tests.support.year import api_pages, family_pages, staff_pages

from willing.accounts.actions import NewUser, add_user
from willing.books.counting import count_days
from willing.core.clock import now
from willing.core.sqlite.planner import refresh_planner
from willing.pages.kiosk.access import COOKIE
from willing.people.guardians import link_guardian
from willing.people.models import Person
from willing.people.queries import today
from willing.terminals.models import Terminal
from willing.terminals.pairing import pair_terminal, start_pairing

pytestmark = pytest.mark.whole

SALES = 20_000
PERSONS = 100
CHEAP_AT_FIRST = ("enable_seqscan", "enable_hashjoin", "enable_mergejoin")
# More than a report of three months reads.
ROWS_MAX = SALES // 2
GROWS = (
    "audit_entry",
    "biometrics_facesession",
    "books_daymovement",
    "books_daytotal",
    "drawers_drawerentry",
    "jobs_job",
    "ledger_transfer",
    "mail_mail",
    "terminals_requestkey",
    "till_basket",
    "till_basketline",
    "till_refund",
    "till_refundline",
    "till_sale",
)
ROLES = ("cashier", "office", "canteen", "dpo", "administrator")


@contextmanager
def asked() -> Iterator[list[tuple[str, Any]]]:
    """Lend the list of what is read from the main database while the block runs."""
    seen: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().upper().startswith("SELECT") and " FOR UPDATE" not in sql:
            seen.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield seen


def scanned(sql: str, params: Any) -> set[str]:
    """Return the growing tables of which a statement reads too much."""
    if not any(f'"{name}"' in sql for name in GROWS):
        return set()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for cheap_at_first in CHEAP_AT_FIRST:
                cursor.execute(f"SET {cheap_at_first} = off")
            cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}", params)
            (answer,) = cursor.fetchone()
            for cheap_at_first in CHEAP_AT_FIRST:
                cursor.execute(f"RESET {cheap_at_first}")
            plan = json.loads(answer) if isinstance(answer, str) else answer
            return set(_read_too_much(plan[0]["Plan"]))
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
        steps = [row[3] for row in cursor.fetchall()]
    # The first rows of an index, or a page's few refunds where all of them are hardly more.
    if (" LIMIT " in sql and not any("TEMP B-TREE" in step for step in steps)) or '"sale_id" IN (%s' in sql:
        return set()
    other_names = {name: table for table, name in re.findall(r'"(\w+)" ([TUVW]\d+)\b', sql)}
    return {found for step in steps if (found := _looked_through(step, other_names))}


def _read_too_much(step: dict[str, Any]) -> Iterator[str]:
    """Yield the growing tables that a step of PostgreSQL's plan scans, or of which it has read too much."""
    rows = (step["Actual Rows"] + step.get("Rows Removed by Filter", 0)) * step["Actual Loops"]
    if step.get("Relation Name") in GROWS and (step["Node Type"] == "Seq Scan" or rows > ROWS_MAX):
        yield step["Relation Name"]
    for below in step.get("Plans", ()):
        yield from _read_too_much(below)


def _looked_through(step: str, other_names: dict[str, str]) -> str:
    """Return the growing table that a step of SQLite's plan reads whole, or all rows of one school of it."""
    found = re.match(r"(SCAN|SEARCH) (\w+)", step)
    table = other_names.get(found[2], found[2]) if found else ""
    is_of_school = bool(re.search(r"\((school|terminal)_id=\?\)", step))
    is_whole = found is not None and found[1] == "SCAN"
    return table if table in GROWS and (is_whole or is_of_school) else ""


def clients(cast: Any, person: Person) -> tuple[Client, Client, Client, Client]:
    """Return the browsers of staff with every role, of a guardian, and of both kinds of tills."""
    add_user(cast.school, NewUser("all", PASSWORD, "All", ROLES))
    give_factors()
    link_guardian(cast.guardian("Gus"), person)
    terminal = Terminal.objects.get(name="Books")
    token = pair_terminal(start_pairing(terminal), key=str(uuid4())).token
    till = sign_in(Client(), cast.user("cashier"))
    till.cookies[COOKIE] = pair_terminal(start_pairing(cast.till), key=str(uuid4()), device="kiosk").token
    return (
        sign_in(Client(), cast.user("all")),
        sign_in(Client(), cast.user("guardian")),
        Client(headers={"Authorization": f"Bearer {token}"}),
        till,
    )


def test_no_page_reads_a_growing_table_from_end_to_end(cast: Any) -> None:
    build_books(SALES * 100 // 88, until=now() - timedelta(days=1), school=cast.school, persons=PERSONS)
    _look_at_tables()
    day, person = today(cast.school), Person.objects.get(given_name="Pupil 7")
    staff, family, api, till = clients(cast, person)
    with asked() as counting:
        count_days(cast.school)
    _look_at_tables()
    pages = [(staff, path) for path in staff_pages(day, str(person.pk))]
    pages += [(family, path) for path in family_pages(str(person.pk), day)]
    pages += [(api, path) for path in api_pages(day)] + [(till, "/till/")]
    found = [f"counting: {fault}" for sql, params in counting[:60] for fault in faults_of(sql, params)]
    for client, path in pages:
        with asked() as seen:
            answer = client.get(path)
            assert answer.status_code == 200, path
            b"".join(answer) if answer.streaming else answer.content
        found += [f"{path}: {fault}" for sql, params in seen for fault in faults_of(sql, params)]
    assert not found, "\n\n".join(found)


def faults_of(sql: str, params: Any) -> list[str]:
    return [f"{table} in {sql}" for table in sorted(scanned(sql, params))]


def _look_at_tables() -> None:
    refresh_planner()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def test_it_would_see_a_table_that_is_read_whole(cast: Any) -> None:
    build_books(6000, school=cast.school, persons=PERSONS)
    _look_at_tables()
    if connection.vendor == "postgresql":
        assert scanned('SELECT COUNT(*) FROM "till_basketline" WHERE "quantity" > 0', ()) == {
            "till_basketline"
        }
        return
    assert scanned('SELECT COUNT(*) FROM "till_refund" U0 WHERE U0."reason" = %s', ("x",)) == {"till_refund"}
    assert scanned('SELECT "total_minor" FROM "till_sale" WHERE "school_id" = %s', ("x",)) == {"till_sale"}
    assert not scanned('SELECT 1 FROM "till_sale" WHERE "id" = %s', ("x",))
