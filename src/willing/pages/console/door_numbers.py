"""By which number the readers at doors know a person's card. It is entered, and shown nowhere."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from willing.accounts.access import PageRequest, allow_roles
from willing.core.errors import Refused
from willing.credentials.models import Card
from willing.gate.card_numbers import cards_at_doors, set_door_number
from willing.gate.device_states import has_devices
from willing.gate.doors.wiegand import PRINTED_CHARS_MAX
from willing.pages.console.helpers import read_id, show, user_of
from willing.pages.console.roles import OFFICE
from willing.pages.ui.focus import FocusesErrors
from willing.people.models import Person
from willing.people.queries import require_person


class DoorNumberForm(FocusesErrors):
    """The number that is printed on one card."""

    number = forms.CharField(
        label=gettext_lazy("Number that is printed on the card"),
        help_text=gettext_lazy("As 10058400, or 100,58400."),
        widget=forms.TextInput(
            {
                "autocomplete": "off",
                "inputmode": "text",
                "spellcheck": "false",
                "maxlength": PRINTED_CHARS_MAX,  # what is longer is refused by name
            }
        ),
    )

    def __init__(self, card: Card, data: QueryDict | None = None) -> None:
        """Be one of several forms of the page."""
        super().__init__(data, auto_id=f"door-number-{card.pk}-%s", label_suffix="")


@require_http_methods(["GET", "POST"])
@allow_roles(*OFFICE)
def door_numbers(request: PageRequest, person_id: UUID) -> HttpResponse:
    """Show which of a person's cards the readers at doors know; take a number, or take one away."""
    person = require_person(request.school, person_id)
    if request.method != "POST":
        return _show(request, person)
    card_id = read_id(request.POST.get("card", ""))
    card = next((one for one, _is_known in cards_at_doors(person) if one.pk == card_id), None)
    if card is None:  # revoked meanwhile
        return _show(request, person, refusal=_("This card doesn't work any more."), status=409)
    if request.POST.get("deed") == "remove":
        set_door_number(card, "", by=user_of(request))
        messages.success(request, _("The readers at the doors know this card no more."))
        return redirect("console:door-numbers", person_id)
    form = DoorNumberForm(card, request.POST)
    if not form.is_valid():
        return _show(request, person, filled=(card, form), status=422)
    try:
        set_door_number(card, form.cleaned_data["number"], by=user_of(request))
    except Refused as refused:
        form.add_error("number", str(refused.message))
        return _show(request, person, filled=(card, form), status=409)
    messages.success(
        request, _("The readers at the doors know this card; a controller learns it within a minute.")
    )
    return redirect("console:door-numbers", person_id)


def _show(
    request: PageRequest,
    person: Person,
    *,
    filled: tuple[Card, DoorNumberForm] | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    """Show the page, with the form of one card as it was filled in."""
    if filled is not None:
        filled[1].focus_first_error()
    rows = [
        (card, is_known, filled[1] if filled and filled[0].pk == card.pk else DoorNumberForm(card))
        for card, is_known in cards_at_doors(person)
    ]
    context = {
        "person": person,
        "rows": rows,
        "refusal": refusal,
        "has_readers": has_devices(request.school),
    }
    return show(request, "console/doors/numbers.html", context, status=status)
