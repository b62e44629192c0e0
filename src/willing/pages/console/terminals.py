"""Set up tills, change them, and pair devices with them."""

from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

import segno
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from willing.accounts.access import PageRequest, allow_roles
from willing.biometrics.engine import is_available
from willing.consent.models import Purpose
from willing.core.codes import show_code
from willing.core.errors import Refused
from willing.pages.console.helpers import show, user_of
from willing.pages.console.roles import OFFICE, SETS_UP_TERMINALS
from willing.pages.console.terminal_forms import TerminalForm
from willing.terminals import queries as terminals_queries
from willing.terminals.actions import add_terminal, edit_terminal, retire_terminal
from willing.terminals.devices import allow_look_ups, allow_refunds, forbid_look_ups, forbid_refunds
from willing.terminals.errors import terminal_unknown
from willing.terminals.models import SecondScreen, Terminal, Way
from willing.terminals.pairing import start_pairing, unpair_terminal
from willing.terminals.presence import is_here
from willing.terminals.queries import require_terminal_of
from willing.terminals.rules import PAIRING_MINUTES
from willing.terminals.second_screens import second_screen_of, unpair_second_screen

# Which field a refusal is about.
FIELDS = {
    "terminal_name_taken": "name",
    "place_not_for_faces": "location",
    "terminal_purpose_stays": "purpose",
    "terminal_takes_no_face": "face_kinds",
}


@require_http_methods(["GET", "POST"])
@allow_roles(*SETS_UP_TERMINALS)
def terminals(request: PageRequest) -> HttpResponse:
    """List the tills; set one up."""
    school = request.school
    form = TerminalForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                added = add_terminal(school, form.new_terminal)
            except Refused as refused:
                form.add_error(FIELDS.get(refused.code, "ways"), str(refused.message))
                status = 409
            else:
                messages.success(request, _("%(name)s is set up.") % {"name": added.name})
                return redirect("console:terminals")
    # Lanes of a gate have a page of their own.
    rows = [_row(one) for one in terminals_queries.terminals(school) if one.purpose != Purpose.GATE]
    context = {
        "rows": rows,
        "form": form,
        "face_available": is_available(school),
        "is_office": not request.roles.isdisjoint(OFFICE),
        "is_administrator": "administrator" in request.roles,
    }
    return show(request, "console/terminals.html", context, status=status)


@dataclass(frozen=True)
class TerminalRow:
    """A till as the list shows it."""

    terminal: Terminal
    purpose: str
    ways: list[str]
    is_here: bool
    second_screen: SecondScreen | None = None
    is_screen_here: bool = False


def _row(terminal: Terminal) -> TerminalRow:
    ways = [str(Way(way).label) for way in terminal.ways]
    purpose, screen = str(Purpose(terminal.purpose).label), second_screen_of(terminal)
    is_screen_here = screen is not None and is_here(screen)
    return TerminalRow(terminal, purpose, ways, is_here(terminal), screen, is_screen_here)


@require_http_methods(["GET", "POST"])
@allow_roles(*SETS_UP_TERMINALS)
def terminal(request: PageRequest, terminal_id: UUID) -> HttpResponse:
    """Show what a till is, to be changed. A lane of the gate has a page of its own."""
    found = require_terminal_of(request.school, terminal_id)
    if found.purpose == Purpose.GATE:
        return redirect("console:lane", terminal_id)
    form = TerminalForm(request.POST if request.method == "POST" else None, terminal=found)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                edit_terminal(found, form.new_terminal, by=user_of(request).pk)
            except Refused as refused:
                form.add_error(FIELDS.get(refused.code, "ways"), str(refused.message))
                status = 409
            else:
                messages.success(request, _("%(name)s is saved.") % {"name": form.new_terminal.name})
                return redirect("console:terminals")
    context = {"terminal": found, "form": form, "face_available": is_available(request.school)}
    return show(request, "console/terminal.html", context, status=status)


def _require_till(request: PageRequest, terminal_id: UUID) -> Terminal:
    """Return a till of this school; a lane of the gate is none. Raises Refused terminal_unknown."""
    found = require_terminal_of(request.school, terminal_id)
    if found.purpose == Purpose.GATE:
        raise terminal_unknown()
    return found


@require_POST
@allow_roles(*SETS_UP_TERMINALS)
def pair(request: PageRequest, terminal_id: UUID) -> HttpResponse:
    """Make a pairing code and show it, this once."""
    terminal = _require_till(request, terminal_id)
    code = start_pairing(terminal)
    address = request.build_absolute_uri(f"{reverse('kiosk:pair')}?{urlencode({'code': code})}")
    context = {
        "terminal": terminal,
        "code": show_code(code),
        "address": address,
        "qr": segno.make_qr(address).svg_data_uri(scale=4, border=2),
        "minutes": PAIRING_MINUTES,
    }
    return show(request, "console/pairing.html", context)


@require_POST
@allow_roles(*OFFICE)
def refunds(request: PageRequest, terminal_id: UUID) -> HttpResponse:
    """Let a till of another maker refund, or stop that, at once."""
    terminal = _require_till(request, terminal_id)
    if request.POST.get("answer") == "allow":
        allow_refunds(terminal, by=user_of(request))
        text = _("%(name)s may refund payments.")
    else:
        forbid_refunds(terminal, by=user_of(request))
        text = _("%(name)s may no longer refund payments.")
    messages.success(request, text % {"name": terminal.name})
    return redirect("console:terminals")


@require_POST
@allow_roles(*OFFICE)
def look_ups(request: PageRequest, terminal_id: UUID) -> HttpResponse:
    """Let a till of another maker look people up by name, or stop that, at once."""
    terminal = _require_till(request, terminal_id)
    if request.POST.get("answer") == "allow":
        allow_look_ups(terminal, by=user_of(request))
        text = _("%(name)s may look people up. The log records whom it shows.")
    else:
        forbid_look_ups(terminal, by=user_of(request))
        text = _("%(name)s may no longer look people up.")
    messages.success(request, text % {"name": terminal.name})
    return redirect("console:terminals")


@require_POST
@allow_roles(*SETS_UP_TERMINALS)
def retire(request: PageRequest, terminal_id: UUID) -> HttpResponse:
    """Take a till out of use for good, and its device with it."""
    terminal = _require_till(request, terminal_id)
    retire_terminal(terminal, by=user_of(request).pk)
    messages.success(request, _("%(name)s is out of use.") % {"name": terminal.name})
    return redirect("console:terminals")


@require_POST
@allow_roles(*SETS_UP_TERMINALS)
def unpair_screen(request: PageRequest, terminal_id: UUID) -> HttpResponse:
    """End a till's second screen at once; the till goes on."""
    terminal = _require_till(request, terminal_id)
    unpair_second_screen(terminal, by=user_of(request))
    messages.success(request, _("%(name)s has no second screen any more.") % {"name": terminal.name})
    return redirect("console:terminals")


@require_POST
@allow_roles(*SETS_UP_TERMINALS)
def unpair(request: PageRequest, terminal_id: UUID) -> HttpResponse:
    """End a device's token at once."""
    terminal = _require_till(request, terminal_id)
    unpair_terminal(terminal)
    messages.success(request, _("%(name)s is no longer paired.") % {"name": terminal.name})
    return redirect("console:terminals")
