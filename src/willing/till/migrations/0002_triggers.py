"""What holds of sales whoever writes them: where they are made, their cash, their drawer; and what was declared."""

from django.db import migrations

from willing.core.triggers import Trigger, create, refuse_writes

# Not at a gate.
SELLS_NOTHING = (
    "(SELECT t.purpose FROM terminals_terminal t WHERE t.id = NEW.terminal_id) NOT IN ('canteen', 'shop')"
)
RULES = [
    Trigger("till_basket", "where_it_sells", "INSERT", SELLS_NOTHING, "nothing is sold at this terminal"),
    Trigger(
        "till_cashpayment",
        "of_a_sale_in_cash",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM till_sale s WHERE s.id = NEW.sale_id AND s.way = 'cash')",
        "only a sale in cash has a payment in cash",
    ),
    Trigger(
        "till_sale",
        "stays_in_its_drawer_session",
        "UPDATE",
        "NEW.drawer_session_id IS NOT OLD.drawer_session_id",
        "a sale stays in the day of the drawer in which it was sold",
        on_postgresql="NEW.drawer_session_id IS DISTINCT FROM OLD.drawer_session_id",
    ),
]
SAME_DECLARATION = (
    "NEW.product_id = OLD.product_id AND NEW.contains = OLD.contains AND NEW.may_contain = OLD.may_contain "
    "AND NEW.change = OLD.change AND NEW.declared_at = OLD.declared_at"
)


class Migration(migrations.Migration):
    dependencies = [("till", "0001_initial"), ("drawers", "0002_triggers"), ("terminals", "0002_triggers")]

    operations = [
        create(RULES),
        refuse_writes("till_cashpayment"),
        refuse_writes("till_declaration", updates_unless=SAME_DECLARATION),
        refuse_writes("till_menusignature"),
    ]
