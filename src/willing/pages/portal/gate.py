"""A guardian chooses to hear that a child came in or went out."""

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from willing.gate.family_messages import choose_messages
from willing.gate.models import PassageWay
from willing.gate.queries import days_of, has_lanes, message_choice, message_choices
from willing.pages.portal.access import FamilyViewer
from willing.people.models import Person


def gate_messages_of(seat: FamilyViewer) -> dict[str, object]:
    """Return what the page about a person shows of messages at the gate; nothing where there is no gate."""
    days = gate_days_of(seat.person)
    if not has_lanes(seat.person.school):
        return {"gate_days": days}
    if seat.guardian is None:
        return {"gate_readers": len(message_choices(seat.person)), "has_gate": True, "gate_days": days}
    chosen = message_choice(seat.guardian, seat.person)
    return {
        "has_gate": True,
        "gate_days": days,
        "wants_in": chosen is not None and chosen.wants_in,
        "wants_out": chosen is not None and chosen.wants_out,
    }


def gate_days_of(person: Person) -> list[tuple[date, list[str]]]:
    """Return the days of the last week on which a person used a gate, and by which ways, as it is read."""
    return [(day, [str(PassageWay(way).label) for way in ways]) for day, ways in days_of(person)]


@require_POST
def set_messages(request: HttpRequest, seat: FamilyViewer) -> HttpResponse:
    """Take about which passages a guardian wants a message."""
    assert seat.guardian is not None
    wants_in, wants_out = ("in" in request.POST), ("out" in request.POST)
    choose_messages(seat.guardian, seat.person, wants_in=wants_in, wants_out=wants_out)
    messages.success(request, _("Your choice of messages at the gate is saved."))
    return redirect(f"{seat.base}#gate-messages")
