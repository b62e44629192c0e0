"""The order of a basket's face sessions is that of their recording."""

from django.db import migrations, models

from willing.core.triggers import set_aside

ASIDE, BACK = set_aside("biometrics_facesession")
NUMBER = """
    UPDATE biometrics_facesession SET number = (
        SELECT COUNT(*) FROM biometrics_facesession AS other
        WHERE other.deed = biometrics_facesession.deed
        AND (other.opened_at, other.id) <= (biometrics_facesession.opened_at, biometrics_facesession.id)
    )
"""


class Migration(migrations.Migration):
    dependencies = [("biometrics", "0004_verify_mode")]

    operations = [
        ASIDE,
        migrations.AddField(
            "facesession",
            "number",
            models.PositiveIntegerField(default=0),
            preserve_default=False,
        ),
        migrations.RunSQL(NUMBER, migrations.RunSQL.noop),
        migrations.AddConstraint(
            "facesession", models.UniqueConstraint(fields=["deed", "number"], name="session_numbered_once")
        ),
        migrations.AddConstraint(
            "facesession",
            models.CheckConstraint(condition=models.Q(number__gte=1), name="session_number_from_one"),
        ),
        BACK,
    ]
