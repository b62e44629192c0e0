"""Assign the cards that a school has already from a list: two columns, whose they are and their number."""

from collections.abc import Mapping

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from willing.accounts.access import PageRequest, allow_roles
from willing.credentials import errors
from willing.credentials.card_lists import LineFault, Whose, assign_card_numbers
from willing.credentials.rules import CardNumberFault
from willing.pages.console.helpers import show, user_of
from willing.pages.console.roles import OFFICE
from willing.pages.ui.focus import FocusesErrors

TEXT_CHARS_MAX = 60_000
FAULTS_SHOWN = 200
CAUSES: Mapping[str, str | Promise] = {
    LineFault.NO_TWO_PARTS: _("This line has no two parts: whose card it is, and its number."),
    LineFault.PERSON_UNKNOWN: _("Nobody who is here has this ID or number."),
    LineFault.DOUBLED: _("This number is in the list more than once, so it is nobody's."),
    LineFault.TOO_MANY: _("The list is too long: 3,000 lines at the most."),
    LineFault.SHARE: errors.card_share_sent().message,
    LineFault.TAKEN: errors.card_number_taken().message,
    LineFault.OTHER_FORM: errors.card_number_in_other_form().message,
    CardNumberFault.NOT_VALID: errors.card_number_not_valid().message,
    CardNumberFault.LIKE_OURS: errors.card_number_like_ours().message,
    CardNumberFault.TOO_SHORT: errors.card_number_too_short().message,
}


class CardListForm(FocusesErrors):
    """A list of cards, copied from a spreadsheet."""

    whose = forms.ChoiceField(
        label=_("Whose card it is"),
        choices=[
            (Whose.REGISTER.value, _("ID in the register")),
            (Whose.TILL_NUMBER.value, _("Till number")),
        ],
    )
    lines = forms.CharField(
        label=_("The list"),
        max_length=TEXT_CHARS_MAX,
        strip=False,
        help_text=_(
            "Two columns, copied from a spreadsheet: whose card it is, and its number as the readers at the "
            "tills type it."
        ),
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "autocomplete": "off"}),
    )


@require_http_methods(["GET", "POST"])
@allow_roles(*OFFICE)
def card_list(request: PageRequest) -> HttpResponse:
    """Assign the cards of a list; show each line that assigns none, with its cause."""
    form = CardListForm(request.POST or None)
    if request.method != "POST":
        return show(request, "console/card_list.html", {"form": form})
    if not form.is_valid():
        return show(request, "console/card_list.html", {"form": form}, status=422)
    found = assign_card_numbers(
        request.school, form.cleaned_data["lines"], Whose(form.cleaned_data["whose"]), by=user_of(request)
    )
    text = ngettext("%(count)s card works now.", "%(count)s cards work now.", found.new) % {
        "count": found.new
    }
    if found.new or not found.faults:
        messages.success(request, text)
    if not found.faults:
        return redirect("console:people")
    context = {
        "form": form,
        "faults": [(line, CAUSES[code]) for line, code in sorted(found.faults.items())][:FAULTS_SHOWN],
        "faulty": len(found.faults),
    }
    return show(request, "console/card_list.html", context, status=409)
