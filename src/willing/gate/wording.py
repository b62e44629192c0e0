"""Refusals of other rooms as a gate phrases them: it takes no money, and a lane is no till. Codes stay."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import ParamSpec, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused

P = ParamSpec("P")
R = TypeVar("R")
WORDS: Mapping[str, Promise] = {
    "code_unknown": _("This card or code is not recognised. Please try again or go through another way."),
    "pin_wrong": _("Number and PIN don't match. Please try again or go through another way."),
    "pin_locked": _(
        "Too many attempts. This PIN is locked for five minutes. Please go through with your card, or ask a "
        "member of staff."
    ),
    "way_not_taken": _("This lane does not take that. Please go through another way."),
    "terminal_not_paired": _("This lane is not paired. Please pair it first."),
    "face_locked": _("Faces are switched off at this school for now. Please go through another way."),
    "face_not_available": _("A face can't be used here. Please go through another way."),
    "face_not_usable": _("The camera can't be used here. Your card or PIN is enough."),
    "session_closed": _("The camera is off. Please choose how to go through."),
    "terminal_name_taken": _("This name is used already. Please choose another one."),
    "terminal_needs_another_way": _("A lane always takes a card or a PIN."),
    "terminal_takes_no_face": _("Please choose which faces this lane takes."),
    "terminal_unknown": _("We can't find that lane. It may have been taken out of use."),
    "place_not_for_faces": _(
        "A lane with a camera can't be set up where people sleep or undress. The other ways work there."
    ),
}


def in_gate_words(action: Callable[P, R]) -> Callable[P, R]:
    """Return an action of the gate whose refusals read as a gate's; their codes stay."""

    @wraps(action)
    def act(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return action(*args, **kwargs)
        except Refused as refused:
            refused.message = WORDS.get(refused.code, refused.message)
            raise

    return act
