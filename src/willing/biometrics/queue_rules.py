"""Whom the enrolment desk waits for: the person at it, a guardian, or nobody. Pure."""

from enum import StrEnum

from willing.consent.rules import WAITING, Permission


class QueueList(StrEnum):
    """The three lists of the desk."""

    READY = "ready"
    PUPIL = "pupil"
    GUARDIAN = "guardian"


def decide_list(permission: Permission, *, has_face: bool) -> QueueList | None:
    """Return the list in which the desk has a person; None where it has nothing to do with them.

    That is who is enrolled, and who is refused by an answer: a no is not waited for, and the desk, which
    others can look at, has no list of those who said it. Who waits for both is in the guardian's list: a
    pupil is asked at the desk itself, and comes once.
    """
    if has_face:
        return None
    if permission.granted:
        return QueueList.READY
    if not WAITING.issuperset(permission.reasons):
        return None
    return QueueList.GUARDIAN if permission.waits_for_guardian else QueueList.PUPIL
