"""Pictures held up at the enrolment desk: who confirms the person, and the day's numbers.

Whoever enrols from a picture pays for years, so the desk's camera is watched as a till's is. But a member of
staff sits opposite: doubt asks for no turn, and what is taken for a picture is enrolled once they have
confirmed the person. Photographs that the office uploads are photographs, and are not watched.
"""

from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import F, Sum

from willing.accounts.models import User
from willing.audit.actions import record
from willing.biometrics import errors
from willing.biometrics.engine import picture_check
from willing.biometrics.memory import Capture, captures
from willing.biometrics.models import PictureCheck
from willing.biometrics.picture_models import DeskPictureDay
from willing.biometrics.pictures import PictureSums
from willing.biometrics.queries import pictures_as_read
from willing.core.transactions import atomic
from willing.people.models import School
from willing.people.queries import today

if TYPE_CHECKING:
    from willing.face import AliveWatch, Zone


def watch_capture(capture: Capture, school: School) -> None:
    """Let a new capture be watched, where the school has decided so and a network is there."""
    decided = pictures_as_read(school)
    check = None if decided == PictureCheck.OFF else picture_check()
    if check is not None:
        from willing.face import AliveWatch

        capture.watch, capture.acts = AliveWatch(check), decided == PictureCheck.ACTING


def zone_of(capture: Capture, *, by_camera: bool) -> "tuple[Zone, AliveWatch | None]":
    """Return where in a picture the face has to be, and what watches it.

    Where the check decides, the face has to be so far that its surroundings are in the picture.
    """
    from willing.face import Zone

    watch = capture.watch if by_camera else None
    if watch is None or not capture.acts:
        return Zone(), watch
    return Zone(face_height_max=watch.limits.face_height_max), watch


def shows_picture(capture: Capture) -> bool:
    """Say whether a capture needs a member of staff to confirm the person before it is enrolled."""
    return capture.acts and not capture.is_confirmed and _verdict(capture) == "picture"


def _verdict(capture: Capture) -> str:
    return capture.watch.verdict().value if capture.watch else "more"


def require_person(capture: Capture) -> None:
    """Refuse a capture that shows a picture. Raises Refused picture_at_desk."""
    if shows_picture(capture):
        count_capture(capture)
        raise errors.picture_at_desk()


@atomic
def confirm_person(capture_id: UUID, *, user: User) -> None:
    """Record that a member of staff sees the person sit there, whatever the check says of the capture.

    The log has who confirmed, and not whom. Confirming what needs none changes nothing. Raises Refused
    capture_gone.
    """
    capture = captures.find(capture_id)
    if capture is None or capture.user_id != user.pk:
        raise errors.capture_gone()
    if not shows_picture(capture):
        return
    count_capture(capture)
    school = School.objects.get(persons__pk=capture.person_id)
    row = DeskPictureDay.objects.filter(school=school, acts=True, picture__gt=F("confirmed"))
    row.filter(day=today(school)).update(confirmed=F("confirmed") + 1)
    record("face.capture_confirmed", subject=school.pk, facts={"by": user.pk}, personal={})
    capture.is_confirmed = True


@atomic
def count_capture(capture: Capture) -> None:
    """Add what the check says of a capture to the desk's day, once."""
    verdict = _verdict(capture)
    if capture.is_counted or verdict == "more":
        return
    school = School.objects.get(persons__pk=capture.person_id)
    row, _ = DeskPictureDay.objects.get_or_create(school=school, day=today(school), acts=capture.acts)
    DeskPictureDay.objects.filter(pk=row.pk).update(
        live=F("live") + int(verdict == "live"),
        doubt=F("doubt") + int(verdict == "doubt"),
        picture=F("picture") + int(verdict == "picture"),
    )
    capture.is_counted = True


def desk_picture_sums(school: School, since: date) -> PictureSums | None:
    """Return the desk's numbers from a day on, as those of a till; None where nothing was counted."""
    rows = DeskPictureDay.objects.filter(school=school, day__gte=since)
    sums = rows.aggregate(live=Sum("live"), asked=Sum("doubt"), picture=Sum("picture"))
    if sums["live"] is None:
        return None
    return PictureSums("", sum(sums.values()), sums["live"], sums["asked"], sums["picture"])
