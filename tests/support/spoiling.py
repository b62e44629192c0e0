"""Rows as nobody may write them: with the database's own rules set aside."""

from typing import Any, cast

from django.apps import apps
from django.db import connection

from willing.core.triggers import set_aside


def without_rules(*tables: str) -> None:
    """Take the triggers of tables away (on SQLite those of all), for the rest of a test."""
    aside, _back = set_aside(*tables)
    with connection.schema_editor() as editor:
        aside.code(cast("Any", apps), editor)
