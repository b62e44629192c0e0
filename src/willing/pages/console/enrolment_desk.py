"""The enrolment desk: who is ready, whom the others wait for, and whose card was just scanned."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.biometrics.engine import why_unavailable
from willing.biometrics.enrolment_queue import Queued, enrolment_queue
from willing.biometrics.models import Template
from willing.biometrics.queries import kinds_of
from willing.biometrics.queue_rules import QueueList
from willing.consent.models import Purpose
from willing.core.numbers import read_number
from willing.credentials.queries import persons_with_printed_card, search_people
from willing.credentials.sealed_scans import TYPED_CHARS_MAX, find_owner
from willing.credentials.shares import require_no_share
from willing.pages.console.enrolment import start_at_desk
from willing.pages.console.helpers import FOUND_MAX, show
from willing.pages.console.labels import FACES_UNAVAILABLE, REASONS
from willing.pages.console.presenters import standings
from willing.pages.console.roles import OFFICE
from willing.pages.ui.browser_parts import has_codes
from willing.pages.ui.decorators import uses_camera
from willing.people.models import Person, School
from willing.people.queries import alike, classes_of, require_person
from willing.terminals.keyboards import Scan, read_keys
from willing.terminals.queries import asked_purposes

ROWS_A_PAGE = 50


@uses_camera
@require_safe
@allow_roles(*OFFICE)
def enrol(request: PageRequest) -> HttpResponse:
    """Show the three lists, or whom a search or a scanned card has found, with the reason if not ready."""
    text = request.GET.get("q", "").strip()[:100]
    if text:
        found = search_people(request.school, text, limit=FOUND_MAX)
        return _show_desk(request, {"text": text, **_found(request.school, found)})
    if "person" in request.GET:
        found = [_named(request)]
        return _show_desk(request, {"is_scanned": True, **_found(request.school, found)})
    return _show_desk(request, _queue(request))


def _show_desk(request: PageRequest, context: dict[str, object], *, status: int = 200) -> HttpResponse:
    no_faces_because = FACES_UNAVAILABLE.get(why_unavailable(request.school))
    shown = {"no_faces_because": no_faces_because, "has_codes": has_codes(), **context}
    return show(request, "console/enrol.html", shown, status=status)


def _named(request: PageRequest) -> Person:
    try:
        return require_person(request.school, UUID(request.GET["person"]))
    except ValueError:
        return require_person(request.school, UUID(int=0))  # which nobody has


def _found(school: School, found: list[Person]) -> dict[str, object]:
    return {"found": [(one, standings(one, school)) for one in found], "same": alike(found)}


def _queue(request: PageRequest) -> dict[str, object]:
    school, asked = request.school, asked_purposes(request.school)
    purpose = request.GET.get("purpose", "")
    purpose = purpose if purpose in asked else asked[0]
    wanted = request.GET.get("list", "")
    shown = QueueList(wanted) if wanted in set(QueueList) else QueueList.READY
    class_id = read_number(request.GET.get("class", ""), digits_max=18)
    queue = [
        one
        for one in enrolment_queue(school, purpose)
        if class_id is None or one.person.year_group_id == class_id
    ]
    page = Paginator([one for one in queue if one.list is shown], ROWS_A_PAGE).get_page(
        request.GET.get("page")
    )
    return {
        "tabs": _tabs(queue, shown, {"purpose": purpose, "class": class_id or ""}),
        "purpose": purpose,
        "purposes": [Purpose(one) for one in asked],
        "shown": shown.value,
        "class_id": class_id,
        "classes": classes_of(school),
        "page": page,
        "rows": _rows(school, list(page)),
        "address": reverse("console:enrol")
        + "?"
        + urlencode({"list": shown.value, "purpose": purpose, "class": class_id or ""}),
    }


def _tabs(
    queue: list[Queued], shown: QueueList, kept: dict[str, str | int]
) -> list[tuple[str, str, int, bool]]:
    """Return each list as its address, its name, how many are in it, and whether it is the one shown."""
    names = {
        QueueList.READY: _("Ready to enrol"),
        QueueList.PUPIL: _("Waiting for the pupil"),
        QueueList.GUARDIAN: _("Waiting for a guardian"),
    }
    return [
        (
            "?" + urlencode({"list": one.value, **kept}),
            name,
            sum(each.list is one for each in queue),
            one is shown,
        )
        for one, name in names.items()
    ]


def _rows(school: School, queued: list[Queued]) -> list[tuple[Person, list[str], bool]]:
    """Return each person with what is missing in words, and whether they need a card before their face."""
    needs_card = kinds_of(school) == {Template.Holder.CARD}
    have = persons_with_printed_card([one.person for one in queued]) if needs_card else set()
    return [
        (
            one.person,
            [str(REASONS[reason]) for reason in one.reasons],
            needs_card and one.person.id not in have,
        )
        for one in queued
    ]


@require_POST
@allow_roles(*OFFICE)
def scan(request: PageRequest) -> HttpResponse:
    """Open the enrolment of whose card was scanned; of a person who is not ready, show why."""
    typed = request.POST.get("code", "")
    require_no_share(typed)
    if not (typed.strip() or request.POST.get("keys")):
        refusal = _("No code arrived. Please have the card read again.")
        return _show_desk(request, {"refusal": refusal, **_queue(request)}, status=422)
    scanned = Scan(typed[:TYPED_CHARS_MAX], read_keys(request.POST.get("keys", "")))
    person = find_owner(request.school, scanned)
    if person is None:
        refusal = _("No live card of this school has this code. Search by name, or issue a new card.")
        return _show_desk(request, {"refusal": refusal, **_queue(request)}, status=422)
    purpose = next((one.purpose for one in standings(person, request.school) if one.may_enrol), None)
    if purpose is None:
        return redirect(f"{reverse('console:enrol')}?{urlencode({'person': str(person.id)})}")
    return start_at_desk(request, person, purpose)
