"""Marks of an evening list are never changed, and none is deleted before its month is over."""

from django.db import migrations

from willing.core.triggers import Trigger, create

DAYS = 30
# A clock that ran ahead may have written a time that lies far away: that one is deleted with its list.
RULES = [
    Trigger("boarding_eveningmark", "no_update", "UPDATE", "1 = 1", "a mark is never changed"),
    Trigger(
        "boarding_eveningmark",
        "no_early_delete",
        "DELETE",
        f"OLD.recorded_at > datetime('now', '-{DAYS} days') AND OLD.recorded_at < datetime('now', '+1 day')",
        "a mark is kept for a month",
        on_postgresql=(
            f"OLD.recorded_at > now() - interval '{DAYS} days' AND OLD.recorded_at < now() + interval '1 day'"
        ),
    ),
    # What it is of and when it was due stays as it was.
    Trigger(
        "boarding_eveninglist",
        "stays_what_it_is",
        "UPDATE",
        " OR ".join(
            f"NEW.{column} <> OLD.{column}"
            for column in ("house_id", "night", "number", "name", "due_at", "alert_at", "opened_by_id")
        ),
        "an evening list stays what it was opened as",
    ),
    Trigger(
        "boarding_eveninglist",
        "stays_closed",
        "UPDATE",
        "OLD.closed_at IS NOT NULL AND (NEW.closed_at IS NULL OR NEW.closed_at <> OLD.closed_at)",
        "an evening list that is closed stays closed",
    ),
]


class Migration(migrations.Migration):
    dependencies = [("boarding", "0001_initial")]

    operations = [create(RULES)]
