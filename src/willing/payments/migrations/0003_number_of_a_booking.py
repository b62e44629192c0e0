"""A booking says which of its statement's it is, so that all are tried and listed in the bank's order."""

from typing import Any

from django.db import migrations, models

from willing.core.triggers import Statements, set_aside

ASIDE, BACK = set_aside("payments_statementline")
# The order of those that are stored already is not known; their ids give each a number of its own.
NUMBER = """
UPDATE payments_statementline SET number = (
    SELECT COUNT(*) FROM payments_statementline other
    WHERE other.statement_id = payments_statementline.statement_id AND other.id <= payments_statementline.id
)
"""


def number(_apps: Any, schema_editor: Any) -> None:
    schema_editor.execute(NUMBER, params=None)
    if schema_editor.connection.vendor == "postgresql":
        # The references are checked now: a table with checks that wait can't be altered.
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE", params=None)


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0002_triggers"),
    ]

    operations = [
        ASIDE,
        migrations.AddField(
            model_name="statementline",
            name="number",
            field=models.PositiveIntegerField(default=0),
            preserve_default=False,
        ),
        Statements(number),
        migrations.AddConstraint(
            model_name="statementline",
            constraint=models.UniqueConstraint(
                fields=("statement", "number"), name="statement_line_numbered_once"
            ),
        ),
        BACK,
    ]
