"""Forms of the staff pages about roll calls. They turn text into values; actions say what may be."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from willing.people.models import YearGroup
from willing.rollcall.models import MedicalWords
from willing.rollcall.rules import (
    MEDICAL_CHARS_MAX,
    NAME_CHARS_MAX,
    PRINT_QUEUE_CHARS_MAX,
    RED_AFTER_MINUTES_MAX,
)
from willing.rollcall.set_up import NewPoint

_PLAIN = {"autocomplete": "off"}


class RollCallSettingsForm(forms.Form):
    """When who is not there turns red, and where the sheets are printed."""

    red_after_minutes = forms.IntegerField(
        label=_("Show in red who is not there after so many minutes"),
        min_value=1,
        max_value=RED_AFTER_MINUTES_MAX,
    )
    print_queue = forms.CharField(
        label=_("Print queue for the sheets"),
        help_text=_(
            "A queue of the school's own computer, as the command lpstat -e lists it. The sheets are "
            "printed a minute after registers close. Empty: print them by hand, and do it each day."
        ),
        max_length=PRINT_QUEUE_CHARS_MAX,
        required=False,
        widget=forms.TextInput(attrs=_PLAIN),
    )


class PointForm(forms.Form):
    """An assembly point, and who gathers there."""

    name = forms.CharField(
        label=_("Name of the assembly point"),
        help_text=_("As the sign there says."),
        max_length=NAME_CHARS_MAX,
        widget=forms.TextInput(attrs=_PLAIN),
    )
    classes = forms.MultipleChoiceField(
        label=_("Which classes gather here"),
        help_text=_("A class gathers at one point: chosen here, it leaves the other."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    is_for_staff = forms.BooleanField(label=_("The staff gather here"), required=False)
    is_for_visitors = forms.BooleanField(label=_("Visitors gather here"), required=False)

    def __init__(self, *args: Any, classes: Collection[YearGroup], **kwargs: Any) -> None:
        """Offer the school's classes."""
        super().__init__(*args, **kwargs)
        field: Any = self.fields["classes"]
        field.choices = [(str(one.pk), one.name) for one in classes]

    @property
    def new(self) -> NewPoint:
        """The point that was entered."""
        said = self.cleaned_data
        return NewPoint(
            said["name"],
            [int(one) for one in said["classes"]],
            is_for_staff=said["is_for_staff"],
            is_for_visitors=said["is_for_visitors"],
        )


class MedicalForm(forms.Form):
    """What helpers must know of a person outside."""

    text = forms.CharField(
        label=_("What helpers must know outside"),
        help_text=_("A few words, for example: needs an adrenaline pen. No diagnosis. Empty removes it."),
        max_length=MEDICAL_CHARS_MAX,
        required=False,
        widget=forms.TextInput(attrs=_PLAIN),
    )
    basis = forms.ChoiceField(
        label=_("What allows it to be shown"),
        choices=MedicalWords.Basis.choices,
        required=False,
        widget=forms.RadioSelect,
    )
