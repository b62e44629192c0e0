"""The form of how registers are taken. It turns text into values; what may be in it, its action says."""

import re
from datetime import time
from typing import Any

from django import forms
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from willing.attendance.code_sets import NAMES, require_code_set
from willing.attendance.models import AttendanceSettings, RegisterTime
from willing.attendance.set_up import NewSettings, NewTime
from willing.core.errors import Refused
from willing.pages.console.forms import Plain
from willing.people.models import School

# By the school's country, where one set of codes is made for it.
BY_COUNTRY = {"GB": "england_2024", "US": "us_minutes", "CN": "china"}
PROPOSED = {
    "halves": _("08:50 Morning\n13:00 Afternoon"),
    "periods": _("08:00 50 Period 1\n09:00 50 Period 2\n10:00 50 Period 3\n11:00 50 Period 4"),
}
# Which field a refusal is about; the others are about the times.
FIELDS = {
    "code_set_unknown": "code_set",
    "codes_in_use": "code_set",
    "register_open_too_long": "open_minutes",
    "register_day_too_short": "full_day_minutes",
}
_LINE = re.compile(r"(\d{1,2})[:.：](\d{2})\s+(?:(\d{1,3})\s+)?(\S.*)", re.ASCII)


def code_set_choices() -> list[tuple[str, str]]:
    """Return the sets of codes, named in the reader's language."""
    language = "zh-hans" if (get_language() or "").startswith("zh") else "en"
    return [(name, require_code_set(name).labels[language]) for name in NAMES]


class RegisterSettingsForm(Plain):
    """Codes, times, and how long a register stays open."""

    code_set = forms.ChoiceField(label=_("Codes"), choices=code_set_choices)
    times = forms.CharField(
        label=_("When registers are taken"),
        max_length=1000,
        help_text=_(
            "One line each: the time and a name, as 08:50 Morning. Where lessons count, the length in "
            "minutes between them: 08:00 50 Period 1."
        ),
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off"}),
    )
    open_minutes = forms.IntegerField(
        label=_("A register stays open for (minutes)"),
        min_value=1,
        max_value=120,
        help_text=_("The same for every register. Who comes after that is late after the close."),
    )
    full_day_minutes = forms.IntegerField(
        label=_("Minutes of a full day"),
        min_value=1,
        max_value=1440,
        required=False,
        help_text=_("Only where minutes decide what a day counts as."),
    )
    half_day_minutes = forms.IntegerField(
        label=_("Minutes of half a day"), min_value=1, max_value=1440, required=False
    )

    def clean(self) -> dict[str, Any]:
        """Read the times; say which line can't be read."""
        said: dict[str, Any] = super().clean() or {}
        found = []
        for line in str(said.get("times", "")).splitlines():
            if not line.strip():
                continue
            match = _LINE.fullmatch(line.strip())
            if match is None or int(match[1]) > 23 or int(match[2]) > 59:
                text = _("This line can't be read: %(line)s. Please write it as 08:50 Morning.")
                self.add_error("times", text % {"line": line.strip()[:40]})
                continue
            minutes = int(match[3]) if match[3] else None
            found.append(NewTime(match[4].strip(), time(int(match[1]), int(match[2])), minutes))
        return {**said, "found": tuple(found)}

    def refuse(self, refused: Refused) -> None:
        """Say beside its field why the settings can't be so."""
        self.add_error(FIELDS.get(refused.code, "times"), str(refused.message))

    @property
    def new(self) -> NewSettings:
        """Return the settings that were typed."""
        said = self.cleaned_data
        return NewSettings(
            said["code_set"],
            said["open_minutes"],
            said["found"],
            said["full_day_minutes"],
            said["half_day_minutes"],
        )


def shown_settings(
    held: AttendanceSettings | None, times: list[RegisterTime], school: School
) -> dict[str, Any]:
    """Return what the form shows: the settings, or what fits the school's country, named in its language."""
    if held is None:
        name = BY_COUNTRY.get(school.country, "free")
        codes = require_code_set(name)
        with override(school.language):
            proposed = str(PROPOSED[codes.slots])
        return {
            "code_set": name,
            "times": proposed,
            "open_minutes": min(30, codes.open_minutes_max),
        }
    lines = [
        f"{one.opens:%H:%M} {f'{one.minutes} ' if one.minutes is not None else ''}{one.name}" for one in times
    ]
    return {
        "code_set": held.code_set,
        "times": "\n".join(lines),
        "open_minutes": held.open_minutes,
        "full_day_minutes": held.full_day_minutes,
        "half_day_minutes": held.half_day_minutes,
    }
