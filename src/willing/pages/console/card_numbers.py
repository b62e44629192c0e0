"""Give a person a card that the school has already, by the number that a reader types or that is on it."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from willing.accounts.access import PageRequest, allow_roles
from willing.core.errors import Refused
from willing.credentials.cards import assign_card_number
from willing.pages.console.helpers import back_to_person, show, user_of
from willing.pages.console.roles import OFFICE
from willing.pages.ui.focus import FocusesErrors
from willing.people.queries import require_person


class CardNumberForm(FocusesErrors):
    """The number of a card that was not printed here."""

    number = forms.CharField(
        label=gettext_lazy("Number of the card"),
        max_length=40,
        help_text=gettext_lazy(
            "Hold the card to a reader that is set as those at the tills, or type what is printed on it."
        ),
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "data-takes-card": True,
                "autofocus": True,
            }
        ),
    )


@require_http_methods(["GET", "POST"])
@allow_roles(*OFFICE)
def card_number(request: PageRequest, person_id: UUID) -> HttpResponse:
    """Assign a card's number to a person, or show why it can't be theirs."""
    person = require_person(request.school, person_id)
    form, status = CardNumberForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                is_new = assign_card_number(person, form.cleaned_data["number"], by=user_of(request))
            except Refused as refused:
                form.add_error("number", str(refused.message))
                status = 409
            else:
                text = _("The card works now.") if is_new else _("This card works for this person already.")
                messages.success(request, text)
                return back_to_person(person, "card")
    return show(request, "console/card_number.html", {"person": person, "form": form}, status=status)
