"""What a terminal is for never changes: a gate does not become a till with baskets of its own."""

from django.db import migrations

from willing.core.triggers import Trigger, create

CHANGED = "NEW.purpose <> OLD.purpose"
PURPOSE_STAYS = [
    Trigger("terminals_terminal", "purpose_stays", "UPDATE", CHANGED, "a terminal keeps its purpose")
]


class Migration(migrations.Migration):
    dependencies = [("terminals", "0001_initial")]
    operations = [create(PURPOSE_STAYS)]
