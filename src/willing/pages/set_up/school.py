"""The steps about the school itself: who may go on, its name, law, language, money and address."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from willing.accounts.access import allow_anyone
from willing.accounts.attempts import require_few_attempts
from willing.accounts.sessions import close_session
from willing.consent.laws import LAW_LABELS, consequences, suggest_law
from willing.consent.profiles import NAMES, require_profile
from willing.core.errors import Refused
from willing.ops.new_school import NewSchool, choose_law, describe_school, place_as_held
from willing.pages.set_up.access import GRANT, REASON, require_awaited, with_code
from willing.pages.set_up.code import CODE
from willing.pages.set_up.forms import AddressForm, CodeForm, LawForm, RegionForm, SchoolForm, names_a_place
from willing.pages.set_up.steps import after, progress
from willing.pages.ui.focus import FocusesErrors
from willing.pages.ui.reach_labels import try_address
from willing.people.addresses import read_address
from willing.people.models import School
from willing.people.places import Place, countries
from willing.people.requests import find_school_of, require_school_of
from willing.people.school import change_school, set_public_address

# Which field a refusal is about.
FIELDS = {"address_unreadable": "address", "currency_unknown": "currency", "time_zone_unknown": "time_zone"}


def show(request: HttpRequest, name: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Show a step with the way so far; after a refusal the first wrong field has the cursor."""
    form = context.get("form")
    if isinstance(form, FocusesErrors) and form.is_bound:
        form.focus_first_error()
    page = {**progress(name), "school": find_school_of(request), **context}
    return render(request, f"set_up/{name}.html", page, status=status)


@allow_anyone(REASON)
@never_cache
@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponseBase:
    """Take the terminal's code; opening the address with the code in it uses nothing up."""
    require_awaited(request)
    if CODE.is_granted(request.session.get(GRANT)):
        return redirect("set-up:school")
    form = CodeForm(request.POST or None, initial={"code": request.GET.get("code", "")})
    if request.method != "POST":
        return render(request, "set_up/code.html", {"form": form})
    try:
        require_few_attempts(request, "set_up")
    except Refused as refused:
        form.add_error("code", str(refused.message))
        form.focus_first_error()
        return render(request, "set_up/code.html", {"form": form}, status=429)
    grant = CODE.exchange(form.cleaned_data["code"]) if form.is_valid() else ""
    if not grant:
        return render(request, "set_up/code.html", {"form": form, "is_wrong": form.is_valid()}, status=422)
    close_session(request, why="pressed")  # a session that someone else gave this browser is closed here
    request.session.cycle_key()
    request.session[GRANT] = grant
    return redirect("set-up:school")


@require_http_methods(["GET", "POST"])
@with_code
def school(request: HttpRequest) -> HttpResponseBase:
    """Ask for the name and the country."""
    held = find_school_of(request)
    initial = {"name": held.name if held else "", "country": held.country if held else _country(request)}
    form = SchoolForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        language = None if held else (get_language() or "en")
        try:
            describe_school(NewSchool(said["name"], said["country"], language=language))
        except Refused as refused:
            form.add_error("country", str(refused.message))
        else:
            return redirect(after("school"))
    return show(request, "school", {"form": form}, status=422 if form.errors else 200)


def _country(request: HttpRequest) -> str:
    """Return the country that the browser's language names, as en-GB does; else that language's home."""
    for tag in request.headers.get("Accept-Language", "").split(","):
        region = tag.partition(";")[0].strip().partition("-")[2].upper()[-2:]
        if region in countries():
            return region
    return "CN" if (get_language() or "").startswith("zh") else "GB"


def _with_school(view: Any) -> Any:
    """Go back to the first step where the school has no name yet."""

    def opened(request: HttpRequest) -> HttpResponseBase:
        if find_school_of(request) is None:
            return redirect("set-up:school")
        answer: HttpResponseBase = view(request, require_school_of(request))
        return answer

    return opened


@require_http_methods(["GET", "POST"])
@with_code
@_with_school
def law(request: HttpRequest, held: School) -> HttpResponseBase:
    """Ask which law holds, with what follows from each in three lines."""
    form = LawForm(request.POST or None, initial={"law": held.legal_profile})
    if request.method == "POST" and form.is_valid():
        choose_law(held, form.cleaned_data["law"])
        return redirect(after("law"))
    chosen, suggested = held.legal_profile, suggest_law(held.country)
    laws = [
        {
            "name": name,
            "label": LAW_LABELS[name],
            "lines": consequences(require_profile(name)),
            "is_chosen": name == chosen,
            "is_suggested": name == suggested,
        }
        for name in sorted(NAMES, key=lambda name: (name != chosen, name != suggested, NAMES.index(name)))
    ]
    return show(request, "law", {"form": form, "laws": laws}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@with_code
@_with_school
def region(request: HttpRequest, held: School) -> HttpResponseBase:
    """Ask for language, currency and time zone; the country has filled them in."""
    place = place_as_held(held)
    initial = {"language": place.language, "currency": place.currency, "time_zone": place.time_zone}
    form = RegionForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        wanted = Place(held.country, said["currency"], said["time_zone"], said["language"])
        try:
            change_school(held, name=held.name, place=wanted)
        except Refused as refused:
            form.add_error(FIELDS.get(refused.code), str(refused.message))
        else:
            return redirect(after("region"))
    return show(request, "region", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@with_code
@_with_school
def address(request: HttpRequest, held: School) -> HttpResponseBase:
    """Ask for the public address, and test it where that is wanted."""
    here = f"{request.scheme}://{request.get_host()}"
    is_public = names_a_place(request.get_host()) and not request.get_host().startswith("localhost")
    form = AddressForm(
        request.POST or None, initial={"address": held.public_address or (here if is_public else "")}
    )
    reach = None
    if request.method == "POST" and form.is_valid():
        try:
            set_public_address(held, read_address(form.cleaned_data["address"]))
            if "test" not in request.POST:
                return redirect(after("address"))
            require_few_attempts(request, "reach")
            reach = try_address(held) if held.public_address else None
        except Refused as refused:
            form.add_error("address", str(refused.message))
    context = {
        "form": form,
        "reach": reach,
        "address": held.public_address,
        "here": here,
        "is_secure": request.is_secure(),
        "host": held.public_address.partition("://")[2],
    }
    return show(request, "address", context, status=422 if form.errors else 200)
