"""Money across, by the office: wrong pay-ins taken back, between siblings, what leavers have left or owe."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.core.errors import Refused
from willing.core.money import format_minor
from willing.documents.leavers_letter import leavers_letter
from willing.documents.pdf import letters_to_pdf
from willing.pages.console.forms import Keyed, MoneyForm
from willing.pages.console.helpers import back_to_person, message_once, show, user_of
from willing.pages.console.roles import OFFICE, WRITES_OFF
from willing.pages.console.view_log import record_views
from willing.people.errors import unknown_person
from willing.people.look import look_of
from willing.people.queries import require_person
from willing.wallets.leavers import record_leaver_letters
from willing.wallets.models import WORDS_MAX
from willing.wallets.moves import (
    move_to_sibling,
    office_writes_off_minor,
    require_pay_in,
    reverse_pay_in,
    write_off,
)
from willing.wallets.queries import leaver_balance_of, leaver_balances, siblings_of
from willing.wallets.rules import Leaver


class WordsForm(Keyed):
    """Why the office takes money back, or gives up a debt; the family reads it."""

    words = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=WORDS_MAX,
        help_text=gettext_lazy("The family reads it. Please name nobody here."),
    )


class ReverseForm(WordsForm, MoneyForm):
    """How much of a pay-in was wrong, and why."""


class SiblingForm(Keyed, MoneyForm):
    """How much goes to which other child of the same guardian."""

    to = forms.ChoiceField(label=gettext_lazy("To whom"))


@require_http_methods(["GET", "POST"])
@allow_roles(*OFFICE)
def reverse(request: PageRequest, transfer_id: UUID) -> HttpResponse:
    """Show a pay-in and take it back, or the wrong part of it."""
    school = request.school
    found = require_pay_in(school, transfer_id)
    posted = request.POST if request.method == "POST" else None
    form = ReverseForm(posted, currency=school.currency)
    status = 200 if posted is None else 422
    if posted is not None and form.is_valid():
        key: UUID = form.cleaned_data["key"]
        try:
            reverse_pay_in(
                school,
                transfer_id,
                form.amount_minor,
                words=form.cleaned_data["words"],
                key=key,
                by=user_of(request),
            )
        except Refused as refused:
            form.add_error("amount", _refusal(refused, school.currency))
            status = 409
        else:
            amount = format_minor(form.amount_minor, school.currency, get_language() or "en")
            message_once(request, key, _("%(amount)s was taken back.") % {"amount": amount})
            return back_to_person(found.person, "money")
    context = {"found": found, "form": form, "person": found.person}
    return show(request, "console/money/reverse.html", context, status=status)


def _refusal(refused: Refused, currency: str) -> str:
    """Return a refusal in words, with the sum that would be possible."""
    text = str(refused.message)
    for name in ("left_minor", "available_minor"):
        if name in refused.data:
            amount = format_minor(refused.data[name], currency, get_language() or "en")
            return f"{text} {_('At most: %(amount)s.') % {'amount': amount}}"
    return text


@require_http_methods(["GET", "POST"])
@allow_roles(*OFFICE)
def to_sibling(request: PageRequest, person_id: UUID) -> HttpResponse:
    """Move money to another child of the same guardian, for the family."""
    school, giver = request.school, require_person(request.school, person_id)
    siblings = siblings_of(giver)
    posted = request.POST if request.method == "POST" else None
    form = SiblingForm(posted, currency=school.currency)
    choices: Any = [(str(one.id), one.full_name) for one in siblings]
    form.fields["to"].choices = choices  # type: ignore[attr-defined]
    status = 200 if posted is None else 422
    if posted is not None and form.is_valid():
        key: UUID = form.cleaned_data["key"]
        taker = next(one for one in siblings if str(one.id) == form.cleaned_data["to"])
        try:
            move_to_sibling(giver, taker, form.amount_minor, key=key, by=user_of(request))
        except Refused as refused:
            form.add_error("amount", _refusal(refused, school.currency))
            status = 409
        else:
            text = _("The money is on %(name)s's balance now.") % {"name": taker.full_name}
            message_once(request, key, text)
            return back_to_person(giver, "money")
    context = {"person": giver, "form": form, "siblings": siblings}
    return show(request, "console/money/sibling.html", context, status=status)


@require_safe
@allow_roles(*WRITES_OFF)
def leavers(request: PageRequest) -> HttpResponse:
    """List who has left with money or a debt, and until when the family may choose; the log says so."""
    found = leaver_balances(request.school)
    record_views([one.person for one in found], by=user_of(request))
    return show(
        request,
        "console/money/leavers.html",
        {
            "leavers": found,
            "may_open_person": not request.roles.isdisjoint(OFFICE),
            "has_money": any(one.state is not Leaver.OWES for one in found),
        },
    )


@require_POST
@allow_roles(*WRITES_OFF)
def leaver_letters(request: PageRequest) -> HttpResponse:
    """Give the letters about money that is left as one PDF: for one leaver, or for all. The log says so."""
    named = request.POST.get("person", "")
    found = [one for one in leaver_balances(request.school) if one.state is not Leaver.OWES]
    chosen = [one for one in found if named in ("", str(one.person.id))]
    if not chosen:
        raise unknown_person()
    letters = [leavers_letter(request.school, one) for one in chosen]
    pdf = letters_to_pdf(letters, look_of(request.school))
    record_leaver_letters(chosen, by=user_of(request))
    headers = {"Content-Disposition": 'inline; filename="willing-letters.pdf"', "Cache-Control": "no-store"}
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)


@require_http_methods(["GET", "POST"])
@allow_roles(*WRITES_OFF)
def give_up_debt(request: PageRequest, person_id: UUID) -> HttpResponse:
    """Write a leaver's debt off, with a reason."""
    person = require_person(request.school, person_id)
    found = leaver_balance_of(person)
    posted = request.POST if request.method == "POST" else None
    if posted is None and (found is None or found.balance_minor > 0):
        raise Http404
    form = WordsForm(posted)
    status = 200 if posted is None else 422
    if posted is not None and form.is_valid():
        key: UUID = form.cleaned_data["key"]
        try:
            write_off(person, words=form.cleaned_data["words"], key=key, by=user_of(request))
        except Refused as refused:
            form.add_error("words", str(refused.message))
            status = 409
        else:
            message_once(request, key, _("The debt is written off."))
            return redirect("console:leavers")
    context = {
        "person": person,
        "form": form,
        "debt_minor": -found.balance_minor if found else 0,
        "office_max_minor": office_writes_off_minor(request.school),
    }
    return show(request, "console/money/write_off.html", context, status=status)
