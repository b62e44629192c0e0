"""A school may have several gallery secrets while one replaces another. The first keeps its school's id."""

from typing import Any

from django.db import migrations, models

import willing.core.ids


def name_schools(apps: Any, schema_editor: Any) -> None:
    """Say which school each earlier secret belongs to: its primary key was the school's id."""
    secrets = apps.get_model("keys", "GallerySecret").objects.using(schema_editor.connection.alias)
    secrets.update(school_id=models.F("id"))


class Migration(migrations.Migration):
    dependencies = [("keys", "0001_initial")]

    operations = [
        migrations.RenameField("gallerysecret", "school_id", "id"),
        migrations.AlterField(
            "gallerysecret",
            "id",
            models.UUIDField(
                default=willing.core.ids.new_id, editable=False, primary_key=True, serialize=False
            ),
        ),
        migrations.AddField("gallerysecret", "school_id", models.UUIDField(null=True)),
        migrations.RunPython(name_schools, migrations.RunPython.noop),
        migrations.AlterField("gallerysecret", "school_id", models.UUIDField(db_index=True)),
    ]
