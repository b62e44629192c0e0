"""Pictures held up to a camera: what a session watches for, and the day's numbers. Nothing else is kept."""

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from django.db.models import F, Sum

from willing.biometrics.engine import picture_check
from willing.biometrics.memory import FaceSearch, watches
from willing.biometrics.models import FaceSession, PictureCheck
from willing.biometrics.picture_models import PictureDay
from willing.biometrics.queries import pictures_as_read
from willing.core.collation import by_language
from willing.dpia.fuse_rules import Pictures
from willing.people.models import School
from willing.people.queries import today

if TYPE_CHECKING:
    from willing.biometrics.card_search import CardSearch
    from willing.face import Alive, Engine, FrameStep


def process_picture(
    session: FaceSession, engine: "Engine", seen: "FaceSearch | CardSearch", picture: bytes
) -> "FrameStep":
    """Look at one frame of a session, and return the decision or the hint. Raises FaceError, ProcessFailed.

    Where the school has decided so, only a living person is a match; elsewhere nothing is watched.
    """
    from willing.face import FrameStep, Hint, Zone

    alive, zone, keeps = _watch_of(session), Zone(), seen.keeps
    if alive is None:
        look = engine.process_frame(picture, purpose="till", with_reference=keeps)
        seen.frame = look.face if keeps else None
        if look.hint is Hint.SEVERAL_FACES:
            seen.reset()  # whose frames the earlier ones were is no longer sure
        return FrameStep(seen.add(look.face.template) if look.face else None, look.hint)
    if alive.acts:
        zone = replace(zone, face_height_max=alive.watch.limits.face_height_max)
    look = engine.process_frame(picture, purpose="till", zone=zone, watch=alive.watch, with_reference=keeps)
    seen.frame = look.face if keeps else None
    return alive.add(seen, look.face.template) if look.face else alive.no_face(seen, look.hint)


def _watch_of(session: FaceSession) -> "Alive | None":
    """Return what watches a session, begun with its first frame. The session is read with `face_rules`."""
    from willing.face import Alive, AliveWatch

    decided = pictures_as_read(session.school)
    check = None if decided == PictureCheck.OFF else picture_check()
    if check is None:
        return None
    alive = watches.find(session.id)
    if alive is None:
        alive = Alive(AliveWatch(check), acts=decided == PictureCheck.ACTING)
        watches.put(session.id, alive)
    return alive


def is_seen_alive(session: FaceSession) -> bool:
    """Say whether nothing speaks for a picture: the check found a living person, or the school has none."""
    alive = watches.find(session.id)
    return alive is None or (alive.finding is not None and alive.finding.value in {"live", "turned"})


def count_finding(session: FaceSession) -> None:
    """Add what the check found in a session to its terminal's day. Call inside a transaction.

    Nothing is counted of a session that named nobody, nor of one that was stopped.
    """
    alive = watches.drop(session.id)
    if alive is None or alive.finding is None:
        return
    row, _ = PictureDay.objects.get_or_create(
        terminal_id=session.terminal_id, day=today(session.school), acts=alive.acts
    )
    found = alive.finding.value
    PictureDay.objects.filter(pk=row.pk).update(
        live=F("live") + int(found == "live"),
        turned=F("turned") + int(found == "turned"),
        not_turned=F("not_turned") + int(found == "not_turned"),
        picture=F("picture") + int(found == "picture"),
        doubt=F("doubt") + int(found == "doubt"),
    )


def picture_totals(school: School, first: date, after: date) -> Pictures:
    """Return in how many sessions the check looked from a day until before another, and found a picture."""
    rows = PictureDay.objects.filter(terminal__school=school, day__gte=first, day__lt=after)
    looked = F("live") + F("turned") + F("not_turned") + F("doubt") + F("picture")
    sums = rows.aggregate(sessions=Sum(looked, default=0), found=Sum("picture", default=0))
    return Pictures(sums["sessions"], sums["found"])


@dataclass(frozen=True)
class PictureSums:
    """What the check found at one terminal over some days, shadow and acting together."""

    terminal: str
    sessions: int
    live: int
    asked: int
    picture: int


def picture_sums(school: School, since: date) -> list[PictureSums]:
    """Return a school's numbers from a day on, by terminal."""
    rows = PictureDay.objects.filter(terminal__school=school, day__gte=since)
    sums = rows.values("terminal__name").annotate(
        live_sum=Sum("live"),
        asked_sum=Sum(F("turned") + F("not_turned") + F("doubt")),
        picture_sum=Sum("picture"),
    )
    return [
        PictureSums(
            terminal=row["terminal__name"],
            sessions=row["live_sum"] + row["asked_sum"] + row["picture_sum"],
            live=row["live_sum"],
            asked=row["asked_sum"],
            picture=row["picture_sum"],
        )
        for row in sums.order_by(*by_language("terminal__name"))
    ]
