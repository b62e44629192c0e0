"""Refusals of this room."""

from collections.abc import Collection

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused


def link_not_valid() -> Refused:
    """The signed link is altered, too old, or was replaced by a newer one."""
    return Refused("link_not_valid", _("This link is no longer valid. Please ask the school for a new one."))


def not_permitted(reasons: tuple[str, ...]) -> Refused:
    """The permission for this person and purpose is missing; `reasons` say why (rules.REASONS)."""
    return Refused(
        "not_permitted",
        _("There is no permission to use this person's face."),
        {"reasons": list(reasons)},
    )


def not_a_guardian() -> Refused:
    """Someone decided about a person who is not theirs to decide about."""
    return Refused("not_a_guardian", _("You are not listed as a guardian of this person."))


def nothing_to_withdraw() -> Refused:
    """A withdrawal where nothing was ever agreed to."""
    return Refused("nothing_to_withdraw", _("There is no consent to withdraw."))


def nothing_to_undo() -> Refused:
    """An undo where this member of staff entered no such no in the last two minutes."""
    return Refused("nothing_to_undo", _("There is nothing to undo. Nothing was changed."))


def consent_form_missing() -> Refused:
    """A decision on paper without the paper."""
    return Refused("paper_missing", _("Please add a scan or a photograph of the signed consent form."))


def yes_only_heard() -> Refused:
    """A yes that was only heard: it needs a notice that was read, at the desk, on paper or by link."""
    return Refused("yes_only_heard", _("Before a yes, the notice has to be read, at the desk or on paper."))


def purpose_not_served() -> Refused:
    """A decision for a purpose that this school does not ask about."""
    return Refused("purpose_not_served", _("This school does not use faces for that."))


def law_unknown(given: str, known: Collection[str]) -> Refused:
    """No legal profile has that name."""
    text = _("There is no law called {given} here. Use one of: {known}.")
    return Refused(
        "law_unknown", format_lazy(text, given=given[:40], known=", ".join(known)), {"known": list(known)}
    )
