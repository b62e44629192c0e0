"""Notices, decisions, and who was told."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import willing.core.clock
import willing.core.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=willing.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("canteen", "Canteen"),
                            ("shop", "School shop"),
                            ("gate", "School gate"),
                            ("library", "Library"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "reader",
                    models.CharField(
                        choices=[
                            ("adult", "Adult, about a child"),
                            ("child", "Child"),
                            ("self", "Adult, about themselves"),
                        ],
                        max_length=8,
                    ),
                ),
                ("language", models.CharField(max_length=10)),
                ("version", models.PositiveIntegerField()),
                ("text", models.TextField()),
                ("sha256", models.CharField(max_length=64)),
                ("terms", models.JSONField(default=dict)),
                ("is_material", models.BooleanField(default=True)),
                ("published_at", models.DateTimeField(default=willing.core.clock.now)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("purpose", "reader", "language", "version"), name="notice_version_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField()),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("canteen", "Canteen"),
                            ("shop", "School shop"),
                            ("gate", "School gate"),
                            ("library", "Library"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "answer",
                    models.CharField(
                        choices=[("yes", "Yes"), ("no", "No"), ("withdrawn", "Withdrawn")], max_length=10
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("link", "Consent link"),
                            ("desk", "Enrolment desk"),
                            ("till", "At the till"),
                            ("paper", "On paper"),
                            ("verbal", "In conversation with staff"),
                            ("portal", "Family page"),
                            ("journal", "Journal of refusals, after a restore"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "form_id",
                    models.UUIDField(blank=True, help_text="The signed consent form", null=True),
                ),
                ("at", models.DateTimeField(default=willing.core.clock.now)),
                (
                    "guardian",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty where the person decided about themselves",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="people.guardian",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="people.person",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "notice",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="consent.notice"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("canteen", "Canteen"),
                            ("shop", "School shop"),
                            ("gate", "School gate"),
                            ("library", "Library"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("link", "Consent link"),
                            ("desk", "Enrolment desk"),
                            ("till", "At the till"),
                            ("paper", "On paper"),
                            ("verbal", "In conversation with staff"),
                            ("portal", "Family page"),
                            ("journal", "Journal of refusals, after a restore"),
                        ],
                        max_length=8,
                    ),
                ),
                ("at", models.DateTimeField(default=willing.core.clock.now)),
                (
                    "guardian",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notifications",
                        to="people.guardian",
                    ),
                ),
                (
                    "notice",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="consent.notice"),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notifications",
                        to="people.person",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Undo",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(default=willing.core.clock.now)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "decision",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="undo",
                        to="consent.decision",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Excuse",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("not_found", "Can't be found"),
                            ("capacity", "Lacks the mental capacity to decide"),
                            ("welfare", "The child's welfare requires that they are not contacted"),
                            ("other", "Can't reasonably be notified for another reason"),
                        ],
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField(default=willing.core.clock.now)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "guardian",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="excuses",
                        to="people.guardian",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="excuses",
                        to="people.person",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason__in", ["not_found", "capacity", "welfare", "other"])),
                        name="excuse_reason_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("guardian", "person"),
                        name="excused_once_at_a_time",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(fields=["person", "purpose"], name="decision_person_purpose"),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.UniqueConstraint(
                condition=models.Q(("form_id__isnull", False)),
                fields=("form_id",),
                name="decision_of_one_paper",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.UniqueConstraint(fields=("person", "number"), name="decision_numbered_once"),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__gte", 1)), name="decision_number_from_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(("answer__in", ["yes", "no", "withdrawn"])), name="decision_answer_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(("purpose__in", ["canteen", "shop", "gate", "library"])),
                name="decision_purpose_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.UniqueConstraint(
                fields=("guardian", "person", "purpose", "notice"), name="notified_once_a_notice"
            ),
        ),
    ]
