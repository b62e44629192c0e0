"""What a guardian reads about the state of things. Never what another guardian said, or whether they did."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from willing.consent.models import Answer, Decision, Purpose
from willing.consent.rules import Permission

RECEIPT_LABELS: Mapping[str, Promise] = {
    "sale.settled": gettext_lazy("A payment was made"),
    "sale.refunded": gettext_lazy("A payment was refunded"),
    "sale.voided": gettext_lazy("A payment was voided at the till"),
    "consent.decided": gettext_lazy("A decision about the face was recorded"),
    "face.erased": gettext_lazy("The face was deleted"),
    "face.suspended": gettext_lazy("The face was suspended"),
    "limits.set": gettext_lazy("Limits were set"),
}
# Reasons that come from other guardians: one sentence for all, so that it tells nothing of any of them.
FROM_OTHERS = frozenset({"guardian_no", "guardian_not_notified", "guardian_yes_missing"})


@dataclass(frozen=True)
class DecisionState:
    """What the labels depend on. mine: this guardian's decision; is_asked_again: a yes to an earlier text."""

    permission: Permission
    mine: Decision | None
    is_enrolled: bool
    is_asked_again: bool


@dataclass(frozen=True)
class ConsentState:
    """The state of one child and purpose: a badge, one sentence, and what is still missing."""

    kind: str
    badge: str
    text: str
    missing: tuple[str, ...] = ()


# What a face is for, and what goes on without one: at a till a pupil pays, at the gate they come in.
ENROLLED: Mapping[bool, Promise] = {
    False: gettext_lazy("%(name)s can pay with their face."),
    True: gettext_lazy("%(name)s can open the gate with their face."),
}
UNANSWERED: Mapping[bool, Promise] = {
    False: gettext_lazy(
        "You have not answered yet. Until you do, no face is used and %(name)s pays another way."
    ),
    True: gettext_lazy(
        "You have not answered yet. Until you do, no face is used and %(name)s comes in another way."
    ),
}
REFUSED: Mapping[bool, Promise] = {
    False: gettext_lazy("You said no. No face is used. %(name)s pays by card, code or PIN."),
    True: gettext_lazy("You said no. No face is used. %(name)s opens the gate by card, code or PIN."),
}
WITHDRAWN: Mapping[bool, Promise] = {
    False: gettext_lazy("You withdrew your consent. No face is used. %(name)s pays by card, code or PIN."),
    True: gettext_lazy(
        "You withdrew your consent. No face is used. %(name)s opens the gate by card, code or PIN."
    ),
}


def describe_state(name: str, purpose: str, state: DecisionState) -> ConsentState:
    """Return the state in words."""
    permission, mine = state.permission, state.mine
    if "left_school" in permission.reasons:
        return ConsentState(
            "", _("Stopped"), _("%(name)s has left the school. No face is used.") % {"name": name}
        )
    if "profile_forbids" in permission.reasons:
        return ConsentState(
            "", _("Off"), _("The law here does not allow schools to use faces. None is used.")
        )
    if state.is_asked_again and not permission.granted:
        text = _("The notice has changed since you said yes. No face is used until you answer again.")
        others = [reason for reason in permission.reasons if reason != "notice_changed"]
        return ConsentState("warn", _("Your answer?"), text, _missing(name, others))
    if permission.granted:
        return _describe_granted(name, purpose, is_enrolled=state.is_enrolled)
    if mine is not None and mine.answer == Answer.YES:
        text = _("You said yes. The face is not used yet:")
        return ConsentState("", _("Waiting"), text, _missing(name, permission.reasons))
    return _describe_without_yes(name, purpose, mine)


def _describe_granted(name: str, purpose: str, *, is_enrolled: bool) -> ConsentState:
    if is_enrolled:
        return ConsentState("good", _("On"), str(ENROLLED[purpose == Purpose.GATE]) % {"name": name})
    text = _("All consents are in. %(name)s can have their pictures taken at the enrolment desk.")
    return ConsentState("info", _("Agreed"), text % {"name": name})


def _describe_without_yes(name: str, purpose: str, mine: Decision | None) -> ConsentState:
    is_gate = purpose == Purpose.GATE
    if mine is None:
        return ConsentState("", _("Your answer?"), str(UNANSWERED[is_gate]) % {"name": name})
    texts = REFUSED if mine.answer == Answer.NO else WITHDRAWN
    return ConsentState("", _("Off"), str(texts[is_gate]) % {"name": name})


def _missing(name: str, reasons: Sequence[str]) -> tuple[str, ...]:
    missing = []
    if "own_yes_missing" in reasons:
        missing.append(_("%(name)s will be asked at school, and can say no.") % {"name": name})
    if "own_no" in reasons:
        missing.append(_("%(name)s said no. That counts, whatever adults say.") % {"name": name})
    if "notice_changed" in reasons:
        missing.append(_("The notice has changed, so everyone who said yes is asked again."))
    if FROM_OTHERS.intersection(reasons):
        missing.append(_("The school still needs another answer."))
    return tuple(missing)


def report_buttons(kinds: Sequence[str], name: str, *, is_pupil: bool) -> list[tuple[str, str]]:
    """Return the kinds of a report with what their buttons say; all look alike and none is chosen."""
    own = {
        "wrong_recognition": _("That was not me"),
        "wrong_charge": _("This charge is wrong"),
        "correction": _("My details are wrong: please correct them"),
        "erasure": _("Please delete data about me"),
        "objection": _("I object to how my data is used"),
        "restriction": _("Please stop using my data until this is settled"),
        "other": _("Something else"),
    }
    about = {
        "wrong_recognition": _("That was not %(name)s") % {"name": name},
        "wrong_charge": _("This charge is wrong"),
        "correction": _("Our details are wrong: please correct them"),
        "erasure": _("Please delete the data"),
        "objection": _("I object to how the data is used"),
        "restriction": _("Please stop using the data until this is settled"),
        "other": _("Something else"),
    }
    words = own if is_pupil else about
    return [(kind, words[kind]) for kind in kinds]
