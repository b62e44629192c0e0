"""How long payments take. Pure: values in, decision out."""

from datetime import datetime, timedelta


def wait_seconds(opened_at: datetime, settled_at: datetime) -> int | None:
    """Return how long a payment took, rounded to a second; None where nobody can say: the clock was set.

    Nobody pays before the basket was opened, or waits at a till for a day.
    """
    waited = settled_at - opened_at
    return round(waited.total_seconds()) if timedelta(0) <= waited < timedelta(days=1) else None
