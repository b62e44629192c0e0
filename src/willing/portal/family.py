"""The first pages of a signed-in guardian and of a signed-in pupil."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from willing.consent.actions import sign_link
from willing.people.access import allow_guardians, allow_pupils
from willing.people.models import Guardian, Person
from willing.people.queries import persons_of
from willing.portal.compose import child


@never_cache
@require_safe
@allow_guardians
def family(request: HttpRequest, guardian: Guardian) -> HttpResponse:
    """Show a guardian's children, and where to go for each."""
    context = {
        "guardian": guardian,
        "school": guardian.school,
        "currency": guardian.school.currency,
        "children": [child(person) for person in persons_of(guardian)],
        "token": sign_link(guardian),
    }
    return render(request, "portal/family.html", context)


@never_cache
@require_safe
@allow_pupils
def me(request: HttpRequest, person: Person) -> HttpResponse:
    """Show a pupil what they have and bought."""
    context = {"school": person.school, "currency": person.school.currency, "child": child(person)}
    return render(request, "portal/me.html", context)
