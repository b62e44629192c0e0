"""Forms of the school's settings. They turn text into values; whether a name exists, the action says."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from willing.pages.console.forms import Plain
from willing.pages.ui.places import LANGUAGE_LABELS, country_choices
from willing.people.places import LANGUAGES, time_zones


class NameForm(Plain):
    """What the school is called, where it is, and which language it uses."""

    name = forms.CharField(label=_("Name of the school"), max_length=200)
    language = forms.ChoiceField(
        label=_("Language of the school"), choices=[(one, LANGUAGE_LABELS[one]) for one in LANGUAGES]
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=[(one, one) for one in time_zones()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Name the countries in the reader's language."""
        super().__init__(*args, **kwargs)
        self.fields["country"] = forms.ChoiceField(label=_("Country"), choices=country_choices())
        self.order_fields(["name", "country", "language", "time_zone"])


class AddressForm(Plain):
    """Where families reach the pages."""

    address = forms.CharField(
        label=_("Public address"),
        max_length=300,
        required=False,
        help_text=_("Letters and links carry it. Empty: the address at which the office reads this."),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocapitalize": "none"}),
    )


class CashierForm(Plain):
    """Whether every sale bears a cashier's name."""

    requires_cashier = forms.BooleanField(
        label=_("Take payments only while a cashier is signed on at the till"), required=False
    )


class PupilAgeForm(Plain):
    """The age from which pupils see their own page."""

    years = forms.IntegerField(label=_("Pupils see their own page from this age"), min_value=0, max_value=25)


class ColourForm(Plain):
    """The school's colour."""

    colour = forms.CharField(
        label=_("Colour of the school"),
        max_length=7,
        required=False,
        help_text=_(
            "A number sign and six digits or letters from a to f, such as #0b5a47. White text on it has to "
            "be easy to read. Leave it empty for the usual green."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class LogoForm(Plain):
    """The school's logo."""

    logo = forms.FileField(
        label=_("Logo"),
        help_text=_("PNG, JPEG or WebP, 2 MB at the most. It is drawn anew, 96 pixels high."),
        widget=forms.ClearableFileInput(attrs={"accept": ".png,.jpg,.jpeg,.webp"}),
    )


class LawForm(Plain):
    """Another law: chosen on a page that says what follows."""

    law = forms.CharField(max_length=32)
