"""How a moment is written in what a person reads about themselves."""

from datetime import datetime


def iso(at: datetime | None) -> str | None:
    """Return a moment as ISO 8601, or None where there is none."""
    return at.isoformat() if at else None
