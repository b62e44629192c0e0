"""Whether a till takes payments only while a cashier is signed on."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0008_ended_by_list"),
    ]

    operations = [
        migrations.AddField(
            model_name="school",
            name="requires_cashier",
            field=models.BooleanField(default=False),
        ),
    ]
