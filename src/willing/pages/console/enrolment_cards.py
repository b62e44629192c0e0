"""The pupil's card at the enrolment desk: whose it is, and what the page seals its share to."""

from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from willing.accounts.access import PageRequest, allow_roles
from willing.biometrics.card_sealing import SealedShare
from willing.biometrics.enrolment import begin_sealing
from willing.biometrics.errors import card_needed, card_of_another
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
    """Say whether a scan is the person's card, and what the reader's keys mean, for the page to read it."""
    person = require_person(request.school, person_id)
    typed = request.POST.get("code", "")[:TYPED_CHARS_MAX]
    scan = Scan(typed, read_keys(request.POST.get("keys", "")))
    try:
        found = _read(person, scan)
    except Refused as refused:
        return JsonResponse({"refusal": str(refused.message)}, status=409)
    return JsonResponse(found)


def _read(person: Person, scan: Scan) -> dict[str, str]:
    for layout, _prefix, code in readings(scan):
        if find_live_card(person.school, code) is not None:
            require_card_of(person, code)
            return {"code": code, "keys": keys_of_codes(layout)}
    raise card_of_another()


def require_card_of(person: Person, code: str) -> Card:
    """Return a person's own card that works. Raises Refused card_of_another."""
    found = find_live_card(person.school, code)
    if found is None or found.person_id != person.id:
        raise card_of_another()
    return found


@require_POST
@allow_roles(*OFFICE)
def key(request: PageRequest, person_id: UUID, purpose: str, capture_id: UUID) -> HttpResponse:  # noqa: ARG001
    """Begin the process that seals, and say what the page seals the card's share to."""
    try:
        public, info = begin_sealing(capture_id, user=user_of(request))
    except Refused as refused:
        return JsonResponse({"refusal": str(refused.message)}, status=409)
    return JsonResponse({"key": public, "info": info})


def sealed_share(request: PageRequest, person: Person) -> SealedShare | None:
    """Return the card that a finished form came with, or None where the school alone is to open the face.

    Raises Refused card_needed, card_of_another.
    """
    if request.POST.get("kind") != "card":
        return None
    share = request.POST.get("share", "")
    if not share or len(share) > SHARE_CHARS_MAX:
        raise card_needed()
    return SealedShare(require_card_of(person, request.POST.get("code", "")).pk, share)
