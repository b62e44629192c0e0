"""A sale says itself in which day of a drawer it was sold, however it was paid; it stays in it."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from willing.core.triggers import Statements, Trigger, create, set_aside

ASIDE, BACK = set_aside("till_sale", "till_cashpayment")
RULES = [
    Trigger(
        "till_sale",
        "stays_in_its_drawer_session",
        "UPDATE",
        "NEW.drawer_session_id IS NOT OLD.drawer_session_id",
        "a sale stays in the day of the drawer in which it was sold",
        on_postgresql="NEW.drawer_session_id IS DISTINCT FROM OLD.drawer_session_id",
    ),
]
COPY = """
UPDATE till_sale SET drawer_session_id =
(SELECT p.session_id FROM till_cashpayment p WHERE p.sale_id = till_sale.id) WHERE way = 'cash'
"""


def copy(_apps: Any, schema_editor: Any) -> None:
    schema_editor.execute(COPY, params=None)
    if schema_editor.connection.vendor == "postgresql":
        # The references are checked now: a table with checks that wait can't be altered.
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE", params=None)


class Migration(migrations.Migration):
    dependencies = [
        ("drawers", "0002_triggers"),
        ("people", "0001_initial"),
        ("terminals", "0003_printer"),
        ("till", "0006_indexes_of_what_grows"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        ASIDE,
        migrations.RemoveConstraint(
            model_name="sale",
            name="sale_of_a_person_or_in_cash",
        ),
        migrations.AddField(
            model_name="sale",
            name="drawer_session",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="drawers.drawersession",
            ),
        ),
        Statements(copy),
        migrations.RemoveField(
            model_name="cashpayment",
            name="session",
        ),
        migrations.AddConstraint(
            model_name="sale",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("cash_minor", 0), ("person__isnull", False), models.Q(("way", "cash"), _negated=True)
                    ),
                    models.Q(
                        ("cash_minor", models.F("total_minor")),
                        ("drawer_session__isnull", False),
                        ("person__isnull", True),
                        ("way", "cash"),
                    ),
                    _connector="OR",
                ),
                name="sale_of_a_person_or_in_cash",
            ),
        ),
        BACK,
        create(RULES),
    ]
