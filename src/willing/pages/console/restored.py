"""Faces that wait to be confirmed, after a restore that could not know who had said no since the copy."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.biometrics.queries import unconfirmed_templates
from willing.biometrics.restores import confirm_face
from willing.pages.console.helpers import show, user_of
from willing.pages.console.roles import PROTECTS

SHOWN = 200


@require_safe
@allow_roles(*PROTECTS)
def unconfirmed(request: PageRequest) -> HttpResponse:
    """List whose face waits, for the officer who asks each family."""
    waiting = unconfirmed_templates(request.school)
    context = {"waiting": waiting[:SHOWN], "count": waiting.count()}
    return show(request, "console/protection/restored.html", context)


@require_POST
@allow_roles(*PROTECTS)
def confirm(request: PageRequest, person_id: UUID, purpose: str) -> HttpResponse:
    """Let one face be compared again."""
    confirm_face(request.school, person_id, purpose, by=user_of(request))
    messages.success(request, _("The face is used again."))
    return redirect("console:unconfirmed")
