"""No template without the decisions that its permission rests on, whoever writes it."""

from django.db import migrations

from willing.core.triggers import Trigger, create

_YES = (
    "EXISTS (SELECT 1 FROM consent_decision d WHERE d.id = NEW.{column} AND d.person_id = NEW.person_id"
    " AND d.purpose = NEW.purpose AND d.answer = 'yes' AND d.guardian_id IS {whose})"
)
RESTS_ON_DECISIONS = (
    "(NEW.own_decision_id IS NULL OR "
    + _YES.format(column="own_decision_id", whose="NULL")
    + ") AND (NEW.guardian_decision_id IS NULL OR "
    + _YES.format(column="guardian_decision_id", whose="NOT NULL")
    + ")"
)
MESSAGE = "a template rests on a yes of its person and purpose"
RULES = [
    Trigger("biometrics_template", f"decided_{event.lower()}", event, f"NOT ({RESTS_ON_DECISIONS})", MESSAGE)
    for event in ("INSERT", "UPDATE")
]


class Migration(migrations.Migration):
    dependencies = [("biometrics", "0001_initial"), ("consent", "0002_triggers")]
    operations = [create(RULES)]
