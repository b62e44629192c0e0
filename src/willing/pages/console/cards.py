"""Print a person's card. What is on it is shown once, on that page, and kept nowhere."""

from uuid import UUID, uuid4

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from willing.accounts.access import PageRequest, allow_roles
from willing.core.errors import Refused
from willing.credentials.cards import code_of, is_issued, issue_printed_card, revoke_card
from willing.credentials.errors import card_printed_already
from willing.documents.cards import print_card
from willing.pages.console.address_doubt import address_doubt
from willing.pages.console.helpers import show, user_of
from willing.pages.console.roles import OFFICE
from willing.pages.ui.links import public_url
from willing.people.models import Person
from willing.people.persons import require_present
from willing.people.queries import require_person


@require_POST
@allow_roles(*OFFICE)
def new_card(request: PageRequest, person_id: UUID) -> HttpResponse:
    """Make a card and give its page, this once.

    The same form sent again makes no second page: it says so, and offers a new card in place of the first.
    """
    person = require_person(request.school, person_id)
    key, instead_of = _id_in(request, "key"), _id_in(request, "instead_of")
    if key is None:
        key = uuid4()
    try:
        pdf = _print(request, person, key)
    except Refused as refused:
        if refused.code != "card_printed_already":
            raise
        context = {
            "person": person,
            "refusal": str(refused.message),
            "key": uuid4(),
            "instead_of": key,
            **address_doubt(request),
        }
        return show(request, "console/card.html", context, status=409)
    if instead_of is not None:
        revoke_card(person, instead_of, by=user_of(request))
    headers = {"Content-Disposition": 'inline; filename="card.pdf"', "Cache-Control": "no-store"}
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)


def _print(request: PageRequest, person: Person, key: UUID) -> bytes:
    """Return the page of a card, which works from now on."""
    require_present(person)
    if is_issued(person, key):
        raise card_printed_already()
    # First the page, then the card: of a page that can't be made nothing is left.
    has_copy = request.POST.get("copy") == "1"
    pdf = print_card(person, code_of(person, key), public_url(request, reverse("card")), has_copy=has_copy)
    issue_printed_card(person, by=user_of(request), key=key)
    return pdf


def _id_in(request: PageRequest, name: str) -> UUID | None:
    try:
        return UUID(request.POST.get(name, ""))
    except ValueError:
        return None
