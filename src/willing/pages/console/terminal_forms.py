"""The forms of the tills. They turn text into values; what a till may be, its action says."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from willing.consent.models import Purpose
from willing.pages.console.forms import Plain
from willing.people.rules import read_name
from willing.terminals.actions import NewTerminal
from willing.terminals.models import NAME_LENGTH_MAX, Location, Terminal, Way
from willing.till.rules import SELLING_PURPOSES

WAY_CHOICES = [(way.value, way.label) for way in (Way.CARD, Way.PIN, Way.STAFF, Way.FACE)]
FACE_KINDS = [
    ("central", _("Faces that the school alone can open")),
    ("card", _("Faces that open only with the pupil's card")),
]


class TerminalForm(Plain):
    """A till to be set up or changed."""

    name = forms.CharField(label=_("Name"), max_length=NAME_LENGTH_MAX)
    purpose = forms.ChoiceField(label=_("What it sells for"))
    location = forms.ChoiceField(label=_("Location"), choices=Location.choices)
    ways = forms.MultipleChoiceField(
        label=_("Ways to pay"),
        choices=WAY_CHOICES,
        initial=[Way.CARD.value, Way.PIN.value, Way.STAFF.value],
        widget=forms.CheckboxSelectMultiple,
        required=False,  # what a till has to take is for its action to decide
    )

    face_kinds = forms.MultipleChoiceField(
        label=_("Faces that it takes"),
        choices=FACE_KINDS,
        initial=["central", "card"],
        widget=forms.CheckboxSelectMultiple,
        required=False,  # likewise
    )

    def __init__(self, *args: Any, terminal: Terminal | None = None, **kwargs: Any) -> None:
        """Begin with what a terminal is now, where there is one; one that does not sell stays what it is."""
        super().__init__(*args, initial=_initial_of(terminal) if terminal else None, **kwargs)
        does_not_sell = terminal is not None and terminal.purpose not in SELLING_PURPOSES
        offered = {terminal.purpose} if terminal and does_not_sell else SELLING_PURPOSES
        purposes = [(one.value, one.label) for one in Purpose if one.value in offered]
        self.fields["purpose"].choices = purposes  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        """Return the name with single blanks, as names are kept."""
        return read_name(self.cleaned_data["name"])

    @property
    def new_terminal(self) -> NewTerminal:
        """What was filled in, once it is valid."""
        said = self.cleaned_data
        ways, kinds = tuple(said["ways"]), tuple(said["face_kinds"])
        if Way.FACE not in ways:
            kinds = NewTerminal.face_kinds  # what it would take if it took any
        return NewTerminal(said["name"], said["purpose"], ways, said["location"], kinds)


def _initial_of(terminal: Terminal) -> dict[str, Any]:
    return {
        "name": terminal.name,
        "purpose": terminal.purpose,
        "location": terminal.location,
        "ways": list(terminal.ways),
        "face_kinds": list(terminal.face_kinds),
    }
