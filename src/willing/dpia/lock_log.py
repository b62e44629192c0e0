"""What the log says of the lock on faces: when it was engaged, when released, and why."""

from willing.audit.actions import record
from willing.audit.queries import latest_entries
from willing.dpia.queries import lock_of
from willing.people.models import School

LOCKED, UNLOCKED = "face_lock.engaged", "face_lock.released"


def record_lock(school: School) -> None:
    """Write into the log that faces were locked or unlocked since it was last written there.

    Every action that can change the lock calls it, and the retention job: a review date may have passed.
    """
    lock = lock_of(school)
    noted = latest_entries((LOCKED, UNLOCKED), school.id).values()
    was_unlocked = bool(noted) and max(noted, key=lambda entry: entry.sequence).event == UNLOCKED
    if lock.is_unlocked != was_unlocked:
        event = UNLOCKED if lock.is_unlocked else LOCKED
        record(event, subject=school.id, facts={"reasons": list(lock.reasons)}, personal={})
