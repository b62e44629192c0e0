"""Entitlements, and what happens to what is left of a sum."""

import datetime as dt

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import willing.core.clock
import willing.core.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "0009_cashier_required"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Entitlement",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=willing.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("meal", "A main meal a day"), ("sum", "A sum a day")], max_length=4
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("school", "The school's own"),
                            ("infant", "Universal infant free meals"),
                            ("benefits", "Benefits-related"),
                            ("transitional", "Transitional protection"),
                            ("fund", "A fund or donation"),
                            ("other", "Another source, named by the school"),
                        ],
                        max_length=12,
                    ),
                ),
                ("source_name", models.CharField(blank=True, default="", max_length=60)),
                ("family_minor", models.PositiveIntegerField(null=True)),
                ("daily_minor", models.PositiveIntegerField(null=True)),
                ("first_day", models.DateField()),
                ("last_day", models.DateField(null=True)),
                ("check_on", models.DateField(null=True)),
                ("set_at", models.DateTimeField(default=willing.core.clock.now)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entitlements",
                        to="people.person",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["first_day", "source", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("person", "source", "source_name", "first_day"),
                        name="entitlement_of_a_source_begins_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("daily_minor__isnull", True),
                                ("family_minor__isnull", False),
                                ("kind", "meal"),
                            ),
                            models.Q(("daily_minor__gt", 0), ("family_minor__isnull", True), ("kind", "sum")),
                            _connector="OR",
                        ),
                        name="entitlement_to_a_meal_or_a_sum",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("last_day__isnull", True),
                            ("last_day__gte", models.F("first_day")),
                            _connector="OR",
                        ),
                        name="entitlement_has_a_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("source", "other"), models.Q(("source_name", ""), _negated=True)),
                            models.Q(
                                ("source__in", ["school", "infant", "benefits", "transitional", "fund"]),
                                ("source_name", ""),
                            ),
                            _connector="OR",
                        ),
                        name="entitlement_names_another_source",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="UnspentRules",
            fields=[
                (
                    "school",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="unspent_rules",
                        serialize=False,
                        to="people.school",
                    ),
                ),
                (
                    "rule",
                    models.CharField(
                        choices=[
                            ("keep", "The pupil keeps it, up to a bound"),
                            ("breakfast", "It can be spent on breakfast the next school day"),
                            ("return", "It goes back to the fund"),
                        ],
                        default="keep",
                        max_length=9,
                    ),
                ),
                ("days_max", models.PositiveSmallIntegerField(default=5)),
                ("breakfast_until", models.TimeField(default=dt.time(9, 0))),
                ("set_at", models.DateTimeField(default=willing.core.clock.now)),
                (
                    "user",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("rule__in", ["keep", "breakfast", "return"])),
                        name="unspent_rule_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("days_max__gte", 1), ("days_max__lte", 60)),
                        name="unspent_days_1_to_60",
                    ),
                ],
            },
        ),
    ]
