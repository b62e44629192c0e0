"""Terminals and the keys of their requests."""

import django.db.models.deletion
from django.db import migrations, models

import willing.core.clock
import willing.core.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Terminal",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=willing.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("canteen", "Canteen"),
                            ("shop", "School shop"),
                            ("gate", "School gate"),
                            ("library", "Library"),
                        ],
                        default="canteen",
                        max_length=16,
                    ),
                ),
                (
                    "location",
                    models.CharField(
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
                ("takes_card", models.BooleanField(default=True)),
                ("takes_pin", models.BooleanField(default=True)),
                ("takes_face", models.BooleanField(default=False)),
                ("takes_staff", models.BooleanField(default=True)),
                ("pairing_digest", models.CharField(blank=True, max_length=64)),
                ("pairing_expires_at", models.DateTimeField(blank=True, null=True)),
                ("token_digest", models.CharField(blank=True, db_index=True, max_length=64)),
                (
                    "device",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("kiosk", "The till's page in a browser"),
                            ("api", "Third-party till"),
                        ],
                        max_length=8,
                    ),
                ),
                ("session_key", models.CharField(blank=True, max_length=40)),
                ("may_refund", models.BooleanField(default=False)),
                ("paired_at", models.DateTimeField(blank=True, null=True)),
                ("retired_at", models.DateTimeField(blank=True, null=True)),
                (
                    "school",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="terminals",
                        to="people.school",
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="RequestKey",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=willing.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("key_digest", models.CharField(max_length=64)),
                ("request_digest", models.CharField(max_length=64)),
                ("outcome", models.UUIDField(null=True)),
                ("created_at", models.DateTimeField(db_index=True, default=willing.core.clock.now)),
                (
                    "terminal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="request_keys",
                        to="terminals.terminal",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="terminal",
            constraint=models.CheckConstraint(
                condition=models.Q(("takes_card", True), ("takes_pin", True), _connector="OR"),
                name="terminal_has_a_way_without_face",
            ),
        ),
        migrations.AddConstraint(
            model_name="terminal",
            constraint=models.CheckConstraint(
                condition=models.Q(("purpose__in", ["canteen", "shop", "gate", "library"])),
                name="terminal_purpose_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="terminal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("takes_face", False),
                    ("location__in", ["canteen", "shop", "gate", "library", "corridor", "other"]),
                    _connector="OR",
                ),
                name="terminal_no_face_where_people_sleep_or_undress",
            ),
        ),
        migrations.AddConstraint(
            model_name="terminal",
            constraint=models.UniqueConstraint(
                fields=("school", "name"), name="terminal_name_unique_in_school"
            ),
        ),
        migrations.AddConstraint(
            model_name="terminal",
            constraint=models.CheckConstraint(
                condition=models.Q(("may_refund", False), ("device", "api"), _connector="OR"),
                name="terminal_refunds_over_the_api_only",
            ),
        ),
        migrations.AddConstraint(
            model_name="requestkey",
            constraint=models.UniqueConstraint(
                fields=("terminal", "key_digest"), name="request_key_once_a_terminal"
            ),
        ),
    ]
