"""Refusals of this room."""

from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused


def face_not_available() -> Refused:
    """The face engine is not installed, the legal profile forbids it, or the keys are out of reach."""
    return Refused(
        "face_not_available", _("Paying with a face is not available here. Please pay another way.")
    )


def session_closed() -> Refused:
    """A frame or an answer for a session that is closed, expired, or belongs to another terminal."""
    return Refused("session_closed", _("The camera is off. Please choose how to pay."))


def session_open() -> Refused:
    """A second session where one is still open."""
    return Refused("session_open", _("The camera is already on."))


def too_few_frames() -> Refused:
    """Fewer good frames than a reference needs."""
    return Refused("too_few_frames", _("A few more good pictures are needed."))


def several_people() -> Refused:
    """The frames at the desk are not all of one person."""
    return Refused("several_people", _("These pictures show more than one person. Please start over."))


def already_enrolled() -> Refused:
    """The person has a template for this purpose; it must be erased before a new one."""
    return Refused("already_enrolled", _("This person is already enrolled."))


def capture_gone() -> Refused:
    """The capture at the desk was finished, abandoned or timed out; nothing of it was kept."""
    return Refused("capture_gone", _("This session has expired. Please start over."))


def frame_not_readable(code: str) -> Refused:
    """The frame is not a picture that the engine can read; `code` is the engine's word."""
    return Refused("frame_not_readable", _("This picture can't be read."), {"reason": code})


def no_face_to_erase() -> Refused:
    """Nobody's template is there to erase."""
    return Refused("no_face_to_erase", _("No face is stored for this person."))


def claim_first() -> Refused:
    """Faces alone identify nobody here: a card, a code or a PIN says first who it is."""
    return Refused("claim_first", _("Please show your card or enter your PIN first."))


def face_not_usable() -> Refused:
    """The person has no template that can be compared now: none, a suspended one, or an outdated one."""
    return Refused(
        "face_not_usable", _("The camera can't be used for this payment. Your card or PIN is enough.")
    )


def filing_missing() -> Refused:
    """As many people are enrolled as the law allows before the school's filing is recorded."""
    return Refused("filing_missing", _("No more faces can be stored until the school's filing is recorded."))


def nothing_to_suspend() -> Refused:
    """Nobody's template is there to suspend or to resume."""
    return Refused("nothing_to_suspend", _("No face is stored for this person."))


def nothing_to_confirm() -> Refused:
    """Nobody's template is there to confirm after a restore: it was erased meanwhile."""
    return Refused("nothing_to_confirm", _("No face is stored for this person any more."))


def search_not_allowed() -> Refused:
    """The school's legal profile lets no face be found among all who are enrolled, whoever decides it."""
    return Refused(
        "search_not_allowed",
        _("Under this school's legal profile a face only confirms a card, a code or a PIN."),
    )


def central_not_allowed() -> Refused:
    """The school's legal profile lets no face be stored that the school alone could open."""
    return Refused(
        "central_not_allowed",
        _("Under this school's legal profile a face opens only with the pupil's own card."),
    )


def card_needed() -> Refused:
    """A face of a card was to be enrolled without that card's share, or with one that does not open it."""
    return Refused("card_needed", _("Please have the pupil's printed card read first."))


def card_of_another() -> Refused:
    """The card at the desk is not one of the person who is being enrolled."""
    return Refused("card_of_another", _("This is not a card of this person."))


def siblings_not_asked() -> Refused:
    """A face of a card was to be enrolled without an answer about brothers and sisters of the same age."""
    return Refused(
        "siblings_not_asked", _("Please say whether a brother or sister of the same age is enrolled.")
    )


def sibling_needed() -> Refused:
    """A sibling of the same age has a face stored, and their card was not read."""
    return Refused(
        "sibling_needed",
        _("Please have the card of the brother or sister of the same age read as well."),
    )


def sibling_without_face() -> Refused:
    """No face that can be compared is stored with the card that was read for a sibling."""
    return Refused("sibling_without_face", _("No face is stored with this card."))


def too_many_siblings() -> Refused:
    """More siblings' cards were read than can be compared at once."""
    return Refused("too_many_siblings", _("No more than four brothers and sisters can be compared at once."))


def looks_alike() -> Refused:
    """The engine can't tell a newcomer from a sibling: neither pays with a face that a card opens."""
    return Refused(
        "looks_alike",
        _(
            "The camera could confuse these two people. No new face was stored and the stored one is no "
            "longer used: both pay by card and PIN."
        ),
    )


def refresh_over() -> Refused:
    """What a press could have refreshed a template with is gone, or it may not be refreshed (any more)."""
    return Refused("refresh_over", _("That was too late, so nothing was changed. You can do it another day."))


def refresh_unlike() -> Refused:
    """The frame is not surely of whom the desk enrolled, or somebody else looks much like it."""
    return Refused(
        "refresh_unlike",
        _("This picture differs too much from those of the desk, so nothing was changed."),
    )


def kind_not_enrolled() -> Refused:
    """The school enrols faces of another kind."""
    return Refused("kind_not_enrolled", _("Faces of this kind are not enrolled here."))


def pictures_count_first() -> Refused:
    """The check for pictures acts only after it has counted for a while, so that its numbers are known."""
    return Refused(
        "pictures_count_first", _("Let it count first. Then decide by the numbers of your own tills.")
    )


def till_not_testable(cause: str) -> Refused:
    """Pictures are not detected at this till, or not on this computer, so there is nothing to test."""
    text = _("This till can't be tested now. Its test page says why.")
    return Refused("till_not_testable", text, {"cause": cause})


def try_gone() -> Refused:
    """A try before a till's camera is over, another's, or of a test that is finished."""
    return Refused("try_gone", _("This try is over. Start it again."))


def no_such_try() -> Refused:
    """Of this kind nothing more is to be tried, or there is no such kind."""
    return Refused("no_such_try", _("All tries of this kind are done."))


def test_unknown() -> Refused:
    """No such test of this till, or it is not finished."""
    return Refused("test_unknown", _("There is no such test of this till."))


def picture_at_desk() -> Refused:
    """The check takes what the desk's camera saw for a picture, and nobody has confirmed the person."""
    return Refused(
        "picture_at_desk",
        _(
            "The camera may have seen a picture instead of the person. Confirm that the person sits here, or "
            "start over."
        ),
    )
