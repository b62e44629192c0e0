"""A migration may change rows that nothing else may change, and only while it runs."""

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from willing.core.triggers import set_aside

TABLE = "consent_decision"


def change_all() -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {TABLE} SET id = id")
        return int(cursor.rowcount)


def run(operation: Any) -> None:
    with connection.schema_editor() as editor:
        operation.code(None, editor)


def test_triggers_that_are_set_aside_let_a_migration_through_and_hold_again_after_it(cast: Any) -> None:
    before, after = set_aside(TABLE)
    with pytest.raises(DatabaseError, match="immutable"):
        change_all()
    run(before)
    assert change_all() > 0
    run(after)
    with pytest.raises(DatabaseError, match="immutable"):
        change_all()
