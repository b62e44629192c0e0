"""A template that can't be read is suspended by itself; a key outlives its template only as a line here."""

from importlib import import_module

from django.conf import settings
from django.db import migrations, models

import willing.core.clock
from willing.core.triggers import create, drop

# SQLite makes the table of templates anew for a constraint, which would lose its triggers.
RULES = import_module("willing.biometrics.migrations.0003_triggers").RULES


class Migration(migrations.Migration):
    dependencies = [
        ("biometrics", "0006_template_unconfirmed_since"),
        ("consent", "0005_decisions_numbered"),
        ("people", "0004_sign_in"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        drop(RULES),
        migrations.CreateModel(
            name="KeyToDestroy",
            fields=[
                ("key_id", models.UUIDField(primary_key=True, serialize=False)),
                ("person_id", models.UUIDField(db_index=True)),
                ("cause", models.CharField(blank=True, max_length=32)),
                ("since", models.DateTimeField(default=willing.core.clock.now)),
                ("receipt", models.PositiveBigIntegerField(null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="template",
            name="template_suspended_with_a_reason",
        ),
        migrations.AlterField(
            model_name="template",
            name="suspended_for",
            field=models.CharField(
                blank=True,
                choices=[
                    ("wrong_person", "Somebody was taken for somebody else"),
                    ("asked", "The family asked for a pause"),
                    ("office", "The office paused it"),
                    ("damaged", "What is stored of it can't be read"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="template",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("suspended_at__isnull", True), ("suspended_for", "")),
                    models.Q(
                        ("suspended_at__isnull", False),
                        ("suspended_for__in", ["wrong_person", "asked", "office", "damaged"]),
                    ),
                    _connector="OR",
                ),
                name="template_suspended_with_a_reason",
            ),
        ),
        create(RULES),
    ]
