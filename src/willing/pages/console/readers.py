"""Test the reader of a till: one scan of any card tells how it types, and that is what is stored."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from willing.accounts.access import PageRequest, allow_roles
from willing.consent.models import Purpose
from willing.credentials.cards import find_live_card
from willing.pages.console.helpers import show, user_of
from willing.pages.console.roles import SETS_UP_TERMINALS
from willing.people.models import School
from willing.terminals.keyboards import KeyboardReader, Scan, Suffix, read_keys, readings
from willing.terminals.models import ReaderLayout, ReaderSuffix
from willing.terminals.queries import require_terminal_of
from willing.terminals.readers import reader_of, set_reader

TYPED_CHARS_MAX = 80


@require_http_methods(["GET", "POST"])
@allow_roles(*SETS_UP_TERMINALS)
def reader(request: PageRequest, terminal_id: UUID) -> HttpResponse:
    """Show how a till's reader types; take a test scan. Whose card it is is not shown."""
    terminal = require_terminal_of(request.school, terminal_id)
    refusal = ""
    if request.method == "POST":
        found = _find_reader(request)
        if found is not None:
            set_reader(terminal, found, by=user_of(request).pk)
            messages.success(request, _("The reader of %(name)s works.") % {"name": terminal.name})
            return redirect("console:reader", terminal.pk)
        refusal = _why_not(request.POST.get("typed", ""), request.POST.get("keys", ""))
    now = reader_of(terminal)
    context = {
        "terminal": terminal,
        "layout": ReaderLayout(now.layout.value).label,
        "suffix": ReaderSuffix(now.suffix.value).label,
        "prefix": now.prefix,
        "refusal": refusal,
        "is_lane": terminal.purpose == Purpose.GATE,
        "has_caps_lock": request.POST.get("caps") == "on",
    }
    return show(request, "console/reader.html", context, status=409 if refusal else 200)


def _find_reader(request: PageRequest) -> KeyboardReader | None:
    """Return how a reader types that has scanned a card of this school; None where the scan is none."""
    typed = request.POST.get("typed", "")[:TYPED_CHARS_MAX]
    scan = Scan(typed, read_keys(request.POST.get("keys", "")))
    suffix = request.POST.get("suffix", "")
    if suffix not in list(Suffix):
        return None
    return next(
        (
            KeyboardReader(layout, Suffix(suffix), prefix)
            for layout, prefix, code in readings(scan)
            if _is_live(request.school, code)
        ),
        None,
    )


def _is_live(school: School, code: str) -> bool:
    return find_live_card(school, code) is not None


def _why_not(typed: str, keys: str) -> str:
    if not typed and not keys:
        return _("Nothing was scanned. Is the reader plugged in, and is this window in front?")
    if any(True for _reading in readings(Scan(typed[:TYPED_CHARS_MAX], read_keys(keys)))):
        return _(
            "That reads like a card, but no card of this school has this code. Please scan another card."
        )
    return _(
        "That is no card's code under any keyboard layout that is known here. Scan a card of this school, or "
        "set the reader to the US keyboard layout (its manual has a barcode for that) and scan again."
    )
