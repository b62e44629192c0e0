"""Notices that ask again, signed forms, noes taken back, guardians who need not be told."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import willing.core.clock
from willing.core.triggers import Trigger, create, refuse_writes

# SQLite makes a table anew to change it, and the triggers of the old one would be gone without a word.
# The table of decisions is not made anew here: triggers of faces look into it, so its new rules are triggers too.
HELD = refuse_writes("consent_notice")
RELEASED = migrations.RunPython(HELD.reverse_code, HELD.code)
ON_PAPER = Trigger(
    "consent_decision",
    "names_its_paper",
    "INSERT",
    "NEW.channel = 'paper' AND NEW.paper_id IS NULL",
    "a decision on paper names its paper",
)
HEARD = Trigger(
    "consent_decision",
    "no_yes_heard",
    "INSERT",
    "NEW.channel IN ('till', 'verbal') AND NEW.answer = 'yes'",
    "a yes is never only heard",
)


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0003_triggers"),
        ("people", "0003_birth_date"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        RELEASED,
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
                            ("other", "Can't reasonably be told for another reason"),
                        ],
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField(default=willing.core.clock.now)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
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
            ],
        ),
        migrations.AddField(
            model_name="decision",
            name="paper_id",
            field=models.UUIDField(
                blank=True, help_text="The signed form, kept in the room `papers`", null=True
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="is_material",
            field=models.BooleanField(default=True),
        ),
        migrations.AddField(
            model_name="notice",
            name="terms",
            field=models.JSONField(default=dict),
        ),
        migrations.AlterField(
            model_name="decision",
            name="channel",
            field=models.CharField(
                choices=[
                    ("link", "Signed link"),
                    ("desk", "Enrolment desk"),
                    ("till", "At the till"),
                    ("paper", "On paper"),
                    ("verbal", "Told to staff"),
                    ("portal", "Family page"),
                ],
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="notice",
            name="reader",
            field=models.CharField(
                choices=[
                    ("adult", "Adult, about a child"),
                    ("child", "Child"),
                    ("self", "Adult, about themselves"),
                ],
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="notification",
            name="channel",
            field=models.CharField(
                choices=[
                    ("link", "Signed link"),
                    ("desk", "Enrolment desk"),
                    ("till", "At the till"),
                    ("paper", "On paper"),
                    ("verbal", "Told to staff"),
                    ("portal", "Family page"),
                ],
                max_length=8,
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.UniqueConstraint(
                fields=["paper_id"],
                condition=models.Q(paper_id__isnull=False),
                name="decision_of_one_paper",
            ),
        ),
        migrations.AddField(
            model_name="excuse",
            name="guardian",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="excuses", to="people.guardian"
            ),
        ),
        migrations.AddField(
            model_name="excuse",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="excuses", to="people.person"
            ),
        ),
        migrations.AddField(
            model_name="excuse",
            name="recorded_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="undo",
            name="by",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name="undo",
            name="decision",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="undo", to="consent.decision"
            ),
        ),
        migrations.AddConstraint(
            model_name="excuse",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason__in", ["not_found", "capacity", "welfare", "other"])),
                name="excuse_reason_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="excuse",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)),
                fields=("guardian", "person"),
                name="excused_once_at_a_time",
            ),
        ),
        HELD,
        create([ON_PAPER, HEARD]),
        refuse_writes("consent_undo"),
        # An excuse may end, once; nothing else of it ever changes.
        refuse_writes(
            "consent_excuse",
            updates_unless=(
                "OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL AND OLD.id = NEW.id "
                "AND OLD.guardian_id = NEW.guardian_id AND OLD.person_id = NEW.person_id "
                "AND OLD.reason = NEW.reason AND OLD.recorded_by_id = NEW.recorded_by_id AND OLD.at = NEW.at"
            ),
        ),
    ]
