"""Boarding in the evening: tonight by house, one list taken by a person, what was unusual in a night."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.boarding.evening import NewEveningMark, close_list, mark_all_here, open_list, record_marks
from willing.boarding.models import EveningList, EveningMark
from willing.boarding.queries import (
    EveningLine,
    EveningSlot,
    abnormal_of,
    has_houses,
    is_away_at,
    is_over,
    lines_of,
    lines_to_take,
    proposals_of,
    proposes_leave,
    require_list,
    slots_of,
    tonight,
)
from willing.boarding.rules import Abnormal, EveningAnswer, EveningMarkMerge
from willing.core.errors import Refused
from willing.documents.evening_sheets import evening_sheets
from willing.documents.pdf import letters_to_pdf
from willing.leave.queries import PlannedAbsence
from willing.pages.console.boarding_labels import UNUSUAL
from willing.pages.console.evening_houses import evening_houses, is_office
from willing.pages.console.helpers import show, user_of
from willing.pages.console.roles import ANY_STAFF, SETS_UP_BOARDING
from willing.pages.console.view_log import record_views
from willing.people.look import look_of

WORD, SEEN, MARK = "word-", "seen-", "mark-"
# More names than these would hide tonight's lists below them.
MISSING_FIRST = 10


@require_safe
@allow_roles(*ANY_STAFF)
def boarding(request: PageRequest) -> HttpResponse:
    """Show tonight's lists of the houses of who looks: what is due, who is missing."""
    school, user = request.school, user_of(request)
    night = tonight(school)
    houses = evening_houses(request)
    slots = slots_of(school, night, houses)
    missing = [(slot, line) for slot in slots for line in slot.missing]
    record_views(list({line.person for _slot, line in missing}), by=user)
    context = {
        "night": night,
        "houses": [(house, [_row(one) for one in slots if one.house == house]) for house in houses],
        "missing": missing,
        "missing_first": MISSING_FIRST,
        "has_houses": bool(houses) or has_houses(school),
        "has_checks": bool(slots),
        "may_set_up": not request.roles.isdisjoint(SETS_UP_BOARDING),
    }
    return show(request, "console/boarding/tonight.html", context)


@require_safe
@allow_roles(*ANY_STAFF)
def printed_lists(request: PageRequest) -> HttpResponse:
    """Give tonight's lists of the houses of who asks as a PDF, to be taken by hand."""
    school = request.school
    night = tonight(school)
    slots = slots_of(school, night, evening_houses(request))
    people = {line.person for one in slots for line in lines_to_take(one, night)}
    with timezone.override(school.time_zone):
        pdf = letters_to_pdf(evening_sheets(school, night, slots), look_of(school))
    record_views(list(people), by=user_of(request))
    headers = {"Content-Disposition": 'inline; filename="willing-evening.pdf"', "Cache-Control": "no-store"}
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)


def _row(slot: EveningSlot) -> dict[str, Any]:
    if slot.found is not None and slot.found.closed_at is not None:
        state = "closed"
    elif not slot.boarders and slot.found is None:
        state = "nobody"
    elif slot.found is not None and not slot.blanks:
        state = "complete"
    elif slot.is_due:
        state = "due" if slot.found is None else "begun"
    else:
        state = "later" if slot.found is None else "begun"
    return {"slot": slot, "state": state}


@require_POST
@allow_roles(*ANY_STAFF)
def open_one(request: PageRequest) -> HttpResponse:
    """Open one of tonight's lists, and go to it."""
    try:
        house_id, night = (
            UUID(request.POST.get("house", "")),
            date.fromisoformat(request.POST.get("night", "")),
        )
        number = int(request.POST.get("number", ""))
    except ValueError:
        return redirect("console:boarding")
    own = evening_houses(request)
    if house_id not in {one.id for one in own}:
        messages.error(request, _("There is no such house, or you are not one of its wardens."))
        return redirect("console:boarding")
    try:
        found = open_list(request.school, house_id, night, number, by=user_of(request))
    except Refused as refused:
        messages.error(request, str(refused.message))
        return redirect("console:boarding")
    return redirect("console:evening-list", found.id)


@dataclass(frozen=True)
class ShownEveningLine:
    """A boarder in the list on the page. mark_id: what a mark of this page is called.

    chosen: what holds, what leave proposes, or what was sent and refused.
    """

    line: EveningLine
    mark_id: UUID
    chosen: str
    known: PlannedAbsence | None
    # Whoever is not there is somewhere: one press for all others does not mean them.
    is_away: bool = False

    @property
    def seen(self) -> int:
        """The number of the last mark that the page shows; 0 for none."""
        return self.line.last.number if self.line.last else 0

    @property
    def was(self) -> str:
        """What sending changes nothing of: what holds, or nothing where a person has to decide."""
        return "" if self.line.is_undecided else self.line.word or ""


@require_http_methods(["GET", "POST"])
@allow_roles(*ANY_STAFF)
def evening_list(request: PageRequest, list_id: UUID) -> HttpResponse:
    """Show a list, or record the marks of a form; with one press, all others as in the house."""
    user = user_of(request)
    found = require_list(request.school, list_id, user, is_office=is_office(request))
    if request.method != "POST":
        return _show_list(request, found)
    done = record_marks(found, list(_sent(request)), by=user)
    refused = [one.refused for one in done if one.refused]
    saved = Counter(one.merge for one in done)
    if not refused and request.POST.get("rest") == "here":
        try:
            saved[EveningMarkMerge.CURRENT] += mark_all_here(found, by=user)
        except Refused as error:
            refused.append(error)
    # What is missing is said once, beside the field that it is missing in.
    fault = next((str(one.message) for one in refused if one.code == "evening_reason_missing"), "")
    _show_results(request, saved, [one for one in refused if str(one.message) != fault])
    if not refused:
        return redirect("console:evening-list", found.id)
    return _show_list(request, found, status=422, reason_fault=fault)


def _sent(request: PageRequest) -> Iterator[NewEveningMark]:
    """Return the marks that differ from what the page showed."""
    reason = request.POST.get("reason", "")
    for name, value in request.POST.items():
        if not name.startswith(SEEN):
            continue
        key = name.removeprefix(SEEN)
        word = request.POST.get(WORD + key, "")
        seen, _sign, was = str(value).partition(" ")
        if not word or word == was or not (seen.isdecimal() and len(seen) <= len("999")):
            continue
        try:
            yield NewEveningMark(UUID(key), word, int(seen), reason, UUID(request.POST.get(MARK + key, "")))
        except ValueError:
            continue


def _show_results(
    request: PageRequest, done: Mapping[EveningMarkMerge | None, int], refused: list[Refused]
) -> None:
    """Say above the list what became of the marks."""
    if saved := done.get(EveningMarkMerge.CURRENT, 0):
        text = ngettext("Saved: %(count)s mark.", "Saved: %(count)s marks.", saved)
        messages.success(request, text % {"count": saved})
    if disputed := done.get(EveningMarkMerge.DISPUTED, 0):
        text = ngettext(
            "A colleague has marked %(count)s boarder differently meanwhile. Please decide below.",
            "A colleague has marked %(count)s boarders differently meanwhile. Please decide below.",
            disputed,
        )
        messages.warning(request, text % {"count": disputed})
    for text in dict.fromkeys(str(one.message) for one in refused):
        messages.error(request, text)


def words() -> list[tuple[EveningAnswer, str]]:
    """Return the marks with what is on their buttons."""
    labels = {
        EveningAnswer.HERE: _("Inside"),
        EveningAnswer.LATE: _("Back late"),
        EveningAnswer.LEAVE: _("Leave"),
    }
    return [*labels.items(), (EveningAnswer.ABSENT, _("Missing"))]


def _show_list(
    request: PageRequest, found: EveningList, *, status: int = 200, reason_fault: str = ""
) -> HttpResponse:
    known = proposals_of(found)
    lines = lines_of(found)
    shown = [_shown(request, one, known.get(one.person.id), found) for one in lines if one.is_boarder]
    moved = [one for one in lines if not one.is_boarder]
    record_views([one.person for one in lines], by=user_of(request))
    is_closed = found.closed_at is not None
    blank = [one for one in shown if one.line.word is None]
    context = {
        "found": found,
        "lines": shown,
        "moved": moved,
        "words": words(),
        "undecided": [one for one in shown if one.line.is_undecided],
        "reason": request.POST.get("reason", ""),
        "reason_fault": reason_fault,
        "inside": sum(one.line.word in (EveningAnswer.HERE, EveningAnswer.LATE) for one in shown),
        "away": sum(one.line.word == EveningAnswer.LEAVE for one in shown),
        "missing": sum(one.line.word == EveningAnswer.ABSENT for one in shown),
        "blank": len(blank),
        "rest": sum(not one.is_away for one in blank),
        "proposed": sum(one.chosen == EveningAnswer.LEAVE for one in blank),
        "is_closed": is_closed,
        "needs_reason": is_closed or is_over(request.school, found.night),
    }
    return show(request, "console/boarding/list.html", context, status=status)


def _shown(
    request: PageRequest, line: EveningLine, known: PlannedAbsence | None, found: EveningList
) -> ShownEveningLine:
    key = line.person.id
    chosen = request.POST.get(f"{WORD}{key}") or ("" if line.is_undecided else line.word or "")
    if not chosen and line.last is None and known is not None and proposes_leave(known, found.due_at):
        chosen = EveningAnswer.LEAVE
    is_away = known is not None and is_away_at(known, found.due_at)
    return ShownEveningLine(line, uuid4(), chosen, known, is_away)


@require_POST
@allow_roles(*ANY_STAFF)
def close(request: PageRequest, list_id: UUID) -> HttpResponse:
    """Close a list in which everyone has a mark."""
    user = user_of(request)
    found = require_list(request.school, list_id, user, is_office=is_office(request))
    try:
        close_list(found, by=user)
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        messages.success(request, _("Closed. A change from now on needs a reason."))
    return redirect("console:evening-list", found.id)


@require_safe
@allow_roles(*ANY_STAFF)
def unusual(request: PageRequest) -> HttpResponse:
    """Show what was out of the ordinary in a night: missing, found later, late, corrected, not marked."""
    school, user = request.school, user_of(request)
    last = tonight(school)
    night = min(_night(request.GET.get("night", ""), last), last)
    slots = slots_of(school, night, evening_houses(request))
    found = abnormal_of(slots)
    record_views(list({one.line.person for one in found}), by=user)
    context = {
        "night": night,
        "last": last,
        "rows": [(one, UNUSUAL[Abnormal(one.what)], _reasons(one.line)) for one in found],
        "opened": any(one.found is not None for one in slots),
        "untaken": [one for one in slots if one.found is None and one.is_due],
        "open": [one for one in slots if one.found is not None and one.found.closed_at is None],
    }
    return show(request, "console/boarding/unusual.html", context)


def _reasons(line: EveningLine) -> list[EveningMark]:
    return [one for one in line.marks if one.reason]


def _night(text: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(text) if len(text) == len("2026-11-26") else otherwise
    except ValueError:
        return otherwise
