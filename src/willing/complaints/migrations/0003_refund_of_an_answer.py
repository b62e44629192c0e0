"""An answer to a report names the refund that followed from it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("complaints", "0002_initial"),
        ("till", "0004_each_guardians_limits"),
    ]

    operations = [
        migrations.AddField(
            model_name="complaint",
            name="refund",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="till.refund"
            ),
        ),
    ]
