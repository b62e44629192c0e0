from django.db import migrations, models

import willing.core.clock


class Migration(migrations.Migration):
    dependencies = [
        ("till", "0006_sale_terminal_required"),
    ]

    operations = [
        migrations.CreateModel(
            name="PinTries",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("wrong_tries", models.PositiveSmallIntegerField(default=0)),
                ("unfinished", models.PositiveSmallIntegerField(default=0)),
                ("locked_until", models.DateTimeField(blank=True, null=True)),
                ("at", models.DateTimeField(db_index=True, default=willing.core.clock.now)),
            ],
        ),
        migrations.RemoveField(
            model_name="pin",
            name="locked_until",
        ),
        migrations.RemoveField(
            model_name="pin",
            name="wrong_tries",
        ),
    ]
