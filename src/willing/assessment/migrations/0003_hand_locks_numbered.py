"""The order in which faces were locked and unlocked by hand is that of its recording."""

from django.db import migrations, models

from willing.core.triggers import set_aside

ASIDE, BACK = set_aside("assessment_handlock")
NUMBER = """
    UPDATE assessment_handlock SET number = (
        SELECT COUNT(*) FROM assessment_handlock AS other
        WHERE other.school_id = assessment_handlock.school_id AND other.id <= assessment_handlock.id
    )
"""


class Migration(migrations.Migration):
    dependencies = [("assessment", "0002_triggers")]

    operations = [
        ASIDE,
        migrations.AddField(
            "handlock",
            "number",
            models.PositiveIntegerField(default=0),
            preserve_default=False,
        ),
        migrations.RunSQL(NUMBER, migrations.RunSQL.noop),
        migrations.AddConstraint(
            "handlock", models.UniqueConstraint(fields=["school", "number"], name="hand_lock_numbered_once")
        ),
        migrations.AddConstraint(
            "handlock",
            models.CheckConstraint(condition=models.Q(number__gte=1), name="hand_lock_number_from_one"),
        ),
        BACK,
    ]
