"""Printing for many: cards, PIN slips, letters, consent forms; and whether what was printed came out."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.accounts.many_invitations import draw_codes
from willing.accounts.models import User
from willing.consent.models import Notice
from willing.consent.queries import own_reader, require_notice
from willing.core.numbers import read_number
from willing.credentials.errors import nothing_to_print, too_many_to_print
from willing.credentials.many_pins import draw_pins
from willing.credentials.people_list import find_people, persons_in_order, without_pin
from willing.credentials.print_models import PrintRun
from willing.credentials.print_queries import (
    children_of,
    find_run,
    recipients,
    require_run,
    run_state,
    waiting_guardians,
    waiting_persons,
)
from willing.credentials.print_rules import LAYOUTS, RUN_MAX, PrintLayout, read_layout
from willing.credentials.print_runs import (
    NewRun,
    abandon_run,
    confirm_sheets,
    finish_cards,
    finish_letters,
    finish_pins,
    note_made,
    start_run,
    void_waiting,
)
from willing.documents.consent_form import consent_form
from willing.documents.guardian_letter import LetterOrder, guardian_letter
from willing.documents.parts import Document
from willing.documents.pdf import letters_to_pdf
from willing.documents.sheets import card_sheets, pin_slips
from willing.pages.console.address_doubt import address_doubt
from willing.pages.console.helpers import show, user_of
from willing.pages.console.people_list import offered_to, require_offered, wanted_in
from willing.pages.console.roles import OFFICE
from willing.pages.ui.links import letter_url, public_url
from willing.people.look import look_of
from willing.people.models import Guardian, Person
from willing.terminals.queries import asked_purposes

FORMS = "forms"


@dataclass(frozen=True)
class _Wish:
    """What a form asks to be printed. instead_of: the run of which this did not come out."""

    kind: str
    persons: list[Person]
    layout: str
    key: UUID
    instead_of: PrintRun | None = None


@require_POST
@allow_roles(*OFFICE)
def make(request: PageRequest, kind: str) -> HttpResponse:
    """Print for those who are chosen in the list of people, in the order of the classes, this once."""
    if kind != FORMS and kind not in LAYOUTS:
        raise Http404
    persons = _chosen(request)
    if kind == PrintRun.Kind.PINS and request.POST.get("replace") != "1":
        persons = without_pin(persons)
    if kind == FORMS:
        return _pdf(_forms(request, persons), "consent-forms")
    return _print(request, _Wish(kind, persons, request.POST.get("layout", ""), _key(request)))


@require_POST
@allow_roles(*OFFICE)
def anew(request: PageRequest, run_id: UUID) -> HttpResponse:
    """Print anew what of a run did not come out; what was made for it before works no more."""
    run = require_run(request.school, run_id)
    letters = run.kind == PrintRun.Kind.LETTERS
    ids = children_of(waiting_guardians(run)) if letters else waiting_persons(run)
    persons = persons_in_order(request.school, ids)
    return _print(request, _Wish(run.kind, persons, run.layout, _key(request), run))


def _print(request: PageRequest, wish: _Wish) -> HttpResponse:
    school, by = request.school, user_of(request)
    layout = read_layout(wish.kind, wish.layout, school.country)
    total = len(_letters(wish)) if wish.kind == PrintRun.Kind.LETTERS else len(wish.persons)
    run = start_run(NewRun(school, wish.kind, layout, total, wish.key), by=by)
    try:
        pdf = MAKERS[wish.kind](request, run, wish)
    except BaseException:
        abandon_run(run)  # nothing of it was stored, and nothing went out
        raise
    return _pdf(pdf, wish.kind)


def _cards(request: PageRequest, run: PrintRun, wish: _Wish) -> bytes:
    """Return sheets of cards, which work from now on. Nothing is left of what can't be made."""
    pdf = card_sheets(
        request.school,
        wish.persons,
        PrintLayout(run.layout),
        key=run.pk,
        address=public_url(request, reverse("card")),
        note_made=lambda made: note_made(run, made),
    )
    finish_cards(run, wish.persons, by=user_of(request), instead_of=wish.instead_of)
    return pdf


def _pins(request: PageRequest, run: PrintRun, wish: _Wish) -> bytes:
    drawn = draw_pins(request.school, wish.persons, note_made=lambda made: note_made(run, made))
    by_person = dict(zip(wish.persons, drawn, strict=True))
    pdf = pin_slips(request.school, by_person, PrintLayout(run.layout))
    finish_pins(run, by_person, by=user_of(request), instead_of=wish.instead_of)
    return pdf


def _letter_pages(request: PageRequest, run: PrintRun, wish: _Wish) -> bytes:
    """Return letters in the order of the envelopes; a code only for those without a sign-in."""
    school, letters = request.school, _letters(wish)
    signed_in = set(
        User.objects.filter(guardian__school=school, is_active=True).values_list("guardian_id", flat=True)
    )
    codes = draw_codes([guardian for guardian, _children in letters if guardian.pk not in signed_in])
    with_code, as_always = (
        letter_url(request, reverse("invitation")),
        letter_url(request, reverse("account_login")),
    )
    asks = bool(asked_purposes(school))
    documents = [
        guardian_letter(
            school,
            LetterOrder(
                guardian,
                children,
                with_code if guardian.pk in codes else as_always,
                codes.get(guardian.pk, ""),
            ),
            place=f"{number} / {len(letters)}",
            asks_about_faces=asks,
        )
        for number, (guardian, children) in enumerate(letters, start=1)
    ]
    pdf = letters_to_pdf(documents, look_of(school))
    to_whom = [(guardian, children[0]) for guardian, children in letters]
    finish_letters(run, to_whom, codes, by=user_of(request), instead_of=wish.instead_of)
    return pdf


MAKERS: dict[str, Callable[[PageRequest, PrintRun, _Wish], bytes]] = {
    "cards": _cards,
    "pins": _pins,
    "letters": _letter_pages,
}


def _letters(wish: _Wish) -> list[tuple[Guardian, list[Person]]]:
    found = recipients(wish.persons)
    if wish.instead_of is None:
        return found
    waiting = set(waiting_guardians(wish.instead_of))
    return [one for one in found if one[0].pk in waiting]


def _forms(request: PageRequest, persons: list[Person]) -> bytes:
    """Return the forms to sign: of each person for each guardian, and the person's own, class by class."""
    school, documents = request.school, list[Document]()
    guardians: dict[UUID, list[Guardian]] = {}
    for guardian, children in recipients(persons):
        for child in children:
            guardians.setdefault(child.pk, []).append(guardian)
    for purpose in asked_purposes(school):
        for person in persons:
            for guardian in guardians.get(person.pk, []):
                notice = require_notice(purpose, Notice.Reader.ADULT, guardian.language)
                documents.append(consent_form(school, person, guardian, notice))
            own = require_notice(purpose, own_reader(person), school.language)
            documents.append(consent_form(school, person, None, own))
    if not documents:
        raise nothing_to_print()
    if len(documents) > RUN_MAX[FORMS]:
        raise too_many_to_print(RUN_MAX[FORMS])
    return letters_to_pdf(documents, look_of(school))


def _chosen(request: PageRequest) -> list[Person]:
    """Return whom the form names: everyone who fits its filters, or those whose boxes are ticked."""
    if request.POST.get("all") == "1":
        wanted, offered = wanted_in(request.POST), offered_to(request.school, request.roles)
        require_offered(wanted, offered)
        ids = list(find_people(request.school, wanted, offered=offered).ids)
    else:
        ids = [one for one in map(_read_id, request.POST.getlist("person")) if one is not None]
    return persons_in_order(request.school, ids)


def _read_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _key(request: PageRequest) -> UUID:
    return _read_id(request.POST.get("key", "")) or uuid4()


def _pdf(content: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'inline; filename="{name}.pdf"', "Cache-Control": "no-store"}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


@require_safe
@allow_roles(*OFFICE)
def run_page(request: PageRequest, run_id: UUID) -> HttpResponse:
    """Show how far a run is; then ask whether its sheets came out."""
    run = find_run(request.school, run_id)
    if request.GET.get("part") == "1":
        waits = run is None or run.ready_at is None
        return JsonResponse(
            {"waits": waits, "made": run.made if run else 0, "total": run.total if run else 0},
            headers={"Cache-Control": "no-store"},
        )
    context = {
        "run_id": run_id,
        "state": run_state(run) if run else None,
        "key": uuid4(),
        **address_doubt(request),
    }
    return show(request, "console/print_run.html", context)


@require_POST
@allow_roles(*OFFICE)
def confirm(request: PageRequest, run_id: UUID) -> HttpResponse:
    """Record which sheets came out whole."""
    run = require_run(request.school, run_id)
    which = request.POST.get("until", "") if request.POST.get("which") == "some" else None
    until = None if which is None else read_number(which, digits_max=4) or 0
    count = confirm_sheets(run.pk, until=until, by=user_of(request))
    text = ngettext("%(count)s is confirmed.", "%(count)s are confirmed.", count) % {"count": count}
    messages.success(request, text)
    return redirect("console:print-run", run_id=run.pk)


@require_POST
@allow_roles(*OFFICE)
def give_up(request: PageRequest, run_id: UUID) -> HttpResponse:
    """Give up what did not come out, and print nothing in its place."""
    run = require_run(request.school, run_id)
    void_waiting(run, by=user_of(request))
    messages.success(request, _("What was not printed works no more."))
    return redirect("console:print-run", run_id=run.pk)
