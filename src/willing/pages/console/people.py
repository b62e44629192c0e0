"""The office's pages about one person: their page, cards, PINs, money, permissions."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.audit.queries import latest_entry
from willing.biometrics.consent_changes import ConsentChange, record_consent
from willing.biometrics.engine import why_unavailable
from willing.biometrics.erasure import Erasure, erase_faces
from willing.biometrics.models import Template
from willing.biometrics.queries import templates_of
from willing.consent import errors as consent_errors
from willing.consent.decisions import NewDecision, excuse_guardian, withdraw_excuse
from willing.consent.models import Answer, Channel, Purpose
from willing.consent.queries import latest_decision, own_reader, replaced_at, require_notice
from willing.consent_forms.queries import forms_of
from willing.core.errors import Refused
from willing.credentials.cards import revoke_cards
from willing.credentials.pins import set_pin
from willing.credentials.queries import credentials_of_person
from willing.entitlements.queries import entitlements_held
from willing.ledger.queries import available_minor
from willing.pages.console.address_doubt import address_doubt
from willing.pages.console.forms import ExcuseForm, PayInForm, PinForm
from willing.pages.console.helpers import back_to_person, message_once, show, user_of
from willing.pages.console.labels import FACES_UNAVAILABLE
from willing.pages.console.presenters import first_tab, guardian_links, in_full, sign_ins_of
from willing.pages.console.roles import OFFICE
from willing.pages.console.view_log import record_view
from willing.payments.queries import has_bank_details
from willing.people.models import Person
from willing.people.queries import listed_guardians, require_person
from willing.terminals.queries import asked_purposes
from willing.till.queries import sales_of_person
from willing.wallets.queries import paid_in_of

SALES_SHOWN = 10


def _person(request: PageRequest, person_id: UUID) -> Person:
    return require_person(request.school, person_id)


@require_safe
@allow_roles(*OFFICE)
def person(request: PageRequest, person_id: UUID) -> HttpResponse:
    """Show a person's page. The look at it is in the log."""
    found = _person(request, person_id)
    record_view(found, by=user_of(request))
    return show_person(request, found)


def show_person(
    request: PageRequest,
    found: Person,
    *,
    pay_in_form: PayInForm | None = None,
    pin_form: PinForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Return a person's page, with a form that was not right, if any, and its part of the page open."""
    links = guardian_links(found)
    purposes, because = in_full(found, found.school), why_unavailable(found.school)
    balance_minor = available_minor(found)
    context = {
        "person": found,
        "tab": "card" if pin_form else first_tab(found, balance_minor),
        "purposes": purposes,
        "excuse_form": ExcuseForm(),
        "papers": forms_of(found),
        "face_available": not because,
        "no_faces_because": FACES_UNAVAILABLE.get(because),
        "has_face": any(one.standing.template for one in purposes),
        "has_face_of_card": any(_is_of_card(one.standing.template) for one in purposes),
        "erased": latest_entry("face.erased", found.id),
        "ways": credentials_of_person(found),
        "has_gate": any(one.standing.purpose == Purpose.GATE for one in purposes),
        "balance_minor": balance_minor,
        "paid_in": paid_in_of(found),
        "has_bank": has_bank_details(found.school),
        "has_siblings": any(vars(link)["has_siblings"] for link in links),
        "sales": sales_of_person(found)[:SALES_SHOWN],
        "pay_in_form": pay_in_form or PayInForm(school=found.school),
        "pin_form": pin_form or PinForm(),
        "entitlements": entitlements_held(found),
        "card_key": uuid4(),
        "sign_ins": sign_ins_of(found),
        "guardian_links": links,
        "merged": found.merged.all(),
        **address_doubt(request),
    }
    return show(request, "console/person.html", context, status=status)


@require_POST
@allow_roles(*OFFICE)
def new_pin(request: PageRequest, person_id: UUID) -> HttpResponse:
    """Set a person's PIN."""
    found = _person(request, person_id)
    form = PinForm(request.POST)
    if not form.is_valid():
        return show_person(request, found, pin_form=form, status=422)
    try:
        set_pin(found, form.cleaned_data["pin"], by=user_of(request))
    except Refused as refused:
        form.add_error("pin", str(refused.message))
        return show_person(request, found, pin_form=form, status=409)
    message_once(request, form.cleaned_data["key"], _("The new PIN works now."))
    return back_to_person(found, "card")


def _is_of_card(template: Template | None) -> bool:
    return template is not None and template.holder == Template.Holder.CARD


@require_POST
@allow_roles(*OFFICE)
def revoke_cards_of(request: PageRequest, person_id: UUID) -> HttpResponse:
    """End every card of a person."""
    found = _person(request, person_id)
    faces = templates_of(found).count()
    ended = revoke_cards(found, by=user_of(request))
    text = ngettext("%(count)s card was revoked.", "%(count)s cards were revoked.", ended) % {"count": ended}
    if templates_of(found).count() < faces:
        text = f"{text} {_('The face that only this card opened is deleted.')}"
    messages.success(request, text)
    return back_to_person(found, "card")


@require_POST
@allow_roles(*OFFICE)
def excuse(request: PageRequest, person_id: UUID, guardian_id: UUID) -> HttpResponse:
    """Record why a guardian need not be notified about a person, or that they are after all."""
    found = _person(request, person_id)
    guardian = next((one for one in listed_guardians(found.id) if one.id == guardian_id), None)
    if guardian is None:
        raise consent_errors.not_a_guardian()
    form = ExcuseForm(request.POST)
    if form.is_valid():
        excuse_guardian(guardian, found, form.cleaned_data["reason"], by=user_of(request))
        messages.success(request, _("Recorded and logged, with its reason."))
    elif request.POST.get("end"):
        withdraw_excuse(guardian, found, by=user_of(request))
        messages.success(request, _("They have to be notified after all."))
    return back_to_person(found, "face")


@require_http_methods(["GET", "POST"])
@allow_roles(*OFFICE)
def own(request: PageRequest, person_id: UUID, purpose: str) -> HttpResponse:
    """Read the notice with a person at the desk and take their own yes, no or withdrawal."""
    found = _person(request, person_id)
    if purpose not in asked_purposes(found.school):
        raise consent_errors.purpose_not_served()
    notice = require_notice(purpose, own_reader(found), get_language() or "en")
    if request.method == "POST" and request.POST.get("answer") in Answer.values:
        word = NewDecision(
            found,
            purpose,
            request.POST["answer"],
            notice,
            Channel.DESK,
            recorded_by=user_of(request),
        )
        _message_after_decision(request, record_consent(word))
        return back_to_person(found, "face")
    last = latest_decision(found, purpose, None)
    context = {
        "person": found,
        "notice": notice,
        "purpose_label": Purpose(purpose).label,
        "may_stop": last is not None and last.answer == Answer.YES and replaced_at(last.notice) is None,
    }
    return show(request, "console/own.html", context)


def _message_after_decision(request: PageRequest, decided: ConsentChange) -> None:
    words = {
        Answer.YES: _("Their yes is recorded."),
        Answer.NO: _("Their no is recorded. It counts, whatever adults say."),
        Answer.WITHDRAWN: _("Consent withdrawn."),
    }
    messages.success(request, words[Answer(decided.decision.answer)])
    if decided.erasure:
        messages.success(request, _erased(decided.erasure))


def _erased(erasure: Erasure) -> str:
    text = _("The face is no longer stored. Receipt: entry %(number)s of the log.")
    return text % {"number": erasure.log_sequence}


@require_POST
@allow_roles(*OFFICE)
def erase_face(request: PageRequest, person_id: UUID) -> HttpResponse:
    """Erase every template of a person. Pressing again finds nothing, and says so."""
    found = _person(request, person_id)
    erasure = erase_faces(found, cause="office")
    messages.success(request, _erased(erasure) if erasure else _("No face is stored for this person."))
    return back_to_person(found, "face")
