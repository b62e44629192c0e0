"""Purchases that look like duplicates."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import willing.core.clock
import willing.core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("meals", "0001_initial"),
        ("people", "0011_infants"),
        ("till", "0012_repeats"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Duplicate",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=willing.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("refunded", "Refunded"), ("meant", "Meant")],
                        default="open",
                        max_length=8,
                    ),
                ),
                ("is_certain", models.BooleanField(default=False)),
                ("found_at", models.DateTimeField(default=willing.core.clock.now)),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "charged_again",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="till.sale",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "first",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="till.sale"
                    ),
                ),
                (
                    "refund",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="till.refund",
                    ),
                ),
                (
                    "school",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="people.school"
                    ),
                ),
                (
                    "second",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="duplicate", to="till.sale"
                    ),
                ),
            ],
            options={
                "ordering": ["-found_at", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("refund", None), ("state", "open")),
                            models.Q(("refund__isnull", False), ("state", "refunded")),
                            ("state", "meant"),
                            _connector="OR",
                        ),
                        name="duplicate_refunded_with_a_refund",
                    )
                ],
            },
        ),
    ]
