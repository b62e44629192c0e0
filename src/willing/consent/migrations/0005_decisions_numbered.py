"""The order of decisions is that of their recording: a number for each person, from now on.

Those that stand here get theirs in the order of their ids, in which they were written.
"""

from django.db import migrations, models

from willing.core.triggers import set_aside

ASIDE, BACK = set_aside("consent_decision")
NUMBER = """
    UPDATE consent_decision SET number = (
        SELECT COUNT(*) FROM consent_decision AS other
        WHERE other.person_id = consent_decision.person_id AND other.id <= consent_decision.id
    )
"""


class Migration(migrations.Migration):
    dependencies = [("consent", "0004_notices_papers_undo")]

    operations = [
        ASIDE,
        migrations.AddField(
            "decision",
            "number",
            models.PositiveIntegerField(default=0),
            preserve_default=False,
        ),
        migrations.RunSQL(NUMBER, migrations.RunSQL.noop),
        migrations.AddConstraint(
            "decision", models.UniqueConstraint(fields=["person", "number"], name="decision_numbered_once")
        ),
        migrations.AddConstraint(
            "decision",
            models.CheckConstraint(condition=models.Q(number__gte=1), name="decision_number_from_one"),
        ),
        BACK,
    ]
