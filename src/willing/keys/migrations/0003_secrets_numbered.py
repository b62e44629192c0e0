"""Which gallery secret of a school is its newest is told by a number, not by the clock."""

from django.db import migrations, models

NUMBER = """
    UPDATE keys_gallerysecret SET number = (
        SELECT COUNT(*) FROM keys_gallerysecret AS other
        WHERE other.school_id = keys_gallerysecret.school_id
        AND (other.created_at, other.id) <= (keys_gallerysecret.created_at, keys_gallerysecret.id)
    )
"""


class Migration(migrations.Migration):
    dependencies = [("keys", "0002_several_secrets_a_school")]

    operations = [
        migrations.AddField(
            "gallerysecret", "number", models.PositiveIntegerField(default=0), preserve_default=False
        ),
        migrations.RunSQL(NUMBER, migrations.RunSQL.noop),
        migrations.AddConstraint(
            "gallerysecret",
            models.UniqueConstraint(fields=["school_id", "number"], name="gallery_secret_numbered_once"),
        ),
        migrations.AddConstraint(
            "gallerysecret",
            models.CheckConstraint(condition=models.Q(number__gte=1), name="gallery_secret_number_from_one"),
        ),
    ]
