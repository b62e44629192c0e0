"""Whether a class is one of those whose meals the census of England counts."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0010_guardian_merged_into"),
    ]

    operations = [
        migrations.AddField(
            model_name="yeargroup",
            name="is_infant",
            field=models.BooleanField(default=False),
        ),
    ]
