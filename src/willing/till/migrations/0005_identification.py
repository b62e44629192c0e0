"""The card that named who pays, until it pays; and that a face alone has met its limit."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("credentials", "0001_initial"), ("till", "0004_line_prices_and_parking")]

    operations = [
        migrations.AddField(
            model_name="basket",
            name="card",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="credentials.card",
            ),
        ),
        migrations.AddField(
            model_name="basket", name="is_face_used_up", field=models.BooleanField(default=False)
        ),
    ]
