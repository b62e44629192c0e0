"""Test a till with living faces and pictures: sixty tries by staff, judged as the till does, counts only."""

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import F

from willing.accounts.models import User
from willing.audit.actions import record
from willing.biometrics import errors
from willing.biometrics.engine import (
    picture_check,
    picture_check_fault,
    require_engine,
    why_unavailable,
)
from willing.biometrics.memory import Try, tries
from willing.biometrics.models import PictureCheck
from willing.biometrics.picture_models import PictureTest, PictureTestCount
from willing.biometrics.picture_results import TRIES_EACH, attempts_done, next_try
from willing.biometrics.queries import pictures_as_read
from willing.biometrics.rules import SESSION_SECONDS
from willing.core.ids import new_id
from willing.core.transactions import atomic, lock
from willing.people.queries import today
from willing.terminals.models import Terminal

if TYPE_CHECKING:
    from willing.face import AliveFinding, Evidence, FaceDecision, PassiveCheck, Template


def why_not_testable(terminal: Terminal) -> str:
    """Return why a till can't be tested, or an empty text.

    Causes: no_face, off, and those of `why_unavailable` and `picture_check_fault`.
    """
    if not terminal.takes_face:
        return "no_face"
    unavailable = why_unavailable(terminal.school)
    if unavailable:
        return unavailable
    if pictures_as_read(terminal.school) == PictureCheck.OFF:
        return "off"
    return picture_check_fault()


def find_open_test(terminal: Terminal) -> PictureTest | None:
    """Return the test of a till that is not finished, of the network that is installed now; or None."""
    check = picture_check()
    open_now = PictureTest.objects.filter(terminal=terminal, finished_on=None)
    return open_now.filter(network=check.name).first() if check else None


@atomic
def start_test(terminal: Terminal) -> PictureTest:
    """Begin a till's test, or go on with the one that is not finished. Raises Refused till_not_testable.

    A test of another network than the one that is installed now is finished: its results are of that one.
    """
    check, day = _require_check(terminal), today(terminal.school)
    lock(Terminal.objects).get(pk=terminal.pk)
    found = find_open_test(terminal)
    if found is not None:
        return found
    PictureTest.objects.filter(terminal=terminal, finished_on=None).update(finished_on=day)
    return PictureTest.objects.create(terminal=terminal, network=check.name, started_on=day)


def _require_check(terminal: Terminal) -> "PassiveCheck":
    cause = why_not_testable(terminal)
    check = None if cause else picture_check()
    if check is None:
        raise errors.till_not_testable(cause)
    return check


def begin_try(terminal: Terminal, kind: str = "") -> UUID:
    """Get ready for one try, and return its id. Raises Refused till_not_testable, try_gone, no_such_try."""
    check, test = _require_check(terminal), find_open_test(terminal)
    if test is None:
        raise errors.try_gone()
    coming = next_try(test, kind)
    if coming is None:
        raise errors.no_such_try()
    from willing.face import Alive, AliveWatch  # only once the engine is known to be there

    try_id = new_id()
    alive = Alive(AliveWatch(check), acts=True)
    tries.put(try_id, Try(test.pk, coming.kind, coming.distance, alive, WhoIsThere()))
    return try_id


class WhoIsThere:
    """Compare a try's frames with its first one: staff are not enrolled, and a till has to name somebody.

    So the check decides as it does at the till, where the face is recognised; it goes with its try.
    """

    def __init__(self) -> None:
        self._evidence: Evidence | None = None

    def add(self, frame: "Template", /) -> "FaceDecision | None":
        """Add one frame; return the decision, or None while more are needed."""
        from willing.face import Evidence, Gallery

        if self._evidence is None:
            gallery = Gallery()
            gallery.add("here", [frame])
            self._evidence = Evidence(gallery, person="here")
        return self._evidence.add(frame)

    def reset(self) -> None:
        """Forget the frames so far, but not the first one."""
        if self._evidence is not None:
            self._evidence.reset()


@dataclass(frozen=True)
class TryState:
    """What a frame of a try brought: a hint while it goes on, or what it came to (of OUTCOMES)."""

    hint: str
    outcome: str = ""


def process_try(terminal: Terminal, try_id: UUID, picture: bytes) -> TryState:
    """Look at one frame of a try, and count the try once it has an answer or its time is over.

    Raises Refused try_gone, frame_not_readable, face_not_available, face_locked.
    """
    engine = require_engine(terminal.school)
    going = tries.find(try_id)
    test = find_open_test(terminal)
    if going is None or test is None or going.test_id != test.pk:
        raise errors.try_gone()
    from willing.face import FaceError, Zone

    alive = going.alive
    zone = replace(Zone(), face_height_max=alive.watch.limits.face_height_max)
    with going.lock:
        began = going.began = going.began or time.monotonic()
        if time.monotonic() - began > SESSION_SECONDS:
            return _close(test, try_id, alive.finding_at_end)
        try:
            look = engine.process_frame(picture, purpose="till", zone=zone, watch=alive.watch)
        except FaceError as error:
            raise errors.frame_not_readable(error.code) from None
        step = (
            alive.add(going.source, look.face.template)
            if look.face
            else alive.no_face(going.source, look.hint)
        )
        if step.decision is None:
            return TryState(step.hint.value)
        return _close(test, try_id, alive.finding)


_OUTCOME_OF = {"live": "passed", "turned": "turned", "not_turned": "not_turned", "picture": "refused"}


def _close(test: PictureTest, try_id: UUID, finding: "AliveFinding | None") -> TryState:
    ended = tries.drop(try_id)
    if ended is None:
        raise errors.try_gone()
    outcome = _OUTCOME_OF[finding.value] if finding else "unanswered"
    _count(test, ended, outcome)
    return TryState("", outcome)


@atomic
def _count(test: PictureTest, finished: Try, outcome: str) -> None:
    """Add a try to its test. Two computers that finish the same one at once count one of them."""
    locked = lock(PictureTest.objects).select_related("terminal__school").get(pk=test.pk)
    done = attempts_done(locked).get((finished.kind, finished.distance), 0)
    if locked.finished_on is not None or done >= TRIES_EACH:
        raise errors.try_gone()
    row, _ = PictureTestCount.objects.get_or_create(
        test=locked, day=today(locked.terminal.school), kind=finished.kind, distance=finished.distance
    )
    PictureTestCount.objects.filter(pk=row.pk).update(
        passed=F("passed") + int(outcome == "passed"),
        turned=F("turned") + int(outcome == "turned"),
        not_turned=F("not_turned") + int(outcome == "not_turned"),
        refused=F("refused") + int(outcome == "refused"),
        unanswered=F("unanswered") + int(outcome == "unanswered"),
    )


@atomic
def finish_test(terminal: Terminal, *, by: User) -> PictureTest:
    """Finish a till's test with the tries that there are; its results stay as they are from now on.

    Raises Refused try_gone where nothing is tested or nothing was tried.
    """
    locked = lock(PictureTest.objects).filter(terminal=terminal, finished_on=None).first()
    done = sum(attempts_done(locked).values()) if locked else 0
    if locked is None or not done:
        raise errors.try_gone()
    locked.finished_on = today(terminal.school)
    locked.save(update_fields=["finished_on"])
    facts = {"terminal": str(terminal.pk), "tries": done, "network": locked.network, "by": by.pk}
    record("face.pictures_tested", subject=terminal.school_id, facts=facts, personal={})
    return locked
