"""Which installation this is."""

from django.db import migrations, models

import willing.core.clock


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Installation",
            fields=[
                ("number", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("installation_id", models.UUIDField()),
                ("master_check", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField(default=willing.core.clock.now)),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("number", 1)), name="core_one_installation_a_database"
                    )
                ],
            },
        ),
    ]
