"""What a session of a camera at a gate keeps: its day, and neither minute, gate nor passage."""

from datetime import timedelta

from willing.biometrics.models import FaceSession
from willing.core.ids import new_id
from willing.people.queries import day_bounds, local_day
from willing.terminals.models import Terminal

# An entry of the log has a minute, and a gate's says to the minute where a child was: of these purposes the
# night says how often the camera ran on a day (`retention.count_gate_sessions`), and who used a gate then.
COUNTED_AT_NIGHT = frozenset({"gate"})


def blur(session: FaceSession) -> None:
    """Let a session that closes say its day and no more: no minute, no gate, no passage.

    That it expires as it is closed says that the log has not counted it yet (`retention`).
    """
    school = session.school
    noon = day_bounds(school, local_day(school, session.opened_at))[0] + timedelta(hours=12)
    gates = Terminal.objects.filter(school=school, purpose=session.purpose).order_by("id")
    session.opened_at = session.closed_at = session.expires_at = noon
    session.first_frame_at, session.occasion_id, session.number = None, new_id(), 1
    session.terminal_id = gates.values_list("id", flat=True)[0]
