from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def copy_from_baskets(apps: Any, _schema_editor: Any) -> None:
    """Write beside each sale at which till it was made."""
    baskets = apps.get_model("till", "Basket").objects.filter(pk=models.OuterRef("basket_id"))
    apps.get_model("till", "Sale").objects.update(
        terminal_id=models.Subquery(baskets.values("terminal_id")[:1])
    )


class Migration(migrations.Migration):
    dependencies = [
        ("till", "0004_devices_and_request_keys"),
    ]

    operations = [
        migrations.AddField(
            model_name="sale",
            name="terminal",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="sales",
                to="till.terminal",
            ),
        ),
        migrations.RunPython(copy_from_baskets, migrations.RunPython.noop),
    ]
