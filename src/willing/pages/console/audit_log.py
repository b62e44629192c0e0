"""Read the log, and check that nobody changed it."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.audit.log_check import CheckState, check_state, start_check
from willing.audit.models import Entry
from willing.audit.queries import newest_entries, recorded_events
from willing.core.numbers import read_number
from willing.pages.console.helpers import show
from willing.pages.console.labels import FAULTS
from willing.pages.console.roles import READS_RECEIPTS, READS_THE_LOG
from willing.privacy.labels import EVENT_LABELS

ENTRIES_A_PAGE = 100


@require_http_methods(["GET", "POST"])
@allow_roles(*READS_THE_LOG)
def log(request: PageRequest) -> HttpResponse:
    """Show the newest entries; a press begins a check of the whole log."""
    if request.method == "POST":
        start_check()
        return redirect("console:log")
    event, before = request.GET.get("event", ""), request.GET.get("before", "")
    number = read_number(before, digits_max=18)
    entries = newest_entries(event=event, before=number, limit=ENTRIES_A_PAGE + 1)
    shown = entries[:ENTRIES_A_PAGE]
    context = {
        "entries": [_line(entry) for entry in shown],
        "events": sorted(
            ((one, str(EVENT_LABELS.get(one, one))) for one in recorded_events()), key=lambda e: e[1]
        ),
        "event": event,
        "may_see_receipts": not request.roles.isdisjoint(READS_RECEIPTS),
        "is_older": number is not None,
        "older": shown[-1].sequence if len(entries) > ENTRIES_A_PAGE else None,
        "check": _describe_check(check_state()),
    }
    return show(request, "console/log.html", context)


def _line(entry: Entry) -> dict[str, object]:
    return {
        "sequence": entry.sequence,
        "at": entry.at,
        "event": entry.event,
        "words": EVENT_LABELS.get(entry.event, entry.event),
        "subject": entry.subject,
    }


@require_safe
@never_cache
@allow_roles(*READS_THE_LOG)
def log_check(request: PageRequest) -> HttpResponse:
    """Show the state of the check of the whole log; the page asks again while it runs."""
    check = check_state()
    answer = show(request, "console/_log_check.html", {"check": _describe_check(check)})
    if check.state != "running":
        answer.headers["HX-Refresh"] = "true"  # the button and the newest entries are beside this part
    return answer


def _describe_check(check: CheckState) -> dict[str, object]:
    result = check.result or {}
    return {
        "state": check.state,
        "is_damaged": check.error == "damaged",
        "done": check.done,
        "total": check.total,
        "percent": check.percent,
        "at": check.result_at,
        "result": check.result,
        "faults": [(sequence, FAULTS.get(code, code)) for sequence, code in result.get("faults", [])],
    }
