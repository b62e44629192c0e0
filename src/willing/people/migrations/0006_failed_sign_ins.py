from django.db import migrations, models

import willing.core.clock


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0005_passkeys"),
    ]

    operations = [
        migrations.CreateModel(
            name="FailedSignIns",
            fields=[
                ("how", models.CharField(max_length=16, primary_key=True, serialize=False)),
                ("since", models.DateTimeField(default=willing.core.clock.now)),
                (
                    "more",
                    models.PositiveIntegerField(
                        default=0, help_text="Failures since the last entry of the log"
                    ),
                ),
            ],
        ),
    ]
