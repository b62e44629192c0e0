"""Sealed templates and face sessions."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import willing.core.clock
import willing.core.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("consent", "0001_initial"),
        ("people", "0001_initial"),
        ("terminals", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="KeyToDestroy",
            fields=[
                ("key_id", models.UUIDField(primary_key=True, serialize=False)),
                ("person_id", models.UUIDField(db_index=True)),
                ("cause", models.CharField(blank=True, max_length=32)),
                ("since", models.DateTimeField(default=willing.core.clock.now)),
                ("receipt", models.PositiveBigIntegerField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Template",
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
                    "mode",
                    models.CharField(
                        choices=[
                            ("identify", "Search among everyone enrolled"),
                            ("verify", "Only together with a card or PIN"),
                        ],
                        default="identify",
                        max_length=8,
                    ),
                ),
                ("sealed", models.BinaryField()),
                ("key_id", models.UUIDField(unique=True)),
                ("model_id", models.CharField(max_length=100)),
                ("references", models.PositiveSmallIntegerField()),
                ("enrolled_at", models.DateTimeField(default=willing.core.clock.now)),
                ("suspended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "suspended_for",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("wrong_person", "Wrong recognition"),
                            ("asked", "Requested by the family"),
                            ("office", "Suspended by the office"),
                            ("damaged", "The stored data can't be read"),
                        ],
                        max_length=16,
                    ),
                ),
                ("unconfirmed_since", models.DateTimeField(blank=True, null=True)),
                (
                    "enrolled_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "guardian_decision",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="templates_by_guardian_yes",
                        to="consent.decision",
                    ),
                ),
                (
                    "own_decision",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="templates_by_own_yes",
                        to="consent.decision",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="templates",
                        to="people.person",
                    ),
                ),
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
                ("uses", models.PositiveIntegerField()),
                ("hundredths", models.IntegerField()),
                (
                    "template",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="own_scores",
                        to="biometrics.template",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LookalikePair",
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
                (
                    "one",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="alike_one",
                        to="biometrics.template",
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="alike_other",
                        to="biometrics.template",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="FacePolicy",
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
                        choices=[
                            ("identify", "Search among everyone enrolled"),
                            ("verify", "Only together with a card or PIN"),
                        ],
                        max_length=8,
                    ),
                ),
                ("mode_reason", models.CharField(blank=True, max_length=500)),
                ("mode_at", models.DateTimeField(null=True)),
                ("filing_reference", models.CharField(blank=True, max_length=100)),
                ("filed_at", models.DateTimeField(null=True)),
                (
                    "filed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="filings_recorded",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "mode_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="face_modes_decided",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
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
                    models.CheckConstraint(
                        condition=models.Q(
                            ("filing_reference", ""),
                            models.Q(("filed_at__isnull", False), ("filed_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="filing_recorded_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FaceSession",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
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
                ("occasion_id", models.UUIDField(db_index=True)),
                ("number", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "In progress"),
                            ("matched", "Recognised"),
                            ("ambiguous", "Not sure"),
                            ("unknown", "Not recognised"),
                            ("stopped", "Stopped"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                (
                    "mode",
                    models.CharField(
                        choices=[
                            ("identify", "Search among everyone enrolled"),
                            ("verify", "Only together with a card or PIN"),
                        ],
                        default="identify",
                        max_length=8,
                    ),
                ),
                ("opened_at", models.DateTimeField(default=willing.core.clock.now)),
                ("expires_at", models.DateTimeField()),
                ("first_frame_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "claimed",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="face_sessions",
                        to="people.person",
                    ),
                ),
                (
                    "school",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="face_sessions",
                        to="people.school",
                    ),
                ),
                (
                    "terminal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="face_sessions",
                        to="terminals.terminal",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("person__isnull", False), ("state", "matched")),
                            models.Q(models.Q(("state", "matched"), _negated=True), ("person__isnull", True)),
                            _connector="OR",
                        ),
                        name="session_names_only_the_matched",
                    ),
                    models.CheckConstraint(
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
                    models.CheckConstraint(
                        condition=models.Q(("mode__in", ["identify", "verify"])), name="session_mode_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at__isnull", True), ("state", "open")),
                            models.Q(
                                models.Q(("state", "open"), _negated=True), ("closed_at__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="session_closed_has_a_time",
                    ),
                    models.UniqueConstraint(fields=("occasion_id", "number"), name="session_numbered_once"),
                    models.CheckConstraint(
                        condition=models.Q(("number__gte", 1)), name="session_number_from_one"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")),
                        fields=("occasion_id",),
                        name="one_open_session_an_occasion",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")),
                        fields=("terminal",),
                        name="one_open_session_a_terminal",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GalleryState",
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
                ("secret_id", models.UUIDField()),
                ("generation", models.PositiveBigIntegerField(default=0)),
                (
                    "school",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="people.school"),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("school", "purpose"), name="one_gallery_a_school_and_purpose"
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="template",
            constraint=models.UniqueConstraint(
                fields=("person", "purpose"), name="one_template_a_person_and_purpose"
            ),
        ),
        migrations.AddConstraint(
            model_name="template",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("suspended_at__isnull", True), ("suspended_for", "")),
                    models.Q(
                        ("suspended_at__isnull", False),
                        ("suspended_for__in", ["wrong_person", "asked", "office", "damaged"]),
                    ),
                    _connector="OR",
                ),
                name="template_suspended_with_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="template",
            constraint=models.CheckConstraint(
                condition=models.Q(("references__gte", 3)), name="template_of_three_frames_at_least"
            ),
        ),
        migrations.AddConstraint(
            model_name="template",
            constraint=models.CheckConstraint(
                condition=models.Q(("mode__in", ["identify", "verify"])), name="template_mode_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="template",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("own_decision__isnull", False), ("guardian_decision__isnull", False), _connector="OR"
                ),
                name="template_rests_on_a_decision",
            ),
        ),
        migrations.AddConstraint(
            model_name="ownscores",
            constraint=models.UniqueConstraint(fields=("template", "month"), name="own_scores_once_a_month"),
        ),
        migrations.AddConstraint(
            model_name="ownscores",
            constraint=models.CheckConstraint(
                condition=models.Q(("uses__gte", 1)), name="own_scores_of_a_look_at_least"
            ),
        ),
        migrations.AddConstraint(
            model_name="lookalikepair",
            constraint=models.UniqueConstraint(fields=("one", "other"), name="alike_found_once"),
        ),
        migrations.AddConstraint(
            model_name="lookalikepair",
            constraint=models.CheckConstraint(
                condition=models.Q(("one__lt", models.F("other"))), name="alike_in_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="lookalikepair",
            constraint=models.CheckConstraint(
                condition=models.Q(("likeness__in", ["lookalike", "duplicate"])), name="alike_likeness_known"
            ),
        ),
    ]
