"""A till of another maker looks people up where the office allows it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("terminals", "0003_editing")]

    operations = [
        migrations.AddField(
            model_name="terminal",
            name="may_look_up",
            field=models.BooleanField(default=False),
        ),
        migrations.AddConstraint(
            model_name="terminal",
            constraint=models.CheckConstraint(
                condition=models.Q(("may_look_up", False), ("device", "api"), _connector="OR"),
                name="terminal_looks_up_over_the_api_only",
            ),
        ),
    ]
