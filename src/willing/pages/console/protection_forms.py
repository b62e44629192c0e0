"""Forms of the data protection pages. They turn text into values; the actions say what may be done."""

from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _

from willing.dpia.models import Risk
from willing.pages.console.forms import Plain

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Text = str | _StrPromise


def _day(label: "Text", help_text: "Text" = "") -> forms.DateField:
    return forms.DateField(
        label=label, help_text=help_text, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class ReasonForm(Plain):
    """Why the lock is turned."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, help_text=_("It is logged. Please name nobody here.")
    )


class AskedForm(Plain):
    """How families were asked."""

    asked_on = _day(_("On which day"))
    how = forms.CharField(
        label=_("How"), max_length=300, help_text=_("A letter, a meeting, a vote of the parents' council …")
    )
    families_reached = forms.IntegerField(
        label=_("How many families were reached"), min_value=1, max_value=1_000_000
    )
    said = forms.CharField(
        label=_("What they said"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("In summary, objections too. Please name nobody here."),
    )


class ReadForm(Plain):
    """That the assessment which was on the page was read."""

    read_sha256 = forms.CharField(widget=forms.HiddenInput, max_length=64)


class SignForm(ReadForm):
    """A signature under the assessment that was on the page."""

    review_on = _day(_("Next review"), _("At most 366 days ahead. On that day faces lock by themselves."))


class RiskForm(Plain):
    """A risk and what is done about it."""

    what = forms.CharField(label=_("Risk"), max_length=300)
    likelihood = forms.ChoiceField(label=_("How likely"), choices=[("", "–"), *Risk.Level.choices])
    harm = forms.ChoiceField(label=_("How harmful"), choices=[("", "–"), *Risk.Level.choices])
    mitigation = forms.CharField(
        label=_("What is done about it"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class IncidentForm(Plain):
    """Something that went wrong with people's data."""

    happened_on = _day(_("On which day"))
    what = forms.CharField(
        label=_("What happened"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Please name nobody here."),
    )
    done = forms.CharField(
        label=_("What was done"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
