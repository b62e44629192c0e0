"""What the nightly sweep ends of this room beside templates (`actions.sweep`): old uses of the camera."""

from datetime import datetime

from willing.audit.clock_state import recorded_before
from willing.biometrics.models import FaceSession
from willing.core.transactions import atomic


@atomic
def end_sessions(closed_before: datetime, limit: int) -> int:
    """Delete sessions that were closed before then. Return how many.

    Never before a template's time without use is over: the last use is what that time counts from.
    """
    ids = list(
        FaceSession.objects.filter(recorded_before("closed_at", closed_before)).values_list("id", flat=True)[
            :limit
        ]
    )
    FaceSession.objects.filter(pk__in=ids).delete()
    return len(ids)
