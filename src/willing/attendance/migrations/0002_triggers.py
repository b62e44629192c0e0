"""Marks are never changed, and none is deleted before the six years that the law asks for are over."""

from django.db import migrations

from willing.core.triggers import Trigger, create

DAYS = 2191
RULES = [
    Trigger("attendance_mark", "no_update", "UPDATE", "1 = 1", "a mark is never changed"),
    Trigger(
        "attendance_mark",
        "no_early_delete",
        "DELETE",
        f"OLD.recorded_at > datetime('now', '-{DAYS} days')",
        "a mark is kept for six years",
        on_postgresql=f"OLD.recorded_at > now() - interval '{DAYS} days'",
    ),
    # What it is of and when it is taken stays as it was.
    Trigger(
        "attendance_register",
        "stays_what_it_is",
        "UPDATE",
        " OR ".join(
            f"NEW.{column} <> OLD.{column}"
            for column in ("group_id", "day", "number", "is_morning", "opens_at", "closes_at", "opened_by_id")
        ),
        "a register stays what it was opened as",
    ),
    Trigger(
        "attendance_register",
        "stays_closed",
        "UPDATE",
        "OLD.closed_at IS NOT NULL AND (NEW.closed_at IS NULL OR NEW.closed_at <> OLD.closed_at)",
        "a register that is closed stays closed",
    ),
]


class Migration(migrations.Migration):
    dependencies = [("attendance", "0001_initial")]

    operations = [create(RULES)]
