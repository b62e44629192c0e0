"""Reads of the log. Never the hashes' check: that is `verifier`."""

from uuid import UUID

from willing.audit.models import Entry


def newest_entries(*, event: str = "", before: int | None = None, limit: int = 100) -> list[Entry]:
    """Return entries, newest first: only of `event`, only those with a sequence below `before`."""
    found = Entry.objects.order_by("-sequence").defer("hashed", "personal_json", "personal_salt")
    if event:
        found = found.filter(event=event)
    if before is not None:
        found = found.filter(sequence__lt=before)
    return list(found[:limit])


def recorded_events() -> list[str]:
    """Return the events that the log knows, by name."""
    return list(Entry.objects.order_by("event").values_list("event", flat=True).distinct())


def latest_entry(event: str, subject: UUID) -> Entry | None:
    """Return the newest entry of `event` about `subject`, or None."""
    return Entry.objects.filter(event=event, subject=subject).order_by("-sequence").first()
