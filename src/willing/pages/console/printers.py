"""A till's receipt printer: set up, tested with a few lines on paper, taken away."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from willing.accounts.access import PageRequest, allow_roles
from willing.core.errors import Refused
from willing.pages.console.helpers import show, user_of
from willing.pages.console.printer_forms import PrinterForm
from willing.pages.console.roles import SETS_UP_TERMINALS
from willing.terminals.errors import PRINTER_FAULTS, printer_missing
from willing.terminals.models import Terminal
from willing.terminals.printers import find_printer, remove_printer, set_printer
from willing.terminals.printing import has_print_queues
from willing.terminals.queries import require_terminal_of
from willing.till.paper import print_test, unprintable_products

# Which field a refusal is about.
FIELDS = {"port": "port", "queue": "queue", "no_queues": "queue"}


@require_http_methods(["GET", "POST"])
@allow_roles(*SETS_UP_TERMINALS)
def printer(request: PageRequest, terminal_id: UUID) -> HttpResponse:
    """Show a till's printer and how the last attempt went; set it up."""
    terminal = require_terminal_of(request.school, terminal_id)
    form = PrinterForm(request.POST if request.method == "POST" else None, printer=find_printer(terminal))
    if request.method != "POST":
        return _show(request, terminal, form)
    if not form.is_valid():
        return _show(request, terminal, form, status=422)
    try:
        set_printer(terminal, form.new_printer, by=user_of(request))
    except Refused as refused:
        form.add_error(FIELDS.get(str(refused.data.get("fault")), "address"), str(refused.message))
        return _show(request, terminal, form, status=409)
    messages.success(request, _("The printer is saved. Test it now."))
    return redirect("console:printer", terminal.pk)


def _show(
    request: PageRequest, terminal: Terminal, form: PrinterForm, *, refusal: str = "", status: int = 200
) -> HttpResponse:
    found = find_printer(terminal)
    context = {
        "terminal": terminal,
        "form": form,
        "printer": found,
        "fault": PRINTER_FAULTS[found.fault] if found and found.fault else "",
        "unprintable": unprintable_products(found) if found else [],
        "has_queues": has_print_queues(),
        "refusal": refusal,
    }
    return show(request, "console/printer.html", context, status=status)


@require_POST
@allow_roles(*SETS_UP_TERMINALS)
def test(request: PageRequest, terminal_id: UUID) -> HttpResponse:
    """Print a few lines, and say in words how that went."""
    terminal = require_terminal_of(request.school, terminal_id)
    found = find_printer(terminal)
    try:
        if found is None:
            raise printer_missing()
        taken = print_test(found)
    except Refused as refused:
        form = PrinterForm(None, printer=found)
        return _show(request, terminal, form, refusal=str(refused.message), status=409)
    text = _("The printer was found, is ready, and has the test print.")
    if not taken.has_answered:
        text = _(
            "The test print was sent. This printer doesn't say whether it has printed, so see whether paper "
            "comes out."
        )
    messages.success(request, text)
    return redirect("console:printer", terminal.pk)


@require_POST
@allow_roles(*SETS_UP_TERMINALS)
def remove(request: PageRequest, terminal_id: UUID) -> HttpResponse:
    """Print no more receipts at a till."""
    terminal = require_terminal_of(request.school, terminal_id)
    remove_printer(terminal, by=user_of(request))
    messages.success(request, _("%(name)s prints no receipts.") % {"name": terminal.name})
    return redirect("console:terminal", terminal.pk)
