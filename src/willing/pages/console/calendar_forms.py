"""The forms of the calendar. They turn text into values; what may be in it, its actions say."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from babel.core import Locale, UnknownLocaleError
from django import forms
from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused
from willing.pages.console.forms import Keyed, Plain
from willing.pages.console.menu_forms import WEEKDAYS
from willing.people.calendar import read_hours, write_hours
from willing.people.calendar_rules import CALENDAR_NAME_CHARS_MAX, CalendarSpan, Hours
from willing.people.models import CalendarEntry, School

NO_MEALS = ("-", "–", "—", "无")
_DATE = {"type": "date"}
# Which field a refusal of an entry is about, by its fault.
FAULT_FIELDS = {"backwards": "last_day", "too_long": "last_day"}


class WeekForm(Plain):
    """Which weekdays have school, and when meals are sold."""

    days = forms.MultipleChoiceField(
        label=_("Weekdays with school"),
        choices=WEEKDAYS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    hours = forms.CharField(
        label=_("Meals are sold"),
        max_length=200,
        required=False,
        help_text=_("For example 11:30-12:15, 12:20-13:00: each is a sitting. Empty: at any time."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(
        self, *args: Any, school: School, week: Mapping[int, Sequence[Hours]], **kwargs: Any
    ) -> None:
        """Show the week as it is set, or propose the working week of the school's country."""
        kwargs["initial"] = _shown(school, week)
        super().__init__(*args, **kwargs)
        for digit, label in WEEKDAYS:
            self.fields[f"other_{digit}"] = forms.CharField(
                label=label,
                max_length=200,
                required=False,
                widget=forms.TextInput(attrs={"autocomplete": "off"}),
            )

    def others(self) -> list[forms.BoundField]:
        """Return the fields of the weekdays with other hours."""
        return [self[f"other_{digit}"] for digit, _label in WEEKDAYS]

    def has_others(self) -> bool:
        """Say whether a weekday has hours of its own, or a fault."""
        return any(field.value() or field.errors for field in self.others())

    def clean(self) -> dict[str, Any]:
        """Read the hours of each weekday; say beside its field what can't be read."""
        said: dict[str, Any] = super().clean() or {}
        usual = self._read("hours", said.get("hours", ""))
        week: dict[int, Sequence[Hours]] = {}
        for digit in said.get("days", ()):
            name = f"other_{digit}"
            text = said.get(name, "").strip()
            hours = () if text in NO_MEALS else self._read(name, text) if text else usual
            week[int(digit)] = hours
        return {**said, "week": week}

    def _read(self, name: str, text: str) -> Sequence[Hours]:
        try:
            return read_hours(text)
        except Refused as refused:
            self.add_error(name, str(refused.message))
            return ()


def _shown(school: School, week: Mapping[int, Sequence[Hours]]) -> dict[str, Any]:
    if not school.weekdays:
        return {"days": list(working_week(school.country))}
    texts = {int(digit): write_hours(week.get(int(digit), ())) for digit in school.weekdays}
    usual = Counter(texts.values()).most_common(1)[0][0] or next((one for one in texts.values() if one), "")
    others = {f"other_{day}": text or NO_MEALS[0] for day, text in texts.items() if text != usual}
    return {"days": list(school.weekdays), "hours": usual, **others}


def working_week(country: str) -> str:
    """Return the weekdays on which a country works, as ISO digits: "12345", or "12347" from Sunday on."""
    try:
        locale = Locale.parse(f"und_{country}")
    except UnknownLocaleError:  # some islands have none
        locale = Locale("en")
    days = (locale.weekend_end - locale.weekend_start) % 7 + 1
    weekend = {(locale.weekend_start + step) % 7 for step in range(days)}
    return "".join(str(day + 1) for day in range(7) if day not in weekend)


class EntryForm(Keyed):
    """A term, or days without school."""

    kind = ""
    name = forms.CharField(
        label=_("Name"),
        max_length=CALENDAR_NAME_CHARS_MAX,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    first_day = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs=_DATE, format="%Y-%m-%d"))
    last_day = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs=_DATE, format="%Y-%m-%d"))

    def entry(self) -> CalendarSpan:
        """Return what was entered."""
        said = self.cleaned_data
        first = said["first_day"]
        return CalendarSpan(
            self.kind, first, said.get("last_day") or first, said["name"], said.get("as_weekday") or None
        )

    def refuse(self, refused: Refused) -> None:
        """Say beside its field why the calendar does not take it."""
        name = FAULT_FIELDS.get(str(refused.data.get("fault", "")), "first_day")
        self.add_error(name if name in self.fields else "first_day", str(refused.message))


class TermForm(EntryForm):
    """A term: outside the terms there is no school."""

    kind = "term"


class ClosedForm(EntryForm):
    """Days without school."""

    kind = "closed"
    last_day = forms.DateField(
        label=_("Last day"),
        required=False,
        help_text=_("Empty: one day."),
        widget=forms.DateInput(attrs=_DATE, format="%Y-%m-%d"),
    )


class OpenedForm(EntryForm):
    """A single day with school that would have none."""

    kind = "opened"
    first_day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs=_DATE, format="%Y-%m-%d"))
    last_day = None  # type: ignore[assignment]
    as_weekday = forms.TypedChoiceField(
        label=_("With the hours and the menu of"),
        coerce=int,
        empty_value=None,
        required=False,
        choices=[("", _("its own weekday")), *WEEKDAYS],
    )


FORMS: dict[str, type[EntryForm]] = {one.kind: one for one in (TermForm, ClosedForm, OpenedForm)}


def shown_entry(entry: CalendarEntry) -> dict[str, Any]:
    """Return an entry as its form shows it."""
    is_one_day = entry.kind == "closed" and entry.first_day == entry.last_day
    return {
        "name": entry.name,
        "first_day": entry.first_day,
        "last_day": None if is_one_day else entry.last_day,
        "as_weekday": entry.as_weekday or "",
    }


class CalendarFileForm(Plain):
    """A file of closed days."""

    file = forms.FileField(
        label=_("File with closed days"),
        help_text=_("Calendar (.ics) or CSV, 1 MB at the most."),
        widget=forms.ClearableFileInput(attrs={"accept": ".ics,.csv,text/calendar,text/csv"}),
    )
