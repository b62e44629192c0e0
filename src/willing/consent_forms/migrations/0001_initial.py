"""The scans of signed forms, sealed."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import willing.core.clock


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ConsentForm",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[("pdf", "PDF"), ("jpeg", "JPEG"), ("png", "PNG")], max_length=4
                    ),
                ),
                ("size_bytes", models.PositiveIntegerField(help_text="Of the scan, before it was encrypted")),
                ("sealed", models.BinaryField()),
                ("at", models.DateTimeField(default=willing.core.clock.now)),
                (
                    "kept_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consent_forms",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["pdf", "jpeg", "png"])),
                        name="consent_form_kind_known",
                    )
                ],
            },
        ),
    ]
