"""Forms of the pages of breaches. They turn text into values; the actions say what may be done."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from willing.dpia.breach_models import SHORT_MAX, TEXT_MAX
from willing.dpia.breach_rules import LEAVE, NOTIFY
from willing.dpia.breaches import BreachDetails
from willing.pages.console.forms import Plain
from willing.people.models import School

FORMAT = "%Y-%m-%dT%H:%M"


class _Moment(forms.DateTimeField):
    """A moment in the school's own time; of the hour that a clock shows twice, the first."""

    def __init__(self, **kwargs: Any) -> None:
        """Ask by the browser's own field."""
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=FORMAT)
        super().__init__(widget=widget, input_formats=[FORMAT, "%Y-%m-%d %H:%M"], **kwargs)


def _text(rows: int = 3) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class _InSchoolTime(Plain):
    """A form whose moments are in the school's time zone."""

    def __init__(self, *args: Any, school: School, **kwargs: Any) -> None:
        """Read and show moments in the school's own time."""
        self.zone = ZoneInfo(school.time_zone)
        super().__init__(*args, **kwargs)

    def full_clean(self) -> None:
        """Read what was typed in the school's own time."""
        with timezone.override(self.zone):
            super().full_clean()


class BreachAccountForm(Plain):
    """What is known of a breach by now."""

    what = forms.CharField(
        label=_("What happened"), max_length=TEXT_MAX, widget=_text(), help_text=_("Please name nobody here.")
    )
    whom = forms.CharField(
        label=_("Whom it concerns"),
        max_length=SHORT_MAX,
        help_text=_("Groups, such as pupils of one class, guardians, staff; no names"),
    )
    people = forms.IntegerField(
        label=_("How many people, about"),
        required=False,
        min_value=0,
        max_value=10_000_000,
        help_text=_("Empty while it is not known"),
    )
    affected = forms.CharField(
        label=_("Which data"), max_length=SHORT_MAX, help_text=_("Such as names, meals, balances, faces")
    )
    records = forms.IntegerField(
        label=_("How many records, about"),
        required=False,
        min_value=0,
        max_value=1_000_000_000,
        help_text=_("Empty while it is not known"),
    )
    consequences = forms.CharField(
        label=_("Likely consequences"), required=False, max_length=TEXT_MAX, widget=_text()
    )
    measures = forms.CharField(
        label=_("Measures taken or proposed"), required=False, max_length=TEXT_MAX, widget=_text()
    )

    @property
    def account(self) -> BreachDetails:
        """What was entered, as a value."""
        said = {**self.cleaned_data, "data": self.cleaned_data["affected"]}
        return BreachDetails(**{name: said[name] for name in BreachDetails.__dataclass_fields__})


class BreachForm(_InSchoolTime, BreachAccountForm):
    """A breach, from the moment at which it was known."""

    known_at = _Moment(
        label=_("Since when it is known"),
        help_text=_("When anyone at the school was reasonably sure of it. From then on the hours count."),
    )
    field_order = ("known_at",)

    @property
    def known(self) -> datetime:
        """Since when it is known."""
        at: datetime = self.cleaned_data["known_at"]
        return at


class BreachDecisionForm(Plain):
    """Whether to notify, and why."""

    step = forms.ChoiceField(
        label=_("Decision"), choices=[("", "–"), (NOTIFY, _("Notify")), (LEAVE, _("Do not notify"))]
    )
    reason = forms.CharField(
        label=_("Why"),
        max_length=TEXT_MAX,
        widget=_text(),
        help_text=_("How likely a risk to people's rights is, how high, and why. It is kept for good."),
    )


class NotifiedForm(_InSchoolTime):
    """When and how it was notified."""

    sent_at = _Moment(label=_("Sent"))
    reference = forms.CharField(label=_("How, and under which number"), required=False, max_length=SHORT_MAX)
    why_late = forms.CharField(
        label=_("Reason for the delay"),
        required=False,
        max_length=TEXT_MAX,
        widget=_text(2),
        help_text=_("Only where it was sent later than the law allows"),
    )


class AuthorityForm(Plain):
    """Whom the school notifies."""

    name = forms.CharField(label=_("Authority"), max_length=SHORT_MAX)
    contact = forms.CharField(
        label=_("Address or form"),
        required=False,
        max_length=SHORT_MAX,
        help_text=_("From the authority's own site; Willing knows none"),
    )
