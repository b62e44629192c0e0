"""The steps towards a signed assessment, in words, and the one button that leads to the next."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from willing.accounts.access import PageRequest
from willing.documents.preparation import Done, checklist_of
from willing.dpia.rules import LockStep
from willing.pages.console.document_pages import is_officer
from willing.pages.console.helpers import user_of


@dataclass(frozen=True)
class StepWords:
    """What a step is called, the button that leads there, what follows from it, and where it is."""

    label: Promise
    button: Promise
    what: Promise
    page: str
    anchor: str = ""


WORDS: Mapping[str, StepWords] = {
    "families": StepWords(
        _("Families asked"),
        _("Record how families were asked"),
        _("One form: on which day, how, how many families, and what they said."),
        "console:consultation",
    ),
    "risks": StepWords(
        _("Risks considered"),
        _("Consider the risks"),
        _("Write down what could go wrong and what is done about it, or confirm what is on the list."),
        "console:risks",
    ),
    "read": StepWords(
        _("Assessment read"),
        _("Read the assessment"),
        _("The text as it is today. At its end you confirm that you have read it."),
        "console:assessment",
    ),
    "sign": StepWords(
        _("Assessment signed"),
        _("Go to the signature"),
        _("You choose the day of the next review and sign the version that you have read."),
        "console:assessment",
        "#sign-title",
    ),
}
WHYS: Mapping[str, Promise] = {
    "families_never": _("Nothing is on record yet."),
    "families_old": _("The last time was so long ago that it no longer counts, or soon will not."),
    "risks_none": _("No risk is on the list."),
    "risks_review": _("The review is due: the risks are considered again first."),
    "read_never": _("You have not read it yet."),
    "read_changed": _("The text has changed since it was read."),
    "read_settings": _("A setting that was signed has changed. The page begins with what changed."),
    "read_review": _("The review is due: the text is read again."),
    "sign_never": _("It was never signed."),
    "sign_settings": _("What was signed no longer matches the school's settings."),
    "sign_review": _("The review is due. On that day faces lock."),
}


@dataclass(frozen=True)
class ChecklistLine:
    """A step on the page. why: why it is to be done; done: when it was done last, and by whom."""

    name: str
    label: Promise
    why: Promise | None
    done: Done | None
    is_next: bool


def checklist(request: PageRequest, content: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return what `console/protection/_steps.html` and `_next_step.html` show."""
    reader = user_of(request) if is_officer(request) else None
    found = checklist_of(request.school, reader, content)
    lines = [_line(step, found.done.get(step.name), found.next) for step in found.steps]
    return {"steps": lines, "next_step": _next(found.next) if found.next else None}


def _line(step: LockStep, done: Done | None, following: LockStep | None) -> ChecklistLine:
    why = WHYS[step.why] if step.why else None
    return ChecklistLine(step.name, WORDS[step.name].label, why, done, step == following)


def _next(step: LockStep) -> dict[str, object]:
    words = WORDS[step.name]
    return {
        "name": step.name,
        "button": words.button,
        "what": words.what,
        "why": WHYS[step.why],
        "url": reverse(words.page) + words.anchor,
    }
