"""The school's settings, the administrator's alone: each part a form of its own, each change logged."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from willing.accounts.access import PageRequest, allow_roles
from willing.accounts.attempts import require_few_attempts
from willing.accounts.sign_ins import set_pupil_age
from willing.biometrics.laws import change_law
from willing.biometrics.models import Template
from willing.consent.laws import LAW_LABELS, consequences, suggest_law
from willing.consent.profiles import NAMES, require_profile
from willing.core.errors import Refused
from willing.ops.new_school import place_as_held
from willing.pages.console.helpers import show, user_of
from willing.pages.console.roles import ADMINISTERS
from willing.pages.console.settings_forms import (
    AddressForm,
    CashierForm,
    ColourForm,
    LawForm,
    LogoForm,
    NameForm,
    PupilAgeForm,
)
from willing.pages.ui.reach_labels import last_test, try_address
from willing.people.addresses import read_address
from willing.people.look import remove_logo, set_colour, set_logo
from willing.people.models import School
from willing.people.places import Place
from willing.people.school import change_school, set_cashier_required, set_public_address

FIELDS = {
    "address_unreadable": "address",
    "colour_unreadable": "colour",
    "country_unknown": "country",
    "logo_unreadable": "logo",
    "time_zone_unknown": "time_zone",
}


def _forms(school: School) -> dict[str, Callable[..., Any]]:
    """Return how each part's form is made, by the part's name."""
    place = place_as_held(school)
    named = {"name": school.name, "country": place.country, "language": place.language}
    named["time_zone"] = place.time_zone
    return {
        "name": lambda *data: NameForm(*data, initial=named),
        "address": lambda *data: AddressForm(*data, initial={"address": school.public_address}),
        "cashier": lambda *data: CashierForm(*data, initial={"requires_cashier": school.requires_cashier}),
        "age": lambda *data: PupilAgeForm(*data, initial={"years": school.pupil_sign_in_from_age}),
        "colour": lambda *data: ColourForm(*data, initial={"colour": school.colour}),
        "logo": LogoForm,
    }


@require_http_methods(["GET", "POST"])
@allow_roles(*ADMINISTERS)
def settings(request: PageRequest) -> HttpResponse:
    """Show the settings; change one part of them."""
    school, status, reach = request.school, 200, None
    makes = _forms(school)
    forms = {part: make() for part, make in makes.items()}
    part = request.POST.get("part", "")
    if request.method == "POST" and part in makes:
        forms[part] = form = makes[part](request.POST, request.FILES)
        if _saved(request, part, form):
            if "test" not in request.POST:
                messages.success(request, _("Saved."))
                return redirect("console:settings")
            reach = _test(request, form)
        status = 422 if form.errors else 200
        form.focus_first_error()
    context = {
        "forms": forms,
        "reach": reach,
        "last_test": None if reach else last_test(school),
        "law": LAW_LABELS[school.legal_profile],
        "lines": consequences(require_profile(school.legal_profile)),
        "host": school.public_address.partition("://")[2],
    }
    return show(request, "console/settings.html", context, status=status)


def _test(request: PageRequest, form: Any) -> Any:
    """Return what came of testing the public address, None where there is none or it was tested too often."""
    if not request.school.public_address:
        return None
    try:
        require_few_attempts(request, "reach")
    except Refused as refused:
        form.add_error("address", str(refused.message))
        return None
    return try_address(request.school)


def _saved(request: PageRequest, part: str, form: Any) -> bool:
    """Save one part; say beside its field what is not right."""
    if part == "logo" and "remove" in request.POST:
        remove_logo(request.school, by=user_of(request).pk)
        form.errors.clear()
        return True
    if not form.is_valid():
        return False
    try:
        SAVES[part](request.school, form, user_of(request).pk)
    except Refused as refused:
        form.add_error(FIELDS.get(refused.code), str(refused.message))
        return False
    return True


def _save_name(school: School, form: Any, by: int) -> None:
    said = form.cleaned_data
    place = Place(said["country"], school.currency, said["time_zone"], said["language"])
    change_school(school, name=said["name"], place=place, by=by)


SAVES: dict[str, Callable[[School, Any, int], object]] = {
    "name": _save_name,
    "address": lambda school, form, by: set_public_address(
        school, read_address(form.cleaned_data["address"]), by=by
    ),
    "cashier": lambda school, form, by: set_cashier_required(
        school, is_required=form.cleaned_data["requires_cashier"], by=by
    ),
    "age": lambda school, form, _by: set_pupil_age(school, form.cleaned_data["years"]),
    "colour": lambda school, form, by: set_colour(school, form.cleaned_data["colour"], by=by),
    "logo": lambda school, form, by: set_logo(school, form.cleaned_data["logo"].read(), by=by),
}


@require_http_methods(["GET", "POST"])
@allow_roles(*ADMINISTERS)
def law(request: PageRequest) -> HttpResponse:
    """Show what follows from each law, and change to one."""
    school, status = request.school, 200
    form = LawForm(request.POST or None)
    if request.method == "POST":
        try:
            if form.is_valid():
                change_law(school, form.cleaned_data["law"], by=user_of(request).pk)
                messages.success(request, _("The law is changed, and the notices with it."))
                return redirect("console:settings")
        except Refused as refused:
            form.add_error("law", str(refused.message))
        status = 422
    chosen, suggested = school.legal_profile, suggest_law(school.country)
    laws = [
        {
            "name": name,
            "label": LAW_LABELS[name],
            "lines": consequences(require_profile(name)),
            "is_chosen": name == chosen,
            "is_suggested": name == suggested,
        }
        for name in sorted(NAMES, key=lambda name: (name != chosen, name != suggested))
    ]
    enrolled = Template.objects.filter(person__school=school).values("person_id").distinct().count()
    context = {"form": form, "laws": laws, "enrolled": enrolled}
    return show(request, "console/settings_law.html", context, status=status)
