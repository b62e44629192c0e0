"""Read the log by event, person, day and who did it, take it along, and check that nobody changed it."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.audit.log_check import CheckState, check_state, start_check
from willing.audit.models import Entry
from willing.audit.search import each_entry, found_entries
from willing.audit.selection import json_lines, record_export
from willing.core.numbers import read_number
from willing.pages.console.helpers import FOUND_MAX, show, user_of
from willing.pages.console.labels import FAULTS
from willing.pages.console.log_filters import (
    Filters,
    actor_choices,
    actors_of,
    event_groups,
    line_of,
    read_filters,
)
from willing.pages.console.meals import csv_answer
from willing.pages.console.roles import READS_RECEIPTS, READS_THE_LOG, SEARCHES_THE_LOG_BY_PERSON
from willing.pages.console.view_log import record_view
from willing.people.queries import search_persons

ENTRIES_A_PAGE = 100
# A file is made in memory, some 30 MB at the most. All of a long log is what `willing audit export` writes.
EXPORTED_MAX = 50_000
HEADINGS = (
    gettext_lazy("Entry"),
    gettext_lazy("When (UTC)"),
    gettext_lazy("Event"),
    gettext_lazy("What"),
    gettext_lazy("By"),
    gettext_lazy("About"),
    gettext_lazy("What was hashed"),
    gettext_lazy("Hash"),
    gettext_lazy("Hash of the chain"),
)


@require_http_methods(["GET", "POST"])
@allow_roles(*READS_THE_LOG)
def log(request: PageRequest) -> HttpResponse:
    """Show the newest entries that are asked for; a press begins a check of the whole log."""
    if request.method == "POST":
        start_check()
        return redirect("console:log")
    filters = read_filters(request)
    if filters.person:
        record_view(filters.person, by=user_of(request))
    number = read_number(request.GET.get("before", ""), digits_max=18)
    entries = found_entries(filters.search, before=number, limit=ENTRIES_A_PAGE + 1)
    shown = entries[:ENTRIES_A_PAGE]
    who = actors_of(shown)
    older = shown[-1].sequence if len(entries) > ENTRIES_A_PAGE else None
    context = {
        "entries": [line_of(entry, who) for entry in shown],
        "filters": filters,
        "groups": event_groups(),
        "actors": actor_choices(request.school),
        "may_search": not request.roles.isdisjoint(SEARCHES_THE_LOG_BY_PERSON),
        "persons": _persons(request, filters),
        "asked": filters.address(),
        "exported_max": EXPORTED_MAX,
        "may_see_receipts": not request.roles.isdisjoint(READS_RECEIPTS),
        "is_older": number is not None,
        "older": filters.address(before=older) if older else "",
        "check": _describe_check(check_state()),
    }
    return show(request, "console/log.html", context, status=422 if filters.form.errors else 200)


def _persons(request: PageRequest, filters: Filters) -> list[dict[str, Any]]:
    """Return the persons whose name is searched for, each with the address that shows their entries.

    That each is shown is in the log, as it is of every list of names.
    """
    if not filters.text:
        return []
    found = search_persons(request.school, filters.text, limit=FOUND_MAX)
    for person in found:
        record_view(person, by=user_of(request))
    page = reverse("console:log")
    return [{"person": one, "url": f"{page}?{filters.address(person=one.pk)}"} for one in found]


@require_POST
@allow_roles(*READS_THE_LOG)
def export(request: PageRequest, form: str) -> HttpResponse:
    """Give the entries that are asked for as a file, with the hashes that each is checked by.

    A press, since it writes into the log that it was given out. The file stops before that entry.
    """
    filters = read_filters(request)
    entries = list(each_entry(filters.search, limit=EXPORTED_MAX))
    subject = filters.person.pk if filters.person else request.school.pk
    kind = "jsonl" if form == "jsonl" else "csv"
    record_export(subject, filters.search, count=len(entries), form=kind, by=user_of(request).pk)
    if kind == "csv":
        return csv_answer("log", [str(one) for one in HEADINGS], _rows(entries))
    headers = {"Content-Disposition": 'attachment; filename="willing-log.jsonl"', "Cache-Control": "no-store"}
    lines = "".join(f"{line}\n" for line in json_lines(filters.search, entries))
    return HttpResponse(lines, content_type="application/jsonl; charset=utf-8", headers=headers)


def _rows(entries: Sequence[Entry]) -> Iterator[list[object]]:
    who = actors_of(entries)
    for one in entries:
        line = line_of(one, who)
        yield [
            one.sequence,
            one.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            one.event,
            str(line["words"]),
            line["who"],
            str(one.subject or ""),
            bytes(one.hashed).decode(),
            bytes(one.entry_hash).hex(),
            bytes(one.chain_hash).hex(),
        ]


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
