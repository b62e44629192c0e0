"""Who sits in front of a family page, and about whom it is: a guardian about a child, or a pupil."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from willing.accounts.access import allow_guardians, allow_pupils
from willing.accounts.models import User
from willing.consent.errors import not_a_guardian
from willing.pages.portal.device import remember_pupil
from willing.pages.ui.focus import focus_refused
from willing.people.models import Guardian, Person
from willing.people.queries import persons_of
from willing.privacy.readers import RecordReader

P = ParamSpec("P")


@dataclass(frozen=True)
class FamilyViewer:
    """A reader in front of the pages about one person. guardian: None where it is the person themselves."""

    person: Person
    guardian: Guardian | None
    user: User

    @property
    def reader(self) -> RecordReader:
        """What they may read."""
        return RecordReader(guardian=self.guardian, is_person=self.guardian is None)

    @property
    def base(self) -> str:
        """The address that all pages about this person begin with."""
        return reverse("portal:child", args=[self.person.id]) if self.guardian else reverse("portal:me")


Page = Callable[Concatenate[HttpRequest, FamilyViewer, P], HttpResponse]


def for_guardians(page: Page[P]) -> Callable[..., HttpResponseBase]:
    """Open a page to a signed-in guardian, about one of their children. Raises Refused not_a_guardian."""

    def opened(
        request: HttpRequest, guardian: Guardian, person_id: UUID, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponse:
        person = next((one for one in persons_of(guardian) if one.id == person_id), None)
        if person is None:
            raise not_a_guardian()
        return _identify_viewer(
            page, request, FamilyViewer(person, guardian, cast("User", request.user)), *args, **kwargs
        )

    return never_cache(allow_guardians(cast("Any", opened)))


def for_pupils(page: Page[P]) -> Callable[..., HttpResponseBase]:
    """Open a page to a signed-in pupil, about themselves."""

    def opened(request: HttpRequest, person: Person, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        seat = FamilyViewer(person, None, cast("User", request.user))
        response = _identify_viewer(page, request, seat, *args, **kwargs)
        remember_pupil(request, response, person)
        return response

    return never_cache(allow_pupils(cast("Any", opened)))


def _identify_viewer(
    page: Page[P], request: HttpRequest, seat: FamilyViewer, *args: P.args, **kwargs: P.kwargs
) -> HttpResponse:
    """Run a page in the school's own time."""
    with timezone.override(ZoneInfo(seat.person.school.time_zone)):
        return page(request, seat, *args, **kwargs)


def show(
    request: HttpRequest, seat: FamilyViewer, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """Show a page with what all of them need."""
    focus_refused(context)
    school = seat.person.school
    frame = {
        "seat": seat,
        "base": seat.base,
        "person": seat.person,
        "is_pupil": seat.guardian is None,
        "school": school,
        "currency": school.currency,
    }
    return render(request, template, {**frame, **context}, status=status)
