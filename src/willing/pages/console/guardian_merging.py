"""The office makes one record of a guardian of two: finds the other one, sees what happens, confirms."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.accounts.models import User
from willing.accounts.queries import has_sign_in
from willing.consent.models import Purpose
from willing.core.errors import Refused
from willing.pages.console.forms import Plain
from willing.pages.console.helpers import back_to_person, show, user_of
from willing.pages.console.presenters import found_guardians
from willing.pages.console.roles import OFFICE
from willing.people.guardians import GuardianDetails
from willing.people.models import Guardian, Person
from willing.people.queries import (
    guardians_reached_at,
    persons_of,
    require_guardian,
    require_guardian_of,
    require_person,
    search_guardians,
)
from willing.privacy.guardian_merging import MergedGuardians, merge_guardians, preview_guardian_merge

KEPT, GONE = "kept", "gone"
CONTACT: dict[str, Promise] = {
    "name": gettext_lazy("Full name"),
    "email": gettext_lazy("E-mail address"),
    "phone": gettext_lazy("Telephone number"),
    "language": gettext_lazy("Language of letters"),
}


class MergeForm(Plain):
    """Which of two names, addresses, numbers and languages is right, where the records differ."""

    def __init__(self, gone: Guardian, kept: Guardian, data: object = None) -> None:
        """Ask only about what both records say, and say differently."""
        super().__init__(data)
        self.said = {KEPT: kept, GONE: gone}
        for name, label in CONTACT.items():
            values = {key: getattr(one, name) for key, one in self.said.items()}
            if all(values.values()) and values[KEPT] != values[GONE]:
                choices = [(key, _shown(name, value)) for key, value in values.items()]
                self.fields[name] = forms.ChoiceField(
                    label=str(label), choices=choices, initial=KEPT, widget=forms.RadioSelect
                )

    @property
    def details(self) -> GuardianDetails:
        """How the guardian is called and reached: as chosen, else as whichever record says anything."""
        chosen = self.cleaned_data if self.is_bound else {}
        values = {}
        for name in CONTACT:
            first = self.said[chosen.get(name, KEPT)]
            values[name] = getattr(first, name) or getattr(self.said[GONE], name)
        return GuardianDetails(**values)


def _shown(name: str, value: str) -> str:
    return str(dict(settings.LANGUAGES).get(value, value)) if name == "language" else value


@require_safe
@allow_roles(*OFFICE)
def merge(request: PageRequest, person_id: UUID, guardian_id: UUID) -> HttpResponse:
    """Find another record of a guardian; those with the same address or name are shown at once."""
    person = require_person(request.school, person_id)
    guardian = require_guardian_of(person, guardian_id)
    text = request.GET.get("q", "").strip()[:100]
    near = guardians_reached_at(request.school, guardian.email) if not text else []
    near += [one for one in search_guardians(request.school, text or guardian.name) if one not in near]
    found = found_guardians([one for one in near if one != guardian], person)
    context = {"person": person, "guardian": guardian, "text": text, "found": found}
    return show(request, "console/guardian_merge.html", context)


@require_http_methods(["GET", "POST"])
@allow_roles(*OFFICE)
def confirm(request: PageRequest, person_id: UUID, guardian_id: UUID, other_id: UUID) -> HttpResponse:
    """Show two records and what becomes of them, and merge the second into the first on a press."""
    person = require_person(request.school, person_id)
    kept = require_guardian_of(person, guardian_id)
    gone = require_guardian(request.school, other_id)
    form = MergeForm(gone, kept, request.POST if request.method == "POST" else None)
    refused = None
    if request.method == "POST" and form.is_valid():
        try:
            merge_guardians(request.school, gone.id, kept.id, form.details, by=user_of(request))
        except Refused as found:
            refused = found
        else:
            messages.success(request, _("The two records of %(name)s are one now.") % {"name": kept.name})
            return back_to_person(person, "family")
    outcome = None
    if refused is None:
        try:
            outcome = preview_guardian_merge(
                request.school, gone.id, kept.id, MergeForm(gone, kept).details, by=user_of(request)
            )
        except Refused as found:
            refused = found
    context = {
        "person": person,
        "guardian": kept,
        "records": [_in_short(one) for one in (kept, gone)],
        "form": form,
        "outcome": _in_words(outcome) if outcome else [],
        "refused": refused,
    }
    status = 409 if refused else 422 if form.errors else 200
    return show(request, "console/guardian_merge_confirm.html", context, status=status)


@dataclass(frozen=True)
class GuardianInShort:
    """What tells two records of one guardian apart."""

    guardian: Guardian
    persons: list[Person]
    language: str
    has_sign_in: bool
    last_sign_in_at: datetime | None


def _in_short(guardian: Guardian) -> GuardianInShort:
    user = User.objects.filter(guardian=guardian).first()
    return GuardianInShort(
        guardian,
        sorted(persons_of(guardian), key=lambda one: one.till_number),
        _shown("language", guardian.language),
        has_sign_in(guardian),
        user.last_login if user else None,
    )


def _in_words(found: MergedGuardians) -> list[str]:
    """Return in words what merging would do."""
    told = [_("%(name)s is decided for by the record that is kept.") % _name(one) for one in found.persons]
    told += [
        _("%(name)s, %(purpose)s: the no of the other record counts from now on.") % _word(*one)
        for one in found.words.refusals
    ]
    told += [
        _("%(name)s, %(purpose)s: the yes of the other record goes along.") % _word(*one)
        for one in found.words.consents
    ]
    if found.faces:
        told.append(
            _("Stored faces that are deleted, for want of consent: %(count)s.") % {"count": found.faces}
        )
    sign_in = {
        "moved": _("They go on signing in as before."),
        "removed": _(
            "Both records have a sign-in. The one of the kept record stays, the other one is deleted."
        ),
    }
    return [*told, *([sign_in[found.sign_in]] if found.sign_in in sign_in else [])]


def _name(person: Person) -> dict[str, str]:
    return {"name": person.full_name}


def _word(person: Person, purpose: str) -> dict[str, str]:
    return {"name": person.full_name, "purpose": str(Purpose(purpose).label)}
