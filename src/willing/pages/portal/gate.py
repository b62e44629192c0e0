"""A guardian chooses to hear that a child came in or went out."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from willing.gate.family_messages import choose_messages
from willing.gate.queries import has_lanes, message_choice, message_choices
from willing.pages.portal.access import FamilyViewer


def gate_messages_of(seat: FamilyViewer) -> dict[str, object]:
    """Return what the page about a person shows of messages at the gate; nothing where there is no gate."""
    if not has_lanes(seat.person.school):
        return {}
    if seat.guardian is None:
        return {"gate_readers": len(message_choices(seat.person)), "has_gate": True}
    chosen = message_choice(seat.guardian, seat.person)
    return {
        "has_gate": True,
        "wants_in": chosen is not None and chosen.wants_in,
        "wants_out": chosen is not None and chosen.wants_out,
    }


@require_POST
def set_messages(request: HttpRequest, seat: FamilyViewer) -> HttpResponse:
    """Take about which passages a guardian wants a message."""
    assert seat.guardian is not None
    wants_in, wants_out = ("in" in request.POST), ("out" in request.POST)
    choose_messages(seat.guardian, seat.person, wants_in=wants_in, wants_out=wants_out)
    messages.success(request, _("Your choice of messages at the gate is saved."))
    return redirect(f"{seat.base}#gate-messages")
