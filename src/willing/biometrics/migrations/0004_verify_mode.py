"""Verification (1:1), suspension, look-alikes, ageing, and galleries whose secret can be replaced."""

from importlib import import_module
from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import willing.core.clock
from willing.core.triggers import create, drop

# SQLite makes the table of templates anew for a constraint, which would lose its triggers.
RULES = import_module("willing.biometrics.migrations.0003_triggers").RULES


def name_secrets(apps: Any, schema_editor: Any) -> None:
    """Say which secret each gallery uses: until now the one that carries its school's id."""
    states = apps.get_model("biometrics", "GalleryState").objects.using(schema_editor.connection.alias)
    states.update(secret_id=models.F("school_id"))


class Migration(migrations.Migration):
    dependencies = [
        ("biometrics", "0003_triggers"),
        ("consent", "0003_triggers"),
        ("people", "0003_birth_date"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        drop(RULES),
        migrations.CreateModel(
            name="Alike",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "likeness",
                    models.CharField(
                        choices=[
                            ("lookalike", "Two people who look alike"),
                            ("duplicate", "Probably one person under two names"),
                        ],
                        max_length=10,
                    ),
                ),
                ("found_at", models.DateTimeField(default=willing.core.clock.now)),
            ],
        ),
        migrations.CreateModel(
            name="FaceRules",
            fields=[
                (
                    "school",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="face_rules",
                        serialize=False,
                        to="people.school",
                    ),
                ),
                (
                    "mode",
                    models.CharField(
                        blank=True,
                        choices=[("identify", "Found among all"), ("verify", "Only together with a card")],
                        max_length=8,
                    ),
                ),
                ("mode_reason", models.CharField(blank=True, max_length=500)),
                ("mode_at", models.DateTimeField(null=True)),
                ("filing_reference", models.CharField(blank=True, max_length=100)),
                ("filed_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="OwnScores",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField(help_text="Its first day")),
                ("looks", models.PositiveIntegerField()),
                ("hundredths", models.IntegerField()),
            ],
        ),
        migrations.AddField(
            model_name="facesession",
            name="claimed",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.person"
            ),
        ),
        migrations.AddField(
            model_name="facesession",
            name="mode",
            field=models.CharField(
                choices=[("identify", "Found among all"), ("verify", "Only together with a card")],
                default="identify",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="gallerystate",
            name="secret_id",
            field=models.UUIDField(null=True),
        ),
        migrations.RunPython(name_secrets, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="gallerystate",
            name="secret_id",
            field=models.UUIDField(),
        ),
        migrations.AddField(
            model_name="template",
            name="suspended_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="template",
            name="suspended_for",
            field=models.CharField(
                blank=True,
                choices=[
                    ("wrong_person", "Somebody was taken for somebody else"),
                    ("asked", "The family asked for a pause"),
                    ("office", "The office paused it"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="facesession",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("claimed__isnull", False), ("mode", "verify"), ("state", "open")),
                    models.Q(
                        models.Q(("mode", "verify"), ("state", "open"), _negated=True),
                        ("claimed__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="session_claims_while_it_verifies",
            ),
        ),
        migrations.AddConstraint(
            model_name="facesession",
            constraint=models.CheckConstraint(
                condition=models.Q(("mode__in", ["identify", "verify"])), name="session_mode_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="template",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("suspended_at__isnull", True), ("suspended_for", "")),
                    models.Q(
                        ("suspended_at__isnull", False),
                        ("suspended_for__in", ["wrong_person", "asked", "office"]),
                    ),
                    _connector="OR",
                ),
                name="template_suspended_with_a_reason",
            ),
        ),
        migrations.AddField(
            model_name="alike",
            name="one",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="alike_one",
                to="biometrics.template",
            ),
        ),
        migrations.AddField(
            model_name="alike",
            name="other",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="alike_other",
                to="biometrics.template",
            ),
        ),
        migrations.AddField(
            model_name="facerules",
            name="filed_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="filings_recorded",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="facerules",
            name="mode_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="face_modes_decided",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="ownscores",
            name="template",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="own_scores",
                to="biometrics.template",
            ),
        ),
        migrations.AddConstraint(
            model_name="alike",
            constraint=models.UniqueConstraint(fields=("one", "other"), name="alike_found_once"),
        ),
        migrations.AddConstraint(
            model_name="alike",
            constraint=models.CheckConstraint(
                condition=models.Q(("one__lt", models.F("other"))), name="alike_in_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="alike",
            constraint=models.CheckConstraint(
                condition=models.Q(("likeness__in", ["lookalike", "duplicate"])), name="alike_likeness_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="facerules",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("mode", ""),
                    models.Q(
                        ("mode__in", ["identify", "verify"]),
                        ("mode_at__isnull", False),
                        ("mode_by__isnull", False),
                        models.Q(("mode_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="face_mode_decided_by_somebody_for_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="facerules",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("filing_reference", ""),
                    models.Q(("filed_at__isnull", False), ("filed_by__isnull", False)),
                    _connector="OR",
                ),
                name="filing_recorded_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="ownscores",
            constraint=models.UniqueConstraint(fields=("template", "month"), name="own_scores_once_a_month"),
        ),
        migrations.AddConstraint(
            model_name="ownscores",
            constraint=models.CheckConstraint(
                condition=models.Q(("looks__gte", 1)), name="own_scores_of_a_look_at_least"
            ),
        ),
        create(RULES),
    ]
