"""What people decided, what they were told, and the texts themselves never change."""

from django.db import migrations

from willing.core.triggers import Trigger, create, refuse_writes

ON_PAPER = Trigger(
    "consent_decision",
    "names_its_form",
    "INSERT",
    "NEW.channel = 'paper' AND NEW.form_id IS NULL",
    "a decision on a signed form names that form",
)
HEARD = Trigger(
    "consent_decision",
    "no_yes_heard",
    "INSERT",
    "NEW.channel IN ('till', 'verbal') AND NEW.answer = 'yes'",
    "a yes is never only heard",
)


class Migration(migrations.Migration):
    dependencies = [("consent", "0001_initial")]
    operations = [
        refuse_writes("consent_decision"),
        refuse_writes("consent_notification"),
        refuse_writes("consent_notice"),
        refuse_writes("consent_undo"),
        create([ON_PAPER, HEARD]),
        # An excuse may end, once; nothing else of it ever changes.
        refuse_writes(
            "consent_excuse",
            updates_unless=(
                "OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL AND OLD.id = NEW.id "
                "AND OLD.guardian_id = NEW.guardian_id AND OLD.person_id = NEW.person_id "
                "AND OLD.reason = NEW.reason AND OLD.recorded_by_id = NEW.recorded_by_id AND OLD.at = NEW.at"
            ),
        ),
    ]
