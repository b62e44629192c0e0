"""A person has limits of each of their guardians and of the office, for a purchase and a week as well."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import willing.core.clock


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0001_initial"),
        ("till", "0003_voids"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.DeleteModel(name="Limits"),
        migrations.CreateModel(
            name="SpendingLimits",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("purchase_minor", models.PositiveIntegerField(null=True)),
                ("daily_minor", models.PositiveIntegerField(null=True)),
                ("weekly_minor", models.PositiveIntegerField(null=True)),
                ("face_daily_minor", models.PositiveIntegerField(null=True)),
                ("set_at", models.DateTimeField(default=willing.core.clock.now)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("face_daily_minor__isnull", True),
                            ("daily_minor__isnull", True),
                            ("face_daily_minor__lte", models.F("daily_minor")),
                            _connector="OR",
                        ),
                        name="face_limit_within_the_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("face_daily_minor__isnull", True),
                            ("weekly_minor__isnull", True),
                            ("face_daily_minor__lte", models.F("weekly_minor")),
                            _connector="OR",
                        ),
                        name="face_limit_within_the_week",
                    ),
                ]
            },
        ),
        migrations.AddField(
            model_name="schoollimits", name="purchase_minor", field=models.PositiveIntegerField(null=True)
        ),
        migrations.AddField(
            model_name="schoollimits", name="weekly_minor", field=models.PositiveIntegerField(null=True)
        ),
        migrations.AddConstraint(
            model_name="schoollimits",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("face_daily_minor__isnull", True),
                    ("weekly_minor__isnull", True),
                    ("face_daily_minor__lte", models.F("weekly_minor")),
                    _connector="OR",
                ),
                name="school_face_limit_within_the_week",
            ),
        ),
        migrations.AddField(
            model_name="spendinglimits",
            name="guardian",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, to="people.guardian"
            ),
        ),
        migrations.AddField(
            model_name="spendinglimits",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="limits", to="people.person"
            ),
        ),
        migrations.AddField(
            model_name="spendinglimits",
            name="user",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="spendinglimits",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("guardian__isnull", False), ("user__isnull", True)),
                    models.Q(("guardian__isnull", True), ("user__isnull", False)),
                    _connector="OR",
                ),
                name="limits_set_by_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="spendinglimits",
            constraint=models.UniqueConstraint(fields=("person", "guardian"), name="one_limits_a_guardian"),
        ),
        migrations.AddConstraint(
            model_name="spendinglimits",
            constraint=models.UniqueConstraint(
                condition=models.Q(("guardian", None)), fields=("person",), name="one_limits_of_the_office"
            ),
        ),
    ]
