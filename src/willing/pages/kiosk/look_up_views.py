"""The staff look-up: whom the cashier is shown, and who of them pays."""

from collections.abc import Sequence

from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from willing.accounts.attempts import require_few_attempts
from willing.core.errors import Refused
from willing.pages.kiosk.access import Answer, AtTill, at_till, uuid_in
from willing.pages.kiosk.presenters import look_up
from willing.pages.kiosk.screen import FoundPerson
from willing.people.queries import present_persons
from willing.terminals.models import Way
from willing.till import errors
from willing.till.identification import identify_by_staff
from willing.till.look_ups import record_shown


@require_GET
@at_till
def people(till: AtTill) -> Answer:
    """Answer the staff look-up while the pupil has asked for it."""
    basket = till.basket
    is_asked = basket is not None and till.place.stage_of(basket.id) == Way.STAFF
    text = till.request.GET.get("text", "")
    found = look_up(till.terminal, text) if is_asked else []
    refusal = ""
    try:
        note_shown(till, found)
    except Refused as refused:
        found, refusal = [], str(refused.message)
    context = {"people": found, "text": text.strip(), "refusal": refusal}
    return render(till.request, "kiosk/_people.html", context)


def note_shown(till: AtTill, people: Sequence[FoundPerson]) -> None:
    """Write down whom the look-up shows, each once a basket. Raises Refused too_many_attempts."""
    basket = till.basket
    new = till.place.keep_shown(basket.id, [one.id for one in people]) if basket else []
    if new:
        require_few_attempts(till.request, "till_look_up", key=str(till.user.pk))
        record_shown(new, till.terminal, by=till.cashier)


@require_POST
@at_till
def staff(till: AtTill) -> Answer:
    """Let the cashier say who pays."""
    person_id = uuid_in(till.request.POST.get("person", ""), errors.person_unknown())
    person = present_persons(till.terminal.school).filter(pk=person_id).first()
    if person is None:
        raise errors.person_unknown()
    identify_by_staff(till.terminal, till.require_basket().id, person, by=till.cashier)
    return None
