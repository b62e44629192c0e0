"""A till of the canteen may become one of the shop; a gate never becomes a till with baskets of its own."""

from django.db import migrations

from willing.core.triggers import Trigger, create

SELLS = "NEW.purpose IN ('canteen', 'shop') AND OLD.purpose IN ('canteen', 'shop')"
ANOTHER_DEED = f"NEW.purpose <> OLD.purpose AND NOT ({SELLS})"
SAME_DEED = [
    Trigger("terminals_terminal", "purpose_stays", "UPDATE", ANOTHER_DEED, "a terminal keeps to what it does")
]


class Migration(migrations.Migration):
    dependencies = [("terminals", "0001_initial")]
    operations = [create(SAME_DEED)]
