"""A row of a prepared model is saved as any other is; only its statement is not put together anew."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F
from django.db.models.sql.compiler import SQLInsertCompiler, SQLUpdateCompiler
from django.test.utils import CaptureQueriesContext
from tests.support.school import Cast

from willing.audit.models import Entry, Head
from willing.core.ids import new_id
from willing.core.prepared_rows import PreparedModel
from willing.terminals.models import Terminal
from willing.till.models import Basket, BasketLine

FREE = 1_000_001  # a sequence number that no entry has yet
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def entry(number: int, **fields: object) -> Entry:
    known = {
        "at": NOON,
        "event": "test.done",
        "hashed": b"a",
        "entry_hash": b"b" * 32,
        "chain_hash": b"c" * 32,
    }
    return Entry(sequence=number, **known | fields)


@pytest.fixture
def never_compiled(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in (SQLInsertCompiler, SQLUpdateCompiler):
        monkeypatch.setattr(kind, "as_sql", lambda _one: pytest.fail("Django put it together"))


@pytest.mark.usefixtures("never_compiled")
def test_a_new_row_holds_what_it_was_given_and_is_known_to_be_there() -> None:
    subject = uuid4()
    new = entry(FREE, subject=subject, personal_json=None)
    with CaptureQueriesContext(connection) as queries:
        new.save(force_insert=True)
    assert len(queries) == 1
    assert (new._state.adding, new._state.db) == (False, "default")
    found = Entry.objects.get(pk=FREE)
    assert (found.at, found.subject, bytes(found.entry_hash)) == (NOON, subject, b"b" * 32)
    assert found.personal_json is None


@pytest.mark.usefixtures("never_compiled")
def test_a_row_that_is_there_already_is_refused() -> None:
    entry(FREE).save(force_insert=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        entry(FREE).save(force_insert=True)


@pytest.mark.usefixtures("never_compiled")
def test_only_the_named_fields_of_that_row_are_changed() -> None:
    head = Head.objects.get(pk=1)
    before = bytes(head.chain_hash)
    after = head.sequence + 9
    head.sequence, head.newest_at, head.chain_hash = after, NOON, b"d" * 32
    with CaptureQueriesContext(connection) as queries:
        head.save(update_fields=["sequence", "newest_at"])
    assert len(queries) == 1
    found = Head.objects.get(pk=1)
    assert (found.sequence, found.newest_at, bytes(found.chain_hash)) == (after, NOON, before)
    found.sequence, found.newest_at = after + 1, None
    found.save(update_fields=["sequence", "newest_at"])
    assert Head.objects.get(pk=1).newest_at is None


@pytest.mark.usefixtures("never_compiled")
def test_a_row_that_has_gone_is_not_changed_in_silence() -> None:
    head = Head.objects.get()
    head.pk = 2
    with pytest.raises(DatabaseError, match="did not affect any rows"):
        head.save(update_fields=["sequence"])
    assert Head.objects.get().pk == 1


@pytest.mark.usefixtures("never_compiled")
def test_a_row_that_the_database_numbers_knows_its_number(cast: Cast) -> None:
    terminal = Terminal.objects.filter(school=cast.school).first()
    basket = Basket(id=new_id(), terminal=terminal)
    basket.save(force_insert=True)
    line = BasketLine(basket=basket, product=cast.meal, quantity=3, price_minor=1, listed_minor=1)
    line.save(force_insert=True)
    assert line.pk is not None
    assert BasketLine.objects.get(pk=line.pk).quantity == 3


def test_an_expression_is_left_to_django(db: Path) -> None:
    head = Head.objects.get(pk=1)
    before = head.sequence
    head.sequence = F("sequence") + 4
    head.save(update_fields=["sequence"])
    head.refresh_from_db()
    head.sequence += 1
    head.save()  # all its fields, and an INSERT should it not be there
    assert Head.objects.get(pk=1).sequence == before + 5


def test_no_prepared_model_has_what_its_statements_leave_out() -> None:
    for model in PreparedModel.__subclasses__():
        assert not model._meta.parents, "a row of two tables"
