"""A face is suspended for a day when a file of the school no longer names its owner."""

from importlib import import_module

from django.conf import settings
from django.db import migrations, models

from willing.core.triggers import create, drop

# SQLite makes the table anew for a changed constraint, and its triggers would be gone.
RULES = import_module("willing.biometrics.migrations.0002_triggers").RULES
REASONS = {
    "wrong_person": "Wrong recognition",
    "asked": "Requested by the family",
    "office": "Suspended by the office",
    "damaged": "The stored data can't be read",
    "left": "No longer on the school's list",
}


class Migration(migrations.Migration):
    dependencies = [
        ("biometrics", "0002_triggers"),
        ("consent", "0002_triggers"),
        ("people", "0008_ended_by_list"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        drop(RULES),
        migrations.RemoveConstraint(model_name="template", name="template_suspended_with_a_reason"),
        migrations.AlterField(
            model_name="template",
            name="suspended_for",
            field=models.CharField(blank=True, choices=list(REASONS.items()), max_length=16),
        ),
        migrations.AddConstraint(
            model_name="template",
            constraint=models.CheckConstraint(
                condition=models.Q(suspended_at__isnull=True, suspended_for="")
                | models.Q(suspended_at__isnull=False, suspended_for__in=list(REASONS)),
                name="template_suspended_with_a_reason",
            ),
        ),
        create(RULES),
    ]
