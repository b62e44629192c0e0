"""A migration on SQLite keeps every trigger, of the table and of those that read it."""

import pytest
from django.db import IntegrityError, connection, models

from willing.people.models import School

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps them by itself")


def triggers():
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name")
        return cursor.fetchall()


def field(kind, name, **options):
    made = kind(**options)
    made.set_attributes_from_name(name)
    made.model = School
    return made


@pytest.fixture
def editor(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TRIGGER people_school_probe BEFORE DELETE ON people_school "
            "BEGIN SELECT RAISE(ABORT, '100% kept'); END"
        )
    with connection.schema_editor() as opened:
        yield opened


@pytest.mark.parametrize(
    ("kind", "options", "value"),
    [
        (models.CharField, {"max_length": 9, "default": "it's 5%"}, "it's 5%"),
        (models.PositiveIntegerField, {"default": 3}, 3),
        (models.BooleanField, {"default": True}, 1),
        (models.CharField, {"max_length": 9, "default": "x", "db_index": True}, "x"),
        (models.DateField, {"null": True}, None),
        # These make the table anew.
        (models.CharField, {"max_length": 9, "null": True, "unique": True}, None),
        (
            models.ForeignKey,
            {"to": School, "null": True, "on_delete": models.CASCADE, "related_name": "+"},
            None,
        ),
    ],
)
def test_a_column_is_added_and_every_trigger_stays(editor, kind, options, value):
    before = triggers()
    added = field(kind, "probe", **options)
    editor.add_field(School, added)
    assert triggers() == before
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {added.column} FROM people_school")
        assert [row[0] for row in cursor.fetchall()] == [value]


def test_a_table_that_is_made_anew_still_refuses_what_its_trigger_refuses(editor):
    before = triggers()
    old, new = School._meta.get_field("name"), field(models.CharField, "name", max_length=300)
    editor.alter_field(School, old, new)
    assert triggers() == before
    with pytest.raises(IntegrityError, match="100% kept"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM people_school")


def test_a_number_that_may_not_be_negative_is_held_to_it_in_the_database(editor):
    editor.add_field(School, field(models.PositiveIntegerField, "probe", default=3))
    with pytest.raises(IntegrityError), connection.cursor() as cursor:
        cursor.execute("UPDATE people_school SET probe = -1")
