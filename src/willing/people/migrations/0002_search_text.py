"""What persons, guardians and classes are found by, folded, and filled for those who are there already."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import willing.core.folded


def fill(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    for name in ("Person", "Guardian", "YearGroup"):
        for row in apps.get_model("people", name).objects.iterator():
            row.save(update_fields=["search_text"])


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="guardian",
            name="search_text",
            field=willing.core.folded.FoldedField("name", blank=True, default="", editable=False),
        ),
        migrations.AddField(
            model_name="person",
            name="search_text",
            field=willing.core.folded.FoldedField(
                "given_name", "family_name", blank=True, default="", editable=False
            ),
        ),
        migrations.AddField(
            model_name="yeargroup",
            name="search_text",
            field=willing.core.folded.FoldedField("name", blank=True, default="", editable=False),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
