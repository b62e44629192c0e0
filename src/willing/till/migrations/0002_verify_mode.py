"""Card and face together, where a terminal stands, and limits."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import willing.core.clock


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0003_birth_date"),
        ("till", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Limits",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="limits",
                        serialize=False,
                        to="people.person",
                    ),
                ),
                (
                    "daily_minor",
                    models.PositiveIntegerField(help_text="By all ways together; empty: none", null=True),
                ),
                (
                    "face_daily_minor",
                    models.PositiveIntegerField(
                        help_text="By the face alone; empty: the school's", null=True
                    ),
                ),
                ("set_at", models.DateTimeField(default=willing.core.clock.now)),
            ],
        ),
        migrations.CreateModel(
            name="SchoolLimits",
            fields=[
                (
                    "school",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="limits",
                        serialize=False,
                        to="people.school",
                    ),
                ),
                ("face_daily_minor", models.PositiveIntegerField()),
                ("set_at", models.DateTimeField(default=willing.core.clock.now)),
            ],
        ),
        migrations.AddField(
            model_name="basket",
            name="claim",
            field=models.CharField(
                blank=True,
                choices=[
                    ("card", "Card or code"),
                    ("pin", "PIN"),
                    ("face", "Face"),
                    ("staff", "Staff look-up"),
                ],
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="terminal",
            name="place_kind",
            field=models.CharField(
                choices=[
                    ("canteen", "Canteen"),
                    ("shop", "Shop"),
                    ("gate", "Gate or entrance"),
                    ("library", "Library"),
                    ("corridor", "Corridor or hall"),
                    ("other", "Somewhere else"),
                    ("toilet", "Toilet or washroom"),
                    ("changing_room", "Changing room"),
                    ("dormitory", "Dormitory room"),
                ],
                default="canteen",
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="basket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("claim", ""), models.Q(("claim__in", ["card", "pin"]), ("way", "face")), _connector="OR"
                ),
                name="basket_claim_confirmed_by_a_face",
            ),
        ),
        migrations.AddConstraint(
            model_name="terminal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("takes_face", False),
                    ("place_kind__in", ["canteen", "shop", "gate", "library", "corridor", "other"]),
                    _connector="OR",
                ),
                name="terminal_no_face_where_people_sleep_or_undress",
            ),
        ),
        migrations.AddField(
            model_name="limits",
            name="guardian",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, to="people.guardian"
            ),
        ),
        migrations.AddField(
            model_name="limits",
            name="user",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="schoollimits",
            name="user",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="limits",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("guardian__isnull", False), ("user__isnull", True)),
                    models.Q(("guardian__isnull", True), ("user__isnull", False)),
                    _connector="OR",
                ),
                name="limits_set_by_one",
            ),
        ),
    ]
