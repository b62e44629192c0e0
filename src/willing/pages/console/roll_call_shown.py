"""One roll call with names: who is not there yet, who is, who is not expected; a page at a time.

Fifteen hundred lines with a button in each are a second of drawing on the server and as much in a browser,
when people are looked for. So there are lists, assembly points, a search, and so many lines on a page.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.core.clock import now
from willing.core.comparison import fold_for_search, search_words
from willing.core.errors import Refused
from willing.pages.console.helpers import show, user_of
from willing.pages.console.roles import ANY_STAFF
from willing.pages.console.roll_call_data import require_list
from willing.rollcall.devices import record_list_opened
from willing.rollcall.lines import RollCallLine, lines_of
from willing.rollcall.models import RollCall, Tick
from willing.rollcall.queries import Progress, progress_of, require_roll_call
from willing.rollcall.rules import Headcount, is_seen_open
from willing.rollcall.ticking import tick_here

LINES_A_PAGE = 150
TEXT_CHARS_MAX = 60
MISSING, THERE, OTHERS = "missing", "there", "others"
TITLES: dict[str, str | Promise] = {
    MISSING: gettext_lazy("Not there yet"),
    THERE: gettext_lazy("Everyone seen"),
    OTHERS: gettext_lazy("Not expected"),
}


@dataclass(frozen=True)
class WantedLines:
    """What of a roll call is shown. point: its name, empty for all; text: searched for in every list."""

    shown: str = MISSING
    point: str | None = None
    text: str = ""
    page: str = ""

    @property
    def query(self) -> str:
        """The same as the address says it, without the page."""
        said = {"list": self.shown, "q": self.text}
        said |= {} if self.point is None else {"point": self.point}
        return urlencode({name: value for name, value in said.items() if value or name == "point"})

    def finds(self, line: RollCallLine) -> bool:
        """Say whether a line is shown, wherever it gathers."""
        if self.text:
            found = fold_for_search(line.name, line.form)
            return all(word in found for word in search_words(self.text))
        return list_of(line) == self.shown


def wanted_in(asked: QueryDict) -> WantedLines:
    """Return what an address asks for; anything unknown is the list of who is missing."""
    shown = asked.get("list", MISSING)
    return WantedLines(
        shown if shown in TITLES else MISSING,
        asked.get("point"),
        asked.get("q", "").strip()[:TEXT_CHARS_MAX],
        asked.get("page", ""),
    )


def list_of(line: RollCallLine) -> str:
    """Return the list that a line belongs to."""
    if line.is_there:
        return THERE
    return MISSING if line.is_expected else OTHERS


@require_safe
@allow_roles(*ANY_STAFF)
def shown(request: PageRequest, roll_call_id: UUID) -> HttpResponse:
    """Show who is not there yet, who is, or who is not expected. Opening it is in the log."""
    school = request.school
    roll_call = require_roll_call(school, roll_call_id)
    require_list(request)
    progress = progress_of(roll_call)
    record_list_opened(school, by=user_of(request))
    context = _about(roll_call, progress) | _lines(progress, wanted_in(request.GET))
    return show(request, "console/roll_call/shown.html", context)


def _about(roll_call: RollCall, progress: Progress) -> dict[str, Any]:
    counted = Headcount(roll_call.expected or 0, roll_call.safe or 0, roll_call.found or 0)
    is_deleted = not progress.listed
    return {
        "roll_call": roll_call,
        "forms": ("pdf", "csv", "xlsx"),
        "is_running": roll_call.ended_at is None,
        "as_of": now(),
        "is_deleted": is_deleted,
        "counts": counted if is_deleted else progress.counts,
        "is_red": progress.is_red,
        "may_open_seen": roll_call.ended_at is None
        and roll_call.kind != RollCall.Kind.TEST
        and is_seen_open(roll_call.started_at, now()),
        "minutes": int(((roll_call.ended_at or now()) - roll_call.started_at).total_seconds() // 60),
    }


@dataclass(frozen=True)
class Chip:
    """A list or an assembly point to choose, and how many lines it has."""

    label: str | Promise
    count: int
    address: str
    is_on: bool


def _lines(progress: Progress, wanted: WantedLines) -> dict[str, Any]:
    """Return the lines of the page that is wanted, under their points, and what else can be chosen."""
    everyone = sorted(lines_of(progress), key=lambda one: (one.position, one.form, one.name))
    listed = [one for one in everyone if wanted.finds(one)]
    in_lists, at_points = Counter(map(list_of, everyone)), Counter(one.point for one in listed)
    if wanted.point is not None and wanted.point not in at_points:
        wanted = replace(wanted, point=None)
    here = [one for one in listed if wanted.point in (None, one.point)]
    page = Paginator(here, LINES_A_PAGE).get_page(wanted.page)
    whole = WantedLines(wanted.shown, None, wanted.text)
    titles = TITLES | ({} if progress.roll_call.ended_at is None else {MISSING: _("Not found")})
    points = [Chip(_("All points"), len(listed), f"?{whole.query}", wanted.point is None)]
    for name, count in at_points.items():
        address = f"?{replace(whole, point=name).query}"
        points.append(Chip(name or _("No assembly point"), count, address, wanted.point == name))
    return {
        "wanted": wanted,
        "title": _("People found") if wanted.text else titles[wanted.shown],
        "lists": [
            Chip(title, in_lists[one], f"?{WantedLines(one).query}", not wanted.text and wanted.shown == one)
            for one, title in titles.items()
        ],
        "points": points if len(at_points) > 1 else [],
        "groups": _by_point(list(page), at_points),
        "page": page,
        "text": wanted.text,
        "kept": [("list", wanted.shown)],
    }


def _by_point(
    lines: Sequence[RollCallLine], at_points: Counter[str]
) -> list[tuple[str, int, list[tuple[RollCallLine, str]]]]:
    """Return lines under the names of their points, with how many are there on all pages, in their order."""
    found: dict[str, list[tuple[RollCallLine, str]]] = {}
    for one in lines:
        found.setdefault(one.point, []).append((one, list_of(one)))
    return [(name or _("No assembly point"), at_points[name], listed) for name, listed in found.items()]


@require_POST
@allow_roles(*ANY_STAFF)
def tick(request: PageRequest, roll_call_id: UUID) -> HttpResponse:
    """Tick one person on the server's own page, or take a tick back; show the same lines again."""
    require_list(request)
    try:
        subject, state = UUID(request.POST.get("subject", "")), request.POST.get("state", "")
        taken = tick_here(request.school, roll_call_id, subject, state, by=user_of(request))
    except ValueError:
        messages.error(request, _("Nobody at this school has this id."))
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        if taken.refused is not None:
            messages.error(request, str(taken.refused.message))
        elif state == Tick.State.MISSING:
            messages.success(request, _("Taken back. A warden looks for this person again."))
        else:
            messages.success(request, _("Ticked. If that was wrong, take it back under “Everyone seen”."))
    wanted = wanted_in(request.GET)
    address = reverse("console:roll-call-shown", args=[roll_call_id])
    return redirect(f"{address}?{wanted.query}{f'&page={wanted.page}' if wanted.page.isdecimal() else ''}")
