"""Registers: which are taken on a day, one taken by a person, and what two people marked differently."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.attendance.marking import NewMark, arrival_of, mark_everyone_present, record_marks
from willing.attendance.models import Register
from willing.attendance.proposals import Proposal, proposals_of
from willing.attendance.queries import (
    Due,
    RegisterLine,
    codes_of,
    disputes,
    find_settings,
    lines_of,
    marked_in,
    registers_on,
    require_register,
    require_settings,
)
from willing.attendance.registers import close_register, open_register
from willing.attendance.rules import Code, CodeSet, Group, MarkMerge
from willing.attendance.untaken import taken_of
from willing.core.clock import now
from willing.core.comparison import fold_for_search, search_words
from willing.core.errors import Refused
from willing.pages.console.attendance_lists import doors_for
from willing.pages.console.helpers import show, user_of
from willing.pages.console.register_labels import label_of
from willing.pages.console.roles import MESSAGES_FAMILIES, SETS_UP_REGISTERS, TAKES_REGISTERS
from willing.pages.console.view_log import record_views
from willing.people.queries import today
from willing.people.school_days import calendar_day

CODE, SEEN, MARK, MINUTES, OTHER = "code-", "seen-", "mark-", "minutes-", "other-"
TEXT_CHARS_MAX = 25
OTHERS_IN_SIGHT = 20  # registers of a day that are found without a search


@require_safe
@allow_roles(*TAKES_REGISTERS, *SETS_UP_REGISTERS)
def registers(request: PageRequest) -> HttpResponse:
    """List the registers of a day, those of who looks first; what is not taken yet, and what is disputed."""
    school = request.school
    if find_settings(school) is None:
        return show(request, "console/attendance/empty.html", {"may_set_up": _may_set_up(request)})
    day = _day(request.GET.get("day", ""), today(school))
    due = registers_on(school, day)
    user = user_of(request)
    opened = [one.register for one in due if one.register]
    marked, taken = marked_in([one.id for one in opened]), taken_of(opened)
    rows = [_row(one, marked, taken, is_mine=user.pk in one.teachers) for one in due]
    others = [one for one in rows if not one["is_mine"]]
    text = request.GET.get("q", "").strip()[:TEXT_CHARS_MAX]
    open_disputes = disputes(school)
    record_views(list({one.person for one in open_disputes}), by=user)
    context = {
        "day": day,
        "is_today": day == today(school),
        "calendar": calendar_day(school, day),
        "mine": [one for one in rows if one["is_mine"]],
        "others": [one for one in others if _is_called(one, text)],
        "is_long": len(others) > OTHERS_IN_SIGHT,
        "text": text,
        "kept": [("day", day.isoformat())],
        "missing": sum(one["state"] == "missing" for one in rows),
        "disputes": [
            (one, label_of(codes_of(require_settings(school)), one.symbol)) for one in open_disputes
        ],
        "may_set_up": _may_set_up(request),
        "doors": doors_for(request),
        "may_message": not request.roles.isdisjoint(MESSAGES_FAMILIES),
        "may_take": not request.roles.isdisjoint(TAKES_REGISTERS),
    }
    return show(request, "console/attendance/registers.html", context)


def _is_called(row: dict[str, Any], text: str) -> bool:
    """Say whether a register is of the class, or at the time, that was searched for."""
    found = fold_for_search(row["due"].group.title, row["due"].time.name)
    return all(word in found for word in search_words(text))


def _may_set_up(request: PageRequest) -> bool:
    return not request.roles.isdisjoint(SETS_UP_REGISTERS)


def _day(text: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(text) if len(text) == len("2026-11-26") else otherwise
    except ValueError:
        return otherwise


def _row(due: Due, marked: Mapping[UUID, int], taken: Collection[UUID], *, is_mine: bool) -> dict[str, Any]:
    register = due.register
    number = marked.get(register.id, 0) if register else 0
    if register is not None and register.closed_at is not None:
        state = "closed"
    elif register is not None and register.id in taken:
        state = "complete" if register.completed_at else "begun"
    else:
        state = "missing" if now() >= due.times.opens_at else "later"
    return {"due": due, "state": state, "marked": number, "is_mine": is_mine, "opens_at": due.times.opens_at}


@require_POST
@allow_roles(*TAKES_REGISTERS)
def open_one(request: PageRequest) -> HttpResponse:
    """Open a register, and go to it."""
    try:
        group, day = UUID(request.POST.get("group", "")), date.fromisoformat(request.POST.get("day", ""))
        number = int(request.POST.get("number", ""))
    except ValueError:
        return redirect("console:registers")
    try:
        register = open_register(request.school, group, day, number, by=user_of(request))
    except Refused as refused:
        messages.error(request, str(refused.message))
        return redirect("console:registers")
    return redirect("console:register", register.id)


@dataclass(frozen=True)
class ShownRegisterLine:
    """A person in the register on the page: what holds, and the id that a mark of this page gets."""

    line: RegisterLine
    label: str
    mark_id: UUID
    is_quick: bool
    # What is chosen on the page: what holds, or what was sent and refused.
    chosen: str = ""
    is_open: bool = False
    # A planned absence, and the code that it proposes; nothing is recorded before a person saves it.
    known: Proposal | None = None
    known_label: str = ""

    @property
    def seen(self) -> int:
        """The number of the mark that the page shows; 0 for none."""
        return self.line.mark.number if self.line.mark else 0

    @property
    def symbol(self) -> str:
        """The code that holds, or none."""
        return self.line.mark.symbol if self.line.mark else ""


@require_http_methods(["GET", "POST"])
@allow_roles(*TAKES_REGISTERS)
def register(request: PageRequest, register_id: UUID) -> HttpResponse:
    """Show a register, or record the marks of a form that was sent."""
    found = require_register(request.school, register_id)
    if request.method == "POST":
        done = record_marks(found, list(_sent(request, found)), by=user_of(request))
        refused = [one.refused for one in done if one.refused]
        _show_results(request, Counter(one.merge for one in done), refused)
        if not refused:
            return redirect("console:register", found.id)
    return _show_register(request, found, status=422 if request.method == "POST" else 200)


def _show_results(request: PageRequest, done: Mapping[MarkMerge | None, int], refused: list[Refused]) -> None:
    """Say above the list what became of the marks."""
    if saved := done.get(MarkMerge.CURRENT, 0):
        text = ngettext("Saved: %(count)s mark.", "Saved: %(count)s marks.", saved)
        messages.success(request, text % {"count": saved})
    if disputed := done.get(MarkMerge.DISPUTED, 0):
        text = ngettext(
            "A colleague has marked %(count)s pupil differently meanwhile. Please look at it below.",
            "A colleague has marked %(count)s pupils differently meanwhile. Please look at them below.",
            disputed,
        )
        messages.warning(request, text % {"count": disputed})
    for text in dict.fromkeys(str(one.message) for one in refused):
        messages.error(request, text)


def _sent(request: PageRequest, found: Register) -> Iterator[NewMark]:
    """Return the marks that differ from what the page showed."""
    reason = request.POST.get("reason", "")
    for name, value in request.POST.items():
        if not name.startswith(SEEN):
            continue
        key = name.removeprefix(SEEN)
        symbol = request.POST.get(OTHER + key) or request.POST.get(CODE + key, "")
        seen, _sign, was = str(value).partition(" ")
        if not symbol or symbol == was or not seen.isdecimal():
            continue
        try:
            person_id, mark_id = UUID(key), UUID(request.POST.get(MARK + key, ""))
        except ValueError:
            continue
        code, minutes = _arrived(found, symbol, request.POST.get(MINUTES + key, ""))
        yield NewMark(person_id, code, minutes, reason, int(seen), id=mark_id)


def _arrived(found: Register, symbol: str, typed: str) -> tuple[str, int | None]:
    """Return a code and the minutes late: as typed, or what the clock says for who comes now."""
    codes = codes_of(require_settings(found.group.school))
    if symbol not in (codes.late, codes.late_after_close):
        return symbol, None
    if typed.strip():
        return symbol, int(typed) if typed.strip().isdecimal() and len(typed) <= len("720") else 0
    arrived, minutes = arrival_of(found, now())
    return (arrived, minutes) if found.closed_at is None and minutes else (symbol, None)


def _show_register(request: PageRequest, found: Register, *, status: int) -> HttpResponse:
    codes = codes_of(require_settings(request.school))
    quick = _quick(codes, found)
    known = proposals_of(found)
    lines = [_shown(request, one, codes, quick, known.get(one.person.id)) for one in lines_of(found)]
    record_views([one.line.person for one in lines], by=user_of(request))
    here = sum(bool(one.symbol) and codes.codes[one.symbol].means_here for one in lines)
    marked = sum(bool(one.symbol) for one in lines)
    context = {
        "register": found,
        "lines": lines,
        "quick": [(one, label, label_of(codes, one.symbol)) for one, label in quick],
        "others": _others(
            codes, found, {one.symbol for one, _label in quick}, {one.symbol for one in known.values()}
        ),
        "reason": request.POST.get("reason", ""),
        "here": here,
        "away": marked - here,
        "blank": len(lines) - marked,
        "known": sum(_is_known(one) for one in lines),
        "unknown": sum(not one.symbol and not _is_known(one) for one in lines),
        "is_closed": found.closed_at is not None,
        "is_past": found.day < today(request.school),
        "has_begun": now() >= found.opens_at,
        "is_due": found.closed_at is None and now() >= found.closes_at,
        "disputes": [
            (one, label_of(codes, one.symbol))
            for one in disputes(request.school)
            if one.register_id == found.id
        ],
    }
    return show(request, "console/attendance/register.html", context, status=status)


def _is_known(one: ShownRegisterLine) -> bool:
    """Say whether a pupil without a mark is known to be away."""
    return not one.symbol and one.known is not None and one.known.is_explained


def _quick(codes: CodeSet, found: Register) -> list[tuple[Code, str]]:
    """Return the codes that have a button of their own, and what is on it."""
    late = codes.late if found.closed_at is None else codes.late_after_close
    buttons = {
        codes.present(is_morning=found.is_morning): _("Present"),
        late: _("Late"),
        codes.unexplained: _("Absent"),
        codes.illness: _("Illness"),
    }
    return [(codes.codes[symbol], label) for symbol, label in buttons.items()]


def _shown(
    request: PageRequest,
    line: RegisterLine,
    codes: CodeSet,
    quick: list[tuple[Code, str]],
    known: Proposal | None,
) -> ShownRegisterLine:
    symbol, key = line.mark.symbol if line.mark else "", line.person.id
    quick_symbols = {one.symbol for one, _label in quick}
    sent = request.POST.get(f"{OTHER}{key}") or request.POST.get(f"{CODE}{key}") or symbol
    if not sent and known is not None:
        sent = known.symbol
    return ShownRegisterLine(
        line,
        label_of(codes, symbol) if symbol else "",
        uuid4(),
        symbol in quick_symbols,
        chosen=sent,
        is_open=sent != symbol and sent not in quick_symbols,
        known=known,
        known_label=label_of(codes, known.symbol) if known and known.symbol else "",
    )


def _others(
    codes: CodeSet, found: Register, quick: Collection[str], known: Collection[str]
) -> list[tuple[str, str]]:
    """Return the codes that are chosen from a list; those of calendar and roll only where proposed."""
    return [
        (one.symbol, label_of(codes, one.symbol))
        for one in codes.codes.values()
        if one.symbol not in quick
        and (one.group is not Group.ADMIN or one.symbol in known)
        and codes.allows(one.symbol, is_morning=found.is_morning)
    ]


@require_POST
@allow_roles(*TAKES_REGISTERS)
def everyone(request: PageRequest, register_id: UUID) -> HttpResponse:
    """Mark everyone present of whom nothing is known yet."""
    found = require_register(request.school, register_id)
    try:
        number = mark_everyone_present(found, by=user_of(request))
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        text = ngettext("%(count)s pupil marked present.", "%(count)s pupils marked present.", number)
        messages.success(request, text % {"count": number})
    return redirect("console:register", found.id)


@require_POST
@allow_roles(*TAKES_REGISTERS)
def close(request: PageRequest, register_id: UUID) -> HttpResponse:
    """Close a register whose time is over."""
    found = require_register(request.school, register_id)
    try:
        blank = close_register(found, by=user_of(request))
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        text = ngettext(
            "Closed. %(count)s absence has no reason yet.",
            "Closed. %(count)s absences have no reason yet.",
            blank,
        )
        messages.success(request, text % {"count": blank} if blank else _("Closed."))
    return redirect("console:register", found.id)
