"""The form of a code that is set for many at once. It turns text into values; the action says what may be."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from willing.attendance.rules import REASON_CHARS_MAX
from willing.attendance.set_code_queries import Whom
from willing.attendance.set_code_rules import WantedSet
from willing.attendance.set_codes import NewSet
from willing.core.errors import Refused
from willing.pages.console.forms import Keyed
from willing.people.models import Person

EVERYONE, GROUP, PERSON = "everyone", "group-", "person-"
_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
# Which field a refusal is about.
FIELDS = {
    "set_code_unknown": "symbol",
    "set_code_for_nobody": "whom",
    "set_code_days_not_valid": "last_day",
    "set_code_reason_missing": "reason",
}


@dataclass(frozen=True)
class OfferedForSet:
    """What there is to choose: codes, groups and lists, a day's registers; pupils the page was opened for."""

    codes: Sequence[tuple[str, str]]
    groups: Sequence[tuple[str, str]]
    numbers: Sequence[tuple[str, str]]
    persons: Sequence[Person]


class SetCodeForm(Keyed):
    """Which code, for whom, on which days, and why."""

    symbol = forms.ChoiceField(label=_("Code"))
    whom = forms.MultipleChoiceField(
        label=_("For whom"),
        required=False,
        help_text=_("A class or a list counts as it is on each of the days."),
        widget=forms.CheckboxSelectMultiple,
    )
    first_day = forms.DateField(label=_("First day"), widget=_DAY)
    last_day = forms.DateField(label=_("Last day"), widget=_DAY)
    weekdays = forms.MultipleChoiceField(
        label=_("Only on these weekdays"),
        required=False,
        help_text=_("None chosen: on each day of school."),
        widget=forms.CheckboxSelectMultiple,
    )
    numbers = forms.MultipleChoiceField(
        label=_("Only in these registers"),
        required=False,
        help_text=_("None chosen: in each of the day."),
        widget=forms.CheckboxSelectMultiple,
    )
    reason = forms.CharField(
        label=_("Why"),
        max_length=REASON_CHARS_MAX,
        required=False,
        help_text=_(
            "For example: bus 4 did not run. Each mark bears it, and families read it. No health details."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    replaces = forms.BooleanField(
        label=_("Replace marks that say otherwise"),
        required=False,
        help_text=_(
            "For a day off that was entered late. Otherwise who is marked here, ill or on leave stays so."
        ),
    )

    def __init__(
        self,
        *args: Any,
        offered: OfferedForSet,
        **kwargs: Any,
    ) -> None:
        """Offer the codes, groups, lists and registers of the school; pupils that the page was opened for."""
        super().__init__(*args, **kwargs)
        self.offered = offered
        pupils = [(f"{PERSON}{one.pk}", one.full_name) for one in offered.persons]
        fields: dict[str, Sequence[tuple[str, str]]] = {
            "symbol": offered.codes,
            "whom": [*pupils, (EVERYONE, str(_("Everyone in registers"))), *offered.groups],
            "weekdays": [(str(number + 1), str(name)) for number, name in WEEKDAYS.items()],
            "numbers": offered.numbers,
        }
        for name, choices in fields.items():
            field: Any = self.fields[name]
            field.choices = choices

    def show_refusal(self, refused: Refused) -> None:
        """Say beside its field why the code can't be set."""
        self.add_error(FIELDS.get(refused.code, "symbol"), str(refused.message))

    @property
    def new(self) -> NewSet:
        """Return what was typed."""
        said = self.cleaned_data
        wanted = WantedSet(
            said["symbol"],
            said["first_day"],
            said["last_day"],
            said["reason"],
            frozenset(int(one) for one in said["weekdays"]),
            frozenset(int(one) for one in said["numbers"]),
        )
        whom = Whom(
            EVERYONE in said["whom"],
            frozenset(_ids(said["whom"], GROUP)),
            frozenset(_ids(said["whom"], PERSON)),
        )
        return NewSet(wanted, whom, said["replaces"], said["key"])


def _ids(chosen: Collection[str], prefix: str) -> list[UUID]:
    return [UUID(one.removeprefix(prefix)) for one in chosen if one.startswith(prefix)]
