"""Schools, persons and guardians."""

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

import willing.core.clock
import willing.core.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Guardian",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=willing.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("language", models.CharField(default="en", max_length=10)),
                (
                    "link_version",
                    models.PositiveIntegerField(
                        default=1, help_text="Raising it revokes every earlier consent link"
                    ),
                ),
                ("external_id", models.CharField(blank=True, default="", max_length=255)),
            ],
        ),
        migrations.CreateModel(
            name="Person",
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
                        choices=[("pupil", "Pupil"), ("staff", "Staff")], default="pupil", max_length=8
                    ),
                ),
                ("given_name", models.CharField(max_length=100)),
                ("family_name", models.CharField(blank=True, max_length=100)),
                (
                    "till_number",
                    models.PositiveIntegerField(
                        help_text="What the person types before the PIN",
                        validators=[django.core.validators.MinValueValidator(1)],
                    ),
                ),
                (
                    "birth_date",
                    models.DateField(
                        blank=True,
                        help_text="Decides whose yes is needed; kept only where the law asks for it",
                        null=True,
                    ),
                ),
                (
                    "may_sign_in",
                    models.BooleanField(
                        default=False, help_text="Lets a pupil of unknown age see their own page"
                    ),
                ),
                ("joined_at", models.DateTimeField(default=willing.core.clock.now)),
                ("left_at", models.DateTimeField(blank=True, null=True)),
                ("external_id", models.CharField(blank=True, default="", max_length=255)),
            ],
            options={
                "ordering": ["given_name", "family_name"],
            },
        ),
        migrations.CreateModel(
            name="School",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=willing.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("currency", models.CharField(default="GBP", help_text="ISO 4217 code", max_length=3)),
                ("time_zone", models.CharField(default="Europe/London", max_length=64)),
                ("legal_profile", models.CharField(default="strict", max_length=32)),
                (
                    "grace_minor",
                    models.PositiveIntegerField(
                        default=1500,
                        help_text="How far main meals may take a balance below nothing, in minor units",
                    ),
                ),
                (
                    "pupil_sign_in_from_age",
                    models.PositiveSmallIntegerField(
                        default=12,
                        help_text="Age from which pupils may see their own page, in whole years",
                    ),
                ),
                ("external_id", models.CharField(blank=True, default="", max_length=255)),
            ],
        ),
        migrations.CreateModel(
            name="GuardianLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("relationship", models.CharField(blank=True, max_length=60)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("from_roster", models.BooleanField(default=False)),
                (
                    "guardian",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="links",
                        to="people.guardian",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="guardian_links",
                        to="people.person",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="guardian",
            name="persons",
            field=models.ManyToManyField(
                related_name="guardians", through="people.GuardianLink", to="people.person"
            ),
        ),
        migrations.AddField(
            model_name="person",
            name="school",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="persons", to="people.school"
            ),
        ),
        migrations.AddField(
            model_name="guardian",
            name="school",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="guardians", to="people.school"
            ),
        ),
        migrations.CreateModel(
            name="YearGroup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                (
                    "school",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="year_groups",
                        to="people.school",
                    ),
                ),
            ],
            options={
                "ordering": ["position", "name"],
            },
        ),
        migrations.AddField(
            model_name="person",
            name="year_group",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to="people.yeargroup"
            ),
        ),
        migrations.AddConstraint(
            model_name="guardianlink",
            constraint=models.UniqueConstraint(fields=("guardian", "person"), name="guardian_linked_once"),
        ),
        migrations.AddConstraint(
            model_name="guardian",
            constraint=models.UniqueConstraint(
                condition=models.Q(("external_id", ""), _negated=True),
                fields=("school", "external_id"),
                name="guardian_external_id_unique_in_school",
            ),
        ),
        migrations.AddConstraint(
            model_name="yeargroup",
            constraint=models.UniqueConstraint(
                fields=("school", "name"), name="year_group_name_unique_in_school"
            ),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.UniqueConstraint(
                condition=models.Q(("external_id", ""), _negated=True),
                fields=("school", "external_id"),
                name="person_external_id_unique_in_school",
            ),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.UniqueConstraint(
                fields=("school", "till_number"), name="till_number_unique_in_school"
            ),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.CheckConstraint(
                condition=models.Q(("till_number__gte", 1)), name="till_number_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["pupil", "staff"])), name="person_kind_known"
            ),
        ),
    ]
