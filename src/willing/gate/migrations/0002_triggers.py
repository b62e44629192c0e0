"""A passage stays what it was: evidence is not made afterwards."""

from django.db import migrations

from willing.core.triggers import Trigger, create

KEPT = ("door_id", "direction", "way", "received_at", "at", "day", "doubt", "reason")
RULES = [
    Trigger(
        "gate_passage",
        "stays_what_it_was",
        "UPDATE",
        " OR ".join(f"NEW.{column} <> OLD.{column}" for column in KEPT),
        "a passage stays what it was",
    ),
    # Before the log says of that person and day that a gate was used, nothing is deleted.
    Trigger(
        "gate_passage",
        "no_delete_before_the_log",
        "DELETE",
        "NOT OLD.is_logged",
        "a passage is logged before it is deleted",
    ),
]


class Migration(migrations.Migration):
    dependencies = [("gate", "0001_initial")]
    operations = [create(RULES)]
