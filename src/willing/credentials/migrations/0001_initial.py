"""Cards, PINs and failed attempts."""

import django.db.models.deletion
from django.db import migrations, models

import willing.core.clock
import willing.core.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "0001_initial"),
        ("terminals", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Pin",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="pin",
                        serialize=False,
                        to="people.person",
                    ),
                ),
                ("hashed", models.CharField(max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name="PinAttempts",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("wrong_attempts", models.PositiveSmallIntegerField(default=0)),
                ("unfinished", models.PositiveSmallIntegerField(default=0)),
                ("locked_until", models.DateTimeField(blank=True, null=True)),
                ("at", models.DateTimeField(db_index=True, default=willing.core.clock.now)),
            ],
        ),
        migrations.CreateModel(
            name="Card",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=willing.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("issued_at", models.DateTimeField(default=willing.core.clock.now)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="cards", to="people.person"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="FailedAttempt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("card", "Card or code"),
                            ("pin", "PIN"),
                            ("face", "Face"),
                            ("staff", "Staff look-up"),
                        ],
                        max_length=8,
                    ),
                ),
                ("code", models.CharField(max_length=32)),
                ("at", models.DateTimeField(db_index=True, default=willing.core.clock.now)),
                (
                    "terminal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="failed_attempts",
                        to="terminals.terminal",
                    ),
                ),
            ],
        ),
    ]
