"""The office makes one record of two: finds the other one, looks at both, and confirms."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from willing.accounts.access import PageRequest, allow_roles
from willing.core.errors import Refused
from willing.credentials.queries import search_people
from willing.pages.console.helpers import FOUND_MAX, back_to_person, show, user_of
from willing.pages.console.presenters import record_in_short
from willing.pages.console.roles import OFFICE
from willing.pages.console.view_log import record_view
from willing.people.models import Person
from willing.people.queries import require_person
from willing.privacy.merging import merge_persons


@require_http_methods(["GET", "POST"])
@allow_roles(*OFFICE)
def merge(request: PageRequest, person_id: UUID) -> HttpResponse:
    """Find another record of a person and show both."""
    person = require_person(request.school, person_id)
    record_view(person, by=user_of(request))
    text = request.GET.get("q", "").strip()[:100]
    found = search_people(request.school, text, limit=FOUND_MAX + 1) if text else []
    others = [one for one in found if one.id != person.id][:FOUND_MAX]
    context = {"person": person, "text": text, "found": others}
    return show(request, "console/merge.html", context)


@require_http_methods(["GET", "POST"])
@allow_roles(*OFFICE)
def confirm(request: PageRequest, person_id: UUID, other_id: UUID) -> HttpResponse:
    """Show two records side by side, and merge the second into the first on a press."""
    kept, gone = (require_person(request.school, one) for one in (person_id, other_id))
    if request.method == "POST":
        try:
            merge_persons(request.school, gone.id, kept.id, by=user_of(request))
        except Refused as refused:
            return _show_both(request, kept, gone, refused)
        messages.success(request, _("The two records are one now. Its till number stays the same."))
        return back_to_person(kept, "record")
    for one in (kept, gone):
        record_view(one, by=user_of(request))
    return _show_both(request, kept, gone)


def _show_both(
    request: PageRequest, kept: Person, gone: Person, refused: Refused | None = None
) -> HttpResponse:
    context = {
        "person": kept,
        "records": [record_in_short(one) for one in (kept, gone)],
        "refused": refused,
    }
    return show(request, "console/merge_confirm.html", context, status=409 if refused else 200)
