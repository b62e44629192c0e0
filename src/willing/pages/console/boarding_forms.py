"""The form of when evening lists are taken. It turns text into values; what may be in it, its action says."""

import re
from collections.abc import Sequence
from datetime import time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from willing.boarding.models import CheckPoint
from willing.boarding.rules import ALERT_MINUTES_MAX, ALERT_MINUTES_MIN
from willing.boarding.set_up import FIRST_ALERT_MINUTES, NewCheck
from willing.core.errors import Refused
from willing.pages.console.forms import Plain

_LINE = re.compile(r"(\d{1,2})[:.：](\d{2})\s+(\S.*)", re.ASCII)


class ChecksForm(Plain):
    """When lists are taken, and after how long wardens are notified."""

    times = forms.CharField(
        label=_("When the list is taken"),
        max_length=600,
        help_text=_(
            "One line each: the time and a name, as 21:00 Evening. A time before noon is after midnight."
        ),
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
    )
    alert_minutes = forms.IntegerField(
        label=_("Notify wardens of who is missing after (minutes)"),
        min_value=ALERT_MINUTES_MIN,
        max_value=ALERT_MINUTES_MAX,
        help_text=_("By e-mail where the school sends any, without a name in it, and on the front page."),
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
                text = _("This line can't be read: %(line)s. Please write it as 21:00 Evening.")
                self.add_error("times", text % {"line": line.strip()[:40]})
                continue
            found.append(NewCheck(match[3].strip(), time(int(match[1]), int(match[2]))))
        return {**said, "found": found}

    def refuse(self, refused: Refused) -> None:
        """Say beside its field why the times can't be so."""
        field = "alert_minutes" if refused.code == "evening_alert_minutes" else "times"
        self.add_error(field, str(refused.message))

    @property
    def checks(self) -> list[NewCheck]:
        """Return the times that were typed."""
        found: list[NewCheck] = self.cleaned_data["found"]
        return found


def shown_checks(held: Sequence[CheckPoint]) -> dict[str, Any]:
    """Return what the form shows."""
    lines = [f"{one.at:%H:%M} {one.name}" for one in held]
    return {
        "times": "\n".join(lines),
        "alert_minutes": held[0].alert_minutes if held else FIRST_ALERT_MINUTES,
    }
