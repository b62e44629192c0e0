"""Cards at the enrolment desk, the pupil's and siblings': whose they are, what their shares are sealed to."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from willing.accounts.access import PageRequest, allow_roles
from willing.biometrics.capture import begin_sealing
from willing.biometrics.card_messages import SIBLINGS_MAX
from willing.biometrics.card_sealing import SealedShare
from willing.biometrics.errors import (
    card_needed,
    card_of_another,
    sibling_needed,
    sibling_without_face,
    siblings_not_asked,
    too_many_siblings,
)
from willing.biometrics.siblings import comparable_card
from willing.core.errors import Refused
from willing.credentials.cards import find_live_card
from willing.credentials.models import Card
from willing.pages.console.helpers import user_of
from willing.pages.console.roles import OFFICE
from willing.people.models import Person
from willing.people.queries import require_person
from willing.terminals.keyboards import Scan, keys_of_codes, read_keys, readings

TYPED_CHARS_MAX = 80
SHARE_CHARS_MAX = 2 * (65 + 16 + 16)


@require_POST
@allow_roles(*OFFICE)
def card(request: PageRequest, person_id: UUID, purpose: str, capture_id: UUID) -> HttpResponse:  # noqa: ARG001
    """Say whether a scan is the person's card, or a sibling's, and what the reader's keys mean."""
    person = require_person(request.school, person_id)
    typed = request.POST.get("code", "")[:TYPED_CHARS_MAX]
    scan = Scan(typed, read_keys(request.POST.get("keys", "")))
    is_sibling = request.POST.get("whose") == "sibling"
    try:
        found = _read(scan, partial(require_sibling_card if is_sibling else require_card_of, person, purpose))
    except Refused as refused:
        return JsonResponse({"refusal": str(refused.message)}, status=409)
    return JsonResponse(found)


def _read(scan: Scan, require: Callable[[str], Card]) -> dict[str, str]:
    refused: Refused = card_of_another()
    for layout, _prefix, code in readings(scan):
        try:
            require(code)
        except Refused as error:
            refused = error
        else:
            return {"code": code, "keys": keys_of_codes(layout)}
    raise refused


def require_card_of(person: Person, purpose: str, code: str) -> Card:  # noqa: ARG001
    """Return a person's own card that works. Raises Refused card_of_another."""
    found = find_live_card(person.school, code)
    if found is None or found.person_id != person.id or found.is_foreign:
        raise card_of_another()
    return found


def require_sibling_card(person: Person, purpose: str, code: str) -> Card:
    """Return another person's card that opens a face to compare with. Raises Refused sibling_without_face."""
    found = find_live_card(person.school, code)
    if found is None or comparable_card(person.school, purpose, found.pk, person) is None:
        raise sibling_without_face()
    return found


@require_POST
@allow_roles(*OFFICE)
def key(request: PageRequest, person_id: UUID, purpose: str, capture_id: UUID) -> HttpResponse:  # noqa: ARG001
    """Begin the process that seals, and say what the page seals the cards' shares to."""
    try:
        made = begin_sealing(capture_id, user=user_of(request))
    except Refused as refused:
        return JsonResponse({"refusal": str(refused.message)}, status=409)
    return JsonResponse({"key": made.public, "info": made.info, "siblings": made.siblings})


@dataclass(frozen=True)
class SealedShares:
    """The cards that a finished form came with. own: None where the school alone is to open the face."""

    own: SealedShare | None = None
    siblings: tuple[SealedShare, ...] = ()


def sealed_shares(request: PageRequest, person: Person, purpose: str) -> SealedShares:
    """Return the cards that a finished form came with.

    Raises Refused card_needed, card_of_another, siblings_not_asked, sibling_needed, sibling_without_face,
    too_many_siblings.
    """
    if request.POST.get("kind") != "card":
        return SealedShares()
    own = _sealed(request.POST.get("share", ""), card_needed)
    of = require_card_of(person, purpose, request.POST.get("code", ""))
    siblings = _siblings(request, partial(require_sibling_card, person, purpose))
    return SealedShares(SealedShare(of.pk, own), siblings)


def _siblings(request: PageRequest, require: Callable[[str], Card]) -> tuple[SealedShare, ...]:
    answer = request.POST.get("siblings", "")
    codes, shares = request.POST.getlist("sibling-code"), request.POST.getlist("sibling-share")
    if answer not in {"no", "yes"}:
        raise siblings_not_asked()
    if answer == "no":
        return ()
    if not codes or len(codes) != len(shares):
        raise sibling_needed()
    if len(codes) > SIBLINGS_MAX:
        raise too_many_siblings()
    read = zip(codes, shares, strict=True)
    return tuple(SealedShare(require(code).pk, _sealed(share, sibling_needed)) for code, share in read)


def _sealed(share: str, refusal: Callable[[], Refused]) -> str:
    if not share or len(share) > SHARE_CHARS_MAX:
        raise refusal()
    return share
