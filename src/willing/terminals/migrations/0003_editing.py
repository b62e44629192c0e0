"""When a terminal was last seen; and a till of the canteen may become one of the shop, never a gate."""

from django.db import migrations, models

from willing.core.triggers import Trigger, create, drop

TABLE = "terminals_terminal"
FIXED = [
    Trigger(TABLE, "purpose_stays", "UPDATE", "NEW.purpose <> OLD.purpose", "a terminal keeps its purpose")
]
SELLS = "NEW.purpose IN ('canteen', 'shop') AND OLD.purpose IN ('canteen', 'shop')"
ANOTHER_DEED = f"NEW.purpose <> OLD.purpose AND NOT ({SELLS})"
SAME_DEED = [Trigger(TABLE, "purpose_stays", "UPDATE", ANOTHER_DEED, "a terminal keeps to what it does")]


class Migration(migrations.Migration):
    dependencies = [("terminals", "0002_triggers")]
    operations = [
        drop(FIXED),
        migrations.AddField("terminal", "last_seen_at", models.DateTimeField(blank=True, null=True)),
        create(SAME_DEED),
    ]
