"""Forms of set-up. They turn text into values; whether a name exists, the action says."""

from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.totp.internal import auth as totp
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from willing.consent.laws import LAW_LABELS
from willing.consent.profiles import NAMES
from willing.pages.ui.focus import FocusesErrors
from willing.pages.ui.places import LANGUAGE_LABELS, country_choices, currency_choices
from willing.people.places import LANGUAGES, time_zones


class Plain(FocusesErrors):
    """A form whose labels end without a colon."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Set what Django would otherwise choose."""
        super().__init__(*args, **{"label_suffix": "", **kwargs})


class CodeForm(Plain):
    """The code that the terminal shows."""

    code = forms.CharField(
        label=_("Code from the server's window"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "characters"}),
    )


class SchoolForm(Plain):
    """What the school is called, and in which country it is."""

    name = forms.CharField(
        label=_("Name of the school"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "organization", "autofocus": True}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Name the countries in the reader's language."""
        super().__init__(*args, **kwargs)
        self.fields["country"] = forms.ChoiceField(label=gettext("Country"), choices=country_choices())


class LawForm(Plain):
    """The law that the school works under."""

    law = forms.ChoiceField(
        label=_("Law"), choices=[(name, LAW_LABELS[name]) for name in NAMES], widget=forms.RadioSelect
    )


class RegionForm(Plain):
    """Language, currency and time zone."""

    language = forms.ChoiceField(
        label=_("Language of the school"), choices=[(one, LANGUAGE_LABELS[one]) for one in LANGUAGES]
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=[(one, one) for one in time_zones()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Name the currencies in the reader's language."""
        super().__init__(*args, **kwargs)
        self.fields["currency"] = forms.ChoiceField(label=gettext("Currency"), choices=currency_choices())
        self.order_fields(["language", "currency", "time_zone"])


class AddressForm(Plain):
    """Where families reach the pages."""

    address = forms.CharField(
        label=_("Public address"),
        max_length=300,
        required=False,
        help_text=_("As families type it: https://lunch.example.org. Leave it empty if there is none yet."),
        widget=forms.TextInput(attrs={"autocomplete": "url", "inputmode": "url", "autocapitalize": "none"}),
    )


class AdministratorForm(Plain):
    """Who administers the school, and how they sign in: with a passkey, or with a password and an app."""

    display_name = forms.CharField(
        label=_("Your name"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    username = forms.CharField(
        label=_("Username"),
        max_length=60,
        initial="admin",
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )


class PasswordAndAppForm(AdministratorForm):
    """The same with a password, and the digits that the app shows: both, before anything is saved."""

    password = forms.CharField(
        label=pgettext_lazy("signing in", "Password"),
        help_text=_("At least 12 characters, for example four words."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=True),
    )
    code = forms.CharField(
        label=_("Six digits from the app"),
        max_length=10,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )

    def clean_password(self) -> str:
        """Refuse what is quickly guessed."""
        password = str(self.cleaned_data["password"])
        validate_password(password)
        return password

    def clean_code(self) -> str:
        """Compare the digits with the secret that the page showed."""
        code = "".join(str(self.cleaned_data["code"]).split())
        if not totp.validate_totp_code(totp.get_totp_secret(regenerate=False), code):
            raise forms.ValidationError(gettext("That code did not work. Please try again with a new one."))
        return code


def names_a_place(host: str) -> bool:
    """Say whether a host is a name, at which browsers keep passkeys, and not a number."""
    name = urlsplit(f"//{host}").hostname or ""
    return not (":" in name or name.replace(".", "").isdigit())
