"""A tick is never changed, and a roll call that was started stays what it is."""

from django.db import migrations

from willing.core.triggers import Trigger, create

RULES = [
    Trigger("rollcall_tick", "no_update", "UPDATE", "1 = 1", "a tick is never changed"),
    Trigger(
        "rollcall_rollcall",
        "stays_what_it_is",
        "UPDATE",
        "NEW.kind <> OLD.kind OR NEW.started_at <> OLD.started_at OR NEW.started_by_id <> OLD.started_by_id "
        "OR NEW.ticks_received < OLD.ticks_received",
        "a roll call stays what it was started as",
    ),
    Trigger(
        "rollcall_rollcall",
        "stays_ended",
        "UPDATE",
        "OLD.ended_at IS NOT NULL AND (NEW.ended_at IS NULL OR NEW.ended_at <> OLD.ended_at)",
        "a roll call that was ended stays ended",
    ),
]


class Migration(migrations.Migration):
    dependencies = [("rollcall", "0001_initial")]

    operations = [create(RULES)]
