"""The office's part of signing in: a guardian's one letter with its code, and who of the pupils may."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from willing.accounts.access import PageRequest, allow_roles
from willing.accounts.many_invitations import draw_codes, invite_guardians
from willing.accounts.queries import has_sign_in
from willing.accounts.sign_ins import allow_pupil_sign_in
from willing.consent.errors import not_a_guardian
from willing.consent.letters import revoke_letters
from willing.core.errors import Refused
from willing.credentials.people_list import persons_in_order
from willing.credentials.print_queries import children_of
from willing.documents.guardian_letter import LetterOrder, guardian_letter
from willing.documents.pdf import to_pdf
from willing.mail.invitations import mail_invitation
from willing.pages.console.helpers import back_to_person, user_of
from willing.pages.console.roles import OFFICE
from willing.pages.ui.links import letter_url
from willing.people.look import look_of
from willing.people.models import Guardian, Person
from willing.people.queries import listed_guardians, require_person
from willing.terminals.queries import asked_purposes


def _guardian(request: PageRequest, person_id: UUID, guardian_id: UUID) -> tuple[Person, Guardian]:
    person = require_person(request.school, person_id)
    guardian = next((one for one in listed_guardians(person.id) if one.id == guardian_id), None)
    if guardian is None:
        raise not_a_guardian()
    return person, guardian


@require_POST
@allow_roles(*OFFICE)
def letter(request: PageRequest, person_id: UUID, guardian_id: UUID) -> HttpResponse:
    """Give a guardian's one letter as a PDF, this once, with a new code; an earlier open one is revoked.

    Unlike the letters for many, it has a code where the guardian has a sign-in, too: it is the way back for
    those who lost their phone. The code works once the letter is made.
    """
    person, guardian = _guardian(request, person_id, guardian_id)
    school, codes = request.school, draw_codes([guardian])
    order = LetterOrder(
        guardian,
        persons_in_order(school, children_of([guardian.pk])) or [person],
        letter_url(request, reverse("invitation")),
        codes[guardian.pk],
        has_sign_in=has_sign_in(guardian),
    )
    pdf = to_pdf(
        guardian_letter(school, order, asks_about_faces=bool(asked_purposes(school))), look_of(school)
    )
    invite_guardians(codes, by=user_of(request))
    headers = {"Content-Disposition": 'inline; filename="letter.pdf"', "Cache-Control": "no-store"}
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)


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
    """Revoke what letters gave: the open code, and every link that a code opened. Sign-ins stay."""
    person, guardian = _guardian(request, person_id, guardian_id)
    revoke_letters(guardian, by=user_of(request))
    text = _("All earlier letters and links of %(name)s are revoked.")
    messages.success(request, text % {"name": guardian.name})
    return back_to_person(person, "family")


@require_POST
@allow_roles(*OFFICE)
def pupil(request: PageRequest, person_id: UUID) -> HttpResponse:
    """Let a pupil of unknown age see their own page, or no longer."""
    person = require_person(request.school, person_id)
    allow_pupil_sign_in(person, allowed=request.POST.get("allowed") == "1", by=user_of(request))
    return back_to_person(person, "family")
