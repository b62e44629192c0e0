"""A transfer, once written, is never changed; and no wallet is debited beyond its school's grace."""

from django.db import migrations

from willing.core.triggers import Trigger, create, refuse_writes

# A wallet that a higher grace of last week left below today's may be filled, never drawn on.
BEYOND_GRACE = (
    "NEW.kind = 'wallet' AND NEW.debits_posted + NEW.debits_pending > {before}"
    " AND NEW.credits_posted - NEW.debits_posted - NEW.debits_pending"
    " < -(SELECT s.grace_minor FROM people_school s WHERE s.id = NEW.school_id)"
)
MESSAGE = "no wallet is debited beyond the grace of its school"
WITHIN_GRACE = [
    Trigger(
        "ledger_account", f"within_grace_{event.lower()}", event, BEYOND_GRACE.format(before=before), MESSAGE
    )
    for event, before in (("INSERT", "0"), ("UPDATE", "OLD.debits_posted + OLD.debits_pending"))
]


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial"), ("people", "0001_initial")]
    operations = [refuse_writes("ledger_transfer"), create(WITHIN_GRACE)]
