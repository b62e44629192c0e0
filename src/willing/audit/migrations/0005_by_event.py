"""The log is read by event in its own order without sorting what is found."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_actor")]
    operations = [
        migrations.AddIndex("entry", models.Index(fields=["event", "sequence"], name="audit_entry_by_event")),
    ]
