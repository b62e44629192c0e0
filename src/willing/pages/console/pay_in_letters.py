"""Letters that say how to pay in by the bank: for one person, or for a class."""

from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.core.numbers import read_number
from willing.documents.pay_in_letter import pay_in_letter
from willing.documents.pdf import letters_to_pdf
from willing.pages.console.helpers import show
from willing.pages.console.roles import OFFICE
from willing.payments.errors import bank_details_missing
from willing.payments.pay_in import pay_in_details
from willing.payments.queries import find_bank_details
from willing.people.look import look_of
from willing.people.models import Person, School
from willing.people.queries import class_sizes, classes_of, present_persons, require_class, require_person


@require_safe
@allow_roles(*OFFICE)
def letters(request: PageRequest) -> HttpResponse:
    """Offer the letters of each class."""
    sizes = class_sizes(request.school)
    context = {
        "classes": [(one, sizes[one.pk]) for one in classes_of(request.school) if sizes.get(one.pk)],
        "details": find_bank_details(request.school),
    }
    return show(request, "console/bank/letters.html", context)


@require_safe
@allow_roles(*OFFICE)
def letters_pdf(request: PageRequest) -> HttpResponse:
    """Give the letters of a class (?class=) as one PDF, a page for each person. Raises Refused."""
    school = request.school
    chosen = require_class(school, read_number(request.GET.get("class", ""), digits_max=9) or 0)
    return _pdf(school, list(present_persons(school).filter(year_group=chosen)))


@require_safe
@allow_roles(*OFFICE)
def letter_pdf(request: PageRequest, person_id: UUID) -> HttpResponse:
    """Give the letter of one person as a PDF. Raises Refused."""
    return _pdf(request.school, [require_person(request.school, person_id)])


def _pdf(school: School, persons: list[Person]) -> HttpResponse:
    details = pay_in_details(school, persons)
    if not details:
        raise bank_details_missing()
    made = [pay_in_letter(one, details[one.pk]) for one in persons]
    headers = {"Content-Disposition": 'inline; filename="pay-in-letters.pdf"', "Cache-Control": "no-store"}
    return HttpResponse(
        letters_to_pdf(made, look_of(school)), content_type="application/pdf", headers=headers
    )
