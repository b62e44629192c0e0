"""Which cashier is on at a terminal."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import willing.core.clock


class Migration(migrations.Migration):
    dependencies = [
        ("terminals", "0005_reader"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SignOn",
            fields=[
                (
                    "terminal",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="sign_on",
                        serialize=False,
                        to="terminals.terminal",
                    ),
                ),
                ("session_version", models.PositiveIntegerField()),
                ("signed_on_at", models.DateTimeField(default=willing.core.clock.now)),
                ("seen_at", models.DateTimeField(default=willing.core.clock.now)),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sign_on",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
    ]
