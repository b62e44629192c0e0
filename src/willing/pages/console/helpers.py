"""How every staff page is shown, and who is looking at it."""

import json
from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from willing.accounts.access import PageRequest
from willing.accounts.models import User
from willing.pages.console.navigation import areas_for, section_of
from willing.pages.ui.focus import focus_refused
from willing.people.models import Person

# So many persons a search shows; the page says so (console/_first_found.html).
FOUND_MAX = 20


def user_of(request: PageRequest) -> User:
    """Return who is signed in; `allow_roles` has let nobody else through."""
    return cast("User", request.user)


def show(
    request: PageRequest, template: str, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    """Show a staff page in the school's own time; no browser and no proxy keeps a copy of it."""
    focus_refused(context)
    school = request.school
    areas = areas_for(request)
    area, section = section_of(areas, request.path)
    frame = {
        "school": school,
        "currency": school.currency,
        "areas": areas,
        "area": area,
        "section": section,
        "found_max": FOUND_MAX,
    }
    with timezone.override(ZoneInfo(school.time_zone)):
        response = render(request, template, {**frame, **context}, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response


def read_id(text: str) -> UUID | None:
    """Return the id that an address or a form has sent as text; None where it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def read_message(request: PageRequest) -> Any:
    """Return what an app has sent as JSON. Raises ValueError for what is none.

    Only what says that it is JSON: of a body that says it is a form, ui.readable reads the fields, in which
    half of a character hides as an escape.
    """
    if request.content_type != "application/json":
        raise ValueError("not sent as JSON")
    try:
        return json.loads(request.body)
    except RecursionError as error:
        raise ValueError("lists in lists without end") from error


def back_to_person(person: Person, tab: str) -> HttpResponse:
    """Return to a person's page, with the part open on which something was done."""
    return redirect(f"{reverse('console:person', args=[person.id])}#{tab}")


def message_once(request: PageRequest, key: UUID, text: str) -> None:
    """Say on the next page what a form did. The second of two presses on one form says nothing more."""
    if request.session.get("said") != str(key):
        request.session["said"] = str(key)
        messages.success(request, text)
