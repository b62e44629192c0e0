"""Ways of a terminal, where no camera may be, who signs on at a till, and how long codes count. Pure."""

from collections.abc import Collection
from enum import StrEnum

# Where people sleep or undress there is no camera, whatever the local law (models.Location).
LOCATIONS_WITHOUT_FACE = frozenset({"toilet", "changing_room", "dormitory"})

# Terminals for these do the same deed (they sell), so that one may become the other; the database agrees.
LIKE_ONE_ANOTHER = frozenset({"canteen", "shop"})


class WaysFault(StrEnum):
    """Why a terminal can't be set up so."""

    NEEDS_ANOTHER_WAY = "terminal_needs_another_way"
    NOT_FOR_FACES = "place_not_for_faces"
    NO_FACE = "terminal_takes_no_face"


def find_ways_fault(
    ways: Collection[str], location: str, face_kinds: Collection[str] = ("central", "card")
) -> WaysFault | None:
    """Return what is wrong with the ways of a terminal at a location, or None.

    face_kinds: which faces it takes, by who can open them.
    A face is never the only way (promise 2), nor is the look-up by staff; without a face is always right.
    """
    if not {"card", "pin"} & set(ways):
        return WaysFault.NEEDS_ANOTHER_WAY
    if "face" in ways and location in LOCATIONS_WITHOUT_FACE:
        return WaysFault.NOT_FOR_FACES
    if "face" in ways and not face_kinds:
        return WaysFault.NO_FACE
    return None


def may_become(purpose: str, other: str) -> bool:
    """Say whether a terminal for one purpose may be for another from now on: a till stays a till."""
    return purpose == other or {purpose, other} <= LIKE_ONE_ANOTHER


PAIRING_MINUTES = 15


# How long an Idempotency-Key stands for its request (docs/reference/api.md).
REQUEST_KEY_HOURS = 24


# Longer than the gap between two classes at a counter, shorter than that between two sittings: who serves the
# next one is asked for their own PIN, and nobody's sales bear the name of the colleague before.
SIGN_ON_MINUTES_IDLE = 15
# Who may sign on at a till: those who may open its page.
TILL_ROLES = frozenset({"cashier", "office"})
