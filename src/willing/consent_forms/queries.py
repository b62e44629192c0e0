"""Reads about scans. Never a scan itself: looking at one is a deed (`actions.view_form`)."""

from uuid import UUID

from willing.consent_forms import errors
from willing.consent_forms.models import ConsentForm
from willing.people.models import Person


def forms_of(person: Person) -> list[ConsentForm]:
    """Return which forms are kept of a person, newest first, without the sealed bytes."""
    return list(ConsentForm.objects.filter(person=person).defer("sealed").order_by("-at"))


def require_form(person: Person, form_id: UUID) -> ConsentForm:
    """Return a form of this person. Raises Refused paper_gone."""
    found = ConsentForm.objects.filter(person=person, pk=form_id).first()
    if found is None:
        raise errors.form_gone()
    return found
