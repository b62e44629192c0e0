"""A booking stays as the bank wrote it, and one that is booked stays booked; a pay-out keeps its sum."""

from django.db import migrations

from willing.core.triggers import refuse_writes

LINE = (
    "NEW.id = OLD.id AND NEW.school_id = OLD.school_id AND NEW.identity = OLD.identity"
    " AND NEW.booked_on = OLD.booked_on AND NEW.amount_minor = OLD.amount_minor"
    " AND NEW.takes_back = OLD.takes_back"
    " AND (OLD.state <> 'booked' OR (NEW.state = OLD.state AND NEW.transfer_id = OLD.transfer_id))"
)
PAY_OUT = (
    "NEW.id = OLD.id AND NEW.amount_minor = OLD.amount_minor AND NEW.way = OLD.way"
    " AND (OLD.transfer_id IS NULL OR NEW.transfer_id = OLD.transfer_id)"
    " AND (OLD.state NOT IN ('returned', 'refused') OR NEW.state = OLD.state)"
)


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial")]
    operations = [
        refuse_writes("payments_statementline", updates_unless=LINE),
        refuse_writes("payments_payout", updates_unless=PAY_OUT),
    ]
