"""A basket is only opened at a terminal that sells: not at a gate, whoever writes it."""

from django.db import migrations

from willing.core.triggers import Trigger, create

SELLS_NOTHING = (
    "(SELECT t.purpose FROM terminals_terminal t WHERE t.id = NEW.terminal_id) NOT IN ('canteen', 'shop')"
)
MESSAGE = "nothing is sold at this terminal"
ONLY_WHERE_IT_SELLS = [Trigger("till_basket", "where_it_sells", "INSERT", SELLS_NOTHING, MESSAGE)]


class Migration(migrations.Migration):
    dependencies = [("till", "0001_initial"), ("terminals", "0002_triggers")]
    operations = [create(ONLY_WHERE_IT_SELLS)]
