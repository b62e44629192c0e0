"""The last steps, the administrator's: someone to feed, something to sell, a till to sell it on."""

from uuid import uuid4

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from willing.accounts.access import PageRequest
from willing.core.codes import show_code
from willing.core.money import format_minor
from willing.core.transactions import atomic
from willing.credentials.trial import add_trial_pupils, trial_persons
from willing.pages.console.helpers import user_of
from willing.pages.console.roster_forms import UploadForm
from willing.pages.console.roster_import import keep_file
from willing.pages.kiosk.access import COOKIE, COOKIE_AGE_SECONDS
from willing.pages.set_up.access import by_administrator
from willing.pages.set_up.school import show
from willing.pages.set_up.steps import after
from willing.pages.ui.decorators import answers_when_too_large
from willing.people.models import School
from willing.people.queries import present_persons
from willing.people.school import finish_set_up
from willing.roster.errors import upload_too_large
from willing.terminals.actions import NewTerminal, add_terminal
from willing.terminals.models import Device, Terminal
from willing.terminals.pairing import Pairing, start_pairing
from willing.terminals.queries import terminals
from willing.till.menu import whole_menu
from willing.till.starter import add_starter_menu, has_menu_of_its_country, starter_menu
from willing.till.tills import pair_till


@answers_when_too_large(upload_too_large)
@require_http_methods(["GET", "POST"])
@by_administrator
def people(request: PageRequest) -> HttpResponseBase:
    """Offer ten invented pupils to try, the school's own list, or nobody for now."""
    form = UploadForm()
    if request.method == "POST":
        if request.POST.get("who") == "list":
            form = UploadForm(request.POST, request.FILES)
            upload_id = keep_file(request, form)
            if upload_id is not None:
                return redirect("console:import-columns", upload_id=upload_id)
        else:
            if request.POST.get("who") == "invented":
                add_trial_pupils(request.school, by=user_of(request))
            return redirect(after("people"))
    context = {
        "form": form,
        "invented": trial_persons(request.school),
        "own": present_persons(request.school).filter(is_invented=False).count(),
    }
    return show(request, "people", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@by_administrator
def menu(request: PageRequest) -> HttpResponseBase:
    """Offer a menu to begin with; a school that has one goes on with it."""
    school = request.school
    if request.method == "POST":
        if request.POST.get("which") == "starter":
            add_starter_menu(school, by=user_of(request))
        return redirect(after("menu"))
    language = get_language() or "en"
    dishes = [
        (one.label, format_minor(one.price_minor, school.currency, language)) for one in starter_menu(school)
    ]
    context = {
        "dishes": dishes,
        "has_menu": bool(whole_menu(school)),
        "is_of_country": has_menu_of_its_country(school),
    }
    return show(request, "menu", context)


@require_http_methods(["GET", "POST"])
@by_administrator
def till(request: PageRequest) -> HttpResponseBase:
    """Make this very device the first till, or finish without one."""
    if request.method != "POST":
        return show(request, "till", {"cards": _cards(request)})
    answer = redirect("home")
    if request.POST.get("where") == "here":
        pairing = _pair_here(request.school)
        answer = redirect("kiosk:till")
        _keep(answer, pairing)
        messages.success(request, _("%(name)s is ready on this device.") % {"name": pairing.terminal.name})
    finish_set_up(request.school, by=user_of(request).pk)
    return answer


def _cards(request: PageRequest) -> list[tuple[str, str]]:
    """Return the names and card codes of the invented pupils: the code of a first card can be shown again."""
    if not trial_persons(request.school):
        return []
    found = add_trial_pupils(request.school, by=user_of(request))
    return [(one.person.full_name, show_code(one.code)) for one in found]


@atomic
def _pair_here(school: School) -> Pairing:
    """Set up a till, or take the one that nobody has paired yet, and pair it."""
    free = next((one for one in terminals(school) if not one.token_digest), None)
    terminal = free or add_terminal(school, NewTerminal(_free_name(school)))
    return pair_till(start_pairing(terminal), key=str(uuid4()), device=Device.KIOSK)


def _free_name(school: School) -> str:
    taken = set(Terminal.objects.filter(school=school).values_list("name", flat=True))
    names = (_("Till %(number)s") % {"number": number} for number in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)


def _keep(answer: HttpResponse, pairing: Pairing) -> None:
    """Let the browser be the till from now on."""
    answer.set_cookie(
        COOKIE,
        pairing.token,
        max_age=COOKIE_AGE_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
        path=settings.SESSION_COOKIE_PATH,
    )
