"""The steps of set-up, in order, and how far one has come."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class SetUpStep:
    """One page of set-up. name: of its address."""

    name: str
    label: Promise

    @property
    def url(self) -> str:
        """The page's address."""
        return reverse(f"set-up:{self.name}")


# Before there is an administrator one may go back to any of these; nothing else can be reached.
BEFORE = (
    SetUpStep("school", _("School")),
    SetUpStep("law", _("Law")),
    SetUpStep("region", _("Language and money")),
    SetUpStep("address", _("Address")),
    SetUpStep("administrator", _("Administrator")),
)
AFTER = (SetUpStep("people", _("People")), SetUpStep("menu", _("Menu")), SetUpStep("till", _("Till")))
STEPS = (*BEFORE, *AFTER)


def progress(name: str) -> dict[str, Any]:
    """Return what a page shows of the way: its number, all steps, the step that one can go back to."""
    number = next(place for place, step in enumerate(STEPS) if step.name == name)
    group = BEFORE if STEPS[number] in BEFORE else AFTER
    place = group.index(STEPS[number])
    return {
        "step": STEPS[number],
        "steps": STEPS,
        "number": number + 1,
        "done": STEPS[:number],
        "back": group[place - 1] if place else None,
    }


def after(name: str) -> str:
    """Return the name of the address of the step after this one."""
    names = [step.name for step in STEPS]
    return f"set-up:{names[names.index(name) + 1]}"
