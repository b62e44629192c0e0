"""A card that is lost, reported by the pupil or a guardian; and a new PIN, which a guardian sets."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from willing.biometrics.queries import templates_of
from willing.core.errors import Refused
from willing.credentials.lost_cards import GUARDIAN, OWNER, report_cards_lost
from willing.credentials.pins import set_pin
from willing.credentials.queries import credentials_of_person
from willing.pages.portal.access import FamilyViewer, show
from willing.pages.ui.focus import FocusesErrors


class NewPinForm(FocusesErrors):
    """A child's new PIN, typed by a guardian."""

    pin = forms.CharField(
        label=gettext_lazy("New PIN of your child"),
        max_length=12,
        help_text=gettext_lazy("Four to six digits that classmates don't guess, for your child alone."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


@require_http_methods(["GET", "POST"])
def lost(request: HttpRequest, seat: FamilyViewer) -> HttpResponse:
    """Ask once; on the press end every card of the person at once. Pressed again, nothing is left to end."""
    person = seat.person
    cards = credentials_of_person(person).cards
    if request.method != "POST":
        faces = [one for one in templates_of(person) if one.card_id is not None]
        return show(request, seat, "portal/lost_card.html", {"cards": cards, "loses_face": bool(faces)})
    faces_before = templates_of(person).count()
    ended = report_cards_lost(person, by=seat.user, how=GUARDIAN if seat.guardian else OWNER)
    text = ngettext(
        "%(count)s card is stopped and pays no more. The school office knows.",
        "%(count)s cards are stopped and pay no more. The school office knows.",
        ended,
    ) % {"count": ended}
    if not ended:
        text = _("There is no card that works. The school office gives a new one.")
    elif templates_of(person).count() < faces_before:
        text = f"{text} {_('The face that only this card opened is deleted.')}"
    messages.success(request, text)
    return redirect(seat.base)


@require_http_methods(["GET", "POST"])
def new_pin(request: HttpRequest, seat: FamilyViewer) -> HttpResponse:
    """Set a child's PIN anew. Only for a guardian: a pupil who forgot theirs can't prove who they are."""
    form = NewPinForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                set_pin(seat.person, form.cleaned_data["pin"], by=seat.user)
            except Refused as refused:
                form.add_error("pin", str(refused.message))
            else:
                messages.success(request, _("The new PIN works at once, at the till and to sign in."))
                return redirect(seat.base)
    return show(request, seat, "portal/new_pin.html", {"form": form}, status=status)
