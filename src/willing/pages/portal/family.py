"""The pages of a signed-in guardian and of a signed-in pupil: see, decide, set limits, end. No rules."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from willing.accounts.access import allow_guardians
from willing.attendance.contacts import is_contact_due
from willing.attendance.message_queries import open_absences
from willing.biometrics.consent_changes import withdraw_own_consent
from willing.biometrics.queries import has_face, templates_of
from willing.boarding.queries import is_boarder
from willing.consent.models import Channel
from willing.consent.queries import latest_decision, own_reader, require_notice
from willing.core.errors import Refused
from willing.credentials.queries import credentials_of_person
from willing.dpia.fuse_labels import for_families
from willing.dpia.queries import blown_fuse_for
from willing.entitlements.queries import entitlements_held
from willing.ledger.queries import available_minor
from willing.mail.models import Topic
from willing.mail.outbox import set_topics
from willing.mail.wishes import topics_of
from willing.pages.portal import statement
from willing.pages.portal.access import FamilyViewer, show
from willing.pages.portal.consent_answers import (
    answer_of,
    is_read_by_a_person,
    message_after,
    record_answer,
    record_notified,
)
from willing.pages.portal.food import food_of, menu_shown
from willing.pages.portal.forms import LimitsForm
from willing.pages.portal.gate import gate_messages_of
from willing.pages.portal.marks import has_registers
from willing.pages.portal.policy import waits
from willing.pages.portal.presenters import child as child_of
from willing.pages.portal.presenters import limits_shown, questions
from willing.people.models import Guardian
from willing.people.queries import persons_of, today
from willing.privacy.personal_data_labels import LABELS, OUTCOME_LABELS
from willing.privacy.readers import views_of
from willing.terminals.models import Way
from willing.terminals.queries import asked_purposes
from willing.till.grants import grant_of
from willing.till.limit_models import SpendingLimits
from willing.till.limits import limits_of, set_limits, spent_today
from willing.till.reports import way_used_most
from willing.till.school_limits import limits_in_force
from willing.wallets.statement import month_of

LOOKS_SHOWN = 10


@never_cache
@require_safe
@allow_guardians
def family(request: HttpRequest, guardian: Guardian) -> HttpResponse:
    """Show a guardian's children, and where to go for each."""
    persons = persons_of(guardian)
    context = {
        "guardian": guardian,
        "school": guardian.school,
        "currency": guardian.school.currency,
        "children": [child_of(person) for person in persons],
        "questions": questions(guardian, persons, translation.get_language() or "en"),
        "absences": open_absences(guardian),
        "is_contact_due": is_contact_due(guardian),
        "topics": [(topic, topic in topics_of(guardian)) for topic in Topic],
    }
    with timezone.override(ZoneInfo(guardian.school.time_zone)):
        return render(request, "portal/family.html", context)


@never_cache
@require_POST
@allow_guardians
def set_mail(request: HttpRequest, guardian: Guardian) -> HttpResponse:
    """Take which e-mails a guardian wants."""
    set_topics(guardian, request.POST.getlist("topic"))
    messages.success(request, _("Your choice of e-mails is saved."))
    return redirect(f"{reverse('portal:family')}#mail")


@require_safe
def child(request: HttpRequest, seat: FamilyViewer) -> HttpResponse:
    """Show one child: what was decided, bought and seen, the limits, and every right in one place."""
    return _child(request, seat, _limits_form(seat))


def _limits_form(seat: FamilyViewer, *data: Any) -> LimitsForm:
    school = seat.person.school
    return LimitsForm(*data, currency=school.currency, school=limits_in_force(school))


def _child(request: HttpRequest, seat: FamilyViewer, form: LimitsForm, *, status: int = 200) -> HttpResponse:
    assert seat.guardian is not None
    person = seat.person
    asked = questions(seat.guardian, [person], translation.get_language() or "en")
    if is_read_by_a_person(request):
        record_notified(seat.guardian, asked, channel=Channel.PORTAL)
    own = SpendingLimits.objects.filter(person=person, guardian=seat.guardian).first()
    if own and not form.is_bound:
        form.show(own)
    context = {
        **_life(request, seat),
        "questions": asked,
        "decide_url": f"{seat.base}decide/",
        "waits": waits(person.school),
        "form": form,
        "decided": statement.decided(person, seat.guardian)[: statement.SHOWN],
    }
    return show(request, seat, "portal/child.html", context, status=status)


@require_safe
def me(request: HttpRequest, seat: FamilyViewer) -> HttpResponse:
    """Show a pupil what is known about them, in plain language, and how to withdraw."""
    person, language = seat.person, translation.get_language() or "en"
    purposes = asked_purposes(person.school)
    words = [latest_decision(person, purpose, None) for purpose in purposes]
    context = {
        **_life(request, seat),
        "notices": [require_notice(purpose, own_reader(person), language) for purpose in purposes],
        "has_face": has_face(person),
        "has_said_no": all(word is not None and word.answer != "yes" for word in words),
    }
    return show(request, seat, "portal/me.html", context)


def _life(request: HttpRequest, seat: FamilyViewer) -> dict[str, object]:
    """Return what both pages show of a person."""
    person, told = seat.person, statement.reports(seat.person, seat.reader)
    shown = statement.SHOWN_ON_REQUEST if "all" in request.GET else statement.SHOWN
    way = way_used_most(person)
    held = entitlements_held(person)
    looks = views_of(person, seat.reader, newest=LOOKS_SHOWN)
    fuse = blown_fuse_for(person)
    return {
        "balance_minor": available_minor(person),
        "ways": credentials_of_person(person),
        "month": month_of(today(person.school)),
        "way": Way(way).label if way else "",
        "limits": limits_shown(limits_of(person), spent_today(person), seat.guardian),
        **food_of(person),
        **menu_shown(person),
        **gate_messages_of(seat),
        "has_registers": has_registers(person),
        "boards": is_boarder(person),
        "entitlements": held,
        "grant": grant_of(person) if held else None,
        "bought": statement.bought(person, told, shown=shown),
        "uses": statement.uses(person, told, shown=shown),
        "is_all": shown == statement.SHOWN_ON_REQUEST,
        "shown": statement.SHOWN,
        "templates": list(templates_of(person)),
        "face_off": for_families(fuse) if fuse else "",
        "erased": statement.receipts(person, seat.reader, "face.erased")[: statement.SHOWN],
        "reports": told,
        "looks": [_view_of(one) for one in looks],
    }


def _view_of(branding: dict[str, str]) -> dict[str, object]:
    when = datetime.fromisoformat(branding["at"])
    who = LABELS.get(branding["who"], branding["who"])  # another guardian has no name here
    return {"who": who, "when": when, "words": OUTCOME_LABELS[branding["event"]]}


@require_POST
def decide(request: HttpRequest, seat: FamilyViewer) -> HttpResponse:
    """Take a guardian's yes, no or withdrawal; where no permission is left, the face is erased at once."""
    assert seat.guardian is not None
    answer = answer_of(request)
    if answer is None:
        return HttpResponse(status=400)
    decided = record_answer(request, seat.guardian, seat.person, answer, channel=Channel.PORTAL)
    messages.success(request, message_after(seat.person, decided))
    return redirect(f"{seat.base}receipt/{decided.erasure.log_sequence}/" if decided.erasure else seat.base)


@require_POST
def set_own_limits(request: HttpRequest, seat: FamilyViewer) -> HttpResponse:
    """Set what the guardian lets the child spend, from now on."""
    assert seat.guardian is not None
    form = _limits_form(seat, request.POST)
    if not form.is_valid():
        return _child(request, seat, form, status=422)
    try:
        set_limits(seat.person, form.limits, by=seat.guardian)
    except Refused as refused:
        if refused.code != "face_limit_above_daily":
            raise
        form.add_error("face_daily", str(refused.message))
        return _child(request, seat, form, status=422)
    messages.success(request, _("The new limits apply from now on."))
    return redirect(f"{seat.base}#limits")


@require_POST
def stop_using_face(request: HttpRequest, seat: FamilyViewer) -> HttpResponse:
    """End the pupil's own face in one press. Nobody else is asked."""
    erasure = withdraw_own_consent(seat.person)
    messages.success(request, _("Your no is recorded. It counts, whatever adults say."))
    return redirect(f"{seat.base}receipt/{erasure.log_sequence}/" if erasure else seat.base)
