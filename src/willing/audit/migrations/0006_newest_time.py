"""The end of the log knows the latest time in it, so that a clock that was set back is found at once."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0005_journal_line")]

    operations = [
        migrations.AddField("head", "newest_at", models.DateTimeField(null=True)),
        migrations.AddField("head", "found_behind_at", models.DateTimeField(null=True)),
    ]
