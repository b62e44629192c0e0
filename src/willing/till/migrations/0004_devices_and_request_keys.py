from typing import Any

import django.db.models.deletion
from django.db import migrations, models

import willing.core.clock
import willing.core.ids


def let_paired_tills_be_browsers(apps: Any, _schema_editor: Any) -> None:
    """Most paired tills are browsers. One of another maker is paired anew: no cookie opens the API."""
    apps.get_model("till", "Terminal").objects.exclude(token_digest="").update(device="kiosk")


class Migration(migrations.Migration):
    dependencies = [
        ("till", "0003_meal_allowance"),
    ]

    operations = [
        migrations.AddField(
            model_name="terminal",
            name="device",
            field=models.CharField(
                blank=True,
                choices=[("kiosk", "The till's page in a browser"), ("api", "A till of another maker")],
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="terminal",
            name="session_key",
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.AddField(
            model_name="terminal",
            name="may_refund",
            field=models.BooleanField(default=False),
        ),
        migrations.AddConstraint(
            model_name="terminal",
            constraint=models.CheckConstraint(
                condition=models.Q(("may_refund", False), ("device", "api"), _connector="OR"),
                name="terminal_refunds_over_the_api_only",
            ),
        ),
        migrations.AddField(
            model_name="basket",
            name="touched_at",
            field=models.DateTimeField(default=willing.core.clock.now),
        ),
        migrations.CreateModel(
            name="RequestKey",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=willing.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("key_digest", models.CharField(max_length=64)),
                ("request_digest", models.CharField(max_length=64)),
                ("outcome", models.UUIDField(null=True)),
                ("made_at", models.DateTimeField(db_index=True, default=willing.core.clock.now)),
                (
                    "terminal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="request_keys",
                        to="till.terminal",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("terminal", "key_digest"), name="request_key_once_a_terminal"
                    )
                ],
            },
        ),
        migrations.RunPython(let_paired_tills_be_browsers, migrations.RunPython.noop),
    ]
