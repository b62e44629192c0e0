"""A person has left the school: their cards are revoked and their face is erased at once."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from willing.accounts.access import PageRequest, allow_roles
from willing.credentials.leavers import record_leavers
from willing.pages.console.helpers import back_to_person, show, user_of
from willing.pages.console.roles import OFFICE
from willing.people.queries import require_person


@require_http_methods(["GET", "POST"])
@allow_roles(*OFFICE)
def leave(request: PageRequest, person_id: UUID) -> HttpResponse:
    """Ask once, then record that a person has left. Recording it again changes nothing."""
    person = require_person(request.school, person_id)
    if request.method != "POST":
        return show(request, "console/leave.html", {"person": person})
    record_leavers([person.id], by=user_of(request))
    messages.success(request, _("Recorded. Cards are revoked and faces deleted; the balance is kept."))
    return back_to_person(person, "record")
