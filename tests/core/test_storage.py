"""A disk that takes no more, or gives back other bytes: refused by name, charged once when it is mended."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, connection
from django.urls import reverse
from tests.api.caller import Till
from tests.pages.kiosk.test_access import at
from tests.support.asking import get

from willing.core.storage import find_refusal
from willing.ledger.queries import available_minor
from willing.till.models import Basket, Sale

pytestmark = pytest.mark.sqlite
NOTHING_CHARGED = "Nothing was charged. Please tell the operator."


def pragma(text: str) -> None:
    connection.ensure_connection()
    connection.connection.execute(f"PRAGMA {text}")


@contextmanager
def nothing_can_be_written() -> Iterator[None]:
    """SQLite itself answers as it does on a disk that turned read-only."""
    pragma("query_only = ON")
    try:
        yield
    finally:
        pragma("query_only = OFF")


def test_a_till_of_another_maker_is_told_by_name_and_charged_once_when_it_is_mended(cast):
    till = Till(cast, cast.till)
    path = f"/baskets/{till.basket(cast)['id']}"
    till.post(f"{path}/identify", {"way": "card", "code": cast.cards["Carl"]})
    with nothing_can_be_written():
        refused = till.post(f"{path}/confirm", key="yes")
    assert (refused.status_code, refused.json()["code"]) == (503, "database_not_writable")
    assert (refused["Retry-After"], refused.json()["title"][-46:]) == ("30", NOTHING_CHARGED)
    assert not Sale.objects.exists()
    assert [till.post(f"{path}/confirm", key="yes").json()["receipt_number"] for _ in range(2)] == [1, 1]
    assert available_minor(cast.person("Carl")) == 1750


def test_the_till_says_so_and_keeps_its_screen(cast):
    till = at(cast.till, cast)
    for headers in ({"HX-Request": "true"}, {}):
        with nothing_can_be_written():
            answer = till.post(reverse("kiosk:add"), {"product": cast.meal.id}, headers=headers)
        assert (answer.status_code, answer["Retry-After"]) == (503, "30")
        assert NOTHING_CHARGED in answer.content.decode()
        assert (answer.get("HX-Retarget") == "#notices") is bool(headers)
    assert not Basket.objects.exists()


@pytest.mark.parametrize("is_async", [False, True])
def test_a_session_that_cannot_be_saved_is_answered_the_same_way(cast, settings, is_async):
    settings.SESSION_SAVE_EVERY_REQUEST = True
    client = at(cast.till, cast)
    with nothing_can_be_written():
        answer = get(client, reverse("kiosk:till"), is_async=is_async)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert NOTHING_CHARGED in answer.content.decode()


def refusal_of(error: Exception) -> str | None:
    found = find_refusal(error)
    return found.code if found else None


def test_a_database_that_does_not_answer_is_no_bug_and_has_a_name(tmp_path):
    import psycopg

    with pytest.raises(psycopg.OperationalError) as refused:
        psycopg.connect(host=str(tmp_path), port=1, dbname="nothing", connect_timeout=2)
    for cause in (refused.value, psycopg.errors.AdminShutdown(), psycopg.errors.ConnectionFailure()):
        error = OperationalError()
        error.__cause__ = cause
        assert refusal_of(error) == "database_not_reachable"
    error = OperationalError()
    error.__cause__ = psycopg.errors.DeadlockDetected()
    assert refusal_of(error) is None


def test_a_full_disk_and_a_damaged_file_have_names_of_their_own(db):
    connection.ensure_connection()
    connection.connection.execute("CREATE TABLE filling (it)")
    pragma("max_page_count = 1")  # as many as there are
    with connection.cursor() as cursor, pytest.raises(OperationalError, match="full") as full:
        cursor.execute("INSERT INTO filling VALUES (zeroblob(1000000))")
    assert refusal_of(full.value) == "database_not_writable"
    connection.close()
    with (db / "default.sqlite3").open("r+b") as file:
        file.write(b"not what was written")
    with pytest.raises(DatabaseError) as damaged:
        Sale.objects.exists()
    assert refusal_of(damaged.value) == "database_damaged"


@pytest.mark.parametrize("state", ["53100", "58030", "25006"])
def test_postgresql_s_names_for_it_are_known(state):
    error = OperationalError("no")
    error.__cause__ = type("Said", (Exception,), {"sqlstate": state})()
    assert refusal_of(error) == "database_not_writable"


def test_a_bug_and_a_conflict_are_none_of_these(db):
    with closing(sqlite3.connect(":memory:")) as memory, pytest.raises(sqlite3.OperationalError) as bug:
        memory.execute("SELECT * FROM nowhere")
    wrapped = OperationalError("no such table")
    wrapped.__cause__ = bug.value
    assert [refusal_of(one) for one in (wrapped, IntegrityError("twice"), ValueError("no"))] == [None] * 3
