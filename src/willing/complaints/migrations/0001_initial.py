"""What families report and ask for."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import willing.core.clock
import willing.core.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "0001_initial"),
        ("till", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Complaint",
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
                        choices=[
                            ("wrong_charge", "Wrong charge"),
                            ("wrong_recognition", "Wrong recognition"),
                            ("correction", "Correction"),
                            ("objection", "Objection"),
                            ("restriction", "Please stop using our data until this is settled"),
                            ("other", "Something else"),
                        ],
                        max_length=20,
                    ),
                ),
                ("face_session", models.UUIDField(null=True)),
                (
                    "raised_by",
                    models.CharField(
                        choices=[
                            ("guardian", "A guardian"),
                            ("pupil", "The person"),
                            ("office", "The school office, for the family"),
                        ],
                        max_length=8,
                    ),
                ),
                ("raised_at", models.DateTimeField(default=willing.core.clock.now)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("confirmed", "Upheld"),
                            ("not_confirmed", "Not upheld"),
                        ],
                        max_length=16,
                    ),
                ),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="complaints_answered",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "guardian",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="complaints",
                        to="people.guardian",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="complaints",
                        to="people.person",
                    ),
                ),
                (
                    "sale",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="complaints",
                        to="till.sale",
                    ),
                ),
                (
                    "school",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="complaints",
                        to="people.school",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="complaints_taken",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["raised_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="ComplaintWords",
            fields=[
                (
                    "complaint",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="words",
                        serialize=False,
                        to="complaints.complaint",
                    ),
                ),
                ("said", models.CharField(blank=True, max_length=1000)),
                ("answer", models.CharField(blank=True, max_length=1000)),
            ],
        ),
        migrations.AddConstraint(
            model_name="complaint",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "wrong_charge",
                            "wrong_recognition",
                            "correction",
                            "objection",
                            "restriction",
                            "other",
                        ],
                    )
                ),
                name="complaint_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="complaint",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("guardian__isnull", False), ("raised_by", "guardian"), ("user__isnull", True)),
                    models.Q(("guardian__isnull", True), ("raised_by", "pupil"), ("user__isnull", True)),
                    models.Q(("guardian__isnull", True), ("raised_by", "office"), ("user__isnull", False)),
                    _connector="OR",
                ),
                name="complaint_raised_by_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="complaint",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "wrong_charge"), ("sale__isnull", False)),
                    models.Q(("kind", "wrong_recognition"), ("sale__isnull", False)),
                    models.Q(("face_session__isnull", False), ("kind", "wrong_recognition")),
                    models.Q(
                        ("face_session__isnull", True),
                        ("kind__in", ["correction", "objection", "restriction", "other"]),
                        ("sale__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="complaint_names_what_is_wrong",
            ),
        ),
        migrations.AddConstraint(
            model_name="complaint",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answered_at__isnull", True), ("answered_by__isnull", True), ("outcome", "")),
                    models.Q(
                        ("answered_at__isnull", False),
                        ("answered_by__isnull", False),
                        ("outcome__in", ["confirmed", "not_confirmed"]),
                    ),
                    _connector="OR",
                ),
                name="complaint_answered_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="complaint",
            constraint=models.UniqueConstraint(
                condition=models.Q(("outcome", ""), ("sale__isnull", False), ("guardian__isnull", False)),
                fields=("sale", "guardian"),
                name="one_open_complaint_sale_guardian",
            ),
        ),
        migrations.AddConstraint(
            model_name="complaint",
            constraint=models.UniqueConstraint(
                condition=models.Q(("outcome", ""), ("sale__isnull", False), ("guardian__isnull", True)),
                fields=("sale", "raised_by"),
                name="one_open_complaint_sale_other",
            ),
        ),
        migrations.AddConstraint(
            model_name="complaint",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("outcome", ""), ("face_session__isnull", False), ("guardian__isnull", False)
                ),
                fields=("face_session", "guardian"),
                name="one_open_complaint_face_session_guardian",
            ),
        ),
        migrations.AddConstraint(
            model_name="complaint",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("outcome", ""), ("face_session__isnull", False), ("guardian__isnull", True)
                ),
                fields=("face_session", "raised_by"),
                name="one_open_complaint_face_session_other",
            ),
        ),
    ]
