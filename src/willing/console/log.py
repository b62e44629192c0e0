"""Read the log, and check that nobody changed it."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from willing.audit.models import Entry
from willing.audit.queries import newest_entries, recorded_events
from willing.audit.verifier import Verification, verify_log
from willing.console.pages import READS_RECEIPTS, READS_THE_LOG, show, user_of
from willing.console.words import FAULTS
from willing.people.access import allow_roles
from willing.people.queries import require_school, roles_of
from willing.rights.words import EVENTS

ENTRIES_A_PAGE = 100
FAULTS_SHOWN = 50


@require_http_methods(["GET", "POST"])
@allow_roles(*READS_THE_LOG)
def log(request: HttpRequest) -> HttpResponse:
    """Show the newest entries; a press checks the whole log."""
    event, before = request.GET.get("event", ""), request.GET.get("before", "")
    is_number = before.isascii() and before.isdigit() and len(before) <= 18
    entries = newest_entries(event=event, before=int(before) if is_number else None, limit=ENTRIES_A_PAGE + 1)
    shown = entries[:ENTRIES_A_PAGE]
    context = {
        "entries": [_line(entry) for entry in shown],
        "events": sorted(((one, str(EVENTS.get(one, one))) for one in recorded_events()), key=lambda e: e[1]),
        "event": event,
        "may_see_receipts": not roles_of(user_of(request), require_school()).isdisjoint(READS_RECEIPTS),
        "is_older": is_number,
        "older": shown[-1].sequence if len(entries) > ENTRIES_A_PAGE else None,
        "verification": _tell(verify_log()) if request.method == "POST" else None,
    }
    return show(request, "console/log.html", context)


def _line(entry: Entry) -> dict[str, object]:
    return {
        "sequence": entry.sequence,
        "at": entry.at,
        "event": entry.event,
        "words": EVENTS.get(entry.event, entry.event),
        "subject": entry.subject,
    }


def _tell(verification: Verification) -> dict[str, object]:
    return {
        "ok": verification.ok,
        "entries": verification.entries,
        "end": verification.chain_hash.hex()[:16],
        "faults": [(fault.sequence, FAULTS[fault.code]) for fault in verification.faults[:FAULTS_SHOWN]],
        "count": len(verification.faults),
    }
