"""A capture at the enrolment desk: pictures and cards, until it is finished or dropped."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from willing.accounts.models import User
from willing.biometrics import card_processes, errors
from willing.biometrics.card_messages import SIBLINGS_MAX, Occasion, sibling_name
from willing.biometrics.card_processes import ProcessFailed
from willing.biometrics.card_sealing import SealedShare, SealingCard, forget_faces
from willing.biometrics.desk_pictures import (
    count_capture,
    require_person,
    shows_picture,
    watch_capture,
    zone_of,
)
from willing.biometrics.engine import require_engine
from willing.biometrics.enrolment import enrol, require_permission
from willing.biometrics.memory import Capture, captures
from willing.biometrics.models import Template
from willing.biometrics.queries import kinds_of
from willing.biometrics.resealing import may_seal_anew, seal_anew
from willing.core.ids import new_id
from willing.people.models import Person


@dataclass(frozen=True)
class CaptureState:
    """What the desk shows after a frame: the hint, the good frames, whether to confirm the person."""

    hint: str
    good_frames: int
    quality: int
    shows_picture: bool = False


def start_capture(person: Person, purpose: str, *, user: User) -> UUID:
    """Begin a capture at the desk; where a stored face may be sealed with a card, without pictures.

    Raises Refused not_permitted, face_not_available, already_enrolled.
    """
    require_engine(person.school)
    require_permission(person, purpose)
    stored = Template.objects.filter(person=person, purpose=purpose).defer("sealed").first()
    if stored is not None and not may_seal_anew(stored, kinds_of(person.school)):
        raise errors.already_enrolled()
    capture_id = new_id()
    capture = Capture(person.id, purpose, user.pk, is_resealing=stored is not None)
    watch_capture(capture, person.school)
    captures.put(capture_id, capture)
    return capture_id


def add_capture_frame(
    capture_id: UUID, picture: bytes, *, user: User, by_camera: bool = True
) -> CaptureState:
    """Look at one picture of a capture; keep its face in memory where it is good.

    by_camera: False for a photograph that was uploaded, which is a picture of the person in any case.
    """
    capture = _require_capture(capture_id, user)
    person = Person.objects.select_related("school").get(pk=capture.person_id)
    engine = require_engine(person.school)
    from willing.face import FaceError  # only once the engine is known to be there

    try:
        with capture.lock:
            zone, watch = zone_of(capture, by_camera=by_camera)
            look = engine.process_frame(picture, purpose="enrolment", zone=zone, watch=watch)
    except FaceError as error:
        raise errors.frame_not_readable(error.code) from None
    hint = look.hint.value
    with capture.lock:
        if look.face is not None and not capture.add(look.face):
            hint = SAME_PICTURE
        quality = round(look.quality.score) if look.quality else 0
        return CaptureState(hint, len(capture.faces), quality, shows_picture(capture))


# The engine has no such hint: only the desk asks for several frames of one person.
SAME_PICTURE = "same_picture"


def _require_capture(capture_id: UUID, user: User) -> Capture:
    capture = captures.find(capture_id)
    if capture is None or capture.user_id != user.pk:
        raise errors.capture_gone()
    return capture


def abandon_capture(capture_id: UUID, *, user: User) -> None:
    """Forget a capture; abandoning one that is gone changes nothing."""
    capture = captures.find(capture_id)
    if capture is not None and capture.user_id == user.pk:
        if shows_picture(capture):
            count_capture(capture)
        captures.drop(capture_id)


@dataclass(frozen=True)
class SealingKey:
    """What the desk's page seals shares to, in hexadecimal, and what it binds them to.

    info: for the card of whom is enrolled. siblings: for those of siblings, in the order they are sent.
    """

    public: str
    info: str
    siblings: tuple[str, ...]


def begin_sealing(capture_id: UUID, *, user: User) -> SealingKey:
    """Begin the process that opens the shares of a capture; it lives for half a minute.

    Raises Refused capture_gone, face_not_available, picture_at_desk.
    """
    capture = _require_capture(capture_id, user)
    require_person(capture)
    school_id = Person.objects.values_list("school_id", flat=True).get(pk=capture.person_id)
    occasion = Occasion(str(school_id), str(capture_id), str(capture_id))
    try:
        process = card_processes.begin(capture_id, occasion)
    except ProcessFailed:
        raise errors.face_not_available() from None
    siblings = (occasion.info(sibling_name(number)).hex() for number in range(SIBLINGS_MAX))
    return SealingKey(process.public, occasion.info().hex(), tuple(siblings))


def finish_capture(
    capture_id: UUID,
    *,
    user: User,
    card: SealedShare | None = None,
    siblings: Sequence[SealedShare] = (),
) -> Template:
    """Turn a capture into an enrolled template, and forget it. A refused one may go on with more frames.

    card: whose share is half of the template's key; None where the school alone will be able to open it.
    siblings: the cards of brothers and sisters of the same age, whose faces are compared with the new one.
    Raises as `enrol` does, and picture_at_desk.
    """
    capture = _require_capture(capture_id, user)
    person = Person.objects.select_related("school").get(pk=capture.person_id)
    require_person(capture)
    try:
        with capture.lock:
            seal = SealingCard(capture_id, card, tuple(siblings)) if card else None
            template = _finish(person, capture, seal, user)
    finally:
        card_processes.close(capture_id)
    count_capture(capture)
    captures.drop(capture_id)
    if card:
        forget_faces(capture.faces)
    return template


def _finish(person: Person, capture: Capture, card: SealingCard | None, user: User) -> Template:
    if not capture.is_resealing:
        return enrol(person, capture.purpose, list(capture.faces), user=user, card=card)
    if card is None:
        raise errors.card_needed()
    return seal_anew(person, capture.purpose, card, user=user)


@dataclass(frozen=True)
class CaptureProgress:
    """How far a capture at the desk is: of whom, what for, how many good frames; as `Capture`."""

    person_id: UUID
    purpose: str
    good_frames: int
    shows_picture: bool = False
    is_resealing: bool = False


def find_capture(capture_id: UUID, *, user: User) -> CaptureProgress | None:
    """Return how far this user's capture is, or None where it is over or another user's."""
    capture = captures.find(capture_id)
    if capture is None or capture.user_id != user.pk:
        return None
    frames, is_resealing = len(capture.faces), capture.is_resealing
    return CaptureProgress(capture.person_id, capture.purpose, frames, shows_picture(capture), is_resealing)
