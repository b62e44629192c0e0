"""The office's part of signing in: a guardian's letter with a one-time code, and who of the pupils may."""

from uuid import UUID

import segno
from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from willing.accounts.access import PageRequest, allow_roles
from willing.accounts.rules import INVITATION_DAYS
from willing.accounts.sign_ins import allow_pupil_sign_in, invite_guardian, revoke_invitation
from willing.consent.errors import not_a_guardian
from willing.core.codes import show_code
from willing.core.errors import Refused
from willing.mail.invitations import mail_invitation
from willing.pages.console.helpers import back_to_person, show, user_of
from willing.pages.console.roles import OFFICE
from willing.pages.ui.links import public_url
from willing.people.models import Guardian, Person
from willing.people.queries import listed_guardians, require_person


def _guardian(request: PageRequest, person_id: UUID, guardian_id: UUID) -> tuple[Person, Guardian]:
    person = require_person(request.school, person_id)
    guardian = next((one for one in listed_guardians(person.id) if one.id == guardian_id), None)
    if guardian is None:
        raise not_a_guardian()
    return person, guardian


@require_POST
@allow_roles(*OFFICE)
def invite(request: PageRequest, person_id: UUID, guardian_id: UUID) -> HttpResponse:
    """Make a guardian's code and show its letter, this once. An earlier open code is cancelled."""
    person, guardian = _guardian(request, person_id, guardian_id)
    code = show_code(invite_guardian(guardian, by=user_of(request)))
    address = public_url(request, reverse("invitation"))
    context = {
        "person": person,
        "guardian": guardian,
        "code": code,
        "address": address,
        # Behind the "#", which browsers keep to themselves: no server and no proxy writes the code down.
        "qr": segno.make_qr(f"{address}#{code}").svg_data_uri(scale=4, border=2),
        "days": INVITATION_DAYS,
    }
    return show(request, "console/invitation.html", context)


@require_POST
@allow_roles(*OFFICE)
def send_invitation(request: PageRequest, person_id: UUID, guardian_id: UUID) -> HttpResponse:
    """Send a guardian who has no sign-in yet a link to make one; nobody here sees it."""
    person, guardian = _guardian(request, person_id, guardian_id)
    try:
        mail_invitation(guardian, person, by=user_of(request))
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        messages.success(request, _("A link is on its way to %(email)s.") % {"email": guardian.email})
    return back_to_person(person, "family")


@require_POST
@allow_roles(*OFFICE)
def revoke(request: PageRequest, person_id: UUID, guardian_id: UUID) -> HttpResponse:
    """End a guardian's open code."""
    person, guardian = _guardian(request, person_id, guardian_id)
    if revoke_invitation(guardian, by=user_of(request)):
        messages.success(request, _("The code is revoked."))
    return back_to_person(person, "family")


@require_POST
@allow_roles(*OFFICE)
def pupil(request: PageRequest, person_id: UUID) -> HttpResponse:
    """Let a pupil of unknown age see their own page, or no longer."""
    person = require_person(request.school, person_id)
    allow_pupil_sign_in(person, allowed=request.POST.get("allowed") == "1", by=user_of(request))
    return back_to_person(person, "family")
