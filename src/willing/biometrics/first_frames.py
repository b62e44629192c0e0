"""The first frame of a face session: its moment is noted once; the session expires eight seconds after it."""

from uuid import UUID

from willing.biometrics.memory import searches
from willing.biometrics.models import FaceSession
from willing.biometrics.rules import session_bounds, session_end
from willing.core.clock import now
from willing.core.prepared import Parameter, prepared_update


def is_begun_here(session_id: UUID) -> bool:
    """Say whether this process has seen a frame of a session: then its first one was noted."""
    return searches.find(session_id) is not None


def note_first_frame(session_id: UUID, *, terminal_id: UUID) -> None:
    """Note when the first frame of an open session came; the session expires eight seconds after it."""
    first = now()
    after, until = session_bounds(first)
    _note_first_frame.run(
        session=session_id,
        terminal=terminal_id,
        after=after,
        until=until,
        first=first,
        end=session_end(first, first),
    )


@prepared_update
def _note_first_frame(
    session: Parameter,
    terminal: Parameter,
    after: Parameter,
    until: Parameter,
    first: Parameter,
    end: Parameter,
) -> int:
    unseen = FaceSession.objects.filter(pk=session, terminal_id=terminal, first_frame_at__isnull=True)
    running = unseen.filter(state=FaceSession.State.OPEN, expires_at__gt=after, expires_at__lte=until)
    return running.update(first_frame_at=first, expires_at=end)
