"""Faces at the school as a whole: how they are used, what was filed, who comes again, who looks like whom."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.biometrics.desk_pictures import desk_picture_sums
from willing.biometrics.lookalikes import lookalike_pairs
from willing.biometrics.models import FacePolicy, PictureCheck, Template
from willing.biometrics.picture_results import tried_tills
from willing.biometrics.pictures import PictureSums, picture_sums
from willing.biometrics.queries import filing_of, find_face_policy, kinds_of, mode_of, people_enrolled
from willing.biometrics.rules import REASON_LENGTH_MAX, Filing
from willing.biometrics.school_policy import decide_kinds, decide_mode, decide_pictures, record_filing
from willing.biometrics.template_ageing import (
    DueForReenrolment,
    due_for_reenrolment,
    school_scores_by_age,
)
from willing.consent.profiles import require_profile
from willing.core.errors import Refused
from willing.pages.console.forms import LimitForm, Plain
from willing.pages.console.fuses import fuse_notes
from willing.pages.console.helpers import show, user_of
from willing.pages.console.labels import COME_AGAIN
from willing.pages.console.roles import READS_FACES
from willing.people.models import School
from willing.people.queries import today
from willing.till.school_limits import school_face_daily_minor, set_school_face_limit

COME_AGAIN_SHOWN = 100
# What the school decides by: the last two weeks of its own tills.
PICTURES_SHOWN = timedelta(days=14)


class ModeForm(Plain):
    """Why faces are used in the other way from now on."""

    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=REASON_LENGTH_MAX,
        help_text=gettext_lazy("It is logged with your name."),
    )


class KindsForm(Plain):
    """Which kinds of face are enrolled from now on."""

    kinds = forms.ChoiceField(label=gettext_lazy("Enrol from now on"), choices=FacePolicy.Kinds.choices)


class PicturesForm(Plain):
    """Whether pictures held up to a camera are detected from now on, and why."""

    pictures = forms.ChoiceField(label=gettext_lazy("From now on"), choices=PictureCheck.choices)
    why = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=REASON_LENGTH_MAX,
        help_text=gettext_lazy("It is logged with your name."),
    )


class FilingForm(Plain):
    """The authority's reference of a filing."""

    reference = forms.CharField(label=gettext_lazy("Reference of the filing"), max_length=100)


@require_safe
@allow_roles(*READS_FACES)
def faces(request: PageRequest) -> HttpResponse:
    """Show how faces are used here, and the people whom the office should see."""
    return _show(request, {})


def _show(request: PageRequest, shown: dict[str, Any], *, status: int = 200) -> HttpResponse:
    school = request.school
    profile, rules = require_profile(school.legal_profile), find_face_policy(school)
    again = due_for_reenrolment(school)
    context = {
        "is_identify": mode_of(school) == Template.Mode.IDENTIFY,
        "rules": rules,
        "profile": profile,
        "people": people_enrolled(school),
        "filing": filing_of(school).value,
        "asks_filing": profile.people_stop is not None,
        "face_daily_minor": school_face_daily_minor(school),
        "mode_form": ModeForm(),
        "kinds": kinds_of(school),
        "kinds_form": KindsForm(initial={"kinds": rules.kinds if rules else ""}),
        "pictures": PictureCheck(rules.pictures or PictureCheck.OFF) if rules else PictureCheck.OFF,
        "pictures_form": PicturesForm(initial={"pictures": (rules and rules.pictures) or PictureCheck.OFF}),
        "picture_places": _picture_places(school),
        "tried_tills": tried_tills(school),
        "filing_form": FilingForm(),
        "limit_form": LimitForm(currency=school.currency),
        "again": [(one, _reasons(one)) for one in again[:COME_AGAIN_SHOWN]],
        "again_more": max(0, len(again) - COME_AGAIN_SHOWN),
        "pairs": lookalike_pairs(school),
        "fuses": fuse_notes(school),
        "ages": school_scores_by_age(school),
        "is_dpo": "dpo" in request.roles,
        "is_office": "office" in request.roles,
        "is_stopped": filing_of(school) is Filing.STOPPED,
    }
    return show(request, "console/faces.html", {**context, **shown}, status=status)


def _picture_places(school: School) -> list[PictureSums]:
    """Return the last days' numbers by till, and those of the enrolment desk."""
    since = today(school) - PICTURES_SHOWN
    desk = desk_picture_sums(school, since)
    tills = picture_sums(school, since)
    return [*tills, replace(desk, terminal=_("Enrolment desk"))] if desk else tills


def _reasons(one: DueForReenrolment) -> list[str]:
    return [str(COME_AGAIN[reason]) for reason in one.reasons]


@require_POST
@allow_roles("dpo")
def mode(request: PageRequest) -> HttpResponse:
    """Record that faces are used in the other way from now on."""
    school, form = request.school, ModeForm(request.POST)
    wanted = request.POST.get("mode", "")
    if not form.is_valid() or wanted not in Template.Mode.values:
        return _show(request, {"mode_form": form}, status=422)
    decide_mode(school, wanted, reason=form.cleaned_data["reason"], by=user_of(request))
    messages.success(request, _("It is recorded, and holds from now on."))
    return redirect("console:faces")


@require_POST
@allow_roles("dpo")
def kinds(request: PageRequest) -> HttpResponse:
    """Record which kinds of face are enrolled from now on."""
    form = KindsForm(request.POST)
    if not form.is_valid():
        return _show(request, {"kinds_form": form}, status=422)
    try:
        decide_kinds(request.school, form.cleaned_data["kinds"], by=user_of(request))
    except Refused as refused:
        form.add_error("kinds", str(refused.message))
        return _show(request, {"kinds_form": form}, status=409)
    messages.success(request, _("It is recorded, and holds from now on."))
    return redirect("console:faces")


@require_POST
@allow_roles("dpo")
def pictures(request: PageRequest) -> HttpResponse:
    """Record whether pictures held up to a camera are detected from now on."""
    school, form = request.school, PicturesForm(request.POST)
    if not form.is_valid():
        return _show(request, {"pictures_form": form}, status=422)
    said = form.cleaned_data
    try:
        decide_pictures(school, said["pictures"], reason=said["why"], by=user_of(request))
    except Refused as refused:
        form.add_error("pictures", str(refused.message))
        return _show(request, {"pictures_form": form}, status=422)
    messages.success(request, _("It is recorded, and holds from now on."))
    return redirect("console:faces")


@require_POST
@allow_roles("dpo")
def filing(request: PageRequest) -> HttpResponse:
    """Record the school's filing."""
    form = FilingForm(request.POST)
    if not form.is_valid():
        return _show(request, {"filing_form": form}, status=422)
    record_filing(request.school, form.cleaned_data["reference"], by=user_of(request))
    messages.success(request, _("The filing is recorded."))
    return redirect("console:faces")


@require_POST
@allow_roles("office")
def limit(request: PageRequest) -> HttpResponse:
    """Set how much a face alone may pay in a day."""
    school = request.school
    form = LimitForm(request.POST, currency=school.currency)
    if not form.is_valid():
        return _show(request, {"limit_form": form}, status=422)
    try:
        set_school_face_limit(school, form.amount_minor, by=user_of(request))
    except Refused as refused:
        form.add_error("amount", str(refused.message))
        return _show(request, {"limit_form": form}, status=409)
    messages.success(request, _("The new limit holds from now on."))
    return redirect("console:faces")
